/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * signature.c - magic numbers; see claim.h.
 *
 * Places and values are those that the formats' own documentation gives and that
 * libblkid and file(1) look for.  A row here is worth its line where libblkid cannot
 * answer (it sees only the ends of a range), where it knows the format not at all, or
 * where kernels look at more places than it does.
 */
#include <string.h>

#include "scanner/volume/claim.h"

#define SECTOR 512u

typedef struct {
	const char *kind;
	uint32_t offset;
	uint8_t len;
	uint8_t use, weight;
	const char *bytes;
} Magic;

#define FS(kind, offset, len, bytes)	  {kind, offset, len, IV_CLAIM_FILES, IV_WEIGHT_SURE, bytes}
#define STORE(kind, offset, len, bytes)	  {kind, offset, len, IV_CLAIM_STORE, IV_WEIGHT_SURE, bytes}
#define ARCHIVE(kind, offset, len, bytes) {kind, offset, len, IV_CLAIM_STORE, IV_WEIGHT_ARCHIVE, bytes}

static const Magic magics[] = {
	STORE("luks", 0, 6, "LUKS\xba\xbe"),
	STORE("linux-raid", 0, 4, "\xfc\x4e\x2b\xa9"),
	STORE("linux-raid", 0x1000, 4, "\xfc\x4e\x2b\xa9"),
	STORE("bitlocker", 3, 8, "-FVE-FS-"),
	STORE("bluestore", 0, 22, "bluestore block device"),
	FS("xfs", 0, 4, "XFSB"),
	FS("ntfs", 3, 8, "NTFS    "),
	FS("exfat", 3, 8, "EXFAT   "),
	FS("squashfs", 0, 4, "hsqs"),
	FS("squashfs", 0, 4, "sqsh"),
	FS("cramfs", 0, 4, "\x45\x3d\xcd\x28"),
	FS("cramfs", 0x200, 4, "\x45\x3d\xcd\x28"),
	FS("romfs", 0, 8, "-rom1fs-"),
	FS("apfs", 0x20, 4, "NXSB"),
	FS("f2fs", 0x400, 4, "\x10\x20\xf5\xf2"),
	FS("f2fs", 0x1400, 4, "\x10\x20\xf5\xf2"), /* its second superblock counts as much */
	FS("erofs", 0x400, 4, "\xe2\xe1\xf5\xe0"),
	FS("hfsplus", 0x400, 4, "H+\0\x04"),
	FS("hfsplus", 0x400, 4, "HX\0\x05"),
	STORE("bcache", 0x1018, 16, "\xc6\x85\x73\xf6\x4e\x1a\x45\xca\x82\x65\xf5\x7f\x48\xba\x6d\x81"),
	FS("bcachefs", 0x1018, 16, "\xc6\x85\x73\xf6\x66\xce\x90\xa9\xd9\x6a\x60\xcf\x80\x3d\xf7\xef"),
	FS("jfs", 0x8000, 4, "JFS1"),
	FS("iso9660", 0x8001, 5, "CD001"),
	FS("udf", 0x8001, 5, "BEA01"),
	FS("reiserfs", 0x10034, 8, "ReIsErFs"),
	FS("reiserfs", 0x10034, 8, "ReIsEr2F"),
	FS("reiserfs", 0x10034, 8, "ReIsEr3F"),
	/* Disk images and archives, when a range as a whole is one. */
	ARCHIVE("qcow2", 0, 4, "QFI\xfb"),
	ARCHIVE("vmdk", 0, 4, "KDMV"),
	ARCHIVE("vhd", 0, 8, "conectix"),
	ARCHIVE("vhdx", 0, 8, "vhdxfile"),
	ARCHIVE("tar", 257, 5, "ustar"),
	ARCHIVE("cpio", 0, 6, "070701"),
	ARCHIVE("cpio", 0, 6, "070702"),
	ARCHIVE("cpio", 0, 6, "070707"),
	ARCHIVE("gzip", 0, 3, "\x1f\x8b\x08"),
	ARCHIVE("bzip2", 0, 3, "BZh"),
	ARCHIVE("xz", 0, 6, "\xfd\x37zXZ\0"),
	ARCHIVE("zstd", 0, 4, "\x28\xb5\x2f\xfd"),
	ARCHIVE("lz4", 0, 4, "\x04\x22\x4d\x18"),
	ARCHIVE("zip", 0, 4, "PK\3\4"),
	ARCHIVE("7z", 0, 6, "7z\xbc\xaf\x27\x1c"),
};

