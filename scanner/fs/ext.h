/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ext.h - what the files of the ext2/ext3/ext4 reader share.  Private to it.
 *
 * libext2fs opens the file system (superblock, group descriptors), reads and
 * checks inodes and computes checksums.  What an image can make deep, long or
 * circular (extent trees, block maps, directories, attributes) is parsed here,
 * in bounded steps, so that one damaged block costs that block and no more.
 *
 * Format facts: "ext4 Data Structures and Algorithms" in the Linux kernel's
 * documentation (filesystems/ext4), and the headers of libext2fs.
 */
#ifndef IV_FS_EXT_H
#define IV_FS_EXT_H

#include <ext2fs/ext2_fs.h>
#include <ext2fs/ext2fs.h>

#include "scanner/base/error.h"
#include "scanner/fs/fs.h"

/* --- ext_set.c: sets of block or inode numbers ------------------------------- */

/* A set of numbers below a fixed bound.  Stretches that are all in or all out
 * cost nothing, so memory follows what is scattered, up to a given ceiling. */
typedef struct IvExtSet IvExtSet;

IvExtSet *iv_ext_set_new(uint64_t bound, size_t max_bytes);
void iv_ext_set_free(IvExtSet *set);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvExtSet, iv_ext_set_free)

/* Add [first, first+count), which must lie below the bound; *already (may be
 * NULL) is how many of them were in.  False when the ceiling kept some out. */
IV_MUST_CHECK
bool iv_ext_set_add(IvExtSet *set, uint64_t first, uint64_t count, uint64_t *already);
bool iv_ext_set_has(const IvExtSet *set, uint64_t number);
/* How many of [first, first+count) are in. */
uint64_t iv_ext_set_count(const IvExtSet *set, uint64_t first, uint64_t count);
/* Is `at` in?  *end: the first number in (at, limit] where the answer differs,
 * or limit. */
bool iv_ext_set_run(const IvExtSet *set, uint64_t at, uint64_t limit, uint64_t *end);
/* The same question about a plain bitmap, lowest bit of the first word first. */
bool iv_ext_bits_run(const uint64_t *words, uint64_t at, uint64_t limit, uint64_t *end);

/* --- the walk's state --------------------------------------------------------- */

typedef struct {
	ext2_filsys fs;
	IvSource *volume;
	const IvFsSink *sink;
	void *user;
	GError *error; /* set when the sink stopped the walk */
	bool stopped;

	uint64_t block_size; /* bytes */
	uint64_t blocks;     /* of the file system, as far as the volume holds them whole */
	bool shared_blocks;  /* the feature: files may own the same blocks */

	IvExtSet *owned; /* blocks in the items emitted so far */
	IvExtSet *nodes; /* blocks read as directory or as part of a block map: once only */
	IvExtSet *fixed; /* superblocks, descriptors, bitmaps, inode tables */
	IvExtSet *stale; /* allocated to a file but never written: old bytes */
	IvExtSet *seen;	 /* inodes */
	uint64_t repeat; /* blocks that may still be emitted a second time */

	GHashTable *links;  /* inode number -> IvExtLink: inodes with names to come */
	GHashTable *attr_blocks; /* block number -> GPtrArray: attributes of many inodes */
	uint64_t link_bytes; /* what both cost */
	uint64_t attr_owners; /* further inodes of such blocks */
	uint64_t attr_again; /* attributes that were emitted for them */
} IvExt;

/* --- ext_sink.c: what the reader says to its caller -------------------------------- */

/* Hand an item to the sink.  False when the walk has to stop, which ext->stopped
 * remembers. */
