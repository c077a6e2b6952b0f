/* SPDX-License-Identifier: GPL-3.0-or-later */
/* meter.c - see meter.h */
#include "cli/meter.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/bar.h"
#include "cli/cli.h"
#include "scanner/base/text.h"

#define REDRAW_US 150000

static struct {
	char *what; /* NULL: nothing is drawn */
	gint64 began, drawn;
	guint64 first; /* bytes that were done when this part began */
} meter;

static char *amount(guint64 done, guint64 total, bool bytes)
{
	g_autofree char *size = NULL, *all = NULL, *speed = NULL;
	double seconds = (double)(g_get_monotonic_time() - meter.began) / 1e6;
	guint64 moved = done - MIN(meter.first, done);

	if (!bytes)
		return g_strdup("");
	size = iv_text_size(done);
	all = iv_text_size(total);
	speed = iv_text_size(seconds > 0.2 ? (guint64)((double)moved / seconds) : 0);
	return g_strdup_printf("  %s of %s  %s/s", size, all, speed);
}

static void draw(guint64 done, guint64 total, bool bytes)
{
	double part = total > 0 ? (double)MIN(done, total) / (double)total : 0;
	g_autofree char *size = amount(done, total, bytes);
	g_autofree char *tail = g_strdup_printf(" %3.0f%%%s", part * 100, size);
	int columns = cli_columns(STDERR_FILENO);
	int room = columns - 2 - (int)strlen(meter.what) - (int)strlen(tail);
	g_autofree char *bar = cli_bar(room, part);

	fprintf(stderr, "\r\033[K%s %s%s", meter.what, bar, tail);
	fflush(stderr);
}

void cli_meter(void *user, const char *what, guint64 done, guint64 total, bool bytes)
{
	gint64 now = g_get_monotonic_time();

	(void)user;
	if (cli_quiet || !isatty(STDERR_FILENO))
		return;
	if (g_strcmp0(meter.what, what) != 0) {
		cli_meter_clear();
		meter.what = g_strdup(what);
		meter.began = now;
		meter.first = done;
	} else if (now - meter.drawn < REDRAW_US && done < total) {
		return;
	}
	meter.drawn = now;
	draw(done, total, bytes);
}

void cli_meter_clear(void)
{
	if (meter.what != NULL)
		fputs("\r\033[K", stderr);
	g_clear_pointer(&meter.what, g_free);
	meter.drawn = 0;
}
