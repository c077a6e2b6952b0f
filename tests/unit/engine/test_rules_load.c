/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_rules_load.c - rule files: every key, every mistake with its line, foreign files */
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>

#include "scanner/base/error.h"
#include "scanner/base/limits.h"
#include "scanner/engine/engine.h"

static IvRuleSet *parse(const char *text, GError **error)
{
	return iv_ruleset_parse("r.yml", text, strlen(text), error);
}

static const char head[] = "rules:\n  - id: a\n    name: n\n";

/* --- mistakes ---------------------------------------------------------------------- */

/* `text` follows the head above, unless it begins with "=": then it is all. */
static const struct {
	const char *text, *where, *what;
} mistakes[] = {
	{"=", "r.yml:1: ", "the rule file is empty"},
	{"=# only a comment\n", "r.yml:1: ", "the rule file is empty"},
	{"=just text\n", "r.yml:1: ", "a rule file is a map"},
	{"=- a\n", "r.yml:1: ", "a rule file is a map"},
	{"=rules: 5\n", "r.yml:1: ", "must hold a list"},
	{"=version: 1\n", "r.yml:1: ", "must hold a list"},
	{"=ruels: []\n", "r.yml:1: ", "ruels"},
	{"=rules:\n  - text\n", "r.yml:2: ", "a rule is a map"},
	{"=rules:\n  - {id: a, pattern: x}\n", "r.yml:2: ", "a rule needs a name"},
	{"=rules:\n  - {id: a, name: '', pattern: x}\n", "r.yml:2: ", "a rule needs a name"},
	{"=rules:\n  - {id: '', name: n, pattern: x}\n", "r.yml:2: ", "the id is empty"},
	{"=rules:\n  - {id: 'a b', name: n, pattern: x}\n", "r.yml:2: ", "an id holds"},
	{"=rules:\n  - {id: a, name: n, pattern: x}\n  - {id: a, name: m, pattern: y}\n",
	 "r.yml:3: ", "the id a is already used at r.yml:2"},
	{"=rules:\n\t- x\n", "r.yml:2: ", ""},
	{"=rules: [\n", "r.yml:", ""},
	{"=rules: []\n---\nrules: []\n", "r.yml:", ""},
	{"=rules: &x [*x]\n", "r.yml:1: ", ""},
	{"", "r.yml:2: ", "a pattern or a path"},
	{"    pattern: x\n    pattern: y\n", "r.yml:5: ", ""},
	{"    patern: x\n", "r.yml:4: ", "patern"},
	{"    pattern: ''\n", "r.yml:4: ", "pattern is empty"},
	{"    pattern: 'a('\n", "r.yml:4: ", "pattern is not a valid pattern: missing closing parenthesis"},
	{"    pattern: '(*UTF)a'\n", "r.yml:4: ", "pattern is not a valid pattern"},
	{"    pattern: [a]\n", "r.yml:4: ", "pattern"},
	{"    path: 'a['\n", "r.yml:4: ", "path is not a valid pattern"},
	{"    path: ''\n", "r.yml:4: ", "path is empty"},
	{"    pattern: x\n    not_path: '*'\n", "r.yml:5: ", "not_path is not a valid pattern"},
	{"    pattern: x\n    severity: huge\n", "r.yml:5: ", "unknown severity \"huge\""},
	{"    pattern: x\n    entropy: 8.5\n", "r.yml:5: ", "between 0 and 8"},
	{"    pattern: x\n    min_entropy: -1\n", "r.yml:5: ", "between 0 and 8"},
	{"    pattern: x\n    entropy: nan\n", "r.yml:5: ", ""},
	{"    pattern: x\n    entropy: much\n", "r.yml:5: ", ""},
	{"    pattern: x\n    before: 4097\n", "r.yml:5: ", "4096"},
	{"    pattern: x\n    before: -1\n", "r.yml:5: ", ""},
	{"    pattern: x\n    after: 10241\n", "r.yml:5: ", "10240"},
	{"    pattern: x\n    after: 99999999999999999999999\n", "r.yml:5: ", ""},
	{"    pattern: x\n    generic: perhaps\n", "r.yml:5: ", ""},
	{"    pattern: x\n    anchors: xyz\n", "r.yml:5: ", ""},
	{"    pattern: x\n    anchors: [xyz, y]\n", "r.yml:5: ", "at least 2 bytes"},
	{"    pattern: x\n    anchors:\n      - xyz\n      - ''\n", "r.yml:7: ", "at least 2 bytes"},
	{"    pattern: x\n    allow: ['(']\n", "r.yml:5: ", "allow is not a valid pattern"},
	{"    pattern: x\n    check: moon\n", "r.yml:5: ", "unknown check \"moon\""},
	{"    path: x\n    check: jwt\n", "r.yml:2: ", "the rule needs a pattern"},
	{"    path: x\n    entropy: 3\n", "r.yml:2: ", "the rule needs a pattern"},
	{"    pattern: x\n    examples: [[a]]\n", "r.yml:5: ", ""},
};

