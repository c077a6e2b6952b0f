/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ask.c - a confirmation at the terminal */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"

bool cli_can_ask(const IvQuestion *q, GError **error)
{
	if (isatty(STDIN_FILENO) && isatty(STDERR_FILENO))
		return true;
	return iv_fail(error, IV_ERROR_USAGE,
		       "%s needs a confirmation, and there is no terminal to ask at\n%s", q->doing,
		       q->hint);
}

bool cli_ask(const IvQuestion *q, GError **error)
{
	char line[16] = "";

	if (!cli_can_ask(q, error))
		return false;
	fprintf(stderr, "%sType \"yes\" to %s: ", q->question, q->todo);
	fflush(stderr);
	if (fgets(line, sizeof line, stdin) == NULL || strcmp(line, "yes\n") != 0)
		return iv_fail(error, IV_ERROR_REFUSED, "not confirmed, so %s", q->not_done);
	return true;
}
