/* SPDX-License-Identifier: GPL-3.0-or-later */
/* inside_streams.c - see inside_checks.h: streams, of which a little is unpacked or followed */
#include <glib.h>
#include <string.h>
#include <zlib.h>

#include "scanner/base/limits.h"
#include "scanner/unpack/bytes.h"
#include "scanner/unpack/inside_checks.h"

/* Bytes that are looked at: of random ones no stream gets this far. */
#define TRY_BYTES 512u
/* Unpacked bytes at which a try ends, and what it costs before the first one. */
#define TRY_OUT	 (4u << 10)
#define TRY_COST 1024u

/* --- deflate (RFC 1951) ---------------------------------------------------------------- */

/* A try. */
typedef struct {
	bool fits; /* no error, as far as it was looked at; of a whole stream its sum is checked */
	bool whole;
	size_t in, out; /* bytes */
} Inflated;

/* What was too dear to try counts as what its mark says. */
static Inflated inflate_some(const IvInside *in, int window)
{
	uint8_t out[1024];
	z_stream z = {.next_in = (Bytef *)in->data, .avail_in = (uInt)MIN(in->len, TRY_BYTES)};
	int result;

	if (*in->tried >= IV_MAX_TRIED_BYTES || inflateInit2(&z, window) != Z_OK)
		return (Inflated){true, true, TRY_BYTES, TRY_OUT};
	do {
		z.next_out = out;
		z.avail_out = sizeof(out);
		result = inflate(&z, Z_SYNC_FLUSH);
	} while (result == Z_OK && z.avail_out == 0 && z.total_out < TRY_OUT);
	*in->tried += TRY_COST + z.total_in + z.total_out;
	inflateEnd(&z);
	return (Inflated){result == Z_OK || result == Z_BUF_ERROR || result == Z_STREAM_END,
			  result == Z_STREAM_END, z.total_in, z.total_out};
}

bool iv_inside_gzip(const IvInside *in)
{
	return inflate_some(in, MAX_WBITS + 16).fits;
}

/* n bits from bit `from` on. */
static unsigned bits(const uint8_t *data, unsigned from, unsigned n)
{
	return iv_le32(data + from / 8) >> from % 8 & ((1u << n) - 1);
}

/* 3.2.7: lengths of the code of code lengths, which use up all codes.  One in some
 * thousands of random beginnings does. */
static bool dynamic_fits(const uint8_t *block)
{
	unsigned lengths = bits(block, 13, 4) + 4, used = 0;

	if (bits(block, 3, 5) > 29 || bits(block, 8, 5) > 29)
		return false;
	for (unsigned i = 0; i < lengths; i++) {
		unsigned length = bits(block, 17 + 3 * i, 3);

		used += length != 0 ? 128u >> length : 0;
	}
	return used == 128;
}

/* 3.2.3 to 3.2.7: a first block that may be.  A stored one holds plain bytes, and is too
 * easily found in pictures and tables of programs. */
static bool block_fits(const uint8_t *block)
{
	unsigned type = bits(block, 1, 2);

	return type == 1 || (type == 2 && dynamic_fits(block));
}

/* Pixels of a PNG, its colours (PNG 11.2.4, 11.3.3.3; APNG fdAT): pictures do not count. */
static bool in_picture(const IvInside *in)
{
	const uint8_t *at = in->data;

	if (in->before >= 8 && (memcmp(at - 4, "IDAT", 4) == 0 || memcmp(at - 8, "fdAT", 4) == 0))
		return true;
	return in->before >= 90 && memmem(at - 90, 90, "iCCP", 4) != NULL;
}

/* Two bytes are no mark: something has to be in it.  A code that is fixed is for a few
 * bytes, or where it packs well: an empty block before a stored one is a table's numbers. */
bool iv_inside_zlib(const IvInside *in)
{
	Inflated some;

	if (in->len < 32 || !block_fits(in->data + 2) || in_picture(in))
		return false;
	some = inflate_some(in, MAX_WBITS);
	return some.fits && some.out >= 16 &&
	       (some.whole || bits(in->data + 2, 1, 2) == 2 || some.out >= some.in);
}

/* --- Zstandard --------------------------------------------------------------------------- */

/* 3.1.1.3.1.1: literals of a first compressed block, which are no longer than a block, and
 * have no table of one before but in a dictionary. */
static bool zstd_literals_fit(const uint8_t *at, uint32_t block, bool dictionary)
{
	unsigned type = at[0] & 3, format = at[0] >> 2 & 3;
	uint32_t bits_24 = iv_le32(at) & 0xffffff, size, packed;

	if (type == 3 && !dictionary)
		return false;
	if (type < 2) {
		size = (format & 1) == 0 ? at[0] >> 3 : format == 1 ? bits_24 >> 4 & 0xfff : bits_24 >> 4;
		return size <= 128u << 10 && (type == 1 || size < block);
	}
	if (format == 3) {
		size = iv_le32(at) >> 4 & 0x3ffff;
		packed = iv_le32(at + 1) >> 14;
	} else {
		size = iv_le32(at) >> 4 & (format == 2 ? 0x3fff : 0x3ff);
		packed = format == 2 ? iv_le32(at) >> 18 : bits_24 >> 14;
	}
	return size <= 128u << 10 && packed < size && packed < block;
}

