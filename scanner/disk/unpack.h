/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * unpack.h - the one disk in a gzip tar, as clouds export raw images, written
 * out as a file with holes.
 *
 * Only a gzip tar with exactly one regular file in it is taken (folders around
 * it are passed over).  Its name does not matter.  The only file but
 * fs/tarstream.c that knows libarchive.
 */
#ifndef IV_DISK_UNPACK_H
#define IV_DISK_UNPACK_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "scanner/base/error.h"

/* Read the archive from `in` and write the disk to `out`, an empty file; runs
 * of zeros become holes.  Uses read, write and lseek only, and no memory that
 * grows with the disk.  *taken, where given, counts the archive's bytes so far.
 * A disk of more than `max` bytes is IV_ERROR_LIMIT; what is not an archive, is
 * cut off, or holds anything else, IV_ERROR_CORRUPT.  *size: of the disk. */
IV_MUST_CHECK
bool iv_unpack(int in, int out, uint64_t max, _Atomic uint64_t *taken, uint64_t *size,
	       GError **error);

#endif
