/* SPDX-License-Identifier: GPL-3.0-or-later */
/* runs.c - see runs.h */
#include "scanner/search/runs.h"

#include "scanner/base/limits.h"
#include "scanner/base/skip.h"

/* Runs shorter than this are read without asking the source for holes. */
#define HOLE_ASK (128u << 10)

void iv_runs_start(IvRuns *p, const IvItem *item, uint64_t from, uint64_t end)
{
	guint low = 0, high = item->extents->len;

	while (low < high) {
		guint middle = low + (high - low) / 2;
		const IvExtent *e = &g_array_index(item->extents, IvExtent, middle);

		if (e->logical + e->length <= from)
			low = middle + 1;
		else
			high = middle;
	}
	*p = (IvRuns){item, low, from, end};
}

/* The next piece; false at the end.  A source that cannot tell is read. */
static bool next_piece(IvRuns *p, uint64_t *start, uint64_t *end)
{
	while (p->index < p->item->extents->len) {
		const IvExtent *e = &g_array_index(p->item->extents, IvExtent, p->index);
		uint64_t from = MAX(p->at, e->logical), to = MIN(e->logical + e->length, p->end);
		uint64_t n;
		bool zero = false;

		if (e->logical >= p->end)
			return false;
		if (from >= to) {
			p->index++;
			continue;
		}
		n = to - from;
		if (n >= HOLE_ASK &&
		    !iv_source_extent(p->item->source, e->physical + (from - e->logical), &n,
				      &zero, NULL)) {
			zero = false;
			n = to - from;
		}
		p->at = from + n;
		if (zero) {
			iv_skip(IV_SKIP_HOLE, 1);
			continue;
		}
		*start = from;
		*end = from + n;
		return true;
	}
	return false;
}

/* Join pieces that lie close together: what is between them reads as zeros. */
bool iv_runs_next(IvRuns *p, uint64_t *start, uint64_t *end)
{
	uint64_t a, b;

	if (!next_piece(p, start, end))
		return false;
	for (;;) {
		IvRuns before = *p;

		if (!next_piece(p, &a, &b))
			return true;
		if (a - *end >= IV_HOLE_SKIP) {
			*p = before;
			return true;
		}
		*end = b;
	}
}
