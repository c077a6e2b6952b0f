/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_yaml.c - YAML with line numbers: the tree, what is refused, typed reads */
#include <string.h>

#include "scanner/base/error.h"
#include "scanner/base/limits.h"
#include "scanner/base/yaml.h"

static void test_yaml_tree(void)
{
	static const char text[] = "rules:\n"
				   "  - id: one\n"
				   "    entropy: 3.5\n"
				   "    generic: true\n"
				   "    pattern: |\n"
				   "      a: b\n"
				   "  - id: two\n"
				   "    controls: [a, b]\n"
				   "    n: 17\n";
	g_autoptr(GError) error = NULL;
	g_autoptr(IvYaml) yaml = iv_yaml_parse("r.yml", text, strlen(text), &error);
	const IvYamlNode *rules, *one, *two;
	g_autofree char *pattern = NULL;
	g_auto(GStrv) controls = NULL;
	double entropy = 0;
	bool generic = false;
	uint64_t n = 0;

	g_assert_no_error(error);
	rules = iv_yaml_get(iv_yaml_root(yaml), "rules");
	g_assert_cmpuint(iv_yaml_length(rules), ==, 2);
	one = iv_yaml_at(rules, 0);
	two = iv_yaml_at(rules, 1);
	g_assert_cmpuint(iv_yaml_line(two), ==, 7);
	g_assert_cmpstr(iv_yaml_key(one, 1), ==, "entropy");
	g_assert_true(iv_yaml_read_string(yaml, one, "pattern", &pattern, &error));
	g_assert_cmpstr(pattern, ==, "a: b\n");
	g_assert_true(iv_yaml_read_double(yaml, one, "entropy", &entropy, &error));
	g_assert_cmpfloat(entropy, ==, 3.5);
	g_assert_true(iv_yaml_read_bool(yaml, one, "generic", &generic, &error) && generic);
	g_assert_true(iv_yaml_read_strings(yaml, two, "controls", &controls, &error));
	g_assert_cmpuint(g_strv_length(controls), ==, 2);
	g_assert_true(iv_yaml_read_uint(yaml, two, "n", 17, &n, &error) && n == 17);
	g_assert_true(iv_yaml_read_uint(yaml, two, "absent", 17, &n, &error) && n == 17);
	g_assert_false(iv_yaml_read_uint(yaml, two, "n", 16, &n, &error));
	g_assert_error(error, IV_ERROR, IV_ERROR_CONFIG);
	g_assert_cmpstr(error->message, ==, "r.yml:9: 'n' must be a whole number from 0 to 16");
}

