/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_runs.c - an item's stored bytes as runs: clipped, joined, without holes */
#include "scanner/search/runs.h"
#include "tests/unit/search/search_rig.h"

static char *runs_of(const IvItem *item, uint64_t from, uint64_t end)
{
	GString *text = g_string_new(NULL);
	uint64_t start, stop;
	IvRuns runs;

	iv_runs_start(&runs, item, from, end);
	while (iv_runs_next(&runs, &start, &stop))
		g_string_append_printf(text, "%u-%u ", (guint)(start / KIB), (guint)(stop / KIB));
	g_assert_false(iv_runs_next(&runs, &start, &stop));
	return g_string_free(text, FALSE);
}

static void check(const IvItem *item, uint64_t from, uint64_t end, const char *want)
{
	g_autofree char *got = runs_of(item, from * KIB, end * KIB);

	g_assert_cmpstr(got, ==, want);
}

/* Extents closer than IV_HOLE_SKIP are one run; a range clips. */
static void test_extents(void)
{
	g_autoptr(Rig) rig = rig_new(MIB);
	g_autoptr(IvItem) item = rig_item(rig, IV_ITEM_FILE, "f", 900 * KIB);

	g_assert_true(iv_item_add_extent(item, 0, 500 * KIB, 8 * KIB));
	g_assert_true(iv_item_add_extent(item, 16 * KIB, 100 * KIB, 4 * KIB));
	g_assert_true(iv_item_add_extent(item, 84 * KIB, 200 * KIB, 4 * KIB));
	check(item, 0, 900, "0-20 84-88 ");
	check(item, 4, 86, "4-20 84-86 ");
	check(item, 18, 19, "18-19 ");
	check(item, 20, 84, "");
	check(item, 10, 900, "16-20 84-88 ");
	check(item, 88, 900, "");
}

/* What the source knows to be zeros is left out of long runs. */
static void test_holes(void)
{
	g_autoptr(Rig) rig = rig_new(MIB);
	g_autoptr(IvItem) item = rig_file(rig, "f", 0, MIB);

	rig->disk->holes = true;
	rig_fill(rig->disk, 0, 64 * KIB, 'a');
	rig_fill(rig->disk, 512 * KIB, 128 * KIB, 'b');
	check(item, 0, 1024, "0-64 512-640 ");
	rig->disk->holes = false;
	check(item, 0, 1024, "0-1024 ");
}

/* A source that cannot tell is read. */
static void test_failing(void)
{
	g_autoptr(Rig) rig = rig_new(MIB);
	g_autoptr(IvItem) item = rig_file(rig, "f", 0, MIB);

	rig->disk->holes = true;
	rig->disk->fail_at = 1;
	rig->disk->fail_forever = true;
	check(item, 0, 1024, "0-1024 ");
}

static void test_empty(void)
{
	g_autoptr(Rig) rig = rig_new(MIB);
	g_autoptr(IvItem) item = rig_item(rig, IV_ITEM_FILE, "f", MIB);

	check(item, 0, 1024, "");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/runs/extents", test_extents);
	g_test_add_func("/runs/holes", test_holes);
	g_test_add_func("/runs/failing", test_failing);
	g_test_add_func("/runs/empty", test_empty);
	return g_test_run();
}
