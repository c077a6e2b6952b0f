/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tables.c - which partition tables count; see table.h */
#include <string.h>

#include "scanner/base/error.h"
#include "scanner/volume/table.h"

/* --- the table that counts ---------------------------------------------------------------- */

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
					"hybrid MBR: the GPT counts; what only the MBR names was "
					"read as well");
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
static IvTableState read_classic(IvSource *disk, const char *whole, bool gpt_seen,
				 IvVolumes *volumes, GError **error)
{
	if (gpt_seen)
		iv_volumes_note(volumes, false,
				"a GPT stands behind an MBR that does not announce it: the MBR "
				"counts; what only the GPT names was read as well");
	if (whole != NULL)
		iv_volumes_note(volumes, false,
				"the disk has an MBR and looks like %s as a whole: it was read "
				"both ways",
				whole);
	return iv_mbr_read(disk, volumes, error);
}

/* No entry in the first sector: a bare file system, a GPT without its MBR, or
 * nothing that is known. */
static IvTableState read_unannounced(IvSource *disk, const IvMbrSector *mbr, const char *whole,
				     bool gpt_seen, IvVolumes *volumes, GError **error)
{
	IvTableState state;

	if (whole != NULL && !gpt_seen)
		return IV_TABLE_ABSENT;
	state = iv_gpt_read(disk, volumes, error);
	if (state == IV_TABLE_READ)
		iv_volumes_note(volumes, false, "the GPT has no protective MBR%s%s%s",
				whole == NULL ? "" : ", and the disk looks like ",
				whole == NULL ? "" : whole,
				whole == NULL ? "" : " as a whole: it was read both ways");
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

IvTableState iv_tables_main(IvSource *disk, const char *whole, IvVolumes *volumes, GError **error)
{
	IvMbrSector mbr;
	bool gpt_seen;

	if (!iv_mbr_look(disk, &mbr, error) || !iv_gpt_seen(disk, &gpt_seen, error))
		return IV_TABLE_FAILED;
	if (mbr.protective)
		return read_protected(disk, &mbr, volumes, error);
	/* The boot sector of a file system can pass for a table by accident, but
	 * hardly with entries that fit the disk. */
	if (mbr.used > 0 && (mbr.fits || whole == NULL))
		return read_classic(disk, whole, gpt_seen, volumes, error);
	return read_unannounced(disk, &mbr, whole, gpt_seen, volumes, error);
}

/* --- all of them ----------------------------------------------------------------------------- */

/* Move the partitions over under their longer names.  Notes stay behind: damage of a table
 * that does not count is no news, and what it does name is read. */
static void take(IvVolumes *from, const char *prefix, const char *table, IvVolumes *to)
{
	for (guint i = 0; i < from->list->len; i++) {
		IvVolume *volume = g_ptr_array_index(from->list, i);
		char *name = g_strdup_printf("%s%s%s/%s", prefix, *prefix == '\0' ? "" : "/", table,
					     volume->name);

		g_free(volume->name);
		volume->name = name;
		volume->optional = true;
		g_ptr_array_add(to->list, volume);
	}
	g_ptr_array_set_free_func(from->list, NULL);
	g_ptr_array_set_size(from->list, 0);
}

bool iv_tables_all(IvSource *range, const char *prefix, IvVolumes *found, GError **error)
{
	g_autoptr(IvVolumes) mbr = iv_volumes_new();

	if (range->size < 512)
		return true;
	mbr->every_entry = true;
	if (iv_mbr_read(range, mbr, error) == IV_TABLE_FAILED)
		return false;
	take(mbr, prefix, "mbr", found);
	for (unsigned which = 0; which < IV_GPT_COPIES; which++) {
		g_autoptr(IvVolumes) gpt = iv_volumes_new();

		if (!iv_gpt_copy(range, which, gpt, error))
			return false;
		take(gpt, prefix, iv_gpt_copy_name(which), found);
	}
	return true;
}
