/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_reach.c - what PCRE2 finds in the whole text the matcher finds in its windows, or
 * says where it did not look: rules and texts made at random */
#include <glib.h>
#include <string.h>

#include "scanner/base/limits.h"
#include "scanner/engine/anchors.h"
#include "scanner/engine/engine.h"
#include "scanner/engine/regex.h"

/* --- how far a match reaches ----------------------------------------------------------- */

#define ENDLESS IV_REACH_ENDLESS
#define NONE UINT_MAX

static void test_measure(void)
{
	static const struct {
		const char *pattern, *anchor;
		unsigned longest, at;
	} rows[] = {
		{"tok=[a-z]{4}", "tok=", 8, 0},
		{"[a-z]{0,900}tok=\\w{3,5}", "tok=", 909, 900},
		{"(?:ab|abcd)tok", "tok", 7, 4},
		{"(?:ab\\w?|abcd)tok", "tok", 7, 4},
		{"[A-Z]+tok", "TOK", ENDLESS, 1}, /* begun later it matches as well */
		{"\\b[A-Z]+tok", "tok", ENDLESS, ENDLESS},
		{"x[A-Z]+tok", "tok", ENDLESS, ENDLESS},
		{"tok\\w*", "tok", ENDLESS, 0},
		{"tok(?=.{0,50}end)", "tok", 56, 0},
		{"\\{(?=[^}]{0,70}tok)", "tok", 74, 71},
		{"\\{(?![^}]{0,70}tok)", "tok", 74, NONE},
		{"(?<=.{9})x", "x", 1, 0},
		{"(?i)tok|pin", "tok", 3, NONE},
		{"tok|x{0,9}tok", "tok", 12, 9},
		{"t?ok", "tok", 3, NONE},
		{"(\\w)tok\\1", "tok", ENDLESS, 1},
		{"foo\\Ktok", "tok", ENDLESS, NONE},
		{"(?x) x{2} # tok\n tok", "tok", 5, 2},
	};

	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		char *anchors[] = {(char *)rows[i].anchor, NULL};
		IvReach reach = iv_anchors_measure(rows[i].pattern, anchors, IV_MAX_RULE_BEFORE);

		g_test_message("%s", rows[i].pattern);
		g_assert_cmpuint(reach.longest, ==, rows[i].longest);
		g_assert_cmpuint(reach.anchor, ==, rows[i].at);
	}
}

/* --- against plain PCRE2 ----------------------------------------------------------------- */

typedef struct {
	GArray *matches, *missed; /* IvMatch; uint64_t from, to */
} Seen;

static void on_match(void *user, const IvMatch *match)
{
	g_array_append_vals(((Seen *)user)->matches, match, 1);
}

static void on_unsearched(void *user, uint64_t off, uint64_t len, const IvRule *rule,
			  const char *reason)
{
	uint64_t range[2] = {off, off + len};

	g_array_append_vals(((Seen *)user)->missed, range, 2);
}

static const IvMatchSink sink = {on_match, on_unsearched};

/* Is [from, to) touched by a match, or by a place that is said to be not searched?  What may
 * stand before an anchor or not is taken from the window's beginning on, so the place of a
 * match that was given up can begin later than the longest match. */
static bool accounted(const Seen *seen, size_t from, size_t to)
{
	for (guint i = 0; i < seen->matches->len; i++) {
		const IvMatch *m = &g_array_index(seen->matches, IvMatch, i);

		if (m->start < to && m->end > from)
			return true;
	}
	for (guint i = 0; i < seen->missed->len; i += 2)
		if (g_array_index(seen->missed, uint64_t, i) < to &&
		    g_array_index(seen->missed, uint64_t, i + 1) > from)
			return true;
	return false;
}

static void give(IvMatcher *m, const GString *text, size_t own)
{
	for (size_t from = 0; from < text->len; from += own) {
		size_t to = MIN(from + own, text->len), top = MIN(to + IV_BLOCK_AFTER, text->len);
		size_t base = from > IV_BLOCK_BEFORE ? from - IV_BLOCK_BEFORE : 0;
		IvBlock block = {(const uint8_t *)text->str + base, top - base, base, from, to};

		iv_matcher_block(m, &block);
	}
}

