/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * search.h - search items on worker threads, and hash the disk meanwhile.
 *
 * The reader's thread adds items.  Those that lie in one piece are gathered by
 * region (regions.h), so that the disk is read about once; the others are cut
 * into segments.  Workers take both in the order they came (queue.h), search
 * them (worker.h), and hash at the end what lay in no region.
 */
#ifndef IV_SEARCH_SEARCH_H
#define IV_SEARCH_SEARCH_H

#include "scanner/base/error.h"
#include "scanner/disk/digest.h"
#include "scanner/search/hits.h"

typedef struct IvSearch IvSearch;

/* Start `threads` workers (0: one per processor).  disk and digest are NULL for
 * a tree.  All arguments must outlive the search. */
IV_MUST_CHECK
IvSearch *iv_search_start(const IvRuleSet *rules, IvSource *disk, IvDigest *digest,
			  IvCollection *collection, unsigned threads, IvScanProgress *progress,
			  GError **error);

/* Search an item.  Waits while too many are waiting.  A stream item is searched
 * at once, on the caller's thread.  False: a worker failed, stop reading. */
IV_MUST_CHECK
bool iv_search_add(IvSearch *search, IvPlace *place, IvItem *item, GError **error);

/* The same for an item (no stream) whose bytes have all these names: it is searched
 * once.  `names` may be NULL; a reference is taken. */
IV_MUST_CHECK
bool iv_search_add_named(IvSearch *search, IvPlace *place, IvItem *item, const IvNames *names,
			 GError **error);

/* The names of one file, or (attributes) of what attributes have, sorted for its rules
 * (iv_names_new()); `items` have them.  For the caller's thread only. */
IvNames *iv_search_names(IvSearch *search, const char *const *paths, const char *const *details,
			 guint n, guint items, bool attributes);

/* Wait until everything that was added has been searched. */
void iv_search_drain(IvSearch *search);

/* Wait for all, the hashing included, and stop the workers.  False with the
 * first error of a worker.  *bytes: how many were searched. */
IV_MUST_CHECK
bool iv_search_finish(IvSearch *search, uint64_t *bytes, GError **error);

/* Stop without waiting for what was not begun. */
void iv_search_free(IvSearch *search);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvSearch, iv_search_free)

#endif
