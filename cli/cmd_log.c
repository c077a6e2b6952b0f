/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd_log.c - imgvet log: the ledger, its chain checked. */
#include <string.h>

#include "cli/cli.h"
#include "scanner/base/text.h"
#include "scanner/report/report.h"
#include "share/ledger/ledger.h"

static char *ledger_file;
static gboolean as_json;

static const GOptionEntry entries[] = {
	{"ledger", 0, 0, G_OPTION_ARG_FILENAME, &ledger_file,
	 "The ledger (default: $IMGVET_LEDGER, else imgvet/ledger.db in the XDG data folder)",
	 "FILE"},
	{"json", 0, 0, G_OPTION_ARG_NONE, &as_json, "Print JSON, times in ISO 8601", NULL},
	{NULL}};

static const char about[] =
	"Show the record of scans, clearances, verdicts and calls, and check its chain: a\n"
	"line that was changed, removed or cut off shows. A call that began and has no end\n"
	"is marked: ask the cloud what became of it.";
static const char more[] = "Exit codes: 0 the chain is whole, 1 it is broken, 3 could not read it.";

/* What one look at the ledger gathers. */
typedef struct {
	GString *text; /* for people, or */
	cJSON *lines;  /* a JSON array */
	guint count, broken, open;
} Log;

static char *time_text(gint64 when, const char *format)
{
	g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(when);

	return time != NULL ? g_date_time_format(time, format) : g_strdup("?");
}

static char *field(const cJSON *value)
{
	char *printed, *copy;

	if (cJSON_IsString(value))
		return iv_text_printable(value->valuestring, -1);
	printed = cJSON_PrintUnformatted(value);
	copy = g_strdup(printed != NULL ? printed : "?");
	cJSON_free(printed);
	return copy;
}

static const char *const wide[] = {"reasons", "report_digest", "digest", "when", NULL};

/* The detail as "key=value" pairs; long values are shown by --json only. */
static void append_detail(GString *text, const char *detail)
{
	g_autoptr(cJSON) json = cJSON_Parse(detail);
	const cJSON *item = NULL;

	cJSON_ArrayForEach(item, json)
	{
		g_autofree char *value = NULL;
		g_autofree char *key = iv_text_printable(item->string ? item->string : "", -1);

		if (g_strv_contains(wide, key))
			continue;
		value = field(item);
		g_string_append_printf(text, "%s%s=%s", text->len > 0 ? " " : "", key, value);
	}
}

static void add_text(Log *log, const IvLedgerLine *line)
{
	g_autofree char *when = time_text(line->when, "%Y-%m-%d %H:%M:%S");
	g_autofree char *who = iv_text_printable(line->who, -1);
	g_autofree char *kind = iv_text_printable(line->kind, -1);
	g_autofree char *digest = iv_text_printable(line->digest, -1);
	g_autoptr(GString) detail = g_string_new(NULL);

	append_detail(detail, line->detail);
	g_string_append_printf(log->text, "%4" G_GINT64_FORMAT "  %s  %-10s  %s\n", line->id, when,
			       kind, who);
	if (*digest != '\0')
		g_string_append_printf(log->text, "      %s\n", digest);
	if (detail->len > 0)
		g_string_append_printf(log->text, "      %s\n", detail->str);
	if (line->open)
		g_string_append(log->text,
				"      !! OPEN CALL: it began, and no end is recorded; ask "
				"the cloud what became of it\n");
	if (!line->chain_ok)
		g_string_append(log->text,
				"      !! BROKEN CHAIN: this line, or the one before it, "
				"is not what was recorded\n");
}

static void add_json(Log *log, const IvLedgerLine *line)
{
	cJSON *item = cJSON_CreateObject();
	g_autofree char *when = time_text(line->when, "%Y-%m-%dT%H:%M:%SZ");
	cJSON *detail = cJSON_Parse(line->detail);

	cJSON_AddNumberToObject(item, "id", (double)line->id);
	cJSON_AddStringToObject(item, "when", when);
	cJSON_AddStringToObject(item, "kind", line->kind);
	cJSON_AddStringToObject(item, "who", line->who);
	cJSON_AddStringToObject(item, "digest", line->digest);
	cJSON_AddItemToObject(item, "detail", detail != NULL ? detail : cJSON_CreateNull());
	cJSON_AddBoolToObject(item, "chain_ok", line->chain_ok);
	cJSON_AddBoolToObject(item, "open", line->open);
	cJSON_AddItemToArray(log->lines, item);
}

static bool add_line(void *user, const IvLedgerLine *line)
{
	Log *log = user;

	log->count++;
	log->broken += !line->chain_ok;
	log->open += line->open;
	if (log->lines != NULL)
		add_json(log, line);
	else
		add_text(log, line);
	return true;
}

static bool print(Log *log)
{
	g_autofree char *text = NULL;

	if (log->lines == NULL)
		return cli_print(log->text->str);
	text = iv_report_text(log->lines);
	return cli_print(text);
}

static int show(Log *log)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(IvLedger) ledger = iv_ledger_open(ledger_file, &error);

	if (ledger == NULL)
		return cli_error(error);
	/* What could be read is shown first, even when the ledger is damaged; then the error. */
	iv_ignore(iv_ledger_each(ledger, add_line, log, &error));
	if (!print(log))
		return IV_EXIT_UNFINISHED;
	if (log->open > 0)
		cli_warn("%u call%s began and never ended: ask the cloud what became of %s",
			 log->open, log->open == 1 ? "" : "s", log->open == 1 ? "it" : "them");
	if (log->broken > 0)
		cli_warn("the chain of the ledger is broken in %u place%s", log->broken,
			 log->broken == 1 ? "" : "s");
	if (error != NULL)
		return cli_error(error);
	return log->broken > 0 ? IV_EXIT_NO : IV_EXIT_YES;
}

int cmd_log(int argc, char **argv)
{
	Log log = {0};
	g_autofree char *path = NULL;
	int code;

	if (!cli_options(&argc, &argv, entries, NULL, about, more, &code))
		return code;
	if (argc != 1)
		return cli_usage_error("log", "imgvet log takes no arguments");
	path = iv_ledger_path(ledger_file);
	/* Reading does not create a ledger; one that the user named must exist. */
	if (!g_file_test(path, G_FILE_TEST_EXISTS)) {
		g_autoptr(GError) error = NULL;

		if (ledger_file == NULL) {
			cli_say("there is no ledger yet at %s", path);
			return !as_json || cli_print("[]\n") ? IV_EXIT_YES : IV_EXIT_UNFINISHED;
		}
		iv_fail(&error, IV_ERROR_IO, "%s: there is no such ledger", path);
		return cli_error(error);
	}
	log.text = g_string_new(NULL);
	log.lines = as_json ? cJSON_CreateArray() : NULL;
	code = show(&log);
	g_string_free(log.text, TRUE);
	cJSON_Delete(log.lines);
	return code;
}
