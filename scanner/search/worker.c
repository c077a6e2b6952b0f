/* SPDX-License-Identifier: GPL-3.0-or-later */
/* worker.c - see worker.h: runs of data, block by block */
#include "scanner/search/worker.h"

#include <string.h>

#include "scanner/base/limits.h"
#include "scanner/base/skip.h"
#include "scanner/base/text.h"
#include "scanner/search/lines.h"
#include "scanner/search/runs.h"
#include "scanner/search/unopened.h"

#define BUFFER_BYTES (IV_BLOCK_BEFORE + IV_BLOCK_OWN + IV_BLOCK_AFTER)
#define REGION_BUFFER (IV_BLOCK_BEFORE + IV_REGION_BYTES + IV_BLOCK_AFTER)
/* The digest pads the disk's last block in the buffer. */
#define REGION_SPARE 4096u

struct IvWorker {
	IvMatcher *matcher;
	IvCollection *collection;
	uint8_t *buffer; /* BUFFER_BYTES */
	uint8_t *region; /* REGION_BUFFER, made when the first region comes */
	uint64_t bytes;

	/* The item at hand, for the matcher's callbacks. */
	IvPlace *place;
	IvItem *item;
	IvUnopened unopened;
	const IvNames *names;
	IvHits *hits;	/* NULL until the first match */
	bool slack;	/* the bytes lie behind the file's end */
	uint64_t beyond; /* only what ends behind this item offset is new; 0: everything */
	bool announce;	/* rules that are a path alone report now: once per item */
	bool stream;	/* count lines as the bytes go by */
	bool binary;	/* a NUL byte was seen before this block's own bytes */
	uint64_t lines; /* newlines before this block's own bytes */
	const IvBlock *block;
};

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

static const IvMatchSink match_sink = {on_match, on_unsearched};

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

IvNames *iv_worker_names(IvWorker *s, const char *const *paths, const char *const *details, guint n)
{
	return iv_names_new(s->matcher, paths, details, n);
}

static void give_block(IvWorker *s, const uint8_t *data, size_t size, uint64_t base,
		       uint64_t own_from, uint64_t own_to)
{
	IvBlock block = {data, size, base, own_from, own_to};

	s->block = &block;
	s->unopened.slack = s->slack;
	if (s->beyond == 0) /* a look at what runs over an edge counts nothing again */
		iv_unopened_block(&s->unopened, &block);
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

		give_block(s, data + base, (size_t)(top - base), base, own, own_to);
	}
}

/* --- items on the disk ----------------------------------------------------------- */

/* Read [base, top) of the item into the buffer, keeping the `kept` first bytes
 * that are there already. */
static bool fill(IvWorker *s, uint64_t base, uint64_t top, size_t kept)
{
	g_autoptr(GError) error = NULL;

	if (iv_item_read(s->item, base + kept, s->buffer + kept, (size_t)(top - base - kept),
			 &error))
		return true;
	miss(s, top - base - kept, error->message);
	return false;
}

