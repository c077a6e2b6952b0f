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

	return (IvMatch){.rule = rule, .severity = rule->severity, .kinds = 1, .start = at, .end = end,
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
	IvHits *hits = iv_hits_new(rig->collection, rig->place, item, NULL);
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
	IvHits *hits = iv_hits_new(rig->collection, rig->place, item, NULL);
	g_autofree char *got = NULL;

	rig_fill(rig->disk, 0, 50, '\n');
	add(hits, &plain, 10, "x");
	add(hits, &plain, 90, "x");
	iv_hits_finish(hits);
	got = rig_findings(rig);
	g_assert_cmpstr(got, ==, "t.plain /f file 10 11 10\nt.plain /f file 90 0 90\n");
}

/* Of rules that found the very same bytes the gravest is listed. */
static void test_twins(void)
{
	g_autoptr(Rig) rig = rig_new(MIB);
	g_autoptr(IvItem) item = rig_memory(IV_ITEM_FILE, "f", "secret secret");
	IvHits *hits = iv_hits_new(rig->collection, rig->place, item, NULL);
	g_autofree char *got = NULL;

	add(hits, &plain, 0, "secret");
	add(hits, &grave, 0, "secret");
	add(hits, &plain, 7, "secret");
	iv_hits_finish(hits);
	got = rig_findings(rig);
	g_assert_cmpstr(got, ==, "t.grave /f file 0 1 -1\nt.plain /f file 7 1 -1\n");
}

/* Lines that cannot be counted, as the item cannot be read again, are coverage. */
static void test_unread_lines(void)
{
	g_autoptr(Rig) rig = rig_new(MIB);
	g_autoptr(IvItem) item = rig_file(rig, "f", 0, 100);
	IvHits *hits = iv_hits_new(rig->collection, rig->place, item, NULL);
	g_autofree char *got = NULL;

	rig->disk->bad = 5;
	add(hits, &plain, 90, "x");
	iv_hits_finish(hits);
	got = rig_findings(rig);
	iv_coverage_finish(rig->coverage);
	g_assert_cmpstr(got, ==, "t.plain /f file 90 0 90\n");
	g_assert_false(rig->coverage->complete);
}

/* Parts of an item give more hits than are listed: the first in the item stay. */
static void test_join_ceiling(void)
{
	g_autoptr(Rig) rig = rig_new(MIB);
	g_autoptr(IvItem) item = rig_file(rig, "f", 0, MIB);
	IvHits *all = iv_hits_new(rig->collection, rig->place, item, NULL);
	g_autoptr(GPtrArray) list = NULL;

	for (guint part = 9; part > 0; part--) {
		IvHits *hits = iv_hits_new(rig->collection, rig->place, item, NULL);

		for (guint i = 0; i < IV_MAX_ITEM_HITS; i++)
			add(hits, &plain, part * 10 * IV_MAX_ITEM_HITS + i, "x");
		iv_hits_join(all, hits);
	}
	iv_hits_finish(all);
	list = iv_collection_take(rig->collection);
	iv_coverage_finish(rig->coverage);
	g_assert_cmpuint(list->len, ==, IV_MAX_ITEM_HITS);
	g_assert_cmpuint(((IvFinding *)list->pdata[IV_MAX_ITEM_HITS - 1])->offset, ==,
			 11 * IV_MAX_ITEM_HITS - 1);
	g_assert_false(rig->coverage->complete);
}

/* Names of two kinds: a graver twin that speaks for the one silences nothing under the
 * other. */
static void test_names(void)
{
	static const char *const paths[] = {"b.pem", "a", "c"};
	g_autoptr(Rig) rig = rig_new(MIB);
	g_autoptr(IvMatcher) m = iv_matcher_new(rig->rules, NULL);
	g_autoptr(IvItem) item = rig_memory(IV_ITEM_FILE, "a", "secret");
	IvNames *names = iv_names_new(m, paths, NULL, 3, 1);
	IvHits *hits = iv_hits_new(rig->collection, rig->place, item, names);
	IvMatch low = match_at(&plain, 0, "secret"), high = match_at(&grave, 0, "secret");
	g_autofree char *got = NULL;

	low.kinds = iv_names_kind(names, 0) | iv_names_kind(names, 1);
	high.kinds = iv_names_kind(names, 0);
	iv_hits_add(hits, &low, false);
	iv_hits_add(hits, &high, false);
	iv_names_unref(names);
	iv_hits_finish(hits);
	got = rig_findings(rig);
	g_assert_cmpstr(got, ==,
			"t.grave /b.pem file 0 1 -1\nt.plain /a file 0 1 -1\nt.plain /c file 0 1 -1\n");
}

