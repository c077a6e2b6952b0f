/*
 * scan.c - see engine.h
 *
 * A block is searched in three steps.  The literal matcher runs over it once;
 * hits of one rule whose windows overlap become one window.  PCRE2 runs over
 * each window.  What it finds is judged, and at last reported in order, where
 * a generic rule gives way to a specific one.
 *
 * The result must not depend on where blocks begin.  So hits are merged inside
 * cells of the *item* (CELL bytes, counted from the item's first byte), and a
 * window is made of one cell's hits; the context around a block always holds
 * the whole of every cell that matters.  Windows end where the item's bytes
 * say, and a match that touches the end of its window is looked at again in a
 * wider one.
 */
#include <string.h>
#include <time.h>

#include "scanner/base/limits.h"
#include "scanner/engine/ruleset.h"

/* Bytes of an item whose hits may share a window; half of IV_BLOCK_BEFORE, so
 * that the context before a block holds the cell of its first byte and that
 * cell's window. */
#define CELL (IV_BLOCK_BEFORE / 2)
/* Bytes behind an anchor that a widened window reaches. */
#define WIDE (IV_BLOCK_AFTER / 2)
/* Bytes around a block in which specific matches silence generic ones. */
#define NEIGHBOUR 1024u
/* Literal hits of one block: one in 16 bytes is a flood (20 ns each). */
#define MAX_HITS 32768u
/* Windows of one block. */
#define MAX_WINDOWS 16384u
/* Matches of one block, of one rule and of all. */
#define MAX_RULE_MATCHES 2048u
#define MAX_MATCHES 8192u
/* Bytes of start positions that one call of PCRE2 tries, where a pattern has
 * no anchor: between calls the time is looked at. */
#define SLICE (16u << 10)
/* Nanoseconds of one block's patterns: of one rule, of all.  Real data needs
 * a hundredth of that. */
#define RULE_NS (100ull * 1000 * 1000)
#define BLOCK_NS (400ull * 1000 * 1000)

#define NO_WINDOW G_MAXUINT

typedef struct {
	guint rule;
	size_t first, last; /* of the block: start of the first hit, end of the last */
	uint64_t cell;
} Window;

/* What is known of a rule in this block (when its epoch is the block's). */
typedef struct {
	guint64 epoch;
	guint window;	/* the newest window, or NO_WINDOW */
	size_t resume;	/* the end of its last match */
	guint matches;
	uint64_t ns;
	bool stopped;
} RuleState;

/* What is known of a rule for this item. */
enum { PATH_APPLIES = 1, NOT_PATH_KNOWN = 2, NOT_PATH_APPLIES = 4 };

typedef struct {
	guint rule;
	IvRegexHit at; /* offsets in the block */
	double entropy;
	const char *note;
	IvSeverity severity;
} Found;

struct IvMatcher {
	const IvRuleSet *set;
	IvLiteralScratch *literals, *path_literals;
	IvRegexScratch *regex;
	GString *path; /* of the item */
	bool has_path;
	uint64_t size; /* of the item */
	const IvMatchSink *sink;
	void *user;
	uint8_t *item;	  /* per rule: PATH_APPLIES ... */
	RuleState *rules; /* per rule */
	GArray *applies;  /* guint: rules with PATH_APPLIES */
	guint only;	  /* G_MAXUINT: all rules */

	/* The block in hand. */
	const IvBlock *block;
	guint64 epoch;
	Window *windows;
	guint n_windows, hits;
	size_t flood_at;
	GArray *found; /* Found */
	uint64_t cpu_start, ns;
	bool stopped;
};

IvMatcher *iv_matcher_new(const IvRuleSet *set, GError **error)
{
	g_autoptr(IvMatcher) m = g_new0(IvMatcher, 1);

	m->set = set;
	m->only = G_MAXUINT;
	m->path = g_string_new(NULL);
	m->item = g_new0(uint8_t, set->rules->len + 1);
	m->rules = g_new0(RuleState, set->rules->len + 1);
	m->applies = g_array_new(FALSE, FALSE, sizeof(guint));
	m->windows = g_new(Window, MAX_WINDOWS);
	m->found = g_array_new(FALSE, FALSE, sizeof(Found));
	m->regex = iv_regex_scratch_new();
	m->literals = iv_literal_scratch_new(set->anchors, error);
	if (m->literals == NULL)
		return NULL;
	m->path_literals = iv_literal_scratch_new(set->path_anchors, error);
	if (m->path_literals == NULL)
		return NULL;
	return g_steal_pointer(&m);
}