/* Magic numbers whose fields superblock.c looks at, for the search of sectors; those of ext
 * and minix are short, and their fields are looked at at once. */
static const struct {
	uint32_t offset;
	uint8_t len;
	const char *bytes;
} more_places[] = {
	{0x10040, 8, "_BHRfS_M"},
	{0x4000, 6, "SKUL\xba\xbe"},
	{0x200, 8, "LABELONE"}, /* where pvcreate puts it; it may be in sectors 0 to 3 */
};

bool iv_range_has(const IvRange *range, size_t offset, const void *bytes, size_t len)
{
	return offset <= range->head_size && len <= range->head_size - offset &&
	       memcmp(range->head + offset, bytes, len) == 0;
}

/* Sizes that a few formats name in their first bytes; 0 where this reader does not know. */
static uint64_t big(const uint8_t *at, unsigned bytes)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < bytes; i++)
		value = value << 8 | at[i];
	return value;
}

static uint64_t little(const uint8_t *at, unsigned bytes)
{
	uint64_t value = 0;

	for (unsigned i = bytes; i-- > 0;)
		value = value << 8 | at[i];
	return value;
}

static uint64_t times(uint64_t a, uint64_t b)
{
	return __builtin_mul_overflow(a, b, &a) ? 0 : a;
}

/* xfs_dsb: sb_blocksize at 4 (32 bits), sb_dblocks at 8 (64), big-endian. */
static uint64_t xfs_size(const uint8_t *head)
{
	return times(big(head + 4, 4), big(head + 8, 8));
}

/* NTFS: bytes per sector at 11, sectors at 40; its copy of the boot sector lies behind. */
static uint64_t ntfs_size(const uint8_t *head)
{
	return times(little(head + 11, 2), little(head + 40, 8) + 1);
}

/* exFAT specification, 3.1: VolumeLength at 72, BytesPerSectorShift at 108. */
static uint64_t exfat_size(const uint8_t *head)
{
	return head[108] > 12 ? 0 : times(little(head + 72, 8), UINT64_C(1) << head[108]);
}

/* squashfs 4.0: bytes_used at 40. */
static uint64_t squashfs_size(const uint8_t *head)
{
	return little(head + 40, 8);
}

/* ECMA-119, 8.4: volume space size at 80 of the descriptor, blocks of 2048 bytes. */
static uint64_t iso_size(const uint8_t *head)
{
	return times(little(head + 0x8000 + 80, 4), 2048);
}

static const struct {
	const char *kind;
	size_t needs; /* bytes of the head */
	uint64_t (*size)(const uint8_t *head);
} sizes[] = {
	{"xfs", 16, xfs_size},	       {"ntfs", 48, ntfs_size},	    {"exfat", 109, exfat_size},
	{"squashfs", 48, squashfs_size}, {"iso9660", 0x8054, iso_size},
};

static uint64_t size_of(const IvRange *range, const char *kind)
{
	for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++)
		if (strcmp(sizes[i].kind, kind) == 0 && range->head_size >= sizes[i].needs)
			return sizes[i].size(range->head);
	return 0;
}

void iv_signatures_find(const IvRange *range, GArray *claims)
{
	for (size_t i = 0; i < G_N_ELEMENTS(magics); i++) {
		const Magic *m = &magics[i];

		if (iv_range_has(range, m->offset, m->bytes, m->len))
			iv_claims_add(claims, m->kind, m->use, m->weight, size_of(range, m->kind));
	}
}

static bool in_sector(const uint8_t *sector, uint32_t offset, const char *bytes, unsigned len)
{
	return memcmp(sector + offset % SECTOR, bytes, len) == 0;
}

/* Rows that lie across two sectors do not exist. */
void iv_signatures_in_sector(const uint8_t sector[512], IvSectorVisit visit, void *user)
{
	uint64_t size;

	for (size_t i = 0; i < G_N_ELEMENTS(magics); i++) {
		const Magic *m = &magics[i];

		if (m->weight == IV_WEIGHT_SURE && in_sector(sector, m->offset, m->bytes, m->len))
			visit(user, m->offset / SECTOR * SECTOR, false);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(more_places); i++)
		if (in_sector(sector, more_places[i].offset, more_places[i].bytes,
			      more_places[i].len))
			visit(user, more_places[i].offset / SECTOR * SECTOR, false);
	if (iv_ext_fits(sector, SECTOR))
		visit(user, 1024, false);
	if (iv_minix_fits(sector, SECTOR, &size))
		visit(user, 1024, true);
	if (iv_fat_fits(sector, SECTOR, &size))
		visit(user, 0, false);
}
