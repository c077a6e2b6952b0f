/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd_unshare.c - imgvet unshare: take access back, verify; all of it on record. */
#include "cli/cli.h"
#include "cli/cloud_options.h"
#include "cli/share_outcome.h"
#include "scanner/base/error.h"
#include "share/access/request.h"
#include "share/access/unshare.h"
#include "share/ledger/ledger.h"

static char *ledger_file, *image_id;
static char **accounts, **organizations;
static gboolean as_json, dry_run, confirmed, all, is_public;

static const GOptionEntry entries[] = {
	{"image-id", 0, 0, G_OPTION_ARG_STRING, &image_id, "The cloud image to take back", "ID"},
	{"account", 0, 0, G_OPTION_ARG_STRING_ARRAY, &accounts,
	 "An account that loses access (repeatable)", "ID"},
	{"organization", 0, 0, G_OPTION_ARG_STRING_ARRAY, &organizations,
	 "A resource directory, or a folder of it, that loses access (repeatable)", "ID"},
	{"all", 0, 0, G_OPTION_ARG_NONE, &all, "Everybody who has access, by account or organization", NULL},
	{"public", 0, 0, G_OPTION_ARG_NONE, &is_public,
	 "Everybody: a public image becomes private again, accounts keep it", NULL},
	{"ledger", 0, 0, G_OPTION_ARG_FILENAME, &ledger_file, "Record everything in this ledger",
	 "FILE"},
	CLI_CLOUD_OPTIONS,
	{"dry-run", 0, 0, G_OPTION_ARG_NONE, &dry_run,
	 "Check, and show which calls would be made; change nothing", NULL},
	{"yes", 0, 0, G_OPTION_ARG_NONE, &confirmed, "Confirm that these accounts lose access", NULL},
	{"json", 0, 0, G_OPTION_ARG_NONE, &as_json, "Print the outcome as JSON", NULL},
	{NULL}};

static const char about[] =
	"Take an image back from accounts, or from units of an organization, read back who still\n"
	"has it, and record every step in the ledger. Needs no report, as it gives nobody access.\n"
	"\n"
	"Whoever had access may have copied the image or made instances from it, and keeps those.";
static const char more[] =
	"Credentials are those of imgvet share.\n"
	"\n"
	"Exit codes: 0 taken back and verified, 1 refused, 2 wrong usage or configuration,\n"
	"3 cloud error or could not finish (run the same command again).\n"
	"\n"
	"Example:\n"
	"  imgvet unshare --image-id m-bp1... --region cn-hangzhou --account 1234567890123456";

#define STAYS                                                                                      \
	"What they copied or launched from it stays with them: change the secrets that were in it."

static void say_line(void *user, const char *text)
{
	cli_say("%s", text);
}

static bool ask(void *user, const char *const *losing, GError **error)
{
	g_autofree char *names = g_strjoinv(", ", (char **)losing);
	g_autofree char *question =
		g_strdup_printf("Take image %s in %s back from: %s\n"
				"They cannot make instances from it any more, nor set back the "
				"system disks of those they have.\n" STAYS "\n",
				image_id, cli_cloud.region, names);

	return cli_ask(&(IvQuestion){.question = question,
				     .doing = "taking an image back",
				     .todo = "take it back",
				     .not_done = "nothing was taken back",
				     .hint = "add --yes when these accounts may lose access"},
		       error);
}

/* --- the outcome ------------------------------------------------------------------------ */

static char *outcome_json(const IvShareResult *result, const GError *error)
{
	g_autoptr(cJSON) json = cJSON_CreateObject();

	cJSON_AddStringToObject(json, "image_id", image_id);
	cJSON_AddStringToObject(json, "region", cli_cloud.region);
	cJSON_AddBoolToObject(json, "dry_run", dry_run);
	cli_share_add_list(json, "removed", result->changed);
	cli_share_add_list(json, "had_none", result->already);
	cli_share_add_list(json, "remaining", result->missing);
	cli_share_add_list(json, "calls", result->calls);
	cJSON_AddBoolToObject(json, "verified", result->verified);
	if (error != NULL)
		cJSON_AddStringToObject(json, "error", error->message);
	return iv_report_text(json);
}

static char *outcome_text(const IvShareResult *result)
{
	GString *text = g_string_new(NULL);

	if (dry_run) {
		cli_share_append_list(text, "would call:", result->calls);
		if (result->calls->len == 0)
			g_string_append(text, "nothing to call: none of them has access\n");
		return g_string_free(text, FALSE);
	}
	cli_share_append_list(text, "removed: ", result->changed);
	cli_share_append_list(text, "had none:", result->already);
	cli_share_append_list(text, "still:   ", result->missing);
	if (result->verified)
		g_string_append_printf(text, "taken back: %s in %s, verified\n", image_id,
				       cli_cloud.region);
	return g_string_free(text, FALSE);
}

static int print_outcome(const IvShareResult *result, const GError *error)
{
	g_autofree char *text = as_json ? outcome_json(result, error) : outcome_text(result);

	if (!cli_print(text))
		return IV_EXIT_UNFINISHED;
	if (result->changed->len > 0)
		cli_say(STAYS);
	return error != NULL ? cli_error(error) : IV_EXIT_YES;
}

/* --- the whole --------------------------------------------------------------------------- */

static int work(IvUnshareRequest *request)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(IvShareResult) result = NULL;
	g_autoptr(IvLedger) ledger = NULL;

	if (!iv_share_place_ok(image_id, cli_cloud.region, request->from.endpoints, &error) ||
	    (accounts != NULL && !iv_share_accounts_ok((const char *const *)accounts, &error)) ||
	    (organizations != NULL &&
	     !iv_share_units_ok((const char *const *)organizations, &error)) ||
	    !iv_share_ready(&request->from, &error) ||
	    (ledger = iv_ledger_open(ledger_file, &error)) == NULL)
		return cli_error(error);
	/* Result and error are printed, whichever there is. */
	iv_ignore(iv_unshare(request, ledger, &result, &error));
	return print_outcome(result, error);
}

int cmd_unshare(int argc, char **argv)
{
	IvUnshareRequest request = {.from = {.say = say_line}};
	int code;

	if (!cli_options(&argc, &argv, entries, NULL, about, more, &code))
		return code;
	if (argc != 1)
		return cli_usage_error("unshare", "imgvet unshare takes no arguments");
	if (image_id == NULL || cli_cloud.region == NULL ||
	    (accounts != NULL) + (organizations != NULL) + all + is_public != 1)
		return cli_usage_error("unshare", "--image-id, --region and one of --account, "
						  "--organization, --all and --public are needed");
	if (!cli_cloud_options("unshare", &request.from.deadline))
		return IV_EXIT_USAGE;
	request.from.image_id = image_id;
	request.from.region = cli_cloud.region;
	request.from.profile = cli_cloud.profile;
	request.from.accounts = accounts;
	request.from.organizations = organizations;
	request.from.endpoints = (const char *const *)cli_cloud.endpoints;
	request.from.dry_run = dry_run;
	request.from.is_public = is_public;
	request.all = all;
	request.confirm = confirmed ? NULL : ask;
	code = work(&request);
	iv_share_done(&request.from);
	return code;
}
