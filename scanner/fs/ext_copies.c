/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ext_copies.c - see ext.h: do the copies of superblock and descriptors say the same?
 *
 * `mount -o sb=N` and e2fsck -b read a copy of the superblock, and the group descriptors that
 * follow it instead of the first ones.  Copies that lead to other tables of inodes are another
 * file system in the same blocks.  Layout: Linux Documentation/filesystems/ext4/blockgroup.rst
 * and group_descr.rst (bg_inode_table_lo at 8, bg_inode_table_hi at 0x28).
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
static bool same_copy(IvExt *ext, uint32_t group, uint8_t *block)
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
	for (uint32_t i = 0; i < blocks; i++)
		if (!iv_ext_io_block(ext, at + 1 + i, block) || !same_tables(ext, block, i * each))
			return false;
	return true;
}

void iv_ext_check_copies(IvExt *ext)
{
	g_autofree uint8_t *block = g_malloc(ext->block_size);
	bool same = true;

	for (uint32_t g = 1; same && g < ext->fs->group_desc_count; g++)
		same = !ext2fs_bg_has_super(ext->fs, g) || same_copy(ext, g, block);
	if (!same)
		iv_ext_unread(ext, NULL, 0,
			      "a copy of the group descriptors leads to other tables of inodes: "
			      "mount -o sb= shows other files");
}
