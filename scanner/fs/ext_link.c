/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ext_link.c - see ext.h: content that is reached by more than one name */
#include <string.h>

#include "scanner/base/limits.h"
#include "scanner/fs/ext.h"

typedef struct {
	IvItem *first;
	unsigned names; /* yet to come */
	size_t cost;
} Link;

static void link_free(void *data)
{
	Link *link = data;

	iv_item_unref(link->first);
	g_free(link);
}

GHashTable *iv_ext_links_new(void)
{
	return g_hash_table_new_full(NULL, NULL, NULL, link_free);
}

void iv_ext_link_add(IvExt *ext, ext2_ino_t inode, IvItem *item, unsigned names)
{
	size_t cost = sizeof(Link) + sizeof(IvItem) + 128 + strlen(item->path);
	Link *link;

	if (item->extents != NULL)
		cost += item->extents->len * sizeof(IvExtent);
	if (item->bytes != NULL)
		cost += g_bytes_get_size(item->bytes);
	if (ext->link_bytes + cost > IV_MAX_EXT_LINK_BYTES)
		return;
	ext->link_bytes += cost;
	link = g_new(Link, 1);
	*link = (Link){.first = iv_item_ref(item), .names = names, .cost = cost};
	g_hash_table_insert(ext->links, GUINT_TO_POINTER(inode), link);
}

bool iv_ext_link_emit(IvExt *ext, ext2_ino_t inode, const char *path, const char *detail)
{
	Link *link = g_hash_table_lookup(ext->links, GUINT_TO_POINTER(inode));
	g_autoptr(IvItem) item = NULL;
	IvItem *first;

	/* An attribute's value is no file, although it lies in an inode like one. */
	if (link == NULL || (link->first->kind == IV_ITEM_XATTR) != (detail != NULL))
		return false;
	first = link->first;
	item = iv_item_new(first->kind, path);
	item->detail = g_strdup(detail);
	item->link_of = g_strdup(first->path);
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
	if (--link->names == 0) {
		ext->link_bytes -= link->cost;
		g_hash_table_remove(ext->links, GUINT_TO_POINTER(inode));
	}
	iv_ext_emit(ext, item);
	return true;
}
