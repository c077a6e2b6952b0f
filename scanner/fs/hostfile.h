/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * hostfile.h - files below a directory of the host, opened without trusting
 * their names; for tree.c.
 */
#ifndef IV_FS_HOSTFILE_H
#define IV_FS_HOSTFILE_H

#include <sys/stat.h>

#include "scanner/base/error.h"
#include "scanner/disk/source.h"

/* The directory that a walk began at; its descriptor lives as long as any file. */
typedef struct {
	int fd;
	gatomicrefcount refs;
} IvHostRoot;

/* NULL: IV_ERROR_USAGE when it is no directory, IV_ERROR_IO otherwise. */
IV_MUST_CHECK
IvHostRoot *iv_host_root_open(const char *path, GError **error);
void iv_host_root_unref(IvHostRoot *root);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvHostRoot, iv_host_root_unref)

/* Open `path` (relative, of any length, "" for the root) and make sure that it
 * is the inode of `seen`; flags are O_RDONLY's companions.  -1 with errno;
 * ESTALE when something else stands there now. */
int iv_host_open(const IvHostRoot *root, const char *path, int flags, const struct stat *seen);

/* Open a name of an open directory, read-only, without following a symlink and
 * (where allowed) without touching its access time.  -1 with errno. */
int iv_host_openat(int dir, const char *name, int flags);

/* Is this open directory a view of the kernel's memory (proc, sys), whose files have
 * no stored bytes? */
bool iv_host_is_kernel_view(int fd);
/* Does it hide another directory, over which it is mounted?  Linux tells since 5.8;
 * before that the answer is no. */
bool iv_host_is_mount(int fd);

/* A regular file as a source.  Holds no descriptor: each read opens the file,
 * checks that it is the inode of `seen`, and closes it.  A file that shrank
 * fails with IV_ERROR_IO. */
IvSource *iv_host_source(IvHostRoot *root, const char *path, const struct stat *seen);

#endif
