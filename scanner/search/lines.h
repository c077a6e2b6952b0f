/* SPDX-License-Identifier: GPL-3.0-or-later */
/* lines.h - at which line of an item a byte stands: one pass over it, from its beginning. */
#ifndef IV_SEARCH_LINES_H
#define IV_SEARCH_LINES_H

#include "scanner/base/error.h"
#include "scanner/fs/item.h"

typedef struct IvLines IvLines;

/* item must outlive it, and is no stream. */
IvLines *iv_lines_new(IvItem *item);
void iv_lines_free(IvLines *lines);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvLines, iv_lines_free)

/* The line, from 1, of the byte at `offset`; offsets never go back from call to call.
 * 0 behind a NUL byte (a hole reads as NULs): the item is binary from there on.  False
 * when the item could not be read so far. */
IV_MUST_CHECK
bool iv_lines_at(IvLines *lines, uint64_t offset, uint64_t *line, GError **error);

/* Count newlines of a buffer; *binary is set when it holds a NUL byte, and counts 0. */
uint64_t iv_count_lines(const uint8_t *data, size_t len, bool *binary);

#endif
