/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * wide.h - text of two or four bytes a letter (UTF-16, UTF-32; Unicode 3.10).
 *
 * A file is such a text by its byte order mark, or because its beginning is
 * letters of ASCII and zeros in turn.  In something else, stretches of
 * IV_WIDE_LETTERS such letters are found; texts without ASCII are not.
 */
#ifndef IV_UNPACK_WIDE_H
#define IV_UNPACK_WIDE_H

#include "scanner/unpack/pieces.h"

/* Letters in a row. */
#define IV_WIDE_LETTERS 40u

/* IV_PACKED_UTF16, IV_PACKED_UTF32 or IV_PACKED_NONE. */
IvPacked iv_wide_file(const uint8_t *data, size_t len);

/* data[at, at + IV_LOOK_WIDE) has zeros in turn: the stretch around it, unless the search had it. */
void iv_wide_at(IvPieces *pieces, size_t at);

#endif
