/* SPDX-License-Identifier: GPL-3.0-or-later */
/* edges.c - see edges.h */
#include "scanner/search/edges.h"

#include <string.h>

#include "scanner/base/limits.h"

/* A layer's edges lie inside the volume that it lies over. */
static bool is_layer(const IvPlace *place)
{
	return strchr(place->name, '/') != NULL;
}

/* The volume's last bytes, and those behind them on the disk. */
static IvItem *over_the_end(const IvPlace *place, IvSource *disk, GError **error)
{
	uint64_t size = place->entry->bytes, edge = place->offset + size;
	uint64_t before = MIN(size, IV_BLOCK_BEFORE), after = MIN(disk->size - edge, IV_BLOCK_AFTER);
	IvItem *item = iv_item_new(IV_ITEM_RAW, NULL);

	item->source = iv_slice_new(disk, place->offset, size + after, error);
	if (item->source == NULL) {
		iv_item_unref(item);
		return NULL;
	}
	item->size = size + after;
	item->seam = size;
	iv_ignore(iv_item_add_extent(item, size - before, size - before, before + after));
	return item;
}

bool iv_edges_search(IvSearch *search, const GPtrArray *places, IvSource *disk, GError **error)
{
	for (guint i = 0; i < places->len; i++) {
		IvPlace *place = places->pdata[i];
		uint64_t size = place->entry->bytes;
		g_autoptr(IvItem) item = NULL;

		if (size == 0 || place->offset + size >= disk->size || is_layer(place))
			continue;
		item = over_the_end(place, disk, error);
		if (item == NULL || !iv_search_add(search, place, item, error))
			return false;
	}
	return true;
}
