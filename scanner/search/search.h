/*
 * search.h - worker threads that hash the disk and search items.
 *
 * The reader's thread adds items.  Those that lie in one piece are gathered by
 * region (regions.h), so that the disk is read about once; the others are cut
 * into segments.  Workers take regions and segments in the order they came, and
 * hash at the end what lay in no region.
 */
#ifndef IV_SEARCH_SEARCH_H
#define IV_SEARCH_SEARCH_H

#include "scanner/search/collect.h"
#include "scanner/disk/digest.h"
#include "scanner/engine/engine.h"
#include "scanner/search/regions.h"

typedef struct IvSearch IvSearch;

/* Start `threads` workers (0: one per processor).  disk and digest are NULL for
 * a tree.  All arguments must outlive the search. */
IvSearch *iv_search_start(const IvRuleSet *rules, IvSource *disk, IvDigest *digest,
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

/* --- worker.c: one thread's way through items and regions ------------------- */

typedef struct IvWorker IvWorker;

IvWorker *iv_worker_new(const IvRuleSet *rules, IvCollection *collection, GError **error);
void iv_worker_free(IvWorker *worker);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvWorker, iv_worker_free)

/* Search bytes [from, to) of an item (to <= size; the slack goes with the
 * segment that ends at size).  Unreadable bytes become coverage.  The hits, or
 * NULL when there are none; the caller finishes them. */
IvHits *iv_worker_range(IvWorker *worker, IvPlace *place, IvItem *item, uint64_t from,
			  uint64_t to);

/* Read the region of the disk in which these n parts lie, hash it if nobody did
 * (digest may be NULL), and search the parts; hits[n] as above.  False when it
 * could not be read: coverage says so, and it is not hashed. */
bool iv_worker_region(IvWorker *worker, IvSource *disk, IvDigest *digest,
			const IvRegionPart *parts, guint n, IvHits **hits);

/* Search a stream item to its end. */
bool iv_worker_stream(IvWorker *worker, IvPlace *place, IvItem *item, IvHits **hits,
			GError **error);
bool iv_worker_path_applies(IvWorker *worker, const char *path);
uint64_t iv_worker_bytes(const IvWorker *worker);
/* A scratch buffer of at least IV_DIGEST_CHUNK bytes, aligned for iv_digest_range(). */
void *iv_worker_scratch(IvWorker *worker);

#endif
