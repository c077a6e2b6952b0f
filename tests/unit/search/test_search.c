/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_search.c - items added from one thread, searched by many, the disk hashed */
#include "scanner/search/regions.h"
#include "scanner/search/search.h"
#include "tests/unit/disk/whole_digest.h"
#include "tests/unit/search/search_rig.h"

static IvSearch *search_new(Rig *rig, IvDigest *digest, unsigned threads)
{
	g_autoptr(GError) error = NULL;
	IvSearch *search = iv_search_start(rig->rules, &rig->disk->base, digest, rig->collection,
					   threads, NULL, &error);

	g_assert_no_error(error);
	return search;
}

/* Files that lie in one piece, in pieces, in memory; free space; a whole volume. */
static void add_everything(Rig *rig, IvSearch *search)
{
	g_autoptr(IvItem) whole = rig_file(rig, "whole", 64 * KIB, 3 * MIB);
	g_autoptr(IvItem) pieces = rig_item(rig, IV_ITEM_FILE, "pieces", 8 * KIB);
	g_autoptr(IvItem) memory = rig_memory(IV_ITEM_FILE, "memory", RIG_TOKEN);
	g_autoptr(IvItem) unused = rig_item(rig, IV_ITEM_FREE, NULL, MIB);

	g_assert_true(iv_item_add_extent(pieces, 0, 4 * MIB, 4 * KIB));
	g_assert_true(iv_item_add_extent(pieces, 4 * KIB, 5 * MIB, 4 * KIB));
	g_assert_true(iv_item_add_extent(unused, 0, 6 * MIB, MIB));
	g_assert_true(iv_search_add(search, rig->place, whole, NULL));
	g_assert_true(iv_search_add(search, rig->place, pieces, NULL));
	g_assert_true(iv_search_add(search, rig->place, memory, NULL));
	g_assert_true(iv_search_add(search, rig->place, unused, NULL));
}

/* The same report and the same digest, however many threads there are. */
static void test_threads(void)
{
	static const unsigned threads[] = {1, 2, 7, 0};

	for (guint i = 0; i < G_N_ELEMENTS(threads); i++) {
		g_autoptr(Rig) rig = rig_new(8 * MIB + 1234);
		g_autoptr(IvDigest) digest = iv_digest_new(&rig->disk->base, NULL);
		g_autofree char *want = NULL, *got = NULL, *found = NULL;
		g_autoptr(GError) error = NULL;
		IvSearch *search;
		uint64_t bytes;

		rig_fill(rig->disk, 0, 8 * MIB, '\n');
		rig_put(rig->disk, IV_REGION_BYTES - 10, RIG_TOKEN); /* over a region's border */
		rig_put(rig->disk, 5 * MIB + 9, RIG_TOKEN);
		rig_put(rig->disk, 6 * MIB, RIG_TOKEN);
		search = search_new(rig, digest, threads[i]);
		add_everything(rig, search);
		g_assert_true(iv_search_finish(search, &bytes, &error));
		iv_search_free(search);
		g_assert_cmpuint(bytes, ==, 4 * MIB + 8 * KIB + strlen(RIG_TOKEN));
		found = rig_findings(rig);
		g_assert_cmpstr(found, ==,
				"r.token - free 0 0 6291456\n"
				"r.token /memory file 0 1 -1\n"
				"r.token /pieces file 4105 4106 5242889\n"
				"r.token /whole file 2031606 2031607 2097142\n");
		want = whole_digest(&rig->disk->base, NULL);
		got = iv_digest_finish(digest, &error);
		g_assert_no_error(error);
		g_assert_cmpstr(got, ==, want);
		g_assert_true(rig->coverage->complete);
	}
}

/* After drain() everything that was added has been searched. */
static void test_drain(void)
{
	g_autoptr(Rig) rig = rig_new(8 * MIB);
	g_autoptr(IvSearch) search = search_new(rig, NULL, 2);
	g_autoptr(IvItem) a = rig_file(rig, "a", 0, MIB);
	g_autoptr(IvItem) b = rig_memory(IV_ITEM_FILE, "b", RIG_TOKEN);

	rig_put(rig->disk, 100, RIG_TOKEN);
	g_assert_true(iv_search_add(search, rig->place, a, NULL));
	g_assert_true(iv_search_add(search, rig->place, b, NULL));
	iv_search_drain(search);
	g_assert_true(iv_place_has_found(rig->place, "a"));
	g_assert_true(iv_place_has_found(rig->place, "b"));
}

/* What cannot be hashed fails the search: a digest of other bytes is none. */
static void test_hash_fails(void)
{
	g_autoptr(Rig) rig = rig_new(8 * MIB);
	g_autoptr(IvDigest) digest = iv_digest_new(&rig->disk->base, NULL);
	g_autoptr(IvSearch) search = search_new(rig, digest, 2);
	g_autoptr(GError) error = NULL;
	uint64_t bytes;

	rig->disk->bad = 7 * MIB;
	g_assert_false(iv_search_finish(search, &bytes, &error));
	g_assert_error(error, IV_ERROR, IV_ERROR_IO);
}

/* Freed with work waiting and gathered: nothing is left, nobody hangs. */
static void test_abandon(void)
{
	for (guint i = 0; i < 20; i++) {
		g_autoptr(Rig) rig = rig_new(8 * MIB);
		g_autoptr(IvSearch) search = search_new(rig, NULL, 1);

		for (guint k = 0; k < 50; k++)
			add_everything(rig, search);
		if (i % 2 == 0)
			g_usleep(200 * i);
	}
}

/* A sparse file of 2^60 bytes is cut by its data, not by its size. */
static void test_sparse(void)
{
	g_autoptr(Rig) rig = rig_new(8 * MIB);
	g_autoptr(IvSearch) search = search_new(rig, NULL, 2);
	g_autoptr(IvItem) item = rig_item(rig, IV_ITEM_FILE, "sparse", UINT64_C(1) << 60);
	g_autofree char *found = NULL;
	g_autoptr(GError) error = NULL;
	uint64_t bytes;

	g_assert_true(iv_item_add_extent(item, 4 * KIB, 0, 4 * KIB));
	g_assert_true(iv_item_add_extent(item, UINT64_C(1) << 59, MIB, 4 * KIB));
	rig_put(rig->disk, 0, RIG_TOKEN);
	rig_put(rig->disk, MIB, RIG_TOKEN);
	g_assert_true(iv_search_add(search, rig->place, item, &error));
	g_assert_true(iv_search_finish(search, &bytes, &error));
	g_assert_cmpuint(bytes, ==, 8 * KIB);
	found = rig_findings(rig);
	g_assert_nonnull(strstr(found, "r.token /sparse file 4096 0 0\n"));
	g_assert_nonnull(strstr(found, " 1048576\n"));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/search/threads", test_threads);
	g_test_add_func("/search/drain", test_drain);
	g_test_add_func("/search/hash-fails", test_hash_fails);
	g_test_add_func("/search/abandon", test_abandon);
	g_test_add_func("/search/sparse", test_sparse);
	return g_test_run();
}
