/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * subprocess.h - work on hostile bytes in a process of its own.
 *
 * The child is a copy of this process, so start it before keys are loaded and
 * other threads exist (secrets in the environment it wipes by itself); the work opens what it needs and gives up the rest
 * (sandbox.h).  It answers through one pipe, with a ceiling; what comes back
 * is as hostile as what it worked on.  A crash of the child is an error of the
 * work, never of the caller.
 */
#ifndef IV_PROCESS_SUBPROCESS_H
#define IV_PROCESS_SUBPROCESS_H

#include <glib.h>
#include <stdbool.h>

#include "scanner/base/error.h"

typedef struct IvSubprocess IvSubprocess;

/* Runs in the child: a text (g_malloc()ed), or NULL with an error. */
typedef char *(*IvSubprocessWork)(void *user, GError **error);

/* `name`: of the process, at most 15 characters. */
IV_MUST_CHECK
IvSubprocess *iv_subprocess_start(const char *name, IvSubprocessWork work, void *user, GError **error);

/* Wait for its text, at most IV_MAX_REPORT_BYTES, and free the child.  `noun`
 * ("scan") and `subject` (the file) stand in the errors of a child that ended
 * without an answer; of one that crashed, IV_ERROR_CORRUPT.  The caller frees
 * the text. */
IV_MUST_CHECK
char *iv_subprocess_wait(IvSubprocess *process, const char *noun, const char *subject, GError **error);

#endif
