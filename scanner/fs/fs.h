/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fs.h - readers: a volume in, items out.
 *
 * A reader walks one file system once and emits every regular file, symlink
 * and extended attribute, then the free space and the metadata, so that the
 * emitted runs cover the volume.  What it cannot read is a call of `unread`,
 * never silence.  Readers know nothing about rules.
 *
 * Paths are raw bytes as on disk, without a leading slash, components joined
 * by '/'.  Symlinks are never followed.  A file with several names is emitted
 * in full under the first name; each further name is an item with `link_of`
 * and the same content.
 *
 * The ext reader also emits inodes that are in use and have no name (deleted
 * while open, or lost by damage) as "<orphan inode N>", and what lies below
 * such a directory as "<orphan inode N>/...".
 */
#ifndef IV_FS_FS_H
#define IV_FS_FS_H

#include "scanner/base/error.h"
#include "scanner/fs/item.h"

/* What a reader calls.  All calls come from the thread that called walk(). */
typedef struct {
	/* Search this item.  The callee takes its own reference if it keeps it; a
	 * stream item must be consumed before returning.  False stops the walk. */
	bool (*item)(void *user, IvItem *item, GError **error);
	/* `bytes` (0 if unknown) of `path` (NULL: of the volume) were not looked
	 * at, or not reliably: coverage is incomplete.  `reason` is one sentence. */
	void (*unread)(void *user, const char *path, uint64_t bytes, const char *reason);
	/* For the record; coverage stays complete. */
	void (*note)(void *user, const char *text);
} IvFsSink;

/* One kind of reader. */
typedef struct {
	const char *name; /* "ext", "guest", "tree" */
	const char *kinds; /* how the kinds that it reads begin: "ext" */
	/* Does this reader know this volume?  Looks at magic only. */
	bool (*probe)(IvSource *volume);
	/* Walk it.  False with *error when the volume could not be opened at all
	 * or the sink stopped; damage inside is `unread` and the walk goes on. */
	bool (*walk)(IvSource *volume, const IvFsSink *sink, void *user, GError **error);
} IvFsReader;

/* The native reader that knows this volume, or NULL.  kind: what the volume is to be read
 * as ("ext4"), or NULL when nobody knows; a volume can be several things at once. */
const IvFsReader *iv_fs_probe(IvSource *volume, const char *kind);

/* --- guest*.c: libguestfs, any file system that its kernel mounts ------------- */

typedef struct IvGuest IvGuest;

/* Launch the appliance with the image attached read-only.  Takes about 15 s
 * without KVM.  IV_ERROR_UNSUPPORTED when libguestfs cannot run here, with
 * what to install as a hint. */
IV_MUST_CHECK
IvGuest *iv_guest_open(const char *path, const char *format, GError **error);
void iv_guest_close(IvGuest *guest);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvGuest, iv_guest_close)

/* The file system of the volume at this byte range of the disk: its type as
 * the guest kernel names it ("ext4", "vfat", "swap"), or NULL.  Free it. */
IV_MUST_CHECK
char *iv_guest_content(IvGuest *guest, uint64_t offset, uint64_t size, GError **error);

/* Mount that volume read-only as `kind` ("btrfs"; NULL: as what the guest's kernel takes it
 * for) and stream its files out as one tar. */
IV_MUST_CHECK
bool iv_guest_walk(IvGuest *guest, uint64_t offset, uint64_t size, const char *kind,
		   const IvFsSink *sink, void *user, GError **error);

/* --- tree.c: a directory of the host (an already mounted disk) ---------------- */

/* Walk a directory.  Symlinks are not followed, other file systems mounted
 * below are entered, and what they hide is unread.  Regular files only; devices,
 * sockets and fifos are notes. */
IV_MUST_CHECK
bool iv_tree_walk(const char *root, const IvFsSink *sink, void *user, GError **error);

#endif
