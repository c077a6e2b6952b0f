/* SPDX-License-Identifier: GPL-3.0-or-later */
/* path_rules.c - see path_rules.h */
#include "scanner/engine/path_rules.h"

#include <string.h>

/* A pattern that reached its match limit may apply: then it does here, and it
 * does not where it would keep a rule away. */
static void try_path(IvMatcher *m, guint i)
{
	const IvCompiledRule *rule = &m->set->compiled[i];

	if ((m->item[i] & IV_PATH_APPLIES) != 0 ||
	    iv_regex_test(rule->path, m->regex, m->path->str, m->path->len) == IV_REGEX_NONE)
		return;
	m->item[i] |= IV_PATH_APPLIES;
	g_array_append_val(m->applies, i);
}

static bool on_path_hit(void *user, const guint *owners, guint n, size_t start, size_t end)
{
	for (guint i = 0; i < n; i++)
		try_path(user, owners[i]);
	return true;
}

/* The literal search failed: it rules nothing out. */
static void try_all_paths(IvMatcher *m)
{
	for (guint i = 0; i < m->set->rules->len; i++)
		if (m->set->compiled[i].path != NULL)
			try_path(m, i);
}

static int compare_guint(gconstpointer a, gconstpointer b)
{
	guint x = *(const guint *)a, y = *(const guint *)b;

	return (x > y) - (x < y);
}

void iv_match_path(IvMatcher *m, const char *path)
{
	const IvRuleSet *set = m->set;

	m->names = NULL;
	memset(m->item, 0, set->rules->len);
	g_array_set_size(m->applies, 0);
	m->has_path = path != NULL;
	if (path == NULL)
		return;
	g_string_assign(m->path, path + strspn(path, "/"));
	if (!iv_literals_scan(set->path_anchors, m->path_literals, m->path->str, m->path->len,
			      on_path_hit, m))
		try_all_paths(m);
	for (guint i = 0; i < set->path_always->len; i++)
		try_path(m, g_array_index(set->path_always, guint, i));
	g_array_sort(m->applies, compare_guint);
}

static bool kept_out_by_path(IvMatcher *m, guint i)
{
	const IvRegex *not_path = m->set->compiled[i].not_path;

	if (not_path == NULL || !m->has_path)
		return false;
	if ((m->item[i] & IV_NOT_PATH_KNOWN) == 0) {
		m->item[i] |= IV_NOT_PATH_KNOWN;
		if (iv_regex_test(not_path, m->regex, m->path->str, m->path->len) ==
		    IV_REGEX_MATCH) {
			iv_matcher_skip(m, IV_SKIP_NOT_PATH);
			m->item[i] |= IV_NOT_PATH_APPLIES;
		}
	}
	return (m->item[i] & IV_NOT_PATH_APPLIES) != 0;
}

static bool off(IvMatcher *m, IvSkip reason)
{
	iv_matcher_skip(m, reason);
	return false;
}

static bool find_out(IvMatcher *m, guint i)
{
	const IvCompiledRule *rule = &m->set->compiled[i];

	if (m->only != G_MAXUINT ? m->only != i : !rule->rule->visible)
		return off(m, IV_SKIP_HELPER_RULE);
	if (m->names != NULL)
		return m->kinds[i] != 0 ||
		       off(m, rule->path != NULL ? IV_SKIP_OTHER_PATH : IV_SKIP_NOT_PATH);
	if (rule->path != NULL && (m->item[i] & IV_PATH_APPLIES) == 0)
		return off(m, IV_SKIP_OTHER_PATH);
	return !kept_out_by_path(m, i);
}

/* Hits ask by the million, and the answer holds for the whole item: found out once,
 * and an "off" counted once. */
bool iv_rule_is_on(IvMatcher *m, guint i)
{
	if ((m->item[i] & IV_ON_KNOWN) == 0) {
		bool on = find_out(m, i);

		m->item[i] |= on ? IV_ON_KNOWN | IV_ON : IV_ON_KNOWN;
	}
	return (m->item[i] & IV_ON) != 0;
}

uint64_t iv_rule_kinds(IvMatcher *m, guint i)
{
	return m->names != NULL ? m->kinds[i] : iv_rule_is_on(m, i);
}

static bool is_quiet_path(IvMatcher *m, const IvRegex *quiet, const char *path)
{
	path += strspn(path, "/");
	return iv_regex_test(quiet, m->regex, path, strlen(path)) == IV_REGEX_MATCH;
}

static bool all_names_quiet(IvMatcher *m, const IvRegex *quiet)
{
	if (m->names == NULL)
		return m->has_path && is_quiet_path(m, quiet, m->path->str);
	for (guint k = 0; k < iv_names_count(m->names); k++)
		if (!is_quiet_path(m, quiet, iv_names_path(m->names, k)))
			return false;
	return true;
}

bool iv_rule_is_quiet(IvMatcher *m, guint i)
{
	const IvRegex *quiet = m->set->compiled[i].quiet_path;

	if (quiet == NULL)
		return false;
	if ((m->item[i] & IV_QUIET_KNOWN) == 0)
		m->item[i] |= IV_QUIET_KNOWN | (all_names_quiet(m, quiet) ? IV_QUIET : 0);
	return (m->item[i] & IV_QUIET) != 0;
}