void iv_matcher_free(IvMatcher *m)
{
	if (m == NULL)
		return;
	iv_literal_scratch_free(m->literals);
	iv_literal_scratch_free(m->path_literals);
	iv_regex_scratch_free(m->regex);
	g_string_free(m->path, TRUE);
	g_free(m->item);
	g_free(m->rules);
	g_array_unref(m->applies);
	g_free(m->windows);
	g_array_unref(m->found);
	g_free(m);
}

void iv_matcher_only(IvMatcher *m, guint i)
{
	m->only = i;
}

/* --- paths ------------------------------------------------------------------------ */

static void try_path(IvMatcher *m, guint i)
{
	const IvCompiledRule *rule = &m->set->compiled[i];

	if ((m->item[i] & PATH_APPLIES) != 0 ||
	    !iv_regex_test(rule->path, m->regex, m->path->str, m->path->len))
		return;
	m->item[i] |= PATH_APPLIES;
	g_array_append_val(m->applies, i);
}

static bool on_path_hit(void *user, const guint *owners, guint n, size_t start, size_t end)
{
	for (guint i = 0; i < n; i++)
		try_path(user, owners[i]);
	return true;
}

static int compare_guint(gconstpointer a, gconstpointer b)
{
	guint x = *(const guint *)a, y = *(const guint *)b;

	return (x > y) - (x < y);
}

/* Which rules with a path apply to this one?  Fills m->applies. */
static void match_path(IvMatcher *m, const char *path)
{
	const IvRuleSet *set = m->set;

	memset(m->item, 0, set->rules->len);
	g_array_set_size(m->applies, 0);
	m->has_path = path != NULL;
	if (path == NULL)
		return;
	g_string_assign(m->path, path + strspn(path, "/"));
	iv_literals_scan(set->path_anchors, m->path_literals, m->path->str, m->path->len,
			 on_path_hit, m);
	for (guint i = 0; i < set->path_always->len; i++)
		try_path(m, g_array_index(set->path_always, guint, i));
	g_array_sort(m->applies, compare_guint);
}

static bool kept_out_by_path(IvMatcher *m, guint i)
{
	const IvRegex *not_path = m->set->compiled[i].not_path;

	if (not_path == NULL || !m->has_path)
		return false;
	if ((m->item[i] & NOT_PATH_KNOWN) == 0) {
		m->item[i] |= NOT_PATH_KNOWN;
		if (iv_regex_test(not_path, m->regex, m->path->str, m->path->len))
			m->item[i] |= NOT_PATH_APPLIES;
	}
	return (m->item[i] & NOT_PATH_APPLIES) != 0;
}

/* Is the rule to be tried on this item at all? */
static bool rule_is_on(IvMatcher *m, guint i)
{
	const IvCompiledRule *rule = &m->set->compiled[i];

	if (m->only != G_MAXUINT ? m->only != i : !rule->rule->visible)
		return false;
	if (rule->path != NULL && (m->item[i] & PATH_APPLIES) == 0)
		return false;
	return !kept_out_by_path(m, i);
}

bool iv_matcher_path_applies(IvMatcher *m, const char *path)
{
	match_path(m, path);
	for (guint k = 0; k < m->applies->len; k++)
		if (rule_is_on(m, g_array_index(m->applies, guint, k)))
			return true;
	return false;
}

void iv_matcher_begin(IvMatcher *m, const char *path, uint64_t size, const IvMatchSink *sink,
		      void *user)
{
	m->sink = sink;
	m->user = user;
	m->size = size;
	match_path(m, path);
	for (guint k = 0; size > 0 && k < m->applies->len; k++) {
		guint i = g_array_index(m->applies, guint, k);
		const IvRule *rule = m->set->compiled[i].rule;

		if (rule->pattern == NULL && rule_is_on(m, i))
			sink->match(user, &(IvMatch){.rule = rule, .severity = rule->severity});
	}
}

