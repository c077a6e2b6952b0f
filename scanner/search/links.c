/* SPDX-License-Identifier: GPL-3.0-or-later */
/* links.c - see links.h */
#include "scanner/search/links.h"

#include "scanner/base/limits.h"
#include "scanner/base/skip.h"

struct IvLinks {
	GPtrArray *names;	/* IvItem *: further names */
	GHashTable *attributes; /* path -> GPtrArray of IvItem *: what those names share */
	guint n_attributes;
};

static GPtrArray *item_list(void)
{
	return g_ptr_array_new_with_free_func((GDestroyNotify)iv_item_unref);
}

IvLinks *iv_links_new(void)
{
	IvLinks *links = g_new0(IvLinks, 1);

	links->names = item_list();
	links->attributes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
						  (GDestroyNotify)g_ptr_array_unref);
	return links;
}

void iv_links_free(IvLinks *links)
{
	if (links == NULL)
		return;
	g_ptr_array_unref(links->names);
	g_hash_table_unref(links->attributes);
	g_free(links);
}

/* An attribute belongs to a file under all its names, and the others come later.
 * Labels and access lists hold no secrets and are too many to keep. */
static void keep_attribute(IvLinks *links, IvItem *item)
{
	GPtrArray *list;

	if (g_str_has_prefix(item->detail, "security.") ||
	    g_str_has_prefix(item->detail, "system.") ||
	    links->n_attributes >= IV_MAX_KEPT_ATTRIBUTES) {
		iv_skip(IV_SKIP_LINK_ATTRIBUTE, 1);
		return;
	}
	list = g_hash_table_lookup(links->attributes, item->path);
	if (list == NULL) {
		list = item_list();
		g_hash_table_insert(links->attributes, g_strdup(item->path), list);
	}
	g_ptr_array_add(list, iv_item_ref(item));
	links->n_attributes++;
}

bool iv_links_keep(IvLinks *links, IvItem *item)
{
	if (item->link_of != NULL) {
		g_ptr_array_add(links->names, iv_item_ref(item));
		return true;
	}
	if (item->kind == IV_ITEM_XATTR && item->path != NULL)
		keep_attribute(links, item);
	return false;
}

/* The same attribute under another name of its file. */
static IvItem *attribute_under(const IvItem *of, const char *path)
{
	IvItem *item = iv_item_new(IV_ITEM_XATTR, path);

	item->detail = g_strdup(of->detail);
	item->size = of->size;
	item->bytes = of->bytes != NULL ? g_bytes_ref(of->bytes) : NULL;
	item->source = of->source != NULL ? iv_source_ref(of->source) : NULL;
	item->extents = of->extents != NULL ? g_array_ref(of->extents) : NULL;
	item->detached = of->detached;
	return item;
}

static bool search_attributes(IvLinks *links, const IvItem *name, IvSearch *search,
			      IvPlace *place, GError **error)
{
	GPtrArray *list = g_hash_table_lookup(links->attributes, name->link_of);

	for (guint i = 0; list != NULL && i < list->len; i++) {
		g_autoptr(IvItem) item = attribute_under(list->pdata[i], name->path);

		if (!iv_search_add(search, place, item, error))
			return false;
	}
	return true;
}

bool iv_links_search(IvLinks *links, IvSearch *search, IvPlace *place, GError **error)
{
	iv_search_drain(search);
	for (guint i = 0; i < links->names->len; i++) {
		IvItem *name = links->names->pdata[i];
		bool again = iv_place_has_found(place, name->link_of);

		if (again && name->kind != IV_ITEM_XATTR &&
		    !search_attributes(links, name, search, place, error))
			return false;
		if (!again && !iv_search_path_applies(search, name->path)) {
			iv_skip(IV_SKIP_LINK_SAME_BYTES, 1);
			continue;
		}
		if (!iv_search_add(search, place, name, error))
			return false;
	}
	return true;
}
