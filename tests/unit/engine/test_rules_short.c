/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_rules_short.c - defaults, definitions and the short form of rules */
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>

#include "scanner/base/error.h"
#include "scanner/base/limits.h"
#include "scanner/engine/layout.h"
#include "scanner/engine/rule.h"

static IvRuleSet *parse(const char *text, GError **error)
{
	return iv_ruleset_parse("r.yml", text, strlen(text), error);
}

/* Fourteen lines; what follows them begins at line 15. */
static const char head[] = "definitions:\n"
			   "  tail: ['_', '-', '.', key]\n"
			   "  gap: |-\n"
			   "    (?x) \\s{0,3}   # blanks,\n"
			   "    [=:]            # an assignment\n"
			   "    \\s{0,3}\n"
			   "  assign: ['=', ' =']\n"
			   "  gone: '{{service}} is gone.'\n"
			   "defaults:\n"
			   "  name: '{{service}} key'\n"
			   "  severity: high\n"
			   "  pattern: '(?i){{keyword}}{{gap}}{{secret}}(?![\\w-])'\n"
			   "  remediation: Revoke it at {{site}}.\n"
			   "rules:\n";

static IvRuleSet *parse_behind(const char *rules, GError **error)
{
	g_autofree char *text = g_strconcat(head, rules, NULL);

	return parse(text, error);
}

/* --- what is filled in ----------------------------------------------------------------- */

static void test_short(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(IvRuleSet) set = parse_behind(
		"  - id: a\n    service: Foo Zle\n    site: foozle.example\n    keyword: foo zle\n"
		"    secret: hex 8\n    example: 'foo_zle = 0123abcd'\n",
		&error);
	const IvRule *rule;

	g_assert_no_error(error);
	rule = iv_ruleset_at(set, 0);
	g_assert_cmpstr(rule->name, ==, "Foo Zle key");
	g_assert_cmpint(rule->severity, ==, IV_SEVERITY_HIGH);
	g_assert_cmpstr(rule->remediation, ==, "Revoke it at foozle.example.");
	g_assert_cmpstr(
		rule->pattern, ==,
		"(?i)(?:foo_zle|foo-zle|foozle|foo zle)(?:(?x) \\s{0,3}   # blanks,\n"
		"[=:]            # an assignment\n\\s{0,3}\n)(?P<secret>[0-9a-f]{8})(?![\\w-])");
	g_assert_cmpuint(g_strv_length(rule->anchors), ==, 4);
	g_assert_cmpstr(rule->anchors[3], ==, "foo zle");
	g_assert_cmpfloat(rule->entropy, ==, 2.6);
	g_assert_cmpstr(rule->examples[0], ==, "foo_zle = 0123abcd");
	g_assert_cmpstr(rule->negative_examples[0], ==, "foo_zle = 0123ab");
	g_assert_cmpuint(iv_ruleset_test(set, NULL, NULL), ==, 0);
}

/* An example that does not match fails, short or long. */
static void test_wrong_example(void)
{
	g_autoptr(IvRuleSet) set = parse_behind("  - {id: a, service: F, site: f, keyword: foozle, "
						"secret: hex 8, example: 'foozle = x'}\n",
						NULL);

	g_assert_cmpuint(iv_ruleset_test(set, NULL, NULL), ==, 1);
}

static const struct {
	const char *secret, *pattern;
	double entropy;
} classes[] = {
	{"hex 32", "[0-9a-f]{32}", 2.6},
	{"HEX 32", "[0-9A-F]{32}", 2.6},
	{"Alnum 20-40", "[0-9A-Za-z]{20,40}", 3.0},
	{"[word 8, 'hex 9']", "[\\w-]{8}|[0-9a-f]{9}", 3.0},
	{"['hex 9', word 8]", "[0-9a-f]{9}|[\\w-]{8}", 2.6},
	{"dotted 5", "[\\w.-]{5}", 3.0},
	{"base64 5", "[\\w+/=.-]{5}", 3.0},
	{"digits 12", "[0-9]{12}", 2.0},
	{"uuid", "[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", 3.0},
	{"'sk_[0-9]{4}'", "sk_[0-9]{4}", 0},
	{"'x{{assign}}[0-9]{4}'", "x(?:=| =)[0-9]{4}", 0},
};

