/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * content.c - what a volume holds, by its magic numbers.
 *
 * Places and values are those that the formats' own documentation gives and
 * that libblkid and file(1) look for.  The answer is a name for the report and
 * a hint for choosing a reader: nothing else may depend on it.
 */
#include "scanner/volume/table.h"

#include <string.h>

#include "scanner/base/cursor.h"

/* All magics but those of md RAID, ZFS and a few at the end lie in the first 68 KiB. */
#define HEAD_BYTES (68u << 10)
#define ZFS_LABEL  (128u << 10) /* uberblocks of the first label, 128 KiB of 1 KiB slots */
#define CHUNK	   (256u << 10)

typedef struct {
	const char *name;
	uint32_t offset;
	uint32_t len;
	const char *bytes;
} Magic;

/* Containers come before what may lie inside them. */
static const Magic magics[] = {
	{"luks", 0, 6, "LUKS\xba\xbe"},
	{"luks", 0x4000, 6, "SKUL\xba\xbe"}, /* LUKS2, second header when the first is gone */
	{"linux-raid", 0, 4, "\xfc\x4e\x2b\xa9"},
	{"linux-raid", 0x1000, 4, "\xfc\x4e\x2b\xa9"},
	{"bitlocker", 3, 8, "-FVE-FS-"},
	{"bluestore", 0, 22, "bluestore block device"},
	{"xfs", 0, 4, "XFSB"},
	{"ntfs", 3, 8, "NTFS    "},
	{"exfat", 3, 8, "EXFAT   "},
	{"squashfs", 0, 4, "hsqs"},
	{"squashfs", 0, 4, "sqsh"},
	{"cramfs", 0, 4, "\x45\x3d\xcd\x28"},
	{"apfs", 0x20, 4, "NXSB"},
	{"f2fs", 0x400, 4, "\x10\x20\xf5\xf2"},
	{"erofs", 0x400, 4, "\xe2\xe1\xf5\xe0"},
	{"hfsplus", 0x400, 4, "H+\0\x04"},
	{"hfsplus", 0x400, 4, "HX\0\x05"},
	{"nilfs2", 0x406, 2, "\x34\x34"},
	{"bcache", 0x1018, 16, "\xc6\x85\x73\xf6\x4e\x1a\x45\xca\x82\x65\xf5\x7f\x48\xba\x6d\x81"},
	{"bcachefs", 0x1018, 16,
	 "\xc6\x85\x73\xf6\x66\xce\x90\xa9\xd9\x6a\x60\xcf\x80\x3d\xf7\xef"},
	{"jfs", 0x8000, 4, "JFS1"},
	{"iso9660", 0x8001, 5, "CD001"},
	{"udf", 0x8001, 5, "BEA01"},
	{"reiserfs", 0x10034, 8, "ReIsErFs"},
	{"reiserfs", 0x10034, 8, "ReIsEr2F"},
	{"btrfs", 0x10040, 8, "_BHRfS_M"},
};

static bool has(const uint8_t *data, size_t size, size_t offset, const void *bytes, size_t len)
{
	return offset <= size && len <= size - offset && memcmp(data + offset, bytes, len) == 0;
}

/* ext superblock at 1024 (Linux Documentation/filesystems/ext4/super.rst): magic
 * at 0x38, feature words at 0x5c.  What ext3 does not know makes it ext4. */
static const char *ext_kind(const uint8_t *head, size_t size)
{
	IvCursor c = iv_cursor(head, size);
	uint32_t compat, incompat, ro_compat;
	uint16_t magic;

	iv_cursor_skip(&c, 1024 + 0x38);
	magic = iv_cursor_le16(&c);
	iv_cursor_skip(&c, 0x5c - 0x3a);
	compat = iv_cursor_le32(&c);
	incompat = iv_cursor_le32(&c);
	ro_compat = iv_cursor_le32(&c);
	if (c.bad || magic != 0xef53)
		return NULL;
	if (incompat & 0x8) /* a journal device */
		return "ext-journal";
	/* ext3: filetype, recover, meta_bg; sparse_super, large_file, btree_dir. */
	if ((incompat & ~0x16u) != 0 || (ro_compat & ~0x7u) != 0)
		return "ext4";
	return compat & 0x4 ? "ext3" : "ext2";
}

/* FAT has no magic of its own: the fields of its parameter block must fit
 * together (Microsoft FAT specification, section 3). */
static const char *fat_kind(const uint8_t *head, size_t size)
{
	IvCursor c = iv_cursor(head, size);
	uint16_t sector, reserved, roots, total16, fat16;
	uint32_t total32, fat32;
	uint8_t jump, cluster, fats, media;

	jump = iv_cursor_u8(&c);
	iv_cursor_skip(&c, 10);
	sector = iv_cursor_le16(&c);
	cluster = iv_cursor_u8(&c);
	reserved = iv_cursor_le16(&c);
	fats = iv_cursor_u8(&c);
	roots = iv_cursor_le16(&c);
	total16 = iv_cursor_le16(&c);
	media = iv_cursor_u8(&c);
	fat16 = iv_cursor_le16(&c);
	iv_cursor_skip(&c, 8);
	total32 = iv_cursor_le32(&c);
	fat32 = iv_cursor_le32(&c);
	if (c.bad || (jump != 0xeb && jump != 0xe9) || !has(head, size, 510, "\x55\xaa", 2))
		return NULL;
	if (sector < 512 || sector > 4096 || (sector & (sector - 1)) != 0 || cluster == 0 ||
	    (cluster & (cluster - 1)) != 0 || reserved == 0 || fats == 0 || fats > 2)
		return NULL;
	if (media != 0xf0 && media < 0xf8)
		return NULL;
	if ((total16 == 0 && total32 == 0) || (fat16 == 0 && (fat32 == 0 || roots != 0)))
		return NULL;
	return "vfat";
}

