/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ext_xattr.c - see ext.h: extended attributes
 *
 * They live behind the inode's fields ("in the inode body"), in one block, or,
 * when large, in an inode of their own.  Facts: "Extended Attributes" in the
 * kernel's ext4 documentation.
 */
#include "scanner/fs/ext.h"

#include <string.h>

#include "scanner/base/cursor.h"
#include "scanner/base/limits.h"

#define XATTR_MAGIC 0xea020000u
#define XATTR_BLOCK_HEADER 32u
#define INDEX_SYSTEM 7u

/* Names are stored without their usual beginnings. */
static const char *const prefixes[] = {
	[1] = "user.",
	[2] = "system.posix_acl_access",
	[3] = "system.posix_acl_default",
	[4] = "trusted.",
	[5] = "lustre.",
	[6] = "security.",
	[INDEX_SYSTEM] = "system.",
	[8] = "system.richacl",
	[9] = "encryption.",
};

typedef struct {
	unsigned index;
	const uint8_t *name;
	size_t name_len;
	uint32_t inode;	      /* that holds the value, or 0 */
	uint32_t size;	      /* of the value */
	const uint8_t *value; /* when inode is 0 */
} Attr;

typedef void (*AttrFn)(void *user, const Attr *attr);

/* Which bytes of a region are values already, and how many all values have together. */
typedef struct {
	size_t sum, lowest; /* lowest: where the first value stands */
	bool overlap;
	uint8_t used[]; /* per byte of the region */
} Values;

/* Values that overlap are damage: e2fsck refuses them, and the kernel makes none.
 * False when they have more bytes than the region: such a list has no end. */
static bool claim(Values *values, const IvCursor *region, const Attr *attr)
{
	size_t at;

	if (attr->value == NULL || attr->size == 0)
		return true;
	at = (size_t)(attr->value - region->data);
	values->sum += attr->size;
	values->lowest = MIN(values->lowest, at);
	values->overlap |= memchr(values->used + at, 1, attr->size) != NULL;
	memset(values->used + at, 1, attr->size);
	return values->sum <= region->size;
}

/* Take an entry; its value is found relative to the region's start. */
static bool take_entry(IvCursor *c, Attr *attr)
{
	IvCursor value = iv_cursor(c->data, c->size);
	size_t offset;

	attr->name_len = iv_cursor_u8(c);
	attr->index = iv_cursor_u8(c);
	offset = iv_cursor_le16(c);
	attr->inode = iv_cursor_le32(c);
	attr->size = iv_cursor_le32(c);
	iv_cursor_skip(c, 4); /* hash */
	attr->name = iv_cursor_take(c, attr->name_len);
	iv_cursor_skip(c, -attr->name_len % 4);
	iv_cursor_seek(&value, offset);
	if (attr->inode == 0)
		attr->value = iv_cursor_take(&value, attr->size);
	return !c->bad && !value.bad;
}

/* Parse entries from `at`.  False when the region is damaged; fn has seen what could be
 * read. */
static bool parse(const uint8_t *region, size_t size, size_t at, AttrFn fn, void *user)
{
	g_autofree Values *values = g_malloc0(sizeof(Values) + size);
	IvCursor c = iv_cursor(region, size);

	values->lowest = size;
	iv_cursor_seek(&c, at);
	for (;;) {
		IvCursor end = c;
		Attr attr = {0};

		if (iv_cursor_le32(&end) == 0)
			return !end.bad && !values->overlap && values->lowest >= end.pos;
		if (!take_entry(&c, &attr) || !claim(values, &c, &attr))
			return false;
		fn(user, &attr);
	}
}

