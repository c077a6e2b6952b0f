/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * letters.h - where may a long stretch of base64 letters be?  Private to
 * scanner/unpack/encoded.c.
 *
 * A look at IV_LETTERS_LOOK bytes out of every IV_LETTERS_STRIDE is enough, as a stretch of
 * 40 letters covers one such place; it is all that most bytes of a disk cost.
 */
#ifndef IV_UNPACK_LETTERS_H
#define IV_UNPACK_LETTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define IV_LETTERS_LOOK	  16u
#define IV_LETTERS_STRIDE 24u

/* A-Z a-z 0-9 + / and, for URLs, - and _: bit c of four words. */
static inline bool iv_is_letter(uint8_t c)
{
	static const uint64_t letters[4] = {UINT64_C(0x03ffa80000000000),
					    UINT64_C(0x07fffffe87fffffe)};

	return letters[c >> 6] >> (c & 63) & 1;
}

/* The first place of from, from + IV_LETTERS_STRIDE ... before `end` that may be in such
 * a stretch, or `end`.  A few marks besides letters pass.  Reads within data[0, size). */
size_t iv_letters_next(const uint8_t *data, size_t size, size_t from, size_t end);

#endif
