/* SPDX-License-Identifier: GPL-3.0-or-later */
/* superblock.c - formats whose fields have to be looked at; see claim.h */
#include <inttypes.h>
#include <string.h>
#include <zlib.h>

#include "scanner/base/cursor.h"
#include "scanner/volume/claim.h"

#define EXT_SUPER 1024u
#define UUID_BYTES 16u
#define EXT_JOURNAL 0x8u /* a journal device: no groups, no files */
#define EXT_64BIT 0x80u

/* --- ext: Linux Documentation/filesystems/ext4/super.rst --------------------------------- */

/* Groups with a superblock: the first, and those whose copies are usual. */
static const uint32_t backup_groups[] = {0, 1, 3, 5, 7, 9, 25, 27, 49};

typedef struct {
	uint64_t blocks;
	uint32_t first, log_size, group_blocks, group_inodes, rev, inode_bytes;
	uint32_t compat, incompat, ro_compat;
	uint16_t magic, group;
	uint8_t uuid[UUID_BYTES];
	bool cut;
} Ext;

static Ext ext_parse(const uint8_t *super, size_t len)
{
	IvCursor c = iv_cursor(super, len);
	Ext e = {0};

	iv_cursor_seek(&c, 0x04);
	e.blocks = iv_cursor_le32(&c);
	iv_cursor_seek(&c, 0x14);
	e.first = iv_cursor_le32(&c);
	e.log_size = iv_cursor_le32(&c);
	iv_cursor_seek(&c, 0x20);
	e.group_blocks = iv_cursor_le32(&c);
	iv_cursor_seek(&c, 0x28);
	e.group_inodes = iv_cursor_le32(&c);
	iv_cursor_seek(&c, 0x38);
	e.magic = iv_cursor_le16(&c);
	iv_cursor_seek(&c, 0x4c);
	e.rev = iv_cursor_le32(&c);
	iv_cursor_seek(&c, 0x58);
	e.inode_bytes = e.rev == 0 ? (iv_cursor_skip(&c, 2), 128) : iv_cursor_le16(&c);
	e.group = iv_cursor_le16(&c);
	e.compat = iv_cursor_le32(&c);
	e.incompat = iv_cursor_le32(&c);
	e.ro_compat = iv_cursor_le32(&c);
	iv_cursor_bytes(&c, e.uuid, UUID_BYTES);
	iv_cursor_seek(&c, 0x150);
	if (e.incompat & EXT_64BIT)
		e.blocks |= (uint64_t)iv_cursor_le32(&c) << 32;
	e.cut = c.bad;
	return e;
}

static uint64_t ext_bytes(const Ext *e)
{
	uint64_t size;

	return e->log_size > 6 ||
			       __builtin_mul_overflow(e->blocks, UINT64_C(1024) << e->log_size, &size)
		       ? 0
		       : size;
}

static bool ext_sound(const Ext *e)
{
	return !e->cut && e->magic == 0xef53 && e->log_size <= 6 && e->first <= 1 &&
	       e->blocks > e->first && e->rev <= 1 && ext_bytes(e) > 0 &&
	       ((e->incompat & EXT_JOURNAL) || (e->group_blocks >= 8 && e->group_inodes > 0));
}

bool iv_ext_fits(const uint8_t *super, size_t len)
{
	const Ext e = ext_parse(super, len);

	return ext_sound(&e);
}

/* What ext3 does not know makes it ext4. */
static const char *ext_kind(const Ext *e)
{
	if (e->incompat & EXT_JOURNAL)
		return "ext-journal";
	/* ext3: filetype, recover, meta_bg; sparse_super, large_file, btree_dir. */
	if ((e->incompat & ~0x16u) != 0 || (e->ro_compat & ~0x7u) != 0)
		return "ext4";
	return e->compat & 0x4 ? "ext3" : "ext2";
}

/* Where the descriptors of the groups begin that follow the superblock of this group: in the
 * next block.  Where blocks of 1 KiB are numbered from 0 (clusters), the first superblock has
 * block 1 all the same. */
static uint64_t ext_descriptors(const Ext *e, uint32_t group)
{
	bool shifted = group == 0 && e->first == 0 && e->log_size == 0;

	return ((uint64_t)group * e->group_blocks + e->first + 1 + shifted) *
	       (UINT64_C(1024) << e->log_size);
}

/* The first group descriptor (bg_inode_table_lo at 8, its high half at 0x28 where block
 * numbers have 64 bits) leads to a table whose second inode, the root, is a directory. */
