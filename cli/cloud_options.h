/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cloud_options.h - the options of every verb that talks to a cloud: --region,
 * --profile, --endpoint, --deadline, --debug-http.
 *
 * A verb puts CLI_CLOUD_OPTIONS into its table of entries and calls
 * cli_cloud_options() once they are parsed.
 */
#ifndef IV_CLI_CLOUD_OPTIONS_H
#define IV_CLI_CLOUD_OPTIONS_H

#include <glib.h>
#include <stdbool.h>

#include "scanner/base/error.h"

typedef struct {
	char *region;	   /* or NULL: not given */
	char *profile;	   /* or NULL */
	char **endpoints;  /* or NULL */
	char *deadline;	   /* as typed: "90", "90s", "10m", "2h" */
	gboolean debug_http;
} CliCloudOptions;

extern CliCloudOptions cli_cloud;

#define CLI_CLOUD_OPTIONS                                                                          \
	{"region", 0, 0, G_OPTION_ARG_STRING, &cli_cloud.region, "The region it is in", "REGION"},   \
	{"profile", 0, 0, G_OPTION_ARG_STRING, &cli_cloud.profile,                                   \
	 "Take the credentials of this profile", "NAME"},                                            \
	{"endpoint", 0, 0, G_OPTION_ARG_STRING_ARRAY, &cli_cloud.endpoints,                          \
	 "Call this address, or SERVICE=URL for one service (repeatable)", "URL"},                   \
	{"deadline", 0, 0, G_OPTION_ARG_STRING, &cli_cloud.deadline,                                 \
	 "Give up after this time: 90s, 10m, 2h", "TIME"},                                           \
	{"debug-http", 0, 0, G_OPTION_ARG_NONE, &cli_cloud.debug_http,                               \
	 "Show each request and answer on stderr, without secrets", NULL}

/* What --help says about credentials.  The variables are those of the official tools of the one
 * cloud that is supported. */
#define CLI_CREDENTIALS_HELP                                                                       \
	"Credentials are looked for where the official tools do: ALIBABA_CLOUD_ACCESS_KEY_ID,\n"     \
	"ALIBABA_CLOUD_ACCESS_KEY_SECRET and ALIBABA_CLOUD_SECURITY_TOKEN; an OIDC token; the\n"      \
	"profile of ~/.aliyun/config.json; ~/.alibabacloud/credentials; the instance's role;\n"      \
	"ALIBABA_CLOUD_CREDENTIALS_URI. imgvet whoami says which were found.\n"

/* Start the clock and the debug lines.  *deadline is in monotonic microseconds,
 * 0 without --deadline.  False after an error was printed (exit 2). */
IV_MUST_CHECK
bool cli_cloud_options(const char *verb, gint64 *deadline);

#endif
