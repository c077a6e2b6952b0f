/* SPDX-License-Identifier: GPL-3.0-or-later */
/* trailer.c - what stands at the end of a range, or far into it; see claim.h */
#include <string.h>

#include "scanner/base/cursor.h"
#include "scanner/volume/claim.h"

#define ZFS_LABEL (128u << 10) /* uberblocks of the first label, 128 KiB of 1 KiB slots */

/* ZFS: an uberblock magic (either byte order) in a slot of the first label. */
static bool find_zfs(const IvRange *range, GArray *claims, GError **error)
{
	static const uint8_t little[8] = {0x0c, 0xb1, 0xba},
			     big[8] = {0, 0, 0, 0, 0, 0xba, 0xb1, 0x0c};
	g_autofree uint8_t *label = NULL;
	unsigned seen = 0;

	if (range->source->size < 2 * ZFS_LABEL)
		return true;
	label = g_malloc(ZFS_LABEL);
	if (!iv_source_read(range->source, ZFS_LABEL, label, ZFS_LABEL, error))
		return false;
	for (size_t at = 0; at < ZFS_LABEL; at += 1024)
		seen += memcmp(label + at, little, 8) == 0 || memcmp(label + at, big, 8) == 0;
	if (seen > 1)
		iv_claims_add(claims, "zfs", IV_CLAIM_STORE, IV_WEIGHT_SURE, 0);
	return true;
}

/* Does a RAID superblock say that this is one of several equal copies, whose data begin at
 * byte 0?  (Linux include/uapi/linux/raid/md_p.h: version 1 has its level at 72 and the
 * first data sector at 128; version 0.90, in the machine's order, its level at 28.) */
static bool is_leg(const uint8_t *super, size_t len)
{
	IvCursor c = iv_cursor(super, len);
	uint32_t major, level;
	uint64_t data = 0;

	iv_cursor_skip(&c, 4);
	major = iv_cursor_le32(&c);
	iv_cursor_seek(&c, major == 1 ? 72 : 28);
	level = iv_cursor_le32(&c);
	iv_cursor_seek(&c, 128);
	if (major == 1)
		data = iv_cursor_le64(&c);
	return !c.bad && level == 1 && data == 0;
}

/* md RAID 1.0 (8 KiB before the end, 4 KiB aligned) and 0.90 (the last whole 64 KiB): at
 * the end, so that a mirror's leg reads like its file system. */
static bool find_raid(const IvRange *range, GArray *claims, GError **error)
{
	uint64_t size = range->source->size;
	const uint64_t places[] = {(size - 0x2000) & ~(uint64_t)0xfff,
				   (size & ~(uint64_t)0xffff) - 0x10000};

	for (size_t i = 0; i < G_N_ELEMENTS(places) && size >= 0x20000; i++) {
		uint8_t super[256] = {0};

		if (!iv_source_read(range->source, places[i], super, sizeof(super), error))
			return false;
		if (memcmp(super, "\xfc\x4e\x2b\xa9", 4) == 0)
			iv_claims_add(claims, "linux-raid",
				      is_leg(super, sizeof(super)) ? IV_CLAIM_LEG : IV_CLAIM_STORE,
				      IV_WEIGHT_SURE, 0);
	}
	return true;
}

/* NTFS has a copy of its boot sector in the last one, which newer kernels take when the
 * first is gone.  A leftover's file table is gone as well: its first record begins "FILE". */
static bool find_ntfs(const IvRange *range, GArray *claims, GError **error)
{
	uint64_t size = range->source->size, sector, cluster, table;
	uint8_t boot[512] = {0}, record[4];
	IvCursor c = iv_cursor(boot, sizeof(boot));

	if (size < 1u << 20)
		return true;
	if (!iv_source_read(range->source, size / 512 * 512 - 512, boot, sizeof(boot), error))
		return false;
	if (memcmp(boot + 3, "NTFS    ", 8) != 0)
		return true;
	iv_cursor_seek(&c, 11);
	sector = iv_cursor_le16(&c);
	cluster = iv_cursor_u8(&c);
	iv_cursor_seek(&c, 48);
	table = iv_cursor_le64(&c);
	if (__builtin_mul_overflow(table, sector * cluster, &table) || table > size - 4)
		return true;
	if (!iv_source_read(range->source, table, record, sizeof(record), error))
		return false;
	if (memcmp(record, "FILE", 4) == 0)
		iv_claims_add(claims, "ntfs", IV_CLAIM_FILES, IV_WEIGHT_SURE, 0);
	return true;
}

/* UDF may do without its first descriptors (mount -o novrs): an anchor in block 256, or in
 * the last block but 256 or the last, is enough.  ECMA-167, 3/7.2: tag 2, version, sum, place. */
static bool is_anchor(const uint8_t tag[16], uint64_t block)
{
	IvCursor c = iv_cursor(tag, 16);
	uint16_t id = iv_cursor_le16(&c), version = iv_cursor_le16(&c);
	uint8_t sum = 0;

	for (unsigned i = 0; i < 16; i++)
		sum = (uint8_t)(sum + (i == 4 ? 0 : tag[i]));
	iv_cursor_seek(&c, 12);
	return id == 2 && (version == 2 || version == 3) && sum == tag[4] &&
	       iv_cursor_le32(&c) == block;
}

static bool find_udf(const IvRange *range, GArray *claims, GError **error)
{
	for (uint32_t size = 512; size <= 4096; size *= 2) {
		uint64_t blocks = range->source->size / size;
		const uint64_t places[] = {256, blocks - 257, blocks - 1};

		for (size_t i = 0; i < G_N_ELEMENTS(places) && blocks > 257; i++) {
			uint8_t tag[16];

			if (!iv_source_read(range->source, places[i] * size, tag, sizeof(tag), error))
				return false;
			if (is_anchor(tag, places[i]))
				iv_claims_add(claims, "udf", IV_CLAIM_FILES, IV_WEIGHT_SURE, 0);
		}
	}
	return true;
}

static bool (*const finders[])(const IvRange *range, GArray *claims, GError **error) = {
	find_zfs, find_raid, find_ntfs, find_udf,
};

bool iv_trailers_find(const IvRange *range, GArray *claims, GError **error)
{
	for (size_t i = 0; i < G_N_ELEMENTS(finders); i++)
		if (!finders[i](range, claims, error))
			return false;
	return true;
}
