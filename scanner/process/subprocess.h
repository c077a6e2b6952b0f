/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * subprocess.h - work on hostile bytes in a process of its own.
 *
 * The child is a copy of this process, so start it before keys are loaded and
 * other threads exist (confine.h says what it gives up at once: secrets in the
 * environment, descriptors, namespaces); the work opens what it needs and gives
 * up the rest (sandbox.h).  It answers record by record through one pipe
 * (answer.h), and every record is refused or taken while it comes in.  A crash of
 * the child is an error of the work, never of the caller; one that waits for ever
 * is ended (watch.h).
 */
#ifndef IV_PROCESS_SUBPROCESS_H
#define IV_PROCESS_SUBPROCESS_H

#include <glib.h>
#include <stdbool.h>

#include "scanner/base/error.h"
#include "scanner/base/progress.h"
#include "scanner/process/answer.h"

typedef struct IvSubprocess IvSubprocess;

/* Runs in the child, and says what it has to say.  False with an error: the
 * parent gets that instead. */
typedef bool (*IvSubprocessWork)(void *user, IvAnswer *answer, GError **error);

/* `name`: of the process, at most 15 characters.  `progress`: its counters, whose
 * growth is a sign of life, or NULL; from iv_scan_progress_new(), and as long as
 * the child lives. */
IV_MUST_CHECK
IvSubprocess *iv_subprocess_start(const char *name, IvSubprocessWork work, void *user,
				  const IvScanProgress *progress, GError **error);

/* Wait shorter than IV_PATIENCE_SECONDS and IV_ANSWER_SECONDS: for tests. */
void iv_subprocess_hurry(IvSubprocess *process, unsigned seconds);

/* Take its answer and free the child, which has ended then in any case.  `noun`
 * ("scan") and `subject` (the file) stand in the errors: of a child that crashed,
 * waited too long, or whose answer was refused, IV_ERROR_CORRUPT; else what the
 * child reports. */
IV_MUST_CHECK
bool iv_subprocess_wait(IvSubprocess *process, const char *noun, const char *subject,
			IvAnswerTake take, void *user, GError **error);

/* The error of an answer that was complete and is refused after all, because of
 * `why`; false. */
bool iv_subprocess_refuse(const GError *why, const char *noun, const char *subject, GError **error);

/* As iv_subprocess_wait(), for a child whose answer is one text in one record of kind 0, at most
 * `most` bytes long.  The caller frees it. */
IV_MUST_CHECK
char *iv_subprocess_wait_text(IvSubprocess *process, const char *noun, const char *subject,
			      size_t most, GError **error);

#endif
