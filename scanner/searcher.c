/* searcher.c - one thread's way through one item: runs of data, block by block */
#include <string.h>

#include "scanner/base/limits.h"
#include "scanner/base/text.h"
#include "scanner/search.h"

#define BUFFER_BYTES (IV_BLOCK_BEFORE + IV_BLOCK_OWN + IV_BLOCK_AFTER)
/* Runs shorter than this are read without asking the source for holes. */
#define HOLE_ASK (128u << 10)

struct IvSearcher {
	IvMatcher *matcher;
	uint8_t *buffer;  /* BUFFER_BYTES */
	uint8_t *scratch; /* IV_DIGEST_CHUNK */
	uint64_t bytes;

	/* The item at hand, for the matcher's callbacks. */
	IvPlace *place;
	IvItem *item;
	IvHits *hits;
	bool slack;	/* the bytes lie behind the file's end */
	bool stream;	/* count lines as the bytes go by */
	bool binary;	/* a NUL byte was seen before this block's own bytes */
	uint64_t lines; /* newlines before this block's own bytes */
	const IvBlock *block;
};

static uint64_t line_of(const IvSearcher *s, const IvMatch *match)
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
	IvSearcher *s = user;

	if (s->stream && match->secret != NULL)
		iv_hits_add_line(s->hits, match, line_of(s, match));
	else
		iv_hits_add(s->hits, match, s->slack);
}

static void miss(IvSearcher *s, uint64_t len, const char *reason)
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

IvSearcher *iv_searcher_new(const IvRuleSet *rules, GError **error)
{
	IvSearcher *s = g_new0(IvSearcher, 1);

	s->matcher = iv_matcher_new(rules, error);
	if (s->matcher == NULL) {
		g_free(s);
		return NULL;
	}
	s->buffer = g_aligned_alloc(1, BUFFER_BYTES, 4096);
	s->scratch = g_aligned_alloc(1, IV_DIGEST_CHUNK, 4096);
	return s;
}

void iv_searcher_free(IvSearcher *s)
{
	if (s == NULL)
		return;
	iv_matcher_free(s->matcher);
	explicit_bzero(s->buffer, BUFFER_BYTES);
	g_aligned_free(s->buffer);
	g_aligned_free(s->scratch);
	g_free(s);
}

void *iv_searcher_scratch(IvSearcher *s)
{
	return s->scratch;
}

uint64_t iv_searcher_bytes(const IvSearcher *s)
{
	return s->bytes;
}

bool iv_searcher_path_applies(IvSearcher *s, const char *path)
{
	return iv_matcher_path_applies(s->matcher, path);
}

static void give_block(IvSearcher *s, const uint8_t *data, size_t size, uint64_t base,
		       uint64_t own_from, uint64_t own_to)
{
	IvBlock block = {data, size, base, own_from, own_to};

	s->block = &block;
	iv_matcher_block(s->matcher, &block);
	s->bytes += own_to - own_from;
}

/* --- items in memory ----------------------------------------------------------- */

static void search_bytes(IvSearcher *s)
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

/* Walks an item's extents and yields pieces of stored bytes, leaving out what
 * the source knows to be zeros. */
typedef struct {
	const IvItem *item;
	guint index;
	uint64_t at, end; /* item offsets: where to go on, where to stop */
} Pieces;

static void pieces_start(Pieces *p, const IvItem *item, uint64_t from, uint64_t end)
{
	guint low = 0, high = item->extents->len;

	while (low < high) {
		guint middle = low + (high - low) / 2;
		const IvExtent *e = &g_array_index(item->extents, IvExtent, middle);

		if (e->logical + e->length <= from)
			low = middle + 1;
		else
			high = middle;
	}
	*p = (Pieces){item, low, from, end};
}

/* The next piece; false at the end.  A source that cannot tell is read. */
static bool pieces_next(Pieces *p, uint64_t *start, uint64_t *end)
{
	while (p->index < p->item->extents->len) {
		const IvExtent *e = &g_array_index(p->item->extents, IvExtent, p->index);
		uint64_t from = MAX(p->at, e->logical), to = MIN(e->logical + e->length, p->end);
		uint64_t n;
		bool zero = false;

		if (e->logical >= p->end)
			return false;
		if (from >= to) {
			p->index++;
			continue;
		}
		n = to - from;
		if (n >= HOLE_ASK &&
		    !iv_source_extent(p->item->source, e->physical + (from - e->logical), &n,
				      &zero, NULL)) {
			zero = false;
			n = to - from;
		}
		p->at = from + n;
		if (zero)
			continue;
		*start = from;
		*end = from + n;
		return true;
	}
	return false;
}

