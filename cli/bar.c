/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bar.c - see bar.h */
#include "cli/bar.h"

#include <string.h>

#include "scanner/base/text.h"

/* Characters between the brackets. */
#define BAR_MIN 6
#define BAR_MAX 30

static double part_of(double done, double total)
{
	return total > 0 ? CLAMP(done / total, 0, 1) : 0;
}

char *cli_bar(int room, double part)
{
	int width = MIN(room - 2, BAR_MAX);
	g_autofree char *text = NULL;

	if (width < BAR_MIN)
		return g_strdup("");
	text = g_strnfill((gsize)width, '-');
	memset(text, '#', (size_t)(CLAMP(part, 0, 1) * width));
	return g_strdup_printf("[%s]", text);
}

/* The bar and what stands behind it. */
static char *whole_line(const char *tail, double part, int columns)
{
	g_autofree char *bar = cli_bar(columns - 1 - (int)strlen(tail), part);

	return g_strdup_printf("%s%.*s", bar, columns - 1, tail);
}

static char *time_left(double seconds)
{
	guint s = (guint)CLAMP(seconds + 0.5, 0, 359999);

	return s < 3600 ? g_strdup_printf("%u:%02u", s / 60, s % 60)
			: g_strdup_printf("%u:%02u:%02u", s / 3600, s / 60 % 60, s % 60);
}

static char *starting(const char *what, double seconds, int columns)
{
	char *line = g_strdup_printf("%s: starting the libguestfs appliance (%.0f s)", what, seconds);

	if (strlen(line) >= (size_t)columns)
		line[columns - 1] = '\0';
	return line;
}

char *cli_bar_bytes(const IvScanProgress *progress, const char *what, double seconds, int columns)
{
	uint64_t total = progress->total, counted = progress->done;
	uint64_t done = MIN(counted, total);
	double part = part_of((double)done, (double)total);
	double rate = seconds > 0.2 ? MIN((double)done / seconds, 1e18) : 0;
	g_autofree char *size = iv_text_size(done), *all = iv_text_size(total);
	g_autofree char *speed = iv_text_size((uint64_t)rate);
	g_autofree char *left = rate > 0 ? time_left((double)(total - done) / rate) : g_strdup("-");
	g_autofree char *tail = NULL;

	if (progress->phase == IV_PHASE_GUEST && done == 0)
		return starting(what, seconds, columns);
	tail = g_strdup_printf(" %3.0f%%  %s of %s  %s/s  %s left", part * 100, size, all, speed,
			       left);
	return whole_line(tail, part, columns);
}

char *cli_bar_count(gint done, gint total, const char *what, int columns)
{
	g_autofree char *tail = g_strdup_printf(" %s  %d of %d", what, done, total);

	return whole_line(tail, part_of(done, total), columns);
}