static bool all_zero(const uint8_t *data, size_t len)
{
	return len == 0 || (data[0] == 0 && memcmp(data, data + 1, len - 1) == 0);
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
		if (fill(s, base, top, kept))
			give_block(s, s->buffer, (size_t)(top - base), base, own, own_to);
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

static void begin_item(IvWorker *s, IvPlace *place, IvItem *item, const IvNames *names,
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

/* Rules on paths are about files: targets of links and attributes have none. */
static void begin_rules(IvWorker *s)
{
	const IvItem *item = s->item;

	if (item->kind == IV_ITEM_FILE && s->names != NULL)
		iv_matcher_begin_names(s->matcher, s->names, item->size, &match_sink, s);
	else
		iv_matcher_begin(s->matcher, item->kind == IV_ITEM_FILE ? item->path : NULL,
				 item->size, &match_sink, s);
}

/* --- slack --------------------------------------------------------------------------
 *
 * The bytes between the file's end and its last block's: older data may stand there.
 * They are an item of their own for the rules, without a path.
 *
 * The old data may go on in the next block, which is free or anybody's.  So there are
 * two passes: the slack for itself, and once more with the bytes behind it, of which
 * only what runs over the slack's end is kept.
 */

/* As give_block(); `more`: how many of the bytes in data lie behind the slack. */
static void give_slack(IvWorker *s, const IvBlock *block, size_t more)
{
	uint64_t bytes = s->bytes, end = s->item->size + s->item->slack;

	s->slack = true;
	for (int pass = 0; pass < (more > 0 ? 2 : 1); pass++) {
		s->bytes = bytes; /* each is counted once */
		s->beyond = pass > 0 ? end : 0;
		iv_matcher_begin(s->matcher, NULL, s->item->slack, &match_sink, s);
		give_block(s, block->data, block->size - (pass > 0 ? 0 : more), block->base,
			   block->own_from, block->own_to);
		iv_matcher_end(s->matcher);
	}
	s->slack = false;
	s->beyond = 0;
}

/* One block of the slack of an item that is read for itself: [own, own_to) of it. */
static void search_slack_block(IvWorker *s, uint64_t place, uint64_t own, uint64_t own_to)
{
	IvItem *item = s->item;
	uint64_t base = own > IV_BLOCK_BEFORE ? own - IV_BLOCK_BEFORE : 0;
	uint64_t top = MIN(own_to + IV_BLOCK_AFTER, item->slack);
	uint64_t behind = item->source->size - (place + item->slack);
	size_t more = (size_t)MIN(own_to + IV_BLOCK_AFTER - top, behind), len = (size_t)(top - base);
	IvBlock block = {s->buffer, len, item->size + base, item->size + own, item->size + own_to};

	if (!fill(s, block.base, block.base + len, 0))
		return;
	if (all_zero(s->buffer + (own - base), (size_t)(own_to - own))) {
		iv_skip(IV_SKIP_ZERO_SLACK, 1);
		return;
	}
	/* Whose bytes these are says that they cannot be read. */
	if (more > 0 && !iv_source_read(item->source, place + top, s->buffer + len, more, NULL))
		more = 0;
	block.size += more;
	give_slack(s, &block, more);
}

static void search_slack(IvWorker *s)
{
	const IvItem *item = s->item;
	int64_t place = iv_item_physical(item, item->size);

	if (place < 0)
		return; /* skip: none, because the last block is a hole and the file's */
	for (uint64_t own = 0; own < item->slack; own += IV_BLOCK_OWN)
		search_slack_block(s, (uint64_t)place, own, MIN(own + IV_BLOCK_OWN, item->slack));
}

IvHits *iv_worker_range(IvWorker *s, IvPlace *place, IvItem *item, const IvNames *names,
			uint64_t from, uint64_t to)
{
	begin_item(s, place, item, names, from == 0);
	begin_rules(s);
	if (item->bytes != NULL)
		search_bytes(s);
	else if (item->extents != NULL)
		search_extents(s, from, to);
	iv_matcher_end(s->matcher);
	if (item->extents != NULL && item->slack > 0 && to == item->size)
		search_slack(s);
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

		give_block(s, s->region + (from - base), (size_t)(to - from),
			   part->offset + from - part->disk, part->offset + (own - part->disk),
			   part->offset + (own_to - part->disk));
	}
}

/* A part of a file's slack, and of what lies behind it on the volume. */
static IvHits *search_slack_part(IvWorker *s, const IvRegionPart *part, uint64_t base, uint64_t top)
{
	uint64_t volume = part->place->offset + part->item->source->size;
	uint64_t low = MAX(part->run, base), high = MIN(part->end, top);
	uint64_t more = MIN(MIN(part->end + IV_BLOCK_AFTER, volume), top);
	IvBlock block = {s->region + (low - base), (size_t)(MAX(high, more) - low),
			 part->offset + low - part->disk, part->offset,
			 part->offset + part->length};

	if (all_zero(s->region + (part->disk - base), (size_t)part->length)) {
		iv_skip(IV_SKIP_ZERO_SLACK, 1);
		return NULL;
	}
	begin_item(s, part->place, part->item, part->names, false);
	give_slack(s, &block, (size_t)(MAX(high, more) - high));
	return s->hits;
}

static IvHits *search_part(IvWorker *s, const IvRegionPart *part, uint64_t base, uint64_t top)
{
	if (part->slack)
		return search_slack_part(s, part, base, top);
	if (part->item->kind == IV_ITEM_FREE)
		iv_place_look(part->place, s->region + (part->disk - base), (size_t)part->length,
			      part->disk - part->place->offset);
	begin_item(s, part->place, part->item, part->names, part->offset == 0);
	begin_rules(s);
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
			begin_item(s, parts[i].place, parts[i].item, NULL, false);
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

/* --- streams ----------------------------------------------------------------------- */

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
			give_block(s, s->buffer, have, base, own, own_to);
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

	begin_item(s, place, item, NULL, true);
	begin_rules(s);
	ok = search_stream(s, error);
	iv_matcher_end(s->matcher);
	*hits = s->hits;
	return ok;
}
