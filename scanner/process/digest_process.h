/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * digest_process.h - what a disk at hand is: its format, size and digest.
 *
 * Found by a child without keys (subprocess.h), in a sandbox once the disk is
 * open.  Start it before other threads exist.
 */
#ifndef IV_PROCESS_DIGEST_PROCESS_H
#define IV_PROCESS_DIGEST_PROCESS_H

#include "scanner/base/error.h"
#include "scanner/base/progress.h"
#include "scanner/process/subprocess.h"

typedef struct {
	char *format;  /* "raw" or "qcow2" */
	uint64_t size; /* virtual bytes */
	char *digest;  /* "fsverity-sha256:<hex>" of them */
} IvDiskFacts;

void iv_disk_facts_clear(IvDiskFacts *facts);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(IvDiskFacts, iv_disk_facts_clear)

/* Digest a disk; format as in IvDiskOptions.  The counters (or NULL) come from
 * iv_scan_progress_new(). */
IV_MUST_CHECK
IvSubprocess *iv_digest_process_start(const char *disk, const char *format,
				      IvScanProgress *progress, GError **error);

/* Wait for the facts and free the child.  A disk that changed meanwhile is an
 * error. */
IV_MUST_CHECK
bool iv_digest_process_wait(IvSubprocess *process, const char *disk, IvDiskFacts *facts,
			    GError **error);

#endif
