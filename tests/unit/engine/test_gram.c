/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_gram.c - literals in text: every kernel finds what a plain search finds */
#include <string.h>

#include "scanner/engine/gram.h"
#include "scanner/engine/literal.h"
#include "scanner/engine/rule.h"

typedef struct {
	GString *found; /* "index@end " for each hit */
	size_t last;
	guint most; /* hits before the callback says stop; 0: all */
	guint n;
} Log;

static bool log_hit(void *user, guint index, size_t end)
{
	Log *log = user;

	g_assert_cmpuint(end, >=, log->last);
	log->last = end;
	g_string_append_printf(log->found, "%u@%zu ", index, end);
	return ++log->n != log->most;
}

static char *scan(const IvGrams *grams, const char *data, size_t size)
{
	Log log = {.found = g_string_new(NULL)};

	g_assert_true(iv_grams_scan(grams, data, size, log_hit, &log));
	return g_string_free(log.found, FALSE);
}

static bool is_text(char c)
{
	return (c >= 0x20 && c < 0x7f) || (c >= 9 && c <= 13);
}

/* What the header promises, by looking everywhere. */
static char *search(const char *const *literals, guint n, const char *data, size_t size)
{
	GString *found = g_string_new(NULL);

	for (size_t end = 1; end <= size; end++) {
		for (guint i = 0; i < n; i++) {
			size_t len = strlen(literals[i]);

			if (len > end ||
			    g_ascii_strncasecmp(data + end - len, literals[i], len) != 0)
				continue;
			if (len == 3 && (end == size || !is_text(data[end])))
				continue;
			g_string_append_printf(found, "%u@%zu ", i, end);
		}
	}
	return g_string_free(found, FALSE);
}

static void expect(const char *const *literals, guint n, const char *data, size_t size)
{
	g_autofree char *want = search(literals, n, data, size);

	for (int plain = 0; plain < 2; plain++) {
		g_autoptr(IvGrams) grams = iv_grams_new(literals, n);
		g_autofree char *got = NULL;

		g_assert_nonnull(grams);
		if (plain)
			iv_grams_plain(grams);
		got = scan(grams, data, size);
		g_assert_cmpstr(got, ==, want);
	}
}

static void test_examples(void)
{
	static const char *const literals[] = {"ghp_",	  "secret=", "secret =", "sk-",
					       "api_key", "key",     "akia"};
	static const char *const texts[] = {
		"",
		"k",
		"key",
		"keys",
		"token ghp_x SECRET=1 Secret = 2",
		"API_KEY=AKIA",
		"xsk-y sk-",
		"ghp_ghp_ghp_",
		"\001\002ghp_\003secret=\377api_key",
	};

	for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
		expect(literals, G_N_ELEMENTS(literals), texts[i], strlen(texts[i]));
}

/* A literal at every place around the borders of words and stripes, and at the
 * buffer's end. */
static void test_places(void)
{
	static const char *const literals[] = {"needle", "pin_", "tac"};
	static const char fills[] = {'.', '\0', 'n'};

	for (guint f = 0; f < sizeof(fills); f++) {
		for (size_t size = 0; size < 80; size++) {
			char data[80];

			memset(data, fills[f], size);
			for (guint i = 0; i < 3; i++) {
				size_t len = strlen(literals[i]);

				for (size_t at = 0; at + len <= size; at++) {
					memcpy(data + at, literals[i], len);
					expect(literals, 3, data, size);
					memset(data + at, fills[f], len);
				}
			}
		}
	}
}

static void test_stripes(void)
{
	static const char *const literals[] = {"needle", "tac"};
	size_t size = 3 * 4096 + 77;
	g_autofree char *data = g_malloc0(size);

	for (size_t border = 4096; border < size; border += 4096) {
		for (size_t at = border - 12; at < border + 12; at++) {
			memcpy(data + at, "needletac", 9);
			expect(literals, 2, data, size);
			memset(data + at, 0, 9);
		}
	}
}

/* Random literals in random bytes of a small alphabet, so that they overlap, nest
 * and share grams; some of the bytes are no text. */
static void test_random(void)
{
	static const char alphabet[] = "abAB_= \n\v\001\200";
	g_autoptr(GRand) rand = g_rand_new_with_seed(7);

	for (guint round = 0; round < 300; round++) {
		guint n = (guint)g_rand_int_range(rand, 1, 30);
		g_auto(GStrv) literals = g_new0(char *, n + 1);
		size_t size = (size_t)g_rand_int_range(rand, 0, 3000);
		g_autofree char *data = g_malloc(size + 1);

		for (guint i = 0; i < n; i++) {
			guint len = (guint)g_rand_int_range(rand, 3, 9);

			literals[i] = g_malloc0(len + 1);
			for (guint k = 0; k < len; k++)
				literals[i][k] = "ab_= \v"[g_rand_int_range(rand, 0, 6)];
		}
		for (size_t i = 0; i < size; i++)
			data[i] = alphabet[g_rand_int_range(rand, 0, sizeof(alphabet) - 1)];
		expect((const char *const *)literals, n, data, size);
	}
}

/* Four text bytes in a row are enough to look a literal up. */
static void test_partly_text(void)
{
	static const char *const literals[] = {"abc\001key=", "pwd\v=", "\303\251t\303\251 = x"};
	static const char text[] = "abc\001Key= ABC\001key= pwd\v= pwd = \303\251t\303\251 = X";

	expect(literals, G_N_ELEMENTS(literals), text, strlen(text));
}

