/*
 * summary.c - a report for a terminal.  See report.h.
 *
 * Findings that share severity, rule, reason and remedy are one group: said
 * once what it is, why it matters and what to do, then the places.
 */
#include <string.h>

#include "scanner/base/text.h"
#include "scanner/report/report.h"
#include "scanner/report/wrap.h"

#define SHOWN_PER_GROUP 20u /* places listed of one group */
#define SHOWN_MISSES	20u /* places listed that were not looked at */
#define LABEL		12  /* columns of "  Findings  " */

typedef struct {
	GString *out;
	int columns;
	bool colour;
} Page;

static const char *const colours[IV_SEVERITY_COUNT] = {
	[IV_SEVERITY_INFO] = "\033[2m",	     [IV_SEVERITY_LOW] = "\033[36m",
	[IV_SEVERITY_MEDIUM] = "\033[33m",   [IV_SEVERITY_HIGH] = "\033[31m",
	[IV_SEVERITY_CRITICAL] = "\033[1;31m",
};

static const struct {
	const char *place, *words;
} places[] = {
	{"slack", "slack behind the file's end"},
	{"symlink", "target of the symbolic link"},
	{"xattr", "extended attribute"},
	{"free", "free space"},
	{"metadata", "file system metadata"},
	{"raw", "bytes that belong to no file"},
};

G_GNUC_PRINTF(4, 5)
static void line(Page *page, int at, int indent, const char *format, ...)
{
	g_autofree char *text = NULL;
	va_list args;

	va_start(args, format);
	text = g_strdup_vprintf(format, args);
	va_end(args);
	iv_wrap(page->out, text, at, indent, page->columns);
}

static void label(Page *page, const char *name, const char *text)
{
	g_string_append_printf(page->out, "  %-*s", LABEL - 2, name);
	iv_wrap(page->out, text, LABEL, LABEL, page->columns);
}

static const char *plural(uint64_t n, const char *one, const char *many)
{
	return n == 1 ? one : many;
}

static const char *text_or(const char *text, const char *other)
{
	return text != NULL && *text != '\0' ? text : other;
}

/* --- the head --------------------------------------------------------------------- */

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

static uint64_t unread_bytes(const IvCoverage *coverage)
{
	uint64_t sum = 0;

	for (guint i = 0; i < coverage->volumes->len; i++) {
		const IvCoverageVolume *v = coverage->volumes->pdata[i];

		if (__builtin_add_overflow(sum, v->unread, &sum))
			return UINT64_MAX;
	}
	return sum;
}

static void head_scan(Page *page, const IvReport *report)
{
	g_autoptr(GDateTime) when = g_date_time_new_from_unix_utc(report->run_finished);
	g_autofree char *date = when != NULL ? g_date_time_format(when, "%Y-%m-%d %H:%M:%S UTC")
					     : g_strdup("at an unknown time");
	g_autofree char *bytes = iv_text_size(report->run_bytes);
	g_autofree char *text = NULL;

	if (report->run_finished <= 0)
		return;
	text = g_strdup_printf("%s, %s searched in %" G_GINT64_FORMAT " s, imgvet %s", date, bytes,
			       MAX(report->run_finished - report->run_started, 0),
			       text_or(report->run_version, "of an unknown version"));
	label(page, "Scanned", text);
}

static void head_results(Page *page, const IvReport *report)
{
	g_autofree char *counts = counts_text(report);
	g_autofree char *unread = iv_text_size(unread_bytes(report->coverage));
	g_autofree char *missing = NULL;

	label(page, "Findings", *counts != '\0' ? counts : "none");
	if (report->coverage->complete) {
		label(page, "Coverage", "complete");
		return;
	}
	missing = g_strdup_printf("INCOMPLETE: at least %s not looked at, see below", unread);
	label(page, "Coverage",
	      unread_bytes(report->coverage) > 0 ? missing
						 : "INCOMPLETE: not everything was looked at, see below");
}

static void head(Page *page, const IvReport *report)
{
	bool tree = g_strcmp0(report->format, "tree") == 0;
	g_autofree char *size = iv_text_size(report->size);
	g_autofree char *image = NULL, *rules = NULL;

	line(page, 0, 2, "%s", text_or(report->run_image, "(an image without a name)"));
	g_string_append_c(page->out, '\n');
	image = tree ? g_strdup_printf("folder, %s of files", size)
		     : g_strdup_printf("%s, %s, partition table: %s",
				       text_or(report->format, "unknown format"), size,
				       text_or(report->table, "unknown"));
	label(page, "Image", image);
	label(page, "Digest", text_or(report->digest, "none (a folder has no disk to digest)"));
	rules = g_strdup_printf("%" G_GUINT64_FORMAT " %s, %s", report->rules_count,
				plural(report->rules_count, "rule", "rules"),
				text_or(report->rules_digest, "digest unknown"));
	label(page, "Rules", rules);
	head_scan(page, report);
	head_results(page, report);
}

