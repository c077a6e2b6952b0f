/*
 * matcher.c - see engine.h
 *
 * A block is searched in three steps.  The literal matcher runs over it once;
 * hits of one rule whose windows overlap become one window.  PCRE2 runs over
 * each window.  What it finds is judged, and at last reported in order, where
 * a rule gives way to one of a higher rank.
 */
#include <string.h>

#include "scanner/engine/matcher_state.h"

IvMatcher *iv_matcher_new(const IvRuleSet *set, GError **error)
{
	g_autoptr(IvMatcher) m = g_new0(IvMatcher, 1);

	m->set = set;
	m->only = G_MAXUINT;
	m->path = g_string_new(NULL);
	m->item = g_new0(uint8_t, set->rules->len + 1);
	m->rules = g_new0(IvRuleState, set->rules->len + 1);
	m->applies = g_array_new(FALSE, FALSE, sizeof(guint));
	m->windows = g_new(IvWindow, IV_MAX_WINDOWS);
	m->found = g_array_new(FALSE, FALSE, sizeof(IvFound));
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

bool iv_matcher_path_applies(IvMatcher *m, const char *path)
{
	iv_match_path(m, path);
	for (guint k = 0; k < m->applies->len; k++)
		if (iv_rule_is_on(m, g_array_index(m->applies, guint, k)))
			return true;
	return false;
}

void iv_matcher_begin(IvMatcher *m, const char *path, uint64_t size, const IvMatchSink *sink,
		      void *user)
{
	m->sink = sink;
	m->user = user;
	m->size = size;
	iv_match_path(m, path);
	for (guint k = 0; size > 0 && k < m->applies->len; k++) {
		guint i = g_array_index(m->applies, guint, k);
		const IvRule *rule = m->set->compiled[i].rule;

		if (rule->pattern == NULL && iv_rule_is_on(m, i))
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
void iv_unsearched(IvMatcher *m, size_t from, size_t to, const IvRule *rule,
		       const char *reason)
{
	uint64_t start = MAX(m->block->base + from, m->block->own_from);
	uint64_t end = MIN(m->block->base + to, m->block->own_to);

	if (start < end && m->sink->unsearched != NULL)
		m->sink->unsearched(m->user, start, end - start, rule, reason);
}

IvRuleState *iv_rule_state(IvMatcher *m, guint i)
{
	IvRuleState *state = &m->rules[i];

	if (state->epoch != m->epoch)
		*state = (IvRuleState){.epoch = m->epoch, .window = IV_NO_WINDOW};
	return state;
}

/* --- step 3: matches to the caller ------------------------------------------------- */

static int compare_found(gconstpointer a, gconstpointer b)
{
	const IvFound *x = a, *y = b;

	if (x->at.secret_start != y->at.secret_start)
		return x->at.secret_start < y->at.secret_start ? -1 : 1;
	return (x->rule > y->rule) - (x->rule < y->rule);
}

/* A specific rule knows more than a generic one, and one that was written for
 * this path knows more than one for any content. */
static int rank(const IvRule *rule)
{
	return (rule->generic ? 0 : 2) + (rule->path != NULL);
}

static bool ranks_above(const IvMatcher *m, const IvFound *a, const IvFound *b)
{
	const IvRule *x = m->set->compiled[a->rule].rule, *y = m->set->compiled[b->rule].rule;

	if (x->generic && y->generic)
		return rank(x) > rank(y) && a->severity > b->severity;
	return rank(x) > rank(y);
}

/* Does a match of a higher rank overlap this one?  found is sorted by the
 * secret's start; a secret longer than IV_NEIGHBOUR before it is not looked for. */
static bool outranked(const IvMatcher *m, guint k)
{
	const IvFound *list = (const IvFound *)(const void *)m->found->data;
	const IvFound *mine = &list[k];
	guint first = k;

	while (first > 0 && list[first - 1].at.secret_start + IV_NEIGHBOUR * 10 >=
				    mine->at.secret_start)
		first--;
	for (guint j = first; j < m->found->len &&
			      list[j].at.secret_start < mine->at.secret_end;
	     j++)
		if (ranks_above(m, &list[j], mine) &&
		    list[j].at.secret_end > mine->at.secret_start)
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

static void report_one(IvMatcher *m, const IvFound *found, uint64_t newlines)
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
		const IvFound *found = &g_array_index(m->found, IvFound, k);
		size_t at = found->at.secret_start;

		if (found->at.start < own_from || found->at.start >= own_to)
			continue;
		if (outranked(m, k))
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
	m->starts = m->costly = 0;
	m->stopped = false;
	g_array_set_size(m->found, 0);
	iv_find_windows(m);
	for (guint k = 0; k < set->whole->len; k++) {
		guint i = g_array_index(set->whole, guint, k);

		if (iv_rule_is_on(m, i))
			iv_search_whole(m, i);
	}
	for (guint k = 0; k < m->n_windows; k++)
		iv_search_window(m, &m->windows[k]);
	if (m->found->len > 0)
		report(m);
	m->block = NULL;
}
