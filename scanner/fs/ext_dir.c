/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ext_dir.c - see ext.h: the entries of a directory
 *
 * Every block of a directory is a list of entries of its own; the blocks of a
 * hash tree's inner nodes look like empty lists.  So a damaged block costs that
 * block alone.
 */
#include "scanner/fs/ext.h"

#include <inttypes.h>
#include <string.h>

#include "scanner/base/cursor.h"
#include "scanner/base/limits.h"
#include "scanner/base/skip.h"

#define ENTRY_HEADER 8u
#define MOST_BLOCKS (UINT64_C(1) << 32) /* no map reaches further */
#define INLINE_PARENT 4u /* bytes before the entries of an inline directory */

typedef struct {
	IvExt *ext;
	const IvExtInode *dir;
	const char *path;
	IvExtBatch batch;
	IvExtBatchFn fn;
	void *user;
	bool stopped;
} Reader;

static int by_inode(const void *a, const void *b)
{
	const IvExtEntry *x = a, *y = b;

	if (x->inode != y->inode)
		return x->inode < y->inode ? -1 : 1;
	return x->name < y->name ? -1 : x->name > y->name;
}

static void flush(Reader *r)
{
	if (r->batch.entries->len > 0 && !r->stopped) {
		g_array_sort(r->batch.entries, by_inode);
		r->stopped = !r->fn(r->user, &r->batch);
	}
	g_array_set_size(r->batch.entries, 0);
	g_byte_array_set_size(r->batch.names, 0);
}

static void add_entry(Reader *r, ext2_ino_t inode, const uint8_t *name, size_t len)
{
	IvExtEntry entry = {.inode = inode, .name = r->batch.names->len, .length = (uint16_t)len};

	/* skip: none, because what only such a name leads to is found as nameless */
	if ((len == 1 && name[0] == '.') || (len == 2 && name[0] == '.' && name[1] == '.'))
		return;
	g_byte_array_append(r->batch.names, name, (guint)len);
	g_array_append_val(r->batch.entries, entry);
	if (r->batch.entries->len >= IV_MAX_EXT_BATCH)
		flush(r);
}

/* With blocks of 64 KiB the length of an entry may not fit into 16 bits. */
static size_t entry_length(uint32_t stored, size_t block)
{
	if (block < 65536)
		return stored;
	if (stored == 0 || stored == 65535)
		return block;
	return (stored & 65532) | (stored & 3) << 16;
}

/* Parse one list of entries.  False: it is damaged from some point on. */
static bool parse_list(Reader *r, const uint8_t *data, size_t size)
{
	IvCursor c = iv_cursor(data, size);

	while (c.pos < size && !r->stopped) {
		size_t start = c.pos, length;
		uint32_t inode = iv_cursor_le32(&c);
		size_t name_len;
		const uint8_t *name;

		length = entry_length(iv_cursor_le16(&c), size);
		name_len = iv_cursor_u8(&c);
		iv_cursor_skip(&c, 1); /* the file's type: the inode knows better */
		name = iv_cursor_take(&c, inode == 0 ? 0 : name_len);
		if (c.bad || length < ENTRY_HEADER || length % 4 != 0 || length > size - start ||
		    c.pos > start + length)
			return false;
		if (inode != 0 && name_len == 0)
			return false;
		if (inode != 0)
			add_entry(r, inode, name, name_len);
		else
			iv_skip(IV_SKIP_UNUSED, 1);
		iv_cursor_seek(&c, start + length);
	}
	return true;
}

/* One block of the directory.  NULL, or what is wrong with it. */
static const char *read_block(Reader *r, uint64_t number, uint8_t *block)
{
	IvExt *ext = r->ext;
	const char *damage = NULL;

	if (!iv_ext_io_block(ext, number, block))
		return "a block of the directory cannot be read: names are missing";
	if (!ext2fs_dir_block_csum_verify(ext->fs, r->dir->number, (void *)block))
		damage = "a block of the directory has a wrong checksum: names may be wrong";
	if (!parse_list(r, block, ext->block_size))
		damage = "a block of the directory is damaged: names are missing";
	return damage;
}

/* Do its blocks fill its size, and no more?  A kernel stops at the size, e2fsck goes by
 * the blocks; so all of them are read. */
static const char *check_size(const IvExtInode *dir, const IvItem *item)
{
	uint64_t stored = 0, end = 0;

	for (guint i = 0; item->extents != NULL && i < item->extents->len; i++) {
		const IvExtent *run = &g_array_index(item->extents, IvExtent, i);

		end = run->logical + run->length;
		stored += MIN(end, dir->size) - MIN(run->logical, dir->size);
	}
	if (stored < dir->size)
		return "the directory has a hole: names may be missing";
	return end > dir->size ? "the directory goes on behind its end: whose names count is open"
			       : NULL;
}

static void read_blocks(Reader *r)
{
	IvExt *ext = r->ext;
	g_autoptr(IvItem) item = iv_item_new(IV_ITEM_META, NULL);
	g_autofree uint8_t *block = g_malloc(ext->block_size);
	const char *damage = iv_ext_map(ext, r->dir, MOST_BLOCKS * ext->block_size, IV_EXT_NODE,
					item);

	if (damage == NULL)
		damage = check_size(r->dir, item);
	if (damage != NULL)
		iv_ext_unread(ext, r->path, 0, damage);
	for (guint i = 0; item->extents != NULL && i < item->extents->len; i++) {
		const IvExtent *run = &g_array_index(item->extents, IvExtent, i);
		uint64_t number = run->physical / ext->block_size;

		for (uint64_t n = run->length / ext->block_size; n > 0 && !r->stopped; n--) {
			damage = read_block(r, number++, block);
			if (damage != NULL)
				iv_ext_unread(ext, r->path, ext->block_size, damage);
		}
	}
}

/* Entries in the inode itself: two lists, behind the parent's number and in the
 * attribute. */
static void read_inline(Reader *r)
{
	bool damaged;
	g_autoptr(GByteArray) data = iv_ext_inline_data(r->dir, &damaged);
	size_t first = sizeof(r->dir->inode.i_block);

	if (!parse_list(r, data->data + INLINE_PARENT, first - INLINE_PARENT))
		damaged = true;
	if (data->len > first && !parse_list(r, data->data + first, data->len - first))
		damaged = true;
	if (damaged || data->len < r->dir->size)
		iv_ext_unread(r->ext, r->path, 0,
			      "the directory in its inode is damaged: names may be missing");
}

void iv_ext_directory(IvExt *ext, const IvExtInode *dir, const char *path, IvExtBatchFn fn,
		      void *user)
{
	Reader r = {.ext = ext, .dir = dir, .path = path, .fn = fn, .user = user};

	r.batch.entries = g_array_new(FALSE, FALSE, sizeof(IvExtEntry));
	r.batch.names = g_byte_array_new();
	if (dir->inode.i_flags & EXT4_INLINE_DATA_FL)
		read_inline(&r);
	else
		read_blocks(&r);
	flush(&r);
	g_array_unref(r.batch.entries);
	g_byte_array_unref(r.batch.names);
}
