/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * worker.h - one thread's way through items and regions: it reads their bytes,
 * cuts them into blocks with context, and gives those to its own matcher.
 *
 * Bytes that cannot be read, and what the matcher gave up, become coverage of
 * the place.
 */
#ifndef IV_SEARCH_WORKER_H
#define IV_SEARCH_WORKER_H

#include "scanner/base/error.h"
#include "scanner/disk/digest.h"
#include "scanner/engine/engine.h"
#include "scanner/search/hits.h"
#include "scanner/search/regions.h"

typedef struct IvWorker IvWorker;

/* rules and collection must outlive it. */
IV_MUST_CHECK
IvWorker *iv_worker_new(const IvRuleSet *rules, IvCollection *collection, GError **error);
void iv_worker_free(IvWorker *worker);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvWorker, iv_worker_free)

/* Search bytes [from, to) of an item (to <= size; the slack goes with the
 * segment that ends at size) that has these names, or NULL.  The hits, or NULL when
 * there are none; the caller finishes them (iv_hits_finish()). */
IvHits *iv_worker_range(IvWorker *worker, IvPlace *place, IvItem *item, const IvNames *names,
			uint64_t from, uint64_t to);

/* Read the region of the disk in which these n parts lie, hash it if that was not done yet
 * (digest may be NULL), and search the parts; hits[n] as above.  False when it
 * could not be read: coverage says so, and it is not hashed. */
IV_MUST_CHECK
bool iv_worker_region(IvWorker *worker, IvSource *disk, IvDigest *digest,
		      const IvRegionPart *parts, guint n, IvHits **hits);

/* Search a stream item to its end.  False: its stream failed; *hits (or NULL)
 * were found before. */
IV_MUST_CHECK
bool iv_worker_stream(IvWorker *worker, IvPlace *place, IvItem *item, IvHits **hits,
		      GError **error);

/* For the names of a file (iv_names_new()), between two items. */
IvMatcher *iv_worker_matcher(IvWorker *worker);

/* Bytes searched so far, each counted once. */
uint64_t iv_worker_bytes(const IvWorker *worker);

/* A scratch buffer of at least IV_DIGEST_CHUNK bytes, aligned for iv_digest_range(). */
void *iv_worker_scratch(IvWorker *worker);

#endif
