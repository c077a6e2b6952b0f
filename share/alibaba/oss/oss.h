/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * oss.h - Alibaba Cloud's object storage (OSS): one bucket of one region.
 *
 * Every call is signed (sign.h), on record before it leaves (cloud.h),
 * repeated where that is safe, and bounded.  Downloads and uploads of files go
 * on where they ended, also after a crash, and count as done only when the
 * CRC-64 that the storage names is that of the bytes of the file.
 *
 * The real storage is addressed as https://BUCKET.oss-REGION.aliyuncs.com; an
 * endpoint on loopback as http://127.0.0.1:PORT/BUCKET/KEY.
 *
 * Source: OSS API reference (HeadObject, GetObject, DeleteObject, and the calls
 * of multipart upload).
 */
#ifndef IV_SHARE_ALIBABA_OSS_OSS_H
#define IV_SHARE_ALIBABA_OSS_OSS_H

#include "share/alibaba/call/call.h"

/* One thread's. */
typedef struct {
	IvAlibabaClient *client; /* its own: the same account, recorder and deadline */
	IvEndpoint *endpoint;
	char *region, *bucket;
	bool path_style; /* the bucket is in the path, not in the host */
} IvOss;

/* `internal`: by the region's inner network, which instances there reach
 * without a fee for traffic (of no effect when an endpoint was named by the
 * user).  IV_ERROR_USAGE for a name that no bucket has. */
IvOss *iv_oss_new(const IvAlibabaClient *client, const char *region, const char *bucket,
		  bool internal, GError **error);
void iv_oss_free(IvOss *oss);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvOss, iv_oss_free)

/* 3 to 63 lower-case letters, digits and '-', not at the ends. */
bool iv_oss_bucket_ok(const char *bucket);
/* 1 to 1023 bytes of UTF-8 without control characters, no '/' or '\' in front. */
bool iv_oss_key_ok(const char *key);

/* --- objects ---------------------------------------------------------------------------- */

typedef struct {
	char *key;
	guint64 size; /* bytes */
	char *etag;   /* as the storage writes it, quotes included */
	bool has_crc; /* the storage told it */
	guint64 crc;  /* CRC-64 of all bytes (share/base/crc64.h) */
} IvOssObject;

void iv_oss_object_free(IvOssObject *object);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvOssObject, iv_oss_object_free)

/* NULL without an error: there is no such object. */
bool iv_oss_head(IvOss *oss, const char *key, IvOssObject **object, GError **error);

/* Deleting what is not there is done too. */
bool iv_oss_delete(IvOss *oss, const char *key, GError **error);

/* --- files ---------------------------------------------------------------------------------- */

/* How far it came, in bytes; false stops it (IV_ERROR_REFUSED), and the same
 * call goes on later. */
typedef bool (*IvOssProgress)(void *user, guint64 done, guint64 all);

/* Download to `path`, which must not exist.  The bytes gather in PATH.part,
 * and what is known about them in PATH.part.state (a key file: bucket, key,
 * ETag, size, how many bytes from the beginning are on disk and their CRC-64);
 * both are gone after success.  What another version of the object left there
 * is thrown away.  IV_ERROR_CLOUD when the object changes meanwhile or the
 * checksum is not that of the bytes (nothing is left then) or not known. */
bool iv_oss_get_file(IvOss *oss, const char *key, const char *path, IvOssProgress progress,
		     void *user, GError **error);

/* Upload a file as a new object, in parts.  Parts of an upload of the same key
 * that was begun before are kept where they are the same bytes; an object that
 * is the same file already is success; another one of that name is
 * IV_ERROR_REFUSED.  `what_is_there` gets the object's size and checksum; may
 * be NULL. */
bool iv_oss_put_file(IvOss *oss, const char *key, const char *path, IvOssProgress progress,
		     void *user, IvOssObject **what_is_there, GError **error);

#endif
