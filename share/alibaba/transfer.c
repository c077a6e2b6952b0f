/* SPDX-License-Identifier: GPL-3.0-or-later */
/* transfer.c - see transfer.h */
#include "share/alibaba/transfer.h"

#include "scanner/base/error.h"
#include "share/alibaba/call/account.h"
#include "share/alibaba/ecs/instance.h"
#include "share/alibaba/ecs/tasks.h"
#include "share/alibaba/oss/oss.h"

static IvOss *store(IvCloud *cloud, const char *bucket, GError **error)
{
	IvAlibaba *a = iv_alibaba(cloud);

	a->client->recorder = cloud->recorder;
	return iv_oss_new(a->client, a->region, bucket, false, error);
}

static IvCloudObject *object_of(const IvOssObject *from)
{
	IvCloudObject *object = g_new0(IvCloudObject, 1);

	object->etag = g_strdup(from->etag);
	object->size = from->size;
	object->crc64 = from->crc;
	object->has_crc64 = from->has_crc;
	return object;
}

static IvCloudObject *head(IvOss *oss, const char *key, GError **error)
{
	g_autoptr(IvOssObject) found = NULL;

	if (!iv_oss_head(oss, key, &found, error))
		return NULL;
	if (found != NULL)
		return object_of(found);
	iv_fail(error, IV_ERROR_CLOUD, "the object is not in bucket %s any more", oss->bucket);
	return NULL;
}

static IvCloudObject *object(IvCloud *cloud, const char *bucket, const char *key, GError **error)
{
	g_autoptr(IvOss) oss = store(cloud, bucket, error);

	return oss != NULL ? head(oss, key, error) : NULL;
}

/* The object must be the same before and after it is fetched. */
static IvCloudObject *download(IvCloud *cloud, const char *bucket, const char *key,
			       const char *file, IvTransferProgress progress, void *user,
			       GError **error)
{
	g_autoptr(IvOss) oss = store(cloud, bucket, error);
	g_autoptr(IvCloudObject) before = oss != NULL ? head(oss, key, error) : NULL;
	g_autoptr(IvCloudObject) after = NULL;

	if (before == NULL || !iv_oss_get_file(oss, key, file, progress, user, error))
		return NULL;
	after = head(oss, key, error);
	if (after == NULL)
		return NULL;
	if (g_strcmp0(before->etag, after->etag) == 0 && before->size == after->size)
		return g_steal_pointer(&after);
	iv_fail(error, IV_ERROR_CLOUD,
		"the object in bucket %s was replaced while it was fetched\n"
		"find out who writes there before you use it",
		bucket);
	return NULL;
}

static IvCloudObject *upload(IvCloud *cloud, const char *file, const char *bucket, const char *key,
			     IvTransferProgress progress, void *user, GError **error)
{
	g_autoptr(IvOss) oss = store(cloud, bucket, error);
	g_autoptr(IvOssObject) made = NULL;
	g_autoptr(IvCloudObject) seen = NULL;

	if (oss == NULL || !iv_oss_put_file(oss, key, file, progress, user, &made, error) ||
	    (seen = head(oss, key, error)) == NULL)
		return NULL;
	if (seen->size == made->size && seen->crc64 == made->crc)
		return g_steal_pointer(&seen);
	iv_fail(error, IV_ERROR_CLOUD,
		"the object in bucket %s is not what was uploaded\n"
		"find out who writes there before you use it",
		bucket);
	return NULL;
}

static bool delete_object(IvCloud *cloud, const char *bucket, const char *key, GError **error)
{
	g_autoptr(IvOss) oss = store(cloud, bucket, error);

	return oss != NULL && iv_oss_delete(oss, key, error);
}

const IvTransferOps iv_alibaba_transfer = {
	.export_image = iv_alibaba_export,
	.exports = iv_alibaba_exports,
	.task = iv_alibaba_task,
	.import_image = iv_alibaba_import,
	.tag = iv_alibaba_tag,
	.object = object,
	.download = download,
	.upload = upload,
	.delete_object = delete_object,
	.instance = iv_alibaba_instance,
	.disk_make = iv_alibaba_disk_make,
	.disk = iv_alibaba_disk,
	.disks_tagged = iv_alibaba_disks_tagged,
	.disk_change = iv_alibaba_disk_change,
	.bucket_ok = iv_oss_bucket_ok,
	.bucket_hint = "a bucket's name is 3 to 63 lower-case letters, digits and '-'",
	.prefix_ok = iv_ecs_prefix_ok,
	.prefix_hint = "a prefix is 1 to 30 letters and digits",
};
