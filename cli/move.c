/* SPDX-License-Identifier: GPL-3.0-or-later */
/* move.c - see move.h */
#include "cli/move.h"

#include "cli/cli.h"
#include "cli/cloud_options.h"
#include "cli/meter.h"
#include "scanner/report/report.h"

CliMoveOptions cli_move;

static void say_line(void *user, const char *text)
{
	cli_meter_clear();
	cli_say("%s", text);
}

IvMoveRequest cli_move_request(const char *disk, gint64 deadline)
{
	return (IvMoveRequest){.region = cli_cloud.region,
			       .profile = cli_cloud.profile,
			       .endpoints = (const char *const *)cli_cloud.endpoints,
			       .deadline = deadline,
			       .bucket = cli_move.bucket,
			       .disk = disk,
			       .key = cli_move.key,
			       .say = say_line,
			       .progress = cli_meter};
}

int cli_move_outcome(const cJSON *origin, const char *line)
{
	const char *digest =
		cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(origin, "digest"));
	g_autofree char *text = cli_move.as_json
					? iv_report_text(origin)
					: g_strdup_printf("%s\ndigest: %s\n", line, digest);

	return cli_print(text) ? IV_EXIT_YES : IV_EXIT_UNFINISHED;
}
