/* SPDX-License-Identifier: GPL-3.0-or-later */
/* volumes.c - see volume.h: partitions, overlaps, gaps */
#include "scanner/volume/volume.h"

#include <string.h>

#include "scanner/base/error.h"
#include "scanner/volume/owner.h"
#include "scanner/volume/table.h"

/* By offset; of two that begin together the layer last, the larger one first; then by name. */
static gint by_offset(gconstpointer a, gconstpointer b)
{
	const IvVolume *x = *(const IvVolume *const *)a, *y = *(const IvVolume *const *)b;

	if (x->offset != y->offset)
		return x->offset < y->offset ? -1 : 1;
	if ((x->kind == IV_VOLUME_LAYER) != (y->kind == IV_VOLUME_LAYER))
		return x->kind == IV_VOLUME_LAYER ? 1 : -1;
	if (x->size != y->size)
		return x->size > y->size ? -1 : 1;
	return strcmp(x->name, y->name);
}

/* Append bytes that no partition owns. */
static void add_gap(GPtrArray *list, uint64_t from, uint64_t to, unsigned *number)
{
	if (from < to)
		g_ptr_array_add(list, iv_volume_new(IV_VOLUME_GAP, g_strdup_printf("gap%u", ++*number),
						 from, to - from));
}

/* Sort, and fill the gaps, so that the list covers the disk.  Partitions that overlap stay:
 * a receiver can mount each of them. */
static void settle(IvVolumes *volumes, uint64_t disk_size)
{
	GPtrArray *gaps = g_ptr_array_new();
	const IvVolume *last = NULL;
	unsigned number = 0;
	uint64_t at = 0;

	g_ptr_array_sort(volumes->list, by_offset);
	for (guint i = 0; i < volumes->list->len; i++) {
		const IvVolume *volume = g_ptr_array_index(volumes->list, i);

		if (last != NULL && volume->offset < at)
			iv_volumes_note(volumes, false,
					"partition %s overlaps %s: both were read, and the bytes that "
					"they share count in both",
					volume->name, last->name);
		add_gap(gaps, at, volume->offset, &number);
		if (volume->offset + volume->size > at) {
			at = volume->offset + volume->size;
			last = volume;
		}
	}
	add_gap(gaps, at, disk_size, &number);
	g_ptr_array_extend_and_steal(volumes->list, gaps);
}

/* Cut a volume to the bytes from `at` on, which no other has; none may be left. */
static bool crowd_out(IvVolume *v, IvSource *disk, uint64_t at, GError **error)
{
	uint64_t end = v->offset + v->size;

	v->role = IV_ROLE_CROWDED;
	if (at >= end) {
		v->kind = IV_VOLUME_LAYER;
		return true;
	}
	iv_source_unref(v->source);
	v->offset = at;
	v->size = end - at;
	v->source = iv_slice_new(disk, v->offset, v->size, error);
	return v->source != NULL;
}

/* A thousand partitions over the same bytes must not take a thousand times as long. */
static bool limit_overlap(IvVolumes *volumes, IvSource *disk, GError **error)
{
	uint64_t at = 0, shared = 0;

	for (guint i = 0; i < volumes->list->len; i++) {
		IvVolume *v = g_ptr_array_index(volumes->list, i);
		uint64_t end = v->offset + v->size, again = MIN(at, end) - MIN(at, v->offset);

		if (v->kind == IV_VOLUME_LAYER && v->role != IV_ROLE_FILES)
			continue;
		if (again > 0 && again > disk->size - shared) {
			if (!crowd_out(v, disk, at, error))
				return false;
		} else {
			shared += again;
		}
		at = v->kind == IV_VOLUME_LAYER ? at : MAX(at, end);
	}
	return true;
}

static void whole_disk(IvVolumes *volumes, IvSource *disk)
{
	volumes->table = "none";
	g_ptr_array_add(volumes->list,
			iv_volume_new(IV_VOLUME_WHOLE, g_strdup("disk"), 0, disk->size));
}

IvVolumes *iv_volumes_read(IvSource *disk, GError **error)
{
	g_autoptr(IvVolumes) volumes = iv_volumes_new();
	g_autoptr(GArray) claims = iv_owner_claims(disk, IV_ASK_ALL, NULL, error);
	IvTableState state;

	if (claims == NULL)
		return NULL;
	state = iv_tables_main(disk, claims->len > 0 ? g_array_index(claims, IvClaim, 0).kind : NULL,
			       volumes, error);
	if (state == IV_TABLE_FAILED)
		return NULL;
	if (state == IV_TABLE_ABSENT)
		whole_disk(volumes, disk);
	else
		settle(volumes, disk->size);
	if (!iv_layers_add(volumes, disk, error))
		return NULL;
	g_ptr_array_sort(volumes->list, by_offset);
	return limit_overlap(volumes, disk, error) ? g_steal_pointer(&volumes) : NULL;
}