/* The attributes behind the inode's fields. */
static bool parse_body(const IvExtInode *inode, AttrFn fn, void *user)
{
	IvCursor c = iv_cursor(inode->full, inode->full_size);
	size_t extra, at;

	if (inode->full_size <= EXT2_GOOD_OLD_INODE_SIZE)
		return true;
	iv_cursor_seek(&c, EXT2_GOOD_OLD_INODE_SIZE);
	extra = iv_cursor_le16(&c);
	at = EXT2_GOOD_OLD_INODE_SIZE + extra;
	if (extra == 0)
		return true;
	if (extra % 4 != 0 || at > inode->full_size)
		return false;
	if (inode->full_size - at < 8)
		return true;
	iv_cursor_seek(&c, at);
	if (iv_cursor_le32(&c) != XATTR_MAGIC)
		return true;
	at += 4;
	return parse(inode->full + at, inode->full_size - at, 0, fn, user);
}

/* --- inline data ------------------------------------------------------------------- */

typedef struct {
	GByteArray *data;
	bool found;
} Inline;

static void take_inline(void *user, const Attr *attr)
{
	Inline *in = user;

	if (attr->index != INDEX_SYSTEM || attr->name_len != 4 ||
	    memcmp(attr->name, "data", 4) != 0 || attr->value == NULL)
		return;
	g_byte_array_append(in->data, attr->value, attr->size);
	in->found = true;
}

/* Without the attribute, which every writer makes, Linux takes the inode's map for
 * one of blocks, whatever the flag says. */
GByteArray *iv_ext_inline_data(const IvExtInode *inode, bool *damaged)
{
	Inline in = {.data = g_byte_array_new()};

	g_byte_array_append(in.data, (const uint8_t *)inode->inode.i_block,
			    sizeof(inode->inode.i_block));
	*damaged = !parse_body(inode, take_inline, &in) || (!in.found && inode->size > 0);
	return in.data;
}

/* --- emitting ------------------------------------------------------------------------ */

/* An attribute of a block that many inodes share. */
typedef struct {
	IvItem *item;
	uint32_t inode, size; /* of the value, if an inode holds it */
} Shared;

typedef struct {
	IvExt *ext;
	ext2_ino_t inode; /* whose attributes they are */
	const char *path;
	bool inline_data; /* system.data is the file's content, not an attribute */
	uint64_t share;	  /* of its attributes (item.h), or 0 */
	GBytes *block;	  /* shared by many: values are slices of it.  Or NULL */
	uint64_t number;  /* of that block */
	GArray *kept;	  /* Shared: what of it is told again for further inodes */
	bool told;	  /* one of them tells their names for all values in the block */
} Emitter;

static const char too_many[] =
	"shared extended attributes: there are more of them than imgvet keeps track of";

static void shared_clear(void *data)
{
	iv_item_unref(((Shared *)data)->item);
}

GHashTable *iv_ext_attr_blocks_new(void)
{
	return g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)g_array_unref);
}

static char *full_name(const Attr *attr)
{
	g_autofree char *rest = g_strndup((const char *)attr->name, attr->name_len);
	const char *prefix = attr->index < G_N_ELEMENTS(prefixes) ? prefixes[attr->index] : NULL;

	if (attr->index == 0)
		return g_steal_pointer(&rest);
	if (prefix == NULL)
		return g_strdup_printf("index%u.%s", attr->index, rest);
	return g_strconcat(prefix, rest, NULL);
}

static void emit_new(Emitter *e, IvItem *item)
{
	if (item->share != 0 && item->more > 0 && !iv_ext_link_attr(e->ext, e->inode, item))
		iv_ext_unread(e->ext, e->path, 0, too_many);
	iv_ext_emit(e->ext, item);
}

static const char other_size[] =
	"the inode with an extended attribute's value has another size";

/* A value that another inode has as well, or another attribute. */
static const char *again_inode_value(Emitter *e, uint32_t number, uint32_t size, const char *name)
{
	IvExt *ext = e->ext;
	IvItem *first;

	if (!iv_ext_link_emit(ext, number, e->path, name))
		return "an extended attribute's value belongs to another file as well";
	first = iv_ext_link_first(ext, number);
	if (!iv_ext_link_attr(ext, e->inode, first))
		return too_many;
	return first->size == size ? NULL : other_size;
}

