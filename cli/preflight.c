/* SPDX-License-Identifier: GPL-3.0-or-later */
/* preflight.c - see preflight.h */
#include "cli/preflight.h"

#include <string.h>

#include "scanner/base/text.h"
#include "scanner/report/wrap.h"

/* Where the texts begin: "  unknown  ". */
#define INDENT 11

/* Red refuses, yellow deserves a look; the word alone says it too. */
static const char *paint(const IvPreflightLine *line)
{
	if (line->blocks)
		return "\033[1;31m";
	return line->answer == IV_ANSWER_YES ? "\033[32m" : "\033[1;33m";
}

static void append_answer(GString *text, const IvPreflightLine *line, bool colour)
{
	g_autofree char *word = g_strdup_printf("%-7s", iv_answer_word(line->answer));

	if (colour)
		g_string_append_printf(text, "  %s%s\033[0m  ", paint(line), word);
	else
		g_string_append_printf(text, "  %s  ", word);
}

/* A sentence, then lines that are there to be copied: not wrapped. */
static void append_remedy(GString *text, const char *remedy, int columns)
{
	g_auto(GStrv) lines = g_strsplit(remedy, "\n", -1);

	g_string_append_printf(text, "%*s-> ", INDENT, "");
	iv_wrap(text, lines[0], INDENT + 3, INDENT + 3, columns);
	for (guint i = 1; lines[i] != NULL; i++) {
		g_autofree char *line = iv_text_one_line(lines[i]);
		const char *start = line + strspn(line, " ");

		/* Leading spaces are the remedy's own layout. */
		g_string_append_printf(text, "%*s%s\n", INDENT + (int)strspn(lines[i], " "), "",
				       start);
	}
}

static guint count(const IvPreflight *preflight, bool blocks)
{
	guint found = 0;

	for (guint i = 0; i < preflight->lines->len; i++) {
		const IvPreflightLine *line = preflight->lines->pdata[i];

		found += blocks ? line->blocks : line->answer == IV_ANSWER_UNKNOWN;
	}
	return found;
}

static void append_sum(GString *text, const IvPreflight *preflight)
{
	guint blocking = count(preflight, true), unknown = count(preflight, false);

	if (blocking > 0)
		g_string_append_printf(text, "preflight: no, for %u reason%s\n", blocking,
				       blocking == 1 ? "" : "s");
	else if (unknown > 0)
		g_string_append_printf(text, "preflight: nothing speaks against it; %u answer%s not known\n",
				       unknown, unknown == 1 ? " is" : "s are");
	else
		g_string_append(text, "preflight: yes\n");
}

char *cli_preflight_text(const IvPreflight *preflight, int columns, bool colour)
{
	GString *text = g_string_new("preflight:\n");

	for (guint i = 0; i < preflight->lines->len; i++) {
		const IvPreflightLine *line = preflight->lines->pdata[i];

		append_answer(text, line, colour);
		iv_wrap(text, line->text, INDENT, INDENT, columns);
		if (line->remedy != NULL)
			append_remedy(text, line->remedy, columns);
	}
	append_sum(text, preflight);
	return g_string_free(text, FALSE);
}
