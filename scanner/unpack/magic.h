/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * magic.h - what packed thing begins here?  By its first bytes, and by as much
 * of its structure as random bytes rarely have.
 *
 * Not recognised: brotli and raw deflate, which have no mark; encrypted volumes
 * without a header (VeraCrypt, plain dm-crypt); and what begins inside a file at
 * no multiple of IV_PACKED_STEP (behind the script of a self-extracting archive).
 */
#ifndef IV_UNPACK_MAGIC_H
#define IV_UNPACK_MAGIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scanner/unpack/kinds.h"

/* Bytes: what lies in something else is looked for at multiples of this (sectors
 * of deleted files; packed members of a tar; the second part of an initrd). */
#define IV_PACKED_STEP 512u

/* The kind of a file that begins with these bytes and has `size` of them, or
 * IV_PACKED_NONE.  66 KiB show all marks; with less of them fewer are seen. */
IvPacked iv_packed_file(const uint8_t *data, size_t len, uint64_t size);

/* The kind of a file that ends with these bytes, where its mark stands there. */
IvPacked iv_packed_tail(const uint8_t *data, size_t len);

/* The first place at or after `from`, in steps of IV_PACKED_STEP, and before `to`
 * where something packed begins that lies in something else; `to` when there is
 * none.  Fewer kinds: those whose marks are long enough to be looked for
 * everywhere. */
size_t iv_packed_search(const uint8_t *data, size_t len, size_t from, size_t to, IvPacked *kind);

#endif
