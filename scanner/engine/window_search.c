/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * window_search.c - PCRE2 over windows (or, where a pattern has no anchor, over all
 * bytes), and what it finds is judged.  See window_search.h.
 *
 * Windows end where the item's bytes say, and a match that touches the end of
 * its window is looked at again in a wider one.
 *
 * What a hostile block may cost is bounded by counting, never by a clock: the
 * same bytes give the same report on every machine.  A pattern first runs
 * under a low match limit.  Only when that does not suffice it runs again under
 * the high one, and the start positions of such calls are rationed.  What is
 * given up is reported as unsearched.
 */
#include "scanner/engine/window_search.h"

#include "scanner/engine/entropy.h"
#include "scanner/engine/path_rules.h"

/* Bytes behind an anchor that a widened window reaches. */
#define WIDE IV_MAX_RULE_AFTER
/* Bytes of start positions that one call of PCRE2 tries, where a pattern has
 * no anchor.  Slices are counted from the item's first byte. */
#define SLICE IV_BLOCK_BEFORE
/* Matches of one block, of one rule and of all. */
#define MAX_RULE_MATCHES 2048u
#define MAX_MATCHES 8192u
/* Start positions of one block that are tried, for one rule and for all: real
 * data needs a hundredth.  One costs at most some microseconds. */
#define MAX_RULE_STARTS (8u << 20)
#define MAX_STARTS (64u << 20)
/* The same under the high match limit, where one costs up to 0.1 ms. */
#define MAX_RULE_COSTLY (64u << 10)
#define MAX_COSTLY (256u << 10)
/* Windows of one block that may end at the match limit before a rule stops. */
#define MAX_LIMITS 16u

static void stop_rule(IvMatcher *m, guint i, size_t from, const char *reason)
{
	iv_rule_state(m, i)->stopped = true;
	iv_unsearched(m, from, m->block->size, m->set->compiled[i].rule, reason);
}

/* Other rules have not seen the bytes before the match at hand either. */
static void stop_all(IvMatcher *m, const char *reason)
{
	if (!m->stopped)
		iv_unsearched(m, 0, m->block->size, NULL, reason);
	m->stopped = true;
}

/* Does a pattern of the allow list say that this is no secret?  When that is
 * unknown, it does not. */
static bool is_allowed(IvMatcher *m, const IvCompiledRule *rule, const uint8_t *secret, size_t len)
{
	for (guint k = 0; k < rule->allow->len; k++)
		if (iv_regex_test(g_ptr_array_index(rule->allow, k), m->regex, secret, len) ==
		    IV_REGEX_MATCH)
			return true;
	return false;
}

static void keep(IvMatcher *m, guint i, const IvRegexHit *hit)
{
	const IvCompiledRule *rule = &m->set->compiled[i];
	const uint8_t *secret = m->block->data + hit->secret_start;
	IvJudgement judgement = {.secret = secret,
				 .len = hit->secret_end - hit->secret_start,
				 .severity = rule->rule->severity};
	IvFound found = {.rule = i, .at = *hit, .speaks = iv_rule_kinds(m, i)};

	found.entropy = iv_entropy(secret, judgement.len);
	if (found.entropy < rule->rule->entropy) {
		iv_matcher_skip(m, IV_SKIP_ENTROPY);
		return;
	}
	if (is_allowed(m, rule, secret, judgement.len)) {
		iv_matcher_skip(m, IV_SKIP_ALLOWED);
		return;
	}
	if (rule->check != NULL && !rule->check->believe(&judgement)) {
		iv_matcher_skip(m, IV_SKIP_CHECK);
		return;
	}
	found.note = judgement.note;
	found.severity = judgement.severity;
	if (iv_rule_is_quiet(m, i)) {
		found.severity = MIN(found.severity, IV_SEVERITY_LOW);
		found.note = IV_QUIET_NOTE;
	}
	g_array_append_val(m->found, found);
}

/* Count the start positions that a call tried. */
static void charge(IvMatcher *m, guint i, const IvRegexRange *range, IvRegexResult result,
		   const IvRegexHit *hit)
{
	IvRuleState *state = iv_rule_state(m, i);
	size_t end = result == IV_REGEX_MATCH ? MAX(hit->start, range->from) : range->last;
	uint64_t starts = end - range->from + 1;

	state->starts += starts;
	m->starts += starts;
	if (!range->quick) {
		state->costly += starts;
		m->costly += starts;
	}
	if (state->starts > MAX_RULE_STARTS)
		stop_rule(m, i, range->from, "the pattern takes too long");
	if (m->starts > MAX_STARTS)
		stop_all(m, "the patterns take too long");
}

static IvRegexResult try_match(IvMatcher *m, guint i, IvRegexRange *range, IvRegexHit *hit)
{
	const IvRegex *regex = m->set->compiled[i].pattern;
	IvRuleState *state = iv_rule_state(m, i);
	IvRegexResult result;

	range->cut_front = m->block->base > 0;
	range->cut_back = m->block->base + range->to < m->size;
	range->quick = true;
	result = iv_regex_match(regex, m->regex, range, hit);
	charge(m, i, range, result, hit);
	if (result != IV_REGEX_LIMIT || state->stopped || m->stopped ||
	    state->costly >= MAX_RULE_COSTLY || m->costly >= MAX_COSTLY)
		return result;
	range->quick = false;
	result = iv_regex_match(regex, m->regex, range, hit);
	charge(m, i, range, result, hit);
	return result;
}