static void test_mistakes(void)
{
	for (guint i = 0; i < G_N_ELEMENTS(mistakes); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(IvRuleSet) set = NULL;
		g_autofree char *text = *mistakes[i].text == '='
						? g_strdup(mistakes[i].text + 1)
						: g_strconcat(head, mistakes[i].text, NULL);

		set = parse(text, &error);
		if (set != NULL)
			g_test_message("accepted: %s", text);
		g_assert_null(set);
		g_assert_nonnull(error);
		g_test_message("%s", error->message);
		g_assert_cmpint(error->code, ==, IV_ERROR_CONFIG);
		g_assert_true(g_str_has_prefix(error->message, mistakes[i].where));
		g_assert_nonnull(strstr(error->message, mistakes[i].what));
	}
}

/* --- what is read -------------------------------------------------------------------- */

static void test_all_keys(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(IvRuleSet) set = parse(
		"rules:\n"
		"  - id: x.y-z_1\n    name: A name\n    severity: critical\n    pattern: 'tok=(\\w+)'\n"
		"    path: '\\.conf$'\n    not_path: '^usr/'\n    quiet_path: '^doc/'\n    anchors: ['tok=']\n    before: 4096\n"
		"    after: 10240\n    entropy: 2.5\n    allow: ['^x']\n    check: not-placeholder\n"
		"    generic: true\n    visible: false\n    reason: Why.\n    remediation: How.\n"
		"    controls: [C-1]\n    references: ['https://h.example']\n    examples: ['tok=abc']\n"
		"    negative_examples: ['tok']\n    example_path: etc/a.conf\n",
		&error);
	const IvRule *rule;

	g_assert_no_error(error);
	g_assert_cmpuint(iv_ruleset_length(set), ==, 1);
	rule = iv_ruleset_at(set, 0);
	g_assert_cmpstr(rule->id, ==, "x.y-z_1");
	g_assert_cmpstr(rule->name, ==, "A name");
	g_assert_cmpint(rule->severity, ==, IV_SEVERITY_CRITICAL);
	g_assert_cmpstr(rule->pattern, ==, "tok=(\\w+)");
	g_assert_cmpstr(rule->path, ==, "\\.conf$");
	g_assert_cmpstr(rule->not_path, ==, "^usr/");
	g_assert_cmpstr(rule->quiet_path, ==, "^doc/");
	g_assert_cmpstr(rule->anchors[0], ==, "tok=");
	g_assert_cmpuint(rule->before, ==, IV_MAX_RULE_BEFORE);
	g_assert_cmpuint(rule->after, ==, IV_MAX_RULE_AFTER);
	g_assert_cmpfloat(rule->entropy, ==, 2.5);
	g_assert_cmpstr(rule->allow[0], ==, "^x");
	g_assert_cmpstr(rule->check, ==, "not-placeholder");
	g_assert_true(rule->generic);
	g_assert_false(rule->visible);
	g_assert_cmpstr(rule->reason, ==, "Why.");
	g_assert_cmpstr(rule->remediation, ==, "How.");
	g_assert_cmpstr(rule->controls[0], ==, "C-1");
	g_assert_cmpstr(rule->references[0], ==, "https://h.example");
	g_assert_cmpstr(rule->example_path, ==, "etc/a.conf");
	g_assert_cmpstr(rule->file, ==, "r.yml");
	g_assert_cmpuint(rule->line, ==, 2);
}

