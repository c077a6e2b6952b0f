/* SPDX-License-Identifier: GPL-3.0-or-later */
/* disk.h - what acquire and publish have to look into a disk for, in
 * sandboxed children (scanner/process/), with a bar on the terminal */
#ifndef IV_CLI_DISK_H
#define IV_CLI_DISK_H

#include "scanner/base/error.h"
#include "share/transfer/acquire.h"

/* IvAcquireRequest.land: make the disk out of the object's file. */
IV_MUST_CHECK
bool cli_disk_land(void *user, const char *file, const char *name, const char *disk,
		   IvDiskBytes *bytes, GError **error);

/* What a disk holds; format "raw", "qcow2", or NULL for what name and content
 * agree on. */
IV_MUST_CHECK
bool cli_disk_measure(const char *disk, const char *format, IvDiskBytes *bytes, GError **error);

/* The same of a raw one, as IvAcquireRequest.measure. */
IV_MUST_CHECK
bool cli_disk_measure_raw(void *user, const char *disk, IvDiskBytes *bytes, GError **error);

#endif
