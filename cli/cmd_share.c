/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd_share.c - imgvet share: judge, ask, share, verify; all of it on record. */
#include <stdio.h>

#include "cli/cli.h"
#include "cli/cloud_options.h"
#include "cli/preflight.h"
#include "cli/share_outcome.h"
#include "cli/undo.h"
#include "cli/verdict.h"
#include "scanner/base/error.h"
#include "scanner/base/text.h"
#include "share/access/request.h"
#include "share/access/share.h"
#include "share/cloud/preflight.h"
#include "share/gate/clearance.h"
#include "share/gate/gate.h"
#include "share/gate/policy.h"
#include "share/ledger/ledger.h"
#include "share/ledger/record.h"

static char *policy_file, *clearances_file, *ledger_file, *image_id;
static char **accounts, **organizations;
static gboolean as_json, dry_run, confirmed, all_or_nothing, is_public;

static const GOptionEntry entries[] = {
	{"image-id", 0, 0, G_OPTION_ARG_STRING, &image_id, "The cloud image to share", "ID"},
	{"account", 0, 0, G_OPTION_ARG_STRING_ARRAY, &accounts,
	 "An account that receives the image (repeatable)", "ID"},
	{"organization", 0, 0, G_OPTION_ARG_STRING_ARRAY, &organizations,
	 "A resource directory, or a folder of it, instead (repeatable)", "ID"},
	{"public", 0, 0, G_OPTION_ARG_NONE, &is_public,
	 "Let everybody in the region have it, if the policy names the image", NULL},
	{"policy", 0, 0, G_OPTION_ARG_FILENAME, &policy_file,
	 "Judge by this policy (default: $IMGVET_POLICY, else the built-in one)", "FILE"},
	{"clearances", 0, 0, G_OPTION_ARG_FILENAME, &clearances_file,
	 "Findings that somebody accepts", "FILE"},
	{"ledger", 0, 0, G_OPTION_ARG_FILENAME, &ledger_file, "Record everything in this ledger",
	 "FILE"},
	CLI_CLOUD_OPTIONS,
	{"dry-run", 0, 0, G_OPTION_ARG_NONE, &dry_run,
	 "Check, and show which calls would be made; change nothing", NULL},
	{"yes", 0, 0, G_OPTION_ARG_NONE, &confirmed,
	 "Confirm that the receivers may have all of the image's data", NULL},
	{"all-or-nothing", 0, 0, G_OPTION_ARG_NONE, &all_or_nothing,
	 "When it fails part way, take back what this run gave", NULL},
	{"json", 0, 0, G_OPTION_ARG_NONE, &as_json, "Print the outcome as JSON", NULL},
	{NULL}};

static const char about[] =
	"Judge the report, and only when the verdict is yes look at image, receivers and\n"
	"credentials (a list with yes, no or unknown per line), ask for the confirmation, share\n"
	"the image, read back who has it, and record every step in the ledger.";
static const char more[] =
	CLI_CREDENTIALS_HELP
	"\n"
	"Exit codes: 0 shared and verified, 1 refused, 2 wrong usage or configuration,\n"
	"3 cloud error or could not finish.\n"
	"\n"
	"Example:\n"
	"  imgvet share report.json --image-id m-bp1... --region cn-hangzhou \\\n"
	"    --account 1234567890123456";

static void say_line(void *user, const char *text)
{
	cli_say("%s", text);
}

/* The confirmation that the console asks for. */
static IvQuestion question_of(const char *text)
{
	return (IvQuestion){.question = text,
			    .doing = "sharing",
			    .todo = "share",
			    .not_done = "nothing was shared",
			    .hint = "add --yes when the receivers may have all of the image's data"};
}

static bool ask_public(const IvShareRequest *request, GError **error)
{
	g_autofree char *text = g_strdup_printf(
		"Share image %s with everybody in the region %s: every account of the cloud.\n"
		"Anybody can obtain all data in the image and keep it; setting it back later does\n"
		"not take back what they copied.\n",
		request->image_id, request->region);
	IvQuestion question = question_of(text);

	return cli_ask(&question, error);
}

