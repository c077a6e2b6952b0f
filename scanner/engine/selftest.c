/* SPDX-License-Identifier: GPL-3.0-or-later */
/* selftest.c - every rule proves itself; lint says what is legal but unwise. */
#include <string.h>

#include "scanner/base/limits.h"
#include "scanner/engine/anchors.h"
#include "scanner/engine/ruleset.h"

typedef struct {
	guint matches;
	const char *unsearched; /* why, or NULL */
} Seen;

static void on_match(void *user, const IvMatch *match)
{
	((Seen *)user)->matches++;
}

static void on_unsearched(void *user, uint64_t off, uint64_t len, const IvRule *rule,
			  const char *reason)
{
	((Seen *)user)->unsearched = reason;
}

static Seen try_text(IvMatcher *matcher, const char *path, const char *text)
{
	static const IvMatchSink sink = {.match = on_match, .unsearched = on_unsearched};
	size_t len = strlen(text);
	IvBlock block = {.data = (const uint8_t *)text, .size = len, .own_to = len};
	Seen seen = {0};

	iv_matcher_begin(matcher, path, len, &sink, &seen);
	if (len > 0)
		iv_matcher_block(matcher, &block);
	iv_matcher_end(matcher);
	return seen;
}

/* A rule that is a path alone has paths as examples, unless it names the path. */
static Seen try_example(IvMatcher *matcher, const IvRule *rule, const char *example)
{
	if (rule->pattern == NULL && rule->example_path == NULL)
		return try_text(matcher, example, "x");
	return try_text(matcher, rule->example_path, example);
}

static guint test_list(IvMatcher *matcher, const IvRule *rule, GStrv list, bool wanted,
		       IvRuleTestFunc report, void *user)
{
	guint failed = 0;

	for (guint i = 0; list != NULL && list[i] != NULL; i++) {
		Seen seen = try_example(matcher, rule, list[i]);
		bool ok = seen.unsearched == NULL && (seen.matches > 0) == wanted;
		const char *why = NULL;

		if (!ok && seen.unsearched != NULL)
			why = seen.unsearched;
		else if (!ok && wanted && rule->path != NULL && rule->pattern != NULL &&
			 rule->example_path == NULL)
			why = "it does not match: the rule has a path, so it needs an example_path";
		else if (!ok)
			why = wanted ? "it should match and does not"
				     : "it should not match and does";
		failed += !ok;
		if (report != NULL)
			report(user, rule, list[i], ok, why);
	}
	return failed;
}

guint iv_ruleset_test(const IvRuleSet *set, IvRuleTestFunc report, void *user)
{
	g_autoptr(IvMatcher) matcher = iv_matcher_new(set, NULL);
	guint failed = 0;

	if (matcher == NULL)
		return set->rules->len;
	for (guint i = 0; i < set->rules->len; i++) {
		const IvRule *rule = g_ptr_array_index(set->rules, i);

		iv_matcher_only(matcher, i);
		failed += test_list(matcher, rule, rule->examples, true, report, user);
		failed += test_list(matcher, rule, rule->negative_examples, false, report, user);
	}
	return failed;
}

/* --- lint ------------------------------------------------------------------------- */

static guint complain(IvRuleLintFunc report, void *user, const IvRule *rule, bool bad,
		      const char *complaint)
{
	if (bad && report != NULL)
		report(user, rule, complaint);
	return bad;
}

/* "token" is a word, to which a separator can be added; "http://" is not. */
static bool is_word(const char *anchor)
{
	while (g_ascii_isalnum(*anchor) || *anchor == '_')
		anchor++;
	return *anchor == '\0';
}

/* Common words, but in less than some ten places of a megabyte: they can be afforded. */
static bool is_affordable(const char *anchor)
{
	static const char *const words[] = {"authorization", "bearer", "credential", "credentials",
					    "passwd",	     "password", "pwd",	 "secret", NULL};
	g_autofree char *lower = g_ascii_strdown(anchor, -1);

	return g_strv_contains(words, lower);
}

static guint lint_anchors(const IvCompiledRule *compiled, IvRuleLintFunc report, void *user)
{
	const IvRule *rule = compiled->rule;
	guint n = 0;

	if (rule->pattern == NULL)
		return 0;
	n += complain(report, user, rule, rule->anchors == NULL && rule->path == NULL,
		      "no anchor given and none derivable: every byte is searched (slow)");
	n += complain(report, user, rule, compiled->far,
		      "a match may begin more than 4096 bytes before its anchor: every byte is "
		      "searched (slow); bound the repeats in front of the anchor");
	for (guint i = 0; rule->anchors != NULL && rule->anchors[i] != NULL; i++) {
		const char *literal = iv_anchor_literal(rule->anchors[i]);
		g_autofree char *generic = g_strdup_printf(
			"the anchor \"%s\" is a common word: add its separator", literal);

		n += complain(report, user, rule, is_word(literal) && iv_anchor_is_generic(literal) && !is_affordable(literal),
			      generic);
		n += complain(report, user, rule, strlen(literal) < IV_ANCHOR_MIN,
			      "an anchor of 2 bytes is found everywhere");
	}
	return n;
}

static guint lint_path(const IvRule *rule, IvRuleLintFunc report, void *user)
{
	g_auto(GStrv) anchors = rule->path != NULL ? iv_anchors_derive(rule->path) : NULL;

	return complain(report, user, rule, rule->path != NULL && anchors == NULL,
			"no literal in the path: it is tried on every path (slow)");
}

static guint lint_dense(const IvRule *rule, IvRuleLintFunc report, void *user)
{
	g_autofree char *complaint = g_strdup_printf("%s: a long pattern without comments: use (?x)"
						     " or definitions",
						     rule->dense);

	return complain(report, user, rule, rule->dense != NULL, complaint);
}

guint iv_ruleset_lint(const IvRuleSet *set, IvRuleLintFunc report, void *user)
{
	guint n = 0;

	for (guint i = 0; i < set->rules->len; i++) {
		const IvCompiledRule *compiled = &set->compiled[i];
		const IvRule *rule = compiled->rule;

		n += complain(report, user, rule, rule->examples == NULL, "no examples");
		n += complain(report, user, rule, rule->negative_examples == NULL,
			      "no negative examples");
		n += complain(report, user, rule, rule->reason == NULL, "no reason");
		n += complain(report, user, rule, rule->remediation == NULL, "no remediation");
		n += lint_dense(rule, report, user);
		n += lint_anchors(compiled, report, user);
		n += lint_path(rule, report, user);
	}
	return n;
}
