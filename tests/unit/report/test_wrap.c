/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_wrap.c - text in columns: nothing lost, nothing that steers, paths in one piece */
#include <string.h>

#include "scanner/report/wrap.h"

static void test_wrap(void)
{
	static const struct {
		const char *text;
		int at, indent, columns;
		const char *want;
	} rows[] = {
		{"", 0, 2, 20, "\n"},
		{"one two", 0, 2, 20, "one two\n"},
		{"  one \n\t two  ", 0, 2, 20, "one two\n"},
		{"one two three four", 0, 2, 9, "one two\n  three\n  four\n"},
		{"one two", 3, 2, 10, "one two\n"},
		{"one two", 4, 2, 10, "one\n  two\n"},
		/* Too long for a line: behind a mark where it can, anywhere otherwise. */
		{"abcdefghijkl", 0, 2, 8, "abcdefgh\n  ijkl\n"},
		{"abc/defghijk", 0, 2, 8, "abc/\n  defghi\n  jk\n"},
		{"/bcdefghijkl", 0, 2, 8, "/bcdefgh\n  ijkl\n"},
		{"x abcdefghij", 0, 2, 8, "x abcdef\n  ghij\n"},
		/* Two columns each; no room for anything still moves on. */
		{"\u65e5\u672c\u8a9e\u6587", 0, 0, 5, "\u65e5\u672c\n\u8a9e\u6587\n"},
		{"\u65e5\u672c", 0, 0, 1, "\u65e5\n\u672c\n"},
		{"abc", 0, 4, 2, "ab\n    c\n"},
		/* A combining mark takes no column. */
		{"e\u0301e\u0301e\u0301 x", 0, 0, 5, "e\u0301e\u0301e\u0301 x\n"},
		/* What could steer a terminal, and bytes that are no text. */
		{"a\x1b[31mb", 0, 0, 40, "a\\u{1b}[31mb\n"},
		{"a\rb\u202e\u200d\xc2\x9b\u2028", 0, 0, 60, "a\\u{d}b\\u{202e}\\u{200d}\\u{9b}\\u{2028}\n"},
		{"a\xff" "b", 0, 0, 40, "a\ufffdb\n"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GString) out = g_string_new(NULL);

		iv_wrap(out, rows[i].text, rows[i].at, rows[i].indent, rows[i].columns);
		g_assert_cmpstr(out->str, ==, rows[i].want);
	}
}

static void test_path(void)
{
	static const struct {
		const char *before, *path, *after, *want;
	} rows[] = {
		{"p2", "/etc/x", "", "p2 /etc/x\n"},
		{"p2", NULL, "free", "p2 free\n"},
		{"", "/a", "why", "/a why\n"},
		{"p2", "/a/bcdefghijklm", "z", "p2 /a/bcdefghijklm z\n"},
		{"p2", "/a/bcdefghijklmno", "z", "p2 /a/bcdefghijklmno\n  z\n"},
		{"p2", "/a/bcdefghijklmnopq", "z", "p2\n  /a/bcdefghijklmnopq\n  z\n"},
		/* Longer than a line: alone, and in one piece. */
		{"p2", "/a/b/c/d/e/f/g/h/i/j/k/l", "(line 1)", "p2\n  /a/b/c/d/e/f/g/h/i/j/k/l\n  (line 1)\n"},
		{"", "/a/b/c/d/e/f/g/h/i/j/k/l", "", "/a/b/c/d/e/f/g/h/i/j/k/l\n"},
		/* A shell takes these literally, and so they are not folded either. */
		{"p2", "/a  b", "", "p2 '/a  b'\n"},
		{"p2", "/a'b", "", "p2 '/a'\\''b'\n"},
		{"p2", "/$(x)", "", "p2 '/$(x)'\n"},
		{"p2", "/a\\x1b", "", "p2 '/a\\x1b'\n"},
		{"p2", "/a;b", "", "p2 '/a;b'\n"},
		{"p2", "~/a", "", "p2 '~/a'\n"},
		{"p2", "", "z", "p2 '' z\n"},
		{"p2", "/\u65e5+a@b,c=d:e%f_g-h.i", "", "p2\n  /\u65e5+a@b,c=d:e%f_g-h.i\n"},
		{"p2", "/a\nb", "", "p2 '/a\\u{a}b'\n"},
		{"p2", "/a\u202eb", "", "p2 '/a\\u{202e}b'\n"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GString) out = g_string_new(NULL);

		iv_wrap_path(out, rows[i].before, rows[i].path, rows[i].after, 0, 2, 21);
		g_assert_cmpstr(out->str, ==, rows[i].want);
	}
}

static void test_cell(void)
{
	g_autoptr(GString) out = g_string_new(NULL);

	iv_wrap_cell(out, "ab", 4, FALSE);
	iv_wrap_cell(out, "ab", 4, TRUE);
	iv_wrap_cell(out, "longer", 4, FALSE);
	iv_wrap_cell(out, "\u65e5", 3, FALSE);
	iv_wrap_cell(out, "\n", 6, TRUE);
	g_assert_cmpstr(out->str, ==, "ab      ab  longer  \u65e5    \\u{a}  ");
}

/* Whatever the text, blanks aside, every line fits and nothing is left out. */
static void test_property(void)
{
	static const char letters[] = "ab /:-\n";
	g_autoptr(GRand) rand = g_rand_new_with_seed(3);

	for (guint round = 0; round < 5000; round++) {
		char text[120];
		gint len = g_rand_int_range(rand, 0, sizeof(text)), columns = g_rand_int_range(rand, 10, 60);
		g_autoptr(GString) out = g_string_new(NULL);
		g_autofree char *squeezed = NULL;
		g_auto(GStrv) lines = NULL, a = NULL, b = NULL;

		for (gint i = 0; i < len; i++)
			text[i] = letters[g_rand_int_range(rand, 0, sizeof(letters) - 1)];
		text[len] = '\0';
		iv_wrap(out, text, 0, g_rand_int_range(rand, 0, 8), columns);
		lines = g_strsplit(out->str, "\n", -1);
		for (guint i = 0; lines[i] != NULL; i++)
			g_assert_cmpint(g_utf8_strlen(lines[i], -1), <=, columns);
		a = g_strsplit_set(text, " \n", -1);
		b = g_strsplit_set(out->str, " \n", -1);
		squeezed = g_strjoinv("", a);
		g_free(out->str);
		out->str = g_strjoinv("", b);
		g_assert_cmpstr(out->str, ==, squeezed);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/wrap/wrap", test_wrap);
	g_test_add_func("/wrap/path", test_path);
	g_test_add_func("/wrap/cell", test_cell);
	g_test_add_func("/wrap/property", test_property);
	return g_test_run();
}
