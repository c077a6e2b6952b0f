/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * unpack_process.h - an object exported from a cloud becomes a disk: what its
 * file is, and unpacking it where it is an archive.
 *
 * Unpacking happens in a child without keys (subprocess.h), in a sandbox once
 * both files are open.  Start it before other threads exist.
 */
#ifndef IV_PROCESS_UNPACK_PROCESS_H
#define IV_PROCESS_UNPACK_PROCESS_H

#include "scanner/base/error.h"
#include "scanner/base/progress.h"
#include "scanner/process/subprocess.h"

/* How the file of an exported object becomes a disk. */
typedef enum {
	IV_EXPORT_DISK,	   /* it is one already: raw or qcow2 */
	IV_EXPORT_ARCHIVE, /* a gzip tar that holds a raw one */
} IvExport;

/* By its bytes and the name it had in the cloud, which must not contradict
 * each other.  *format is the disk's, "raw" or "qcow2"; static.  What imgvet
 * does not read is IV_ERROR_UNSUPPORTED, with what to do about it. */
IV_MUST_CHECK
bool iv_export_probe(const char *file, const char *name, IvExport *kind, const char **format,
		     GError **error);

/* Unpack into `disk`, which is made, or emptied where it is there.  The counters
 * (or NULL) come from iv_scan_progress_new() and count the archive's bytes. */
IV_MUST_CHECK
IvSubprocess *iv_unpack_process_start(const char *archive, const char *disk,
				      IvScanProgress *progress, GError **error);

/* Wait for the end and free the child. */
IV_MUST_CHECK
bool iv_unpack_process_wait(IvSubprocess *process, const char *archive, GError **error);

#endif
