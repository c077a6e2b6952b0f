/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_base.c - text, cursor, severities, exit codes */
#include <string.h>

#include "scanner/base/cursor.h"
#include "scanner/base/error.h"
#include "scanner/base/limits.h"
#include "scanner/base/severity.h"
#include "scanner/base/text.h"

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

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/text/printable", test_printable);
	g_test_add_func("/text/hex", test_hex);
	g_test_add_func("/text/size", test_size);
	g_test_add_func("/cursor", test_cursor);
	g_test_add_func("/error/exit-codes", test_exit_codes);
	g_test_add_func("/severity", test_severity);
	return g_test_run();
}
