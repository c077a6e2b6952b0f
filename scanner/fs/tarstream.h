/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tarstream.h - a tar that arrives through a pipe, as items; for guest_stream.c.
 */
#ifndef IV_FS_TARSTREAM_H
#define IV_FS_TARSTREAM_H

#include "scanner/base/error.h"
#include "scanner/fs/fs.h"

/* A further name of a file: found in the tar after the file itself. */
typedef struct {
	char *path, *first;
	uint32_t mode, uid, gid;
} IvTarLink;

/* Read a tar from fd until its end and emit regular files (stream items),
 * symlinks and extended attributes.  Hard links are appended to `links`
 * (IvTarLink *).  Files larger than max_file are not read: unread, and the
 * walk ends there, as the rest of the stream lies behind them.  *whole: the
 * tar was read to its end.  False when the sink stopped the walk. */
IV_MUST_CHECK
bool iv_tar_walk(int fd, uint64_t max_file, const IvFsSink *sink, void *user, GPtrArray *links,
		 bool *whole, GError **error);

void iv_tar_link_free(IvTarLink *link);

#endif
