/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * open.h - an image file as a disk: which format it is, and its bytes.
 *
 * Formats are never guessed where guessing is dangerous.  A file's format is
 * taken from its magic AND its name; when they disagree, or when a raw disk
 * begins like another format, opening fails with IV_ERROR_AMBIGUOUS and a hint
 * to pass --format.  The image is opened O_RDONLY and nothing ever writes to it.
 */
#ifndef IV_DISK_OPEN_H
#define IV_DISK_OPEN_H

#include "scanner/base/error.h"
#include "scanner/disk/beside.h"
#include "scanner/disk/source.h"

typedef struct {
	const char *format;  /* "raw", "qcow2", or NULL to probe */
	const char *backing; /* the one backing file that a qcow2 may use, or NULL for none;
			      * it must be the file that the image names */
} IvDiskOptions;

typedef struct {
	IvSource *source;   /* the virtual disk */
	const char *format; /* "raw" or "qcow2"; static */
	int fd;		    /* the image file, O_RDONLY; owned by source */
} IvDisk;

/* Open an image.  NULL with an error of the table in error.h whose message
 * names the file.  An empty file is IV_ERROR_CORRUPT. */
IV_MUST_CHECK
IvDisk *iv_disk_open(const char *path, const IvDiskOptions *options, GError **error);
void iv_disk_free(IvDisk *disk);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvDisk, iv_disk_free)

/* Did the image (or its backing file) change since it was opened?  Compares
 * size, mtime and ctime of each open file; block devices cannot tell and never
 * fail.  IV_ERROR_IO: "changed while it was read". */
IV_MUST_CHECK
bool iv_disk_unchanged(IvDisk *disk, GError **error);

/* What the image file (and its backing file) holds besides the disk; the caller frees it.
 * Reads its tables, and of the file what belongs to nothing.  Call it last: reading
 * the disk can tell more. */
IvBeside *iv_disk_beside(IvDisk *disk);

/* What the file's bytes show: *name is the container as qemu-img calls it
 * ("qcow2", "vmdk"), "gzip" and the like, or NULL for none of those known; static. */
IV_MUST_CHECK
bool iv_disk_content(const char *path, const char **name, GError **error);
/* What a file's name claims, in the same words; NULL: nothing. */
const char *iv_disk_claim(const char *path);

/* The formats that iv_disk_open() knows, NULL-terminated: for --help. */
const char *const *iv_disk_formats(void);

#endif