static bool ext_has_root(IvSource *range, const Ext *e, uint32_t group)
{
	uint64_t at = ext_descriptors(e, group), table;
	uint8_t descriptor[64] = {0}, mode[2];
	IvCursor c = iv_cursor(descriptor, sizeof(descriptor));

	if (at > range->size || range->size - at < sizeof(descriptor) ||
	    !iv_source_read(range, at, descriptor, sizeof(descriptor), NULL))
		return false;
	iv_cursor_skip(&c, 8);
	table = iv_cursor_le32(&c);
	iv_cursor_seek(&c, 0x28);
	if (e->incompat & EXT_64BIT)
		table |= (uint64_t)iv_cursor_le32(&c) << 32;
	if (__builtin_mul_overflow(table, UINT64_C(1024) << e->log_size, &at) ||
	    __builtin_add_overflow(at, e->inode_bytes, &at) || range->size < 2)
		return false;
	return at <= range->size - 2 && iv_source_read(range, at, mode, sizeof(mode), NULL) &&
	       mode[1] >> 4 == 4;
}

bool iv_ext_is_backup(IvSource *range, uint64_t *back)
{
	uint8_t super[1024] = {0};
	Ext e;

	*back = 0;
	if (range->size < EXT_SUPER + sizeof(super) ||
	    !iv_source_read(range, EXT_SUPER, super, sizeof(super), NULL))
		return false;
	e = ext_parse(super, sizeof(super));
	if (!ext_sound(&e) || e.group == 0)
		return false;
	*back = ((uint64_t)e.group * e.group_blocks + e.first) * (UINT64_C(1024) << e.log_size);
	*back -= MIN(*back, EXT_SUPER);
	return !ext_has_root(range, &e, 0);
}

/* A backup superblock in the group and block size that are tried.  Kernels mount by it
 * (sb=N), if it is the one of that group and leads to a root. */
static bool backup_at(const IvRange *range, uint32_t group, uint32_t block, Ext *e, GError **error)
{
	uint64_t at = ((uint64_t)group * 8 * block + (block == 1024)) * block;
	uint8_t super[1024] = {0};

	*e = (Ext){0};
	if (at > range->source->size || range->source->size - at < sizeof(super))
		return true;
	if (!iv_source_read(range->source, at, super, sizeof(super), error))
		return false;
	*e = ext_parse(super, sizeof(super));
	if (e->group != group || UINT32_C(1024) << (e->log_size & 7) != block ||
	    ext_bytes(e) > range->source->size ||
	    (ext_sound(e) && !ext_has_root(range->source, e, group)))
		e->magic = 0;
	return true;
}

/* Backups lie in these groups, whose usual size is 8 blocks for each byte of a block. */
static bool find_backup(const IvRange *range, const Ext *primary, Ext *found, GError **error)
{
	static const uint32_t blocks[] = {1024, 2048, 4096};

	for (size_t g = 1; g < G_N_ELEMENTS(backup_groups); g++)
		for (size_t b = 0; b < G_N_ELEMENTS(blocks); b++) {
			if (!backup_at(range, backup_groups[g], blocks[b], found, error))
				return false;
			if (ext_sound(found) &&
			    (!ext_sound(primary) ||
			     memcmp(primary->uuid, found->uuid, UUID_BYTES) != 0))
				return true;
		}
	*found = (Ext){0};
	return true;
}

bool iv_ext_leads_to_root(IvSource *range)
{
	const IvRange whole = {.source = range};
	const Ext none = {0};
	uint8_t super[1024] = {0};
	Ext e, backup;

	if (range->size >= EXT_SUPER + sizeof(super) &&
	    iv_source_read(range, EXT_SUPER, super, sizeof(super), NULL)) {
		e = ext_parse(super, sizeof(super));
		for (size_t i = 0; ext_sound(&e) && i < G_N_ELEMENTS(backup_groups); i++)
			if (ext_has_root(range, &e, backup_groups[i]))
				return true;
	}
	return find_backup(&whole, &none, &backup, NULL) && backup.magic != 0;
}

