/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_finding.c - the order of findings, and how equal ones fold */
#include <string.h>

#include "scanner/finding/finding.h"

typedef struct {
	IvSeverity severity;
	const char *volume, *path;
	uint64_t offset;
	const char *rule, *fingerprint, *place;
} Row;

static IvFinding *make(const Row *row)
{
	IvFinding *f = iv_finding_new();

	f->severity = row->severity;
	f->volume = g_strdup(row->volume);
	f->path = g_strdup(row->path);
	f->offset = row->offset;
	f->rule = g_strdup(row->rule);
	f->fingerprint = g_strdup(row->fingerprint);
	f->place = g_strdup(row->place);
	return f;
}

/* In the report's order; neighbours differ in one field only. */
static const Row ordered[] = {
	{IV_SEVERITY_CRITICAL, "p2", NULL, 7, "r", "f", "free"},
	{IV_SEVERITY_CRITICAL, "p2", "/a", 7, "r", "f", "file"},
	{IV_SEVERITY_CRITICAL, "p2", "/a", 8, "r", "f", "file"},
	{IV_SEVERITY_CRITICAL, "p2", "/a", 8, "s", "f", "file"},
	{IV_SEVERITY_CRITICAL, "p2", "/a", 8, "s", "g", "file"},
	{IV_SEVERITY_CRITICAL, "p2", "/a", 8, "s", "g", "slack"},
	{IV_SEVERITY_CRITICAL, "p2", "/a", UINT64_MAX, "a", "a", "file"},
	{IV_SEVERITY_CRITICAL, "p2", "/a/b", 0, "a", "a", "file"},
	{IV_SEVERITY_CRITICAL, "p10", "/a", 0, "a", "a", "file"},
	{IV_SEVERITY_HIGH, "disk", NULL, 0, "a", "a", "raw"},
	{IV_SEVERITY_MEDIUM, "disk", NULL, 0, "a", "a", "raw"},
	{IV_SEVERITY_LOW, "disk", NULL, 0, "a", "a", "raw"},
	{IV_SEVERITY_INFO, "disk", NULL, 0, "a", "a", "raw"},
};

static GPtrArray *findings_new(void)
{
	return g_ptr_array_new_with_free_func((GDestroyNotify)iv_finding_free);
}

static int sign(int n)
{
	return (n > 0) - (n < 0);
}

static void test_order(void)
{
	g_autoptr(GPtrArray) all = findings_new();

	for (guint i = 0; i < G_N_ELEMENTS(ordered); i++)
		g_ptr_array_add(all, make(&ordered[i]));
	for (guint i = 0; i < all->len; i++)
		for (guint j = 0; j < all->len; j++)
			g_assert_cmpint(sign(iv_finding_compare(&all->pdata[i], &all->pdata[j])), ==,
					sign((int)i - (int)j));
}

/* Whatever may differ between two findings decides, so that no sort depends on
 * the order in which threads delivered them. */
static void test_order_total(void)
{
	g_autoptr(GPtrArray) all = findings_new();

	for (guint i = 0; i < 7; i++)
		g_ptr_array_add(all, make(&ordered[1]));
	((IvFinding *)all->pdata[1])->length = 1;
	((IvFinding *)all->pdata[2])->line = 1;
	((IvFinding *)all->pdata[3])->disk_offset = 1;
	((IvFinding *)all->pdata[4])->redacted = g_strdup("x");
	((IvFinding *)all->pdata[5])->reason = g_strdup("x");
	((IvFinding *)all->pdata[6])->occurrences = 2;
	for (guint i = 0; i < all->len; i++)
		for (guint j = 0; j < all->len; j++) {
			int there = sign(iv_finding_compare(&all->pdata[i], &all->pdata[j]));
			int back = sign(iv_finding_compare(&all->pdata[j], &all->pdata[i]));

			g_assert_cmpint(there, ==, -back);
			g_assert_cmpint(there == 0, ==, i == j);
		}
}

