/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ext_open.c - see ext.h: superblocks, features, group descriptors, the journal */
#include "scanner/fs/ext.h"

#include <inttypes.h>
#include <string.h>

#include "scanner/base/cursor.h"
#include "scanner/base/error.h"
#include "scanner/base/limits.h"

#define SUPER_OFFSET 1024u
#define JOURNAL_MAGIC 0xc03b3998u /* big-endian, as the whole journal is */

/* --- features ---------------------------------------------------------------------- */

/* What the reader understands.  A journal device holds no files; multiple mount
 * protection only matters to a writer (the header hides it, the library knows). */
#define READABLE                                                                                   \
	((EXT2_LIB_FEATURE_INCOMPAT_SUPP | EXT4_FEATURE_INCOMPAT_MMP) &                            \
	 ~EXT3_FEATURE_INCOMPAT_JOURNAL_DEV)

static const struct {
	uint32_t bit;
	const char *name;
} incompat_names[] = {
	{EXT2_FEATURE_INCOMPAT_COMPRESSION, "compression"},
	{EXT3_FEATURE_INCOMPAT_JOURNAL_DEV, "journal_dev"},
	{EXT4_FEATURE_INCOMPAT_DIRDATA, "dirdata"},
};

static const char *incompat_name(uint32_t bit)
{
	for (size_t i = 0; i < G_N_ELEMENTS(incompat_names); i++)
		if (incompat_names[i].bit == bit)
			return incompat_names[i].name;
	return NULL;
}

static char *name_features(uint32_t bits)
{
	GString *text = g_string_new(NULL);

	for (unsigned i = 0; i < 32; i++) {
		uint32_t bit = UINT32_C(1) << i;

		if (!(bits & bit))
			continue;
		if (text->len > 0)
			g_string_append(text, ", ");
		if (incompat_name(bit) != NULL)
			g_string_append(text, incompat_name(bit));
		else
			g_string_append_printf(text, "unknown (0x%" PRIx32 ")", bit);
	}
	return g_string_free(text, FALSE);
}

/* --- superblocks ----------------------------------------------------------------------- */

static bool power_of_two(uint32_t n)
{
	return n != 0 && (n & (n - 1)) == 0;
}

/* A group has one bitmap block, with a bit for each block, or (bigalloc) for
 * each cluster of blocks. */
static bool group_size_fits(const struct ext2_super_block *s, uint32_t size)
{
	uint32_t ratio = 0;

	if (ext2fs_has_feature_bigalloc((struct ext2_super_block *)s)) {
		if (s->s_log_cluster_size < s->s_log_block_size || s->s_log_cluster_size > 20)
			return false;
		ratio = s->s_log_cluster_size - s->s_log_block_size;
		if ((uint64_t)s->s_clusters_per_group << ratio != s->s_blocks_per_group)
			return false;
	}
	return s->s_blocks_per_group >= 8 && s->s_blocks_per_group % 8 == 0 &&
	       s->s_blocks_per_group >> ratio <= size * 8;
}

/* NULL, or what contradicts itself.  libext2fs sizes its memory and its
 * divisions by these fields, so they are looked at before it sees them. */
static const char *super_check(const struct ext2_super_block *s, uint64_t volume)
{
	uint64_t blocks = ext2fs_blocks_count((struct ext2_super_block *)s);
	uint32_t size, desc, inode;
	uint64_t groups;

	if (s->s_magic != EXT2_SUPER_MAGIC)
		return "no magic number";
	if (s->s_rev_level > EXT2_DYNAMIC_REV)
		return "an unknown revision";
	if (s->s_log_block_size > 6)
		return "an impossible block size";
	size = UINT32_C(1024) << s->s_log_block_size;
	if (s->s_first_data_block > 1 || (s->s_first_data_block == 1 && size != 1024))
		return "a wrong first block";
	inode = s->s_rev_level == EXT2_GOOD_OLD_REV ? 128 : s->s_inode_size;
	if (!power_of_two(inode) || inode < 128 || inode > size)
		return "an impossible inode size";
	desc = ext2fs_has_feature_64bit((struct ext2_super_block *)s) ? s->s_desc_size : 32;
	if (!power_of_two(desc) || desc < 32 || desc > 1024 || desc > size)
		return "an impossible size of group descriptors";
	if (!group_size_fits(s, size))
		return "an impossible group size";
	if (s->s_inodes_per_group == 0 || s->s_inodes_per_group > size * 8 ||
	    s->s_inodes_per_group % 8 != 0)
		return "an impossible number of inodes per group";
	if (blocks <= s->s_first_data_block || blocks > (UINT64_C(1) << 48))
		return "an impossible number of blocks";
	groups = (blocks - s->s_first_data_block - 1) / s->s_blocks_per_group + 1;
	if (groups > IV_MAX_EXT_GROUPS || groups * desc > volume)
		return "more block groups than can be";
	if (groups * s->s_inodes_per_group != s->s_inodes_count)
		return "a wrong number of inodes";
	if (s->s_reserved_gdt_blocks > size / 4)
		return "too many reserved blocks";
	return NULL;
}

