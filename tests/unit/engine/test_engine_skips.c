/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_engine_skips.c - what the engine passes over is counted by its reason, and what
 * one rule passes over never hides what another one finds */
#include <glib.h>
#include <string.h>

#include "scanner/base/limits.h"
#include "scanner/base/skip.h"
#include "scanner/engine/engine.h"

static void on_match(void *user, const IvMatch *match)
{
	g_string_append_printf(user, "%s ", match->rule->id);
}

static void on_unsearched(void *user, uint64_t off, uint64_t len, const IvRule *rule,
			  const char *reason)
{
	g_string_append_printf(user, "unsearched ");
}

static const IvMatchSink sink = {on_match, on_unsearched};

/* The ids of the rules that match the text, under a path, in blocks of so many bytes. */
static char *search_cut(const char *rule_text, const char *path, const char *text, size_t own)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(IvRuleSet) set =
		iv_ruleset_parse("r.yml", rule_text, strlen(rule_text), &error);
	g_autoptr(IvMatcher) m = set != NULL ? iv_matcher_new(set, &error) : NULL;
	GString *log = g_string_new(NULL);
	size_t size = strlen(text);

	g_assert_no_error(error);
	iv_skips_reset();
	iv_matcher_begin(m, path, size, &sink, log);
	for (size_t from = 0; from < size; from += own) {
		size_t to = MIN(from + own, size);
		IvBlock block = {(const uint8_t *)text, size, 0, from, to};

		iv_matcher_block(m, &block);
	}
	iv_matcher_end(m);
	return g_string_free(log, FALSE);
}

static char *search(const char *rule_text, const char *path, const char *text)
{
	return search_cut(rule_text, path, text, IV_BLOCK_OWN);
}

/* --- each reason ------------------------------------------------------------------- */

#define RULE(more) "rules: [{id: r, name: n, pattern: 'TOK_(?P<secret>[A-Z0-9a-z]*)', anchors: [TOK_]" more "}]\n"

static const struct {
	const char *name, *rules, *path, *text;
	IvSkip reason;
	unsigned times;
} cases[] = {
	{"entropy", RULE(", entropy: 3"), NULL, "TOK_aaaaaaaa TOK_bbbbbbbb", IV_SKIP_ENTROPY, 2},
	{"allow", RULE(", allow: ['^EXAMPLE']"), NULL, "TOK_EXAMPLE1", IV_SKIP_ALLOWED, 1},
	{"check", RULE(", check: not-placeholder"), NULL, "TOK_changeme1234 TOK_aaaaaaaa",
	 IV_SKIP_CHECK, 1},
	{"not_path", RULE(", not_path: '^doc/'"), "doc/x", "TOK_1 TOK_2", IV_SKIP_NOT_PATH, 1},
	{"path", RULE(", path: '^etc/'"), "doc/x", "TOK_1 TOK_2", IV_SKIP_OTHER_PATH, 1},
	{"helper", RULE(", visible: false"), NULL, "TOK_1 TOK_2", IV_SKIP_HELPER_RULE, 1},
	{"empty", "rules: [{id: r, name: n, pattern: '(?=TOK_)', anchors: [TOK_]}]\n", NULL, "TOK_",
	 IV_SKIP_EMPTY_MATCH, 1},
};

static void test_counted(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *found = search(cases[i].rules, cases[i].path, cases[i].text);

		g_test_message("%s: %s", cases[i].name, found);
		g_assert_cmpuint(iv_skip_counted(cases[i].reason), ==, cases[i].times);
		g_assert_null(strstr(found, "unsearched"));
	}
}

/* A rule that speaks counts nothing. */
static void test_nothing_passed_over(void)
{
	g_autofree char *found = search(RULE(", not_path: '^doc/'"), "etc/x", "TOK_1 TOK_2");

	g_assert_cmpstr(found, ==, "r r ");
	for (unsigned i = 0; i < IV_SKIP_COUNT; i++)
		g_assert_cmpuint(iv_skip_counted((IvSkip)i), ==, 0);
}

/* What a block sees of its neighbour's matches is reported there, once. */
static void test_seam(void)
{
	g_autofree char *found = search_cut(RULE(""), NULL, "TOK_1 TOK_2 TOK_3 TOK_4 ", 12);

	g_assert_cmpstr(found, ==, "r r r r ");
	g_assert_cmpuint(iv_skip_counted(IV_SKIP_SEAM), ==, 4);
}

