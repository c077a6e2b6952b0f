/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * images.h - Alibaba Cloud's Elastic Compute Service, API version 2014-05-26: images
 * and the accounts that have them.
 */
#ifndef IV_SHARE_ALIBABA_ECS_IMAGES_H
#define IV_SHARE_ALIBABA_ECS_IMAGES_H

#include "scanner/base/cjson.h"
#include "scanner/base/error.h"
#include "share/cloud/cloud.h"

/* Asked for by name, because the default lists Available images only and an
 * image in another state would look as if it were not there. */
#define IV_ECS_ALL_STATES "Available,Creating,Waiting,UnAvailable,CreateFailed,Deprecated"

/* --- for the table IvCloudOps --------------------------------------------------------- */

IV_MUST_CHECK
bool iv_alibaba_image(IvCloud *cloud, const char *image_id, IvCloudImage **image,
		      IvCallTrace *trace, GError **error);
IV_MUST_CHECK
IvReceiverList *iv_alibaba_receivers(IvCloud *cloud, const char *image_id, IvCallTrace *trace,
				     GError **error);
IV_MUST_CHECK
bool iv_alibaba_change(IvCloud *cloud, IvCloudChange change, const char *image_id,
		       const char *const *accounts, IvCallTrace *trace, GError **error);
char *iv_alibaba_change_text(const IvCloud *cloud, IvCloudChange change, const char *image_id,
			     const char *const *accounts);

/* --- the parts that read answers, apart so that they can be tested alone ------------ */

/* *image stays NULL when the answer says that there is no such image.  False
 * with IV_ERROR_CLOUD when the answer is not one to this question. */
IV_MUST_CHECK
bool iv_ecs_read_image(const cJSON *answer, const char *image_id, const char *region,
		       IvCloudImage **image, GError **error);

/* Put one page's images into the list (IvCloudImage *). */
IV_MUST_CHECK
bool iv_ecs_read_images(const cJSON *answer, const char *region, guint page, GPtrArray *images,
			guint *total, GError **error);

/* Put one page's accounts into the list; *total gets the count that the answer
 * names for all pages. */
IV_MUST_CHECK
bool iv_ecs_read_receivers(const cJSON *answer, const char *image_id, guint page,
			   IvReceiverList *list, guint *total, GError **error);

#endif
