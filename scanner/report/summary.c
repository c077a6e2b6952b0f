/* SPDX-License-Identifier: GPL-3.0-or-later */
/* summary.c - a report for a terminal: its head and its end.  See report.h. */
#include "scanner/report/summary.h"

#include "scanner/base/text.h"
#include "scanner/finding/covered.h"
#include "scanner/report/origin.h"
#include "scanner/report/wrap.h"

#define LABEL 13 /* columns of "  Signature  " */

static void label(IvPage *page, const char *name, const char *text)
{
	g_string_append_printf(page->out, "  %-*s", LABEL - 2, name);
	iv_wrap(page->out, text, LABEL, LABEL, page->columns);
}

/* --- the head --------------------------------------------------------------------- */

/* "12 critical, 1 low", or "" when there is no finding. */
static char *counts_text(const IvReport *report)
{
	GString *text = g_string_new(NULL);
	guint counts[IV_SEVERITY_COUNT] = {0};

	for (guint i = 0; i < report->findings->len; i++)
		counts[((const IvFinding *)report->findings->pdata[i])->severity]++;
	for (int s = IV_SEVERITY_COUNT - 1; s >= 0; s--)
		if (counts[s] > 0)
			g_string_append_printf(text, "%s%u %s", text->len > 0 ? ", " : "", counts[s],
					       iv_severity_name((IvSeverity)s));
	return g_string_free(text, FALSE);
}

/* Times are whole seconds, so a rate means something only from one second on. */
static char *rate_text(const IvReport *report)
{
	gint64 seconds = report->run_finished - report->run_started;
	g_autofree char *rate = NULL;

	if (seconds < 1)
		return g_strdup("");
	rate = iv_text_size(report->run_bytes / (uint64_t)seconds);
	return g_strdup_printf(" in %" G_GINT64_FORMAT " s (%s/s)", seconds, rate);
}

static void head_scan(IvPage *page, const IvReport *report)
{
	g_autoptr(GDateTime) when = g_date_time_new_from_unix_utc(report->run_finished);
	g_autofree char *date = when != NULL ? g_date_time_format(when, "%Y-%m-%d %H:%M:%S UTC")
					     : g_strdup("at an unknown time");
	g_autofree char *bytes = iv_text_size(report->run_bytes);
	g_autofree char *rate = rate_text(report), *text = NULL;

	if (report->run_finished <= 0)
		return;
	text = g_strdup_printf("%s by imgvet %s, %s of data%s", date,
			       iv_page_text_or(report->run_version, "of an unknown version"), bytes,
			       rate);
	label(page, "Scanned", text);
}

/* Who signed is for the gate to judge; here it is only what the file says. */
static void head_signature(IvPage *page, const IvReport *report)
{
	const cJSON *key = cJSON_GetObjectItemCaseSensitive(report->signature, "key");
	g_autofree char *text = NULL;

	if (report->signature == NULL)
		return;
	text = g_strdup_printf("%s (checked by imgvet gate, not here)",
			       iv_page_text_or(cJSON_GetStringValue(key), "by an unknown key"));
	label(page, "Signature", text);
}

/* Whether it proves anything is for the gate to judge as well. */
static void head_origin(IvPage *page, const IvReport *report)
{
	g_autoptr(IvOrigin) origin =
		report->origin != NULL ? iv_origin_from_json(report->origin, NULL) : NULL;
	g_autofree char *text = NULL;

	if (origin == NULL)
		return;
	text = g_strdup_printf("%s in %s, by %s (checked by imgvet gate, not here)",
			       iv_page_text_or(origin->image_id, "an image without an id"),
			       iv_page_text_or(origin->region, "an unknown region"), origin->way);
	label(page, "Origin", text);
}

static void head_coverage(IvPage *page, const IvCoverage *coverage)
{
	uint64_t unread = iv_page_unread(coverage);
	g_autofree char *size = iv_text_size(unread);

	g_string_append_printf(page->out, "  %-*s", LABEL - 2, "Coverage");
	if (coverage->complete) {
		g_string_append(page->out, "complete\n");
		return;
	}
	iv_page_painted(page, IV_PAGE_WARN, "INCOMPLETE");
	if (unread > 0)
		iv_page_line(page, LABEL + 10, LABEL, ": at least %s missed, see below", size);
	else
		iv_page_line(page, LABEL + 10, LABEL, ": something was not looked at, see below");
}

static void head(IvPage *page, const IvReport *report)
{
	bool tree = g_strcmp0(report->format, "tree") == 0;
	g_autofree char *size = iv_text_size(report->size), *counts = counts_text(report);
	g_autofree char *image = NULL, *rules = NULL;

	iv_page_line(page, 0, 2, "%s",
		     iv_page_text_or(report->run_image, "(an image without a name)"));
	g_string_append_c(page->out, '\n');
	image = tree ? g_strdup_printf("folder, %s of files", size)
		     : g_strdup_printf("%s, %s, partition table: %s",
				       iv_page_text_or(report->format, "unknown format"), size,
				       iv_page_text_or(report->table, "unknown"));
	label(page, "Image", image);
	label(page, "Digest",
	      iv_page_text_or(report->digest, "none (a folder has no disk to digest)"));
	head_origin(page, report);
	rules = g_strdup_printf("%" G_GUINT64_FORMAT " %s, %s", report->rules_count,
				iv_page_plural(report->rules_count, "rule", "rules"),
				iv_page_text_or(report->rules_digest, "digest unknown"));
	label(page, "Rules", rules);
	head_scan(page, report);
	head_signature(page, report);
	label(page, "Findings", iv_page_text_or(counts, "none"));
	head_coverage(page, report->coverage);
}

/* --- the end ----------------------------------------------------------------------- */

/* Behind the findings: what the search covered, and what it did not. */
static char *covered(const IvReport *report, bool found)
{
	g_autofree char *sentence = NULL;

	if (!report->coverage->complete)
		return g_strdup(found ? "something was not looked at, so there may be more."
				      : "no findings in what was looked at, but not all of the image "
					"was: it is not known to be clean.");
	sentence = iv_covered_sentence(report->coverage);
	return g_strdup_printf("%s%s.", found ? "" : "no findings: ", sentence);
}

static void result(IvPage *page, const IvReport *report)
{
	g_autofree char *counts = counts_text(report);
	bool complete = report->coverage->complete, found = *counts != '\0';
	g_autofree char *cover = covered(report, found);

	g_string_append_c(page->out, '\n');
	iv_page_painted(page, found ? IV_PAGE_BAD : complete ? IV_PAGE_GOOD : IV_PAGE_WARN, "Result:");
	g_string_append_c(page->out, ' ');
	if (!found) {
		iv_page_line(page, 8, 8, "%s", cover);
		return;
	}
	iv_page_line(page, 8, 8, "%u %s (%s); %s", report->findings->len,
		     iv_page_plural(report->findings->len, "finding", "findings"), counts, cover);
	g_string_append(page->out, "Next:   ");
	iv_page_line(page, 8, 8, "%s",
		     "remove or replace what was found and scan again. To accept a finding, give "
		     "its 32 digits to");
	g_string_append(page->out,
			"        imgvet clear REPORT DIGITS --reason TEXT --by WHO --expires DATE\n");
}

char *iv_report_summary(const IvReport *report, int columns, bool colour)
{
	IvPage page = {g_string_new(NULL), columns <= 0 ? 80 : CLAMP(columns, 40, 120), colour};

	head(&page, report);
	iv_page_findings(&page, report->findings);
	iv_page_coverage(&page, report->coverage);
	result(&page, report);
	return g_string_free(page.out, FALSE);
}
