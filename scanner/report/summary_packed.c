/* SPDX-License-Identifier: GPL-3.0-or-later */
/* summary_packed.c - what was searched as stored bytes only, for people: see summary.h */
#include "scanner/base/text.h"
#include "scanner/finding/covered.h"
#include "scanner/report/summary.h"
#include "scanner/report/wrap.h"

#define SHOWN_ENTRIES 20u /* kinds, over all volumes */
#define SHOWN_PLACES  2u  /* of each */

/* "12 files, 3 pieces" */
static char *how_many(const IvPackedEntry *e)
{
	g_autofree char *files = NULL, *pieces = NULL;

	files = g_strdup_printf("%" G_GUINT64_FORMAT " %s", e->files,
				iv_page_plural(e->files, "file", "files"));
	pieces = g_strdup_printf("%" G_GUINT64_FORMAT " %s", e->pieces,
				 iv_page_plural(e->pieces, "piece", "pieces"));
	if (e->pieces == 0)
		return g_steal_pointer(&files);
	return e->files == 0 ? g_steal_pointer(&pieces) : g_strconcat(files, ", ", pieces, NULL);
}

static void one_entry(IvPage *page, const IvPackedEntry *e)
{
	g_autofree char *size = iv_text_size(e->bytes), *many = how_many(e);
	guint places = e->places != NULL ? g_strv_length(e->places) : 0;

	g_string_append(page->out, "  ");
	iv_wrap_cell(page->out, *e->volume != '\0' ? e->volume : "others", 8, FALSE);
	iv_wrap_cell(page->out, e->kind, 13, FALSE);
	iv_wrap_cell(page->out, e->bytes > 0 ? size : "-", 10, TRUE);
	iv_page_line(page, 39, 39, "%s", many);
	for (guint i = 0; i < MIN(places, SHOWN_PLACES); i++) {
		bool is_path = *e->places[i] == '/';

		g_string_append(page->out, "      ");
		iv_wrap_path(page->out, is_path ? "" : e->places[i], is_path ? e->places[i] : NULL,
			     "", 6, 8, page->columns);
	}
}

void iv_page_packed(IvPage *page, const IvCoverage *coverage)
{
	const IvPackedList *list = coverage->packed;
	g_autofree char *words = iv_covered_not_opened(coverage);

	g_string_append(page->out, "\nNOT OPENED  ");
	iv_page_line(page, 12, 2, "%c%s", g_ascii_toupper(*words), words + 1);
	if (list == NULL || list->entries->len == 0)
		return;
	g_string_append(page->out, "  ");
	iv_page_line(page, 2, 2, "Searched as stored bytes only; what is in it nobody has read.");
	for (guint i = 0; i < MIN(list->entries->len, SHOWN_ENTRIES); i++)
		one_entry(page, list->entries->pdata[i]);
	if (list->entries->len > SHOWN_ENTRIES)
		g_string_append_printf(page->out, "  and %u more kinds (--format json lists them)\n",
				       list->entries->len - SHOWN_ENTRIES);
}
