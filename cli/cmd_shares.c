/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd_shares.c - imgvet shares: which of the account's images others can use, and the verdict
 * behind each. */
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/cloud_options.h"
#include "scanner/base/error.h"
#include "share/access/shares.h"

/* How many receivers of one verdict are listed; --json lists all. */
#define NAMED 10u

static char *ledger_file, *image_id;
static gboolean as_json, all_regions;

static const GOptionEntry entries[] = {
	{"image-id", 0, 0, G_OPTION_ARG_STRING, &image_id, "Only this image; needs --region", "ID"},
	{"all-regions", 0, 0, G_OPTION_ARG_NONE, &all_regions, "Every region of the account", NULL},
	{"ledger", 0, 0, G_OPTION_ARG_FILENAME, &ledger_file, "Look for verdicts in this ledger",
	 "FILE"},
	CLI_CLOUD_OPTIONS,
	{"json", 0, 0, G_OPTION_ARG_NONE, &as_json, "Print JSON, with every receiver", NULL},
	{NULL}};

static const char about[] =
	"List every own image that somebody else can use, and beside each receiver the verdict that\n"
	"stands behind it: the one of the recorded share that gave access. \"no record\" means that\n"
	"no recorded share with a pass did: it was shared without imgvet, or with another ledger.\n"
	"\n"
	"Shares with accounts, with units of an organization and with everybody are looked at.";
static const char more[] =
	"Credentials are those of imgvet share; the rights ecs:DescribeRegions, ecs:DescribeImages and\n"
	"ecs:DescribeImageSharePermission are enough. The many reads are not recorded one by one; the\n"
	"ledger gets one pair of lines for the whole.\n"
	"\n"
	"Exit codes: 0 every receiver has a recorded yes, 1 some have not, 2 wrong usage or\n"
	"configuration, 3 something could not be looked at.\n"
	"\n"
	"Examples:\n"
	"  imgvet shares --all-regions\n"
	"  imgvet shares --region cn-hangzhou --image-id m-bp1...";

/* --- as text ---------------------------------------------------------------------------- */

static char *day_of(const IvGrant *grant)
{
	g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(grant->when);

	return time != NULL ? g_date_time_format(time, "%Y-%m-%d") : g_strdup("?");
}

/* "fsverity-sha256:1a2b3c..." by its first hex digits. */
static char *short_digest(const IvGrant *grant)
{
	const char *hex = strrchr(grant->digest, ':');

	return g_strndup(hex != NULL ? hex + 1 : grant->digest, 16);
}

static void append_receiver(GString *text, const char *kind, const char *who, const IvGrant *grant)
{
	g_autofree char *day = grant != NULL ? day_of(grant) : NULL;
	g_autofree char *digest = grant != NULL ? short_digest(grant) : NULL;

	g_string_append_printf(text, "    %-12s  %-22s  ", kind, who);
	if (grant != NULL)
		g_string_append_printf(text, "yes, %s  %s\n", day, digest);
	else
		g_string_append(text, "no record\n");
}

/* "980 more" of a verdict. */
static void append_more(GString *text, const IvSharedWith *of, guint named)
{
	g_autofree char *who = g_strdup_printf("and %u more", named - NAMED);

	if (named > NAMED)
		append_receiver(text, "", who, of->grant);
}

/* Those of one verdict together, "no record" first. */
static int by_grant(gconstpointer left, gconstpointer right)
{
	const IvSharedWith *a = left, *b = right;
	gint64 lines[] = {a->grant != NULL ? a->grant->line : 0, b->grant != NULL ? b->grant->line : 0};

	if (lines[0] != lines[1])
		return lines[0] < lines[1] ? -1 : 1;
	return strcmp(a->receiver, b->receiver);
}

static void append_receivers(GString *text, const IvSharedImage *image)
{
	const IvSharedWith *last = NULL;
	guint named = 0;

	g_array_sort(image->with, by_grant);
	for (guint i = 0; i < image->with->len; i++) {
		const IvSharedWith *with = &g_array_index(image->with, IvSharedWith, i);

		if (last != NULL && last->grant != with->grant) {
			append_more(text, last, named);
			named = 0;
		}
		if (named++ < NAMED)
			append_receiver(text, with->unit ? "organization" : "account", with->receiver,
					with->grant);
		last = with;
	}
	if (last != NULL)
		append_more(text, last, named);
}

static char *image_text(const IvSharedImage *image)
{
	GString *text = g_string_new(NULL);
	g_autofree char *name = g_utf8_substring(image->name, 0,
						 MIN(g_utf8_strlen(image->name, -1), 36));

	g_string_append_printf(text, "%s  %s  %s%s%s\n", image->id, image->region, name,
			       strcmp(image->state, "Available") != 0 ? "  " : "",
			       strcmp(image->state, "Available") != 0 ? image->state : "");
	if (image->is_public)
		append_receiver(text, "everybody", "in the region", image->public_grant);
	append_receivers(text, image);
	return g_string_free(text, FALSE);
}

static bool print_text(const IvShares *shares)
{
	g_autofree char *sum = g_strdup_printf(
		"%u of %u images in %u region%s are shared, %u of them without a recorded yes\n",
		shares->images->len, shares->looked, shares->regions,
		shares->regions == 1 ? "" : "s", shares->without);

	for (guint i = 0; i < shares->images->len; i++) {
		g_autofree char *text = image_text(shares->images->pdata[i]);

		if (!cli_print(text))
			return false;
	}
	return cli_print(sum);
}

