/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd_whoami.c - imgvet whoami: whose credentials are in use, and where they came from. */

#include "cli/cli.h"
#include "cli/cloud_options.h"
#include "scanner/base/cjson.h"
#include "scanner/report/report.h"
#include "share/cloud/cloud.h"
#include "share/clouds.h"

static gboolean as_json;

static const GOptionEntry entries[] = {
	CLI_CLOUD_OPTIONS,
	{"json", 0, 0, G_OPTION_ARG_NONE, &as_json, "Print the answer as JSON", NULL},
	{NULL}};

static const char about[] =
	"Say which account and identity the cloud sees, and where the credentials were found.\n"
	"Nothing is changed, and no part of a secret is shown.";
static const char more[] = CLI_CREDENTIALS_HELP
	"\n"
	"Without --region, the profile's or the environment's region is asked, else any.\n"
	"\n"
	"Exit codes: 0 known, 2 no usable credentials, 3 the cloud did not say.";

/* "2026-01-31T12:00:00Z", or NULL when they do not expire. */
static char *end_of(const IvCloudIdentity *identity)
{
	g_autoptr(GDateTime) end =
		identity->expires != 0 ? g_date_time_new_from_unix_utc(identity->expires) : NULL;

	return end != NULL ? g_date_time_format(end, "%Y-%m-%dT%H:%M:%SZ") : NULL;
}

static char *in_json(const IvCloudIdentity *identity, const char *end)
{
	g_autoptr(cJSON) json = cJSON_CreateObject();

	cJSON_AddStringToObject(json, "account", identity->account);
	cJSON_AddStringToObject(json, "kind", identity->kind);
	cJSON_AddStringToObject(json, "name", identity->name);
	cJSON_AddStringToObject(json, "credentials", identity->origin);
	if (end != NULL)
		cJSON_AddStringToObject(json, "expires", end);
	else
		cJSON_AddNullToObject(json, "expires");
	return iv_report_text(json);
}

static char *in_words(const IvCloudIdentity *identity, const char *end)
{
	return g_strdup_printf("account:     %s\n"
			       "kind:        %s\n"
			       "name:        %s\n"
			       "credentials: %s\n"
			       "expires:     %s\n",
			       identity->account, identity->kind, identity->name, identity->origin,
			       end != NULL ? end : "never, as far as is known");
}

static IvCloud *open_cloud(gint64 deadline, GError **error)
{
	g_autofree char *usual = NULL;

	if (cli_cloud.region == NULL)
		usual = iv_cloud_usual_region(cli_cloud.profile);
	return iv_cloud_open(
		&(IvCloudOptions){.region = cli_cloud.region != NULL ? cli_cloud.region : usual,
				  .profile = cli_cloud.profile,
				  .endpoints = (const char *const *)cli_cloud.endpoints,
				  .deadline = deadline},
		error);
}

int cmd_whoami(int argc, char **argv)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(IvCloud) cloud = NULL;
	g_autoptr(IvCloudIdentity) identity = NULL;
	g_autofree char *end = NULL, *text = NULL;
	gint64 deadline;
	int code;

	if (!cli_options(&argc, &argv, entries, NULL, about, more, &code))
		return code;
	if (argc != 1)
		return cli_usage_error("whoami", "imgvet whoami takes no arguments");
	if (!cli_cloud_options("whoami", &deadline))
		return IV_EXIT_USAGE;
	cloud = open_cloud(deadline, &error);
	identity = cloud != NULL ? cloud->ops->identity(cloud, &error) : NULL;
	if (identity == NULL)
		return cli_error(error);
	end = end_of(identity);
	text = as_json ? in_json(identity, end) : in_words(identity, end);
	return cli_print(text) ? IV_EXIT_YES : IV_EXIT_UNFINISHED;
}