/* 3.1.1.2: blocks, as far as they can be followed; the first of which has something in it. */
static bool zstd_blocks_fit(const IvInside *in, size_t at)
{
	bool dictionary = (in->data[4] & 3) != 0;


	for (unsigned n = 0; n < 64 && at + 3 <= in->len; n++) {
		uint32_t header = iv_le32(in->data + at - 1) >> 8, size = header >> 3;
		unsigned type = header >> 1 & 3;

		if (type == 3 || size > 128u << 10)
			return false;
		if (type == 2 && n == 0 && in->len >= at + 8 &&
		    !zstd_literals_fit(in->data + at + 3, size, dictionary))
			return false;
		if ((header & 1) != 0)
			return true;
		at += 3 + (size_t)(type == 1 ? 1 : size);
	}
	return true;
}

/* 3.1.1.1: a window of up to 2 GiB; the header that magic_checks.c measured */
bool iv_inside_zstd(const IvInside *in)
{
	static const uint8_t dictionary[] = {0, 1, 2, 4}, content[] = {0, 2, 4, 8};
	uint8_t flags = in->data[4];
	bool single = (flags & 0x20) != 0;
	size_t at = 5 + (single ? 0 : 1) + dictionary[flags & 3];

	if (!single && in->data[5] >> 3 > 21)
		return false;
	at += flags >> 6 == 0 && single ? 1 : content[flags >> 6];
	return zstd_blocks_fit(in, at);
}

/* --- LZ4 --------------------------------------------------------------------------------- */

/* A length of 15 goes on in the next bytes, up to one that is not 255. */
static size_t long_length(const uint8_t *data, size_t len, size_t *at, size_t length)
{
	uint8_t more = length == 15 ? 255 : 0;

	while (more == 255 && *at < len) {
		more = data[(*at)++];
		length += more;
	}
	return length;
}

/* lz4_Block_format.md: literals and copies of what is there already, up to `most` unpacked
 * bytes.  Random ones get no further than their first copy. */
static bool lz4_block_fits(const uint8_t *data, size_t len, size_t most)
{
	size_t at = 0, made = 0;

	len = MIN(len, TRY_BYTES);
	while (at < len) {
		uint8_t token = data[at++];
		size_t literals = long_length(data, len, &at, token >> 4), back;

		at += literals;
		made += literals;
		if (at + 2 > len || made >= most)
			break;
		back = iv_le16(data + at);
		if (back == 0 || back > made)
			return false;
		at += 2;
		made += long_length(data, len, &at, token & 15) + 4;
	}
	return true;
}

/* xxHash: XXH32 of up to 15 bytes. */
static uint32_t short_hash(const uint8_t *data, size_t len)
{
	uint32_t hash = 374761393u + (uint32_t)len;
	size_t at = 0;

	for (; at + 4 <= len; at += 4) {
		hash += iv_le32(data + at) * 3266489917u;
		hash = (hash << 17 | hash >> 15) * 668265263u;
	}
	for (; at < len; at++) {
		hash += data[at] * 374761393u;
		hash = (hash << 11 | hash >> 21) * 2654435761u;
	}
	hash = (hash ^ hash >> 15) * 2246822519u;
	hash = (hash ^ hash >> 13) * 3266489917u;
	return hash ^ hash >> 16;
}

/* The sum of the header, and a first block that is no longer than it says. */
bool iv_inside_lz4(const IvInside *in)
{
	uint8_t flags = in->data[4];
	size_t header = 2 + ((flags & 8) != 0 ? 8u : 0u) + ((flags & 1) != 0 ? 4u : 0u);
	uint32_t block;

	if (in->len < 4 + header + 5 ||
	    in->data[4 + header] != (uint8_t)(short_hash(in->data + 4, header) >> 8))
		return false;
	block = iv_le32(in->data + 4 + header + 1);
	return (block & 0x7fffffff) <= 4u << 20;
}

bool iv_inside_lz4_legacy(const IvInside *in)
{
	return in->len >= 16 && lz4_block_fits(in->data + 8, MIN(in->len - 8, iv_le32(in->data + 4)),
					       SIZE_MAX);
}

/* The unpacked size, and a block */
bool iv_inside_mozlz4(const IvInside *in)
{
	return in->len >= 24 && iv_le32(in->data + 8) > 0 &&
	       lz4_block_fits(in->data + 12, in->len - 12, iv_le32(in->data + 8));
}
