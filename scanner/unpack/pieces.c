/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pieces.c - see pieces.h: a look at all of it, and a closer one where it pays */
#include "scanner/unpack/pieces.h"

#include <glib.h>

#include "scanner/unpack/encoded.h"
#include "scanner/unpack/inside.h"
#include "scanner/unpack/look.h"
#include "scanner/unpack/wide.h"

/* Bytes of context that are looked at: a stretch that has one byte in the range shows
 * itself within its first or last letters (UTF-32: 4 bytes each). */
#define MARGIN 192u
G_STATIC_ASSERT(MARGIN % IV_LOOK_BYTES == 0 && MARGIN >= 4 * IV_WIDE_LETTERS + IV_LOOK_WIDE);

static void look_closer(IvPieces *p, const IvLook *look)
{
	for (uint64_t left = look->marks; left != 0; left &= left - 1)
		iv_inside_at(p, look->at + (unsigned)__builtin_ctzll(left));
	for (unsigned left = look->letters; left != 0; left &= left - 1)
		iv_encoded_at(p, look->at + 8 * (unsigned)__builtin_ctz(left) -
					 (IV_LOOK_LETTERS - 8));
	for (unsigned left = look->wide; left != 0; left &= left - 1)
		iv_wide_at(p, look->at + IV_LOOK_WIDE * (unsigned)__builtin_ctz(left));
}

void iv_pieces_search(const uint8_t *data, size_t size, size_t from, size_t to, IvPieceFound found,
		      void *user)
{
	IvPieces pieces = {data, size, from, to, found, user, 0, 0, 0};
	IvLook look = {.next = from > MARGIN ? from - MARGIN : 0};
	size_t end = size - to > MARGIN ? to + MARGIN : size;
	const IvLookMarks *marks = iv_inside_marks();
	IvLookNext next = iv_look_next();

	while (next(marks, data, size, end, &look))
		look_closer(&pieces, &look);
}
