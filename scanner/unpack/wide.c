/* SPDX-License-Identifier: GPL-3.0-or-later */
/* wide.c - see wide.h */
#include "scanner/unpack/wide.h"

#include <glib.h>
#include <stdbool.h>
#include <string.h>

/* Letters that a file without a byte order mark begins with. */
#define FIRST_LETTERS 8u
/* Different letters of a stretch: tables of numbers repeat a few. */
#define DIFFERENT 8u

static bool is_text(uint8_t c)
{
	return (c >= 0x20 && c < 0x7f) || c == '\t' || c == '\n' || c == '\r';
}

/* A letter at `at`, and zeros up to the next one. */
static bool letter(const uint8_t *data, size_t size, size_t at, unsigned width)
{
	for (unsigned i = 1; i < width; i++)
		if (at + i < size && data[at + i] != 0)
			return false;
	return at < size && is_text(data[at]);
}

static size_t letters_from(const uint8_t *data, size_t size, size_t at, unsigned width)
{
	size_t n = 0;

	while (letter(data, size, at + n * width, width))
		n++;
	return n;
}

/* Most of it letters and blanks, many kinds of them, and not one after the other as
 * in the tables of character sets. */
static bool words(const uint8_t *data, size_t at, size_t n, unsigned width)
{
	bool seen[256] = {false};
	unsigned alphabetic = 0, different = 0, rising = 0, looked = (unsigned)MIN(n, 256);

	for (size_t i = 0; i < looked; i++) {
		uint8_t c = data[at + i * width];

		alphabetic += g_ascii_isalnum(c) || c == ' ';
		different += !seen[c];
		rising += i > 0 && c == data[at + (i - 1) * width] + 1;
		seen[c] = true;
	}
	return 4 * alphabetic >= 3 * looked && different >= DIFFERENT && 4 * rising < looked;
}

/* --- files --------------------------------------------------------------------------- */

/* Two bytes a letter behind a mark: none of the first is a NUL or no character.
 * MPEG sound begins with the same two bytes. */
static bool units_fit(const uint8_t *data, size_t len, bool big)
{
	for (size_t i = 2; i + 1 < MIN(len, 64); i += 2) {
		unsigned unit = big ? data[i] << 8 | data[i + 1] : data[i + 1] << 8 | data[i];

		if (unit >= 0xfffe || (unit < 0x20 && unit != '\t' && unit != '\n' && unit != '\r'))
			return false;
	}
	return len >= 4;
}

static IvPacked by_mark(const uint8_t *data, size_t len)
{
	if (len >= 8 && (memcmp(data, "\xff\xfe\0\0", 4) == 0 || memcmp(data, "\0\0\xfe\xff", 4) == 0))
		return IV_PACKED_UTF32;
	if (len >= 4 && ((data[0] == 0xff && data[1] == 0xfe && units_fit(data, len, false)) ||
			 (data[0] == 0xfe && data[1] == 0xff && units_fit(data, len, true))))
		return IV_PACKED_UTF16;
	return IV_PACKED_NONE;
}

IvPacked iv_wide_file(const uint8_t *data, size_t len)
{
	IvPacked kind = by_mark(data, len);

	if (kind != IV_PACKED_NONE)
		return kind;
	for (unsigned width = 2; width <= 4; width += 2) {
		/* Little-endian, and big-endian with the zeros first. */
		size_t big = width - 1;

		if (letters_from(data, len, 0, width) >= FIRST_LETTERS ||
		    (len > big && data[0] == 0 && data[big - 1] == 0 &&
		     letters_from(data, len, big, width) >= FIRST_LETTERS))
			return width == 2 ? IV_PACKED_UTF16 : IV_PACKED_UTF32;
	}
	return IV_PACKED_NONE;
}

/* --- in something else --------------------------------------------------------------- */

/* The stretch around the letter `at`, not before `least`. */
static size_t stretch(const uint8_t *data, size_t size, size_t at, size_t least, unsigned width,
		      size_t *start)
{
	while (at >= least + width && letter(data, size, at - width, width))
		at -= width;
	*start = at;
	return letters_from(data, size, at, width);
}

void iv_wide_at(IvPieces *p, size_t at)
{
	size_t start = 0, n = 0, end;
	unsigned width = 2;

	if (at < p->wide_end)
		return;
	while (at < p->size && p->data[at] == 0)
		at++;
	for (; width <= 4; width += 2) {
		n = stretch(p->data, p->size, at, p->wide_end, width, &start);
		if (n >= IV_WIDE_LETTERS)
			break;
	}
	if (n < IV_WIDE_LETTERS)
		return;
	end = MIN(start + n * width, p->size);
	p->wide_end = end;
	if (words(p->data, start, n, width) && start < p->to && end > p->from)
		p->found(p->user, width == 2 ? IV_PACKED_UTF16 : IV_PACKED_UTF32,
			 MAX(start, p->from), MIN(end, p->to));
}
