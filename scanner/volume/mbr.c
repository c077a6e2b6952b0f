/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mbr.c - the classic partition table in the first sector of a disk.
 *
 * Four entries of 16 bytes at byte 446, then 55 AA.  An entry is: flag (0x00
 * or 0x80), 3 bytes of geometry, type, 3 bytes of geometry, first sector and
 * number of sectors (both little-endian, 512 bytes each).  A type of 0x05, 0x0F
 * or 0x85 is an extended partition: a container whose first sector has such a
 * table again (EBR), with one logical partition (relative to that EBR) and one
 * link to the next EBR (relative to the container).
 *
 * The boot sector of a FAT or NTFS file system ends in 55 AA as well; its bytes
 * where the entries would be are code or text, and the flags tell.
 */
#include "scanner/volume/table.h"

#include <inttypes.h>

#include "scanner/base/cursor.h"
#include "scanner/base/error.h"
#include "scanner/base/limits.h"

#define SECTOR	   512u
#define ENTRIES_AT 446u
#define ENTRIES	   4u
#define TYPE_EMPTY 0x00
#define TYPE_PREP  0x41 /* PowerPC PReP boot: code, no file system */
#define TYPE_GPT   0xee

typedef struct {
	uint8_t flag, type;
	uint32_t first, count; /* sectors */
} Entry;

typedef struct {
	bool signature;
	bool flags_good;
	Entry entries[ENTRIES];
} Table;

static void parse_table(const uint8_t sector[SECTOR], Table *table)
{
	IvCursor c = iv_cursor(sector, SECTOR);

	table->flags_good = true;
	iv_cursor_skip(&c, ENTRIES_AT);
	for (unsigned i = 0; i < ENTRIES; i++) {
		Entry *e = &table->entries[i];

		e->flag = iv_cursor_u8(&c);
		iv_cursor_skip(&c, 3);
		e->type = iv_cursor_u8(&c);
		iv_cursor_skip(&c, 3);
		e->first = iv_cursor_le32(&c);
		e->count = iv_cursor_le32(&c);
		if (e->flag != 0x00 && e->flag != 0x80)
			table->flags_good = false;
	}
	table->signature = iv_cursor_le16(&c) == 0xaa55;
}

/* False with *error when the disk cannot be read there. */
static bool read_table(IvSource *disk, uint64_t lba, Table *table, GError **error)
{
	uint8_t sector[SECTOR];

	if (!iv_source_read(disk, lba * SECTOR, sector, sizeof(sector), error))
		return false;
	parse_table(sector, table);
	return true;
}

static bool is_used(const Entry *e)
{
	return e->type != TYPE_EMPTY && e->count > 0;
}

static bool is_extended(const Entry *e)
{
	return is_used(e) && (e->type == 0x05 || e->type == 0x0f || e->type == 0x85);
}

bool iv_mbr_look(IvSource *disk, IvMbrSector *mbr, GError **error)
{
	Table table;

	*mbr = (IvMbrSector){0};
	if (disk->size < SECTOR)
		return true;
	if (!read_table(disk, 0, &table, error))
		return false;
	mbr->signature = table.signature;
	mbr->table = table.signature && table.flags_good;
	mbr->fits = true;
	for (unsigned i = 0; mbr->table && i < ENTRIES; i++) {
		const Entry *e = &table.entries[i];

		if (e->type == TYPE_GPT)
			mbr->protective = true;
		if (e->type == TYPE_GPT || !is_used(e))
			continue;
		mbr->used++;
		if (e->first == 0 || (uint64_t)e->first + e->count > disk->size / SECTOR)
			mbr->fits = false;
	}
	return true;
}

static void add(IvVolumes *volumes, uint64_t disk_size, unsigned number, uint64_t first,
		const Entry *e)
{
	g_autofree char *type = g_strdup_printf("mbr:0x%02x", e->type);

	iv_volumes_add(volumes, disk_size, number, first * SECTOR, (uint64_t)e->count * SECTOR,
		       type, "", e->type == TYPE_PREP);
}

/* One EBR: adds its logical partition, and says where the next one is (0: the end). */
static void read_ebr(IvVolumes *volumes, uint64_t disk_size, uint64_t at, const Entry *container,
		     const Table *table, unsigned *number, uint64_t *next)
{
	uint64_t end = (uint64_t)container->first + container->count;

	*next = 0;
	for (unsigned i = 0; i < ENTRIES; i++) {
		const Entry *e = &table->entries[i];

		if (is_extended(e)) {
			if (*next == 0)
				*next = (uint64_t)container->first + e->first;
			else
				iv_volumes_note(volumes, true,
						"an extended partition's table has two links: the "
						"second was not followed");
		} else if (is_used(e)) {
			uint64_t first = at + e->first;

			if (e->first == 0 || first + e->count > end)
				iv_volumes_note(volumes, false,
						"logical partition %u reaches beyond its container",
						*number);
			add(volumes, disk_size, (*number)++, first, e);
		}
	}
}

/* Follow the chain of one container.  Each link must be a new place inside it,
 * so that a loop ends; what cannot be followed is damage. */
static bool read_chain(IvSource *disk, IvVolumes *volumes, const Entry *container, unsigned *number,
		       GError **error)
{
	g_autoptr(GHashTable) seen = g_hash_table_new(g_direct_hash, g_direct_equal);
	uint64_t end = (uint64_t)container->first + container->count;
	uint64_t at = container->first;
	const char *fault = NULL;

	for (unsigned links = 0; at != 0; links++) {
		Table table;

		if (links >= IV_MAX_MBR_LOGICAL)
			fault = "it has too many links";
		else if (at < container->first || at >= end || at >= disk->size / SECTOR)
			fault = "a link leaves it";
		else if (!g_hash_table_add(seen, GSIZE_TO_POINTER((gsize)at)))
			fault = "its links go round in a circle";
		if (fault != NULL)
			break;
		if (!read_table(disk, at, &table, error))
			return false;
		if (!table.signature || !table.flags_good) {
			fault = "a link leads to a sector without a table";
			break;
		}
		read_ebr(volumes, disk->size, at, container, &table, number, &at);
	}
	if (fault != NULL)
		iv_volumes_note(volumes, true,
				"the extended partition at sector %" PRIu32 " is damaged: %s",
				container->first, fault);
	return true;
}

IvTableState iv_mbr_read(IvSource *disk, IvVolumes *volumes, GError **error)
{
	unsigned logical = ENTRIES + 1;
	Table table;

	if (!read_table(disk, 0, &table, error))
		return IV_TABLE_FAILED;
	if (!table.signature || !table.flags_good)
		return IV_TABLE_ABSENT;
	volumes->table = "mbr";
	for (unsigned i = 0; i < ENTRIES; i++) {
		const Entry *e = &table.entries[i];

		if (is_extended(e)) {
			if (!read_chain(disk, volumes, e, &logical, error))
				return IV_TABLE_FAILED;
		} else if ((is_used(e) || (volumes->every_entry && e->count > 0)) &&
			   e->type != TYPE_GPT) {
			add(volumes, disk->size, i + 1, e->first, e);
		}
	}
	return IV_TABLE_READ;
}