/* The signature ends the first page, whose size is that of the machine. */
static const char *swap_kind(const uint8_t *head, size_t size)
{
	for (size_t page = 4096; page <= 65536; page *= 2)
		if (has(head, size, page - 10, "SWAPSPACE2", 10) ||
		    has(head, size, page - 10, "SWAP-SPACE", 10))
			return "swap";
	return NULL;
}

/* LVM2 label: in one of the first four sectors, its type at byte 24. */
static const char *lvm_kind(const uint8_t *head, size_t size)
{
	for (size_t at = 0; at < 4 * 512; at += 512)
		if (has(head, size, at, "LABELONE", 8) && has(head, size, at + 24, "LVM2 001", 8))
			return "lvm2-pv";
	return NULL;
}

static const char *table_kind(const uint8_t *head, size_t size)
{
	for (size_t i = 0; i < G_N_ELEMENTS(magics); i++)
		if (has(head, size, magics[i].offset, magics[i].bytes, magics[i].len))
			return magics[i].name;
	return NULL;
}

/* Order: exact magics first, the weak test (FAT) last. */
static const char *(*const head_kinds[])(const uint8_t *head, size_t size) = {
	lvm_kind, table_kind, ext_kind, swap_kind, fat_kind,
};

/* ZFS: an uberblock magic (either byte order) in a slot of the first label. */
static const char *zfs_kind(IvSource *volume, GError **error)
{
	static const uint8_t little[8] = {0x0c, 0xb1, 0xba},
			     big[8] = {0, 0, 0, 0, 0, 0xba, 0xb1, 0x0c};
	g_autofree uint8_t *label = NULL;

	if (volume->size < 2 * ZFS_LABEL)
		return NULL;
	label = g_malloc(ZFS_LABEL);
	if (!iv_source_read(volume, ZFS_LABEL, label, ZFS_LABEL, error))
		return "";
	for (size_t at = 0; at < ZFS_LABEL; at += 1024)
		if (memcmp(label + at, little, 8) == 0 || memcmp(label + at, big, 8) == 0)
			return "zfs";
	return NULL;
}

/* md RAID 1.0 (8 KiB before the end, 4 KiB aligned) and 0.90 (the last whole
 * 64 KiB): at the end, so that a mirror's leg reads like its file system. */
static const char *raid_kind(IvSource *volume, GError **error)
{
	const uint64_t places[] = {
		volume->size < 0x20000 ? 0 : (volume->size - 0x2000) & ~(uint64_t)0xfff,
		volume->size < 0x20000 ? 0 : (volume->size & ~(uint64_t)0xffff) - 0x10000,
	};

	for (size_t i = 0; i < G_N_ELEMENTS(places); i++) {
		uint8_t magic[4];

		if (places[i] == 0)
			continue;
		if (!iv_source_read(volume, places[i], magic, sizeof(magic), error))
			return "";
		if (memcmp(magic, "\xfc\x4e\x2b\xa9", 4) == 0)
			return "linux-raid";
	}
	return NULL;
}

const char *iv_volume_magic(IvSource *volume, GError **error)
{
	size_t size = (size_t)MIN(volume->size, HEAD_BYTES);
	g_autofree uint8_t *head = g_malloc(HEAD_BYTES);
	const char *name;

	if (!iv_source_read(volume, 0, head, size, error))
		return "";
	for (size_t i = 0; i < G_N_ELEMENTS(head_kinds); i++) {
		name = head_kinds[i](head, size);
		if (name != NULL)
			return name;
	}
	name = zfs_kind(volume, error);
	return name != NULL ? name : raid_kind(volume, error);
}

static bool all_zero(const uint8_t *data, size_t len)
{
	return len == 0 || (data[0] == 0 && memcmp(data, data + 1, len - 1) == 0);
}

/* Holes are taken at their word; everything else is read until a byte says no. */
static bool is_blank(IvSource *volume, bool *blank, GError **error)
{
	g_autofree uint8_t *chunk = g_malloc(CHUNK);
	uint64_t at = 0;

	*blank = true;
	while (at < volume->size && *blank) {
		uint64_t len = volume->size - at;
		bool zero;

		if (!iv_source_extent(volume, at, &len, &zero, error))
			return false;
		if (!zero) {
			len = MIN(len, CHUNK);
			if (!iv_source_read(volume, at, chunk, len, error))
				return false;
			*blank = all_zero(chunk, len);
		}
		at += len;
	}
	return true;
}

const char *iv_volume_content(IvSource *volume, GError **error)
{
	const char *name = iv_volume_magic(volume, error);
	bool blank;

	if (name != NULL)
		return *name == '\0' ? NULL : name;
	if (!is_blank(volume, &blank, error))
		return NULL;
	return blank ? "blank" : "unknown";
}
