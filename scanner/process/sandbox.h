/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sandbox.h - give up what reading an open image does not need.
 *
 * After iv_sandbox_enter() this process, all its threads, and those it will start
 * can read and write the descriptors that are open, manage memory (up to a
 * ceiling) and threads, signal themselves, and end.  Opening a file, looking for
 * one by its name, a socket or a program, signalling others, tracing, and making
 * memory executable fail with EPERM; system calls of another ABI (i386, x32) end
 * the process.  A hostile image then meets a process that has nothing to steal
 * and nowhere to send it.  There is no way back.
 *
 * seccomp (Linux, Documentation/userspace-api/seccomp_filter.rst, through
 * libseccomp) is what holds, and without it this fails.  Landlock (landlock.h),
 * no capabilities, and resource limits stand behind it, where they can be had.
 */
#ifndef IV_PROCESS_SANDBOX_H
#define IV_PROCESS_SANDBOX_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "scanner/base/error.h"

/* IV_ERROR_UNSUPPORTED when the kernel has no seccomp filters. */
IV_MUST_CHECK
bool iv_sandbox_enter(GError **error);

/* The same for who reads a folder of the host: it can look for files by name, and,
 * where the kernel has Landlock, open those below the folder, only to read them.
 * Capabilities to read what belongs to others stay. */
IV_MUST_CHECK
bool iv_sandbox_enter_folder(const char *folder, GError **error);

/* For who may have to start programs (libguestfs, which starts qemu): no network, no
 * process outside, and nothing written but temporary files and devices, as far as
 * the kernel has Landlock.  iv_sandbox_enter() may follow. */
void iv_sandbox_enter_apart(void);

/* Bytes of writable memory that the process may have from entering on, more than
 * it has then: set it before.  0, as at first, is no ceiling; sanitizers get none. */
void iv_sandbox_memory(uint64_t bytes);

/* What is in force in this process, namespaces included, as one line: "seccomp,
 * Landlock 7, namespaces pid net ipc, no capabilities, 1.5 GiB".  The caller frees
 * it. */
char *iv_sandbox_words(void);

#endif
