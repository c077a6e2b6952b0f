/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_coverage.c - what was not looked at is never lost, whoever says it and when */
#include <string.h>

#include "scanner/base/limits.h"
#include "scanner/finding/coverage.h"

static char *dump(const IvCoverage *c)
{
	GString *text = g_string_new(c->complete ? "complete\n" : "incomplete\n");

	for (guint i = 0; i < c->volumes->len; i++) {
		const IvCoverageVolume *v = c->volumes->pdata[i];

		g_string_append_printf(text, "%s %d %" G_GUINT64_FORMAT " %s\n", v->volume,
				       v->complete, v->unread, v->reason);
	}
	for (guint i = 0; i < c->misses->len; i++) {
		const IvCoverageMiss *m = c->misses->pdata[i];

		g_string_append_printf(text, "%s %s %" G_GUINT64_FORMAT " x%" G_GUINT64_FORMAT
				       " %s\n", m->volume, m->path, m->bytes, m->count, m->reason);
	}
	g_string_append_printf(text, "+%" G_GUINT64_FORMAT "\n", c->misses_dropped);
	return g_string_free(text, FALSE);
}

static void assert_dump(const IvCoverage *c, const char *want)
{
	g_autofree char *text = dump(c);

	g_assert_cmpstr(text, ==, want);
}

static void test_nothing_missed(void)
{
	g_autoptr(IvCoverage) c = iv_coverage_new();

	iv_coverage_volume(c, "p10", "ext4", "ext", 2000, 10);
	iv_coverage_volume(c, "p2", "swap", "raw", 1000, 10);
	iv_coverage_volume(c, "gap1", "gap", "raw", 0, 10);
	iv_coverage_note(c, "the backup table was used");
	iv_coverage_note(c, "the backup table was used");
	iv_coverage_note(c, "a second remark");
	iv_coverage_finish(c);
	assert_dump(c, "complete\ngap1 1 0 \np2 1 0 \np10 1 0 \n+0\n");
	g_assert_cmpuint(c->notes->len, ==, 2);
	g_assert_cmpstr(c->notes->pdata[1], ==, "a second remark");
}

static void test_fold(void)
{
	g_autoptr(IvCoverage) c = iv_coverage_new();
	IvCoverageVolume *v = iv_coverage_volume(c, "p1", "ext4", "ext", 0, 100);

	iv_coverage_miss(c, v, "/b", 1, "encrypted");
	iv_coverage_miss(c, v, "/a", 2, "encrypted");
	iv_coverage_miss(c, v, "/a", 3, "encrypted");
	iv_coverage_miss(c, v, "/a", 4, "damaged");
	iv_coverage_miss(c, NULL, NULL, 0, "the table is damaged");
	iv_coverage_finish(c);
	assert_dump(c, "incomplete\np1 0 10 damaged\n"
		       " (null) 0 x1 the table is damaged\n"
		       "p1 /a 4 x1 damaged\np1 /a 5 x2 encrypted\np1 /b 1 x1 encrypted\n+0\n");
	iv_coverage_finish(c);
	assert_dump(c, "incomplete\np1 0 10 damaged\n"
		       " (null) 0 x1 the table is damaged\n"
		       "p1 /a 4 x1 damaged\np1 /a 5 x2 encrypted\np1 /b 1 x1 encrypted\n+0\n");
}

