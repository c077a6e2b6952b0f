/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * upload.h - multipart uploads that the storage knows of; inside of oss*.c.
 */
#ifndef IV_SHARE_ALIBABA_OSS_UPLOAD_H
#define IV_SHARE_ALIBABA_OSS_UPLOAD_H

#include "share/alibaba/oss/oss.h"

/* A part as the storage lists it. */
typedef struct {
	guint64 size;
	char *etag;
} IvOssPartSeen;

/* Part number -> IvOssPartSeen. */
GHashTable *iv_oss_parts_new(void);

/* Bytes of each part of a file (the last one may be smaller): so that there
 * are at most 10,000. */
guint64 iv_oss_part_size(guint64 size);

/* The id of an upload of that key: the latest unfinished one, whose parts come
 * into `parts`, or a new one.  NULL with an error. */
char *iv_oss_upload_find(IvOss *oss, const char *key, GHashTable *parts, GError **error);

#endif
