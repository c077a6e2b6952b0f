/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * gpt.c - the GUID partition table (UEFI Specification 2.10, section 5.3).
 *
 * The header stands in the second sector and again in the last one; each names
 * an array of entries, and each has a CRC-32 of itself and of its array.  A
 * copy counts only when both are right.  The sector size is not known from the
 * outside: 512 is tried first, then 4096.
 */
#include "scanner/volume/table.h"

#include <inttypes.h>
#include <zlib.h>

#include "scanner/base/cursor.h"
#include "scanner/base/error.h"
#include "scanner/base/limits.h"
#include "scanner/base/skip.h"
#include "scanner/base/text.h"

#define HEADER_BYTES 92u
#define ENTRY_BYTES  128u
#define NAME_UNITS   36u

static const uint32_t sector_sizes[] = {512, 4096};

typedef struct {
	uint64_t lba, alternate, first_usable, last_usable, entries_lba;
	uint32_t count, entry_bytes, entries_crc;
} Header;

/* One copy of the table, as found at one place. */
typedef struct {
	bool seen;	   /* the signature is there */
	bool header_good;  /* and the header's CRC and fields are right */
	bool good;	   /* and the entries' CRC too: `entries` is set */
	const char *fault; /* why it is not good; static */
	Header header;
	GBytes *entries;
} Copy;

static void copy_clear(Copy *copy)
{
	g_clear_pointer(&copy->entries, g_bytes_unref);
	*copy = (Copy){0};
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Copy, copy_clear)

static uint32_t crc_of(const void *data, size_t len)
{
	return (uint32_t)crc32(0, data, (uInt)len);
}

/* Table 5-5 of the specification, in its order. */
static bool parse_header(uint8_t *sector, size_t sector_bytes, Copy *copy)
{
	IvCursor c = iv_cursor(sector, sector_bytes);
	Header *h = &copy->header;
	uint32_t revision, header_bytes, crc;

	iv_cursor_skip(&c, 8);
	revision = iv_cursor_le32(&c);
	header_bytes = iv_cursor_le32(&c);
	crc = iv_cursor_le32(&c);
	iv_cursor_skip(&c, 4);
	h->lba = iv_cursor_le64(&c);
	h->alternate = iv_cursor_le64(&c);
	h->first_usable = iv_cursor_le64(&c);
	h->last_usable = iv_cursor_le64(&c);
	iv_cursor_skip(&c, 16);
	h->entries_lba = iv_cursor_le64(&c);
	h->count = iv_cursor_le32(&c);
	h->entry_bytes = iv_cursor_le32(&c);
	h->entries_crc = iv_cursor_le32(&c);

	if (c.bad || revision < 0x00010000 || header_bytes < HEADER_BYTES ||
	    header_bytes > sector_bytes) {
		copy->fault = "its header size or revision is impossible";
		return false;
	}
	memset(sector + 16, 0, 4); /* the CRC is taken with its own field zero */
	if (crc_of(sector, header_bytes) != crc) {
		copy->fault = "bad CRC of the header";
		return false;
	}
	return true;
}

/* Limits that a right CRC does not prove. */
static bool check_header(Copy *copy, uint64_t lba, uint64_t sectors)
{
	const Header *h = &copy->header;

	if (h->lba != lba)
		copy->fault = "its header says that it belongs to another sector";
	else if (h->entry_bytes < ENTRY_BYTES || h->entry_bytes % 8 != 0 ||
		 h->entry_bytes > IV_MAX_GPT_ENTRY_BYTES)
		copy->fault = "its entry size is impossible";
	else if (h->count == 0 || h->count > IV_MAX_GPT_ENTRIES)
		copy->fault = "its number of entries is impossible or above the limit";
	else if (h->entries_lba < 2 || h->entries_lba >= sectors)
		copy->fault = "its entries lie outside the disk";
	return copy->fault == NULL;
}

/* Read the copy whose header is in sector lba.  False only when the disk fails. */
static bool read_copy(IvSource *disk, uint32_t sector_bytes, uint64_t lba, Copy *copy,
		      GError **error)
{
	uint64_t sectors = disk->size / sector_bytes;
	g_autofree uint8_t *sector = g_malloc(sector_bytes);
	g_autofree uint8_t *array = NULL;
	size_t array_bytes;

	copy_clear(copy);
	copy->fault = "not found";
	if (lba >= sectors)
		return true;
	if (!iv_source_read(disk, lba * sector_bytes, sector, sector_bytes, error))
		return false;
	if (memcmp(sector, "EFI PART", 8) != 0)
		return true;
	copy->seen = true;
	copy->fault = NULL;
	if (!parse_header(sector, sector_bytes, copy) || !check_header(copy, lba, sectors))
		return true;
	copy->header_good = true;

	array_bytes = (size_t)copy->header.count * copy->header.entry_bytes;
	if (array_bytes > disk->size - copy->header.entries_lba * sector_bytes) {
		copy->fault = "its entries leave the disk";
		return true;
	}
	array = g_malloc(array_bytes);
	if (!iv_source_read(disk, copy->header.entries_lba * sector_bytes, array, array_bytes,
			    error))
		return false;
	if (crc_of(array, array_bytes) != copy->header.entries_crc) {
		copy->fault = "bad CRC of the entries";
		return true;
	}
	copy->good = true;
	copy->entries = g_bytes_new_take(g_steal_pointer(&array), array_bytes);
	return true;
}

