/* SPDX-License-Identifier: GPL-3.0-or-later */
/* worker_stream.c - items whose bytes come once and only forwards.  See worker.h. */
#include <string.h>

#include "scanner/base/limits.h"
#include "scanner/search/lines.h"
#include "scanner/search/worker_state.h"

/* Fill the buffer up to `want` bytes; *have counts what is there. */
static bool stream_fill(IvWorker *s, size_t want, size_t *have, bool *ended, GError **error)
{
	while (*have < want && !*ended) {
		size_t got = 0;

		if (!s->item->stream(s->item->stream_user, s->buffer + *have, want - *have, &got,
				     error))
			return false;
		*ended = got == 0;
		*have += got;
	}
	return true;
}

/* base: item offset of buffer[0]; own: of the first byte not yet owned. */
static bool search_stream(IvWorker *s, GError **error)
{
	uint64_t base = 0, own = 0;
	size_t have = 0;
	bool ended = false;

	for (;;) {
		size_t lead = (size_t)(own - base), drop;
		uint64_t own_to;

		if (!stream_fill(s, lead + IV_BLOCK_OWN + IV_BLOCK_AFTER, &have, &ended, error))
			return false;
		own_to = ended && have - lead <= IV_BLOCK_OWN ? base + have : own + IV_BLOCK_OWN;
		own_to = MIN(own_to, base + have);
		if (own_to > own)
			iv_worker_give(s, s->buffer, have, base, own, own_to);
		s->lines += iv_count_lines(s->buffer + lead, (size_t)(own_to - own), &s->binary);
		own = own_to;
		if (ended && own == base + have)
			return true;
		drop = (size_t)(own - base) > IV_BLOCK_BEFORE
			       ? (size_t)(own - base) - IV_BLOCK_BEFORE
			       : 0;
		memmove(s->buffer, s->buffer + drop, have - drop);
		have -= drop;
		base += drop;
	}
}

bool iv_worker_stream(IvWorker *s, IvPlace *place, IvItem *item, IvHits **hits, GError **error)
{
	bool ok;

	iv_worker_begin(s, place, item, NULL, true);
	iv_worker_begin_rules(s);
	ok = search_stream(s, error);
	iv_matcher_end(s->matcher);
	*hits = s->hits;
	return ok;
}
