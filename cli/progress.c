/* SPDX-License-Identifier: GPL-3.0-or-later */
/* progress.c - the thread that draws a bar (bar.h) again and again; on a terminal only */
#include <stdio.h>
#include <unistd.h>

#include "cli/bar.h"
#include "cli/cli.h"

#define REDRAW_MS 150

struct IvProgressBar {
	char *what;
	const IvScanProgress *progress; /* or NULL: */
	const gint *count, *total;	/* things */
	gint64 began; /* microseconds */
	GThread *thread;
	GMutex lock;
	GCond wake;
	bool stop;
};

static void draw(const IvProgressBar *bar)
{
	int columns = cli_columns(STDERR_FILENO);
	double seconds = (double)(g_get_monotonic_time() - bar->began) / 1e6;
	g_autofree char *line =
		bar->progress != NULL
			? cli_bar_bytes(bar->progress, bar->what, seconds, columns)
			: cli_bar_count(g_atomic_int_get(bar->count), g_atomic_int_get(bar->total),
					bar->what, columns);

	fprintf(stderr, "\r\033[K%s", line);
}

static gpointer redraw(gpointer data)
{
	IvProgressBar *bar = data;

	g_mutex_lock(&bar->lock);
	while (!bar->stop) {
		gint64 until = g_get_monotonic_time() + REDRAW_MS * 1000;

		g_cond_wait_until(&bar->wake, &bar->lock, until);
		if (!bar->stop)
			draw(bar);
	}
	g_mutex_unlock(&bar->lock);
	return NULL;
}

static IvProgressBar *start(const IvProgressBar *like)
{
	IvProgressBar *bar;

	if (cli_quiet || !isatty(STDERR_FILENO))
		return NULL;
	bar = g_new0(IvProgressBar, 1);
	*bar = *like;
	bar->what = g_strdup(like->what);
	bar->began = g_get_monotonic_time();
	g_mutex_init(&bar->lock);
	g_cond_init(&bar->wake);
	bar->thread = g_thread_new("progress", redraw, bar);
	return bar;
}

IvProgressBar *cli_progress_start(const char *what, const IvScanProgress *progress)
{
	return progress != NULL ? start(&(IvProgressBar){.what = (char *)what, .progress = progress})
				: NULL;
}

IvProgressBar *cli_progress_count(const char *what, const gint *done, const gint *total)
{
	return start(&(IvProgressBar){.what = (char *)what, .count = done, .total = total});
}

void cli_progress_stop(IvProgressBar *bar)
{
	if (bar == NULL)
		return;
	g_mutex_lock(&bar->lock);
	bar->stop = true;
	g_cond_signal(&bar->wake);
	g_mutex_unlock(&bar->lock);
	g_thread_join(bar->thread);
	fputs("\r\033[K", stderr);
	g_mutex_clear(&bar->lock);
	g_cond_clear(&bar->wake);
	g_free(bar->what);
	g_free(bar);
}
