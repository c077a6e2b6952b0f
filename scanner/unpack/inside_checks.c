/* SPDX-License-Identifier: GPL-3.0-or-later */
/* inside_checks.c - see inside_checks.h; the sections are those that rows.c names */
#include "scanner/unpack/inside_checks.h"

#include <glib.h>
#include <string.h>
#include <zlib.h>

#include "scanner/unpack/bytes.h"
#include "scanner/unpack/magic_checks.h"

/* --- archives ------------------------------------------------------------------------ */

/* Reserved flags are 0, and the name has no control characters. */
bool iv_inside_zip(const IvInside *in)
{
	uint32_t name = iv_le16(in->data + 26);

	if ((in->data[7] & 0xc0) != 0)
		return false;
	for (size_t i = 30; i < 30 + name && i < in->len; i++)
		if (in->data[i] < 0x20 || in->data[i] == 0x7f)
			return false;
	return in->len > 30;
}

/* The mark of a part of several, and then the one above. */
bool iv_inside_zip_part(const IvInside *in)
{
	IvInside rest = {in->data + 4, in->len - 4, in->before, in->tried};

	return iv_magic_zip(rest.data, rest.len, UINT64_MAX) && iv_inside_zip(&rest);
}

/* The sum of the rest of the header. */
bool iv_inside_7z(const IvInside *in)
{
	return in->len >= 32 && crc32(0, in->data + 12, 20) == iv_le32(in->data + 8);
}

/* The archive header, with the sum of what it has besides. */
bool iv_inside_rar4(const IvInside *in)
{
	return in->len >= 20 && in->data[9] == 0x73 &&
	       (crc32(0, in->data + 9, 11) & 0xffff) == iv_le16(in->data + 7);
}

/* The main header, or that of an encrypted archive; its sum. */
bool iv_inside_rar5(const IvInside *in)
{
	size_t size = in->len > 14 ? in->data[12] : 0;

	return size >= 3 && size < 0x80 && in->len >= 13 + size &&
	       (in->data[13] == 1 || in->data[13] == 4) &&
	       crc32(0, in->data + 12, (uInt)(1 + size)) == iv_le32(in->data + 8);
}

/* A table of contents of less than 4 GiB, packed by zlib */
bool iv_inside_xar(const IvInside *in)
{
	return in->len >= 32 && iv_be32(in->data + 8) == 0 && iv_be32(in->data + 16) == 0 &&
	       in->data[28] == 'x';
}

/* MS-WIM, WIMHEADER: its size */
bool iv_inside_wim(const IvInside *in)
{
	return in->len >= 208 && iv_le32(in->data + 8) == 208;
}

/* Signatures as a header, which begins behind the lead. */
bool iv_inside_rpm(const IvInside *in)
{
	return in->len >= 100 && in->data[78] == 0 && in->data[79] == 5 &&
	       memcmp(in->data + 96, "\x8e\xad\xe8\1", 4) == 0;
}

/* The end of the first member's header. */
bool iv_inside_deb(const IvInside *in)
{
	return in->len >= 68 && memcmp(in->data + 66, "`\n", 2) == 0;
}

/* --- streams ------------------------------------------------------------------------- */

/* The bit for random order is no longer used; where the block begins is less than it
 * has; some byte occurs in it. */
bool iv_inside_bzip2(const IvInside *in)
{
	const uint8_t *at = in->data + 14;
	uint32_t origin, used;

	if (in->len < 20)
		return false;
	origin = (uint32_t)(at[0] & 0x7f) << 17 | (uint32_t)at[1] << 9 | (uint32_t)at[2] << 1 | at[3] >> 7;
	used = (uint32_t)(at[3] & 0x7f) << 9 | (uint32_t)at[4] << 1 | at[5] >> 7;
	return (at[0] & 0x80) == 0 && origin < 100000u * (in->data[3] - '0') && used != 0;
}

/* The sum of nothing. */
bool iv_inside_bzip2_empty(const IvInside *in)
{
	return in->len >= 14 && memcmp(in->data + 10, "\0\0\0\0", 4) == 0;
}

/* Less than 16 GiB, or an unknown size.  The first symbol is a literal, so the range coder's first bit is 0.  What follows is as
 * random bytes are: small numbers are mostly zeros, and texts have no high bytes. */
bool iv_inside_lzma(const IvInside *in)
{
	unsigned zeros = 0, high = 0;

	if (in->len < 46)
		return false;
	for (unsigned i = 14; i < 46; i++) {
		zeros += i < 30 && in->data[i] == 0;
		high += in->data[i] >= 0x80;
	}
	return in->data[14] < 0x80 && zeros <= 3 && high >= 4 &&
	       (in->data[9] < 4 || in->data[9] == 0xff);
}

bool iv_inside_lzip(const IvInside *in)
{
	return in->data[6] == 0 && in->data[7] < 0x80 && iv_le16(in->data + 7) != 0;
}

