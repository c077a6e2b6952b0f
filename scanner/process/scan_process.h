/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * scan_process.h - iv_scan() in a process of its own (subprocess.h).
 *
 * The child has no keys, and with IvScanOptions.sandbox set to
 * iv_sandbox_enter() no way to open anything once the image is open.  Its report
 * comes piece by piece, and each is checked against what this process knows by
 * itself (scan_check.h): nothing of it is believed that can be known.
 */
#ifndef IV_PROCESS_SCAN_PROCESS_H
#define IV_PROCESS_SCAN_PROCESS_H

#include "scanner/base/error.h"
#include "scanner/scanner.h"

typedef struct IvScanProcess IvScanProcess;

/* Start iv_scan() in a child.  Call it before other threads exist, and before
 * keys are loaded: the child is a copy of this process.  options->progress must
 * come from iv_scan_progress_new().  Borrows the rules until the wait.  Errors of
 * an image that cannot be opened. */
IV_MUST_CHECK
IvScanProcess *iv_scan_process_start(const char *image, const IvRuleSet *rules,
				     const IvScanOptions *options, GError **error);

/* As iv_subprocess_hurry(). */
void iv_scan_process_hurry(IvScanProcess *child, unsigned seconds);

/* Wait for its report and free the child.  A child that crashed, or whose report
 * was refused, is IV_ERROR_CORRUPT.  The caller frees the report, and *sandbox
 * (which may be NULL): how the child said it was confined, one line for people. */
IV_MUST_CHECK
IvReport *iv_scan_process_wait(IvScanProcess *child, const char *image, char **sandbox,
			       GError **error);

#endif
