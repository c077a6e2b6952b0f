/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ext.c - the reader for ext2, ext3 and ext4; see ext.h */
#include "scanner/fs/ext.h"

#include "scanner/base/limits.h"
#include "scanner/fs/readers.h"

static void make_sets(IvExt *ext)
{
	/* Inode numbers begin at 1. */
	uint64_t inodes = (uint64_t)ext->fs->super->s_inodes_count + 1;

	ext->owned = iv_ext_set_new(ext->blocks, IV_MAX_EXT_OWNED_BYTES);
	ext->nodes = iv_ext_set_new(ext->blocks, IV_MAX_EXT_NODES_BYTES);
	ext->fixed = iv_ext_set_new(ext->blocks, IV_MAX_EXT_LABEL_BYTES);
	ext->stale = iv_ext_set_new(ext->blocks, IV_MAX_EXT_LABEL_BYTES);
	ext->seen = iv_ext_set_new(inodes, IV_MAX_EXT_SEEN_BYTES);
	ext->links = iv_ext_links_new();
	ext->attr_blocks = iv_ext_attr_blocks_new();
}

static void release(IvExt *ext)
{
	iv_ext_set_free(ext->owned);
	iv_ext_set_free(ext->nodes);
	iv_ext_set_free(ext->fixed);
	iv_ext_set_free(ext->stale);
	iv_ext_set_free(ext->seen);
	g_clear_pointer(&ext->links, g_hash_table_unref);
	g_clear_pointer(&ext->attr_blocks, g_hash_table_unref);
	if (ext->fs != NULL)
		ext2fs_free(ext->fs);
}

static bool walk(IvSource *volume, const IvFsSink *sink, void *user, GError **error)
{
	IvExt ext = {.volume = volume, .sink = sink, .user = user};

	if (!iv_ext_open(&ext, error)) {
		release(&ext);
		return false;
	}
	make_sets(&ext);
	iv_ext_mark_fixed(&ext);
	iv_ext_check_state(&ext);
	if (iv_ext_walk(&ext))
		iv_ext_rest(&ext);
	release(&ext);
	if (ext.stopped)
		g_propagate_error(error, ext.error);
	return !ext.stopped;
}

const IvFsReader iv_fs_ext = {.name = "ext", .kinds = "ext", .probe = iv_ext_probe, .walk = walk};
