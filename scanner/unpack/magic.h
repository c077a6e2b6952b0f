/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * magic.h - what packed thing is this file?  By its first bytes, and by as much
 * of its structure as other files rarely have.
 *
 * Not recognised: brotli and raw deflate, which have no mark; encrypted volumes
 * without a header (VeraCrypt, plain dm-crypt).
 */
#ifndef IV_UNPACK_MAGIC_H
#define IV_UNPACK_MAGIC_H

#include <stddef.h>
#include <stdint.h>

#include "scanner/unpack/kinds.h"

/* The kind of a file that begins with these bytes and has `size` of them, or
 * IV_PACKED_NONE.  66 KiB show all marks; with less of them fewer are seen. */
IvPacked iv_packed_file(const uint8_t *data, size_t len, uint64_t size);

/* The kind of a file that ends with these bytes, where its mark stands there. */
IvPacked iv_packed_tail(const uint8_t *data, size_t len);

#endif