static void test_volumes(void)
{
	static const char *const names[] = {
		NULL, "", "disk", "gap1", "gap2", "gap10", "p1", "p01x", "p2", "p10", "p10a",
		"p99999999999999999999998", "p99999999999999999999999", "p100000000000000000000000",
		"tree", "\xff",
	};

	for (guint i = 0; i < G_N_ELEMENTS(names); i++)
		for (guint j = 0; j < G_N_ELEMENTS(names); j++)
			g_assert_cmpint(sign(iv_volume_compare(names[i], names[j])), ==,
					sign((int)i - (int)j));
	/* Spelled differently, so not equal. */
	g_assert_cmpint(iv_volume_compare("p01", "p1"), !=, 0);
	g_assert_cmpint(sign(iv_volume_compare("p01", "p1")), ==,
			-sign(iv_volume_compare("p1", "p01")));
}

/* Everything of an array as text, to compare. */
static char *dump(const GPtrArray *all)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < all->len; i++) {
		const IvFinding *f = all->pdata[i];

		g_string_append_printf(text, "%d %s %s %s %" G_GUINT64_FORMAT " x%" G_GUINT64_FORMAT
				       "\n", f->severity, f->volume, f->path, f->place, f->offset,
				       f->occurrences);
	}
	return g_string_free(text, FALSE);
}

static void shuffle(GPtrArray *all, GRand *rand)
{
	for (guint i = all->len; i > 1; i--) {
		guint j = (guint)g_rand_int_range(rand, 0, (gint)i);
		gpointer kept = all->pdata[i - 1];

		all->pdata[i - 1] = all->pdata[j];
		all->pdata[j] = kept;
	}
}

/* Three files, four places of one secret in each, some found twice before. */
static GPtrArray *scattered(GRand *rand)
{
	static const char *const paths[] = {"/a", "/b", NULL};
	GPtrArray *all = findings_new();

	for (guint i = 0; i < 12; i++) {
		Row row = {IV_SEVERITY_HIGH, "p1", paths[i / 4], 100 + i % 4 * 10, "r", "same", "file"};
		IvFinding *f = make(&row);

		f->occurrences = i % 4 == 3 ? 2 : 1;
		g_ptr_array_add(all, f);
	}
	shuffle(all, rand);
	return all;
}

static void test_fold(void)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(7);

	for (guint round = 0; round < 50; round++) {
		g_autoptr(GPtrArray) all = scattered(rand);
		g_autofree char *text = NULL, *again = NULL;

		iv_findings_fold(all);
		text = dump(all);
		g_assert_cmpstr(text, ==,
				"3 p1 (null) file 100 x5\n3 p1 /a file 100 x5\n3 p1 /b file 100 x5\n");
		iv_findings_fold(all);
		again = dump(all);
		g_assert_cmpstr(text, ==, again);
	}
}

/* Each row differs from the first in one of the four that make a secret the same. */
static void test_fold_apart(void)
{
	static const Row rows[] = {
		{IV_SEVERITY_HIGH, "p1", "/a", 1, "r", "one", "file"},
		{IV_SEVERITY_HIGH, "p1", "/a", 1, "r", "two", "file"},
		{IV_SEVERITY_HIGH, "p2", "/a", 1, "r", "one", "file"},
		{IV_SEVERITY_HIGH, "p1", "/b", 1, "r", "one", "file"},
		{IV_SEVERITY_HIGH, "p1", "/a", 1, "r", "one", "slack"},
	};
	g_autoptr(GPtrArray) all = findings_new();

	for (guint i = 0; i < G_N_ELEMENTS(rows); i++)
		g_ptr_array_add(all, make(&rows[i]));
	iv_findings_fold(all);
	g_assert_cmpuint(all->len, ==, G_N_ELEMENTS(rows));
}

static void test_fold_counts(void)
{
	g_autoptr(GPtrArray) all = findings_new();

	iv_findings_fold(all);
	g_assert_cmpuint(all->len, ==, 0);
	for (guint i = 0; i < 3; i++)
		g_ptr_array_add(all, make(&ordered[1]));
	((IvFinding *)all->pdata[1])->occurrences = UINT64_MAX - 1;
	iv_findings_fold(all);
	g_assert_cmpuint(all->len, ==, 1);
	g_assert_true(((IvFinding *)all->pdata[0])->occurrences == UINT64_MAX);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/finding/order", test_order);
	g_test_add_func("/finding/order-total", test_order_total);
	g_test_add_func("/finding/volumes", test_volumes);
	g_test_add_func("/finding/fold", test_fold);
	g_test_add_func("/finding/fold-apart", test_fold_apart);
	g_test_add_func("/finding/fold-counts", test_fold_counts);
	return g_test_run();
}
