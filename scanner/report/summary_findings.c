/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * summary_findings.c - what was found, for people.  See summary.h.
 *
 * Findings that share severity, rule, reason and remedy are one group: said
 * once what it is, why it matters and what to do, then the places.
 */
#include <string.h>

#include "scanner/report/summary.h"
#include "scanner/report/wrap.h"

#define SHOWN_PER_GROUP 20u /* places listed of one group */

static const char *const colours[IV_SEVERITY_COUNT] = {
	[IV_SEVERITY_INFO] = "\033[2m",	     [IV_SEVERITY_LOW] = "\033[36m",
	[IV_SEVERITY_MEDIUM] = "\033[33m",   [IV_SEVERITY_HIGH] = "\033[31m",
	[IV_SEVERITY_CRITICAL] = IV_PAGE_BAD,
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

/* --- one finding ------------------------------------------------------------------- */

static const char *words_of_place(const IvFinding *f)
{
	for (guint i = 0; i < G_N_ELEMENTS(places); i++)
		if (g_strcmp0(f->place, places[i].place) == 0)
			return places[i].words;
	return NULL;
}

G_GNUC_PRINTF(3, 4)
static void append_part(GString *text, const char *between, const char *format, ...)
{
	va_list args;

	if (text->len > 0)
		g_string_append(text, between);
	va_start(args, format);
	g_string_append_vprintf(text, format, args);
	va_end(args);
}

/* Behind the path: "(line 8, byte 120)", "(extended attribute, byte 0; 3 times)".
 * Where the file itself is the finding, there is no position in it. */
static char *place_in_file(const IvFinding *f)
{
	g_autoptr(GString) text = g_string_new(words_of_place(f));

	if (f->line > 0)
		append_part(text, ", ", "line %" G_GUINT64_FORMAT, f->line);
	if (f->line > 0 || f->length > 0)
		append_part(text, ", ", "byte %" G_GUINT64_FORMAT, f->offset);
	if (f->occurrences > 1)
		append_part(text, "; ", "%" G_GUINT64_FORMAT " times", f->occurrences);
	return text->len > 0 ? g_strdup_printf("(%s)", text->str) : g_strdup("");
}

static char *place_on_disk(const IvFinding *f)
{
	GString *text = g_string_new(iv_page_text_or(words_of_place(f), "bytes"));

	if (f->disk_offset >= 0)
		append_part(text, " ", "(byte %" G_GINT64_FORMAT " of the disk", f->disk_offset);
	else
		append_part(text, " ", "(byte %" G_GUINT64_FORMAT, f->offset);
	if (f->occurrences > 1)
		append_part(text, "; ", "%" G_GUINT64_FORMAT " times", f->occurrences);
	g_string_append_c(text, ')');
	return g_string_free(text, FALSE);
}

/* "AKIA************ (20)" leaves open what the number is: "... (20 bytes)". */
static char *shown_secret(const IvFinding *f)
{
	const char *redacted = iv_page_text_or(f->redacted, "");
	g_autofree char *length = g_strdup_printf(" (%" G_GUINT64_FORMAT ")", f->length);

	if (!g_str_has_suffix(redacted, length))
		return g_strdup(redacted);
	return g_strdup_printf("%.*s %s)", (int)(strlen(redacted) - 1), redacted,
			       iv_page_plural(f->length, "byte", "bytes"));
}

static void one_finding(IvPage *page, const IvFinding *f)
{
	g_autofree char *after = f->path != NULL ? place_in_file(f) : place_on_disk(f);
	g_autofree char *secret = shown_secret(f);

	g_string_append(page->out, "    ");
	iv_wrap_path(page->out, iv_page_text_or(f->volume, "?"), f->path, after, 4, 6, page->columns);
	g_string_append(page->out, "      ");
	iv_page_line(page, 6, 6, "%s %s", iv_page_text_or(f->fingerprint, "no fingerprint"), secret);
}

/* --- groups ------------------------------------------------------------------------- */

static void group_head(IvPage *page, const IvFinding *f, guint n)
{
	g_autofree char *tag = g_ascii_strup(iv_severity_name(f->severity), -1);

	g_string_append_c(page->out, '\n');
	iv_page_painted(page, colours[f->severity], tag);
	g_string_append(page->out, "  ");
	iv_page_line(page, (int)strlen(tag) + 2, 2, "%s (%u %s)",
		     iv_page_text_or(f->name, iv_page_text_or(f->rule, "?")), n,
		     iv_page_plural(n, "finding", "findings"));
	if (f->reason != NULL && *f->reason != '\0') {
		g_string_append(page->out, "  ");
		iv_page_line(page, 2, 2, "%s", f->reason);
	}
}

static void group_foot(IvPage *page, const IvFinding *f)
{
	g_autofree char *controls =
		f->controls != NULL && *f->controls != NULL ? g_strjoinv(", ", f->controls) : NULL;

	if (f->remediation != NULL && *f->remediation != '\0') {
		g_string_append(page->out, "  ");
		iv_page_line(page, 2, 9, "To do: %s", f->remediation);
	}
	g_string_append(page->out, "  Rule:  ");
	iv_page_line(page, 9, 9, "%s%s%s", iv_page_text_or(f->rule, "?"),
		     controls != NULL ? "; controls: " : "", controls != NULL ? controls : "");
}

static void group(IvPage *page, const GPtrArray *sorted, guint first, guint n)
{
	group_head(page, sorted->pdata[first], n);
	for (guint i = 0; i < MIN(n, SHOWN_PER_GROUP); i++)
		one_finding(page, sorted->pdata[first + i]);
	if (n > SHOWN_PER_GROUP)
		g_string_append_printf(page->out, "    and %u more (--format json lists all)\n",
				       n - SHOWN_PER_GROUP);
	group_foot(page, sorted->pdata[first]);
}

void iv_page_findings(IvPage *page, const GPtrArray *findings)
{
	g_autoptr(GPtrArray) sorted = g_ptr_array_new();

	for (guint i = 0; i < findings->len; i++)
		g_ptr_array_add(sorted, findings->pdata[i]);
	g_ptr_array_sort(sorted, group_order);
	for (guint i = 0, n; i < sorted->len; i += n) {
		for (n = 1; i + n < sorted->len; n++)
			if (group_compare(&sorted->pdata[i], &sorted->pdata[i + n]) != 0)
				break;
		group(page, sorted, i, n);
	}
}
