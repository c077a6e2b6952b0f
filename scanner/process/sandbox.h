/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sandbox.h - give up what reading an open image does not need.
 *
 * After iv_sandbox_enter() this process, all its threads, and those it will start can
 * read and write the descriptors that are open, manage memory and threads, and
 * end.  Opening a file, a socket or a program, signalling others, tracing, and
 * making memory executable fail with EPERM.  A hostile image then meets a
 * process that has nothing to steal and nowhere to send it.  There is no way back.
 *
 * Uses seccomp (Linux, Documentation/userspace-api/seccomp_filter.rst) through
 * libseccomp.
 */
#ifndef IV_PROCESS_SANDBOX_H
#define IV_PROCESS_SANDBOX_H

#include <glib.h>
#include <stdbool.h>

#include "scanner/base/error.h"

/* IV_ERROR_UNSUPPORTED when the kernel has no seccomp filters. */
IV_MUST_CHECK
bool iv_sandbox_enter(GError **error);

#endif
