/*
 * account.h - an account and region of Alibaba Cloud, as the files of this
 * folder share it.  Each file offers the calls of one subject; alibaba.c puts
 * them into the table of cloud.h.
 */
#ifndef IV_SHARE_ALIBABA_CALL_ACCOUNT_H
#define IV_SHARE_ALIBABA_CALL_ACCOUNT_H

#include "share/alibaba/call/call.h"
#include "share/alibaba/call/read.h"
#include "share/alibaba/call/sign.h"
#include "share/cloud/cloud.h"

typedef struct {
	IvCloud cloud;
	IvAlibabaClient *client;
	char *region;
} IvAlibaba;

static inline IvAlibaba *iv_alibaba(IvCloud *cloud)
{
	return (IvAlibaba *)cloud;
}

/* One call of this account; the recorder is the cloud's. */
cJSON *iv_alibaba_ask(IvAlibaba *a, const IvAlibabaCall *call, IvCloudTrace *trace, GError **error);

/* share/alibaba/ecs/images.c: images and the accounts that have them */
bool iv_alibaba_image(IvCloud *cloud, const char *image_id, IvCloudImage **image,
		      IvCloudTrace *trace, GError **error);
IvReceiverList *iv_alibaba_receivers(IvCloud *cloud, const char *image_id, IvCloudTrace *trace,
				     GError **error);
bool iv_alibaba_change(IvCloud *cloud, IvCloudChange change, const char *image_id,
		       const char *const *accounts, IvCloudTrace *trace, GError **error);
char *iv_alibaba_change_text(const IvCloud *cloud, IvCloudChange change, const char *image_id,
			     const char *const *accounts);

/* preflight.c */
bool iv_alibaba_preflight(IvCloud *cloud, const IvCloudQuestion *question,
			  struct IvPreflight *preflight, GError **error);

/* share/alibaba/ecs/list.c: regions, and all own images of one */
GPtrArray *iv_alibaba_regions(IvCloud *cloud, GError **error);
GPtrArray *iv_alibaba_images(IvCloud *cloud, GError **error);

/* public.c: community images */
bool iv_alibaba_publish(IvCloud *cloud, const char *image_id, bool on, IvCloudTrace *trace,
			GError **error);
char *iv_alibaba_publish_text(const IvCloud *cloud, const char *image_id, bool on);

/* organization.c */
extern const struct IvOrganizationOps iv_alibaba_organization;

/* directory.c: every account of a resource directory or folder, as
 * IvOrganizationOps.members */
GHashTable *iv_alibaba_members(IvCloud *cloud, const char *unit, char **why, GError **error);

/* identity.c */
IvCloudIdentity *iv_alibaba_identity(IvCloud *cloud, GError **error);

#endif
