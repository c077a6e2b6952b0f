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

/* Parse entries from `at`; values are found relative to the region's start.
 * False when the region is damaged, also when a value begins before the entries
 * end (Linux refuses that too); fn has seen what came before. */
static bool parse(const uint8_t *region, size_t size, size_t at, AttrFn fn, void *user)
{
	IvCursor c = iv_cursor(region, size);
	size_t lowest = size; /* where the first value begins */

	iv_cursor_seek(&c, at);
	for (;;) {
		IvCursor end = c, value = iv_cursor(region, size);
		Attr attr = {0};
		size_t offset;

		if (iv_cursor_le32(&end) == 0)
			return !end.bad && lowest >= end.pos;
		attr.name_len = iv_cursor_u8(&c);
		attr.index = iv_cursor_u8(&c);
		offset = iv_cursor_le16(&c);
		attr.inode = iv_cursor_le32(&c);
		attr.size = iv_cursor_le32(&c);
		iv_cursor_skip(&c, 4); /* hash */
		attr.name = iv_cursor_take(&c, attr.name_len);
		iv_cursor_skip(&c, -attr.name_len % 4);
		iv_cursor_seek(&value, offset);
		if (attr.inode == 0)
			attr.value = iv_cursor_take(&value, attr.size);
		if (attr.inode == 0 && attr.size > 0)
			lowest = MIN(lowest, offset);
		if (c.bad || value.bad)
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

typedef struct {
	IvExt *ext;
	const char *path;
	bool inline_data; /* system.data is the file's content, not an attribute */
} Emitter;

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

/* A value in an inode of its own.  NULL, or what is wrong with it. */
static const char *emit_inode_value(Emitter *e, const Attr *attr, IvItem *item)
{
	IvExt *ext = e->ext;
	g_autofree uint8_t *full = g_malloc0(EXT2_INODE_SIZE(ext->fs->super));
	const char *damage;
	IvExtInode inode;

	if (attr->size > IV_MAX_EXT_XATTR_BYTES)
		return "an extended attribute is longer than can be";
	if (iv_ext_set_has(ext->seen, attr->inode)) {
		if (iv_ext_link_emit(ext, attr->inode, e->path, item->detail))
			return NULL;
		return "an extended attribute's value belongs to another file as well";
	}
	if (iv_ext_inode_read(ext, attr->inode, full, &inode) != NULL || inode.bad_checksum ||
	    !LINUX_S_ISREG(inode.inode.i_mode) || !(inode.inode.i_flags & EXT4_EA_INODE_FL) ||
	    attr->inode < EXT2_FIRST_INO(ext->fs->super))
		return "the inode with an extended attribute's value is damaged";
	if (!iv_ext_set_add(ext->seen, attr->inode, 1, NULL))
		return "there are more scattered inodes than imgvet keeps track of";
	damage = iv_ext_map(ext, &inode, attr->size, IV_EXT_OWN, item);
	iv_ext_link_add(ext, attr->inode, item, G_MAXUINT);
	iv_ext_emit(ext, item);
	if (damage == NULL && inode.size != attr->size)
		damage = "the inode with an extended attribute's value has another size";
	return damage;
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
	if (attr->inode != 0) {
		damage = emit_inode_value(e, attr, item);
		if (damage != NULL)
			iv_ext_unread(e->ext, e->path, 0, damage);
		return;
	}
	item->size = attr->size;
	item->bytes = g_bytes_new(attr->value, attr->size);
	iv_ext_emit(e->ext, item);
}

/* The block with attributes that do not fit into the inode. */
static const char *block_attrs(Emitter *e, const IvExtInode *inode, uint64_t number)
{
	IvExt *ext = e->ext;
	g_autofree uint8_t *block = g_malloc(ext->block_size);
	IvCursor c = iv_cursor(block, ext->block_size);

	if (!iv_ext_io_block(ext, number, block))
		return "the block with its extended attributes cannot be read";
	if (iv_cursor_le32(&c) != XATTR_MAGIC)
		return "the block with its extended attributes is damaged";
	if (!parse(block, ext->block_size, XATTR_BLOCK_HEADER, emit_attr, e))
		return "the block with its extended attributes is damaged";
	if (!ext2fs_ext_attr_block_csum_verify(ext->fs, inode->number, number, (void *)block))
		return "the block with its extended attributes has a wrong checksum";
	return NULL;
}

void iv_ext_xattrs(IvExt *ext, const IvExtInode *inode, const char *path)
{
	uint64_t block = ext2fs_file_acl_block(ext->fs, &inode->inode);
	Emitter e = {.ext = ext,
		     .path = path,
		     .inline_data = (inode->inode.i_flags & EXT4_INLINE_DATA_FL) != 0};
	const char *damage;

	if (!parse_body(inode, emit_attr, &e))
		iv_ext_unread(ext, path, 0, "its extended attributes are damaged");
	if (block == 0)
		return;
	damage = block_attrs(&e, inode, block);
	if (damage != NULL)
		iv_ext_unread(ext, path, 0, damage);
}
