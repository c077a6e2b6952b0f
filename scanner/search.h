/*
 * search.h - worker threads that hash the disk and search items.
 *
 * The reader's thread adds items; workers take whatever lies first on the disk,
 * an item or the next range to hash, so that a cold disk is read about once.
 * A long item is cut into segments that several workers share.
 */
#ifndef IV_SEARCH_H
#define IV_SEARCH_H

#include "scanner/collect.h"
#include "scanner/disk/digest.h"
#include "scanner/engine/engine.h"

typedef struct IvSearch IvSearch;

/* Start `threads` workers (0: one per processor).  digest may be NULL (a tree).
 * All arguments must outlive the search. */
IvSearch *iv_search_start(const IvRuleSet *rules, IvDigest *digest, uint64_t digest_size,
			  IvCollection *collection, unsigned threads, IvScanProgress *progress,
			  GError **error);

/* Search an item.  Waits while too many are waiting.  A stream item is searched
 * at once, on the caller's thread.  False: a worker failed, stop reading. */
bool iv_search_add(IvSearch *search, IvPlace *place, IvItem *item, GError **error);

/* Does any rule look at this path?  For the caller's thread only. */
bool iv_search_path_applies(IvSearch *search, const char *path);

/* Wait until everything that was added has been searched. */
void iv_search_drain(IvSearch *search);

/* Wait for all, the hashing included, and stop the workers.  False with the
 * first error of a worker.  *bytes: how many were searched. */
bool iv_search_finish(IvSearch *search, uint64_t *bytes, GError **error);

/* Stop without waiting for what was not begun. */
void iv_search_free(IvSearch *search);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvSearch, iv_search_free)

/* --- searcher.c: one thread's way through one item --------------------------- */

typedef struct IvSearcher IvSearcher;

IvSearcher *iv_searcher_new(const IvRuleSet *rules, GError **error);
void iv_searcher_free(IvSearcher *searcher);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvSearcher, iv_searcher_free)

/* Search bytes [from, to) of an item (to <= size; the slack goes with the
 * segment that ends at size).  Unreadable bytes become coverage. */
void iv_searcher_range(IvSearcher *searcher, IvPlace *place, IvItem *item, uint64_t from,
		       uint64_t to, IvHits *hits);
/* Search a stream item to its end. */
bool iv_searcher_stream(IvSearcher *searcher, IvPlace *place, IvItem *item, IvHits *hits,
			GError **error);
bool iv_searcher_path_applies(IvSearcher *searcher, const char *path);
uint64_t iv_searcher_bytes(const IvSearcher *searcher);
/* A scratch buffer of IV_DIGEST_CHUNK bytes, aligned for iv_digest_range(). */
void *iv_searcher_scratch(IvSearcher *searcher);

#endif