/* --- ranks --------------------------------------------------------------------------- */

/* One of a higher rank speaks for the bytes: the other is passed over. */
static void test_outranked(void)
{
	g_autofree char *found = search("rules:\n"
					"  - {id: special, name: n, severity: high, pattern: 'TOK_[0-9]+'}\n"
					"  - {id: any, name: n, severity: high, generic: true,\n"
					"     pattern: 'key=(?P<secret>\\w+)'}\n",
					NULL, "key=TOK_12345");

	g_assert_cmpstr(found, ==, "special ");
	g_assert_cmpuint(iv_skip_counted(IV_SKIP_OUTRANKED), ==, 1);
}

/* Who is silent itself silences nobody: `low` and `top` share no byte. */
static void test_chain(void)
{
	g_autofree char *found = search(
		"rules:\n"
		"  - {id: low, name: n, severity: medium, generic: true,\n"
		"     pattern: 'key=(?P<secret>AAA1bbb2)'}\n"
		"  - {id: middle, name: n, severity: high, generic: true, path: 'x$',\n"
		"     pattern: 'bbb2ccc3'}\n"
		"  - {id: top, name: n, severity: high, pattern: 'ccc3ddd4'}\n",
		"etc/x", "key=AAA1bbb2ccc3ddd4");

	g_assert_cmpstr(found, ==, "low top ");
}

/* A finding that may pass must not stand for one that may not. */
static void test_graver(void)
{
	g_autofree char *found = search(
		"rules:\n"
		"  - {id: special, name: n, severity: low, pattern: 'pool-[0-9]+'}\n"
		"  - {id: any, name: n, severity: high, generic: true,\n"
		"     pattern: 'password=(?P<secret>\\S+)'}\n",
		NULL, "password=Kq7vR2xM,pool-12345");

	g_assert_nonnull(strstr(found, "any "));
}

/* --- ceilings ------------------------------------------------------------------------ */

#define OWN 4096u
/* Of window_search.c. */
#define MAX_RULE_MATCHES 2048u

/* Where a block's matches are too many, what other rules did not see is unsearched, also
 * when the one too many stands behind the block's own bytes. */
static void test_too_many_behind(void)
{
	g_autoptr(GError) error = NULL;
	static const char rules[] = "rules:\n"
				    "  - {id: a, name: n, pattern: '[Q]'}\n"
				    "  - {id: b, name: n, pattern: '[Q](?=.)'}\n"
				    "  - {id: c, name: n, pattern: '[Q](?=..)'}\n"
				    "  - {id: d, name: n, pattern: '[Q](?=...)'}\n"
				    "  - {id: e, name: n, pattern: '[Z]'}\n"
				    "  - {id: tok, name: n, pattern: 'TOK_[0-9]+', anchors: [TOK_]}\n";
	g_autoptr(IvRuleSet) set = iv_ruleset_parse("r.yml", rules, strlen(rules), &error);
	g_autoptr(IvMatcher) m = set != NULL ? iv_matcher_new(set, &error) : NULL;
	g_autoptr(GString) log = g_string_new(NULL);
	g_autofree char *text = g_strnfill(OWN + 100, ' ');
	IvBlock block = {(const uint8_t *)text, OWN + 100, 0, 0, OWN};

	g_assert_no_error(error);
	memset(text, 'Q', MAX_RULE_MATCHES);
	memcpy(text + 3000, "TOK_12345", 9);
	text[OWN + 10] = 'Z';
	iv_matcher_begin(m, NULL, OWN + 100, &sink, log);
	iv_matcher_block(m, &block);
	iv_matcher_end(m);
	g_assert_true(strstr(log->str, "tok ") != NULL || strstr(log->str, "unsearched ") != NULL);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/engine-skips/counted", test_counted);
	g_test_add_func("/engine-skips/nothing-passed-over", test_nothing_passed_over);
	g_test_add_func("/engine-skips/seam", test_seam);
	g_test_add_func("/engine-skips/outranked", test_outranked);
	g_test_add_func("/engine-skips/chain", test_chain);
	g_test_add_func("/engine-skips/graver", test_graver);
	g_test_add_func("/engine-skips/too-many-behind", test_too_many_behind);
	return g_test_run();
}