/* framing_format.txt 4: a chunk of a kind that exists, of 64 KiB and its sum at most */
bool iv_inside_snappy(const IvInside *in)
{
	uint32_t size = in->len >= 18 ? iv_le32(in->data + 10) >> 8 : 0;

	return in->len >= 18 && (in->data[10] <= 1 || in->data[10] == 0xfe) && size > 4 &&
	       size <= (64u << 10) + 4 + 4096;
}

/* --- documents ------------------------------------------------------------------------ */

/* The version ends in the line, and an object follows soon. */
bool iv_inside_pdf(const IvInside *in)
{
	return in->len >= 16 && g_ascii_isdigit(in->data[7]) && g_ascii_isspace(in->data[8]) &&
	       memmem(in->data, MIN(in->len, 2048), " obj", 4) != NULL;
}

/* Byte order, sectors of 512 or 4096 bytes */
bool iv_inside_ole(const IvInside *in)
{
	return in->len >= 76 && memcmp(in->data + 28, "\xfe\xff", 2) == 0 &&
	       (in->data[30] == 9 || in->data[30] == 12) && in->data[31] == 0;
}

/* --- disk images ---------------------------------------------------------------------- */

/* Clusters of 512 bytes to 2 MiB; of version 1 they stand elsewhere. */
bool iv_inside_qcow(const IvInside *in)
{
	uint32_t bits;

	if (in->len < 48)
		return false;
	bits = in->data[7] == 1 ? in->data[32] : iv_be32(in->data + 20);
	return bits >= 9 && bits <= 21;
}

/* Grains are a power of two of sectors, more than 4 KiB. */
bool iv_inside_vmdk(const IvInside *in)
{
	uint32_t grain = in->len >= 28 ? iv_le32(in->data + 20) : 0;

	return grain >= 8 && (grain & (grain - 1)) == 0 && iv_le32(in->data + 24) == 0;
}

/* Version 1.0 */
bool iv_inside_vhd(const IvInside *in)
{
	return in->len >= 512 && memcmp(in->data + 12, "\0\1\0\0", 4) == 0;
}

/* MS-VHDX 2.2.1: a text of 512 bytes, and zeros */
bool iv_inside_vhdx(const IvInside *in)
{
	static const uint8_t zeros[504];

	return in->len >= 1024 && memcmp(in->data + 520, zeros, sizeof(zeros)) == 0;
}

/* The size in both byte orders */
bool iv_inside_iso(const IvInside *in)
{
	return in->len >= 88 && iv_le32(in->data + 80) != 0 &&
	       iv_le32(in->data + 80) == iv_be32(in->data + 84);
}

/* --- stores and keys ------------------------------------------------------------------ */

/* Objects, fewer than letters would be as a number; the first of a kind that exists */
bool iv_inside_git_pack(const IvInside *in)
{
	unsigned kind = in->len >= 32 ? in->data[12] >> 4 & 7 : 0;

	return iv_be32(in->data + 8) > 0 && in->data[8] < 0x10 && kind != 0 && kind != 5;
}

/* A recipient: programs name the mark alone. */
bool iv_inside_age(const IvInside *in)
{
	return in->len >= 32 && memcmp(in->data + 22, "-> ", 3) == 0;
}

/* A salt and a block of at least 16 bytes: no text, no end of a string, and no program that
 * has the mark as a number (of random bytes, one in 300,000 looks like that) */
bool iv_inside_salted(const IvInside *in)
{
	unsigned high = 0;

	if (in->len < 32)
		return false;
	for (unsigned i = 8; i < 32; i++)
		high += in->data[i] >= 0x80;
	return high >= 2 && memmem(in->data + 8, 24, "\0\0\0", 3) == NULL;
}

/* Entries, the first of a kind that exists, with a name */
bool iv_inside_java(const IvInside *in)
{
	return in->len >= 32 && iv_be32(in->data + 8) > 0 && iv_be32(in->data + 12) >= 1 &&
	       iv_be32(in->data + 12) <= 3 && in->data[16] < 16 && in->data[18] >= 0x20;
}

/* The format's major version, or that of the older one */
bool iv_inside_keepass(const IvInside *in)
{
	if (in->len < 32)
		return false;
	return in->data[4] == 0x65 ? in->data[14] == 3 && in->data[15] == 0
				   : in->data[10] >= 1 && in->data[10] <= 5 && in->data[11] == 0;
}

/* Behind the line, lines of hex, which may be indented. */
bool iv_inside_ansible(const IvInside *in)
{
	const uint8_t *end = in->data + MIN(in->len, 512), *at = memchr(in->data, '\n', MIN(in->len, 128));
	unsigned digits = 0;

	while (at != NULL && at < end && g_ascii_isspace(*at))
		at++;
	while (at != NULL && at < end && digits < 40 && g_ascii_isxdigit(*at++))
		digits++;
	return digits == 40;
}
