/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd_gate.c - imgvet gate: judge a report, and say every reason. */
#include <string.h>

#include "cli/cli.h"
#include "cli/verdict.h"
#include "scanner/base/text.h"
#include "share/gate/clearance.h"
#include "share/gate/gate.h"
#include "share/gate/policy.h"
#include "share/ledger/ledger.h"
#include "share/ledger/record.h"

static char *policy_file, *clearances_file, *ledger_file, *image_id, *region;
static char **accounts, **organizations;
static gboolean as_json;

static const GOptionEntry entries[] = {
	{"policy", 0, 0, G_OPTION_ARG_FILENAME, &policy_file,
	 "Judge by this policy (default: $IMGVET_POLICY, else the built-in one)", "FILE"},
	{"clearances", 0, 0, G_OPTION_ARG_FILENAME, &clearances_file,
	 "Findings that somebody accepts", "FILE"},
	{"account", 0, 0, G_OPTION_ARG_STRING_ARRAY, &accounts,
	 "An account that would receive the image (repeatable)", "ID"},
	{"organization", 0, 0, G_OPTION_ARG_STRING_ARRAY, &organizations,
	 "An organization that would receive it (repeatable)", "ID"},
	{"image-id", 0, 0, G_OPTION_ARG_STRING, &image_id,
	 "The cloud image that the report is said to be about", "ID"},
	{"region", 0, 0, G_OPTION_ARG_STRING, &region, "The region that it is in", "REGION"},
	{"ledger", 0, 0, G_OPTION_ARG_FILENAME, &ledger_file, "Record the verdict in this ledger",
	 "FILE"},
	{"json", 0, 0, G_OPTION_ARG_NONE, &as_json, "Print the verdict as JSON", NULL},
	{NULL}};

static const char about[] =
	"Apply a policy to a signed report: yes or no, with every reason for either.";
static const char more[] =
	"Exit codes: 0 pass, 1 blocked, 2 wrong usage or policy, 3 could not finish.\n"
	"\n"
	"Example:\n"
	"  imgvet gate report.json --policy policy.yml --clearances clearances.yml";

/* "no  " in red, "yes " in green, "note": each has a word of its own, so that nothing is said by
 * colour alone. */
static const char *mark(const IvReason *reason, bool colour)
{
	if (!reason->ok)
		return colour ? "\033[31mno  \033[0m" : "no  ";
	if (reason->note)
		return "note";
	return colour ? "\033[32myes \033[0m" : "yes ";
}

char *cli_verdict_text(const IvVerdict *verdict, bool colour)
{
	GString *text = g_string_new(NULL);
	guint blocking = 0;

	for (guint i = 0; i < verdict->reasons->len; i++) {
		const IvReason *reason = verdict->reasons->pdata[i];

		blocking += !reason->ok;
		g_string_append_printf(text, "  %s  %s\n", mark(reason, colour), reason->text);
	}
	g_string_append_printf(text, "policy: %s\n", verdict->policy);
	if (verdict->yes)
		g_string_append_printf(text, "verdict: yes, %s may be shared\n", verdict->digest);
	else
		g_string_append_printf(text, "verdict: no, for %u reason%s\n", blocking,
				       blocking == 1 ? "" : "s");
	return g_string_free(text, FALSE);
}

static char *verdict_json(const IvVerdict *verdict)
{
	g_autoptr(cJSON) json = iv_verdict_to_json(verdict);

	return iv_report_text(json);
}

static int judge(const char *file, GError **error)
{
	g_autoptr(cJSON) report = iv_report_load(file, error);
	g_autoptr(IvPolicy) policy = report != NULL ? iv_policy_load(cli_policy_path(policy_file), error) : NULL;
	g_autoptr(IvClearances) clearances =
		policy != NULL ? iv_clearances_load(clearances_file, error) : NULL;
	g_autoptr(IvLedger) ledger = clearances != NULL ? iv_ledger_open(ledger_file, error) : NULL;
	IvReceivers to = {accounts, organizations, image_id, region};
	g_autoptr(IvVerdict) verdict = NULL;
	g_autofree char *text = NULL;

	if (ledger == NULL)
		return -1;
	verdict = iv_gate_judge(report, policy, clearances, &to, g_get_real_time() / G_USEC_PER_SEC,
				NULL);
	/* A verdict that is not on record does not count. */
	if (!iv_ledger_add_verdict(ledger, verdict, &to, error))
		return -1;
	text = as_json ? verdict_json(verdict) : cli_verdict_text(verdict, cli_colour(1));
	if (!cli_print(text))
		return IV_EXIT_UNFINISHED;
	return verdict->yes ? IV_EXIT_YES : IV_EXIT_NO;
}

int cmd_gate(int argc, char **argv)
{
	g_autoptr(GError) error = NULL;
	int code;

	if (!cli_options(&argc, &argv, entries, "REPORT", about, more, &code))
		return code;
	if (argc != 2)
		return cli_usage_error("gate", "name one report");
	code = judge(argv[1], &error);
	return code < 0 ? cli_error(error) : code;
}
