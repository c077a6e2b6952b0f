/* SPDX-License-Identifier: GPL-3.0-or-later */
/* links.c - see links.h */
#include "scanner/search/links.h"

#include <string.h>

#include "scanner/base/limits.h"
#include "scanner/base/skip.h"
#include "scanner/base/text.h"

/* Items of the same bytes, and their names. */
typedef struct {
	uint64_t share;
	GPtrArray *items;   /* IvItem *: the content, then attributes of the same names */
	GPtrArray *paths;   /* char *: the first is that of the content */
	GPtrArray *details; /* char *, or NULL entries: the attribute's name under each path */
	uint32_t left;	    /* names to come, at most */
	bool one_name_only; /* an attribute found no room, and was searched under the first name */
	size_t cost;
	GList *place; /* its link in IvLinks.order */
} Unit;

struct IvLinks {
	GHashTable *units;	/* &share -> Unit */
	GQueue order;		/* Unit *, as they came */
	GHashTable *attributes; /* path -> GPtrArray of IvItem *: of streams, whose further names
				 * are known later */
	bool attributes_lost;	/* for one there was no room */
	size_t bytes;
};

/* What adding a name or an item costs beyond its own bytes. */
#define OVERHEAD 128u

static void unit_free(void *data)
{
	Unit *unit = data;

	g_ptr_array_unref(unit->items);
	g_ptr_array_unref(unit->paths);
	g_ptr_array_unref(unit->details);
	g_free(unit);
}

static GPtrArray *item_list(void)
{
	return g_ptr_array_new_with_free_func((GDestroyNotify)iv_item_unref);
}

IvLinks *iv_links_new(void)
{
	IvLinks *links = g_new0(IvLinks, 1);

	links->units = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, unit_free);
	links->attributes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
						  (GDestroyNotify)g_ptr_array_unref);
	g_queue_init(&links->order);
	return links;
}

void iv_links_free(IvLinks *links)
{
	if (links == NULL)
		return;
	g_queue_clear(&links->order);
	g_hash_table_unref(links->units);
	g_hash_table_unref(links->attributes);
	g_free(links);
}

static void miss(IvPlace *place, const char *raw, uint64_t bytes, const char *reason)
{
	g_autofree char *name = iv_text_printable(raw, -1);
	g_autofree char *path = g_strconcat("/", name, NULL);

	iv_coverage_miss(place->coverage, place->entry, path, bytes, reason);
}

static bool has_room(const IvLinks *links, size_t cost)
{
	return cost <= IV_MAX_LINK_BYTES - links->bytes;
}

static void charge(IvLinks *links, Unit *unit, size_t cost)
{
	links->bytes += cost;
	unit->cost += cost;
}

/* --- searching a unit ---------------------------------------------------------------- */

/* `more`: attributes besides. */
static IvNames *names_of(const Unit *unit, IvSearch *search, guint more)
{
	const IvItem *first = unit->items->pdata[0];

	return iv_search_names(search, (const char *const *)unit->paths->pdata,
			       (const char *const *)unit->details->pdata, unit->paths->len,
			       unit->items->len + more, first->kind == IV_ITEM_XATTR);
}

/* The content was a stream, searched under a name of its own: can searching it again for
 * these names tell anything new? */
static bool told_already(const Unit *unit, IvSearch *search, IvPlace *place)
{
	const char *first = ((IvItem *)unit->items->pdata[0])->link_of;
	g_autoptr(GPtrArray) all = NULL;
	IvNames *names;
	bool told;

	if (first == NULL || iv_place_has_found(place, first))
		return false;
	all = g_ptr_array_copy(unit->paths, NULL, NULL);
	g_ptr_array_set_free_func(all, NULL);
	g_ptr_array_add(all, (char *)first);
	names = iv_search_names(search, (const char *const *)all->pdata, NULL, all->len, 1, false);
	told = iv_names_kinds(names) == 1 && iv_names_untold(names) == 0;
	iv_names_unref(names);
	return told;
}

static bool search_items(const GPtrArray *items, guint from, const IvNames *names,
			 IvSearch *search, IvPlace *place, GError **error)
{
	for (guint i = from; items != NULL && i < items->len; i++)
		if (!iv_search_add_named(search, place, items->pdata[i], names, error))
			return false;
	return true;
}

static void report_losses(const IvLinks *links, const Unit *unit, const IvNames *names,
			  IvPlace *place)
{
	const char *path = unit->paths->pdata[0];
	const IvItem *first = unit->items->pdata[0];

	if (iv_names_untold(names) > 0)
		miss(place, path, 0,
		     "its names are of more kinds than can be told apart: some were not judged");
	if ((unit->one_name_only && unit->paths->len > 1) ||
	    (links->attributes_lost && first->link_of != NULL))
		miss(place, path, 0,
		     "an attribute was searched under one of its file's names only");
}

static bool search_unit(IvLinks *links, const Unit *unit, IvSearch *search, IvPlace *place,
			GError **error)
{
	const IvItem *first = unit->items->pdata[0];
	const GPtrArray *attributes =
		first->link_of != NULL ? g_hash_table_lookup(links->attributes, first->link_of)
				       : NULL;
	bool told = told_already(unit, search, place), ok;
	IvNames *names;

	if (told)
		iv_skip(IV_SKIP_LINK_SAME_BYTES, unit->paths->len);
	names = names_of(unit, search, attributes != NULL ? attributes->len : 0);
	report_losses(links, unit, names, place);
	ok = search_items(unit->items, told ? 1 : 0, names, search, place, error) &&
	     search_items(attributes, 0, names, search, place, error);
	iv_names_unref(names);
	return ok;
}

