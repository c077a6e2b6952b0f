/* SPDX-License-Identifier: GPL-3.0-or-later */
/* regions.c - see regions.h */
#include "scanner/search/regions.h"

#include "scanner/search/runs.h"

static bool in_one_piece(const IvItem *item)
{
	const IvExtent *e;
	IvRuns runs;
	uint64_t start, end;

	if (item->extents->len != 1)
		return false;
	e = &g_array_index(item->extents, IvExtent, 0);
	if (e->logical != 0 || item->size == 0 || e->length < item->size ||
	    e->length - item->size < item->slack)
		return false;
	iv_runs_start(&runs, item, 0, item->size);
	return iv_runs_next(&runs, &start, &end) && start == 0;
}

bool iv_parts_fit(const IvPlace *place, const IvItem *item)
{
	if (item->seam > 0 || !place->on_disk || item->source == NULL || item->extents == NULL || item->detached)
		return false;
	return item->kind == IV_ITEM_FREE || item->kind == IV_ITEM_META ||
	       item->kind == IV_ITEM_RAW || in_one_piece(item);
}

/* Cut [start, end) of the item, which lies in one piece, at region borders. */
static void cut_run(GArray *parts, IvRegionPart part, uint64_t start, uint64_t end)
{
	part.run = part.place->offset + (uint64_t)iv_item_physical(part.item, start);
	part.end = part.run + (end - start);
	for (part.disk = part.run, part.offset = start; part.disk < part.end;) {
		uint64_t border = (part.disk / IV_REGION_BYTES + 1) * IV_REGION_BYTES;

		part.length = MIN(border, part.end) - part.disk;
		g_array_append_val(parts, part);
		part.disk += part.length;
		part.offset += part.length;
	}
}

static void cut_range(GArray *parts, IvRegionPart part, uint64_t from, uint64_t to)
{
	uint64_t start, end;
	IvRuns runs;

	iv_runs_start(&runs, part.item, from, to);
	while (iv_runs_next(&runs, &start, &end))
		cut_run(parts, part, start, end);
}

guint iv_parts_add(GArray *parts, IvPlace *place, IvItem *item, void *owner)
{
	IvRegionPart part = {.owner = owner, .place = place, .item = item};
	guint before = parts->len;

	if (item->kind != IV_ITEM_FREE && item->kind != IV_ITEM_META && item->kind != IV_ITEM_RAW) {
		cut_range(parts, part, 0, item->size);
		part.slack = true;
		if (item->slack > 0)
			cut_run(parts, part, item->size, item->size + item->slack);
		return parts->len - before;
	}
	/* Runs of free space do not belong together, however close they lie. */
	for (guint i = 0; i < item->extents->len; i++) {
		const IvExtent *e = &g_array_index(item->extents, IvExtent, i);

		cut_range(parts, part, e->logical, MIN(e->logical + e->length, item->size));
	}
	return parts->len - before;
}

static int by_disk(const void *a, const void *b)
{
	const IvRegionPart *x = a, *y = b;

	return x->disk < y->disk ? -1 : x->disk > y->disk;
}

void iv_parts_sort(GArray *parts)
{
	g_array_sort(parts, by_disk);
}

guint iv_parts_group(const GArray *parts, guint first)
{
	uint64_t region = g_array_index(parts, IvRegionPart, first).disk / IV_REGION_BYTES;
	guint i = first;

	while (i < parts->len && g_array_index(parts, IvRegionPart, i).disk / IV_REGION_BYTES == region)
		i++;
	return i;
}
