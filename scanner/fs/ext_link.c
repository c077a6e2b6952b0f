/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ext_link.c - see ext.h: content that is reached by more than one name */
#include "scanner/base/limits.h"
#include "scanner/fs/ext.h"

typedef struct {
	IvItem *first;
	GPtrArray *attrs; /* IvItem *: attributes with a number of their own; or NULL */
	unsigned names; /* yet to come */
	size_t cost;
} Link;

static void link_free(void *data)
{
	Link *link = data;

	iv_item_unref(link->first);
	if (link->attrs != NULL)
		g_ptr_array_unref(link->attrs);
	g_free(link);
}

GHashTable *iv_ext_links_new(void)
{
	return g_hash_table_new_full(NULL, NULL, NULL, link_free);
}

void iv_ext_link_add(IvExt *ext, ext2_ino_t inode, IvItem *item, unsigned names)
{
	size_t cost = sizeof(Link) + 64 + iv_item_cost(item);
	Link *link;

	if (ext->link_bytes + cost > IV_MAX_EXT_LINK_BYTES)
		return;
	ext->link_bytes += cost;
	link = g_new0(Link, 1);
	*link = (Link){.first = iv_item_ref(item), .names = names, .cost = cost};
	item->share = inode;
	item->more = names;
	g_hash_table_insert(ext->links, GUINT_TO_POINTER(inode), link);
}

static Link *find(IvExt *ext, ext2_ino_t inode)
{
	return g_hash_table_lookup(ext->links, GUINT_TO_POINTER(inode));
}

uint64_t iv_ext_link_share(IvExt *ext, ext2_ino_t inode)
{
	return find(ext, inode) != NULL ? inode : 0;
}

IvItem *iv_ext_link_first(IvExt *ext, ext2_ino_t inode)
{
	return find(ext, inode)->first;
}

bool iv_ext_link_attr(IvExt *ext, ext2_ino_t inode, IvItem *item)
{
	Link *link = find(ext, inode);
	size_t cost = iv_item_cost(item) + sizeof(void *);

	if (link == NULL)
		return true;
	if (ext->link_bytes + cost > IV_MAX_EXT_LINK_BYTES)
		return false;
	ext->link_bytes += cost;
	link->cost += cost;
	if (link->attrs == NULL)
		link->attrs = g_ptr_array_new_with_free_func((GDestroyNotify)iv_item_unref);
	g_ptr_array_add(link->attrs, iv_item_ref(item));
	return true;
}

void iv_ext_emit_again(IvExt *ext, const IvItem *first, const char *path, const char *detail)
{
	g_autoptr(IvItem) item = iv_item_new(first->kind, path);

	item->detail = g_strdup(detail);
	item->link_of = g_strdup(first->path);
	item->share = first->share;
	item->size = first->size;
	item->slack = first->slack;
	item->mode = first->mode;
	item->uid = first->uid;
	item->gid = first->gid;
	if (first->source != NULL)
		item->source = iv_source_ref(first->source);
	if (first->extents != NULL)
		item->extents = g_array_ref(first->extents);
	if (first->bytes != NULL)
		item->bytes = g_bytes_ref(first->bytes);
	iv_ext_emit(ext, item);
}

bool iv_ext_link_emit(IvExt *ext, ext2_ino_t inode, const char *path, const char *detail)
{
	Link *link = find(ext, inode);

	/* An attribute's value is no file, although it lies in an inode like one. */
	if (link == NULL || (link->first->kind == IV_ITEM_XATTR) != (detail != NULL))
		return false;
	iv_ext_emit_again(ext, link->first, path, detail);
	for (guint i = 0; link->attrs != NULL && i < link->attrs->len && !ext->stopped; i++) {
		const IvItem *attr = link->attrs->pdata[i];

		iv_ext_emit_again(ext, attr, path, attr->detail);
	}
	if (link->names != IV_MORE_UNKNOWN && --link->names == 0) {
		ext->link_bytes -= link->cost;
		g_hash_table_remove(ext->links, GUINT_TO_POINTER(inode));
	}
	return true;
}
