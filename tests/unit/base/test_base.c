/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_base.c - text, cursor, YAML, severities, exit codes */
#include <string.h>

#include "scanner/base/cursor.h"
#include "scanner/base/error.h"
#include "scanner/base/limits.h"
#include "scanner/base/severity.h"
#include "scanner/base/text.h"
#include "scanner/base/yaml.h"

static void test_printable(void)
{
	static const struct {
		const char *in, *out;
		gssize len;
	} rows[] = {
		{"etc/passwd", "etc/passwd", -1},
		{"caf\xc3\xa9", "caf\xc3\xa9", -1},
		{"a\nb", "a\\x0ab", -1},
		{"a\\x0ab", "a\\x5cx0ab", -1},
		{"\xff\xfe", "\\xff\\xfe", -1},
		{"\xc3", "\\xc3", -1},
		{"\xe2\x80\xae" "exe", "\\xe2\\x80\\xaeexe", -1},
		{"\x1b[2J", "\\x1b[2J", -1},
		{"a\0b", "a\\x00b", 3},
		{"", "", -1},
	};

	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *got = iv_text_printable(rows[i].in, rows[i].len);

		g_assert_cmpstr(got, ==, rows[i].out);
	}
}

static void test_hex(void)
{
	uint8_t back[3];
	g_autofree char *text = iv_text_hex((const uint8_t *)"\x00\xab\xff", 3);

	g_assert_cmpstr(text, ==, "00abff");
	g_assert_true(iv_text_unhex(text, back, 3));
	g_assert_cmpmem(back, 3, "\x00\xab\xff", 3);
	g_assert_false(iv_text_unhex("00abf", back, 3));
	g_assert_false(iv_text_unhex("00abfg", back, 3));
	g_assert_false(iv_text_unhex("00abff00", back, 3));
}

static void test_size(void)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} rows[] = {
		{0, "0 B"},
		{1023, "1023 B"},
		{1024, "1.0 KiB"},
		{1536, "1.5 KiB"},
		{1048575, "1.0 MiB"},
		{6442450944, "6.0 GiB"},
		{UINT64_MAX, "16.0 EiB"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *got = iv_text_size(rows[i].bytes);

		g_assert_cmpstr(got, ==, rows[i].text);
	}
}

static void test_cursor(void)
{
	static const uint8_t bytes[] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
	IvCursor c = iv_cursor(bytes, sizeof(bytes));

	g_assert_cmpuint(iv_cursor_u8(&c), ==, 1);
	g_assert_cmphex(iv_cursor_le16(&c), ==, 0x0302);
	g_assert_cmphex(iv_cursor_be32(&c), ==, 0x04050607);
	g_assert_false(c.bad);
	g_assert_cmphex(iv_cursor_be32(&c), ==, 0);
	g_assert_true(c.bad);
	g_assert_cmpuint(iv_cursor_u8(&c), ==, 0);
	c = iv_cursor(bytes, sizeof(bytes));
	iv_cursor_skip(&c, SIZE_MAX);
	g_assert_true(c.bad);
	c = iv_cursor(bytes, sizeof(bytes));
	iv_cursor_seek(&c, 9);
	g_assert_false(c.bad);
	iv_cursor_seek(&c, 10);
	g_assert_true(c.bad);
}

static void test_exit_codes(void)
{
	g_autoptr(GError) refused = g_error_new_literal(IV_ERROR, IV_ERROR_REFUSED, "no");
	g_autoptr(GError) config = g_error_new_literal(IV_ERROR, IV_ERROR_CONFIG, "bad");
	g_autoptr(GError) io = g_error_new_literal(IV_ERROR, IV_ERROR_IO, "eio");
	g_autoptr(GError) foreign = g_error_new_literal(G_FILE_ERROR, 1, "x");

	g_assert_cmpint(iv_error_exit_code(refused), ==, 1);
	g_assert_cmpint(iv_error_exit_code(config), ==, 2);
	g_assert_cmpint(iv_error_exit_code(io), ==, 3);
	g_assert_cmpint(iv_error_exit_code(foreign), ==, 3);
}

static void test_severity(void)
{
	IvSeverity s;

	g_assert_true(iv_severity_parse("critical", &s));
	g_assert_cmpint(s, ==, IV_SEVERITY_CRITICAL);
	g_assert_false(iv_severity_parse("Critical", &s));
	g_assert_false(iv_severity_parse("", &s));
	g_assert_cmpstr(iv_severity_name(IV_SEVERITY_INFO), ==, "info");
}

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
	g_test_add_func("/text/printable", test_printable);
	g_test_add_func("/text/hex", test_hex);
	g_test_add_func("/text/size", test_size);
	g_test_add_func("/cursor", test_cursor);
	g_test_add_func("/error/exit-codes", test_exit_codes);
	g_test_add_func("/severity", test_severity);
	g_test_add_func("/yaml/tree", test_yaml_tree);
	g_test_add_func("/yaml/refusals", test_yaml_refusals);
	g_test_add_func("/yaml/ceilings", test_yaml_ceilings);
	g_test_add_func("/yaml/keys", test_yaml_keys);
	g_test_add_func("/yaml/empty", test_yaml_empty);
	return g_test_run();
}