static void test_classes(void)
{
	for (guint i = 0; i < G_N_ELEMENTS(classes); i++) {
		g_autoptr(GError) error = NULL;
		g_autofree char *text =
			g_strdup_printf("  - {id: a, name: n, remediation: r, pattern: "
					"'foozle{{secret}}', secret: %s}\n",
					classes[i].secret);
		g_autofree char *want = g_strdup_printf("foozle(?P<secret>%s)", classes[i].pattern);
		g_autoptr(IvRuleSet) set = parse_behind(text, &error);

		g_assert_no_error(error);
		g_assert_cmpstr(iv_ruleset_at(set, 0)->pattern, ==, want);
		g_assert_cmpfloat(iv_ruleset_at(set, 0)->entropy, ==, classes[i].entropy);
	}
}

/* A list stands for its entries in words, for an alternation in a pattern. */
static void test_lists(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(IvRuleSet) set = parse_behind(
		"  - {id: a, name: n, remediation: r, path: '(?x) {{tail}} a # b', pattern: "
		"'{{assign}}{2}',\n"
		"     anchors: ['x{{tail}}{{assign}}'], allow: ['{{assign}}', '^{{assign}}']}\n",
		&error);
	const IvRule *rule;

	g_assert_no_error(error);
	rule = iv_ruleset_at(set, 0);
	g_assert_cmpstr(rule->pattern, ==, "(?:=| =){2}");
	g_assert_cmpstr(rule->path, ==, "(?x) (?-x:_|-|.|key) a # b");
	g_assert_cmpuint(g_strv_length(rule->anchors), ==, 8);
	g_assert_cmpstr(rule->anchors[0], ==, "x_=");
	g_assert_cmpstr(rule->anchors[1], ==, "x_ =");
	g_assert_cmpstr(rule->anchors[7], ==, "xkey =");
	g_assert_cmpuint(g_strv_length(rule->allow), ==, 3);
	g_assert_cmpstr(rule->allow[1], ==, " =");
	g_assert_cmpstr(rule->allow[2], ==, "^(?:=| =)");
}

/* A group stands where a piece would mean something else without one. */
static const struct {
	const char *pattern, *expanded;
} groups[] = {
	{"x{{word}}y", "xwordy"},
	{"x{{word}}{2}", "x(?:word){2}"},
	{"x{{word}}{{word}}", "xwordword"},
	{"x{{or}}y", "x(?:a|b)y"},
	{"x{{one}}y", "x(?:1)y"},
	{"x{{flag}}y", "x(?:(?i)a)y"},
	{"x{{deep}}y", "xa(?:a|b)y"},
	{"(?x) {{word}} +", "(?x) (?-x:word) +"},
	{"(?x) {{blank}} y", "(?x) (?-x:a b) y"},
	{"(?x) {{word}} # why", "(?x) (?-x:word) # why"},
	{"(?x) {{word}} y", "(?x) word y"},
	{"(?x) {{deep}} y", "(?x) (?-x:a(?:a|b)) y"},
};

static void test_groups(void)
{
	for (guint i = 0; i < G_N_ELEMENTS(groups); i++) {
		g_autoptr(GError) error = NULL;
		g_autofree char *text = g_strdup_printf(
			"definitions: {word: word, or: a|b, one: '1', flag: (?i)a, deep: 'a{{or}}',"
			" blank: a b}\nrules: [{id: a, name: n, pattern: '%s'}]\n",
			groups[i].pattern);
		g_autoptr(IvRuleSet) set = parse(text, &error);

		g_assert_no_error(error);
		g_assert_cmpstr(iv_ruleset_at(set, 0)->pattern, ==, groups[i].expanded);
	}
}