/* A range says more about a volume than a file, then the alphabet decides. */
static void test_reasons(void)
{
	static const struct {
		const char *paths[3], *reasons[3], *want;
	} rows[] = {
		{{"/a", NULL, "/b"}, {"a file", "z range", "b file"}, "z range"},
		{{NULL, NULL, "/b"}, {"z range", "y range", "a file"}, "y range"},
		{{"/a", "/b", "/c"}, {"c", "a", "b"}, "a"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(rows); i++)
		for (guint turn = 0; turn < 3; turn++) {
			g_autoptr(IvCoverage) c = iv_coverage_new();
			IvCoverageVolume *v = iv_coverage_volume(c, "p1", "ext4", "ext", 0, 100);

			for (guint j = 0; j < 3; j++)
				iv_coverage_miss(c, v, rows[i].paths[(j + turn) % 3], 1,
						 rows[i].reasons[(j + turn) % 3]);
			g_assert_cmpstr(v->reason, ==, rows[i].want);
		}
}

static void test_callers_reason(void)
{
	g_autoptr(IvCoverage) c = iv_coverage_new();
	IvCoverageVolume *v = iv_coverage_volume(c, "p1", "ext4", "ext", 0, 100);

	g_free(v->reason);
	v->reason = g_strdup("said by the caller");
	iv_coverage_miss(c, v, NULL, 1, "another");
	g_assert_cmpstr(v->reason, ==, "said by the caller");
}

/* A volume marked by hand drags the whole with it; so do bytes left unread. */
static void test_marked_by_hand(void)
{
	g_autoptr(IvCoverage) a = iv_coverage_new(), b = iv_coverage_new();

	iv_coverage_volume(a, "p1", "ext4", "ext", 0, 100)->complete = false;
	iv_coverage_finish(a);
	g_assert_false(a->complete);
	iv_coverage_volume(b, "p1", "ext4", "ext", 0, 100)->unread = 1;
	iv_coverage_finish(b);
	g_assert_false(b->complete);
	g_assert_false(((IvCoverageVolume *)b->volumes->pdata[0])->complete);
}

static void test_saturates(void)
{
	g_autoptr(IvCoverage) c = iv_coverage_new();
	IvCoverageVolume *v = iv_coverage_volume(c, "p1", "ext4", "ext", 0, 100);

	iv_coverage_miss(c, v, "/a", UINT64_MAX, "r");
	iv_coverage_miss(c, v, "/a", UINT64_MAX, "r");
	iv_coverage_finish(c);
	g_assert_true(v->unread == UINT64_MAX);
	g_assert_true(((IvCoverageMiss *)c->misses->pdata[0])->bytes == UINT64_MAX);
	g_assert_cmpuint(((IvCoverageMiss *)c->misses->pdata[0])->count, ==, 2);
}

/* --- threads ------------------------------------------------------------------------ */

#define THREADS 4
/* Different misses; each is reported by two threads, so each folds to two. */
#define MISSES (3 * IV_MAX_MISSES)

typedef struct {
	IvCoverage *coverage;
	IvCoverageVolume *volumes[2];
	guint number;
} Worker;

static gpointer report_misses(gpointer user)
{
	const Worker *w = user;
	bool backwards = w->number % 2 == 1;

	/* Two of the threads take the even misses, two the odd ones; one of each
	 * pair goes backwards. */
	for (guint i = w->number / 2; i < MISSES; i += 2) {
		guint at = backwards ? MISSES - 2 + w->number / 2 * 2 - i : i;
		g_autofree char *path = g_strdup_printf("/%05u", at);

		iv_coverage_miss(w->coverage, w->volumes[at % 2], path, at, "busy");
		iv_coverage_note(w->coverage, at % 2 == 0 ? "even" : "odd");
	}
	return NULL;
}

static char *from_threads(bool parallel)
{
	g_autoptr(IvCoverage) c = iv_coverage_new();
	Worker workers[THREADS];
	GThread *threads[THREADS];
	IvCoverageVolume *p1 = iv_coverage_volume(c, "p1", "ext4", "ext", 0, 100);
	IvCoverageVolume *p2 = iv_coverage_volume(c, "p2", "ext4", "ext", 100, 100);

	for (guint i = 0; i < THREADS; i++) {
		workers[i] = (Worker){c, {p1, p2}, i};
		threads[i] = g_thread_new("worker", report_misses, &workers[i]);
		if (!parallel)
			g_thread_join(threads[i]);
	}
	for (guint i = 0; parallel && i < THREADS; i++)
		g_thread_join(threads[i]);
	iv_coverage_finish(c);
	g_assert_cmpuint(c->misses->len, ==, IV_MAX_MISSES);
	/* Each was reported twice: listed or counted, none is lost. */
	g_assert_cmpuint(c->misses_dropped, ==, 2 * (MISSES - IV_MAX_MISSES));
	for (guint i = 0; i < c->misses->len; i++)
		g_assert_cmpuint(((IvCoverageMiss *)c->misses->pdata[i])->count, ==, 2);
	g_assert_cmpuint(c->notes->len, ==, 2);
	g_assert_cmpuint(p1->unread + p2->unread, ==, (uint64_t)MISSES * (MISSES - 1));
	return dump(c);
}

static void test_threads(void)
{
	g_autofree char *want = from_threads(false);

	for (guint i = 0; i < 5; i++) {
		g_autofree char *text = from_threads(true);

		g_assert_cmpstr(text, ==, want);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/coverage/nothing-missed", test_nothing_missed);
	g_test_add_func("/coverage/fold", test_fold);
	g_test_add_func("/coverage/reasons", test_reasons);
	g_test_add_func("/coverage/callers-reason", test_callers_reason);
	g_test_add_func("/coverage/marked-by-hand", test_marked_by_hand);
	g_test_add_func("/coverage/saturates", test_saturates);
	g_test_add_func("/coverage/threads", test_threads);
	return g_test_run();
}
