/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cloud_options.c - see cloud_options.h */
#include "cli/cloud_options.h"

#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "share/http/http.h"

/* Seconds; a week is longer than any task of a cloud. */
#define MAX_DEADLINE (7u * 24 * 3600)

CliCloudOptions cli_cloud;

static void debug_line(void *user, const char *line)
{
	fprintf(stderr, "imgvet: http: %s\n", line);
}

static bool seconds_of(const char *text, guint64 *seconds)
{
	static const struct {
		char letter;
		guint64 seconds;
	} units[] = {{'s', 1}, {'m', 60}, {'h', 3600}};
	size_t len = strlen(text);
	g_autofree char *digits = g_strdup(text);
	guint64 unit = 1;

	for (gsize i = 0; len > 0 && i < G_N_ELEMENTS(units); i++)
		if (text[len - 1] == units[i].letter) {
			unit = units[i].seconds;
			digits[len - 1] = '\0';
		}
	if (!g_ascii_string_to_unsigned(digits, 10, 1, MAX_DEADLINE, seconds, NULL))
		return false;
	*seconds *= unit;
	return *seconds <= MAX_DEADLINE;
}

bool cli_cloud_options(const char *verb, gint64 *deadline)
{
	guint64 seconds;

	*deadline = 0;
	if (cli_cloud.debug_http)
		iv_http_debug(debug_line, NULL);
	if (cli_cloud.deadline == NULL)
		return true;
	if (!seconds_of(cli_cloud.deadline, &seconds)) {
		cli_usage_error(verb, "--deadline must be a time of at most a week: 90s, 10m, 2h");
		return false;
	}
	*deadline = g_get_monotonic_time() + (gint64)seconds * G_USEC_PER_SEC;
	return true;
}
