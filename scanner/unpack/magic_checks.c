/* SPDX-License-Identifier: GPL-3.0-or-later */
/* magic_checks.c - see magic_checks.h; the sections are those that rows.c names */
#include "scanner/unpack/magic_checks.h"

#include <string.h>
#include <zlib.h>

#include "scanner/unpack/bytes.h"

static bool power_of_two(uint32_t n)
{
	return n != 0 && (n & (n - 1)) == 0;
}

/* --- archives ------------------------------------------------------------------------ */

/* Version needed, a method that is in use, a name. */
bool iv_magic_zip(const uint8_t *data, size_t len, uint64_t size)
{
	uint32_t method, name;

	if (len < 30)
		return false;
	method = iv_le16(data + 8);
	name = iv_le16(data + 26);
	return data[4] <= 63 && data[5] <= 20 && (method <= 20 || (method >= 93 && method <= 99)) &&
	       name > 0 && name <= 4096;
}

/* Version 1.3; a reserved field. */
bool iv_magic_cab(const uint8_t *data, size_t len, uint64_t size)
{
	return len >= 36 && iv_le32(data + 12) == 0 && data[24] == 3 && data[25] == 1;
}

bool iv_magic_lha(const uint8_t *data, size_t len, uint64_t size)
{
	return len >= 21 && data[6] == '-' && data[20] <= 3 && data[0] >= 20;
}

bool iv_magic_rpm(const uint8_t *data, size_t len, uint64_t size)
{
	return len >= 8 && (data[4] == 3 || data[4] == 4) && data[6] == 0 && data[7] <= 1;
}

/* --- streams ------------------------------------------------------------------------- */

/* Flags, level and system that exist; a first block of a type that exists. */
bool iv_magic_gzip(const uint8_t *data, size_t len, uint64_t size)
{
	if (len < 11 || (data[3] & 0xe0) != 0 || (data[8] != 0 && data[8] != 2 && data[8] != 4) ||
	    (data[9] > 13 && data[9] != 255))
		return false;
	return data[3] != 0 || (data[10] >> 1 & 3) != 3;
}

/* What is in front of the mark. */
bool iv_magic_bzip2(const uint8_t *data, size_t len, uint64_t size)
{
	return memcmp(data, "BZh", 3) == 0 && data[3] >= '1' && data[3] <= '9';
}

bool iv_magic_xz(const uint8_t *data, size_t len, uint64_t size)
{
	return len >= 12 && (data[7] <= 1 || data[7] == 4 || data[7] == 10) &&
	       crc32(0, data + 6, 2) == iv_le32(data + 8);
}

/* A dictionary of 2^n or 2^n + 2^(n-1) bytes, a size that may be, and the range
 * coder's first byte, which is always 0. */
bool iv_magic_lzma(const uint8_t *data, size_t len, uint64_t size)
{
	uint32_t dictionary, high;

	if (len < 18)
		return false;
	dictionary = iv_le32(data + 1);
	high = iv_le32(data + 9);
	if (!power_of_two(dictionary) && !power_of_two(dictionary / 3))
		return false;
	return data[13] == 0 && (high < 256 || (high == UINT32_MAX && iv_le32(data + 5) == UINT32_MAX));
}

bool iv_magic_lzip(const uint8_t *data, size_t len, uint64_t size)
{
	return len >= 26 && (data[5] & 0x1f) >= 12 && (data[5] & 0x1f) <= 29;
}

/* The frame's header, and the header of its first block. */
bool iv_magic_zstd(const uint8_t *data, size_t len, uint64_t size)
{
	static const uint8_t dictionary[] = {0, 1, 2, 4}, content[] = {0, 2, 4, 8};
	bool single;
	size_t at;

	if (len < 5 || (data[4] & 8) != 0)
		return false;
	single = (data[4] & 0x20) != 0;
	at = 5 + (single ? 0 : 1) + dictionary[data[4] & 3];
	at += data[4] >> 6 == 0 && single ? 1 : content[data[4] >> 6];
	if (len < at + 3)
		return false;
	return (data[at] >> 1 & 3) != 3 && (iv_le16(data + at) | (uint32_t)data[at + 2] << 16) >> 3 <= 128u << 10;
}

