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

#include "scanner/unpack/encoded.h"

/* Letters in a row. */
#define IV_WIDE_LETTERS 40u

/* IV_PACKED_UTF16, IV_PACKED_UTF32 or IV_PACKED_NONE. */
IvPacked iv_wide_file(const uint8_t *data, size_t len);

/* As iv_encoded_search(). */
void iv_wide_search(const uint8_t *data, size_t size, size_t from, size_t to,
		    IvEncodedFound found, void *user);

#endif
