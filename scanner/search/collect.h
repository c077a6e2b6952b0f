/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * collect.h - matches become findings: placed, redacted, fingerprinted.
 *
 * Threads add to one collection; each item's hits are gathered first (IvHits),
 * because a line number needs the item read once more from its beginning, and
 * that is worth doing only for items in which something was found.
 */
#ifndef IV_SEARCH_COLLECT_H
#define IV_SEARCH_COLLECT_H

#include "scanner/base/progress.h"
#include "scanner/engine/engine.h"
#include "scanner/finding/finding.h"
#include "scanner/finding/redact.h"
#include "scanner/fs/item.h"
#include "scanner/search/place.h"

typedef struct IvCollection IvCollection;

IvCollection *iv_collection_new(const uint8_t salt[IV_SALT_BYTES], IvScanProgress *progress);
void iv_collection_free(IvCollection *collection);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvCollection, iv_collection_free)

/* Take the findings: IvFinding *, unsorted; the caller owns the array. */
GPtrArray *iv_collection_take(IvCollection *collection);

/* The hits of one item (or of one segment of it). */
typedef struct IvHits IvHits;

IvHits *iv_hits_new(IvCollection *collection, IvPlace *place, IvItem *item);

/* Matches of the item's bytes; `shift` is added to their offsets.  In `slack`
 * the bytes lie behind the file's end. */
void iv_hits_add(IvHits *hits, const IvMatch *match, bool slack);

/* For streams, whose bytes come once: the line of this match, 0 if binary. */
void iv_hits_add_line(IvHits *hits, const IvMatch *match, uint64_t line);

/* Move the hits of b (freed) behind those of a. */
void iv_hits_join(IvHits *a, IvHits *b);

/* Number the lines (reads the item up to its last hit), hand all findings to
 * the collection, and free the hits.  On the thread that searched the item. */
void iv_hits_finish(IvHits *hits);

/* Count newlines of a buffer; *binary is set when it holds a NUL byte. */
uint64_t iv_count_lines(const uint8_t *data, size_t len, bool *binary);

#endif