/* What is skipped, and behind it a frame. */
bool iv_magic_zstd_skippable(const uint8_t *data, size_t len, uint64_t size)
{
	uint32_t skip;

	if (len < 8 || (data[0] & 0xf0) != 0x50)
		return false;
	skip = iv_le32(data + 4);
	return skip <= 64 && len >= 12 + (size_t)skip && iv_le32(data + 8 + skip) == 0xfd2fb528u;
}

bool iv_magic_lz4(const uint8_t *data, size_t len, uint64_t size)
{
	return len >= 7 && data[4] >> 6 == 1 && (data[4] & 2) == 0 && (data[5] & 0x8f) == 0 &&
	       data[5] >= 0x40;
}

/* Blocks of 8 MiB, which grow by 1/255 at most. */
bool iv_magic_lz4_legacy(const uint8_t *data, size_t len, uint64_t size)
{
	return len >= 8 && iv_le32(data + 4) > 0 && iv_le32(data + 4) <= 8421520u;
}

/* The versions of program and library, a method, a level. */
bool iv_magic_lzop(const uint8_t *data, size_t len, uint64_t size)
{
	return len >= 32 && data[9] <= 0x20 && data[11] <= 0x20 && data[15] >= 1 && data[15] <= 3 &&
	       data[16] <= 9;
}

/* Codes of 9 to 16 bits, the first of which is a plain byte. */
bool iv_magic_compress(const uint8_t *data, size_t len, uint64_t size)
{
	return len >= 5 && (data[2] & 0x60) == 0 && (data[2] & 0x1f) >= 9 && (data[2] & 0x1f) <= 16 &&
	       (data[4] & 1) == 0;
}

/* Two bytes are too short a mark: its beginning has to inflate. */
bool iv_magic_zlib(const uint8_t *data, size_t len, uint64_t size)
{
	uint8_t out[256];
	z_stream z = {.next_in = (Bytef *)data, .avail_in = (uInt)(len < 512 ? len : 512),
		      .next_out = out, .avail_out = sizeof(out)};
	int result;

	if (len < 8 || (data[0] << 8 | data[1]) % 31 != 0 || (data[1] & 0x20) != 0 ||
	    inflateInit(&z) != Z_OK)
		return false;
	result = inflate(&z, Z_SYNC_FLUSH);
	inflateEnd(&z);
	return result == Z_STREAM_END || (result == Z_OK && z.avail_out <= sizeof(out) - 16);
}

/* For inside something else only. */
bool iv_magic_no_file(const uint8_t *data, size_t len, uint64_t size)
{
	return size == UINT64_MAX;
}

bool iv_magic_pdf(const uint8_t *data, size_t len, uint64_t size)
{
	return len >= 8 && data[5] >= '1' && data[5] <= '2' && data[6] == '.';
}

/* --- disk images --------------------------------------------------------------------- */

bool iv_magic_qcow(const uint8_t *data, size_t len, uint64_t size)
{
	return len >= 8 && data[7] >= 1 && data[7] <= 3;
}

bool iv_magic_vmdk(const uint8_t *data, size_t len, uint64_t size)
{
	return len >= 8 && iv_le32(data + 4) >= 1 && iv_le32(data + 4) <= 3;
}

/* Version 4.0, the only one in use; blocks of 4 KiB to 1 MiB. */
bool iv_magic_squashfs(const uint8_t *data, size_t len, uint64_t size)
{
	return len >= 96 && iv_le16(data + 28) == 4 && iv_le16(data + 30) == 0 &&
	       power_of_two(iv_le32(data + 12)) && iv_le32(data + 12) >= 4096 &&
	       iv_le32(data + 12) <= 1u << 20;
}

bool iv_magic_cramfs(const uint8_t *data, size_t len, uint64_t size)
{
	return len >= 32 && memcmp(data + 16, "Compressed ROMFS", 16) == 0;
}

/* Four entries that may be, one of which is in use: not the sector of a boot
 * loader alone. */
bool iv_magic_boot_record(const uint8_t *data, size_t len, uint64_t size)
{
	unsigned used = 0;

	if (size < 64u << 10)
		return false;
	for (unsigned i = 0; i < 4; i++) {
		const uint8_t *entry = data + 446 + 16 * i;

		if (entry[0] != 0 && entry[0] != 0x80)
			return false;
		used += entry[4] != 0 && iv_le32(entry + 8) != 0 && iv_le32(entry + 12) != 0;
	}
	return used > 0;
}