static bool find_ext(const IvRange *range, GArray *claims, GError **error)
{
	size_t have = range->head_size > EXT_SUPER ? range->head_size - EXT_SUPER : 0;
	const Ext e = ext_parse(range->head + (have > 0 ? EXT_SUPER : 0), MIN(have, 1024));
	Ext backup;

	if (!e.cut && e.magic == 0xef53)
		iv_claims_add(claims, ext_kind(&e), IV_CLAIM_FILES,
			      ext_sound(&e) ? IV_WEIGHT_SURE : IV_WEIGHT_WEAK, ext_bytes(&e));
	if (!find_backup(range, &e, &backup, error))
		return false;
	if (backup.magic == 0)
		return true;
	/* With a primary of its own kind it is a second file system; else it is the owner. */
	if (ext_sound(&e))
		iv_claims_add(claims, "ext-backup", IV_CLAIM_STORE, IV_WEIGHT_SURE, 0);
	else
		iv_claims_add(claims, ext_kind(&backup), IV_CLAIM_FILES, IV_WEIGHT_SURE,
			      ext_bytes(&backup));
	return true;
}

/* --- FAT: Microsoft FAT specification, section 3 ------------------------------------------- */

/* It has no magic number that a kernel asks for: the parameter block must fit together. */
bool iv_fat_fits(const uint8_t *head, size_t len, uint64_t *size)
{
	IvCursor c = iv_cursor(head, len);
	uint32_t sector, cluster, reserved, fats, roots, total, media, fat;
	uint64_t data;

	*size = 0;
	iv_cursor_skip(&c, 11);
	sector = iv_cursor_le16(&c);
	cluster = iv_cursor_u8(&c);
	reserved = iv_cursor_le16(&c);
	fats = iv_cursor_u8(&c);
	roots = iv_cursor_le16(&c);
	total = iv_cursor_le16(&c);
	media = iv_cursor_u8(&c);
	fat = iv_cursor_le16(&c);
	iv_cursor_skip(&c, 8);
	total = total != 0 ? (iv_cursor_skip(&c, 4), total) : iv_cursor_le32(&c);
	if (fat == 0 && roots == 0) /* FAT32 */
		fat = iv_cursor_le32(&c);
	if (c.bad || sector < 512 || sector > 4096 || (sector & (sector - 1)) != 0 ||
	    cluster == 0 || (cluster & (cluster - 1)) != 0 || reserved == 0 || fats == 0 ||
	    (media != 0xf0 && media < 0xf8) || fat == 0 || roots * 32 % sector != 0)
		return false;
	data = reserved + (uint64_t)fats * fat + roots * 32 / sector;
	*size = (uint64_t)total * sector;
	return data < total;
}

static bool find_fat(const IvRange *range, GArray *claims, GError **error)
{
	uint64_t size;

	if (iv_fat_fits(range->head, range->head_size, &size))
		iv_claims_add(claims, "vfat", IV_CLAIM_FILES, IV_WEIGHT_SURE, size);
	return true;
}

/* --- btrfs: "Btrfs On-disk Format", Superblock ------------------------------------------------ */

/* The superblock names its own place; a kernel refuses another. */
static bool find_btrfs(const IvRange *range, GArray *claims, GError **error)
{
	IvCursor c = iv_cursor(range->head, range->head_size);
	uint64_t place, size;

	if (!iv_range_has(range, 0x10040, "_BHRfS_M", 8))
		return true;
	iv_cursor_seek(&c, 0x10030);
	place = iv_cursor_le64(&c);
	iv_cursor_seek(&c, 0x10070);
	size = iv_cursor_le64(&c);
	iv_claims_add(claims, "btrfs", IV_CLAIM_FILES,
		      place == 0x10000 ? IV_WEIGHT_SURE : IV_WEIGHT_WEAK, c.bad ? 0 : size);
	return true;
}

/* --- minix: Linux include/uapi/linux/minix_fs.h ------------------------------------------------ */

/* Versions 1 and 2 (names of 14 or 30 bytes) have their magic at 16, version 3 at 24; both say
 * where the maps of inodes and zones are, in front of the first zone of data. */
bool iv_minix_fits(const uint8_t *super, size_t len, uint64_t *size)
{
	static const uint16_t magics[] = {0x137f, 0x138f, 0x2468, 0x2478};
	IvCursor c = iv_cursor(super, len);
	uint64_t inodes, imap, zmap, first, zones, block;
	uint16_t old, third;
	bool known = false;

	iv_cursor_skip(&c, 16);
	old = iv_cursor_le16(&c);
	iv_cursor_skip(&c, 2);
	zones = iv_cursor_le32(&c);
	third = iv_cursor_le16(&c);
	iv_cursor_skip(&c, 2);
	block = iv_cursor_le16(&c);
	for (size_t i = 0; i < G_N_ELEMENTS(magics); i++)
		known = known || old == magics[i];
	iv_cursor_seek(&c, 0);
	inodes = known ? iv_cursor_le16(&c) : iv_cursor_le32(&c);
	iv_cursor_skip(&c, 2);
	imap = iv_cursor_le16(&c);
	zmap = iv_cursor_le16(&c);
	first = iv_cursor_le16(&c);
	*size = !known ? zones * block : old == 0x2468 || old == 0x2478 ? zones * 1024 : 0;
	return !c.bad && (known || third == 0x4d5a) && inodes > 0 && imap > 0 && zmap > 0 &&
	       first >= 2 + imap + zmap;
}

