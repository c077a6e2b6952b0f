/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ext_inode.c - see ext.h: inodes, and the blocks that an inode maps */
#include "scanner/fs/ext.h"

#include <string.h>

#include "scanner/base/cursor.h"
#include "scanner/base/skip.h"

#define EXTENT_MAGIC 0xf30au
#define EXTENT_ENTRY 12u      /* bytes of the header and of each entry */
#define EXTENT_MAX_DEPTH 5u   /* 2^32 blocks need no more (kernel: EXT4_MAX_EXTENT_DEPTH) */
#define EXTENT_INIT_MAX 32768u /* a longer one is unwritten and this much shorter */
#define DIRECT_BLOCKS 12u
#define INDIRECT_LEVELS 3u

static const char damage_checksum[] = "a block of its extent tree has a wrong checksum";
static const char damage_tree[] = "a block of its extent tree is damaged or cannot be read";
static const char damage_start[] = "a block of its extent tree does not begin where it should";
static const char damage_map[] = "an indirect block cannot be read";
static const char damage_outside[] = "an extent points outside the file system";
static const char damage_cut[] = "a part of it lies behind the end of the volume";
static const char damage_order[] = "its extents overlap one another";
static const char damage_twice[] = "its blocks belong to another file as well";
static const char damage_meta[] = "an extent points into the file system's own tables";

const char *iv_ext_inode_read(IvExt *ext, ext2_ino_t number, uint8_t *full, IvExtInode *inode)
{
	ext2_filsys fs = ext->fs;

	inode->number = number;
	inode->full = full;
	inode->full_size = EXT2_INODE_SIZE(fs->super);
	if (number < 1 || number > fs->super->s_inodes_count)
		return "its inode number is outside the file system";
	if (ext2fs_read_inode2(fs, number, (void *)full, (int)inode->full_size,
			       READ_INODE_NOCSUM) != 0)
		return "its inode cannot be read";
	inode->bad_checksum = !ext2fs_inode_csum_verify(fs, number, (void *)full);
	memcpy(&inode->inode, full, sizeof(inode->inode));
	inode->size = inode->inode.i_size;
	if (!LINUX_S_ISDIR(inode->inode.i_mode) || ext2fs_has_feature_largedir(fs->super))
		inode->size = EXT2_I_SIZE(&inode->inode);
	return NULL;
}

/* --- runs ---------------------------------------------------------------------- */

typedef struct {
	IvExt *ext;
	const IvExtInode *inode;
	IvItem *item;
	IvExtClaim claim;
	uint64_t limit; /* logical blocks that belong to the item */
	uint64_t next;	/* first logical block behind the last run */
	const char *damage;
} Mapper;

static void damaged(Mapper *m, const char *why)
{
	if (m->damage == NULL)
		m->damage = why;
}

/* Is this range of blocks inside the file system?  Cuts it at the volume's end. */
static bool inside(Mapper *m, uint64_t block, uint64_t *count)
{
	struct ext2_super_block *super = m->ext->fs->super;
	uint64_t total = ext2fs_blocks_count(super);

	if (block == 0 || block < super->s_first_data_block || *count > total ||
	    block > total - *count) {
		damaged(m, damage_outside);
		return false;
	}
	if (block + *count <= m->ext->blocks)
		return true;
	damaged(m, damage_cut);
	if (block >= m->ext->blocks)
		return false;
	*count = m->ext->blocks - block;
	return true;
}

/* A block that only one inode may use, as a directory or as a part of a map.
 * This bounds the whole walk: no block is parsed twice. */
static bool claim_node(Mapper *m, uint64_t block, uint64_t count)
{
	if (iv_ext_set_count(m->ext->nodes, block, count) > 0) {
		damaged(m, damage_twice);
		return false;
	}
	if (iv_ext_set_add(m->ext->nodes, block, count, NULL))
		return true;
	damaged(m, "the file system has more scattered metadata than imgvet keeps track of");
	return false;
}

/* Content is searched under the first file that claims it.  Damage may let any
 * number of files claim the same blocks: then it is searched again only as long
 * as that does not double the work. */
static bool claim_content(Mapper *m, uint64_t block, uint64_t count)
{
	IvExt *ext = m->ext;
	uint64_t again = iv_ext_set_count(ext->owned, block, count);

	if (again > 0 && (!ext->shared_blocks || again > ext->repeat))
		damaged(m, damage_twice);
	if (iv_ext_set_count(ext->fixed, block, count) > 0)
		damaged(m, damage_meta);
	if (again > ext->repeat)
		return false;
	ext->repeat -= again;
	/* A set at its ceiling forgets: those bytes are then searched once more. */
	iv_ignore(iv_ext_set_add(ext->owned, block, count, NULL));
	return true;
}