/* A pattern that sets no end ran into the widest window.  What is found without more
 * room is taken; whatever may begin before that is not decided. */
static IvRegexResult give_up_cut(IvMatcher *m, guint i, IvRegexRange *range, IvRegexHit *hit)
{
	size_t cut = hit->start;
	IvRegexResult result;

	range->ask_cut = false;
	result = try_match(m, i, range, hit);
	if (result != IV_REGEX_MATCH || hit->start > cut)
		iv_unsearched(m, cut, range->to, m->set->compiled[i].rule,
			      "a match may be longer than the pattern was given room for");
	return result;
}

/* The next match at from .. last, seeing no further than to; when it touches a
 * cut edge, the same again with more room. */
static IvRegexResult next_match(IvMatcher *m, guint i, size_t from, size_t last, size_t to,
				IvRegexHit *hit)
{
	size_t size = m->block->size;
	IvRegexRange range = {.data = m->block->data, .from = from, .to = to, .last = last};

	for (;;) {
		IvRegexResult result;
		bool cut;

		range.ask_cut = m->set->compiled[i].endless && range.to < size;
		result = try_match(m, i, &range, hit);
		cut = result == IV_REGEX_CUT;
		if (!cut && (result != IV_REGEX_MATCH || hit->end < range.to))
			return result;
		to = MIN(size, MAX(range.to, hit->start + WIDE));
		if (to == range.to)
			return cut ? give_up_cut(m, i, &range, hit) : result;
		range.from = MAX(hit->start, range.from);
		range.to = to;
	}
}

static bool too_many(IvMatcher *m, guint i, size_t at)
{
	if (++iv_rule_state(m, i)->matches > MAX_RULE_MATCHES) {
		stop_rule(m, i, at, "too many matches");
		return true;
	}
	if (m->found->len >= MAX_MATCHES)
		stop_all(m, "too many matches");
	return m->stopped;
}

static void reached_limit(IvMatcher *m, guint i, size_t from, size_t to)
{
	static const char reason[] = "the pattern reached its match limit";

	if (++iv_rule_state(m, i)->limits >= MAX_LIMITS)
		stop_rule(m, i, from, reason);
	else
		iv_unsearched(m, from, to, m->set->compiled[i].rule, reason);
}

/* Every match of a rule that begins at from .. last, first come first served. */
static void search(IvMatcher *m, guint i, size_t from, size_t last, size_t to)
{
	IvRuleState *state = iv_rule_state(m, i);
	IvRegexHit hit;

	from = MAX(from, state->resume);
	while (from <= last && !state->stopped && !m->stopped) {
		switch (next_match(m, i, from, last, to, &hit)) {
		case IV_REGEX_NONE:
		case IV_REGEX_CUT: /* never: it was resolved */
			return;
		case IV_REGEX_LIMIT:
			reached_limit(m, i, from, to);
			return;
		case IV_REGEX_MATCH:
			break;
		}
		if (too_many(m, i, hit.start))
			return;
		if (hit.end > hit.start)
			keep(m, i, &hit);
		else
			iv_matcher_skip(m, IV_SKIP_EMPTY_MATCH);
		from = MAX(hit.end, MAX(hit.start, from) + 1);
		state->resume = from;
	}
}

/* A match contains an anchor of the window, so it begins before the last one ends. */
void iv_search_window(IvMatcher *m, const IvWindow *window)
{
	const IvCompiledRule *rule = &m->set->compiled[window->rule];
	const IvBlock *block = m->block;
	size_t from = window->first > rule->before ? window->first - rule->before : 0;
	size_t to = MIN(block->size, window->last + rule->after);

	/* A line that ends exactly here does end: let the pattern see it. */
	while (to < block->size && to < window->last + rule->after + 2 &&
	       (block->data[to] == '\r' || block->data[to] == '\n'))
		to++;
	search(m, window->rule, from, window->last - 1, to);
}

/* A pattern without anchors: every slice that holds own bytes, and the context
 * behind them in which a specific match silences a generic one. */
void iv_search_whole(IvMatcher *m, guint i)
{
	const IvBlock *block = m->block;
	size_t own_to = (size_t)(block->own_to - block->base);
	size_t end = MIN(block->size, own_to + IV_NEIGHBOUR);
	uint64_t slice = block->own_from / SLICE * SLICE;
	size_t from = slice > block->base ? (size_t)(slice - block->base) : 0;

	while (from < end && !iv_rule_state(m, i)->stopped && !m->stopped) {
		size_t next = (size_t)((block->base + from) / SLICE * SLICE + SLICE - block->base);

		next = MIN(next, block->size);
		search(m, i, from, next - 1, MIN(block->size, next + WIDE));
		from = next;
	}
}