static void test_defaults(void)
{
	g_autoptr(IvRuleSet) set = parse("rules: [{name: A name, pattern: EXTOK_\\d+}]", NULL);
	const IvRule *rule = iv_ruleset_at(set, 0);

	g_assert_cmpstr(rule->id, ==, "named.a-name");
	g_assert_cmpint(rule->severity, ==, IV_SEVERITY_MEDIUM);
	g_assert_cmpuint(rule->before, ==, 128);
	g_assert_cmpuint(rule->after, ==, 384);
	g_assert_cmpstr(rule->anchors[0], ==, "extok_");
	g_assert_true(rule->visible);
	g_assert_false(rule->generic);
}

static const char *digest_of(const char *text, char **keep)
{
	g_autoptr(IvRuleSet) set = parse(text, NULL);

	*keep = g_strdup(iv_ruleset_digest(set));
	return *keep;
}

/* The digest is of the meaning: order, comments and names of files do not count. */
static void test_digest(void)
{
	g_autofree char *a = NULL, *b = NULL, *c = NULL, *d = NULL;

	digest_of("rules: [{id: a, name: n, pattern: x1}, {id: b, name: n, pattern: y2}]", &a);
	digest_of("# why\nrules:\n  - {pattern: y2, id: b, name: n}\n  - {id: a, name: n, pattern: x1}",
		  &b);
	digest_of("rules: [{id: a, name: n, pattern: x1}, {id: b, name: n, pattern: y3}]", &c);
	digest_of("rules: [{id: a, name: n, pattern: x1, severity: low}, {id: b, name: n, pattern: y2}]",
		  &d);
	g_assert_true(g_str_has_prefix(a, "sha256:"));
	g_assert_cmpstr(a, ==, b);
	g_assert_cmpstr(a, !=, c);
	g_assert_cmpstr(a, !=, d);
}

/* --- folders ---------------------------------------------------------------------------- */

static void test_folder(void)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *folder = g_dir_make_tmp("imgvet-rules-XXXXXX", NULL);
	g_autofree char *one = g_build_filename(folder, "1.yml", NULL);
	g_autofree char *two = g_build_filename(folder, "2.yaml", NULL);
	g_autofree char *other = g_build_filename(folder, "3.txt", NULL);
	g_autofree char *none = g_build_filename(folder, "none.yml", NULL);
	const char *paths[] = {folder, NULL}, *missing[] = {none, NULL}, *nothing[] = {other, NULL};
	g_autoptr(IvRuleSet) set = NULL, twice = NULL, gone = NULL, empty = NULL;

	g_file_set_contents(one, "rules: [{id: b, name: n, pattern: x1}]", -1, NULL);
	g_file_set_contents(two, "rules: [{id: a, name: n, pattern: y1}]", -1, NULL);
	g_file_set_contents(other, "rules: []", -1, NULL);
	set = iv_ruleset_load(paths, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(iv_ruleset_length(set), ==, 2);
	g_assert_cmpstr(iv_ruleset_at(set, 0)->id, ==, "a");

	gone = iv_ruleset_load(missing, &error);
	g_assert_null(gone);
	g_assert_error(error, IV_ERROR, IV_ERROR_IO);
	g_clear_error(&error);
	empty = iv_ruleset_load(nothing, &error);
	g_assert_null(empty);
	g_assert_error(error, IV_ERROR, IV_ERROR_CONFIG);
	g_clear_error(&error);

	g_file_set_contents(two, "rules:\n  - {id: b, name: n, pattern: y1}", -1, NULL);
	twice = iv_ruleset_load(paths, &error);
	g_assert_null(twice);
	g_assert_nonnull(strstr(error->message, "2.yaml:2: the id b is already used at "));
	g_remove(one);
	g_remove(two);
	g_remove(other);
	g_rmdir(folder);
}

