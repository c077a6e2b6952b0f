/* SPDX-License-Identifier: GPL-3.0-or-later */
/* decode.c - see decode.h */
#include "scanner/unpack/decode.h"

#include <glib.h>
#include <string.h>

/* Decoded bytes that a text has at least: a key, or a name and a password. */
#define TEXT_BYTES 20u
/* Different ones of them, so that padding is no text. */
#define TEXT_DIFFERENT 8u

/* --- letters ------------------------------------------------------------------------- */

/* Of both alphabets; 64: no letter. */
static uint8_t value_64(uint8_t c)
{
	static const uint8_t values[128] = {
		64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
		64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
		64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 62, 64, 62, 64, 63,
		52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 64, 64, 64, 64, 64, 64,
		64, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
		15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 64, 64, 64, 64, 63,
		64, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40,
		41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 64, 64, 64, 64, 64,
	};

	return c < 128 ? values[c] : 64;
}

static uint8_t value_32(uint8_t c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	return c >= '2' && c <= '7' ? c - '2' + 26 : 32;
}

static uint8_t value_16(uint8_t c)
{
	if ((uint8_t)(c - '0') < 10)
		return (uint8_t)(c - '0');
	return (uint8_t)((c | 0x20) - 'a') < 6 ? (uint8_t)((c | 0x20) - 'a' + 10) : 16;
}

/* An encoding. */
typedef struct {
	IvPacked kind;
	unsigned group; /* letters after which bytes begin anew */
} Encoding;

static const Encoding encodings[] = {
	{IV_PACKED_HEX, 2},
	{IV_PACKED_BASE32, 8},
	{IV_PACKED_BASE64, 4},
};

/* Inlined for each encoding, as most of the time of an encoded text goes here. */
static inline __attribute__((always_inline)) size_t decode_by(uint8_t (*value_of)(uint8_t), unsigned width,
							      const uint8_t *letters, size_t n,
							      uint8_t *out, size_t most)
{
	uint32_t held = 0;
	unsigned bits = 0;
	size_t len = 0;

	for (size_t i = 0; i < n && len < most; i++) {
		uint8_t value = value_of(letters[i]);

		if (value >> width != 0)
			return 0;
		held = held << width | value;
		bits += width;
		if (bits >= 8) {
			bits -= 8;
			out[len++] = (uint8_t)(held >> bits);
		}
	}
	return len;
}

/* Decode up to `most` bytes; 0 when a letter is not of this encoding. */
static size_t decode(IvPacked kind, const uint8_t *letters, size_t n, uint8_t *out, size_t most)
{
	switch (kind) {
	case IV_PACKED_HEX:
		return decode_by(value_16, 4, letters, n, out, most);
	case IV_PACKED_BASE32:
		return decode_by(value_32, 5, letters, n, out, most);
	default:
		return decode_by(value_64, 6, letters, n, out, most);
	}
}

/* --- classes of letters ---------------------------------------------------------------- */

typedef struct {
	unsigned upper, lower, digits, other;
} Mix;

/* Letters up to IV_DECODE_WINDOW behind the n are 0.  The loop's length is fixed, so
 * that the compiler makes a few vectors of it: most stretches get no further. */
static Mix mix_of(const uint8_t *letters, size_t n)
{
	uint8_t upper = 0, lower = 0, digits = 0;

	for (size_t i = 0; i < IV_DECODE_WINDOW; i++) {
		upper += (uint8_t)(letters[i] - 'A') < 26;
		lower += (uint8_t)(letters[i] - 'a') < 26;
		digits += (uint8_t)(letters[i] - '0') < 10;
	}
	return (Mix){upper, lower, digits, (unsigned)n - upper - lower - digits};
}

/* Letters of the same class as the one before. */
static unsigned same_class(const uint8_t *letters, size_t n)
{
	unsigned same = 0;
	int before = -1;

	for (size_t i = 0; i < n; i++) {
		int class = g_ascii_isupper(letters[i])   ? 0
			    : g_ascii_islower(letters[i]) ? 1
			    : g_ascii_isdigit(letters[i]) ? 2
							  : 3;

		same += class == before;
		before = class;
	}
	return same;
}

/* Can the letters be of this encoding at all?  Most are words or paths, which is
 * cheaper to see than to decode. */
static bool may_be(IvPacked kind, const Mix *mix, size_t n)
{
	switch (kind) {
	case IV_PACKED_HEX:
		return mix->digits >= n / 4 && mix->other == 0 && (mix->upper == 0 || mix->lower == 0);
	case IV_PACKED_BASE32:
		return mix->lower == 0 && mix->upper >= n / 2 && mix->digits > 0;
	default:
		return mix->upper >= n / 8 && mix->lower >= n / 8;
	}
}

/* --- texts --------------------------------------------------------------------------- */

static bool is_text(uint8_t c)
{
	return (c >= 0x20 && c < 0x7f) || c == '\t' || c == '\n' || c == '\r';
}

/* Nine of ten bytes (of every `step`-th, the others being 0) are of a text, and
 * they are of many kinds. */
