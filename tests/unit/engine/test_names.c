/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_names.c - a file with many names is searched once, and each name has what it
 * would have had alone */
#include <glib.h>
#include <string.h>

#include "scanner/base/limits.h"
#include "scanner/engine/names.h"

/* One rule for each way in which a path counts, and pairs that outrank each other. */
static const char rule_text[] =
	"rules:\n"
	"  - {id: alone, name: n, path: '\\.pem$'}\n"
	"  - {id: any, name: n, pattern: 'tok=(\\w+)'}\n"
	"  - {id: guess, name: n, pattern: '(?:tok|pin|nip)=(\\w+)', generic: true}\n"
	"  - {id: here, name: n, path: '^etc/', pattern: '(?:tok|pin)=(\\w+)'}\n"
	"  - {id: but, name: n, path: '^etc/', not_path: 'doc', pattern: 'zip=(\\w+)'}\n"
	"  - {id: no-doc, name: n, not_path: '(?:^|/)doc/', pattern: 'pin=(\\w+)'}\n"
	"  - {id: no-test, name: n, not_path: 'test', pattern: 'nip=(\\w+)'}\n"
	"  - {id: whole, name: n, path: 'w$', pattern: '[0-9]{3}-[0-9]{3}'}\n";

static const char text[] = "tok=aaa1 pin=bbb2 nip=ccc3 zip=ddd4 123-456 tok=eee5\n";

static const char *const paths[] = {
	"usr/share/doc/x/sample", "zz/notes.txt", "etc/a", "etc/doc/b", "etc/test/w", "w",
	"a.pem", "etc/doc/test.pem", "test/doc/q", "zz/other.txt", "/zz/more",
};

typedef struct {
	GString *log[G_N_ELEMENTS(paths)]; /* of each name */
	const IvNames *names;		   /* NULL: the name at hand is `one` */
	guint one;
} Log;

static void on_match(void *user, const IvMatch *match)
{
	Log *log = user;

	for (guint i = 0; i < G_N_ELEMENTS(paths); i++) {
		bool speaks = log->names != NULL
				      ? (match->kinds & iv_names_kind(log->names, i)) != 0
				      : log->one == i;

		if (speaks)
			g_string_append_printf(log->log[i], "%s %u-%u\n", match->rule->id,
					       (guint)match->secret_start, (guint)match->secret_end);
	}
}

static void on_unsearched(void *user, uint64_t off, uint64_t len, const IvRule *rule,
			  const char *reason)
{
	g_test_message("unsearched: %s", reason);
	g_test_fail();
}

static const IvMatchSink sink = {on_match, on_unsearched};

static void log_init(Log *log, const IvNames *names)
{
	log->names = names;
	for (guint i = 0; i < G_N_ELEMENTS(paths); i++)
		log->log[i] = g_string_new(NULL);
}

static void give(IvMatcher *m)
{
	IvBlock block = {(const uint8_t *)text, strlen(text), 0, 0, strlen(text)};

	iv_matcher_block(m, &block);
	iv_matcher_end(m);
}

static IvMatcher *open_rules(IvRuleSet **set)
{
	g_autoptr(GError) error = NULL;
	IvMatcher *m;

	*set = iv_ruleset_parse("r.yml", rule_text, strlen(rule_text), &error);
	g_assert_no_error(error);
	m = iv_matcher_new(*set, &error);
	g_assert_no_error(error);
	return m;
}

/* The order of the names does not matter, and none silences another. */
static void test_as_alone(void)
{
	g_autoptr(IvRuleSet) set = NULL;
	g_autoptr(IvMatcher) m = open_rules(&set);
	IvNames *names = iv_names_new(m, paths, NULL, G_N_ELEMENTS(paths), 1);
	Log together, alone;

	log_init(&together, names);
	log_init(&alone, NULL);
	iv_matcher_begin_names(m, names, strlen(text), &sink, &together);
	give(m);
	for (alone.one = 0; alone.one < G_N_ELEMENTS(paths); alone.one++) {
		iv_matcher_begin(m, paths[alone.one], strlen(text), &sink, &alone);
		give(m);
	}
	for (guint i = 0; i < G_N_ELEMENTS(paths); i++) {
		g_assert_cmpstr(together.log[i]->str, ==, alone.log[i]->str);
		g_assert_cmpstr(together.log[i]->str, !=, "");
		g_string_free(together.log[i], TRUE);
		g_string_free(alone.log[i], TRUE);
	}
	g_assert_cmpuint(iv_names_untold(names), ==, 0);
	iv_names_unref(names);
}

/* Names that no rule tells apart are one kind, however many they are. */
static void test_kinds(void)
{
	g_autoptr(IvRuleSet) set = NULL;
	g_autoptr(IvMatcher) m = open_rules(&set);
	static const char *const alike[] = {"a", "b/c", "b/d", "etc/x", "e.pem", "etc/y"};
	static const char *const details[] = {NULL, NULL, "user.x", NULL, NULL, NULL};
	IvNames *names = iv_names_new(m, alike, details, G_N_ELEMENTS(alike), 1);

	g_assert_cmpuint(iv_names_count(names), ==, 6);
	g_assert_cmpuint(iv_names_kinds(names), ==, 3);
	g_assert_cmpuint(iv_names_kind(names, 0), ==, iv_names_kind(names, 2));
	g_assert_cmpuint(iv_names_kind(names, 3), ==, iv_names_kind(names, 5));
	g_assert_cmpuint(iv_names_kind(names, 3), !=, iv_names_kind(names, 4));
	g_assert_cmpstr(iv_names_path(names, 1), ==, "b/c");
	g_assert_cmpstr(iv_names_detail(names, 2), ==, "user.x");
	g_assert_null(iv_names_detail(names, 3));
	iv_names_unref(names);
}

/* As many kinds as there are bits are all judged; the next is said to be untold. */
static void test_ceiling(void)
{
	GString *many = g_string_new("rules:\n");
	g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(IvRuleSet) set = NULL;
	g_autoptr(IvMatcher) m = NULL;
	IvNames *names;

	for (guint i = 0; i <= IV_MAX_NAME_KINDS; i++) {
		g_string_append_printf(many, "  - {id: r%u, name: n, path: '^d%u$'}\n", i, i);
		g_ptr_array_add(list, g_strdup_printf("d%u", i));
	}
	g_ptr_array_add(list, g_strdup("d3"));
	set = iv_ruleset_parse("r.yml", many->str, many->len, NULL);
	g_string_free(many, TRUE);
	m = iv_matcher_new(set, NULL);
	names = iv_names_new(m, (const char *const *)list->pdata, NULL, list->len, 1);
	g_assert_cmpuint(iv_names_kinds(names), ==, IV_MAX_NAME_KINDS);
	g_assert_cmpuint(iv_names_untold(names), ==, 1);
	g_assert_cmpuint(iv_names_kind(names, IV_MAX_NAME_KINDS), ==, 0);
	g_assert_cmpuint(iv_names_kind(names, IV_MAX_NAME_KINDS + 1), ==, 8);
	iv_names_unref(names);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/names/as-alone", test_as_alone);
	g_test_add_func("/names/kinds", test_kinds);
	g_test_add_func("/names/ceiling", test_ceiling);
	return g_test_run();
}