static bool super_read(IvSource *volume, uint64_t off, struct ext2_super_block *s)
{
	return off <= volume->size && volume->size - off >= sizeof(*s) &&
	       iv_source_read(volume, off, s, sizeof(*s), NULL);
}

/* Where the second group begins in a file system with default group sizes. */
static const struct {
	unsigned block, size;
} usual_backups[] = {
	{32768, 4096}, {8193, 1024}, {16384, 2048}, {65528, 8192}, {65528, 16384}, {65528, 65536},
};

static bool backup_check(IvSource *volume, unsigned block, unsigned size)
{
	struct ext2_super_block s;

	return super_read(volume, (uint64_t)block * size, &s) &&
	       super_check(&s, volume->size) == NULL && size == (unsigned)EXT2_BLOCK_SIZE(&s) &&
	       (s.s_feature_incompat & ~READABLE) == 0;
}

/* A front of zeros, and not that of a format that begins later. */
static bool blank_front(IvSource *volume)
{
	uint8_t front[4096], btrfs[8], iso[5];

	if (volume->size < 1u << 20 || !iv_source_read(volume, 0, front, sizeof(front), NULL) ||
	    !iv_source_read(volume, 65600, btrfs, sizeof(btrfs), NULL) ||
	    !iv_source_read(volume, 32769, iso, sizeof(iso), NULL))
		return false;
	for (size_t i = 0; i < sizeof(front); i++)
		if (front[i] != 0)
			return false;
	return memcmp(btrfs, "_BHRfS_M", 8) != 0 && memcmp(iso, "CD001", 5) != 0;
}

bool iv_ext_probe(IvSource *volume)
{
	struct ext2_super_block s;

	if (!super_read(volume, SUPER_OFFSET, &s))
		return false;
	if (s.s_magic == EXT2_SUPER_MAGIC)
		return true;
	if (!blank_front(volume))
		return false;
	for (size_t i = 0; i < G_N_ELEMENTS(usual_backups); i++)
		if (backup_check(volume, usual_backups[i].block, usual_backups[i].size))
			return true;
	return false;
}

/* --- opening ------------------------------------------------------------------------------ */

/* Group descriptors with a wrong checksum or places outside. */
static uint64_t bad_groups(ext2_filsys fs)
{
	uint64_t blocks = ext2fs_blocks_count(fs->super), first = fs->super->s_first_data_block;
	uint64_t bad = 0;

	for (dgrp_t g = 0; g < fs->group_desc_count; g++) {
		uint64_t table = ext2fs_inode_table_loc(fs, g);
		uint64_t bits = ext2fs_block_bitmap_loc(fs, g);
		uint64_t inodes = ext2fs_inode_bitmap_loc(fs, g);

		if (!ext2fs_group_desc_csum_verify(fs, g) || table < first || bits < first ||
		    inodes < first || bits >= blocks || inodes >= blocks || table >= blocks ||
		    blocks - table < fs->inode_blocks_per_group)
			bad++;
	}
	return bad;
}

static ext2_filsys open_one(IvSource *volume, unsigned block, unsigned size, int extra)
{
	int flags = EXT2_FLAG_64BITS | EXT2_FLAG_SKIP_MMP | EXT2_FLAG_SOFTSUPP_FEATURES | extra;
	ext2_filsys fs = NULL;

	return iv_ext_io_open(volume, flags, block, size, &fs) == 0 ? fs : NULL;
}

/* Replace *best by the backup when its group descriptors are better. */
static void try_backup(IvExt *ext, unsigned block, unsigned size, ext2_filsys *best, uint64_t *bad,
		       unsigned *used)
{
	ext2_filsys fs;
	uint64_t fs_bad;

	if (!backup_check(ext->volume, block, size))
		return;
	fs = open_one(ext->volume, block, size, 0);
	if (fs == NULL)
		return;
	fs_bad = bad_groups(fs);
	if (*best != NULL &&
	    (fs_bad >= *bad || memcmp((*best)->super->s_uuid, fs->super->s_uuid, 16) != 0)) {
		ext2fs_free(fs);
		return;
	}
	if (*best != NULL)
		ext2fs_free(*best);
	*best = fs;
	*bad = fs_bad;
	*used = block;
}

/* The primary superblock, or else a backup, or else the primary regardless of
 * its checksum.  Says which, unless the primary is sound. */