static void map_run(Mapper *m, uint64_t logical, uint64_t block, uint64_t count, bool written)
{
	uint64_t size = m->ext->block_size;

	if (!inside(m, block, &count))
		return;
	if (!written) {
		iv_skip(IV_SKIP_NOT_CONTENT, 1);
		/* A full set forgets: then old bytes are called free space. */
		iv_ignore(iv_ext_set_add(m->ext->stale, block, count, NULL));
		return;
	}
	if (logical >= m->limit) { /* stays with the metadata, and is searched there */
		iv_skip(IV_SKIP_NOT_CONTENT, 1);
		return;
	}
	count = MIN(count, m->limit - logical);
	if (logical < m->next) {
		damaged(m, damage_order);
		return;
	}
	if (!(m->claim == IV_EXT_OWN ? claim_content : claim_node)(m, block, count))
		return;
	/* Never refused: m->next keeps the order. */
	iv_ignore(iv_item_add_extent(m->item, logical * size, block * size, count * size));
	m->next = logical + count;
}

/* --- extent trees ----------------------------------------------------------------- */

typedef struct {
	const uint8_t *data;
	size_t size;
	unsigned depth;	  /* 0: a leaf */
	unsigned entries; /* in it */
	unsigned at;	  /* the next to be read */
} Node;

static bool node_open(Node *node, const uint8_t *data, size_t size)
{
	IvCursor c = iv_cursor(data, size);
	unsigned magic = iv_cursor_le16(&c), entries = iv_cursor_le16(&c);
	unsigned max = iv_cursor_le16(&c), depth = iv_cursor_le16(&c);

	*node = (Node){.data = data, .size = size, .depth = depth, .entries = entries};
	return !c.bad && magic == EXTENT_MAGIC && depth <= EXTENT_MAX_DEPTH && entries <= max &&
	       max <= (size - EXTENT_ENTRY) / EXTENT_ENTRY;
}

static void map_leaf_entry(Mapper *m, IvCursor *c)
{
	uint32_t logical = iv_cursor_le32(c);
	uint32_t length = iv_cursor_le16(c);
	uint64_t high = iv_cursor_le16(c), low = iv_cursor_le32(c);
	bool written = length <= EXTENT_INIT_MAX;

	if (!written)
		length -= EXTENT_INIT_MAX;
	if (length == 0)
		damaged(m, damage_tree);
	else
		map_run(m, logical, high << 32 | low, length, written);
}

/* The first logical block of a node; leaves and indexes say it in the same place. */
static uint32_t node_start(const Node *node)
{
	IvCursor c = iv_cursor(node->data, node->size);

	iv_cursor_seek(&c, EXTENT_ENTRY);
	return iv_cursor_le32(&c);
}

/* Read the child that an index entry names into buf. */
static bool map_child(Mapper *m, IvCursor *c, unsigned depth, uint8_t *buf, Node *child)
{
	uint32_t start = iv_cursor_le32(c);
	uint64_t block, high, one = 1;

	block = iv_cursor_le32(c);
	high = iv_cursor_le16(c);
	block |= high << 32;
	if (!inside(m, block, &one) || !claim_node(m, block, 1))
		return false;
	if (!iv_ext_io_block(m->ext, block, buf) ||
	    !node_open(child, buf, m->ext->block_size) || child->depth != depth) {
		damaged(m, damage_tree);
		return false;
	}
	/* The leaves say where their blocks belong; Linux wants both to agree. */
	if (child->entries > 0 && node_start(child) != start)
		damaged(m, damage_start);
	if (!ext2fs_extent_block_csum_verify(m->ext->fs, m->inode->number, (void *)buf))
		damaged(m, damage_checksum);
	return true;
}

static void map_extents(Mapper *m)
{
	g_autofree uint8_t *buffers = NULL;
	Node nodes[EXTENT_MAX_DEPTH + 1];
	unsigned level = 0;
	size_t size = m->ext->block_size;

	if (!node_open(&nodes[0], (const uint8_t *)m->inode->inode.i_block,
		       sizeof(m->inode->inode.i_block))) {
		damaged(m, damage_tree);
		return;
	}
	if (nodes[0].depth > 0)
		buffers = g_malloc(size * nodes[0].depth);
	for (;;) {
		Node *node = &nodes[level];
		IvCursor c = iv_cursor(node->data, node->size);

		if (node->at == node->entries) {
			if (level-- == 0)
				return;
			continue;
		}
		iv_cursor_seek(&c, EXTENT_ENTRY * (1 + (size_t)node->at++));
		if (node->depth == 0)
			map_leaf_entry(m, &c);
		else if (map_child(m, &c, node->depth - 1, buffers + size * level,
				   &nodes[level + 1]))
			level++;
	}
}

