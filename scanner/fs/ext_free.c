/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ext_free.c - see ext.h: what no file owns
 *
 * Free blocks hold what was deleted; the journal and the directories hold old
 * versions of what still lives.  Both are emitted as runs, each searched on its
 * own: between two runs of an item lies a hole that is too wide to bridge.
 */
#include "scanner/fs/ext.h"

#include <inttypes.h>
#include <string.h>

#include "scanner/base/limits.h"
#include "scanner/base/skip.h"

/* --- the file system's own tables ------------------------------------------------- */

static void mark(IvExt *ext, uint64_t block, uint64_t count)
{
	if (block < ext->blocks)
		/* A full set forgets: then tables are called free space, and searched. */
		iv_ignore(iv_ext_set_add(ext->fixed, block, MIN(count, ext->blocks - block), NULL));
}

void iv_ext_mark_fixed(IvExt *ext)
{
	ext2_filsys fs = ext->fs;
	uint64_t old_blocks = fs->desc_blocks;

	if (ext2fs_has_feature_meta_bg(fs->super))
		old_blocks = MIN(old_blocks, fs->super->s_first_meta_bg);
	old_blocks += fs->super->s_reserved_gdt_blocks;
	for (dgrp_t g = 0; g < fs->group_desc_count; g++) {
		blk64_t super, old_desc, new_desc;

		ext2fs_super_and_bgd_loc2(fs, g, &super, &old_desc, &new_desc, NULL);
		if (super != 0 || g == 0)
			mark(ext, super, 1);
		if (old_desc != 0)
			mark(ext, old_desc, old_blocks);
		if (new_desc != 0)
			mark(ext, new_desc, 1);
		mark(ext, ext2fs_block_bitmap_loc(fs, g), 1);
		mark(ext, ext2fs_inode_bitmap_loc(fs, g), 1);
		mark(ext, ext2fs_inode_table_loc(fs, g), fs->inode_blocks_per_group);
	}
}

/* A group whose bitmap was never written has nothing in it but its tables. */
static bool uninit(IvExt *ext, dgrp_t group, uint16_t flag)
{
	return ext2fs_has_group_desc_csum(ext->fs) &&
	       ext2fs_bg_flags_test(ext->fs, group, flag) &&
	       ext2fs_group_desc_csum_verify(ext->fs, group);
}

bool iv_ext_inode_bitmap(IvExt *ext, dgrp_t group, uint64_t *words)
{
	int bytes = (int)(ext->fs->super->s_inodes_per_group / 8);

	if (uninit(ext, group, EXT2_BG_INODE_UNINIT)) {
		memset(words, 0, ext->block_size);
		return true;
	}
	return iv_ext_io_block(ext, ext2fs_inode_bitmap_loc(ext->fs, group), words) &&
	       ext2fs_inode_bitmap_csum_verify(ext->fs, group, (char *)words, bytes);
}

static bool block_bitmap(IvExt *ext, dgrp_t group, uint64_t *words)
{
	uint32_t clusters = ext->fs->super->s_blocks_per_group >> ext->fs->cluster_ratio_bits;

	if (uninit(ext, group, EXT2_BG_BLOCK_UNINIT)) {
		memset(words, 0, ext->block_size);
		return true;
	}
	return iv_ext_io_block(ext, ext2fs_block_bitmap_loc(ext->fs, group), words) &&
	       ext2fs_block_bitmap_csum_verify(ext->fs, group, (char *)words, (int)clusters / 8);
}

/* --- runs into items ----------------------------------------------------------------- */

typedef struct {
	IvExt *ext;
	IvItem *items[2]; /* being filled: free, metadata */
	bool is_free;	  /* the run that is being joined */
	uint64_t start, end; /* bytes of the volume; empty when equal */
} Emitter;

static bool emit_item(Emitter *e, bool is_free)
{
	IvItem **slot = &e->items[is_free ? 0 : 1];
	g_autoptr(IvItem) item = g_steal_pointer(slot);

	return item == NULL || iv_ext_emit(e->ext, item);
}

static bool flush_run(Emitter *e)
{
	IvItem **slot = &e->items[e->is_free ? 0 : 1];
	uint64_t length = e->end - e->start, logical;
	IvItem *item;

	if (length == 0)
		return true;
	if (*slot == NULL) {
		*slot = iv_item_new(e->is_free ? IV_ITEM_FREE : IV_ITEM_META, NULL);
		(*slot)->source = iv_source_ref(e->ext->volume);
	}
	item = *slot;
	logical = item->size == 0 ? 0 : item->size + IV_HOLE_SKIP;
	/* Never refused: runs come in order. */
	iv_ignore(iv_item_add_extent(item, logical, e->start, length));
	item->size = logical + length;
	e->start = e->end;
	return item->extents->len < IV_MAX_EXT_ITEM_RUNS || emit_item(e, e->is_free);
}