/* --- findings ---------------------------------------------------------------------- */

static int group_compare(gconstpointer a, gconstpointer b)
{
	const IvFinding *x = *(const IvFinding *const *)a, *y = *(const IvFinding *const *)b;
	int order;

	if (x->severity != y->severity)
		return x->severity > y->severity ? -1 : 1;
	if ((order = g_strcmp0(x->rule, y->rule)) != 0 ||
	    (order = g_strcmp0(x->name, y->name)) != 0 ||
	    (order = g_strcmp0(x->reason, y->reason)) != 0)
		return order;
	return g_strcmp0(x->remediation, y->remediation);
}

static int group_order(gconstpointer a, gconstpointer b)
{
	int order = group_compare(a, b);

	return order != 0 ? order : iv_finding_compare(a, b);
}

static char *where(const IvFinding *f)
{
	GString *text = g_string_new(text_or(f->volume, "?"));
	const char *words = NULL;

	for (guint i = 0; i < G_N_ELEMENTS(places); i++)
		if (g_strcmp0(f->place, places[i].place) == 0)
			words = places[i].words;
	if (f->path != NULL)
		g_string_append_printf(text, " %s", f->path);
	if (f->path != NULL && f->line > 0)
		g_string_append_printf(text, ":%" G_GUINT64_FORMAT, f->line);
	if (words != NULL)
		g_string_append_printf(text, f->path != NULL ? " (%s)" : " %s", words);
	if (f->path == NULL && f->disk_offset >= 0)
		g_string_append_printf(text, ", byte %" G_GINT64_FORMAT " of the disk", f->disk_offset);
	else if (f->path == NULL)
		g_string_append_printf(text, ", byte %" G_GUINT64_FORMAT, f->offset);
	return g_string_free(text, FALSE);
}

static void one_finding(Page *page, const IvFinding *f)
{
	g_autofree char *place = where(f);
	g_autofree char *times =
		f->occurrences > 1 ? g_strdup_printf("  %" G_GUINT64_FORMAT " times", f->occurrences)
				   : g_strdup("");

	g_string_append(page->out, "    ");
	line(page, 4, 6, "%s", place);
	g_string_append(page->out, "      ");
	line(page, 6, 6, "%s  %s%s", text_or(f->fingerprint, "no fingerprint"),
	     text_or(f->redacted, ""), times);
}

static void group_head(Page *page, const IvFinding *f, guint n)
{
	g_autofree char *tag = g_ascii_strup(iv_severity_name(f->severity), -1);

	g_string_append_c(page->out, '\n');
	if (page->colour)
		g_string_append_printf(page->out, "%s%s\033[0m  ", colours[f->severity], tag);
	else
		g_string_append_printf(page->out, "%s  ", tag);
	line(page, (int)strlen(tag) + 2, 2, "%s (%u %s)", text_or(f->name, text_or(f->rule, "?")), n,
	     plural(n, "finding", "findings"));
}

static void group(Page *page, GPtrArray *sorted, guint first, guint n)
{
	const IvFinding *f = sorted->pdata[first];
	g_autofree char *controls = f->controls != NULL ? g_strjoinv(", ", f->controls) : NULL;

	group_head(page, f, n);
	if (f->reason != NULL && *f->reason != '\0') {
		g_string_append(page->out, "  ");
		line(page, 2, 2, "%s", f->reason);
	}
	for (guint i = 0; i < MIN(n, SHOWN_PER_GROUP); i++)
		one_finding(page, sorted->pdata[first + i]);
	if (n > SHOWN_PER_GROUP)
		g_string_append_printf(page->out, "    and %u more (--format json lists all)\n",
				       n - SHOWN_PER_GROUP);
	if (f->remediation != NULL && *f->remediation != '\0') {
		g_string_append(page->out, "  ");
		line(page, 2, 9, "To do: %s", f->remediation);
	}
	g_string_append(page->out, "  ");
	line(page, 2, 9, "Rule:  %s%s%s", text_or(f->rule, "?"),
	     text_or(controls, "") [0] != '\0' ? "; controls: " : "", text_or(controls, ""));
}