/* Every match of the pattern alone is accounted for. */
static void compare(const char *pattern, const GString *text, size_t own)
{
	g_autofree char *yaml = g_strdup_printf(
		"rules: [{id: r, name: n, pattern: '%s', anchors: [tok=]}]", pattern);
	g_autoptr(GError) error = NULL;
	g_autoptr(IvRuleSet) set = iv_ruleset_parse("r.yml", yaml, strlen(yaml), &error);
	g_autoptr(IvMatcher) m = iv_matcher_new(set, &error);
	g_autoptr(IvRegex) regex = iv_regex_new(pattern, false, NULL);
	IvRegexScratch *scratch = iv_regex_scratch_new();
	Seen seen = {g_array_new(FALSE, FALSE, sizeof(IvMatch)),
		     g_array_new(FALSE, FALSE, sizeof(uint64_t))};
	IvRegexRange range = {.data = (const uint8_t *)text->str, .to = text->len, .last = text->len};
	IvRegexHit hit;

	g_assert_no_error(error);
	iv_matcher_begin(m, NULL, text->len, &sink, &seen);
	give(m, text, own);
	iv_matcher_end(m);
	while (range.from <= text->len &&
	       iv_regex_match(regex, scratch, &range, &hit) == IV_REGEX_MATCH) {
		if (!accounted(&seen, hit.start, hit.end))
			g_test_message("%s at %zu-%zu of %zu, blocks of %zu", pattern, hit.start,
				       hit.end, text->len, own);
		g_assert_true(accounted(&seen, hit.start, hit.end));
		range.from = MAX(hit.end, hit.start + 1);
	}
	iv_regex_scratch_free(scratch);
	g_array_unref(seen.matches);
	g_array_unref(seen.missed);
}

static char *random_pattern(void)
{
	static const char *const heads[] = {"", "[a-z.]{0,%d}", "x[.]{0,%d}", "\\b[a-z]+[.]{0,%d}",
					    "(?:x|y[.]{1,%d})", "x[^!]*", "(?<![.]x)[.]{0,%d}"};
	static const char *const tails[] = {"[a-z]{4}", "[.]{0,%d}z", "[.]*z", "(?=[^!]{0,%d}z)",
					    "[^!]*?z", "[.]{0,%d}+(?:z|$)", "\\w+[.]{0,%d}!"};
	static const int sizes[] = {3, 100, 380, 500, 2000, 4000, 9000, 12000};
	g_autofree char *form = g_strconcat(heads[g_test_rand_int_range(0, G_N_ELEMENTS(heads))],
					    "tok=", tails[g_test_rand_int_range(0, G_N_ELEMENTS(tails))],
					    NULL);
	GString *out = g_string_new(NULL);

	for (const char *c = form; *c != '\0'; c++)
		if (c[0] == '%' && c[1] == 'd')
			g_string_append_printf(out, "%d", sizes[g_test_rand_int_range(0, G_N_ELEMENTS(sizes))]);
		else if (c == form || c[-1] != '%')
			g_string_append_c(out, *c);
	return g_string_free(out, FALSE);
}

static GString *random_text(void)
{
	static const char *const pieces[] = {"x", "y", "tok=", "tok=", "z", "!", "abcd", "\n", "xtok=z"};
	static const int gaps[] = {0, 1, 50, 120, 130, 385, 600, 3000, 4090, 8000, 11000, 16000, 25000};
	GString *text = g_string_new(NULL);

	for (int n = g_test_rand_int_range(3, 25); n > 0; n--) {
		int gap = gaps[g_test_rand_int_range(0, G_N_ELEMENTS(gaps))];

		g_string_append(text, pieces[g_test_rand_int_range(0, G_N_ELEMENTS(pieces))]);
		for (; g_test_rand_bit() && gap > 0; gap--)
			g_string_append_c(text, '.');
		for (; gap > 1; gap--)
			g_string_append_c(text, '.');
	}
	return text;
}

static void test_random(void)
{
	for (guint i = 0; i < 300; i++) {
		static const size_t owns[] = {IV_BLOCK_OWN, 4096, 30000};
		g_autofree char *pattern = random_pattern();
		GString *text = random_text();

		compare(pattern, text, owns[i % G_N_ELEMENTS(owns)]);
		g_string_free(text, TRUE);
	}
}

/* The anchor is farther from the beginning than any window. */
static void test_far(void)
{
	GString *text = g_string_new("x");

	for (guint i = 0; i < 9000; i++)
		g_string_append_c(text, '.');
	g_string_append(text, "tok=z");
	compare("x[^!]*tok=", text, IV_BLOCK_OWN);
	compare("x[.]{9000}tok=z", text, IV_BLOCK_OWN);
	g_string_free(text, TRUE);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/engine/reach/measure", test_measure);
	g_test_add_func("/engine/reach/far", test_far);
	g_test_add_func("/engine/reach/random", test_random);
	return g_test_run();
}