/* Search it and forget it. */
static bool release(IvLinks *links, Unit *unit, IvSearch *search, IvPlace *place, GError **error)
{
	bool ok = search_unit(links, unit, search, place, error);

	g_queue_delete_link(&links->order, unit->place);
	links->bytes -= unit->cost;
	g_hash_table_remove(links->units, &unit->share);
	return ok;
}

bool iv_links_finish(IvLinks *links, IvSearch *search, IvPlace *place, GError **error)
{
	while (!g_queue_is_empty(&links->order))
		if (!release(links, g_queue_peek_head(&links->order), search, place, error))
			return false;
	return true;
}

/* --- what a reader gives --------------------------------------------------------------- */

/* An attribute's name under this path, where it is another than the first's. */
static char *other_detail(const Unit *unit, const IvItem *item)
{
	const IvItem *first = unit->items->pdata[0];

	return item->kind == IV_ITEM_XATTR && strcmp(item->detail, first->detail) != 0
		       ? g_strdup(item->detail)
		       : NULL;
}

static void add_name(IvLinks *links, Unit *unit, const IvItem *item)
{
	charge(links, unit, OVERHEAD + strlen(item->path));
	g_ptr_array_add(unit->paths, g_strdup(item->path));
	g_ptr_array_add(unit->details, other_detail(unit, item));
}

/* The first with its number: its bytes wait. */
static void open_unit(IvLinks *links, IvItem *item)
{
	Unit *unit = g_new0(Unit, 1);

	unit->share = item->share;
	unit->items = item_list();
	unit->paths = g_ptr_array_new_with_free_func(g_free);
	unit->details = g_ptr_array_new_with_free_func(g_free);
	unit->left = item->more;
	g_ptr_array_add(unit->items, iv_item_ref(item));
	charge(links, unit, iv_item_cost(item) + sizeof(*unit) + OVERHEAD);
	add_name(links, unit, item);
	g_queue_push_tail(&links->order, unit);
	unit->place = g_queue_peek_tail_link(&links->order);
	g_hash_table_insert(links->units, &unit->share, unit);
}

static bool further_name(IvLinks *links, Unit *unit, IvSearch *search, IvPlace *place, IvItem *item,
			 GError **error)
{
	if (unit == NULL || !has_room(links, OVERHEAD + strlen(item->path))) {
		miss(place, item->path, 0,
		     "a further name of a file: there are more of them than imgvet keeps track of");
	} else {
		add_name(links, unit, item);
	}
	if (unit == NULL || unit->left == IV_MORE_UNKNOWN || --unit->left > 0)
		return true;
	return release(links, unit, search, place, error);
}

/* An attribute of a file that waits. */
static bool join_unit(IvLinks *links, Unit *unit, IvSearch *search, IvPlace *place, IvItem *item,
		      GError **error)
{
	size_t cost = iv_item_cost(item) + OVERHEAD;

	if (unit == NULL || !has_room(links, cost)) {
		if (unit != NULL)
			unit->one_name_only = true;
		return iv_search_add(search, place, item, error);
	}
	charge(links, unit, cost);
	g_ptr_array_add(unit->items, iv_item_ref(item));
	return true;
}

/* An attribute of a stream's file: whether that has further names shows later. */
static void keep_attribute(IvLinks *links, IvItem *item)
{
	size_t cost = iv_item_cost(item) + strlen(item->path) + OVERHEAD;
	GPtrArray *list = g_hash_table_lookup(links->attributes, item->path);

	if (!has_room(links, cost)) {
		links->attributes_lost = true;
		return;
	}
	links->bytes += cost;
	if (list == NULL) {
		list = item_list();
		g_hash_table_insert(links->attributes, g_strdup(item->path), list);
	}
	g_ptr_array_add(list, iv_item_ref(item));
}

bool iv_links_add(IvLinks *links, IvSearch *search, IvPlace *place, IvItem *item, GError **error)
{
	Unit *unit = item->share != 0 ? g_hash_table_lookup(links->units, &item->share) : NULL;

	if (item->share == 0 && item->kind == IV_ITEM_XATTR && place->remember && !iv_item_is_label(item))
		keep_attribute(links, item);
	if (item->share == 0)
		return iv_search_add(search, place, item, error);
	/* Too many to keep: they are searched under their file's first name. */
	if (iv_item_is_label(item)) {
		iv_skip(IV_SKIP_LINK_ATTRIBUTE, 1);
		return item->link_of != NULL || iv_search_add(search, place, item, error);
	}
	if (unit == NULL && item->more > 0) {
		if (!has_room(links, iv_item_cost(item) + sizeof(Unit) + 2 * OVERHEAD +
					     strlen(item->path)))
			return iv_search_add(search, place, item, error);
		open_unit(links, item);
		return true;
	}
	if (item->link_of != NULL)
		return further_name(links, unit, search, place, item, error);
	return join_unit(links, unit, search, place, item, error);
}
