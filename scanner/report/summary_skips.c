/* SPDX-License-Identifier: GPL-3.0-or-later */
/* summary_skips.c - the table of what a scan passed over, for a terminal; see report.h */
#include <string.h>

#include "scanner/base/skip.h"
#include "scanner/report/summary.h"
#include "scanner/report/wrap.h"

#define COUNT  12 /* columns */
#define REASON 16
#define WORDS  (COUNT + 2 + REASON + 2)

static void one_reason(IvPage *page, const IvReportSkip *skip)
{
	const IvSkipKind *kind = iv_skip_find(skip->reason);
	g_autofree char *count = g_strdup_printf("%" G_GUINT64_FORMAT, skip->count);

	iv_wrap_cell(page->out, count, COUNT, TRUE);
	iv_wrap_cell(page->out, skip->reason, REASON, FALSE);
	iv_page_line(page, WORDS, WORDS, "%s",
		     kind != NULL ? kind->words : "a reason that this imgvet does not know");
}

/* The heading of an account that this imgvet knows, or the account itself. */
static const char *heading(const char *account)
{
	for (unsigned i = 0; i < IV_SKIP_COUNT; i++) {
		IvSkipAccount known = iv_skip_kind((IvSkip)i)->account;

		if (strcmp(iv_skip_account_name(known), account) == 0)
			return iv_skip_account_words(known);
	}
	return account;
}

/* A report lists the reasons by account. */
static void all_reasons(IvPage *page, const GPtrArray *skips)
{
	const char *last = "";

	for (guint i = 0; i < skips->len; i++) {
		const IvReportSkip *skip = skips->pdata[i];

		if (strcmp(skip->account, last) != 0) {
			g_string_append(page->out, "  ");
			iv_page_line(page, 2, 4, "%s", heading(skip->account));
		}
		last = skip->account;
		one_reason(page, skip);
	}
}

char *iv_report_explain_skips(const IvReport *report, int columns, bool colour)
{
	IvPage page = {g_string_new("\n"), columns <= 0 ? 80 : CLAMP(columns, 40, 120), colour};

	g_string_append(page.out, "PASSED OVER  Every decision not to look, and what becomes of it\n");
	if (report->run_skips == NULL)
		g_string_append(page.out, "  the report does not say: its imgvet did not count\n");
	else if (report->run_skips->len == 0)
		g_string_append(page.out, "  nothing was passed over\n");
	else
		all_reasons(&page, report->run_skips);
	return g_string_free(page.out, FALSE);
}
