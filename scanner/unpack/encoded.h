/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * encoded.h - texts in an encoding that hides them from a search: base64 (both
 * alphabets), base32, hex.
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

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scanner/unpack/kinds.h"

/* Letters in a row: 30 bytes as base64. */
#define IV_ENCODED_LETTERS 40u

/* A stretch data[start, end). */
typedef void (*IvEncodedFound)(void *user, IvPacked kind, size_t start, size_t end);

/* Call `found` for each stretch of data[0, size) with bytes in [from, to), in
 * order; it is cut to that range.  What lies outside is context. */
void iv_encoded_search(const uint8_t *data, size_t size, size_t from, size_t to,
		       IvEncodedFound found, void *user);

#endif