void iv_matcher_end(IvMatcher *m)
{
	m->sink = NULL;
	m->user = NULL;
	g_string_truncate(m->path, 0);
}

/* --- what could not be searched --------------------------------------------------- */

/* [from, to) of the block was not searched for a rule (-1: for any). */
static void unsearched(IvMatcher *m, size_t from, size_t to, const IvRule *rule,
		       const char *reason)
{
	uint64_t start = MAX(m->block->base + from, m->block->own_from);
	uint64_t end = MIN(m->block->base + to, m->block->own_to);

	if (start < end && m->sink->unsearched != NULL)
		m->sink->unsearched(m->user, start, end - start, rule, reason);
}

static RuleState *rule_state(IvMatcher *m, guint i)
{
	RuleState *state = &m->rules[i];

	if (state->epoch != m->epoch)
		*state = (RuleState){.epoch = m->epoch, .window = NO_WINDOW};
	return state;
}

static void stop_rule(IvMatcher *m, guint i, size_t from, const char *reason)
{
	rule_state(m, i)->stopped = true;
	unsearched(m, from, m->block->size, m->set->compiled[i].rule, reason);
}

/* --- step 1: literals to windows -------------------------------------------------- */

static bool add_hit(IvMatcher *m, guint i, size_t start, size_t end)
{
	const IvRule *rule = m->set->compiled[i].rule;
	RuleState *state = rule_state(m, i);
	uint64_t cell = (m->block->base + end) / CELL;
	Window *window;

	if (state->window != NO_WINDOW) {
		window = &m->windows[state->window];
		if (window->cell == cell && start <= window->last + rule->after + rule->before) {
			window->first = MIN(window->first, start);
			window->last = end;
			return true;
		}
	}
	if (m->n_windows == MAX_WINDOWS)
		return false;
	state->window = m->n_windows;
	m->windows[m->n_windows++] =
		(Window){.rule = i, .first = start, .last = end, .cell = cell};
	return true;
}

static bool on_hit(void *user, const guint *owners, guint n, size_t start, size_t end)
{
	IvMatcher *m = user;

	m->flood_at = start;
	if (++m->hits > MAX_HITS)
		return false;
	for (guint k = 0; k < n; k++)
		if (rule_is_on(m, owners[k]) && !add_hit(m, owners[k], start, end))
			return false;
	return true;
}

/* Anchors of matches that the block owns lie before this offset in the block. */
static size_t scan_end(const IvMatcher *m)
{
	uint64_t end = m->block->own_to - m->block->base;

	end += m->set->max_before + CELL + NEIGHBOUR;
	return (size_t)MIN(end, m->block->size);
}

static void find_windows(IvMatcher *m)
{
	m->n_windows = m->hits = 0;
	m->flood_at = 0;
	if (!iv_literals_scan(m->set->anchors, m->literals, m->block->data, scan_end(m), on_hit, m))
		unsearched(m, m->flood_at, m->block->size, NULL, "flood of anchors");
}

/* --- step 2: windows to matches --------------------------------------------------- */

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void keep(IvMatcher *m, guint i, const IvRegexHit *hit)
{
	const IvCompiledRule *rule = &m->set->compiled[i];
	const uint8_t *secret = m->block->data + hit->secret_start;
	IvJudgement judgement = {.secret = secret,
				 .len = hit->secret_end - hit->secret_start,
				 .severity = rule->rule->severity};
	Found found = {.rule = i, .at = *hit};

	found.entropy = iv_entropy(secret, judgement.len);
	if (found.entropy < rule->rule->entropy)
		return;
	for (guint k = 0; k < rule->allow->len; k++)
		if (iv_regex_test(g_ptr_array_index(rule->allow, k), m->regex, secret,
				  judgement.len))
			return;
	if (rule->check != NULL && !rule->check->believe(&judgement))
		return;
	found.note = judgement.note;
	found.severity = judgement.severity;
	g_array_append_val(m->found, found);
}