static ext2_filsys open_best(IvExt *ext, const struct ext2_super_block *primary, const char *reason)
{
	ext2_filsys best = reason == NULL ? open_one(ext->volume, 0, 0, 0) : NULL;
	uint64_t bad = best == NULL ? 0 : bad_groups(best);
	g_autofree char *text = NULL;
	unsigned used = 0;

	if (best != NULL && bad == 0)
		return best;
	if (reason == NULL)
		try_backup(ext, primary->s_first_data_block + primary->s_blocks_per_group,
			   EXT2_BLOCK_SIZE(primary), &best, &bad, &used);
	for (size_t i = 0; best == NULL && i < G_N_ELEMENTS(usual_backups); i++)
		try_backup(ext, usual_backups[i].block, usual_backups[i].size, &best, &bad, &used);
	if (best == NULL && reason == NULL) {
		best = open_one(ext->volume, 0, 0, EXT2_FLAG_IGNORE_CSUM_ERRORS);
		if (best == NULL)
			return NULL;
		best->flags &= ~EXT2_FLAG_IGNORE_CSUM_ERRORS;
		bad = bad_groups(best);
		iv_ext_unread(ext, NULL, 0, "the superblock has a wrong checksum, and there is "
					    "no backup: the file list may be wrong");
	}
	if (best != NULL && used != 0) {
		text = g_strdup_printf("the superblock or the group descriptors are damaged (%s): "
				       "the backup at block %u was used",
				       reason != NULL ? reason : "wrong checksums or places", used);
		iv_ext_unread(ext, NULL, 0, text);
	}
	if (best != NULL && bad > 0) {
		g_autofree char *groups = g_strdup_printf(
			"%" PRIu64 " of %u group descriptors are damaged: files may be missing",
			bad, best->group_desc_count);
		iv_ext_unread(ext, NULL, 0, groups);
	}
	return best;
}

static void take_sizes(IvExt *ext)
{
	struct ext2_super_block *super = ext->fs->super;
	uint64_t total = ext2fs_blocks_count(super);

	ext->block_size = ext->fs->blocksize;
	ext->blocks = MIN(total, ext->volume->size / ext->block_size);
	ext->shared_blocks = ext2fs_has_feature_shared_blocks(super);
	ext->repeat = ext->blocks;
	if (ext->blocks < total)
		iv_ext_unread(ext, NULL, (total - ext->blocks) * ext->block_size,
			      "the file system is larger than its volume: the rest is missing");
}

bool iv_ext_open(IvExt *ext, GError **error)
{
	struct ext2_super_block primary;
	const char *reason = "cannot be read";

	if (super_read(ext->volume, SUPER_OFFSET, &primary))
		reason = super_check(&primary, ext->volume->size);
	if (reason == NULL && (primary.s_feature_incompat & ~READABLE) != 0) {
		g_autofree char *names = name_features(primary.s_feature_incompat & ~READABLE);

		return iv_fail(error, IV_ERROR_UNSUPPORTED,
			       "the ext file system uses features that imgvet does not read: %s\n"
			       "try --reader guest, whose kernel may know them",
			       names);
	}
	ext->fs = open_best(ext, &primary, reason);
	if (ext->fs == NULL)
		return iv_fail(error, IV_ERROR_CORRUPT,
			       "the ext superblock is damaged (%s), and no backup is usable\n"
			       "repair a copy of the image with e2fsck, then scan that",
			       reason != NULL ? reason : "libext2fs refuses it");
	take_sizes(ext);
	iv_ext_check_copies(ext);
	return true;
}

/* --- the journal and the state ---------------------------------------------------------------- */

/* Does the journal inside the file system hold anything?  Its superblock
 * (jbd2) has s_start at byte 28: 0 means empty. */
static bool journal_in_use(IvExt *ext)
{
	g_autoptr(IvItem) item = iv_item_new(IV_ITEM_META, NULL);
	g_autofree uint8_t *full = g_malloc0(EXT2_INODE_SIZE(ext->fs->super));
	uint8_t head[32];
	IvExtInode inode;
	IvCursor c;
	uint32_t magic;

	if (iv_ext_inode_read(ext, ext->fs->super->s_journal_inum, full, &inode) != NULL)
		return true;
	/* Damage behind its first block does not matter here. */
	iv_ignore(iv_ext_map(ext, &inode, ext->block_size, IV_EXT_NODE, item) == NULL);
	if (item->extents == NULL || !iv_item_read(item, 0, head, sizeof(head), NULL))
		return true;
	c = iv_cursor(head, sizeof(head));
	magic = iv_cursor_be32(&c);
	iv_cursor_seek(&c, 28);
	return magic != JOURNAL_MAGIC || iv_cursor_be32(&c) != 0;
}

void iv_ext_check_state(IvExt *ext)
{
	struct ext2_super_block *super = ext->fs->super;
	bool journal = ext2fs_has_feature_journal(super);

	if (journal && super->s_journal_inum == 0)
		iv_ext_note(ext, "the journal is on another device, which was not looked at");
	if (ext2fs_has_feature_journal_needs_recovery(super) ||
	    (journal && super->s_journal_inum != 0 && journal_in_use(ext)))
		iv_ext_unread(ext, NULL, 0,
			      "the journal was not replayed: the file system was not unmounted "
			      "cleanly, and its newest changes may be missing from the file list");
	if (super->s_state & EXT2_ERROR_FS)
		iv_ext_note(ext, "the file system is marked as having errors");
	else if (!journal && !(super->s_state & EXT2_VALID_FS))
		iv_ext_note(ext, "the file system was not unmounted cleanly");
}
