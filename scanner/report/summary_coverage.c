/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * summary_coverage.c - what was looked at and what was not, for people.  See
 * summary.h.
 *
 * One line per volume, and under it what was missed there with its reason.  A
 * volume that was missed in part is always listed, however many there are.
 */
#include <string.h>

#include "scanner/base/text.h"
#include "scanner/finding/covered.h"
#include "scanner/report/summary.h"
#include "scanner/report/wrap.h"

#define SHOWN_COMPLETE 20u /* volumes without a miss */
#define SHOWN_MISSES   20u /* places not looked at, of one volume */

#define text_or iv_page_text_or

uint64_t iv_page_unread(const IvCoverage *coverage)
{
	uint64_t sum = 0;

	for (guint i = 0; i < coverage->volumes->len; i++) {
		const IvCoverageVolume *v = coverage->volumes->pdata[i];

		if (__builtin_add_overflow(sum, v->unread, &sum))
			return UINT64_MAX;
	}
	return sum;
}

/* --- misses -------------------------------------------------------------------------- */

/* "/home/x (4.0 KiB, 2 times) - encrypted directory"; without a path the reason
 * stands first. */
static void one_miss(IvPage *page, const IvCoverageMiss *m)
{
	g_autofree char *bytes = iv_text_size(m->bytes);
	g_autofree char *times = m->count > 1 ? g_strdup_printf("%" G_GUINT64_FORMAT " times", m->count)
					      : NULL;
	const char *reason = text_or(m->reason, "no reason is recorded");
	g_autofree char *extent = NULL, *after = NULL;

	extent = m->bytes > 0 || times != NULL
			 ? g_strdup_printf(" (%s%s%s)", m->bytes > 0 ? bytes : "",
					   m->bytes > 0 && times != NULL ? ", " : "", text_or(times, ""))
			 : g_strdup("");
	after = m->path != NULL ? g_strdup_printf("%s - %s", extent, reason)
				: g_strconcat(reason, extent, NULL);
	g_string_append(page->out, "      ");
	iv_wrap_path(page->out, "", m->path, after, 6, 8, page->columns);
}

static bool is_of(const IvCoverageMiss *m, const IvCoverageVolume *v)
{
	return strcmp(text_or(m->volume, ""), text_or(v->volume, "")) == 0;
}

/* Is this the range whose reason the volume's own lines have given already? */
static bool said_above(const IvCoverageMiss *m, const IvCoverageVolume *v)
{
	return m->path == NULL && g_strcmp0(m->reason, v->reason) == 0;
}

static void misses_of(IvPage *page, const IvCoverage *coverage, const IvCoverageVolume *v)
{
	guint shown = 0, more = 0;

	for (guint i = 0; i < coverage->misses->len; i++) {
		const IvCoverageMiss *m = coverage->misses->pdata[i];

		if (!is_of(m, v) || said_above(m, v))
			continue;
		if (shown++ < SHOWN_MISSES)
			one_miss(page, m);
		else
			more++;
	}
	if (more > 0)
		g_string_append_printf(page->out,
				       "      and %u more places (--format json lists them)\n", more);
}

/* What belongs to no volume of the list: the image as a whole. */
static void other_misses(IvPage *page, const IvCoverage *coverage)
{
	g_autoptr(GHashTable) known = g_hash_table_new(g_str_hash, g_str_equal);
	bool headed = false;

	for (guint i = 0; i < coverage->volumes->len; i++) {
		const IvCoverageVolume *v = coverage->volumes->pdata[i];

		g_hash_table_add(known, (char *)text_or(v->volume, ""));
	}
	for (guint i = 0; i < coverage->misses->len; i++) {
		const IvCoverageMiss *m = coverage->misses->pdata[i];

		if (g_hash_table_contains(known, text_or(m->volume, "")))
			continue;
		if (!headed)
			g_string_append(page->out, "  the whole image\n");
		headed = true;
		one_miss(page, m);
	}
	if (coverage->misses_dropped > 0)
		g_string_append_printf(page->out, "  and %" G_GUINT64_FORMAT
				       " more places, which were counted but not recorded\n",
				       coverage->misses_dropped);
}

/* --- volumes ---------------------------------------------------------------------------- */

static void row(IvPage *page, const char *volume, const char *kind, const char *reader,
		const char *size, const char *files)
{
	g_string_append(page->out, "  ");
	iv_wrap_cell(page->out, volume, 8, FALSE);
	iv_wrap_cell(page->out, kind, 11, FALSE);
	iv_wrap_cell(page->out, reader, 7, FALSE);
	iv_wrap_cell(page->out, size, 10, TRUE);
	iv_wrap_cell(page->out, files, 8, TRUE);
}

static void one_volume(IvPage *page, const IvCoverage *coverage, const IvCoverageVolume *v)
{
	g_autofree char *size = iv_text_size(v->bytes), *unread = iv_text_size(v->unread);
	g_autofree char *files = g_strdup_printf("%" G_GUINT64_FORMAT, v->files);
	bool raw = v->files == 0 && g_strcmp0(v->reader, "raw") == 0;

	row(page, text_or(v->volume, "?"), text_or(v->kind, "unknown"), text_or(v->reader, "?"), size,
	    raw ? "-" : files);
	if (v->complete) {
		g_string_append(page->out, "nothing\n");
		return;
	}
	iv_page_painted(page, IV_PAGE_WARN, v->unread > 0 ? unread : "some of it");
	g_string_append(page->out, "\n      ");
	iv_page_line(page, 6, 6, "%s", text_or(v->reason, "no reason is recorded"));
	misses_of(page, coverage, v);
}

static void volumes(IvPage *page, const IvCoverage *coverage)
{
	guint complete = 0;

	row(page, "Volume", "Holds", "Reader", "Size", "Files");
	g_string_append(page->out, "Missed\n");
	for (guint i = 0; i < coverage->volumes->len; i++) {
		const IvCoverageVolume *v = coverage->volumes->pdata[i];

		if (!v->complete || complete++ < SHOWN_COMPLETE)
			one_volume(page, coverage, v);
	}
	if (complete > SHOWN_COMPLETE)
		g_string_append_printf(page->out, "  and %u more volumes of which nothing was missed\n",
				       complete - SHOWN_COMPLETE);
}

static void notes(IvPage *page, const IvCoverage *coverage)
{
	if (coverage->notes->len > 0)
		g_string_append(page->out, "\nNotes\n");
	for (guint i = 0; i < coverage->notes->len; i++) {
		g_string_append(page->out, "  ");
		iv_page_line(page, 2, 4, "%s", (const char *)coverage->notes->pdata[i]);
	}
}

/* A capital letter, for the beginning of a line. */
static void heading(IvPage *page, const char *words)
{
	g_string_append_printf(page->out, "COVERAGE  %c%s\n", g_ascii_toupper(*words), words + 1);
}

void iv_page_coverage(IvPage *page, const IvCoverage *coverage)
{
	g_string_append_c(page->out, '\n');
	if (coverage->complete) {
		heading(page, iv_covered_words(coverage));
	} else {
		iv_page_painted(page, IV_PAGE_WARN, "INCOMPLETE");
		g_string_append(page->out, "  Something was not looked at, and may hold more\n");
	}
	if (coverage->volumes->len > 0)
		volumes(page, coverage);
	other_misses(page, coverage);
	iv_page_packed(page, coverage);
	notes(page, coverage);
}
