/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_collect.c - matches become findings: lines, twins, ceilings, raw passes */
#include "tests/unit/search/search_rig.h"

static const IvRule plain = {.id = (char *)"t.plain", .name = (char *)"plain",
			     .severity = IV_SEVERITY_HIGH};
static const IvRule grave = {.id = (char *)"t.grave", .name = (char *)"grave",
			     .severity = IV_SEVERITY_CRITICAL};

static IvMatch match_at(const IvRule *rule, uint64_t at, const char *secret)
{
	uint64_t end = at + strlen(secret);

	return (IvMatch){.rule = rule, .severity = rule->severity, .start = at, .end = end,
			 .secret_start = at, .secret_end = end, .secret = (const uint8_t *)secret};
}

static void add(IvHits *hits, const IvRule *rule, uint64_t at, const char *secret)
{
	IvMatch match = match_at(rule, at, secret);

	iv_hits_add(hits, &match, false);
}

/* Lines are counted in the item, in whatever order the hits came. */
static void test_lines(void)
{
	g_autoptr(Rig) rig = rig_new(MIB);
	g_autoptr(IvItem) item = rig_memory(IV_ITEM_FILE, "f", "a\nb\nccc\nd\n");
	IvHits *hits = iv_hits_new(rig->collection, rig->place, item);
	g_autofree char *got = NULL;

	add(hits, &plain, 8, "d");
	add(hits, &plain, 0, "a");
	add(hits, &plain, 5, "cc");
	iv_hits_finish(hits);
	got = rig_findings(rig);
	g_assert_cmpstr(got, ==,
			"t.plain /f file 0 1 -1\nt.plain /f file 5 3 -1\nt.plain /f file 8 4 -1\n");
}

/* Behind a NUL byte there are no lines. */
static void test_binary(void)
{
	g_autoptr(Rig) rig = rig_new(MIB);
	g_autoptr(IvItem) item = rig_file(rig, "f", 0, 100);
	IvHits *hits = iv_hits_new(rig->collection, rig->place, item);
	g_autofree char *got = NULL;

	rig_fill(rig->disk, 0, 50, '\n');
	add(hits, &plain, 10, "x");
	add(hits, &plain, 90, "x");
	iv_hits_finish(hits);
	got = rig_findings(rig);
	g_assert_cmpstr(got, ==, "t.plain /f file 10 11 10\nt.plain /f file 90 0 90\n");
}

static void test_count_lines(void)
{
	bool binary = false;

	g_assert_cmpuint(iv_count_lines((const uint8_t *)"a\n\nb", 4, &binary), ==, 2);
	g_assert_false(binary);
	g_assert_cmpuint(iv_count_lines((const uint8_t *)"\n\0\n", 3, &binary), ==, 0);
	g_assert_true(binary);
	g_assert_cmpuint(iv_count_lines((const uint8_t *)"\n", 1, &binary), ==, 0);
}

/* Of rules that found the very same bytes the gravest is listed. */
static void test_twins(void)
{
	g_autoptr(Rig) rig = rig_new(MIB);
	g_autoptr(IvItem) item = rig_memory(IV_ITEM_FILE, "f", "secret secret");
	IvHits *hits = iv_hits_new(rig->collection, rig->place, item);
	g_autofree char *got = NULL;

	add(hits, &plain, 0, "secret");
	add(hits, &grave, 0, "secret");
	add(hits, &plain, 7, "secret");
	iv_hits_finish(hits);
	got = rig_findings(rig);
	g_assert_cmpstr(got, ==, "t.grave /f file 0 1 -1\nt.plain /f file 7 1 -1\n");
}

/* The hits of two segments of an item. */
static void test_join(void)
{
	g_autoptr(Rig) rig = rig_new(MIB);
	g_autoptr(IvItem) item = rig_memory(IV_ITEM_FILE, "f", "a\nb\n");
	IvHits *first = iv_hits_new(rig->collection, rig->place, item);
	IvHits *second = iv_hits_new(rig->collection, rig->place, item);
	g_autofree char *got = NULL;

	add(first, &plain, 2, "b");
	add(second, &plain, 0, "a");
	iv_hits_join(first, second);
	iv_hits_finish(first);
	got = rig_findings(rig);
	g_assert_cmpstr(got, ==, "t.plain /f file 0 1 -1\nt.plain /f file 2 2 -1\n");
	g_assert_true(iv_place_has_found(rig->place, "f"));
	g_assert_false(iv_place_has_found(rig->place, "g"));
}

/* More hits of one item than are listed: coverage says so. */
static void test_ceiling(void)
{
	g_autoptr(Rig) rig = rig_new(MIB);
	g_autoptr(IvItem) item = rig_file(rig, "f", 0, MIB);
	IvHits *hits = iv_hits_new(rig->collection, rig->place, item);
	g_autoptr(GPtrArray) list = NULL;

	for (guint i = 0; i < IV_MAX_ITEM_HITS + 10; i++)
		add(hits, &plain, i, "x");
	iv_hits_finish(hits);
	list = iv_collection_take(rig->collection);
	iv_coverage_finish(rig->coverage);
	g_assert_cmpuint(list->len, ==, IV_MAX_ITEM_HITS);
	g_assert_false(rig->coverage->complete);
}

/* A raw pass behind the files leaves out what they gave, and only that. */
static void test_raw_pass(void)
{
	g_autoptr(Rig) rig = rig_new(MIB);
	g_autoptr(IvItem) file = rig_memory(IV_ITEM_FILE, "f", "known");
	g_autoptr(IvItem) raw = rig_file(rig, NULL, 0, MIB);
	IvHits *hits = iv_hits_new(rig->collection, rig->place, file);
	g_autofree char *got = NULL;

	raw->kind = IV_ITEM_RAW;
	add(hits, &plain, 0, "known");
	iv_hits_finish(hits);
	rig->place->drop_known = true;
	hits = iv_hits_new(rig->collection, rig->place, raw);
	add(hits, &plain, 100, "known");
	add(hits, &plain, 200, "new");
	iv_hits_finish(hits);
	got = rig_findings(rig);
	g_assert_nonnull(strstr(got, "t.plain /f file 0 1 -1\n"));
	g_assert_nonnull(strstr(got, "t.plain - raw 200 0 200\n"));
	g_assert_null(strstr(got, " 100 "));
}

/* An attribute's finding names both the file and the attribute. */
static void test_attribute(void)
{
	g_autoptr(Rig) rig = rig_new(MIB);
	g_autoptr(IvItem) item = rig_memory(IV_ITEM_XATTR, "f", "secret");
	IvHits *hits = iv_hits_new(rig->collection, rig->place, item);
	g_autofree char *got = NULL;

	item->detail = g_strdup("user.key");
	add(hits, &plain, 0, "secret");
	iv_hits_finish(hits);
	got = rig_findings(rig);
	g_assert_cmpstr(got, ==, "t.plain /f@user.key xattr 0 0 -1\n");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/collect/lines", test_lines);
	g_test_add_func("/collect/binary", test_binary);
	g_test_add_func("/collect/count-lines", test_count_lines);
	g_test_add_func("/collect/twins", test_twins);
	g_test_add_func("/collect/join", test_join);
	g_test_add_func("/collect/ceiling", test_ceiling);
	g_test_add_func("/collect/raw-pass", test_raw_pass);
	g_test_add_func("/collect/attribute", test_attribute);
	return g_test_run();
}