/* The next bytes of the volume, in order. */
static bool add_run(Emitter *e, uint64_t start, uint64_t end, bool is_free)
{
	if (start == e->end && is_free == e->is_free) {
		e->end = end;
		return true;
	}
	if (!flush_run(e))
		return false;
	e->start = start;
	e->end = end;
	e->is_free = is_free;
	return true;
}

/* --- one group after another ------------------------------------------------------------ */

/* A group that starts at block `base`; bitmap: NULL when it is damaged. */
typedef struct {
	uint64_t base, limit;
	const uint64_t *bitmap;
} Group;

/* With bigalloc a file uses a cluster, and perhaps only its first blocks: what it does not
 * use there is old data, as behind its end.  *end is cut at the cluster's. */
static bool rest_of_cluster(const IvExt *ext, const Group *g, uint64_t block, uint64_t *end)
{
	unsigned ratio = (unsigned)ext->fs->cluster_ratio_bits;
	uint64_t start = g->base + ((block - g->base) >> ratio << ratio), blocks = UINT64_C(1) << ratio;

	if (ratio == 0)
		return false;
	*end = MIN(*end, start + blocks);
	return iv_ext_set_count(ext->owned, start, MIN(blocks, g->limit - start)) > 0 &&
	       iv_ext_set_count(ext->nodes, block, *end - block) == 0;
}

/* Is a block free that no file owns?  *end: up to where that holds. */
static bool is_free(const IvExt *ext, const Group *g, uint64_t block, uint64_t *end)
{
	unsigned ratio = (unsigned)ext->fs->cluster_ratio_bits;
	uint64_t bits_end;
	bool used = true, stale;

	if (iv_ext_set_run(ext->fixed, block, *end, end))
		return false;
	stale = iv_ext_set_run(ext->stale, block, *end, end);
	if (g->bitmap != NULL) {
		used = iv_ext_bits_run(g->bitmap, (block - g->base) >> ratio,
				       ((g->limit - g->base - 1) >> ratio) + 1, &bits_end);
		*end = MIN(*end, g->base + (bits_end << ratio));
	}
	return !used || stale || rest_of_cluster(ext, g, block, end);
}

/* Sort the blocks of a group. */
static bool emit_group(Emitter *e, const Group *g)
{
	IvExt *ext = e->ext;
	uint64_t block = g->base, end;

	for (; block < g->limit; block = end) {
		bool is_owned = iv_ext_set_run(ext->owned, block, g->limit, &end), free;

		if (is_owned) {
			iv_skip(IV_SKIP_OWNED, 1);
			continue;
		}
		free = is_free(ext, g, block, &end);
		if (!add_run(e, block * ext->block_size, end * ext->block_size, free))
			return false;
	}
	return true;
}

static bool emit_groups(Emitter *e)
{
	IvExt *ext = e->ext;
	struct ext2_super_block *super = ext->fs->super;
	g_autofree uint64_t *bitmap = g_malloc(ext->block_size);
	uint64_t bad = 0;

	for (dgrp_t g = 0; g < ext->fs->group_desc_count; g++) {
		uint64_t base = super->s_first_data_block + (uint64_t)g * super->s_blocks_per_group;
		Group group = {base, MIN(base + super->s_blocks_per_group, ext->blocks), bitmap};

		if (group.base >= group.limit)
			break;
		if (!block_bitmap(ext, g, bitmap)) {
			group.bitmap = NULL;
			bad++;
		}
		if (!emit_group(e, &group))
			return false;
	}
	if (bad > 0)
		iv_ext_note(ext,
			    "%" PRIu64 " block bitmaps are damaged: free space there was searched "
			    "as metadata",
			    bad);
	return true;
}

bool iv_ext_rest(IvExt *ext)
{
	uint64_t first = MIN((uint64_t)ext->fs->super->s_first_data_block, ext->blocks);
	Emitter e = {.ext = ext};
	bool ok;

	ok = (first == 0 || add_run(&e, 0, first * ext->block_size, false)) && emit_groups(&e) &&
	     add_run(&e, ext->blocks * ext->block_size, ext->volume->size, false) &&
	     flush_run(&e) && emit_item(&e, true) && emit_item(&e, false);
	iv_item_unref(e.items[0]);
	iv_item_unref(e.items[1]);
	return ok;
}