/* --- rule files of others ------------------------------------------------------------------ */

/* In the shapes that Nosey Parker and Kingfisher use; the rules are invented. */
static const char nosey[] =
	"rules:\n"
	"- name: Example Token\n"
	"  id: np.example.1\n"
	"  pattern: |\n"
	"    (?x)(?i)\n"
	"    \\b\n"
	"    ( extok [_-] [0-9a-f]{16} )   (?# the token )\n"
	"    \\b\n"
	"  description: >\n"
	"    A token of a service that does not exist.\n"
	"  categories: [api, fuzzy, secret]\n"
	"  references:\n"
	"  - https://docs.example\n"
	"  examples:\n"
	"  - 'token = EXTOK_00112233aabbccdd'\n"
	"  negative_examples:\n"
	"  - 'extok_short'\n";

static const char kingfisher[] =
	"rules:\n"
	"  - name: Example Token\n"
	"    id: kingfisher.example.1\n"
	"    pattern: |\n"
	"      (?xi)\n"
	"      \\b\n"
	"      (?:example)\n"
	"      (?:.|[\\n\\r]){0,16}?\n"
	"      (?P<TOKEN>\n"
	"        extok_[0-9a-f]{16}\n"
	"      )\n"
	"      \\b\n"
	"    pattern_requirements:\n"
	"      min_digits: 2\n"
	"    min_entropy: 2.0\n"
	"    confidence: medium\n"
	"    examples:\n"
	"      - example extok_00112233aabbccdd\n"
	"    tls_mode: lax\n"
	"    depends_on_rule:\n"
	"      - rule_id: kingfisher.example.2\n"
	"        variable: AKID\n"
	"    revocation:\n"
	"      type: Http\n"
	"    validation:\n"
	"      type: Http\n"
	"      content:\n"
	"        request:\n"
	"          headers: {Authorization: 'Bearer {{ TOKEN }}'}\n"
	"          method: GET\n"
	"          response_matcher:\n"
	"            - report_response: true\n"
	"          url: https://api.example/me\n"
	"  - name: Example Helper\n"
	"    id: kingfisher.example.2\n"
	"    visible: false\n"
	"    pattern: 'exid_[0-9]{4}'\n";

static const char rulesets[] = "rulesets:\n- name: Default\n  id: default\n  include_rule_ids:\n  - x\n";

static void test_foreign(void)
{
	const struct {
		const char *text, *id;
	} rows[] = {{nosey, "np.example.1"}, {kingfisher, "kingfisher.example.1"}};

	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(IvRuleSet) set = parse(rows[i].text, &error);

		g_assert_no_error(error);
		g_assert_cmpstr(iv_ruleset_at(set, 0)->id, ==, rows[i].id);
		g_assert_nonnull(iv_ruleset_at(set, 0)->anchors);
		g_assert_cmpuint(iv_ruleset_test(set, NULL, NULL), ==, 0);
	}
}

static void test_foreign_rulesets(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(IvRuleSet) set = parse(rulesets, &error);

	g_assert_no_error(error);
	g_assert_cmpuint(iv_ruleset_length(set), ==, 0);
}

/* --- our own rules --------------------------------------------------------------------------- */

typedef struct {
	guint n;
} Complaints;