/* Microsoft FAT specification: the jump, sectors, clusters, one or two tables. */
bool iv_magic_fat(const uint8_t *data, size_t len, uint64_t size)
{
	uint32_t sector = iv_le16(data + 11);

	return (data[0] == 0xeb || data[0] == 0xe9) && power_of_two(sector) && sector >= 512 &&
	       sector <= 4096 && power_of_two(data[13]) && (data[16] == 1 || data[16] == 2) &&
	       size >= 4096;
}

/* ext4 Disk Layout, super block: inodes, block size, a revision that exists. */
bool iv_magic_ext(const uint8_t *data, size_t len, uint64_t size)
{
	const uint8_t *super = data + 1024;

	return len >= 1024 + 96 && iv_le32(super) != 0 && iv_le32(super + 4) != 0 &&
	       iv_le32(super + 24) <= 6 && iv_le32(super + 76) <= 1;
}

/* --- stores and keys ----------------------------------------------------------------- */

bool iv_magic_git_pack(const uint8_t *data, size_t len, uint64_t size)
{
	return len >= 12 && (data[7] == 2 || data[7] == 3);
}

/* XZ, LZ4, ZSTD */
bool iv_magic_journal(const uint8_t *data, size_t len, uint64_t size)
{
	return len >= 16 && (iv_le32(data + 12) & 0xb) != 0;
}

/* Version 1 and the name of a cipher, or version 2 and a header of 16 KiB to 4 MiB. */
bool iv_magic_luks(const uint8_t *data, size_t len, uint64_t size)
{
	uint32_t header;

	if (len < 72)
		return false;
	if (data[7] == 1)
		return data[8] >= 'a' && data[8] <= 'z' && data[72 - 1] == 0;
	header = iv_be32(data + 12);
	return data[7] == 2 && memcmp(data + 8, "\0\0\0\0", 4) == 0 && power_of_two(header) &&
	       header >= 16u << 10 && header <= 4u << 20;
}

/* Version 1 or 2, entries that may be. */
bool iv_magic_java(const uint8_t *data, size_t len, uint64_t size)
{
	return len >= 12 && (data[7] == 1 || data[7] == 2) && data[8] == 0 && data[9] < 16;
}

/* A session key for a public key: version 3, an algorithm that exists. */
static bool pgp_for_key(const uint8_t *body, size_t len)
{
	return len >= 10 && body[0] == 3 &&
	       (body[9] <= 3 || body[9] == 16 || body[9] == 18 || body[9] == 25) && body[9] != 0;
}

/* A session key from a passphrase: version 4, a cipher and a way that exist. */
static bool pgp_for_passphrase(const uint8_t *body, size_t len)
{
	return len >= 3 && body[0] == 4 && body[1] >= 1 && body[1] <= 13 && body[2] <= 3;
}

/* Packets begin without a mark: the tag of one that begins a message, its length. */
bool iv_magic_pgp(const uint8_t *data, size_t len, uint64_t size)
{
	size_t header = 2;

	if (len < 16)
		return false;
	switch (data[0]) {
	case 0x84: /* for a public key, a length of one byte, and of two */
		return pgp_for_key(data + 2, len - 2);
	case 0x85:
		return data[1] <= 8 && pgp_for_key(data + 3, len - 3);
	case 0xc1: /* the same in the newer form */
		header = data[1] >= 192 ? 3 : 2;
		return data[1] < 224 && pgp_for_key(data + header, len - header);
	case 0x8c: /* from a passphrase */
	case 0xc3:
		return data[1] < 64 && pgp_for_passphrase(data + 2, len - 2);
	case 0xa3: /* compressed: as zlib, or bzip2 */
		return (data[1] == 2 && iv_magic_zlib(data + 2, len - 2, size)) ||
		       (data[1] == 3 && memcmp(data + 2, "BZh", 3) == 0);
	default:
		return false;
	}
}

/* A sequence of any form of length, then version 3 and a sequence. */
bool iv_magic_pkcs12(const uint8_t *data, size_t len, uint64_t size)
{
	size_t header = 2;

	if (len < 16)
		return false;
	if (data[1] > 0x80 && data[1] <= 0x84)
		header += data[1] - 0x80u;
	return memcmp(data + header, "\2\1\3\x30", 4) == 0 && data[1] >= 0x80;
}

bool iv_magic_keepass(const uint8_t *data, size_t len, uint64_t size)
{
	return len >= 8 && data[4] >= 0x65 && data[4] <= 0x67 && memcmp(data + 5, "\xfb\x4b\xb5", 3) == 0;
}
