/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd_report.c - imgvet report: show a report that was written before */
#include <unistd.h>

#include "cli/cli.h"
#include "scanner/report/report.h"

static gboolean explain_skips;

static char *as_text(const cJSON *json, const IvReport *report)
{
	int columns = cli_columns(STDOUT_FILENO);
	bool colour = cli_colour(STDOUT_FILENO);
	g_autofree char *summary = iv_report_summary(report, columns, colour), *skips = NULL;

	if (!explain_skips)
		return g_steal_pointer(&summary);
	skips = iv_report_explain_skips(report, columns, colour);
	return g_strconcat(summary, skips, NULL);
}

static char *as_json(const cJSON *json, const IvReport *report)
{
	return iv_report_text(json);
}

static const struct {
	const char *name;
	char *(*write)(const cJSON *json, const IvReport *report);
} formats[] = {
	{"text", as_text},
	{"json", as_json},
};

static int unknown_format(const char *name)
{
	g_autoptr(GString) known = g_string_new(NULL);

	for (guint i = 0; i < G_N_ELEMENTS(formats); i++)
		g_string_append_printf(known, "%s%s", i > 0 ? ", " : "", formats[i].name);
	return cli_usage_error("report", "unknown format \"%s\"; known formats: %s", name, known->str);
}

static int show(const char *path, guint format)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(IvReport) report = NULL;
	g_autofree char *text = NULL;
	cJSON *json = iv_report_load(path, &error);

	if (json != NULL) {
		report = iv_report_from_json(json, &error);
		if (report == NULL)
			g_prefix_error(&error, "%s: ", path);
		else
			text = formats[format].write(json, report);
		cJSON_Delete(json);
	}
	if (text == NULL)
		return error != NULL ? cli_error(error) : IV_EXIT_UNFINISHED;
	return cli_print(text) ? IV_EXIT_YES : IV_EXIT_UNFINISHED;
}

int cmd_report(int argc, char **argv)
{
	g_autofree char *name = NULL;
	const GOptionEntry entries[] = {
		{"format", 'f', 0, G_OPTION_ARG_STRING, &name, "text (default) or json", "FORMAT"},
		{"explain-skips", 0, 0, G_OPTION_ARG_NONE, &explain_skips,
		 "List behind the text each decision not to look, and what becomes of it", NULL},
		{NULL},
	};
	int exit_code;
	guint format = 0;

	if (!cli_options(&argc, &argv, entries, "REPORT",
			 "Show a report that imgvet scan wrote.",
			 "The signature is not checked here; imgvet gate does that.\n\n"
			 "Exit codes: 0 shown, 2 wrong usage, 3 the report cannot be read.",
			 &exit_code))
		return exit_code;
	if (argc != 2)
		return cli_usage_error("report", "name one report");
	while (name != NULL && format < G_N_ELEMENTS(formats) &&
	       g_strcmp0(formats[format].name, name) != 0)
		format++;
	if (format == G_N_ELEMENTS(formats))
		return unknown_format(name);
	return show(argv[1], format);
}