bool iv_ext_emit(IvExt *ext, IvItem *item);
void iv_ext_unread(IvExt *ext, const char *path, uint64_t bytes, const char *reason);
void iv_ext_note(IvExt *ext, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* --- ext_io.c: libext2fs over a source ----------------------------------------- */

/* Open with libext2fs: superblock number and block size, or 0 and 0 for the
 * primary.  What lies behind the end of the volume reads as zeros while the
 * file system is opened, and is an error afterwards. */
IV_MUST_CHECK
errcode_t iv_ext_io_open(IvSource *volume, int flags, unsigned superblock, unsigned block_size,
			 ext2_filsys *fs);

/* Read one block through the same cache.  False when it cannot be read. */
IV_MUST_CHECK
bool iv_ext_io_block(IvExt *ext, uint64_t block, void *buf);

/* --- ext_open.c: superblocks, features, journal ---------------------------------- */

/* The magic number stands where it should (or, with a blank front, in a backup). */
bool iv_ext_probe(IvSource *volume);

/* Open ext->volume: fills fs and the sizes; reports damage and a dirty journal. */
IV_MUST_CHECK
bool iv_ext_open(IvExt *ext, GError **error);

/* Say so when a copy of superblock and descriptors, by which a kernel mounts as well, leads to
 * other inodes. */
void iv_ext_check_copies(IvExt *ext);

/* Report a journal that was not replayed, and the state for the record.  Needs
 * the sets. */
void iv_ext_check_state(IvExt *ext);

/* --- ext_inode.c: inodes and where their blocks are ------------------------------- */

/* An inode with everything behind it: the ibody attributes reach to its end. */
typedef struct {
	ext2_ino_t number;
	struct ext2_inode inode; /* the first 128 bytes */
	uint8_t *full;		 /* all of it: inode_size bytes */
	size_t full_size;
	uint64_t size; /* i_size, as far as it is valid for the kind */
	bool bad_checksum;
} IvExtInode;

/* Read inode `number` into *inode; `full` must have room for the file system's
 * inode size.  NULL, or why it could not be read (static). */
IV_MUST_CHECK
const char *iv_ext_inode_read(IvExt *ext, ext2_ino_t number, uint8_t *full, IvExtInode *inode);

/* What to do with the blocks of a map. */
typedef enum {
	IV_EXT_OWN,  /* they are the item's content: remember them as searched */
	IV_EXT_NODE, /* they are metadata that only one inode may use */
} IvExtClaim;

/* Fill item->extents with the runs of the inode's blocks up to `size` (rounded
 * up to a block) and item->slack; unwritten runs go to ext->stale.  NULL, or
 * what is damaged (static): then the readable part is in the item. */
IV_MUST_CHECK
const char *iv_ext_map(IvExt *ext, const IvExtInode *inode, uint64_t size, IvExtClaim claim,
		       IvItem *item);

/* --- ext_xattr.c: extended attributes ---------------------------------------------- */

/* The inline content of an inode: the 60 bytes of its block map, then the
 * value of the attribute system.data.  *damaged: the attributes are. */
GByteArray *iv_ext_inline_data(const IvExtInode *inode, bool *damaged);

/* Emit every attribute of the inode under its path.  A block of attributes that many
 * inodes share is parsed once. */
void iv_ext_xattrs(IvExt *ext, const IvExtInode *inode, const char *path);
GHashTable *iv_ext_attr_blocks_new(void);

/* --- ext_dir.c: directories ----------------------------------------------------------- */

typedef struct {
	ext2_ino_t inode;
	uint32_t name; /* offset in names */
	uint16_t length;
} IvExtEntry;

/* A batch of a directory's entries, in order of inode number. */
typedef struct {
	GArray *entries; /* IvExtEntry */
	GByteArray *names;
} IvExtBatch;

/* Called for each full batch; false stops. */
typedef bool (*IvExtBatchFn)(void *user, const IvExtBatch *batch);

/* Read a directory's entries without "." and "..".  Damage is unread(path). */
void iv_ext_directory(IvExt *ext, const IvExtInode *dir, const char *path, IvExtBatchFn fn,
		      void *user);

/* --- ext_walk.c: the tree of names, and inodes without one ------------------------------ */

bool iv_ext_walk(IvExt *ext);

/* --- ext_link.c: content that is reached by more than one name ---------------------------- */

/* Remember an item that is about to be emitted, and number it (item.h: share); `names`
 * more are expected.  Past a ceiling it is forgotten, and iv_ext_link_emit() fails. */
void iv_ext_link_add(IvExt *ext, ext2_ino_t inode, IvItem *item, unsigned names);
/* The number that the inode's own attributes get: 0 when it is not remembered. */
uint64_t iv_ext_link_share(IvExt *ext, ext2_ino_t inode);
/* The item of a remembered inode; borrowed. */
IvItem *iv_ext_link_first(IvExt *ext, ext2_ino_t inode);
/* An attribute of the inode has a number of its own, as other inodes have it too: it
 * is emitted for the inode's further names as well.  False past the ceiling. */
IV_MUST_CHECK
bool iv_ext_link_attr(IvExt *ext, ext2_ino_t inode, IvItem *item);
/* Emit a further name (or attribute) of a remembered inode.  False: unknown. */
IV_MUST_CHECK
bool iv_ext_link_emit(IvExt *ext, ext2_ino_t inode, const char *path, const char *detail);
/* Emit the bytes of an item under another path. */
void iv_ext_emit_again(IvExt *ext, const IvItem *first, const char *path, const char *detail);
GHashTable *iv_ext_links_new(void);

/* --- ext_free.c: what no file owns --------------------------------------------------------- */

/* Mark superblocks, descriptors, bitmaps and inode tables in ext->fixed. */
void iv_ext_mark_fixed(IvExt *ext);
/* Read one group's bitmap into words (block_size bytes).  False: not to be trusted. */
IV_MUST_CHECK
bool iv_ext_inode_bitmap(IvExt *ext, dgrp_t group, uint64_t *words);
/* Emit every byte of the volume that no emitted file owns, once. */
bool iv_ext_rest(IvExt *ext);

#endif