/* --- block maps of ext2 and ext3 ------------------------------------------------------ */

typedef struct {
	Mapper *m;
	uint64_t logical, block, count; /* the run that is being joined */
} Joiner;

static void join_flush(Joiner *j)
{
	if (j->count > 0)
		map_run(j->m, j->logical, j->block, j->count, true);
	j->count = 0;
}

static void join_block(Joiner *j, uint64_t logical, uint64_t block)
{
	if (block == 0)
		return;
	if (j->count > 0 && logical == j->logical + j->count && block == j->block + j->count) {
		j->count++;
		return;
	}
	join_flush(j);
	j->logical = logical;
	j->block = block;
	j->count = 1;
}

typedef struct {
	IvCursor pointers;
	uint64_t logical; /* of the next pointer */
	uint64_t span;	  /* logical blocks under one pointer */
} Indirect;

static bool indirect_open(Mapper *m, uint64_t block, uint8_t *buf, uint64_t logical, uint64_t span,
			  Indirect *out)
{
	uint64_t one = 1;

	if (!inside(m, block, &one) || !claim_node(m, block, 1))
		return false;
	if (!iv_ext_io_block(m->ext, block, buf)) {
		damaged(m, damage_map);
		return false;
	}
	*out = (Indirect){.pointers = iv_cursor(buf, m->ext->block_size),
			  .logical = logical,
			  .span = span};
	return true;
}

/* Everything below one pointer of the inode: `levels` levels of indirection. */
static void map_indirect(Joiner *j, uint64_t block, unsigned levels, uint64_t logical,
			 uint8_t *buffers)
{
	Mapper *m = j->m;
	uint64_t size = m->ext->block_size, span = 1;
	Indirect open[INDIRECT_LEVELS];
	unsigned level = 0;

	for (unsigned i = 1; i < levels; i++)
		span *= size / 4;
	if (block == 0 || !indirect_open(m, block, buffers, logical, span, &open[0]))
		return;
	for (;;) {
		Indirect *here = &open[level];
		uint64_t at = here->logical, pointer;

		if (here->pointers.pos == here->pointers.size || at >= m->limit) {
			if (level-- == 0)
				return;
			continue;
		}
		pointer = iv_cursor_le32(&here->pointers);
		here->logical += here->span;
		if (here->span == 1)
			join_block(j, at, pointer);
		else if (pointer != 0 &&
			 indirect_open(m, pointer, buffers + size * (level + 1), at,
				       here->span / (size / 4), &open[level + 1]))
			level++;
	}
}

static void map_blocks(Mapper *m)
{
	g_autofree uint8_t *buffers = NULL;
	const __u32 *map = m->inode->inode.i_block;
	uint64_t logical = DIRECT_BLOCKS, span = 1;
	Joiner j = {.m = m};

	for (unsigned i = 0; i < DIRECT_BLOCKS; i++)
		join_block(&j, i, map[i]);
	if (map[EXT2_IND_BLOCK] != 0 || map[EXT2_DIND_BLOCK] != 0 || map[EXT2_TIND_BLOCK] != 0)
		buffers = g_malloc(m->ext->block_size * INDIRECT_LEVELS);
	for (unsigned i = 1; i <= INDIRECT_LEVELS; i++) {
		map_indirect(&j, map[DIRECT_BLOCKS + i - 1], i, logical, buffers);
		span *= m->ext->block_size / 4;
		logical += span;
	}
	join_flush(&j);
}

const char *iv_ext_map(IvExt *ext, const IvExtInode *inode, uint64_t size, IvExtClaim claim,
		       IvItem *item)
{
	Mapper m = {.ext = ext, .inode = inode, .item = item, .claim = claim};

	m.limit = size / ext->block_size + (size % ext->block_size != 0);
	item->size = size;
	if (item->source == NULL)
		item->source = iv_source_ref(ext->volume);
	if (inode->inode.i_flags & EXT4_EXTENTS_FL)
		map_extents(&m);
	else
		map_blocks(&m);
	if (m.next * ext->block_size > size)
		item->slack = m.next * ext->block_size - size;
	/* No map reaches further than 2^32 blocks: such a size is damage. */
	if (m.limit > (UINT64_C(1) << 32)) {
		damaged(&m, "its size is impossible");
		item->size = m.next * ext->block_size;
		item->slack = 0;
	}
	return m.damage;
}