static void on_example(void *user, const IvRule *rule, const char *example, bool ok,
		       const char *why)
{
	if (!ok)
		g_test_message("%s:%u: %s: %s: %s", rule->file, rule->line, rule->id, why, example);
}

static void on_complaint(void *user, const IvRule *rule, const char *complaint)
{
	((Complaints *)user)->n++;
	g_test_message("%s:%u: %s: %s", rule->file, rule->line, rule->id, complaint);
}

static void test_own_rules(void)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *folder =
		g_build_filename(g_getenv("TOP") != NULL ? g_getenv("TOP") : ".", "rules", NULL);
	const char *paths[] = {folder, NULL};
	g_autoptr(IvRuleSet) set = iv_ruleset_load(paths, &error);
	Complaints complaints = {0};

	g_assert_no_error(error);
	g_assert_cmpuint(iv_ruleset_length(set), >, 50);
	g_assert_cmpuint(iv_ruleset_test(set, on_example, NULL), ==, 0);
	g_assert_cmpuint(iv_ruleset_lint(set, on_complaint, &complaints), ==, 0);
	g_assert_cmpuint(complaints.n, ==, 0);
}

/* A rule whose examples lie is caught, both ways; and lint sees what is unwise. */
static void test_bad_examples(void)
{
	g_autoptr(IvRuleSet) set = parse("rules: [{id: a, name: n, pattern: 'EXTOK_\\d{4}',"
					 " examples: [EXTOK_1, EXTOK_1234], negative_examples:"
					 " [EXTOK_1234, x]}]",
					 NULL);

	g_assert_cmpuint(iv_ruleset_test(set, NULL, NULL), ==, 2);
}

static void test_lint(void)
{
	g_autoptr(IvRuleSet) set = parse("rules: [{id: a, name: n, pattern: '\\d{4}'},"
					 " {id: b, name: n, pattern: 'password.\\w+', path: '^[a-z]+$'},"
					 " {id: c, name: n, pattern: 'username.\\w+'},"
					 " {id: d, name: n, pattern: 'x[^!]*barzle=', anchors: ['barzle=']}]",
					 NULL);
	Complaints complaints = {0};

	/* Each: no examples, negative examples, reason, remediation; and its anchors. */
	g_assert_cmpuint(iv_ruleset_lint(set, on_complaint, &complaints), ==, complaints.n);
	g_assert_cmpuint(complaints.n, ==, 20);
}

/* Where nothing says how far an anchor is from a match's beginning, the rule is believed;
 * without a word of it the window is as wide as the longest match. */
static void test_window(void)
{
	g_autoptr(IvRuleSet) set = parse("rules: [{id: a, name: n, pattern: 'x[a-z]{200}'},"
					 " {id: b, name: n, pattern: 'x[a-z]{200}', anchors: [qqq]},"
					 " {id: c, name: n, pattern: 'x[a-z]{200}', anchors: [qqq], before: 4},"
					 " {id: d, name: n, pattern: '[a-z]{200}quux', before: 4}]",
					 NULL);
	static const guint before[] = {201, 201, 4, 200};

	for (guint i = 0; i < G_N_ELEMENTS(before); i++)
		g_assert_cmpuint(iv_ruleset_at(set, i)->before, ==, before[i]);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/rules/mistakes", test_mistakes);
	g_test_add_func("/rules/window", test_window);
	g_test_add_func("/rules/all-keys", test_all_keys);
	g_test_add_func("/rules/defaults", test_defaults);
	g_test_add_func("/rules/digest", test_digest);
	g_test_add_func("/rules/folder", test_folder);
	g_test_add_func("/rules/foreign", test_foreign);
	g_test_add_func("/rules/foreign-rulesets", test_foreign_rulesets);
	g_test_add_func("/rules/bad-examples", test_bad_examples);
	g_test_add_func("/rules/lint", test_lint);
	g_test_add_func("/rules/own", test_own_rules);
	return g_test_run();
}
