/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hits_state.h - the hits of one item.  Private to hits.c and hits_names.c. */
#ifndef IV_SEARCH_HITS_STATE_H
#define IV_SEARCH_HITS_STATE_H

#include "scanner/search/hits.h"

typedef struct {
	IvFinding *finding; /* without path and fingerprint when the item has names */
	char *secret_id;
	uint8_t *secret; /* a copy, for the fingerprint under each name; or NULL */
	uint64_t kinds;	 /* it speaks for names of these */
	uint64_t silent; /* of them, those for which another rule speaks for the same bytes */
	uint64_t reach;	 /* bytes of the whole match: more of them say more */
	bool by_path;	 /* the rule names the file as well */
	bool wants_line;
} Hit;

struct IvHits {
	IvCollection *collection;
	IvPlace *place;
	IvItem *item;
	const IvNames *names; /* or NULL */
	GArray *list;	      /* Hit */
	bool full;	      /* a ceiling was reached, and said so */
};

static inline Hit *hit_at(const IvHits *hits, guint i)
{
	return &g_array_index(hits->list, Hit, i);
}

/* Of an element of the list. */
void iv_hit_clear(void *hit);

/* A miss of the item at hand. */
void iv_hits_miss(const IvHits *hits, const char *reason);

/* The finding is of the file with this path, its attribute `detail` or NULL. */
void iv_hits_set_path(const IvHits *hits, IvFinding *finding, const uint8_t *secret,
		      const char *path, const char *detail);

/* Does it speak for names of this kind (0: one beyond those that rules tell apart)? */
bool iv_hit_speaks_for(const Hit *hit, uint64_t kind);

/* Hand the finding over. */
void iv_hits_deliver(IvHits *hits, IvFinding *finding);

/* Each hit under each name for which it speaks, up to a ceiling; what is not listed is
 * counted, as a miss.  Twins are silent already. */
void iv_hits_deliver_names(IvHits *hits);

#endif