static bool text(const uint8_t *bytes, size_t len, unsigned step)
{
	unsigned bad = 0, different = 0, alphabetic = 0, n = 0;
	bool seen[256] = {false};

	for (size_t i = 0; i < len; i += step, n++) {
		bad += !is_text(bytes[i]);
		if (step == 2 && i + 1 < len && bytes[i + 1] != 0)
			return false;
		if (10 * bad > len / step)
			return false;
		alphabetic += g_ascii_isalnum(bytes[i]);
		different += !seen[bytes[i]];
		seen[bytes[i]] = true;
	}
	return n * step >= TEXT_BYTES && different >= TEXT_DIFFERENT && 3 * alphabetic >= n;
}

/* Bytes of ASCII have no eighth bit: of the letters in which it stands, most are of
 * the first half of the alphabet.  Sees most of what is no text before it is decoded. */
static bool may_be_ascii(const uint8_t *letters, size_t n, unsigned shift)
{
	unsigned bad = 0;

	for (size_t i = shift; i < n; i += 4) {
		bad += value_64(letters[i]) >= 32;
		if (bad > 2 + i / 40)
			return false;
	}
	return true;
}

static bool any_text(const uint8_t *bytes, size_t len)
{
	return text(bytes, len, 1) || text(bytes, len, 2) || (len > 1 && text(bytes + 1, len - 1, 2));
}

IvPacked iv_decode_text(const uint8_t *letters, size_t n)
{
	uint8_t bytes[IV_DECODE_WINDOW];
	Mix mix;

	mix = mix_of(letters, n);
	for (size_t i = 0; i < G_N_ELEMENTS(encodings); i++) {
		const Encoding *e = &encodings[i];

		if (!may_be(e->kind, &mix, n))
			continue;
		for (unsigned shift = 0; shift < e->group && shift < n; shift++) {
			size_t len;

			if (e->kind == IV_PACKED_BASE64 && !may_be_ascii(letters, n, shift))
				continue;
			len = decode(e->kind, letters + shift, n - shift, bytes, sizeof(bytes));
			if (len > 0 && any_text(bytes, len))
				return e->kind;
		}
	}
	return IV_PACKED_NONE;
}

/* --- what only looks encoded ------------------------------------------------------------ */

static unsigned different(const uint8_t *letters, size_t n)
{
	bool seen[256] = {false};
	unsigned count = 0;

	for (size_t i = 0; i < n; i++) {
		count += !seen[letters[i]];
		seen[letters[i]] = true;
	}
	return count;
}

/* Of random bytes in base64, 96 letters are of 50 kinds (names and words: 30), 41, 41
 * and 16 of 100 are of each class, and 36 follow one of their own class (80). */
static bool random_64(const uint8_t *letters, size_t n, const Mix *mix)
{
	return mix->upper >= n / 8 && mix->lower >= n / 8 && mix->digits >= n / 32 && mix->other <= n / 12 &&
	       same_class(letters, n) <= n / 2 &&
	       different(letters, n) >= 38;
}

/* Of base32, 19 of 100 are digits, of which there are 6. */
static bool random_32(const uint8_t *letters, size_t n, const Mix *mix)
{
	if (mix->lower > 0 || mix->digits < n / 12 || mix->digits > n * 4 / 10)
		return false;
	for (size_t i = 0; i < n; i++)
		if (value_32(letters[i]) == 32)
			return false;
	return different(letters, n) >= 24;
}

IvPacked iv_decode_random(const uint8_t *letters, size_t n)
{
	Mix mix;

	if (n < IV_DECODE_WINDOW)
		return IV_PACKED_NONE;
	mix = mix_of(letters, n);
	return random_64(letters, n, &mix)   ? IV_PACKED_BASE64
	       : random_32(letters, n, &mix) ? IV_PACKED_BASE32
					     : IV_PACKED_NONE;
}

bool iv_decode_is_hex(const uint8_t *letters, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!g_ascii_isxdigit(letters[i]))
			return false;
	return n > 0 && different(letters, n) >= 8;
}

static const struct {
	const char *bytes;
	uint8_t n;
} harmless[] = {
	{"\x89PNG\r\n\x1a\n", 8}, {"\xff\xd8\xff", 3}, {"GIF8", 4},	{"RIFF", 4},
	{"wOFF", 4},		  {"wOF2", 4},	       {"\0\1\0\0\0", 5}, {"OTTO", 4},
	{"OggS", 4},		  {"ID3", 3},	       {"\0\0\0\7ssh-", 8}, {"\0\0\0\x0bssh-ed", 10},
	{"\0\0\0\x13" "ecdsa-sha2-", 15}, {"\0\0\0\x1ask-ssh-ed", 13},
	{"\0\0\0\x22sk-ecdsa-sh", 15},
};

/* The first letters of what `harmless` decodes from: most texts have others. */
#define HARMLESS_LETTERS "i/_RUdATS"

bool iv_decode_harmless(const uint8_t *letters, size_t n)
{
	uint8_t bytes[16];
	size_t len;

	if (n == 0 || memchr(HARMLESS_LETTERS, letters[0], sizeof(HARMLESS_LETTERS) - 1) == NULL)
		return false;
	len = decode(IV_PACKED_BASE64, letters, MIN(n, 24), bytes, sizeof(bytes));
	for (size_t i = 0; i < G_N_ELEMENTS(harmless); i++)
		if (len >= harmless[i].n && memcmp(bytes, harmless[i].bytes, harmless[i].n) == 0)
			return true;
	return false;
}