/* Keywords are text: what PCRE2 would read is quoted, and given anchors win. */
static void test_keyword(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(IvRuleSet) set = parse_behind("  - {id: a, service: F, remediation: '{{gone}}', "
						"keyword: ['foo{{tail}}', a+b.io],\n"
						"     secret: hex 8, anchors: ['foo']}\n",
						&error);
	const IvRule *rule;

	g_assert_no_error(error);
	rule = iv_ruleset_at(set, 0);
	g_assert_true(
		g_str_has_prefix(rule->pattern, "(?i)(?:foo_|foo-|foo\\.|fookey|a\\+b\\.io)"));
	g_assert_cmpuint(g_strv_length(rule->anchors), ==, 1);
	g_assert_cmpstr(rule->remediation, ==, "F is gone.");
}

static void test_defaults(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(IvRuleSet) set = parse(
		"defaults: {check: not-placeholder, allow: [a], entropy: 2, before: 7, controls: "
		"[C],"
		" generic: true}\n"
		"rules:\n"
		"  - {id: a, name: n, pattern: foozle}\n"
		"  - {id: b, name: n, pattern: foozle, check: '', allow: [], entropy: 1, before: 9,"
		" controls: [D], generic: false, severity: low}\n",
		&error);
	const IvRule *a, *b;

	g_assert_no_error(error);
	a = iv_ruleset_at(set, 0);
	b = iv_ruleset_at(set, 1);
	g_assert_cmpstr(a->check, ==, "not-placeholder");
	g_assert_cmpstr(a->allow[0], ==, "a");
	g_assert_cmpfloat(a->entropy, ==, 2);
	g_assert_cmpuint(a->before, ==, 7);
	g_assert_true(a->generic);
	g_assert_null(b->check);
	g_assert_null(b->allow[0]);
	g_assert_cmpfloat(b->entropy, ==, 1);
	g_assert_cmpuint(b->before, ==, 9);
	g_assert_cmpstr(b->controls[0], ==, "D");
	g_assert_false(b->generic);
	g_assert_cmpint(b->severity, ==, IV_SEVERITY_LOW);
}

/* The digest is of the meaning: short or long, with defaults or without. */
static void test_digest(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(IvRuleSet) brief =
		parse("definitions: {end: '(?![\\w-])', words: [a, b]}\n"
		      "defaults:\n"
		      "  name: '{{service}} key'\n"
		      "  pattern: '(?i){{keyword}}[=:]{{secret}}{{end}}'\n"
		      "  allow: ['{{words}}']\n"
		      "  remediation: Revoke it at {{site}}.\n"
		      "rules:\n"
		      "  - {id: a, service: F, site: f.example, keyword: foo zle, secret: hex 8}\n",
		      &error);
	g_autoptr(IvRuleSet) full = parse(
		"rules:\n"
		"  - id: a\n"
		"    name: F key\n"
		"    pattern: '(?i)(?:foo_zle|foo-zle|foozle|foo zle)[=:](?P<secret>[0-9a-f]{8})"
		"(?![\\w-])'\n"
		"    anchors: [foo_zle, foo-zle, foozle, foo zle]\n"
		"    entropy: 2.6\n"
		"    allow: [a, b]\n"
		"    remediation: Revoke it at f.example.\n",
		NULL);

	g_assert_no_error(error);
	g_assert_cmpstr(iv_ruleset_digest(brief), ==, iv_ruleset_digest(full));
}

/* --- mistakes ----------------------------------------------------------------------------- */

#define RULE "  - {id: a, service: F, site: f, "