static bool ask(const IvShareRequest *request, GError **error)
{
	g_autofree char *names = g_strjoinv(", ", request->organizations != NULL
							  ? request->organizations
							  : request->accounts);
	g_autofree char *text = g_strdup_printf(
		"Share image %s in %s with: %s\n"
		"The receivers can obtain all data in the image and keep it; taking the share back\n"
		"later does not take back what they copied.\n",
		request->image_id, request->region, names);
	IvQuestion question = question_of(text);

	return cli_ask(&question, error);
}

static bool not_confirmed(const IvPass *pass, const IvShareRequest *request, IvLedger *ledger)
{
	/* The refusal is the error that counts, recorded or not. */
	iv_ignore(iv_share_record_refusal(pass, request, "not confirmed", ledger, NULL));
	return false;
}

/* Before anything is sent: is there a terminal to ask at? */
static bool can_ask(const IvPass *pass, const IvShareRequest *request, IvLedger *ledger,
		    GError **error)
{
	IvQuestion question = question_of("");

	return request->dry_run || confirmed || cli_can_ask(&question, error) ||
	       not_confirmed(pass, request, ledger);
}

static bool confirm(const IvPass *pass, const IvShareRequest *request, IvLedger *ledger,
		    GError **error)
{
	return request->dry_run || confirmed ||
	       (request->is_public ? ask_public(request, error) : ask(request, error)) ||
	       not_confirmed(pass, request, ledger);
}

/* --- judge, ask, share --------------------------------------------------------------------- */

static int print_outcome(const IvVerdict *verdict, const IvShareRequest *request,
			 const IvPreflight *preflight, const IvShareResult *result,
			 const GError *error)
{
	g_autofree char *text = NULL;

	if (as_json)
		text = cli_share_json(verdict, request, preflight, result, error);
	else if (result != NULL)
		text = cli_share_text(request, result);
	if (text != NULL && !cli_print(text))
		return IV_EXIT_UNFINISHED;
	if (error != NULL)
		return cli_error(error);
	return verdict->yes ? IV_EXIT_YES : IV_EXIT_NO;
}

/* All that one command works with.  The report is read once: what was judged is
 * what is judged again. */
typedef struct {
	cJSON *report;
	IvPolicy *policy;
	IvClearances *clearances;
	IvLedger *ledger;
	IvShareRequest *request;
	IvVerdict *verdict;
	IvPass *pass; /* or NULL: no */
} Work;

/* False when the verdict cannot be put on record: then it does not count. */
static bool judge(Work *w, GError **error)
{
	IvReceivers to = {.accounts = w->request->accounts,
			  .organizations = w->request->organizations, .image_id = w->request->image_id,
			  .region = w->request->region, .is_public = w->request->is_public};

	g_clear_pointer(&w->verdict, iv_verdict_free);
	g_clear_pointer(&w->pass, iv_pass_free);
	w->verdict = iv_gate_judge(w->report, w->policy, w->clearances, &to,
				   g_get_real_time() / G_USEC_PER_SEC, &w->pass);
	if (iv_ledger_add_verdict(w->ledger, w->verdict, &to, error))
		return true;
	g_clear_pointer(&w->pass, iv_pass_free);
	return false;
}

/* The answer at the terminal may take a while, and a report or a clearance may have expired
 * meanwhile. */
static bool still_yes(Work *w, GError **error)
{
	const IvReason *first;

	if (!judge(w, error))
		return false;
	if (w->pass != NULL)
		return true;
	first = w->verdict->reasons->pdata[0];
	return iv_fail(error, IV_ERROR_REFUSED, "nothing was shared: the verdict is no longer yes: %s",
		       first->text);
}

/* What is known before anybody is asked.  Under --quiet it is shown only to
 * somebody who will be. */
static bool look_ahead(const Work *w, IvPreflight **preflight, GError **error)
{
	bool ok;

	/* The preflight is about accounts and units, not about everybody. */
	if (w->request->is_public)
		return true;
	ok = iv_share_preflight(w->pass, w->request, w->ledger, preflight, error);

	if ((*preflight)->lines->len > 0 && (!cli_quiet || !(dry_run || confirmed))) {
		g_autofree char *text =
			cli_preflight_text(*preflight, cli_columns(2), cli_colour(2));

		fputs(text, stderr);
	}
	return ok;
}

