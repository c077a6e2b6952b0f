/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * part.h - a download under way on disk: PATH.part with the bytes so far
 * and PATH.part.state with what is known about them.
 *
 * The state never says more than what is safely on disk: bytes are synced
 * before the state that counts them is written, and the state is replaced as a
 * whole.  What it says is checked against the bytes before they are built on.
 */
#ifndef IV_SHARE_ALIBABA_OSS_PART_H
#define IV_SHARE_ALIBABA_OSS_PART_H

#include "share/alibaba/oss/oss.h"

typedef struct {
	char *path, *part, *state;
	const char *bucket;
	const IvOssObject *object; /* borrowed */
	int fd;
	guint64 done;  /* bytes from the beginning, written */
	guint64 noted; /* bytes that the state counts */
	guint64 crc;   /* of the bytes from the beginning to done */
} IvOssPart;

/* Open or begin; goes on behind what is there and of this object.  The file is
 * locked: IV_ERROR_REFUSED while another process downloads to it. */
bool iv_oss_part_open(IvOssPart *part, const char *path, const char *bucket,
		      const IvOssObject *object, GError **error);
/* Append; notes how far it came every IV_OBJECT_NOTE bytes. */
bool iv_oss_part_write(IvOssPart *part, const void *bytes, gsize len, GError **error);
/* Note how far it came now. */
bool iv_oss_part_note(IvOssPart *part, GError **error);
/* All is there and right: give the file its name. */
bool iv_oss_part_finish(IvOssPart *part, GError **error);
/* Throw away what is there. */
void iv_oss_part_discard(IvOssPart *part);
void iv_oss_part_close(IvOssPart *part);

#endif
