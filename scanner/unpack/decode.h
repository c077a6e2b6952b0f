/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * decode.h - is a stretch of letters an encoding of something?  Private to
 * scanner/unpack/encoded.c.
 *
 * Letters only (RFC 4648 tables 1 to 3 and hex, either case): what breaks lines is
 * left out by the caller.  A window has room for IV_DECODE_WINDOW letters, of which n
 * are there; the others are 0.
 */
#ifndef IV_UNPACK_DECODE_H
#define IV_UNPACK_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scanner/unpack/kinds.h"

/* Letters that one judgement looks at. */
#define IV_DECODE_WINDOW 96u

/* Do these letters decode to a text?  In which way, or
 * IV_PACKED_NONE.  They may begin in the middle of a group. */
IvPacked iv_decode_text(const uint8_t *letters, size_t n);

/* Do these IV_DECODE_WINDOW letters look like an encoding of random bytes?  Of
 * base64 and base32: words, paths and names do not. */
IvPacked iv_decode_random(const uint8_t *letters, size_t n);

/* Is it base64 of a picture, a font, a sound, a public SSH key? */
bool iv_decode_harmless(const uint8_t *letters, size_t n);

/* Hex digits, of at least eight kinds. */
bool iv_decode_is_hex(const uint8_t *letters, size_t n);

#endif
