/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_skip.c - the table of reasons, and its counters */
#include <glib.h>
#include <string.h>

#include "scanner/base/skip.h"

/* Each line is whole, and no two are alike. */
static void test_table(void)
{
	g_autoptr(GHashTable) ids = g_hash_table_new(g_str_hash, g_str_equal);

	for (unsigned i = 0; i < IV_SKIP_COUNT; i++) {
		const IvSkipKind *kind = iv_skip_kind((IvSkip)i);

		g_assert_nonnull(kind->id);
		g_assert_true(g_hash_table_add(ids, (void *)kind->id));
		g_assert_true(kind == iv_skip_find(kind->id));
		g_assert_cmpuint(strlen(kind->words), >, 10);
		g_assert_false(g_str_has_suffix(kind->words, "."));
		g_assert_cmpuint(strlen(iv_skip_account_name(kind->account)), >, 0);
		g_assert_cmpuint(strlen(iv_skip_account_words(kind->account)), >, 0);
	}
	g_assert_null(iv_skip_find("no such reason"));
	/* Only what nobody looks at is unread, and it comes first. */
	for (unsigned i = 0; i < IV_SKIP_COUNT; i++)
		g_assert_true((iv_skip_kind((IvSkip)i)->account == IV_ACCOUNT_UNREAD) ==
			      (i == IV_SKIP_UNREAD));
	for (unsigned i = 1; i < IV_SKIP_COUNT; i++)
		g_assert_cmpint(iv_skip_kind((IvSkip)(i - 1))->account, <=,
				iv_skip_kind((IvSkip)i)->account);
}

#define THREADS 8
#define EACH	10000

static gpointer count_many(gpointer data)
{
	for (unsigned i = 0; i < EACH; i++)
		iv_skip(IV_SKIP_HOLE, 1);
	return NULL;
}

static void test_counters(void)
{
	GThread *threads[THREADS];

	iv_skips_reset();
	for (unsigned i = 0; i < IV_SKIP_COUNT; i++)
		g_assert_cmpuint(iv_skip_counted((IvSkip)i), ==, 0);
	for (unsigned i = 0; i < THREADS; i++)
		threads[i] = g_thread_new("skip", count_many, NULL);
	for (unsigned i = 0; i < THREADS; i++)
		g_thread_join(threads[i]);
	iv_skip(IV_SKIP_CHECK, 7);
	g_assert_cmpuint(iv_skip_counted(IV_SKIP_HOLE), ==, THREADS * EACH);
	g_assert_cmpuint(iv_skip_counted(IV_SKIP_CHECK), ==, 7);
	iv_skips_reset();
	g_assert_cmpuint(iv_skip_counted(IV_SKIP_HOLE), ==, 0);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/skip/table", test_table);
	g_test_add_func("/skip/counters", test_counters);
	return g_test_run();
}
