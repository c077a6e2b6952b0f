/* SPDX-License-Identifier: GPL-3.0-or-later */
/* volumes.c - see volume.h: which table counts, overlaps, gaps */
#include "scanner/volume/volume.h"

#include <inttypes.h>
#include <string.h>

#include "scanner/base/error.h"
#include "scanner/volume/table.h"

/* By offset; of two that begin together the larger one first; then by name. */
static gint by_offset(gconstpointer a, gconstpointer b)
{
	const IvVolume *x = *(const IvVolume *const *)a, *y = *(const IvVolume *const *)b;

	if (x->offset != y->offset)
		return x->offset < y->offset ? -1 : 1;
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

/* Sort, refuse what overlaps an earlier partition, and fill the gaps, so that
 * the list covers the disk exactly. */
static void settle(IvVolumes *volumes, uint64_t disk_size)
{
	GPtrArray *found = volumes->list;
	const IvVolume *last = NULL;
	unsigned gaps = 0;
	uint64_t at = 0;

	g_ptr_array_sort(found, by_offset);
	volumes->list = g_ptr_array_new_with_free_func((GDestroyNotify)iv_volume_free);
	for (guint i = 0; i < found->len; i++) {
		IvVolume *volume = g_ptr_array_index(found, i);

		if (last != NULL && volume->offset < at) {
			iv_volumes_note(volumes, true,
					"partition %s overlaps %s: it was not read as a volume of "
					"its own",
					volume->name, last->name);
			continue;
		}
		add_gap(volumes->list, at, volume->offset, &gaps);
		at = volume->offset + volume->size;
		g_ptr_array_add(volumes->list, volume);
		g_ptr_array_index(found, i) = NULL;
		last = volume;
	}
	add_gap(volumes->list, at, disk_size, &gaps);
	for (guint i = 0; i < found->len; i++)
		if (g_ptr_array_index(found, i) != NULL)
			iv_volume_free(g_ptr_array_index(found, i));
	g_ptr_array_set_free_func(found, NULL);
	g_ptr_array_unref(found);
}

/* Give each volume its window; a type that promises no file system is not
 * believed when one is there. */
static bool open_windows(IvVolumes *volumes, IvSource *disk, GError **error)
{
	for (guint i = 0; i < volumes->list->len; i++) {
		IvVolume *volume = g_ptr_array_index(volumes->list, i);
		const char *magic;

		volume->source = iv_slice_new(disk, volume->offset, volume->size, error);
		if (volume->source == NULL)
			return false;
		if (!volume->no_files)
			continue;
		magic = iv_volume_magic(volume->source, error);
		if (magic != NULL && *magic == '\0')
			return false;
		if (magic != NULL) {
			iv_volumes_note(volumes, false,
					"partition %s holds %s although its type says that no file "
					"system belongs there",
					volume->name, magic);
			volume->no_files = false;
		}
	}
	return true;
}

static void whole_disk(IvVolumes *volumes, IvSource *disk)
{
	volumes->table = "none";
	g_ptr_array_add(volumes->list,
			iv_volume_new(IV_VOLUME_WHOLE, g_strdup("disk"), 0, disk->size));
}

/* An MBR that says "GPT" (0xEE), alone or beside entries of its own (hybrid). */
static IvTableState read_protected(IvSource *disk, const IvMbrSector *mbr, IvVolumes *volumes,
				   GError **error)
{
	IvTableState state = iv_gpt_read(disk, volumes, error);

	if (state == IV_TABLE_FAILED)
		return state;
	if (state == IV_TABLE_READ) {
		if (mbr->used > 0)
			iv_volumes_note(volumes, false,
					"hybrid MBR: its entries were ignored, the GPT counts");
		return state;
	}
	if (state == IV_TABLE_ABSENT)
		iv_volumes_note(volumes, true,
				"the MBR announces a GPT, but there is neither a primary nor a "
				"backup");
	if (mbr->used == 0)
		return IV_TABLE_BROKEN;
	iv_volumes_note(volumes, true, "using the entries of the hybrid MBR instead");
	return iv_mbr_read(disk, volumes, error);
}

/* A classic MBR with entries.  What else the disk could be is noted. */
static IvTableState read_classic(IvSource *disk, const char *magic, bool gpt_seen,
				 IvVolumes *volumes, GError **error)
{
	if (gpt_seen)
		iv_volumes_note(volumes, true,
				"a GPT stands behind an MBR that does not announce it: the MBR "
				"was used");
	if (magic != NULL)
		iv_volumes_note(volumes, true,
				"the disk has an MBR and looks like %s as a whole: the MBR was "
				"used",
				magic);
	return iv_mbr_read(disk, volumes, error);
}

/* No entry in the first sector: a bare file system, a GPT without its MBR, or
 * nothing that is known. */
static IvTableState read_unannounced(IvSource *disk, const IvMbrSector *mbr, const char *magic,
				     bool gpt_seen, IvVolumes *volumes, GError **error)
{
	IvTableState state;

	if (magic != NULL && !gpt_seen)
		return IV_TABLE_ABSENT;
	state = iv_gpt_read(disk, volumes, error);
	if (state == IV_TABLE_READ)
		iv_volumes_note(volumes, magic != NULL, "the GPT has no protective MBR%s%s",
				magic == NULL ? ""
					      : ", and "
						"the disk looks like a bare file system: ",
				magic == NULL ? "" : magic);
	if (state != IV_TABLE_ABSENT || !mbr->signature)
		return state;
	if (!mbr->table) {
		iv_volumes_note(volumes, true,
				"the first sector ends like a partition table, but holds no valid "
				"one");
		return IV_TABLE_BROKEN;
	}
	iv_volumes_note(volumes, false, "the partition table is empty");
	return iv_mbr_read(disk, volumes, error);
}

static IvTableState read_tables(IvSource *disk, IvVolumes *volumes, GError **error)
{
	const char *magic;
	IvMbrSector mbr;
	bool gpt_seen;

	if (!iv_mbr_look(disk, &mbr, error) || !iv_gpt_seen(disk, &gpt_seen, error))
		return IV_TABLE_FAILED;
	if (mbr.protective)
		return read_protected(disk, &mbr, volumes, error);
	magic = iv_volume_magic(disk, error);
	if (magic != NULL && *magic == '\0')
		return IV_TABLE_FAILED;
	/* The boot sector of a file system can pass for a table by accident, but
	 * hardly with entries that fit the disk. */
	if (mbr.used > 0 && (mbr.fits || magic == NULL))
		return read_classic(disk, magic, gpt_seen, volumes, error);
	return read_unannounced(disk, &mbr, magic, gpt_seen, volumes, error);
}

IvVolumes *iv_volumes_read(IvSource *disk, GError **error)
{
	g_autoptr(IvVolumes) volumes = iv_volumes_new();
	IvTableState state = read_tables(disk, volumes, error);

	if (state == IV_TABLE_FAILED)
		return NULL;
	if (state == IV_TABLE_ABSENT)
		whole_disk(volumes, disk);
	else
		settle(volumes, disk->size);
	if (!open_windows(volumes, disk, error))
		return NULL;
	return g_steal_pointer(&volumes);
}
