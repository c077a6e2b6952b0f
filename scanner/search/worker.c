/* SPDX-License-Identifier: GPL-3.0-or-later */
/* worker.c - see worker.h: runs of data and regions, block by block */
#include "scanner/search/worker.h"

#include <string.h>

#include "scanner/base/limits.h"
#include "scanner/base/text.h"
#include "scanner/search/lines.h"
#include "scanner/search/runs.h"
#include "scanner/search/worker_state.h"

static uint64_t line_of(const IvWorker *s, const IvMatch *match)
{
	const IvBlock *b = s->block;
	bool binary = s->binary;
	uint64_t lines = 0;

	if (match->secret_start >= b->own_from)
		lines = iv_count_lines(b->data + (b->own_from - b->base),
				       (size_t)(match->secret_start - b->own_from), &binary);
	return binary ? 0 : s->lines + lines + 1;
}

static void on_match(void *user, const IvMatch *match)
{
	IvWorker *s = user;

	if (match->secret == NULL && !s->announce)
		return; /* skip: none, because the item's first part reports it */
	if (s->beyond > 0 && match->end <= s->beyond)
		return; /* skip: none, because the pass before this reported it */
	if (s->hits == NULL)
		s->hits = iv_hits_new(s->collection, s->place, s->item, s->names);
	if (s->stream && match->secret != NULL)
		iv_hits_add_line(s->hits, match, line_of(s, match));
	else
		iv_hits_add(s->hits, match, s->slack);
}

static void miss(IvWorker *s, uint64_t len, const char *reason)
{
	g_autofree char *name = NULL, *path = NULL;

	if (s->item->path != NULL) {
		name = iv_text_printable(s->item->path, -1);
		path = g_strconcat("/", name, NULL);
	}
	iv_coverage_miss(s->place->coverage, s->place->entry, path, len, reason);
}

static void on_unsearched(void *user, uint64_t off, uint64_t len, const IvRule *rule,
			  const char *reason)
{
	g_autofree char *text = rule != NULL ? g_strdup_printf("%s (rule %s)", reason, rule->id)
					     : g_strdup(reason);

	miss(user, len, text);
}

const IvMatchSink iv_worker_sink = {on_match, on_unsearched};

IvWorker *iv_worker_new(const IvRuleSet *rules, IvCollection *collection, GError **error)
{
	IvWorker *s = g_new0(IvWorker, 1);

	s->matcher = iv_matcher_new(rules, error);
	if (s->matcher == NULL) {
		g_free(s);
		return NULL;
	}
	s->collection = collection;
	s->buffer = g_aligned_alloc(1, BUFFER_BYTES, 4096);
	return s;
}

void iv_worker_free(IvWorker *s)
{
	if (s == NULL)
		return;
	iv_matcher_free(s->matcher);
	explicit_bzero(s->buffer, BUFFER_BYTES);
	g_aligned_free(s->buffer);
	if (s->region != NULL)
		explicit_bzero(s->region, REGION_BUFFER);
	g_aligned_free(s->region);
	g_free(s);
}

void *iv_worker_scratch(IvWorker *s)
{
	if (s->region == NULL)
		s->region = g_aligned_alloc(1, REGION_BUFFER + REGION_SPARE, 4096);
	return s->region;
}

uint64_t iv_worker_bytes(const IvWorker *s)
{
	return s->bytes;
}

IvMatcher *iv_worker_matcher(IvWorker *s)
{
	return s->matcher;
}

void iv_worker_give(IvWorker *s, const uint8_t *data, size_t size, uint64_t base,
		       uint64_t own_from, uint64_t own_to)
{
	IvBlock block = {data, size, base, own_from, own_to};

	s->block = &block;
	s->unopened.slack = s->slack;
	if (s->beyond == 0) /* a look at what runs over an edge counts nothing again */
		iv_unopened_block(&s->unopened, &block);
	/* What is full lists no more, and said so. */
	if (s->hits == NULL || !iv_hits_are_full(s->hits))
		iv_matcher_block(s->matcher, &block);
	s->bytes += own_to - own_from;
}

/* --- items in memory ----------------------------------------------------------- */

static void search_bytes(IvWorker *s)
{
	gsize size;
	const uint8_t *data = g_bytes_get_data(s->item->bytes, &size);

	for (uint64_t own = 0; own < size; own += IV_BLOCK_OWN) {
		uint64_t base = own > IV_BLOCK_BEFORE ? own - IV_BLOCK_BEFORE : 0;
		uint64_t own_to = MIN(own + IV_BLOCK_OWN, size);
		uint64_t top = MIN(own_to + IV_BLOCK_AFTER, size);

		iv_worker_give(s, data + base, (size_t)(top - base), base, own, own_to);
	}
}

/* --- items on the disk ----------------------------------------------------------- */

bool iv_worker_fill(IvWorker *s, uint64_t base, uint64_t top, size_t kept)
{
	g_autoptr(GError) error = NULL;

	if (iv_item_read(s->item, base + kept, s->buffer + kept, (size_t)(top - base - kept),
			 &error))
		return true;
	miss(s, top - base - kept, error->message);
	return false;
}

/* Search the own bytes [from, to) of a run of data [run, end): context comes
 * from the whole run. */
