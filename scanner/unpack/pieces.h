/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * pieces.h - what is packed or encoded in something else: in a file that is no such
 * thing itself, in free space, in slack.
 *
 * At every byte: marks that are long enough, with as much structure behind them as bytes
 * that are none never have (magic.h); texts in an encoding (encoded.h) and of two or four
 * bytes a letter (wide.h).
 */
#ifndef IV_UNPACK_PIECES_H
#define IV_UNPACK_PIECES_H

#include <stddef.h>
#include <stdint.h>

#include "scanner/unpack/kinds.h"

/* Something at data[start, end).  How long a packed piece is, only its reader could say:
 * end == start. */
typedef void (*IvPieceFound)(void *user, IvPacked kind, size_t start, size_t end);

/* A search; the rooms' own files look into it. */
typedef struct {
	const uint8_t *data;
	size_t size, from, to;
	IvPieceFound found;
	void *user;
	size_t encoded_end, wide_end; /* of the last stretch that was looked at */
	uint64_t tried;		      /* bytes that were unpacked, to see whether they can be */
} IvPieces;

/* Call `found` for each piece of data[0, size) that begins in [from, to), and for each
 * encoded stretch with bytes there, cut to that range.  What lies outside is context:
 * from 512 bytes of it on, where a block ends changes nothing. */
void iv_pieces_search(const uint8_t *data, size_t size, size_t from, size_t to, IvPieceFound found,
		      void *user);

#endif
