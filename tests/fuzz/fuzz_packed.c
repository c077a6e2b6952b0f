/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz_packed.c - what is packed or encoded is recognised in anybody's bytes: nothing is read
 * outside, and what is found lies within what was asked for */
#include <glib.h>
#include <stdlib.h>

#include "scanner/unpack/encoded.h"
#include "scanner/unpack/magic.h"
#include "scanner/unpack/wide.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct {
	size_t from, to;
} Range;

static void on_found(void *user, IvPacked kind, size_t start, size_t end)
{
	const Range *range = user;

	if (kind >= IV_PACKED_COUNT || start < range->from || start >= end || end > range->to)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree uint8_t *copy = g_memdup2(data, size);
	Range range = {size / 3, size};
	IvPacked kind;
	size_t at;

	(void)iv_packed_file(copy, size, size);
	(void)iv_packed_tail(copy, size);
	at = iv_packed_search(copy, size, 0, size, &kind);
	if (at < size ? kind >= IV_PACKED_COUNT : kind != IV_PACKED_NONE)
		abort();
	iv_encoded_search(copy, size, range.from, range.to, on_found, &range);
	iv_wide_search(copy, size, range.from, range.to, on_found, &range);
	range = (Range){0, size / 2};
	iv_encoded_search(copy, size, range.from, range.to, on_found, &range);
	iv_wide_search(copy, size, range.from, range.to, on_found, &range);
	return 0;
}