/* `text` follows the head above, unless it begins with "=": then it is all. */
static const struct {
	const char *text, *where, *what;
} mistakes[] = {
	{RULE "keyword: foozle, secret: hx 8}\n", "r.yml:15: ", "\"hx 8\" is no class of secrets"},
	{RULE "keyword: foozle, secret: hex}\n", "r.yml:15: ", "no class"},
	{RULE "keyword: foozle, secret: hex 0}\n", "r.yml:15: ", "no class"},
	{RULE "keyword: foozle, secret: hex 9-8}\n", "r.yml:15: ", "no class"},
	{RULE "keyword: foozle, secret: hex 65536}\n", "r.yml:15: ", "no class"},
	{RULE "keyword: foozle, secret: uuid 3}\n", "r.yml:15: ", "no class"},
	{RULE "keyword: foozle, secret: []}\n", "r.yml:15: ", "'secret' is empty"},
	{RULE "keyword: foozle, secret: {a: b}}\n", "r.yml:15: ", "'secret' must be a list"},
	{RULE "keyword: foozle}\n",
	 "r.yml:15: ", "pattern: {{secret}} stands here, and the rule has"},
	{RULE "keyword: f, secret: hex 8}\n", "r.yml:15: ", "at least 2 bytes"},
	{RULE "keyword: 'foo ', secret: hex 8}\n", "r.yml:15: ", "no blank at its ends"},
	{RULE "keyword: a b c d e f, secret: hex 8}\n", "r.yml:15: ", "at most 4 blanks"},
	{RULE "keyword: foozle, secret: hex 8,\n     pattern: x}\n", "r.yml:15: ", "{{keyword}}"},
	{"  - {id: a, service: F, keyword: foozle, secret: hex 8}\n",
	 "r.yml:15: ", "remediation: {{site}} stands here"},
	{"  - {id: a, service: F, site: f, keyword: foozle, secret: hex 8,\n"
	 "     remediation: r}\n",
	 "r.yml:15: ", "nothing in the rule or its defaults says {{site}}"},
	{"  - {id: a, service: [F, G], site: f, keyword: foozle, secret: hex 8}\n",
	 "r.yml:15: ", "one text, not a list"},
	{"  - {id: a, name: n, remediation: r,\n     pattern: 'a{{nothing}}'}\n",
	 "r.yml:16: ", "there is no definition \"nothing\""},
	{"  - {id: a, name: n, remediation: r,\n     pattern: 'a{{ gap }}'}\n",
	 "r.yml:16: ", "begins the name of a definition"},
	{"  - {id: a, name: n, remediation: r,\n     pattern: 'a{{gap'}\n",
	 "r.yml:16: ", "begins the name of a definition"},
	{"  - {id: a, name: n, pattern: x,\n     remediation: '{{tail}}'}\n",
	 "r.yml:16: ", "a list cannot stand in a text"},
	{RULE "keyword: foozle, secret: hex 8,\n     example: x, examples: [y]}\n",
	 "r.yml:16: ", "example or examples, not both"},
	{"=rules:\n  - {id: a, name: n, pattern: x, keyword: foozle}\n",
	 "r.yml:2: ", "'keyword' needs \"defaults\" or \"definitions\""},
	{"=defaults: [a]\nrules: []\n", "r.yml:1: ", "mapping"},
	{"=defaults: {id: a}\nrules: []\n", "r.yml:1: ", "unknown key 'id'"},
	{"=defaults:\n  severity: huge\nrules:\n  - {id: a, name: n, pattern: x}\n",
	 "r.yml:2: ", "unknown severity"},
	{"=defaults:\n  pattern: 'a('\nrules:\n  - {id: a, name: n}\n",
	 "r.yml:2: ", "pattern is not a valid pattern"},
	{"=definitions: [a]\nrules: []\n", "r.yml:1: ", "a map of names"},
	{"=definitions: {A: b}\nrules: []\n", "r.yml:1: ", "small letters"},
	{"=definitions: {site: b}\nrules: []\n", "r.yml:1: ", "is a key of the rules"},
	{"=definitions: {a: ''}\nrules: []\n", "r.yml:1: ", "\"a\" is empty"},
	{"=definitions: {a: []}\nrules: []\n", "r.yml:1: ", "\"a\" is empty"},
	{"=definitions: {a: {b: c}}\nrules: []\n", "r.yml:1: ", "'a' must be a list"},
	{"=definitions:\n  a: x\n  b: '{{c}}'\nrules: []\n",
	 "r.yml:3: ", "definition \"b\": there is no definition \"c\""},
	{"=definitions:\n  a: 'x{{a}}'\nrules: []\n", "r.yml:2: ", "does one of them name itself?"},
	{"=definitions:\n  a: 'x{{b}}'\n  b: ['y{{a}}', z]\nrules: []\n",
	 "r.yml:2: ", "nested deeper than 8"},
	{"=definitions_from: x.yml\nrules: []\n", "r.yml:1: ", "a file in the same folder"},
};

