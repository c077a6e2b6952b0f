/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_lines.c - at which line a byte stands */
#include "scanner/search/lines.h"
#include "tests/unit/search/search_rig.h"

static void test_count_lines(void)
{
	bool binary = false;

	g_assert_cmpuint(iv_count_lines((const uint8_t *)"a\n\nb", 4, &binary), ==, 2);
	g_assert_false(binary);
	g_assert_cmpuint(iv_count_lines((const uint8_t *)"\n\0\n", 3, &binary), ==, 0);
	g_assert_true(binary);
	g_assert_cmpuint(iv_count_lines((const uint8_t *)"\n", 1, &binary), ==, 0);
}

/* Over the borders of the buffer; 0 behind a NUL byte. */
static void test_at(void)
{
	g_autoptr(Rig) rig = rig_new(2 * MIB);
	g_autoptr(IvItem) item = rig_file(rig, "f", 0, 2 * MIB);
	g_autoptr(IvLines) lines = iv_lines_new(item);
	uint64_t line = 0;

	rig_fill(rig->disk, 0, MIB, '\n');
	g_assert_true(iv_lines_at(lines, 0, &line, NULL));
	g_assert_cmpuint(line, ==, 1);
	g_assert_true(iv_lines_at(lines, IV_BLOCK_OWN + 5, &line, NULL));
	g_assert_cmpuint(line, ==, IV_BLOCK_OWN + 6);
	g_assert_true(iv_lines_at(lines, MIB + 1, &line, NULL));
	g_assert_cmpuint(line, ==, 0);
}

static void test_failing(void)
{
	g_autoptr(Rig) rig = rig_new(MIB);
	g_autoptr(IvItem) item = rig_file(rig, "f", 0, MIB);
	g_autoptr(IvLines) lines = iv_lines_new(item);
	g_autoptr(GError) error = NULL;
	uint64_t line = 0;

	rig->disk->bad = 7;
	g_assert_false(iv_lines_at(lines, 100, &line, &error));
	g_assert_error(error, IV_ERROR, IV_ERROR_IO);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/lines/count", test_count_lines);
	g_test_add_func("/lines/at", test_at);
	g_test_add_func("/lines/failing", test_failing);
	return g_test_run();
}