/* A value in an inode of its own.  NULL, or what is wrong with it. */
static const char *emit_inode_value(Emitter *e, uint32_t number, uint32_t size, IvItem *item)
{
	IvExt *ext = e->ext;
	g_autofree uint8_t *full = g_malloc0(EXT2_INODE_SIZE(ext->fs->super));
	const char *damage;
	IvExtInode inode;

	if (size > IV_MAX_EXT_XATTR_BYTES)
		return "an extended attribute is longer than can be";
	if (iv_ext_set_has(ext->seen, number))
		return again_inode_value(e, number, size, item->detail);
	if (iv_ext_inode_read(ext, number, full, &inode) != NULL || inode.bad_checksum ||
	    !LINUX_S_ISREG(inode.inode.i_mode) || !(inode.inode.i_flags & EXT4_EA_INODE_FL) ||
	    number < EXT2_FIRST_INO(ext->fs->super))
		return "the inode with an extended attribute's value is damaged";
	if (!iv_ext_set_add(ext->seen, number, 1, NULL))
		return "there are more scattered inodes than imgvet keeps track of";
	damage = iv_ext_map(ext, &inode, size, IV_EXT_OWN, item);
	iv_ext_link_add(ext, number, item, IV_MORE_UNKNOWN);
	emit_new(e, item);
	if (damage == NULL && inode.size != size)
		damage = other_size;
	return damage;
}

/* Number an attribute of a shared block.  All that have their values in it have the
 * same names: one of them is told again for each inode to come, as are those whose
 * values lie elsewhere. */
static void keep_shared(Emitter *e, const Attr *attr, IvItem *item)
{
	size_t cost = sizeof(Shared) + iv_item_cost(item);
	Shared shared = {.item = item, .inode = attr->inode, .size = attr->size};

	if (e->kept == NULL || e->ext->link_bytes + cost > IV_MAX_EXT_LINK_BYTES) {
		g_clear_pointer(&e->kept, g_array_unref);
		return;
	}
	e->ext->link_bytes += cost;
	if (attr->inode == 0) {
		item->share = UINT64_C(1) << 63 | e->number;
		if (e->told || iv_item_is_label(item))
			return;
		e->told = true;
		item->more = IV_MORE_UNKNOWN;
	}
	iv_item_ref(item);
	g_array_append_val(e->kept, shared);
}

/* A small value is copied: a part of the block would keep all of it in memory while the
 * value waits, and be counted as a few bytes. */
static GBytes *value_bytes(const Emitter *e, const Attr *attr)
{
	const uint8_t *start;

	if (e->block == NULL || attr->size < e->ext->block_size / 2)
		return g_bytes_new(attr->value, attr->size);
	start = g_bytes_get_data(e->block, NULL);
	return g_bytes_new_from_bytes(e->block, (gsize)(attr->value - start), attr->size);
}

static void emit_attr(void *user, const Attr *attr)
{
	Emitter *e = user;
	g_autoptr(IvItem) item = NULL;
	const char *damage;

	if (e->ext->stopped || (e->inline_data && attr->index == INDEX_SYSTEM &&
				attr->name_len == 4 && memcmp(attr->name, "data", 4) == 0))
		return;
	item = iv_item_new(IV_ITEM_XATTR, e->path);
	item->detail = full_name(attr);
	item->share = attr->inode == 0 ? e->share : 0;
	item->size = attr->inode == 0 ? attr->size : 0;
	if (attr->inode == 0)
		item->bytes = value_bytes(e, attr);
	if (e->block != NULL)
		keep_shared(e, attr, item);
	if (attr->inode == 0) {
		emit_new(e, item);
		return;
	}
	damage = emit_inode_value(e, attr->inode, attr->size, item);
	if (damage != NULL)
		iv_ext_unread(e->ext, e->path, 0, damage);
}

/* --- blocks of attributes ------------------------------------------------------------------ */