static bool find_minix(const IvRange *range, GArray *claims, GError **error)
{
	uint64_t size;

	if (range->head_size >= 1024 + 32 && iv_minix_fits(range->head + 1024, 32, &size))
		iv_claims_add(claims, "minix", IV_CLAIM_FILES, IV_WEIGHT_SURE, size);
	return true;
}

/* --- swap --------------------------------------------------------------------------------------- */

/* The signature ends the first page, whose size is that of the machine. */
static bool find_swap(const IvRange *range, GArray *claims, GError **error)
{
	static const struct {
		const char *text, *kind;
		IvClaimUse use;
	} rows[] = {
		{"SWAPSPACE2", "swap", IV_CLAIM_RAW},
		{"SWAP-SPACE", "swap", IV_CLAIM_RAW},
		/* A machine went to sleep in it: its memory, mostly compressed. */
		{"S1SUSPEND\0", "hibernation", IV_CLAIM_STORE},
		{"S2SUSPEND\0", "hibernation", IV_CLAIM_STORE},
		{"ULSUSPEND\0", "hibernation", IV_CLAIM_STORE},
		{"LINHIB0001", "hibernation", IV_CLAIM_STORE},
	};

	for (size_t page = 4096; page <= 65536; page *= 2)
		for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
			if (iv_range_has(range, page - 10, rows[i].text, 10))
				iv_claims_add(claims, rows[i].kind, rows[i].use, IV_WEIGHT_SURE, 0);
	return true;
}

/* --- LVM2 and LUKS2 -------------------------------------------------------------------------------- */

/* The label (lib/format_text/layout.h): in one of the first four sectors, a CRC-32 of its
 * bytes from 20 on, begun with a number of its own and not inverted at the end. */
static bool find_lvm(const IvRange *range, GArray *claims, GError **error)
{
	for (size_t at = 0; at < 4 * 512; at += 512) {
		IvCursor c = iv_cursor(range->head, range->head_size);
		uint32_t crc;

		if (!iv_range_has(range, at, "LABELONE", 8) ||
		    !iv_range_has(range, at + 24, "LVM2 001", 8) || range->head_size < at + 512)
			continue;
		iv_cursor_seek(&c, at + 16);
		crc = iv_cursor_le32(&c);
		iv_claims_add(claims, "lvm2-pv", IV_CLAIM_STORE,
			      (uint32_t)~crc32(~UINT32_C(0xf597a6cf), range->head + at + 20, 492) ==
					      crc
				      ? IV_WEIGHT_SURE
				      : IV_WEIGHT_WEAK,
			      0);
	}
	return true;
}

/* LUKS2 On-Disk Format Specification, section 2.1: when the first header is gone, the
 * second counts, at one of these places, which it names itself (at 256, big-endian). */
static bool find_luks2(const IvRange *range, GArray *claims, GError **error)
{
	static const uint32_t places[] = {0x4000,  0x8000,  0x10000, 0x20000, 0x40000,
					  0x80000, 0x100000, 0x200000, 0x400000};

	for (size_t i = 0; i < G_N_ELEMENTS(places); i++) {
		uint8_t header[264];
		IvCursor c = iv_cursor(header, sizeof(header));

		if (range->source->size < places[i] + sizeof(header))
			break;
		if (!iv_source_read(range->source, places[i], header, sizeof(header), error))
			return false;
		iv_cursor_seek(&c, 256);
		if (memcmp(header, "SKUL\xba\xbe", 6) == 0 && iv_cursor_be64(&c) == places[i])
			iv_claims_add(claims, "luks", IV_CLAIM_STORE, IV_WEIGHT_SURE, 0);
	}
	return true;
}

static bool (*const finders[])(const IvRange *range, GArray *claims, GError **error) = {
	find_ext, find_fat, find_btrfs, find_minix, find_swap, find_lvm, find_luks2,
};

bool iv_superblocks_find(const IvRange *range, GArray *claims, GError **error)
{
	for (size_t i = 0; i < G_N_ELEMENTS(finders); i++)
		if (!finders[i](range, claims, error))
			return false;
	return true;
}