/* Time is looked at twice: the cheap clock also counts what other programs
 * took, so before anything is given up the thread's own time must agree. */
static void charge(IvMatcher *m, guint i, uint64_t ns, size_t at)
{
	RuleState *state = rule_state(m, i);

	state->ns += ns;
	m->ns += ns;
	if (state->ns < RULE_NS && m->ns < BLOCK_NS)
		return;
	if (clock_ns(CLOCK_THREAD_CPUTIME_ID) - m->cpu_start < RULE_NS) {
		state->ns = m->ns = 0;
		return;
	}
	if (state->ns >= RULE_NS)
		stop_rule(m, i, at, "the pattern takes too long");
	if (m->ns >= BLOCK_NS && !m->stopped) {
		m->stopped = true;
		unsearched(m, 0, m->block->size, NULL, "the patterns take too long");
	}
}

static IvRegexResult timed_match(IvMatcher *m, guint i, IvRegexRange *range, IvRegexHit *hit)
{
	uint64_t start = clock_ns(CLOCK_MONOTONIC);
	IvRegexResult result;

	if (m->cpu_start == 0)
		m->cpu_start = clock_ns(CLOCK_THREAD_CPUTIME_ID);
	range->cut_front = m->block->base > 0;
	range->cut_back = m->block->base + range->to < m->size;
	result = iv_regex_match(m->set->compiled[i].pattern, m->regex, range, hit);
	charge(m, i, clock_ns(CLOCK_MONOTONIC) - start, range->from);
	return result;
}

/* The next match at from .. last, seeing no further than to; when it touches a
 * cut edge, the same again with more room. */
static IvRegexResult next_match(IvMatcher *m, guint i, size_t from, size_t last, size_t to,
				IvRegexHit *hit)
{
	IvRegexRange range = {.data = m->block->data, .from = from, .to = to, .last = last};
	IvRegexResult result = timed_match(m, i, &range, hit);
	size_t wide;

	if (result != IV_REGEX_MATCH || hit->end < to || to == m->block->size)
		return result;
	wide = MIN(m->block->size, MAX(to, hit->start + WIDE));
	if (wide == to)
		return result;
	range = (IvRegexRange){.data = m->block->data, .from = hit->start, .to = wide, .last = last};
	return timed_match(m, i, &range, hit);
}

static bool too_many(IvMatcher *m, guint i, size_t at)
{
	RuleState *state = rule_state(m, i);

	if (++state->matches > MAX_RULE_MATCHES) {
		stop_rule(m, i, at, "too many matches");
		return true;
	}
	if (m->found->len >= MAX_MATCHES && !m->stopped) {
		m->stopped = true;
		unsearched(m, at, m->block->size, NULL, "too many matches");
	}
	return m->stopped;
}

/* Every match of a rule that begins at from .. last, first come first served. */
static void search(IvMatcher *m, guint i, size_t from, size_t last, size_t to)
{
	RuleState *state = rule_state(m, i);
	IvRegexHit hit;

	from = MAX(from, state->resume);
	while (from <= last && !state->stopped && !m->stopped) {
		switch (next_match(m, i, from, last, to, &hit)) {
		case IV_REGEX_NONE:
			return;
		case IV_REGEX_LIMIT:
			unsearched(m, from, to, m->set->compiled[i].rule,
				   "the pattern reached its match limit");
			return;
		case IV_REGEX_MATCH:
			break;
		}
		if (too_many(m, i, hit.start))
			return;
		if (hit.end > hit.start)
			keep(m, i, &hit);
		from = MAX(hit.end, hit.start + 1);
		state->resume = from;
	}
}

static void search_window(IvMatcher *m, const Window *window)
{
	const IvRule *rule = m->set->compiled[window->rule].rule;
	const IvBlock *block = m->block;
	size_t from = window->first > rule->before ? window->first - rule->before : 0;
	size_t to = MIN(block->size, window->last + rule->after);

	/* A line that ends exactly here does end: let the pattern see it. */
	while (to < block->size && to < window->last + rule->after + 2 &&
	       (block->data[to] == '\r' || block->data[to] == '\n'))
		to++;
	search(m, window->rule, from, to, to);
}

