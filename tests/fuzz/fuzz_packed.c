/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz_packed.c - what is packed or encoded is recognised in anybody's bytes: nothing is read
 * outside, and what is found lies within what was asked for */
#include <glib.h>
#include <stdlib.h>

#include "scanner/unpack/magic.h"
#include "scanner/unpack/pieces.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct {
	size_t from, to;
} Range;

static void on_found(void *user, IvPacked kind, size_t start, size_t end)
{
	const Range *range = user;

	if (kind >= IV_PACKED_COUNT || start < range->from || start >= range->to || end > range->to ||
	    (iv_packed_class(kind) == IV_PACKED_IS_ENCODED ? end <= start : end != start))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree uint8_t *copy = g_memdup2(data, size);
	Range ranges[] = {{size / 3, size}, {0, size / 2}, {0, size}};

	(void)iv_packed_file(copy, size, size);
	(void)iv_packed_tail(copy, size);
	for (size_t i = 0; i < G_N_ELEMENTS(ranges); i++)
		iv_pieces_search(copy, size, ranges[i].from, ranges[i].to, on_found, &ranges[i]);
	return 0;
}