static void findings(Page *page, const IvReport *report)
{
	g_autoptr(GPtrArray) sorted = g_ptr_array_new();

	for (guint i = 0; i < report->findings->len; i++)
		g_ptr_array_add(sorted, report->findings->pdata[i]);
	g_ptr_array_sort(sorted, group_order);
	for (guint i = 0, n; i < sorted->len; i += n) {
		for (n = 1; i + n < sorted->len; n++)
			if (group_compare(&sorted->pdata[i], &sorted->pdata[i + n]) != 0)
				break;
		group(page, sorted, i, n);
	}
}

/* --- coverage ----------------------------------------------------------------------- */

static void missed_volume(Page *page, const IvCoverageVolume *v)
{
	g_autofree char *bytes = iv_text_size(v->bytes);
	g_autofree char *unread = iv_text_size(v->unread);

	g_string_append(page->out, "  ");
	if (v->unread >= v->bytes || v->unread == 0)
		line(page, 2, 4, "%s (%s, %s): %s", text_or(v->volume, "?"),
		     text_or(v->kind, "unknown"), bytes, text_or(v->reason, "no reason is recorded"));
	else
		line(page, 2, 4, "%s (%s), %s of %s: %s", text_or(v->volume, "?"),
		     text_or(v->kind, "unknown"), unread, bytes,
		     text_or(v->reason, "no reason is recorded"));
}

/* Is this the range whose reason the volume's own line has given already? */
static bool said_above(const IvCoverage *coverage, const IvCoverageMiss *m)
{
	for (guint i = 0; m->path == NULL && i < coverage->volumes->len; i++) {
		const IvCoverageVolume *v = coverage->volumes->pdata[i];

		if (g_strcmp0(v->volume, m->volume) == 0 && g_strcmp0(v->reason, m->reason) == 0)
			return true;
	}
	return false;
}

static void missed_places(Page *page, const IvCoverage *coverage)
{
	uint64_t shown = 0, more = coverage->misses_dropped;

	for (guint i = 0; i < coverage->misses->len; i++) {
		const IvCoverageMiss *m = coverage->misses->pdata[i];
		g_autofree char *bytes = iv_text_size(m->bytes);

		if (said_above(coverage, m))
			continue;
		if (shown == SHOWN_MISSES) {
			more++;
			continue;
		}
		shown++;
		g_string_append(page->out, "    ");
		line(page, 4, 6, "%s %s (%s): %s", text_or(m->volume, "image"), text_or(m->path, ""),
		     bytes, text_or(m->reason, "no reason is recorded"));
	}
	if (more > 0)
		g_string_append_printf(page->out, "    and %" G_GUINT64_FORMAT " more places\n", more);
}

static void coverage_part(Page *page, const IvCoverage *coverage)
{
	if (!coverage->complete) {
		g_string_append(page->out, "\nNot looked at\n");
		for (guint i = 0; i < coverage->volumes->len; i++) {
			const IvCoverageVolume *v = coverage->volumes->pdata[i];

			if (!v->complete)
				missed_volume(page, v);
		}
		missed_places(page, coverage);
	}
	if (coverage->notes->len > 0)
		g_string_append(page->out, "\nNotes\n");
	for (guint i = 0; i < coverage->notes->len; i++) {
		g_string_append(page->out, "  ");
		line(page, 2, 4, "%s", (const char *)coverage->notes->pdata[i]);
	}
}

static void result(Page *page, const IvReport *report)
{
	g_autofree char *counts = counts_text(report);
	bool complete = report->coverage->complete;

	g_string_append_c(page->out, '\n');
	if (*counts != '\0')
		line(page, 0, 2, "Result: %u %s (%s)%s", report->findings->len,
		     plural(report->findings->len, "finding", "findings"), counts,
		     complete ? "; everything was looked at."
			      : "; not everything was looked at, so there may be more.");
	else
		line(page, 0, 2, "%s",
		     complete ? "Result: no findings; everything was looked at."
			      : "Result: no findings in what was looked at, but not everything was: "
				"the image is not known to be clean.");
}

char *iv_report_summary(const IvReport *report, int columns, bool colour)
{
	Page page = {g_string_new(NULL), columns <= 0 ? 80 : CLAMP(columns, 40, 120), colour};

	head(&page, report);
	findings(&page, report);
	coverage_part(&page, report->coverage);
	result(&page, report);
	return g_string_free(page.out, FALSE);
}