static void test_yaml_refusals(void)
{
	static const struct {
		const char *text, *message;
	} rows[] = {
		{"a: 1\na: 2\n", "f:2: the key 'a' stands here twice"},
		{"a: &x 1\n", "f:1: anchors and aliases"},
		{"a: *x\n", "f:1: "},
		{"a: 1\n---\nb: 2\n", "f:2: a second document"},
		{"a: [1, 2\n", "not valid YAML"},
		{"a:\n\t- b\n", "f:2: not valid YAML"},
		{"a: \"x\\0y\"\n", "f:1: a text may not hold a NUL byte"},
		{"? [a]\n: b\n", "f:1: a key must be plain text"},
		{"a: \xff\n", "not valid YAML"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(IvYaml) yaml =
			iv_yaml_parse("f", rows[i].text, strlen(rows[i].text), &error);

		g_assert_null(yaml);
		g_assert_error(error, IV_ERROR, IV_ERROR_CONFIG);
		if (strstr(error->message, rows[i].message) == NULL)
			g_error("row %u: %s", i, error->message);
	}
}

static void test_yaml_ceilings(void)
{
	g_autoptr(GString) deep = g_string_new(NULL);
	g_autoptr(GString) wide = g_string_new(NULL);
	g_autoptr(GError) error = NULL;

	for (guint i = 0; i < 100; i++)
		g_string_append_c(deep, '[');
	g_assert_null(iv_yaml_parse("f", deep->str, deep->len, &error));
	g_assert_nonnull(strstr(error->message, "nested too deep"));
	g_clear_error(&error);
	for (guint i = 0; i < IV_MAX_YAML_NODES; i++)
		g_string_append(wide, "- a\n");
	g_assert_null(iv_yaml_parse("f", wide->str, wide->len, &error));
	g_assert_nonnull(strstr(error->message, "too many entries"));
	g_clear_error(&error);
	g_assert_null(iv_yaml_load("/dev/zero", &error));
	g_assert_error(error, IV_ERROR, IV_ERROR_CONFIG);
	g_clear_error(&error);
	g_assert_null(iv_yaml_load("/nowhere/at/all.yml", &error));
	g_assert_error(error, IV_ERROR, IV_ERROR_IO);
}

static void test_yaml_keys(void)
{
	static const char *const known[] = {"severity", "pattern", NULL};
	static const char text[] = "severety: high\n";
	g_autoptr(GError) error = NULL;
	g_autoptr(IvYaml) yaml = iv_yaml_parse("f", text, strlen(text), &error);

	g_assert_false(iv_yaml_only_keys(yaml, iv_yaml_root(yaml), known, &error));
	g_assert_cmpstr(error->message, ==,
			"f:1: unknown key 'severety' (did you mean 'severity'?)");
}

/* The unknown key's line is its own, not its value's. */
static void test_yaml_key_line(void)
{
	static const char *const known[] = {"id", NULL};
	static const char text[] = "id: a\nother:\n  - x\n";
	g_autoptr(GError) error = NULL;
	g_autoptr(IvYaml) yaml = iv_yaml_parse("f", text, strlen(text), &error);

	g_assert_cmpuint(iv_yaml_line(iv_yaml_key_at(iv_yaml_root(yaml), 1)), ==, 2);
	g_assert_cmpuint(iv_yaml_line(iv_yaml_at(iv_yaml_root(yaml), 1)), ==, 3);
	g_assert_false(iv_yaml_only_keys(yaml, iv_yaml_root(yaml), known, &error));
	g_assert_cmpstr(error->message, ==, "f:2: unknown key 'other'");
}

/* What is wrong leaves the value as it was, and its line is named. */
static void test_yaml_wrong_types(void)
{
	static const char text[] = "list: [a]\nword: b\nnumber: 1.5x\nempty: ''\nlists: [[a]]\n"
				   "inf: inf\nminus: -1\n";
	static const char *const says[] = {
		"f:1: 'list' must be a single value", "f:1: 'list' must be a single value",
		"f:2: 'word' must be true or false",  "f:2: 'word' must be a whole number",
		"f:3: 'number' must be a number",     "f:4: 'empty' must be a number",
		"f:6: 'inf' must be a number",	      "f:7: 'minus' must be a whole number",
		"f:2: 'word' must be a list",	      "f:5: 'lists' must be a list of texts",
	};
	g_autoptr(IvYaml) yaml = iv_yaml_parse("f", text, strlen(text), NULL);
	const IvYamlNode *map = iv_yaml_root(yaml);
	GError *errors[G_N_ELEMENTS(says)] = {NULL};
	g_autofree char *string = g_strdup("old");
	g_auto(GStrv) strings = NULL;
	double number = 7;
	uint64_t n = 7;
	bool yes = true;

	g_assert_false(iv_yaml_read_string(yaml, map, "list", &string, &errors[0]));
	g_assert_false(iv_yaml_read_bool(yaml, map, "list", &yes, &errors[1]));
	g_assert_false(iv_yaml_read_bool(yaml, map, "word", &yes, &errors[2]));
	g_assert_false(iv_yaml_read_uint(yaml, map, "word", 9, &n, &errors[3]));
	g_assert_false(iv_yaml_read_double(yaml, map, "number", &number, &errors[4]));
	g_assert_false(iv_yaml_read_double(yaml, map, "empty", &number, &errors[5]));
	g_assert_false(iv_yaml_read_double(yaml, map, "inf", &number, &errors[6]));
	g_assert_false(iv_yaml_read_uint(yaml, map, "minus", 9, &n, &errors[7]));
	g_assert_false(iv_yaml_read_strings(yaml, map, "word", &strings, &errors[8]));
	g_assert_false(iv_yaml_read_strings(yaml, map, "lists", &strings, &errors[9]));
	for (size_t i = 0; i < G_N_ELEMENTS(says); i++) {
		g_assert_true(g_str_has_prefix(errors[i]->message, says[i]));
		g_error_free(errors[i]);
	}
	g_assert_cmpstr(string, ==, "old");
	g_assert_true(yes && number == 7 && n == 7 && strings == NULL);
}

static void test_yaml_empty(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(IvYaml) yaml = iv_yaml_parse("f", "", 0, &error);

	g_assert_no_error(error);
	g_assert_null(iv_yaml_root(yaml));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/yaml/tree", test_yaml_tree);
	g_test_add_func("/yaml/refusals", test_yaml_refusals);
	g_test_add_func("/yaml/ceilings", test_yaml_ceilings);
	g_test_add_func("/yaml/keys", test_yaml_keys);
	g_test_add_func("/yaml/key-line", test_yaml_key_line);
	g_test_add_func("/yaml/wrong-types", test_yaml_wrong_types);
	g_test_add_func("/yaml/empty", test_yaml_empty);
	return g_test_run();
}