/* A share that failed part way: undo it, ask, or say how. */
static void after_failure(const Work *w, IvShareResult *result, const GError *why)
{
	g_autoptr(GError) error = NULL;
	CliUndo undo = {.pass = w->pass,
			.request = w->request,
			.ledger = w->ledger,
			.always = all_or_nothing,
			.ask = !confirmed};
	bool ok = cli_undo(&undo, result, why, &error);

	if (!ok)
		cli_warn("what was shared could not be taken back: %s", error->message);
	else if (result->undone != NULL)
		cli_say("undone: what this run gave was taken back, verified");
}

static void offer_undo(const IvShareRequest *request, const IvShareResult *result)
{
	g_autofree char *command = cli_undo_command(request, result);

	if (command != NULL && (result->undone == NULL || !result->undone->verified))
		cli_warn("some of the receivers may have the image; to take it back from them:\n"
			 "  %s",
			 command);
}

static int share(Work *w)
{
	g_autoptr(IvPreflight) preflight = NULL;
	g_autoptr(IvShareResult) result = NULL;
	g_autoptr(GError) error = NULL;
	bool done = iv_share_ready(w->request, &error) && can_ask(w->pass, w->request, w->ledger, &error) &&
		    look_ahead(w, &preflight, &error) &&
		    confirm(w->pass, w->request, w->ledger, &error) &&
		    (dry_run || confirmed || still_yes(w, &error)) &&
		    iv_share(w->pass, w->request, w->ledger, &result, &error);
	int code;

	if (!done && result != NULL && !result->verified)
		after_failure(w, result, error);
	code = print_outcome(w->verdict, w->request, preflight, result, error);
	if (!done && result != NULL && !result->verified)
		offer_undo(w->request, result);
	return done || code != IV_EXIT_YES ? code : IV_EXIT_UNFINISHED;
}

static int judge_and_share(Work *w, GError **error)
{
	if (!judge(w, error))
		return -1;
	if (!as_json) {
		g_autofree char *text = cli_verdict_text(w->verdict, cli_colour(1));

		if (!cli_print(text))
			return IV_EXIT_UNFINISHED;
	}
	if (w->pass == NULL)
		return print_outcome(w->verdict, w->request, NULL, NULL, NULL);
	return share(w);
}

static int work(const char *file, IvShareRequest *request, GError **error)
{
	Work w = {.request = request};
	int code = -1;

	if ((w.report = iv_report_load(file, error)) != NULL &&
	    (w.policy = iv_policy_load(cli_policy_path(policy_file), error)) != NULL &&
	    (w.clearances = iv_clearances_load(clearances_file, error)) != NULL &&
	    (w.ledger = iv_ledger_open(ledger_file, error)) != NULL)
		code = judge_and_share(&w, error);
	iv_pass_free(w.pass);
	iv_verdict_free(w.verdict);
	iv_ledger_close(w.ledger);
	iv_clearances_free(w.clearances);
	iv_policy_free(w.policy);
	cJSON_Delete(w.report);
	return code;
}

int cmd_share(int argc, char **argv)
{
	g_autoptr(GError) error = NULL;
	g_auto(GStrv) folded = NULL;
	IvShareRequest request = {.say = say_line};
	int code;

	if (!cli_options(&argc, &argv, entries, "REPORT", about, more, &code))
		return code;
	if (argc != 2)
		return cli_usage_error("share", "name one report");
	if (image_id == NULL || cli_cloud.region == NULL ||
	    (accounts != NULL) + (organizations != NULL) + is_public != 1)
		return cli_usage_error("share", "--image-id, --region and --account are needed, or "
						"--organization or --public in place of accounts");
	if (!cli_cloud_options("share", &request.deadline))
		return IV_EXIT_USAGE;
	folded = iv_text_unique((const char *const *)(organizations != NULL ? organizations : accounts));
	request.image_id = image_id;
	request.region = cli_cloud.region;
	request.profile = cli_cloud.profile;
	request.accounts = organizations == NULL ? folded : NULL;
	request.organizations = organizations != NULL ? folded : NULL;
	request.endpoints = (const char *const *)cli_cloud.endpoints;
	request.dry_run = dry_run;
	request.is_public = is_public;
	if (!iv_share_check(&request, &error))
		return cli_error(error);
	code = work(argv[1], &request, &error);
	iv_share_done(&request);
	return code < 0 ? cli_error(error) : code;
}
