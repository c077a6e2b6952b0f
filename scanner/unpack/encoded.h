/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * encoded.h - texts in an encoding that hides them from a search: base64 (both
 * alphabets), base32, hex.  Private to scanner/unpack/.
 *
 * Stretches of IV_ENCODED_LETTERS letters are found for sure.  One counts when it
 * decodes to a text, or when it is long and looks as random as packed or encrypted
 * bytes do: so that identifiers, paths, and digests do not count.  Nor do the
 * bodies of PEM blocks that rules know (certificates, keys), public SSH keys, and
 * pictures and fonts of web pages.  Not recognised: quoted-printable, uuencode,
 * percent-encoding, ascii85, escapes (\u0041).
 */
#ifndef IV_UNPACK_ENCODED_H
#define IV_UNPACK_ENCODED_H

#include "scanner/unpack/pieces.h"

/* Letters in a row: 30 bytes as base64. */
#define IV_ENCODED_LETTERS 40u

/* IV_LOOK_LETTERS letters stand at data[at] (look.h): the stretch around it, unless the search had it. */
void iv_encoded_at(IvPieces *pieces, size_t at);

#endif
