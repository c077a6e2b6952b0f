/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_regions.c - items are cut at region borders, and gathered by region */
#include "scanner/search/regions.h"
#include "tests/unit/search/search_rig.h"

#define REGION IV_REGION_BYTES

static IvRegionPart *part(GArray *parts, guint i)
{
	return &g_array_index(parts, IvRegionPart, i);
}

static GArray *parts_new(void)
{
	return g_array_new(FALSE, FALSE, sizeof(IvRegionPart));
}

/* A file over two borders: three parts, whose context is the whole run. */
static void test_cut(void)
{
	g_autoptr(Rig) rig = rig_new(4 * REGION);
	g_autoptr(GArray) parts = parts_new();
	g_autoptr(IvItem) item = rig_file(rig, "f", REGION - 4 * KIB, REGION + 8 * KIB);
	int owner;

	rig->place->offset = 1 * KIB;
	g_assert_true(iv_parts_fit(rig->place, item));
	g_assert_cmpuint(iv_parts_add(parts, rig->place, item, &owner), ==, 3);
	for (guint i = 0; i < 3; i++) {
		g_assert_true(part(parts, i)->owner == &owner);
		g_assert_cmpuint(part(parts, i)->run, ==, REGION - 3 * KIB);
		g_assert_cmpuint(part(parts, i)->end, ==, 2 * REGION + 5 * KIB);
		g_assert_cmpuint(part(parts, i)->disk - part(parts, i)->offset, ==, REGION - 3 * KIB);
		g_assert_false(part(parts, i)->slack);
	}
	g_assert_cmpuint(part(parts, 0)->length, ==, 3 * KIB);
	g_assert_cmpuint(part(parts, 1)->length, ==, REGION);
	g_assert_cmpuint(part(parts, 2)->length, ==, 5 * KIB);
}

/* The bytes behind a file's end are parts of their own. */
static void test_slack(void)
{
	g_autoptr(Rig) rig = rig_new(REGION);
	g_autoptr(GArray) parts = parts_new();
	g_autoptr(IvItem) item = rig_item(rig, IV_ITEM_FILE, "f", 100);

	g_assert_true(iv_item_add_extent(item, 0, 8 * KIB, 4 * KIB));
	item->slack = 4 * KIB - 100;
	g_assert_true(iv_parts_fit(rig->place, item));
	g_assert_cmpuint(iv_parts_add(parts, rig->place, item, NULL), ==, 2);
	g_assert_false(part(parts, 0)->slack);
	g_assert_cmpuint(part(parts, 0)->length, ==, 100);
	g_assert_true(part(parts, 1)->slack);
	g_assert_cmpuint(part(parts, 1)->offset, ==, 100);
	g_assert_cmpuint(part(parts, 1)->disk, ==, 8 * KIB + 100);
	g_assert_cmpuint(part(parts, 1)->length, ==, 4 * KIB - 100);
}

/* Runs of free space do not lend each other context, however close they lie. */
static void test_free(void)
{
	g_autoptr(Rig) rig = rig_new(REGION);
	g_autoptr(GArray) parts = parts_new();
	g_autoptr(IvItem) item = rig_item(rig, IV_ITEM_FREE, NULL, 16 * KIB);

	g_assert_true(iv_item_add_extent(item, 0, 64 * KIB, 8 * KIB));
	g_assert_true(iv_item_add_extent(item, 8 * KIB, 80 * KIB, 8 * KIB));
	g_assert_true(iv_parts_fit(rig->place, item));
	g_assert_cmpuint(iv_parts_add(parts, rig->place, item, NULL), ==, 2);
	g_assert_cmpuint(part(parts, 0)->end, ==, 72 * KIB);
	g_assert_cmpuint(part(parts, 1)->run, ==, 80 * KIB);
}

static void test_fit(void)
{
	g_autoptr(Rig) rig = rig_new(REGION);
	g_autoptr(IvItem) whole = rig_file(rig, "f", 0, 8 * KIB);
	g_autoptr(IvItem) pieces = rig_file(rig, "f", 0, 4 * KIB);
	g_autoptr(IvItem) sparse = rig_item(rig, IV_ITEM_FILE, "f", 8 * KIB);
	g_autoptr(IvItem) memory = rig_memory(IV_ITEM_FILE, "f", "x");
	g_autoptr(IvItem) empty = rig_item(rig, IV_ITEM_FILE, "f", 0);

	pieces->size = 8 * KIB;
	g_assert_true(iv_item_add_extent(pieces, 4 * KIB, 100 * KIB, 4 * KIB));
	g_assert_true(iv_item_add_extent(sparse, 4 * KIB, 0, 4 * KIB));
	g_assert_true(iv_parts_fit(rig->place, whole));
	g_assert_false(iv_parts_fit(rig->place, pieces));
	g_assert_false(iv_parts_fit(rig->place, sparse));
	g_assert_false(iv_parts_fit(rig->place, memory));
	g_assert_false(iv_parts_fit(rig->place, empty));
	whole->detached = true;
	g_assert_false(iv_parts_fit(rig->place, whole));
	whole->detached = false;
	rig->place->on_disk = false;
	g_assert_false(iv_parts_fit(rig->place, whole));
}

static void test_group(void)
{
	g_autoptr(Rig) rig = rig_new(4 * REGION);
	g_autoptr(GArray) parts = parts_new();
	g_autoptr(IvItem) a = rig_file(rig, "a", 2 * REGION + 8 * KIB, KIB);
	g_autoptr(IvItem) b = rig_file(rig, "b", 4 * KIB, KIB);
	g_autoptr(IvItem) c = rig_file(rig, "c", 2 * REGION, KIB);

	iv_parts_add(parts, rig->place, a, NULL);
	iv_parts_add(parts, rig->place, b, NULL);
	iv_parts_add(parts, rig->place, c, NULL);
	iv_parts_sort(parts);
	g_assert_true(part(parts, 0)->item == b && part(parts, 1)->item == c &&
		      part(parts, 2)->item == a);
	g_assert_cmpuint(iv_parts_group(parts, 0), ==, 1);
	g_assert_cmpuint(iv_parts_group(parts, 1), ==, 3);
	g_assert_cmpuint(iv_parts_group(parts, 2), ==, 3);
}

/* Nothing but holes: no part. */
static void test_holes(void)
{
	g_autoptr(Rig) rig = rig_new(REGION);
	g_autoptr(GArray) parts = parts_new();
	g_autoptr(IvItem) item = rig_item(rig, IV_ITEM_RAW, NULL, REGION);

	rig->disk->holes = true;
	g_assert_true(iv_item_add_extent(item, 0, 0, REGION));
	g_assert_cmpuint(iv_parts_add(parts, rig->place, item, NULL), ==, 0);
	g_assert_cmpuint(parts->len, ==, 0);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/regions/cut", test_cut);
	g_test_add_func("/regions/slack", test_slack);
	g_test_add_func("/regions/free", test_free);
	g_test_add_func("/regions/fit", test_fit);
	g_test_add_func("/regions/group", test_group);
	g_test_add_func("/regions/holes", test_holes);
	return g_test_run();
}
