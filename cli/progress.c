/* SPDX-License-Identifier: GPL-3.0-or-later */
/* progress.c - a bar with bytes, rate and time left, or a count; on a terminal only */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "scanner/base/text.h"
#include "scanner/scanner.h"

#define REDRAW_MS 150
#define BAR_MIN 6
#define BAR_MAX 30

struct IvProgressBar {
	char *what;
	IvScanProgress *progress;  /* or */
	const gint *count, *total; /* things */
	void (*draw)(IvProgressBar *bar);
	gint64 began; /* microseconds */
	GThread *thread;
	GMutex lock;
	GCond wake;
	bool stop;
};

static char *time_left(double seconds)
{
	guint s = (guint)CLAMP(seconds + 0.5, 0, 359999);

	return s < 3600 ? g_strdup_printf("%u:%02u", s / 60, s % 60)
			: g_strdup_printf("%u:%02u:%02u", s / 3600, s / 60 % 60, s % 60);
}

static char *bar_text(int width, double part)
{
	int full = (int)(CLAMP(part, 0, 1) * width);
	char *text = g_malloc((gsize)width + 1);

	memset(text, '-', (size_t)width);
	memset(text, '#', (size_t)full);
	text[width] = '\0';
	return text;
}

static void draw_bytes(IvProgressBar *bar)
{
	/* Each counter is read once: the process that scans may change it at any time, and
	 * may have been taken over by what it reads. */
	uint64_t total = bar->progress->total, counted = bar->progress->done;
	uint64_t done = MIN(counted, total);
	double part = total > 0 ? (double)done / (double)total : 0;
	double seconds = (double)(g_get_monotonic_time() - bar->began) / 1e6;
	double rate = seconds > 0.2 ? (double)done / seconds : 0;
	g_autofree char *size = iv_text_size(done), *all = iv_text_size(total);
	g_autofree char *speed = iv_text_size((uint64_t)rate);
	g_autofree char *left = rate > 0 ? time_left((double)(total - done) / rate) : g_strdup("-");
	g_autofree char *tail = NULL, *line = NULL, *graph = NULL;
	int columns = cli_columns(STDERR_FILENO), room;

	if (bar->progress->phase == IV_PHASE_GUEST && done == 0) {
		fprintf(stderr, "\r\033[K%s: starting the libguestfs appliance (%.0f s)", bar->what,
			seconds);
		return;
	}
	tail = g_strdup_printf(" %3.0f%%  %s of %s  %s/s  %s left", part * 100, size, all, speed,
			       left);
	room = columns - 1 - (int)strlen(tail) - 2;
	graph = room >= BAR_MIN ? bar_text(MIN(room, BAR_MAX), part) : NULL;
	line = g_strdup_printf("%s%s%s%s", graph != NULL ? "[" : "", graph != NULL ? graph : "",
			       graph != NULL ? "]" : "", tail);
	fprintf(stderr, "\r\033[K%.*s", columns - 1, line);
}

static void draw_count(IvProgressBar *bar)
{
	gint total = g_atomic_int_get(bar->total), done = g_atomic_int_get(bar->count);
	int columns = cli_columns(STDERR_FILENO);
	g_autofree char *tail = g_strdup_printf(" %s  %d of %d", bar->what, done, total);
	int room = columns - 1 - (int)strlen(tail) - 2;
	double part = total > 0 ? (double)MIN(done, total) / total : 0;
	g_autofree char *graph = room >= BAR_MIN ? bar_text(MIN(room, BAR_MAX), part) : NULL;
	g_autofree char *line = graph != NULL ? g_strdup_printf("[%s]%s", graph, tail)
					      : g_strdup(tail);

	fprintf(stderr, "\r\033[K%.*s", columns - 1, line);
}

static gpointer redraw(gpointer data)
{
	IvProgressBar *bar = data;

	g_mutex_lock(&bar->lock);
	while (!bar->stop) {
		gint64 until = g_get_monotonic_time() + REDRAW_MS * 1000;

		g_cond_wait_until(&bar->wake, &bar->lock, until);
		if (!bar->stop)
			bar->draw(bar);
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

IvProgressBar *cli_progress_start(const char *what, void *progress)
{
	return start(&(IvProgressBar){.what = (char *)what, .progress = progress, .draw = draw_bytes});
}

IvProgressBar *cli_progress_count(const char *what, const gint *done, const gint *total)
{
	return start(&(IvProgressBar){
		.what = (char *)what, .count = done, .total = total, .draw = draw_count});
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