/* --- as JSON, one image after the other: the whole may be large ---------------------------- */

static cJSON *grant_json(const IvGrant *grant)
{
	g_autoptr(GDateTime) time =
		grant != NULL ? g_date_time_new_from_unix_utc(grant->when) : NULL;
	g_autofree char *when = time != NULL ? g_date_time_format(time, "%Y-%m-%dT%H:%M:%SZ")
					     : g_strdup("");
	cJSON *json;

	if (grant == NULL)
		return cJSON_CreateNull();
	json = cJSON_CreateObject();
	cJSON_AddStringToObject(json, "verdict", "yes");
	cJSON_AddStringToObject(json, "when", when);
	cJSON_AddStringToObject(json, "digest", grant->digest);
	cJSON_AddStringToObject(json, "report_digest", grant->report);
	cJSON_AddNumberToObject(json, "ledger_line", (double)grant->line);
	return json;
}

static cJSON *receiver_json(const char *kind, const char *who, const IvGrant *grant)
{
	cJSON *json = cJSON_CreateObject();

	cJSON_AddStringToObject(json, "kind", kind);
	if (who != NULL)
		cJSON_AddStringToObject(json, "id", who);
	cJSON_AddItemToObject(json, "given_by", grant_json(grant));
	return json;
}

static cJSON *image_json(const IvSharedImage *image)
{
	cJSON *json = cJSON_CreateObject(), *list;

	cJSON_AddStringToObject(json, "image_id", image->id);
	cJSON_AddStringToObject(json, "region", image->region);
	cJSON_AddStringToObject(json, "name", image->name);
	cJSON_AddStringToObject(json, "state", image->state);
	cJSON_AddBoolToObject(json, "public", image->is_public);
	cJSON_AddNumberToObject(json, "without_record", image->without);
	list = cJSON_AddArrayToObject(json, "receivers");
	if (image->is_public)
		cJSON_AddItemToArray(list, receiver_json("everybody", NULL, image->public_grant));
	for (guint i = 0; i < image->with->len; i++) {
		const IvSharedWith *with = &g_array_index(image->with, IvSharedWith, i);

		cJSON_AddItemToArray(list, receiver_json(with->unit ? "organization" : "account",
							 with->receiver, with->grant));
	}
	return json;
}

static bool print_json_rest(const IvShares *shares)
{
	g_autoptr(cJSON) json = cJSON_CreateArray();
	char *problems;
	g_autofree char *text = NULL;

	for (guint i = 0; i < shares->problems->len; i++)
		cJSON_AddItemToArray(json, cJSON_CreateString(shares->problems->pdata[i]));
	problems = cJSON_PrintUnformatted(json);
	text = g_strdup_printf("],\"looked_at\":{\"images\":%u,\"regions\":%u},\"problems\":%s,"
			       "\"without_record\":%u}\n",
			       shares->looked, shares->regions, problems, shares->without);
	cJSON_free(problems);
	return cli_print(text);
}

static bool print_json(const IvShares *shares)
{
	bool ok = cli_print("{\"images\":[\n");

	for (guint i = 0; ok && i < shares->images->len; i++) {
		g_autoptr(cJSON) json = image_json(shares->images->pdata[i]);
		char *text = cJSON_PrintUnformatted(json);

		ok = cli_print(text) && cli_print(i + 1 < shares->images->len ? ",\n" : "\n");
		cJSON_free(text);
	}
	return ok && print_json_rest(shares);
}

/* --- the whole ---------------------------------------------------------------------------- */

static int outcome(const IvShares *shares)
{
	const char *broken = iv_history_problem(shares->history);

	if (!(as_json ? print_json(shares) : print_text(shares)))
		return IV_EXIT_UNFINISHED;
	for (guint i = 0; i < shares->problems->len; i++)
		cli_warn("not looked at: %s", (const char *)shares->problems->pdata[i]);
	if (broken != NULL)
		cli_warn("the recorded verdicts may be wrong: %s", broken);
	if (shares->problems->len > 0 || broken != NULL)
		return IV_EXIT_UNFINISHED;
	return shares->without > 0 ? IV_EXIT_NO : IV_EXIT_YES;
}

static int work(IvSharesRequest *request)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(IvLedger) ledger = iv_ledger_open(ledger_file, &error);
	g_autoptr(IvShares) shares = NULL;
	IvSharesProgress progress = {0};
	IvProgressBar *bar;

	if (ledger == NULL)
		return cli_error(error);
	request->progress = &progress;
	bar = cli_progress_count("looking at images", &progress.done, &progress.total);
	shares = iv_shares(request, ledger, &error);
	cli_progress_stop(bar);
	request->progress = NULL;
	return shares != NULL ? outcome(shares) : cli_error(error);
}

int cmd_shares(int argc, char **argv)
{
	IvSharesRequest request = {0};
	int code;

	if (!cli_options(&argc, &argv, entries, NULL, about, more, &code))
		return code;
	if (argc != 1)
		return cli_usage_error("shares", "imgvet shares takes no arguments");
	if ((cli_cloud.region == NULL) == !all_regions || (image_id != NULL && all_regions))
		return cli_usage_error("shares",
				       "name --region, or --all-regions without --image-id");
	if (!cli_cloud_options("shares", &request.deadline))
		return IV_EXIT_USAGE;
	request.image_id = image_id;
	request.region = cli_cloud.region;
	request.profile = cli_cloud.profile;
	request.endpoints = (const char *const *)cli_cloud.endpoints;
	return work(&request);
}
