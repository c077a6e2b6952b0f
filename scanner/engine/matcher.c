/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * matcher.c - one item after another, one block after another; see engine.h
 *
 * A block is searched in three steps.  The literal matcher runs over it once;
 * hits of one rule whose windows overlap become one window.  PCRE2 runs over
 * each window.  What it finds is judged, and at last reported in order, where
 * a rule gives way to one of a higher rank.
 */
#include "scanner/engine/matcher_state.h"
#include "scanner/engine/names_state.h"
#include "scanner/engine/path_rules.h"
#include "scanner/engine/ranking.h"
#include "scanner/engine/window_search.h"
#include "scanner/engine/windows.h"

/* So that a name costs a look at these, not at all rules. */
static GArray *silenced_rules(const IvRuleSet *set)
{
	GArray *list = g_array_new(FALSE, FALSE, sizeof(guint));

	for (guint i = 0; i < set->rules->len; i++) {
		const IvCompiledRule *rule = &set->compiled[i];

		if (rule->not_path != NULL && rule->path == NULL && rule->rule->visible)
			g_array_append_val(list, i);
	}
	return list;
}

IvMatcher *iv_matcher_new(const IvRuleSet *set, GError **error)
{
	g_autoptr(IvMatcher) m = g_new0(IvMatcher, 1);

	m->set = set;
	m->only = G_MAXUINT;
	m->path = g_string_new(NULL);
	m->item = g_new0(uint8_t, set->rules->len + 1);
	m->kinds = g_new0(uint64_t, set->rules->len + 1);
	m->rules = g_new0(IvRuleState, set->rules->len + 1);
	m->applies = g_array_new(FALSE, FALSE, sizeof(guint));
	m->silenced = silenced_rules(set);
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
	iv_matcher_hand_over_skips(m);
	iv_literal_scratch_free(m->literals);
	iv_literal_scratch_free(m->path_literals);
	iv_regex_scratch_free(m->regex);
	g_string_free(m->path, TRUE);
	g_free(m->item);
	g_free(m->kinds);
	g_free(m->rules);
	g_array_unref(m->applies);
	g_array_unref(m->silenced);
	g_free(m->windows);
	g_array_unref(m->found);
	g_free(m);
}

void iv_matcher_only(IvMatcher *m, guint i)
{
	m->only = i;
}

/* A rule that is a path alone speaks for the file as such; of an empty one it tells
 * that it is there. */
static void report_path(IvMatcher *m, guint i)
{
	const IvRule *rule = m->set->compiled[i].rule;
	IvMatch match = {.rule = rule, .severity = rule->severity};

	match.kinds = iv_rule_kinds(m, i);
	if (m->size == 0) {
		match.severity = IV_SEVERITY_INFO;
		match.note = "the file is empty";
	} else if (iv_rule_is_quiet(m, i)) {
		match.severity = MIN(rule->severity, IV_SEVERITY_LOW);
		match.note = IV_QUIET_NOTE;
	}
	if (rule->pattern == NULL && iv_rule_is_on(m, i))
		m->sink->match(m->user, &match);
}

void iv_matcher_begin(IvMatcher *m, const char *path, uint64_t size, const IvMatchSink *sink,
		      void *user)
{
	m->sink = sink;
	m->user = user;
	m->size = size;
	iv_match_path(m, path);
	for (guint k = 0; k < m->applies->len; k++)
		report_path(m, g_array_index(m->applies, guint, k));
}

/* The kinds for which each rule is on, as said in names_state.h. */
static void take_names(IvMatcher *m, const IvNames *names)
{
	uint64_t all = names->kinds == 64 ? IV_ALL_KINDS : (UINT64_C(1) << names->kinds) - 1;

	m->names = names;
	for (guint i = 0; i < m->set->rules->len; i++)
		m->kinds[i] = m->set->compiled[i].path != NULL ? 0 : all;
	for (guint k = 0; k < names->changed->len; k++) {
		const IvNameRule *changed = &g_array_index(names->changed, IvNameRule, k);

		m->kinds[changed->rule] = changed->kinds & all;
	}
}

void iv_matcher_begin_names(IvMatcher *m, const IvNames *names, uint64_t size,
			    const IvMatchSink *sink, void *user)
{
	m->sink = sink;
	m->user = user;
	m->size = size;
	iv_match_path(m, NULL);
	take_names(m, names);
	for (guint k = 0; k < names->changed->len; k++)
		report_path(m, g_array_index(names->changed, IvNameRule, k).rule);
}

void iv_matcher_end(IvMatcher *m)
{
	iv_matcher_hand_over_skips(m);
	m->names = NULL;
	m->sink = NULL;
	m->user = NULL;
	g_string_truncate(m->path, 0);
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
		iv_report_found(m);
	m->block = NULL;
}