/* One anchor that cannot be looked up would send all of them to the slower matcher. */
static void test_built_in_rules(void)
{
	const char *top = g_getenv("TOP");
	g_autofree char *path = g_build_filename(top != NULL ? top : ".", "rules", NULL);
	const char *const paths[] = {path, NULL};
	g_autoptr(IvRuleSet) set = iv_ruleset_load(paths, NULL);
	g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(IvGrams) grams = NULL;

	g_assert_nonnull(set);
	for (guint i = 0; i < iv_ruleset_length(set); i++) {
		char *const *anchors = iv_ruleset_at(set, i)->anchors;

		for (guint k = 0; anchors != NULL && anchors[k] != NULL; k++)
			g_ptr_array_add(all, g_ascii_strdown(anchors[k], -1));
	}
	grams = iv_grams_new((const char *const *)all->pdata, all->len);
	g_assert_nonnull(grams);
}

static void test_refused(void)
{
	static const char *const two[] = {"long enough", "ab"};
	static const char *const binary[] = {"abc\001"}, *const short_runs[] = {"abc\001abc"};
	g_autofree char *longest = g_strnfill(255, 'x'), *longer = g_strnfill(256, 'x');
	const char *one[] = {longest};
	g_autoptr(IvGrams) grams = iv_grams_new(one, 1);

	g_assert_nonnull(grams);
	one[0] = longer;
	g_assert_null(iv_grams_new(one, 1));
	g_assert_null(iv_grams_new(two, 2));
	g_assert_null(iv_grams_new(binary, 1));
	g_assert_null(iv_grams_new(short_runs, 1));
	g_assert_null(iv_grams_new(NULL, 0));
}

static void test_stop(void)
{
	static const char *const literals[] = {"stop"};
	g_autoptr(IvGrams) grams = iv_grams_new(literals, 1);
	Log log = {.found = g_string_new(NULL), .most = 2};

	g_assert_false(iv_grams_scan(grams, "stop stop stop", 14, log_hit, &log));
	g_assert_cmpstr(log.found->str, ==, "0@4 0@9 ");
	g_string_free(log.found, TRUE);
}

/* Bytes made to keep the search busy end it, and it says so. */
static void test_flood(void)
{
	g_auto(GStrv) literals = g_new0(char *, 201);
	g_autoptr(GString) data = g_string_new(NULL);
	g_autoptr(IvGrams) grams = NULL;
	Log log = {.found = g_string_new(NULL)};

	for (guint i = 0; i < 200; i++)
		literals[i] = g_strdup_printf("qzqz%c%c", 'a' + i / 20, 'a' + i % 20);
	grams = iv_grams_new((const char *const *)literals, 200);
	while (data->len < 100000)
		g_string_append(data, "qzqz");
	if (iv_grams_scan(grams, data->str, data->len, log_hit, &log))
		g_assert_cmpstr(log.found->str, ==, "");
	g_string_free(log.found, TRUE);
}

static bool log_owner(void *user, const guint *owners, guint n, size_t start, size_t end)
{
	g_assert_cmpuint(n, ==, 1);
	g_string_append_printf(user, "%u:%zu-%zu ", owners[0], start, end);
	return true;
}

/* The same literals through Vectorscan and through the grams. */
static void test_both_matchers(void)
{
	static const char *const texts[] = {"password=", "token:", "ghp_", "api-key", "-----begin"};
	g_autoptr(GString) data = g_string_new("x");
	g_autofree char *found[2] = {NULL, NULL};

	for (guint i = 0; i < 2000; i++)
		g_string_append_printf(data, "%s%c%s", i % 7 == 0 ? texts[i % 5] : "filler ",
				       i % 3 == 0 ? '\1' : 'q', i % 11 == 0 ? "GHP_" : "");
	for (int grams = 0; grams < 2; grams++) {
		g_autoptr(IvLiterals) literals = iv_literals_new();
		g_autoptr(GString) log = g_string_new(NULL);
		IvLiteralScratch *scratch;

		for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
			iv_literals_add(literals, texts[i], i);
		g_assert_true(iv_literals_compile(literals, grams == 1, NULL));
		scratch = iv_literal_scratch_new(literals, NULL);
		g_assert_true(iv_literals_scan(literals, scratch, data->str, data->len, log_owner,
					       log));
		iv_literal_scratch_free(scratch);
		found[grams] = g_string_free(g_steal_pointer(&log), FALSE);
	}
	g_assert_cmpuint(strlen(found[0]), >, 1000);
	g_assert_cmpstr(found[0], ==, found[1]);
	g_free(g_steal_pointer(&found[1]));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/gram/examples", test_examples);
	g_test_add_func("/gram/places", test_places);
	g_test_add_func("/gram/stripes", test_stripes);
	g_test_add_func("/gram/random", test_random);
	g_test_add_func("/gram/partly_text", test_partly_text);
	g_test_add_func("/gram/built_in_rules", test_built_in_rules);
	g_test_add_func("/gram/refused", test_refused);
	g_test_add_func("/gram/stop", test_stop);
	g_test_add_func("/gram/flood", test_flood);
	g_test_add_func("/gram/vectorscan", test_both_matchers);
	return g_test_run();
}