/* The first three fields of a GUID are little-endian (Appendix A). */
static char *guid_text(const uint8_t g[16])
{
	return g_strdup_printf("gpt:%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-"
			       "%02x%02x%02x%02x%02x%02x",
			       g[3], g[2], g[1], g[0], g[5], g[4], g[7], g[6], g[8], g[9], g[10],
			       g[11], g[12], g[13], g[14], g[15]);
}

/* Partition types that hold code or nothing, never a file system. */
static const char *const types_without_files[] = {
	"gpt:21686148-6449-6e6f-744e-656564454649", /* BIOS boot */
	"gpt:9e1a2d38-c612-4316-aa26-8b49521e5a8b", /* PowerPC PReP boot */
	"gpt:e3c9e316-0b5c-4db8-817d-f92df00215ae", /* Microsoft reserved */
	"gpt:83bd6b9d-7f41-11dc-be0b-001560b84f0f", /* FreeBSD boot */
	NULL,
};

/* The name: 36 UTF-16 units, ended by a zero.  A lone surrogate becomes U+FFFD. */
static char *label_text(IvCursor *c)
{
	g_autoptr(GString) text = g_string_new(NULL);
	gunichar2 units[NAME_UNITS + 1] = {0};

	for (unsigned i = 0; i < NAME_UNITS; i++)
		units[i] = iv_cursor_le16(c);
	for (unsigned i = 0; units[i] != 0; i++) {
		gunichar u = units[i], low = units[i + 1];

		if (u >= 0xd800 && u < 0xdc00 && low >= 0xdc00 && low < 0xe000) {
			u = 0x10000 + ((u - 0xd800) << 10) + (low - 0xdc00);
			i++;
		} else if (u >= 0xd800 && u < 0xe000) {
			u = 0xfffd;
		}
		g_string_append_unichar(text, u);
	}
	return iv_text_printable(text->str, (gssize)text->len);
}

/* Table 5-6 of the specification. */
static void add_entry(IvVolumes *volumes, uint64_t disk_size, uint32_t sector_bytes,
		      const Header *h, unsigned number, const uint8_t *entry)
{
	static const uint8_t unused[16];
	IvCursor c = iv_cursor(entry, ENTRY_BYTES);
	g_autofree char *type = NULL, *label = NULL;
	uint64_t first, last, offset, size;
	uint8_t guid[16];

	iv_cursor_bytes(&c, guid, sizeof(guid));
	if (memcmp(guid, unused, sizeof(guid)) == 0) {
		iv_skip(IV_SKIP_UNUSED, 1);
		return;
	}
	iv_cursor_skip(&c, 16);
	first = iv_cursor_le64(&c);
	last = iv_cursor_le64(&c);
	iv_cursor_skip(&c, 8);
	label = label_text(&c);
	type = guid_text(guid);

	if (first > last || last == UINT64_MAX ||
	    __builtin_mul_overflow(first, (uint64_t)sector_bytes, &offset) ||
	    __builtin_mul_overflow(last - first + 1, (uint64_t)sector_bytes, &size)) {
		iv_volumes_note(volumes, true, "GPT entry %u has an impossible range", number);
		return;
	}
	if (first < h->first_usable || last > h->last_usable)
		iv_volumes_note(volumes, false,
				"GPT entry %u leaves the range that its table calls usable",
				number);
	iv_volumes_add(volumes, disk_size, number, offset, size, type, label,
		       g_strv_contains(types_without_files, type));
}

static void add_entries(IvVolumes *volumes, uint64_t disk_size, uint32_t sector_bytes,
			const Copy *copy)
{
	const uint8_t *array = g_bytes_get_data(copy->entries, NULL);

	volumes->table = "gpt";
	for (uint32_t i = 0; i < copy->header.count; i++)
		add_entry(volumes, disk_size, sector_bytes, &copy->header, i + 1,
			  array + (size_t)i * copy->header.entry_bytes);
}

