/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ext_copies.c - see ext.h: do the copies of superblock and descriptors say the same?
 *
 * `mount -o sb=N` and e2fsck -b read a copy of the superblock, and the group descriptors that
 * follow it instead of the first ones.  Copies that lead to other tables of inodes are another
 * file system in the same blocks, and so are those that cut the same tables in another way.
 * Layout: Linux Documentation/filesystems/ext4/blockgroup.rst, super.rst and group_descr.rst
 * (bg_inode_table_lo at 8, bg_inode_table_hi at 0x28).
 */
#include "scanner/fs/ext.h"

#include <string.h>

#include "scanner/base/cursor.h"

/* The superblock at the start of this block is this group's copy, so that a kernel takes it. */
static bool is_copy(const uint8_t *block, size_t size, uint32_t group)
{
	IvCursor c = iv_cursor(block, size);

	iv_cursor_seek(&c, 0x38);
	if (iv_cursor_le16(&c) != EXT2_SUPER_MAGIC)
		return false;
	iv_cursor_seek(&c, 0x5a);
	return iv_cursor_le16(&c) == (group & 0xffff);
}

/* Where which inode is, by the superblock.  Not what a kernel changes in the first one alone
 * (counters, times, most features). */
static const struct {
	size_t at, size;
	uint8_t mask; /* of the first byte */
} layout[] = {
	{0x00, 4, 0xff},  /* s_inodes_count */
	{0x04, 4, 0xff},  /* s_blocks_count_lo */
	{0x14, 4, 0xff},  /* s_first_data_block */
	{0x18, 4, 0xff},  /* s_log_block_size */
	{0x1c, 4, 0xff},  /* s_log_cluster_size */
	{0x20, 4, 0xff},  /* s_blocks_per_group */
	{0x24, 4, 0xff},  /* s_clusters_per_group */
	{0x28, 4, 0xff},  /* s_inodes_per_group */
	{0x4c, 4, 0xff},  /* s_rev_level */
	{0x58, 2, 0xff},  /* s_inode_size */
	{0x60, 1, 0x90},  /* s_feature_incompat: META_BG, 64BIT */
	{0xfe, 2, 0xff},  /* s_desc_size */
	{0x104, 4, 0xff}, /* s_first_meta_bg */
	{0x150, 4, 0xff}, /* s_blocks_count_hi */
};

#define SUPER_BYTES 1024u

static bool same_layout(const uint8_t *a, const uint8_t *b)
{
	for (size_t i = 0; i < G_N_ELEMENTS(layout); i++) {
		size_t at = layout[i].at;

		if (((a[at] ^ b[at]) & layout[i].mask) != 0 ||
		    memcmp(a + at + 1, b + at + 1, layout[i].size - 1) != 0)
			return false;
	}
	return true;
}

/* The first one, at byte 1024. */
static bool read_first(IvExt *ext, uint8_t *block, uint8_t first[SUPER_BYTES])
{
	if (!iv_ext_io_block(ext, SUPER_BYTES / ext->block_size, block))
		return false;
	memcpy(first, block + SUPER_BYTES % ext->block_size, SUPER_BYTES);
	return true;
}

static uint64_t inode_table(const uint8_t *descriptor, size_t size)
{
	IvCursor c = iv_cursor(descriptor, size);
	uint64_t table;

	iv_cursor_seek(&c, 8);
	table = iv_cursor_le32(&c);
	iv_cursor_seek(&c, 0x28);
	return size < 64 ? table : table | (uint64_t)iv_cursor_le32(&c) << 32;
}

/* One block of descriptors, the first of which is that of group `first`. */
static bool same_tables(IvExt *ext, const uint8_t *block, uint32_t first)
{
	size_t size = EXT2_DESC_SIZE(ext->fs->super);
	uint32_t groups = ext->fs->group_desc_count;

	for (size_t at = 0; at + size <= ext->block_size && first < groups; at += size, first++)
		if (inode_table(block + at, size) != ext2fs_inode_table_loc(ext->fs, first))
			return false;
	return true;
}

/* The copy in one group.  Behind the first meta group (meta_bg) a kernel takes no copies. */
static bool same_copy(IvExt *ext, const uint8_t *first, uint32_t group, uint8_t *block)
{
	ext2_filsys fs = ext->fs;
	uint64_t at = ext2fs_group_first_block2(fs, group);
	uint32_t each = EXT2_DESC_PER_BLOCK(fs->super), blocks = fs->desc_blocks;

	if (ext2fs_has_feature_meta_bg(fs->super))
		blocks = MIN(blocks, fs->super->s_first_meta_bg);
	/* skip: none, because what no kernel takes for a copy is searched as it lies */
	if (at >= ext->blocks || !iv_ext_io_block(ext, at, block) ||
	    !is_copy(block, ext->block_size, group))
		return true;
	if (!same_layout(first, block))
		return false;
	for (uint32_t i = 0; i < blocks; i++)
		if (!iv_ext_io_block(ext, at + 1 + i, block) || !same_tables(ext, block, i * each))
			return false;
	return true;
}

void iv_ext_check_copies(IvExt *ext)
{
	g_autofree uint8_t *block = g_malloc(ext->block_size);
	uint8_t first[SUPER_BYTES];
	bool same = read_first(ext, block, first);

	for (uint32_t g = 1; same && g < ext->fs->group_desc_count; g++)
		same = !ext2fs_bg_has_super(ext->fs, g) || same_copy(ext, first, g, block);
	if (!same)
		iv_ext_unread(ext, NULL, 0,
			      "a copy of the superblock or of the group descriptors leads to "
			      "other inodes: mount -o sb= shows other files");
}
