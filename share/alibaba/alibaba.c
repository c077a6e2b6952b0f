/* SPDX-License-Identifier: GPL-3.0-or-later */
/* alibaba.c - Alibaba Cloud as a row of share/clouds.c.  See alibaba.h. */
#include "share/alibaba/alibaba.h"

#include "scanner/base/error.h"
#include "share/alibaba/call/account.h"
#include "share/alibaba/call/ids.h"
#include "share/alibaba/credentials/chain.h"
#include "share/alibaba/credentials/identity.h"
#include "share/alibaba/ecs/list.h"
#include "share/alibaba/ecs/public.h"
#include "share/alibaba/organization/organization.h"
#include "share/alibaba/preflight/preflight.h"
#include "share/alibaba/credentials/provider.h"
#include "share/alibaba/ecs/images.h"
#include "share/alibaba/transfer.h"

/* Accounts of one call: the service drops what is beyond without an error. */
#define BATCH 10u
/* Accounts of one image: the default of the Quota Center. */
#define USUAL_QUOTA 50u

const IvCloudShapes iv_alibaba_shapes = {
	.image_id_ok = iv_alibaba_image_id_ok,
	.region_ok = iv_alibaba_region_ok,
	.account_ok = iv_alibaba_account_ok,
	.organization_ok = iv_alibaba_organization_ok,
	.image_id_hint = "a custom image's id is m- and letters or digits",
	.region_hint = "write it like cn-hangzhou or eu-central-1",
	.account_hint = "a main account's id is 5 to 20 digits",
	.first_region = "cn-hangzhou",
	.organization_hint = "a resource directory's id is rd- and letters or digits, a folder's fd-",
};

bool iv_alibaba_endpoints_ok(const char *const *endpoints, GError **error)
{
	g_autoptr(IvAlibabaEndpoints) e = iv_alibaba_endpoints_new(iv_alibaba_shapes.first_region, endpoints, error);

	return e != NULL;
}

static void alibaba_free(IvCloud *cloud)
{
	IvAlibaba *a = iv_alibaba(cloud);

	iv_alibaba_client_free(a->client);
	g_free(a->region);
	g_free(a);
}

static IvCloud *in_region(IvCloud *cloud, const char *region, GError **error);

static const IvCloudOps ops = {
	.name = "Alibaba Cloud",
	.batch = BATCH,
	.quota = USUAL_QUOTA,
	.text = iv_alibaba_change_text,
	.image = iv_alibaba_image,
	.receivers = iv_alibaba_receivers,
	.change = iv_alibaba_change,
	.publish = iv_alibaba_publish,
	.publish_text = iv_alibaba_publish_text,
	.preflight = iv_alibaba_preflight,
	.identity = iv_alibaba_identity,
	.regions = iv_alibaba_regions,
	.in_region = in_region,
	.images = iv_alibaba_images,
	.transfer = &iv_alibaba_transfer,
	.organization = &iv_alibaba_organization,
	.free = alibaba_free,
};

static IvAlibaba *make(const char *region, IvAlibabaEndpoints *endpoints, IvCredentialSource *source)
{
	IvAlibaba *a = g_new0(IvAlibaba, 1);

	a->cloud.ops = &ops;
	a->client = iv_alibaba_client_new(endpoints, source);
	a->region = g_strdup(region);
	return a;
}

static bool region_ok(const char *region, GError **error)
{
	return iv_alibaba_region_ok(region) ||
	       iv_fail(error, IV_ERROR_USAGE, "this is not a valid region name\n%s",
		       iv_alibaba_shapes.region_hint);
}

/* Addresses that the user gave are kept; the others are those of the region. */
static IvCloud *in_region(IvCloud *cloud, const char *region, GError **error)
{
	IvAlibaba *from = iv_alibaba(cloud), *a;
	g_autoptr(IvAlibabaEndpoints) endpoints = NULL;

	if (!region_ok(region, error))
		return NULL;
	endpoints = iv_alibaba_endpoints_in(from->client->endpoints, region, error);
	if (endpoints == NULL)
		return NULL;
	a = make(region, endpoints, from->client->source);
	a->cloud.recorder = from->cloud.recorder;
	a->client->deadline = from->client->deadline;
	a->client->clock_ahead = from->client->clock_ahead;
	return &a->cloud;
}

/* A profile given by the user takes precedence over the environment. */
char *iv_alibaba_usual_region(const char *profile)
{
	static const char *const names[] = {"ALIBABA_CLOUD_REGION_ID", "ALIBABACLOUD_REGION_ID",
					    "ALICLOUD_REGION_ID", "ALIBABA_CLOUD_REGION",
					    "ALICLOUD_REGION"};
	char *region = profile != NULL ? iv_provider_profile_region(profile) : NULL;

	for (gsize i = 0; region == NULL && i < G_N_ELEMENTS(names); i++)
		region = g_strdup(iv_provider_env(names[i]));
	if (region == NULL)
		region = iv_provider_profile_region(NULL);
	if (region != NULL && iv_alibaba_region_ok(region))
		return region;
	g_free(region);
	return g_strdup("cn-hangzhou");
}

IvCloud *iv_alibaba_open(const IvCloudOptions *options, GError **error)
{
	g_autoptr(IvAlibabaEndpoints) endpoints = NULL;
	g_autoptr(IvCredentialSource) source = NULL;
	IvAlibaba *a;

	if (!region_ok(options->region, error))
		return NULL;
	endpoints = iv_alibaba_endpoints_new(options->region, options->endpoints, error);
	if (endpoints == NULL)
		return NULL;
	if (options->like != NULL)
		source = iv_credential_source_ref(((const IvAlibaba *)options->like)->client->source);
	else
		source = iv_credential_source_new(options->profile, endpoints, error);
	if (source == NULL)
		return NULL;
	a = make(options->region, endpoints, source);
	a->cloud.recorder = options->recorder;
	a->client->deadline = options->deadline;
	return &a->cloud;
}