/* A pattern without anchors: the whole block, in slices. */
static void search_whole(IvMatcher *m, guint i)
{
	const IvBlock *block = m->block;
	size_t own_from = (size_t)(block->own_from - block->base);
	size_t own_to = (size_t)(block->own_to - block->base);
	size_t from = own_from > CELL ? own_from - CELL : 0;
	size_t end = MIN(block->size, own_to + NEIGHBOUR);

	for (; from < end && !rule_state(m, i)->stopped && !m->stopped; from += SLICE) {
		size_t last = MIN(end, from + SLICE) - 1;

		search(m, i, from, last, MIN(block->size, last + 1 + WIDE));
	}
}

/* --- step 3: matches to the caller ------------------------------------------------- */

static int compare_found(gconstpointer a, gconstpointer b)
{
	const Found *x = a, *y = b;

	if (x->at.secret_start != y->at.secret_start)
		return x->at.secret_start < y->at.secret_start ? -1 : 1;
	return (x->rule > y->rule) - (x->rule < y->rule);
}

/* Does a specific match overlap this generic one?  found is sorted by the
 * secret's start; a secret longer than NEIGHBOUR before it is not looked for. */
static bool outranked(const IvMatcher *m, guint k)
{
	const Found *list = (const Found *)(const void *)m->found->data;
	const Found *generic = &list[k];
	guint first = k;

	while (first > 0 && list[first - 1].at.secret_start + NEIGHBOUR * 10 >=
				    generic->at.secret_start)
		first--;
	for (guint j = first; j < m->found->len &&
			      list[j].at.secret_start < generic->at.secret_end;
	     j++)
		if (!m->set->compiled[list[j].rule].rule->generic &&
		    list[j].at.secret_end > generic->at.secret_start)
			return true;
	return false;
}

static uint64_t count_newlines(const uint8_t *data, size_t len)
{
	uint64_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += data[i] == '\n';
	return n;
}

static void report_one(IvMatcher *m, const Found *found, uint64_t newlines)
{
	uint64_t base = m->block->base;

	m->sink->match(m->user, &(IvMatch){
					.rule = m->set->compiled[found->rule].rule,
					.start = base + found->at.start,
					.end = base + found->at.end,
					.secret_start = base + found->at.secret_start,
					.secret_end = base + found->at.secret_end,
					.secret = m->block->data + found->at.secret_start,
					.newlines = newlines,
					.entropy = found->entropy,
					.note = found->note,
					.severity = found->severity,
				});
}

static void report(IvMatcher *m)
{
	const IvBlock *block = m->block;
	size_t own_from = (size_t)(block->own_from - block->base);
	size_t own_to = (size_t)(block->own_to - block->base);
	size_t counted = own_from;
	uint64_t newlines = 0;

	g_array_sort(m->found, compare_found);
	for (guint k = 0; k < m->found->len; k++) {
		const Found *found = &g_array_index(m->found, Found, k);
		size_t at = found->at.secret_start;

		if (found->at.start < own_from || found->at.start >= own_to)
			continue;
		if (m->set->compiled[found->rule].rule->generic && outranked(m, k))
			continue;
		if (at > counted) {
			newlines += count_newlines(block->data + counted, at - counted);
			counted = at;
		}
		report_one(m, found, newlines);
	}
}

void iv_matcher_block(IvMatcher *m, const IvBlock *block)
{
	const IvRuleSet *set = m->set;

	m->block = block;
	m->epoch++;
	m->cpu_start = m->ns = 0;
	m->stopped = false;
	g_array_set_size(m->found, 0);
	find_windows(m);
	for (guint k = 0; k < set->whole->len; k++) {
		guint i = g_array_index(set->whole, guint, k);

		if (rule_is_on(m, i))
			search_whole(m, i);
	}
	for (guint k = 0; k < m->n_windows; k++)
		search_window(m, &m->windows[k]);
	if (m->found->len > 0)
		report(m);
	m->block = NULL;
}