/* A block that another inode had already.  NULL, or what is wrong. */
static const char *emit_again(Emitter *e, const GArray *list)
{
	IvExt *ext = e->ext;

	ext->attr_owners++;
	if (ext->attr_again + list->len >
	    ext->attr_owners * IV_MAX_EXT_ATTR_AGAIN + IV_MAX_EXT_ATTR_SPARE)
		return too_many;
	ext->attr_again += list->len;
	for (guint i = 0; i < list->len && !ext->stopped; i++) {
		const Shared *shared = &g_array_index(list, Shared, i);
		g_autoptr(IvItem) own = NULL;
		const char *damage;

		if (shared->inode == 0) {
			iv_ext_emit_again(ext, shared->item, e->path, shared->item->detail);
			if (!iv_ext_link_attr(ext, e->inode, shared->item))
				return too_many;
			continue;
		}
		own = iv_item_new(IV_ITEM_XATTR, e->path);
		own->detail = g_strdup(shared->item->detail);
		damage = emit_inode_value(e, shared->inode, shared->size, own);
		if (damage != NULL)
			return damage;
	}
	return NULL;
}

/* Parse a block that is met for the first time. */
static const char *parse_block(Emitter *e, const IvExtInode *inode, uint64_t number, uint8_t *block)
{
	IvExt *ext = e->ext;
	IvCursor c = iv_cursor(block, ext->block_size);

	if (iv_cursor_le32(&c) != XATTR_MAGIC)
		return "the block with its extended attributes is damaged";
	if (iv_cursor_le32(&c) > 1) { /* inodes that have it */
		ext->link_bytes += ext->block_size;
		e->block = g_bytes_new(block, ext->block_size);
		e->kept = g_array_new(FALSE, FALSE, sizeof(Shared));
		g_array_set_clear_func(e->kept, shared_clear);
		block = (uint8_t *)g_bytes_get_data(e->block, NULL);
	}
	if (!parse(block, ext->block_size, XATTR_BLOCK_HEADER, emit_attr, e))
		return "the block with its extended attributes is damaged";
	if (!ext2fs_ext_attr_block_csum_verify(ext->fs, inode->number, number, (void *)block))
		return "the block with its extended attributes has a wrong checksum";
	return NULL;
}

/* The block with attributes that do not fit into the inode. */
static const char *block_attrs(Emitter *e, const IvExtInode *inode, uint64_t number)
{
	IvExt *ext = e->ext;
	const GArray *list = g_hash_table_lookup(ext->attr_blocks, GSIZE_TO_POINTER(number));
	g_autofree uint8_t *block = NULL;
	const char *damage;

	if (list != NULL)
		return emit_again(e, list);
	if (number >= ext->blocks)
		return "the block with its extended attributes cannot be read";
	if (iv_ext_set_has(ext->nodes, number))
		return "the block with its extended attributes belongs to another file as well, and "
		       "does not say so";
	if (!iv_ext_set_add(ext->nodes, number, 1, NULL))
		return too_many;
	block = g_malloc(ext->block_size);
	if (!iv_ext_io_block(ext, number, block))
		return "the block with its extended attributes cannot be read";
	e->number = number;
	damage = parse_block(e, inode, number, block);
	if (e->kept != NULL)
		g_hash_table_insert(ext->attr_blocks, GSIZE_TO_POINTER(number), e->kept);
	g_clear_pointer(&e->block, g_bytes_unref);
	return damage;
}

void iv_ext_xattrs(IvExt *ext, const IvExtInode *inode, const char *path)
{
	uint64_t block = ext2fs_file_acl_block(ext->fs, &inode->inode);
	Emitter e = {.ext = ext,
		     .inode = inode->number,
		     .path = path,
		     .inline_data = (inode->inode.i_flags & EXT4_INLINE_DATA_FL) != 0,
		     .share = iv_ext_link_share(ext, inode->number)};
	const char *damage;

	if (!parse_body(inode, emit_attr, &e))
		iv_ext_unread(ext, path, 0, "its extended attributes are damaged");
	if (block == 0)
		return;
	damage = block_attrs(&e, inode, block);
	if (damage != NULL)
		iv_ext_unread(ext, path, 0, damage);
}
