/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * file.h - private to scanner/disk: an image file that was opened read-only.
 *
 * Holds what has to be known about the file for as long as anything reads it:
 * the descriptor, the size that was seen at open, and the identity that
 * iv_file_unchanged() compares later.  Reference-counted; threads share it,
 * because it is only ever read with pread().
 */
#ifndef IV_DISK_FILE_H
#define IV_DISK_FILE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "scanner/base/error.h"

typedef struct {
	int fd;
	char *path;
	uint64_t size;	  /* bytes; of a block device, its capacity */
	bool block;	  /* a block device: no holes, no modification time */
	struct stat seen; /* at open */
	gatomicrefcount refs;
} IvFile;

/* Open a regular file or a block device.  A directory is IV_ERROR_USAGE, an
 * empty file IV_ERROR_CORRUPT, what the system refuses IV_ERROR_IO. */
IV_MUST_CHECK
IvFile *iv_file_open(const char *path, GError **error);
IvFile *iv_file_ref(IvFile *file);
void iv_file_unref(IvFile *file);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvFile, iv_file_unref)

/* Read exactly len bytes at off, which the caller checked against size. */
IV_MUST_CHECK
bool iv_file_read(IvFile *file, uint64_t off, void *buf, size_t len, GError **error);

/* As iv_source_extent(), by SEEK_DATA and SEEK_HOLE. */
IV_MUST_CHECK
bool iv_file_extent(IvFile *file, uint64_t off, uint64_t *len, bool *zero, GError **error);

/* IV_ERROR_IO when size, mtime or ctime differ from those at open. */
IV_MUST_CHECK
bool iv_file_unchanged(IvFile *file, GError **error);

#endif