static void search_run(IvWorker *s, uint64_t run, uint64_t end, uint64_t from, uint64_t to)
{
	uint64_t have_base = 0, have_top = 0;

	for (uint64_t own = from; own < to;) {
		uint64_t own_to = MIN(own + IV_BLOCK_OWN, to);
		uint64_t base = own - run > IV_BLOCK_BEFORE ? own - IV_BLOCK_BEFORE : run;
		uint64_t top = MIN(own_to + IV_BLOCK_AFTER, end);
		size_t kept = 0;

		if (have_top > base) {
			kept = (size_t)(have_top - base);
			memmove(s->buffer, s->buffer + (base - have_base), kept);
		}
		have_base = base;
		have_top = top;
		if (iv_worker_fill(s, base, top, kept))
			iv_worker_give(s, s->buffer, (size_t)(top - base), base, own, own_to);
		else
			have_top = 0;
		own = own_to;
	}
}

static void search_extents(IvWorker *s, uint64_t from, uint64_t to)
{
	IvItem *item = s->item;
	uint64_t before = from > IV_BLOCK_BEFORE ? from - IV_BLOCK_BEFORE : 0;
	uint64_t after = item->size - to > IV_BLOCK_AFTER ? to + IV_BLOCK_AFTER : item->size;
	uint64_t run, end;
	IvRuns runs;

	iv_runs_start(&runs, item, before, after);
	while (iv_runs_next(&runs, &run, &end)) {
		uint64_t own = MAX(run, from), own_to = MIN(end, to);

		if (own < own_to)
			search_run(s, run, end, own, own_to);
	}
}

void iv_worker_begin(IvWorker *s, IvPlace *place, IvItem *item, const IvNames *names,
		       bool announce)
{
	s->names = names;
	s->place = place;
	s->item = item;
	iv_unopened_begin(&s->unopened, place, item);
	s->hits = NULL;
	s->beyond = item->seam;
	s->stream = item->stream != NULL;
	s->announce = announce;
	s->binary = false;
	s->lines = 0;
}

void iv_worker_begin_rules(IvWorker *s)
{
	const IvItem *item = s->item;

	if (item->kind == IV_ITEM_FILE && s->names != NULL)
		iv_matcher_begin_names(s->matcher, s->names, item->size, &iv_worker_sink, s);
	else
		iv_matcher_begin(s->matcher, item->kind == IV_ITEM_FILE ? item->path : NULL,
				 item->size, &iv_worker_sink, s);
}

IvHits *iv_worker_range(IvWorker *s, IvPlace *place, IvItem *item, const IvNames *names,
			uint64_t from, uint64_t to)
{
	iv_worker_begin(s, place, item, names, from == 0);
	iv_worker_begin_rules(s);
	if (item->bytes != NULL)
		search_bytes(s);
	else if (item->extents != NULL)
		search_extents(s, from, to);
	iv_matcher_end(s->matcher);
	if (item->extents != NULL && item->slack > 0 && to == item->size)
		iv_worker_slack(s);
	return s->hits;
}

/* --- parts of a region ------------------------------------------------------------- */

/* Give the part's own bytes, block by block, with the context that the region's
 * buffer (disk bytes [base, top)) and the part's run have. */
static void give_part(IvWorker *s, const IvRegionPart *part, uint64_t base, uint64_t top)
{
	uint64_t low = MAX(part->run, base), high = MIN(part->end, top);
	uint64_t end = part->disk + part->length;

	for (uint64_t own = part->disk; own < end; own += IV_BLOCK_OWN) {
		uint64_t own_to = MIN(own + IV_BLOCK_OWN, end);
		uint64_t from = own - low > IV_BLOCK_BEFORE ? own - IV_BLOCK_BEFORE : low;
		uint64_t to = MIN(own_to + IV_BLOCK_AFTER, high);

		iv_worker_give(s, s->region + (from - base), (size_t)(to - from),
			   part->offset + from - part->disk, part->offset + (own - part->disk),
			   part->offset + (own_to - part->disk));
	}
}

static IvHits *search_part(IvWorker *s, const IvRegionPart *part, uint64_t base, uint64_t top)
{
	if (part->slack)
		return iv_worker_slack_part(s, part, base, top);
	if (part->item->kind == IV_ITEM_FREE)
		iv_place_look(part->place, s->region + (part->disk - base), (size_t)part->length,
			      part->disk - part->place->offset);
	iv_worker_begin(s, part->place, part->item, part->names, part->offset == 0);
	iv_worker_begin_rules(s);
	give_part(s, part, base, top);
	iv_matcher_end(s->matcher);
	return s->hits;
}

bool iv_worker_region(IvWorker *s, IvSource *disk, IvDigest *digest, const IvRegionPart *parts,
			guint n, IvHits **hits)
{
	uint64_t start = parts[0].disk / IV_REGION_BYTES * IV_REGION_BYTES;
	uint64_t end = MIN(start + IV_REGION_BYTES, disk->size);
	uint64_t base = start > IV_BLOCK_BEFORE ? start - IV_BLOCK_BEFORE : 0;
	uint64_t top = MIN(end + IV_BLOCK_AFTER, disk->size);
	g_autoptr(GError) error = NULL;

	(void)iv_worker_scratch(s);
	if (!iv_source_read(disk, base, s->region, (size_t)(top - base), &error)) {
		for (guint i = 0; i < n; i++) {
			iv_worker_begin(s, parts[i].place, parts[i].item, NULL, false);
			miss(s, parts[i].length, error->message);
		}
		return false;
	}
	if (digest != NULL && !iv_digest_done(digest, start, end - start))
		iv_digest_bytes(digest, start, s->region + (start - base), (size_t)(end - start));
	for (guint i = 0; i < n; i++)
		hits[i] = search_part(s, &parts[i], base, top);
	return true;
}