static void test_mistakes(void)
{
	for (guint i = 0; i < G_N_ELEMENTS(mistakes); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(IvRuleSet) set = *mistakes[i].text == '='
						   ? parse(mistakes[i].text + 1, &error)
						   : parse_behind(mistakes[i].text, &error);

		if (set != NULL)
			g_test_message("accepted: %s", mistakes[i].text);
		g_assert_null(set);
		g_test_message("%s", error->message);
		g_assert_error(error, IV_ERROR, IV_ERROR_CONFIG);
		g_assert_true(g_str_has_prefix(error->message, mistakes[i].where));
		g_assert_nonnull(strstr(error->message, mistakes[i].what));
	}
}

/* Definitions multiply: eight levels of ten are a hundred million. */
static void test_ceilings(void)
{
	g_autoptr(GString) text = g_string_new("definitions:\n  a0: [x, y]\n");

	for (guint i = 1; i < 7; i++)
		g_string_append_printf(text,
				       "  a%u: '{{a%u}}{{a%u}}{{a%u}}{{a%u}}{{a%u}}{{a%u}}'\n", i,
				       i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
	g_string_append(text, "rules: []\n");
	for (guint i = 0; i < 2; i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(IvRuleSet) set =
			parse(i == 0 ? text->str
				     : "definitions: {a: [x, y, z, u, v, w, q, r]}\nrules:\n"
				       "  - {id: a, name: n, pattern: x,\n"
				       "     anchors: ['{{a}}{{a}}{{a}}{{a}}{{a}}']}\n",
			      &error);

		g_assert_null(set);
		g_test_message("%s", error->message);
		g_assert_nonnull(strstr(error->message, "grow"));
	}
}

/* --- files ------------------------------------------------------------------------------------ */

/* In a file without defaults and definitions, two braces are two braces. */
static void test_foreign_braces(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(IvRuleSet) set = parse("rules: [{name: n, pattern: 'tok{{1,2}a{{name}}',"
					 " remediation: '{{ TOKEN }}', anchors: ['{{x}}']}]",
					 &error);

	g_assert_no_error(error);
	g_assert_cmpstr(iv_ruleset_at(set, 0)->pattern, ==, "tok{{1,2}a{{name}}");
	g_assert_cmpstr(iv_ruleset_at(set, 0)->anchors[0], ==, "{{x}}");
	g_assert_cmpstr(iv_ruleset_at(set, 0)->remediation, ==, "{{ TOKEN }}");
}

/* Pieces of a neighbour, alone and in the folder. */
static void test_neighbour(void)
{
	g_autofree char *folder = g_dir_make_tmp("imgvet-rules-XXXXXX", NULL);
	g_autofree char *rules = g_build_filename(folder, "a.yml", NULL);
	g_autofree char *common = g_build_filename(folder, "common.yml", NULL);
	const char *alone[] = {rules, NULL}, *all[] = {folder, NULL};
	g_autoptr(GError) error = NULL;
	g_autoptr(IvRuleSet) one = NULL, both = NULL, twice = NULL, none = NULL;

	g_file_set_contents(common, "definitions: {end: zle}", -1, NULL);
	g_file_set_contents(rules,
			    "definitions_from: common.yml\n"
			    "rules: [{id: a, name: n, pattern: 'foo{{end}}'}]",
			    -1, NULL);
	one = iv_ruleset_load(alone, &error);
	g_assert_no_error(error);
	both = iv_ruleset_load(all, &error);
	g_assert_no_error(error);
	g_assert_cmpstr(iv_ruleset_at(one, 0)->pattern, ==, "foozle");
	g_assert_cmpstr(iv_ruleset_digest(one), ==, iv_ruleset_digest(both));

	g_file_set_contents(rules, "definitions_from: common.yml\ndefinitions: {end: x}\nrules: []",
			    -1, NULL);
	twice = iv_ruleset_load(alone, &error);
	g_assert_null(twice);
	g_assert_nonnull(strstr(error->message, "a.yml:2: \"end\" is already defined"));
	g_clear_error(&error);
	g_file_set_contents(rules, "definitions_from: ../common.yml\nrules: []", -1, NULL);
	none = iv_ruleset_load(alone, &error);
	g_assert_null(none);
	g_assert_nonnull(strstr(error->message, "a.yml:1: definitions_from is the name"));
	g_remove(rules);
	g_remove(common);
	g_rmdir(folder);
}

/* --- patterns that can be read ------------------------------------------------------------------
 */

#define FORTY "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static void test_dense(void)
{
	const struct {
		const char *pattern;
		bool dense;
	} rows[] = {
		{"short", false},
		{FORTY FORTY, false},
		{FORTY FORTY "a", true},
		{FORTY "{{a-long-name-of-a-piece-is-no-part-of-it}}" FORTY, false},
		{"(?x)" FORTY "\n" FORTY "a", true},
		{"(?xi)" FORTY " # why\n" FORTY "a", false},
		{"(?xi)" FORTY FORTY "a # why\n", true},
		{"(?i)" FORTY " # why\n" FORTY "a", true},
	};

	for (guint i = 0; i < G_N_ELEMENTS(rows); i++)
		g_assert_cmpint(iv_pattern_is_dense(rows[i].pattern), ==, rows[i].dense);
}

static void on_complaint(void *user, const IvRule *rule, const char *complaint)
{
	if (strstr(complaint, "a long pattern without comments") != NULL)
		g_string_append_printf(user, "%s %s;", rule->id, complaint);
}

static void test_lint_dense(void)
{
	g_autoptr(GString) said = g_string_new(NULL);
	g_autoptr(IvRuleSet) set =
		parse("definitions: {long: '" FORTY FORTY "b'}\n"
		      "rules:\n"
		      "  - {id: a, name: n, pattern: 'x{{long}}'}\n"
		      "  - {id: b, name: n, pattern: x, path: '" FORTY FORTY "b'}\n"
		      "  - {id: c, name: n, pattern: xyz}\n",
		      NULL);

	iv_ruleset_lint(set, on_complaint, said);
	g_assert_nonnull(strstr(said->str, "a definition long: a long pattern"));
	g_assert_nonnull(strstr(said->str, ";b path: a long pattern"));
	g_assert_null(strstr(said->str, "c "));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/short/rule", test_short);
	g_test_add_func("/short/wrong-example", test_wrong_example);
	g_test_add_func("/short/classes", test_classes);
	g_test_add_func("/short/lists", test_lists);
	g_test_add_func("/short/groups", test_groups);
	g_test_add_func("/short/keyword", test_keyword);
	g_test_add_func("/short/defaults", test_defaults);
	g_test_add_func("/short/digest", test_digest);
	g_test_add_func("/short/mistakes", test_mistakes);
	g_test_add_func("/short/ceilings", test_ceilings);
	g_test_add_func("/short/foreign-braces", test_foreign_braces);
	g_test_add_func("/short/neighbour", test_neighbour);
	g_test_add_func("/short/dense", test_dense);
	g_test_add_func("/short/lint-dense", test_lint_dense);
	return g_test_run();
}
