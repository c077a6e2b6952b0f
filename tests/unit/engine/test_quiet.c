/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_quiet.c - a path alone silences nothing: it makes a finding less severe, and one
 * that is less severe stands for no graver one; an empty file is told of */
#include <glib.h>
#include <string.h>

#include "scanner/base/limits.h"
#include "scanner/engine/names.h"

#define RULES                                                                                      \
	"rules:\n"                                                                                 \
	"  - {id: key, name: n, severity: critical, pattern: 'tok=\\w+', quiet_path: '^doc/'}\n"   \
	"  - {id: here, name: n, severity: high, path: 'x$', pattern: 'pin=\\w+',\n"               \
	"     quiet_path: '^doc/'}\n"                                                              \
	"  - {id: pin, name: n, severity: critical, pattern: 'pin=\\w+'}\n"                        \
	"  - {id: alone, name: n, severity: high, path: '\\.pem$', quiet_path: '^doc/'}\n"         \
	"  - {id: word, name: n, severity: info, pattern: 'zip=\\w+', quiet_path: '^doc/'}\n"

static void on_match(void *user, const IvMatch *match)
{
	g_string_append_printf(user, "%s %s%s\n", match->rule->id,
			       iv_severity_name(match->severity), match->note != NULL ? " *" : "");
}

static const IvMatchSink sink = {.match = on_match};

static void give(IvMatcher *m, const char *text)
{
	IvBlock block = {.data = (const uint8_t *)text, .size = strlen(text), .own_to = strlen(text)};

	if (*text != '\0')
		iv_matcher_block(m, &block);
	iv_matcher_end(m);
}

static IvRuleSet *open_rules(void)
{
	g_autoptr(GError) error = NULL;
	IvRuleSet *set = iv_ruleset_parse("r.yml", RULES, strlen(RULES), &error);

	g_assert_no_error(error);
	return set;
}

static void test_one_path(void)
{
	static const struct {
		const char *path, *text, *log;
	} rows[] = {
		{"srv/a", "tok=aaa1", "key critical\n"},
		{"doc/a", "tok=aaa1", "key low *\n"},
		{"/DOC/a", "tok=aaa1", "key low *\n"},
		{NULL, "tok=aaa1", "key critical\n"},
		{"doc/a", "zip=aaa1", "word info *\n"},
		{"srv/x", "pin=aaa1", "here high\n"},
		/* What is quiet stands for nothing that is graver. */
		{"doc/x", "pin=aaa1", "here low *\npin critical\n"},
		{"doc/k.pem", "x", "alone low *\n"},
		{"k.pem", "x", "alone high\n"},
		{"k.pem", "", "alone info *\n"},
		{"doc/k.pem", "", "alone info *\n"},
		{"k.txt", "", ""},
	};
	g_autoptr(IvRuleSet) set = open_rules();
	g_autoptr(IvMatcher) m = iv_matcher_new(set, NULL);

	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GString) log = g_string_new(NULL);

		iv_matcher_begin(m, rows[i].path, strlen(rows[i].text), &sink, log);
		give(m, rows[i].text);
		g_assert_cmpstr(log->str, ==, rows[i].log);
	}
}

/* One name where nothing is quiet is enough. */
static void test_names(void)
{
	static const struct {
		const char *paths[3];
		const char *log;
	} rows[] = {
		{{"doc/a", "doc/b", "doc/c"}, "key low *\n"},
		{{"doc/a", "srv/b", "doc/c"}, "key critical\n"},
		{{"srv/a", "doc/b", "doc/c"}, "key critical\n"},
	};
	g_autoptr(IvRuleSet) set = open_rules();
	g_autoptr(IvMatcher) m = iv_matcher_new(set, NULL);

	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		IvNames *names = iv_names_new(m, rows[i].paths, NULL, 3, 1);
		g_autoptr(GString) log = g_string_new(NULL);

		iv_matcher_begin_names(m, names, 8, &sink, log);
		give(m, "tok=aaa1");
		g_assert_cmpstr(log->str, ==, rows[i].log);
		iv_names_unref(names);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/engine/quiet/path", test_one_path);
	g_test_add_func("/engine/quiet/names", test_names);
	return g_test_run();
}
