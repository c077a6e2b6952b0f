/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * root.c - does a superblock lead to anything?  See claim.h.
 *
 * File systems scatter copies of their superblock, and those outlive them: an XFS has one in
 * front of each group, FAT32 and exFAT in the sectors behind the first, NTFS at its end.  From
 * where such a copy stands nothing can be mounted, as what it points to is not there.  So where a
 * superblock is met in the middle of other bytes, the first thing that it points to is looked at.
 */
#include <string.h>

#include "scanner/base/cursor.h"
#include "scanner/volume/claim.h"

/* `len` bytes of the range, or false. */
static bool get(IvSource *range, uint64_t at, void *to, size_t len)
{
	return at <= range->size && len <= range->size - at &&
	       iv_source_read(range, at, to, len, NULL);
}

static bool has(IvSource *range, uint64_t at, const char *bytes, size_t len)
{
	uint8_t data[16];

	return len <= sizeof(data) && get(range, at, data, len) && memcmp(data, bytes, len) == 0;
}

/* XFS Algorithms & Data Structures, 13.1: the root inode's number is its block in the first
 * group and its place in that; an inode begins "IN". */
static bool xfs_root(IvSource *range)
{
	uint8_t super[128] = {0};
	IvCursor c = iv_cursor(super, sizeof(super));
	uint64_t root, block;
	uint32_t inode;
	uint8_t log;

	if (!get(range, 0, super, sizeof(super)))
		return false;
	iv_cursor_skip(&c, 4);
	block = iv_cursor_be32(&c);
	iv_cursor_seek(&c, 56);
	root = iv_cursor_be64(&c);
	iv_cursor_seek(&c, 104);
	inode = iv_cursor_be16(&c);
	log = super[123] & 31; /* inodes of a block */
	if (root >= UINT64_C(1) << 32)
		return false;
	return has(range, (root >> log) * block + (root & ((UINT64_C(1) << log) - 1)) * inode, "IN", 2);
}

/* The first record of the file table begins "FILE"; its place is at 48, in clusters. */
static bool ntfs_root(IvSource *range)
{
	uint8_t boot[64] = {0};
	IvCursor c = iv_cursor(boot, sizeof(boot));
	uint64_t sector, cluster, table;

	if (!get(range, 0, boot, sizeof(boot)))
		return false;
	iv_cursor_seek(&c, 11);
	sector = iv_cursor_le16(&c);
	cluster = iv_cursor_u8(&c);
	iv_cursor_seek(&c, 48);
	table = iv_cursor_le64(&c);
	return !__builtin_mul_overflow(table, sector * cluster, &table) &&
	       has(range, table, "FILE", 4);
}

/* The first entry of the table of clusters repeats the media byte. */
static bool fat_root(IvSource *range)
{
	uint8_t boot[22] = {0}, entry[2];
	IvCursor c = iv_cursor(boot, sizeof(boot));
	uint64_t sector, reserved;

	if (!get(range, 0, boot, sizeof(boot)))
		return false;
	iv_cursor_seek(&c, 11);
	sector = iv_cursor_le16(&c);
	iv_cursor_skip(&c, 1);
	reserved = iv_cursor_le16(&c);
	return get(range, sector * reserved, entry, sizeof(entry)) && entry[0] == boot[21] &&
	       entry[1] == 0xff;
}

/* exFAT specification, 3.1 and 4.1: FatOffset at 80, in sectors; the first entry is FFFFFFF8. */
static bool exfat_root(IvSource *range)
{
	uint8_t boot[112] = {0};
	IvCursor c = iv_cursor(boot, sizeof(boot));

	if (!get(range, 0, boot, sizeof(boot)) || boot[108] > 12)
		return false;
	iv_cursor_seek(&c, 80);
	return has(range, (uint64_t)iv_cursor_le32(&c) << boot[108], "\xf8\xff\xff\xff", 4);
}

/* squashfs 4: block size at 12 and its logarithm at 22, version at 28; 3 and older are looked
 * at by their version alone, in either byte order. */
static bool squashfs_root(IvSource *range)
{
	uint8_t super[32] = {0};
	IvCursor c = iv_cursor(super, sizeof(super));
	uint32_t block, major;

	if (!get(range, 0, super, sizeof(super)))
		return false;
	iv_cursor_seek(&c, 12);
	block = iv_cursor_le32(&c);
	iv_cursor_seek(&c, 28);
	major = iv_cursor_le16(&c);
	if (major == 4)
		return super[22] < 32 && block == UINT32_C(1) << super[22];
	return (major >= 1 && major <= 3) || (super[28] == 0 && super[29] >= 1 && super[29] <= 3);
}

/* The root is the first inode, behind the two maps; its mode comes first in every version. */
static bool minix_root(IvSource *range)
{
	uint8_t super[32] = {0}, mode[2];
	IvCursor c = iv_cursor(super, sizeof(super));
	uint64_t maps, block = 1024;

	if (!get(range, 1024, super, sizeof(super)))
		return false;
	if (super[24] == 0x5a && super[25] == 0x4d) {
		iv_cursor_seek(&c, 28);
		block = iv_cursor_le16(&c);
		iv_cursor_seek(&c, 6);
	} else {
		iv_cursor_skip(&c, 4);
	}
	maps = iv_cursor_le16(&c);
	maps += iv_cursor_le16(&c);
	return get(range, (2 + maps) * block, mode, sizeof(mode)) && mode[1] >> 4 == 4;
}

static const struct {
	const char *kind;
	bool (*root)(IvSource *range);
} roots[] = {
	{"xfs", xfs_root},     {"ntfs", ntfs_root},	    {"vfat", fat_root},
	{"exfat", exfat_root}, {"squashfs", squashfs_root},
	{"minix", minix_root}, {"ext2", iv_ext_leads_to_root}, {"ext3", iv_ext_leads_to_root},
	{"ext4", iv_ext_leads_to_root},
};

bool iv_claim_has_root(IvSource *range, const char *kind)
{
	for (size_t i = 0; i < G_N_ELEMENTS(roots); i++)
		if (strcmp(roots[i].kind, kind) == 0)
			return roots[i].root(range);
	return true;
}