static GHashTable *paths_and_offsets(const GPtrArray *list)
{
	GHashTable *set = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	for (guint i = 0; i < list->len; i++) {
		const IvFinding *f = list->pdata[i];

		g_hash_table_add(set, g_strdup(f->path));
		g_hash_table_add(set, g_strdup_printf("%" G_GUINT64_FORMAT, f->offset));
	}
	return set;
}

/* More findings under all names than are listed: a secret that stands there 900 times takes
 * no other secret's place, nor a name's; the rest is counted. */
static void test_many_names(void)
{
	g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free), list = NULL;
	g_autoptr(Rig) rig = rig_new(MIB);
	g_autoptr(IvMatcher) m = iv_matcher_new(rig->rules, NULL);
	g_autoptr(IvItem) item = rig_file(rig, "n0", 0, MIB);
	g_autoptr(GHashTable) set = NULL;
	IvNames *names;
	IvHits *hits;

	for (guint i = 0; i < 800; i++)
		g_ptr_array_add(paths, g_strdup_printf("n%u", i));
	names = iv_names_new(m, (const char *const *)paths->pdata, NULL, paths->len, 1);
	hits = iv_hits_new(rig->collection, rig->place, item, names);
	for (guint i = 0; i < 900; i++)
		add(hits, &plain, i, "x");
	add(hits, &plain, 5000, "y");
	iv_names_unref(names);
	iv_hits_finish(hits);
	list = iv_collection_take(rig->collection);
	set = paths_and_offsets(list);
	iv_coverage_finish(rig->coverage);
	g_assert_cmpuint(list->len, ==, IV_MAX_NAME_FINDINGS);
	g_assert_true(g_hash_table_contains(set, "5000"));
	for (guint i = 0; i < 800; i++) {
		g_autofree char *path = g_strdup_printf("/n%u", i);

		g_assert_true(g_hash_table_contains(set, path));
	}
	g_assert_false(rig->coverage->complete);
	g_assert_cmpstr(((const IvCoverageMiss *)rig->coverage->misses->pdata[0])->reason, ==,
			"600 findings under further names are not listed");
}

/* The hits of two segments of an item. */
static void test_join(void)
{
	g_autoptr(Rig) rig = rig_new(MIB);
	g_autoptr(IvItem) item = rig_memory(IV_ITEM_FILE, "f", "a\nb\n");
	IvHits *first = iv_hits_new(rig->collection, rig->place, item, NULL);
	IvHits *second = iv_hits_new(rig->collection, rig->place, item, NULL);
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
	IvHits *hits = iv_hits_new(rig->collection, rig->place, item, NULL);
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
	IvHits *hits = iv_hits_new(rig->collection, rig->place, file, NULL);
	g_autofree char *got = NULL;

	raw->kind = IV_ITEM_RAW;
	add(hits, &plain, 0, "known");
	iv_hits_finish(hits);
	rig->place->drop_known = true;
	hits = iv_hits_new(rig->collection, rig->place, raw, NULL);
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
	IvHits *hits = iv_hits_new(rig->collection, rig->place, item, NULL);
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
	g_test_add_func("/collect/unread-lines", test_unread_lines);
	g_test_add_func("/collect/join-ceiling", test_join_ceiling);
	g_test_add_func("/collect/names", test_names);
	g_test_add_func("/collect/many-names", test_many_names);
	g_test_add_func("/collect/lines", test_lines);
	g_test_add_func("/collect/binary", test_binary);
	g_test_add_func("/collect/twins", test_twins);
	g_test_add_func("/collect/join", test_join);
	g_test_add_func("/collect/ceiling", test_ceiling);
	g_test_add_func("/collect/raw-pass", test_raw_pass);
	g_test_add_func("/collect/attribute", test_attribute);
	return g_test_run();
}
