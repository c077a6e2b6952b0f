/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * hits.h - the matches of one item become findings: placed, redacted, fingerprinted.
 *
 * An item's hits are gathered first, because a line number needs the item read once
 * more from its beginning, and that is worth doing only for items in which something
 * was found; and because a file with several names gives its findings under each name
 * for which their rules speak (scanner/engine/names.h).
 */
#ifndef IV_SEARCH_HITS_H
#define IV_SEARCH_HITS_H

#include "scanner/engine/names.h"
#include "scanner/fs/item.h"
#include "scanner/search/collect.h"

/* The hits of one item (or of one segment of it). */
typedef struct IvHits IvHits;

/* names: all names of the item's bytes, or NULL when it has its own path or none. */
IvHits *iv_hits_new(IvCollection *collection, IvPlace *place, IvItem *item, const IvNames *names);

/* A match of the item's bytes.  In `slack` the bytes lie behind the file's end.  Beyond
 * IV_MAX_ITEM_HITS it is coverage. */
void iv_hits_add(IvHits *hits, const IvMatch *match, bool slack);

/* More were given than IV_MAX_ITEM_HITS: further ones change nothing. */
bool iv_hits_are_full(const IvHits *hits);

/* For streams, whose bytes come once: the line of this match, 0 if binary. */
void iv_hits_add_line(IvHits *hits, const IvMatch *match, uint64_t line);

/* Move the hits of b (freed) behind those of a. */
void iv_hits_join(IvHits *a, IvHits *b);

/* Number the lines (reads the item up to its last hit; what cannot be read is
 * coverage), hand all findings to the collection, and free the hits.  On the thread
 * that searched the item. */
void iv_hits_finish(IvHits *hits);

#endif