/* Join pieces that lie close together: what is between them reads as zeros. */
static bool next_run(Pieces *p, uint64_t *start, uint64_t *end)
{
	uint64_t a, b;

	if (!pieces_next(p, start, end))
		return false;
	for (;;) {
		Pieces before = *p;

		if (!pieces_next(p, &a, &b))
			return true;
		if (a - *end >= IV_HOLE_SKIP) {
			*p = before;
			return true;
		}
		*end = b;
	}
}

/* Read [base, top) of the item into the buffer, keeping the `kept` first bytes
 * that are there already. */
static bool fill(IvSearcher *s, uint64_t base, uint64_t top, size_t kept)
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

/* The bytes between the file's end and its last block's: older data may stand
 * there.  They are an item of their own for the rules, without a path. */
static void search_slack(IvSearcher *s, const uint8_t *data, size_t len)
{
	if (all_zero(data, len))
		return;
	s->slack = true;
	iv_matcher_begin(s->matcher, NULL, len, &match_sink, s);
	give_block(s, data, len, s->item->size, s->item->size, s->item->size + len);
	iv_matcher_end(s->matcher);
	s->slack = false;
}

/* Search the own bytes [from, to) of a run of data [run, end): context comes
 * from the whole run.  Returns how much slack lies in the buffer behind `to`. */
static void search_run(IvSearcher *s, uint64_t run, uint64_t end, uint64_t from, uint64_t to,
		       size_t slack)
{
	uint64_t have_base = 0, have_top = 0;

	for (uint64_t own = from; own < to;) {
		uint64_t own_to = MIN(own + IV_BLOCK_OWN, to);
		uint64_t base = own - run > IV_BLOCK_BEFORE ? own - IV_BLOCK_BEFORE : run;
		uint64_t top = MIN(own_to + IV_BLOCK_AFTER, end);
		size_t kept = 0, more = own_to == to && top == end ? slack : 0;

		if (have_top > base) {
			kept = (size_t)(have_top - base);
			memmove(s->buffer, s->buffer + (base - have_base), kept);
		}
		more = MIN(more, BUFFER_BYTES - (size_t)(top - base));
		have_base = base;
		have_top = top;
		if (fill(s, base, top + more, kept))
			give_block(s, s->buffer, (size_t)(top - base), base, own, own_to);
		else
			have_top = 0, more = 0;
		own = own_to;
		if (more > 0) {
			iv_matcher_end(s->matcher);
			search_slack(s, s->buffer + (top - base), more);
		}
	}
}

static void search_extents(IvSearcher *s, uint64_t from, uint64_t to)
{
	IvItem *item = s->item;
	uint64_t before = from > IV_BLOCK_BEFORE ? from - IV_BLOCK_BEFORE : 0;
	uint64_t after = item->size - to > IV_BLOCK_AFTER ? to + IV_BLOCK_AFTER : item->size;
	uint64_t run, end;
	Pieces pieces;

	pieces_start(&pieces, item, before, after);
	while (next_run(&pieces, &run, &end)) {
		uint64_t own = MAX(run, from), own_to = MIN(end, to);
		bool last = own_to == item->size && item->slack > 0 &&
			    iv_item_physical(item, item->size) >= 0;

		if (own < own_to)
			search_run(s, run, end, own, own_to, last ? (size_t)item->slack : 0);
	}
}

void iv_searcher_range(IvSearcher *s, IvPlace *place, IvItem *item, uint64_t from, uint64_t to,
		       IvHits *hits)
{
	s->place = place;
	s->item = item;
	s->hits = hits;
	s->stream = false;
	iv_matcher_begin(s->matcher, item->kind == IV_ITEM_FILE ? item->path : NULL, item->size,
			 &match_sink, s);
	if (item->bytes != NULL)
		search_bytes(s);
	else if (item->extents != NULL)
		search_extents(s, from, to);
	iv_matcher_end(s->matcher);
}

/* --- streams ----------------------------------------------------------------------- */

/* Fill the buffer up to `want` bytes; *have counts what is there. */
static bool stream_fill(IvSearcher *s, size_t want, size_t *have, bool *ended, GError **error)
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
static bool search_stream(IvSearcher *s, GError **error)
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

bool iv_searcher_stream(IvSearcher *s, IvPlace *place, IvItem *item, IvHits *hits, GError **error)
{
	bool ok;

	s->place = place;
	s->item = item;
	s->hits = hits;
	s->stream = true;
	s->binary = false;
	s->lines = 0;
	iv_matcher_begin(s->matcher, item->kind == IV_ITEM_FILE ? item->path : NULL, item->size,
			 &match_sink, s);
	ok = search_stream(s, error);
	iv_matcher_end(s->matcher);
	return ok;
}
