/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * runs.h - an item's stored bytes as runs of data.
 *
 * Walks extents and leaves out what the source knows to be zeros; pieces that
 * lie closer together than IV_HOLE_SKIP are one run (what is between them reads
 * as zeros).  Iterates extents and holes, never bytes.
 */
#ifndef IV_SEARCH_RUNS_H
#define IV_SEARCH_RUNS_H

#include "scanner/base/error.h"
#include "scanner/fs/item.h"

typedef struct {
	const IvItem *item;
	guint index;
	uint64_t at, end; /* item offsets: where to go on, where to stop */
} IvRuns;

/* The runs of [from, end) of an item that has extents. */
void iv_runs_start(IvRuns *runs, const IvItem *item, uint64_t from, uint64_t end);

/* The next run, clipped to the range; false when there is none. */
IV_MUST_CHECK
bool iv_runs_next(IvRuns *runs, uint64_t *start, uint64_t *end);

#endif
