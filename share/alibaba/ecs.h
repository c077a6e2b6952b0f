/*
 * ecs.h - Alibaba Cloud's Elastic Compute Service, API version 2014-05-26, as
 * an IvCloud: DescribeImages, DescribeImageSharePermission and
 * ModifyImageSharePermission (AddAccount.N, at most ten in one call: the
 * service drops the rest without an error).
 */
#ifndef IV_SHARE_ALIBABA_ECS_H
#define IV_SHARE_ALIBABA_ECS_H

#include <cjson/cJSON.h>

#include "share/cloud.h"

/* For one region; `endpoint` NULL is the region's own.  Credentials come from
 * the environment.  IV_ERROR_USAGE for a bad region or endpoint,
 * IV_ERROR_CONFIG without credentials.  Nothing is sent yet. */
IvCloud *iv_ecs_new(const char *region, const char *endpoint, GError **error);

/* "m-" and letters or digits. */
bool iv_ecs_image_id_ok(const char *id);
/* Lower-case letters, digits and '-'. */
bool iv_ecs_region_ok(const char *region);
/* A main account's id: 5 to 20 digits. */
bool iv_ecs_account_ok(const char *account);

/* --- the parts that read answers, apart so that they can be tested alone ------------ */

/* *image stays NULL when the answer says that there is no such image.  False
 * with IV_ERROR_CLOUD when the answer is not one to this question. */
bool iv_ecs_read_image(const cJSON *answer, const char *image_id, const char *region,
		       IvCloudImage **image, GError **error);

/* Put one page's accounts into the list; *total gets the count that the answer
 * names for all pages. */
bool iv_ecs_read_receivers(const cJSON *answer, const char *image_id, guint page,
			   IvReceiverList *list, guint *total, GError **error);

#endif