/* The backup: where the primary says, if it is valid, else the last sector. */
static bool read_backup(IvSource *disk, uint32_t sector_bytes, const Copy *primary, Copy *backup,
			GError **error)
{
	uint64_t last = disk->size / sector_bytes - 1;

	if (primary->header_good && primary->header.alternate != last) {
		if (!read_copy(disk, sector_bytes, primary->header.alternate, backup, error))
			return false;
		if (backup->good)
			return true;
	}
	return read_copy(disk, sector_bytes, last, backup, error);
}

/* The two copies must name the same partitions. */
static void compare_copies(IvVolumes *volumes, IvSource *disk, uint32_t sector_bytes,
			   const Copy *primary)
{
	g_auto(Copy) backup = {0};
	g_autoptr(GError) local = NULL;

	if (!read_backup(disk, sector_bytes, primary, &backup, &local))
		iv_volumes_note(volumes, false, "the backup GPT cannot be read: %s",
				local->message);
	else if (!backup.good)
		iv_volumes_note(volumes, false, "the backup GPT is missing or damaged (%s)",
				backup.fault);
	else if (!g_bytes_equal(primary->entries, backup.entries))
		iv_volumes_note(volumes, false,
				"the backup GPT differs from the primary: partitions of either "
				"were read");
	else if (backup.header.lba != disk->size / sector_bytes - 1)
		iv_volumes_note(volumes, false,
				"the backup GPT is not at the end of the disk (the disk was "
				"enlarged)");
}

bool iv_gpt_seen(IvSource *disk, bool *seen, GError **error)
{
	*seen = false;
	for (size_t i = 0; i < G_N_ELEMENTS(sector_sizes) && !*seen; i++) {
		uint8_t magic[8];

		if (disk->size < sector_sizes[i] + sizeof(magic))
			continue;
		if (!iv_source_read(disk, sector_sizes[i], magic, sizeof(magic), error))
			return false;
		*seen = memcmp(magic, "EFI PART", sizeof(magic)) == 0;
	}
	return true;
}

static IvTableState read_at(IvSource *disk, uint32_t sector_bytes, IvVolumes *volumes,
			    GError **error)
{
	g_auto(Copy) primary = {0};
	g_auto(Copy) backup = {0};

	if (disk->size / sector_bytes < 3)
		return IV_TABLE_ABSENT;
	if (!read_copy(disk, sector_bytes, 1, &primary, error))
		return IV_TABLE_FAILED;
	if (primary.good) {
		add_entries(volumes, disk->size, sector_bytes, &primary);
		compare_copies(volumes, disk, sector_bytes, &primary);
		return IV_TABLE_READ;
	}
	if (!read_backup(disk, sector_bytes, &primary, &backup, error))
		return IV_TABLE_FAILED;
	if (backup.good) {
		iv_volumes_note(volumes, false, "the primary GPT is damaged (%s): using the backup",
				primary.fault);
		add_entries(volumes, disk->size, sector_bytes, &backup);
		return IV_TABLE_READ;
	}
	if (!primary.seen && !backup.seen)
		return IV_TABLE_ABSENT;
	volumes->table = "gpt";
	iv_volumes_note(volumes, true, "the GPT is damaged: primary: %s; backup: %s", primary.fault,
			backup.fault);
	return IV_TABLE_BROKEN;
}

IvTableState iv_gpt_read(IvSource *disk, IvVolumes *volumes, GError **error)
{
	IvTableState worst = IV_TABLE_ABSENT;

	for (size_t i = 0; i < G_N_ELEMENTS(sector_sizes); i++) {
		IvTableState state = read_at(disk, sector_sizes[i], volumes, error);

		if (state == IV_TABLE_READ || state == IV_TABLE_FAILED)
			return state;
		if (state == IV_TABLE_BROKEN)
			worst = state;
	}
	return worst;
}

/* --- further copies -------------------------------------------------------------------- */

static const struct {
	const char *name;
	uint32_t sector_bytes;
	bool backup;
} copies[IV_GPT_COPIES] = {
	{"gpt", 512, false},
	{"gpt-backup", 512, true},
	{"gpt4k", 4096, false},
	{"gpt4k-backup", 4096, true},
};

const char *iv_gpt_copy_name(unsigned which)
{
	return copies[which].name;
}

bool iv_gpt_copy(IvSource *disk, unsigned which, IvVolumes *volumes, GError **error)
{
	uint32_t sector_bytes = copies[which].sector_bytes;
	g_auto(Copy) primary = {0};
	g_auto(Copy) backup = {0};
	Copy *copy = copies[which].backup ? &backup : &primary;

	if (disk->size / sector_bytes < 3)
		return true;
	if (!read_copy(disk, sector_bytes, 1, &primary, error) ||
	    (copy == &backup && !read_backup(disk, sector_bytes, &primary, &backup, error)))
		return false;
	if (copy->good)
		add_entries(volumes, disk->size, sector_bytes, copy);
	return true;
}
