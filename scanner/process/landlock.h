/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * landlock.h - no file can be opened by its name, no port be used, no process
 * outside be signalled: the second lock beside seccomp.
 *
 * Uses Landlock (Linux, Documentation/userspace-api/landlock.rst), as far as the
 * running kernel has it: files since 5.13, TCP ports since 6.7, signals and
 * abstract sockets since 6.12.
 */
#ifndef IV_PROCESS_LANDLOCK_H
#define IV_PROCESS_LANDLOCK_H

/* Each for this thread and all that it starts; the result is the version of
 * Landlock that is in force now, 0 for none.  One may follow another. */

/* No file, no port, no process outside. */
int iv_landlock_enter(void);

/* The same, but files and folders below one folder can be opened to be read. */
int iv_landlock_enter_below(const char *folder);

/* No port and no process outside, and nothing written but below these folders
 * (NULL-terminated; those that are not there count for nothing): for one that has
 * to start programs. */
int iv_landlock_enter_apart(const char *const *writable);

#endif
