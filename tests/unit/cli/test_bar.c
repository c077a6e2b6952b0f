/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_bar.c - what a progress bar says, and that no counter can lead it astray */
#include <stdbool.h>
#include <string.h>

#include "cli/bar.h"

static void test_lines(void)
{
	static const struct {
		uint64_t done, total;
		double seconds;
		int columns;
		const char *line;
	} rows[] = {
		{0, 0, 0, 80, "[------------------------------]   0%  0 B of 0 B  0 B/s  - left"},
		{512, 1024, 1, 80,
		 "[###############---------------]  50%  512 B of 1.0 KiB  512 B/s  0:01 left"},
		{1024, 1024, 0.1, 80,
		 "[##############################] 100%  1.0 KiB of 1.0 KiB  0 B/s  - left"},
		{1, 7201, 1, 80, "[------------------------------]   0%  1 B of 7.0 KiB  1 B/s  2:00:00 left"},
		{512, 1024, 1, 54, "[####----]  50%  512 B of 1.0 KiB  512 B/s  0:01 left"},
		{512, 1024, 1, 48, "  50%  512 B of 1.0 KiB  512 B/s  0:01 left"},
		{512, 1024, 1, 40, "  50%  512 B of 1.0 KiB  512 B/s  0:01 "},
		{2048, 1024, 1, 80,
		 "[##############################] 100%  1.0 KiB of 1.0 KiB  1.0 KiB/s  0:00 left"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		IvScanProgress progress = {.done = rows[i].done, .total = rows[i].total,
					   .phase = IV_PHASE_SEARCH};
		g_autofree char *line =
			cli_bar_bytes(&progress, "disk.img", rows[i].seconds, rows[i].columns);

		g_assert_cmpstr(line, ==, rows[i].line);
		g_assert_cmpuint(strlen(line), <, rows[i].columns);
	}
}

static void test_guest(void)
{
	IvScanProgress progress = {.total = 1024, .phase = IV_PHASE_GUEST};
	g_autofree char *line = cli_bar_bytes(&progress, "disk.img", 7, 80);
	g_autofree char *narrow = cli_bar_bytes(&progress, "disk.img", 7, 40);

	g_assert_cmpstr(line, ==, "disk.img: starting the libguestfs appliance (7 s)");
	g_assert_cmpstr(narrow, ==, "disk.img: starting the libguestfs appli");
}

static void test_count(void)
{
	g_autofree char *some = cli_bar_count(120, 500, "looking at images", 80);
	g_autofree char *none = cli_bar_count(0, 0, "looking at images", 80);
	g_autofree char *more = cli_bar_count(G_MAXINT, 1, "looking", 80);

	g_assert_cmpstr(some, ==, "[#######-----------------------] looking at images  120 of 500");
	g_assert_cmpstr(none, ==, "[------------------------------] looking at images  0 of 0");
	g_assert_cmpstr(more, ==, "[##############################] looking  2147483647 of 1");
}

static void test_bar(void)
{
	static const struct {
		int room;
		double part;
		const char *bar;
	} rows[] = {
		{8, 0.5, "[###---]"}, {7, 0.5, ""},	   {0, 1, ""},
		{-90, 1, ""},	      {8, -7, "[------]"}, {8, 1e300, "[######]"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *bar = cli_bar(rows[i].room, rows[i].part);

		g_assert_cmpstr(bar, ==, rows[i].bar);
	}
}

/* --- counters of a process that has been taken over ------------------------------- */

typedef struct {
	IvScanProgress progress;
	_Atomic bool stop;
} Hostile;

static gpointer change(gpointer data)
{
	Hostile *hostile = data;

	while (!hostile->stop) {
		hostile->progress.done = 0;
		hostile->progress.done = G_MAXUINT64;
	}
	return NULL;
}

/* They change while a line is made: it stays within its columns, and tells of no more than all.
 * A counter that is read twice shows within some ten thousand lines. */
static void test_hostile(void)
{
	Hostile hostile = {.progress = {.total = 1, .phase = IV_PHASE_SEARCH}};
	GThread *thread = g_thread_new("hostile", change, &hostile);

	for (int i = 0; i < 500000; i++) {
		g_autofree char *line = cli_bar_bytes(&hostile.progress, "disk.img", 1, 80);
		const char *percent = strchr(line, '%');

		g_assert_cmpuint(strlen(line), <, 80);
		g_assert_nonnull(percent);
		g_assert_cmpint((int)g_ascii_strtoll(percent - 3, NULL, 10), <=, 100);
		g_assert_null(strstr(line, "16.0 EiB of 1 B"));
	}
	hostile.stop = true;
	g_thread_join(thread);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/bar/lines", test_lines);
	g_test_add_func("/bar/guest", test_guest);
	g_test_add_func("/bar/count", test_count);
	g_test_add_func("/bar/bar", test_bar);
	g_test_add_func("/bar/hostile", test_hostile);
	return g_test_run();
}
