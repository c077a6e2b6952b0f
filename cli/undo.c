/* SPDX-License-Identifier: GPL-3.0-or-later */
/* undo.c - see undo.h */
#include "cli/undo.h"

#include <string.h>

#include "cli/cli.h"
#include "share/access/share.h"

/* --- the command --------------------------------------------------------------------------- */

static void append_option(GString *command, const char *name, const char *value)
{
	g_autofree char *quoted = value != NULL ? g_shell_quote(value) : NULL;
	bool plain = value != NULL && strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
						    "0123456789-_./:=") == strlen(value);

	if (value != NULL)
		g_string_append_printf(command, " %s %s", name, plain ? value : quoted);
}

char *cli_undo_command(const IvShareRequest *request, const IvShareResult *made)
{
	g_auto(GStrv) given = iv_share_given(request, made);
	GString *command;

	if (given[0] == NULL)
		return NULL;
	command = g_string_new("imgvet unshare");
	append_option(command, "--image-id", request->image_id);
	append_option(command, "--region", request->region);
	append_option(command, "--profile", request->profile);
	for (guint i = 0; request->endpoints != NULL && request->endpoints[i] != NULL; i++)
		append_option(command, "--endpoint", request->endpoints[i]);
	for (guint i = 0; given[i] != NULL; i++)
		append_option(command, request->organizations != NULL ? "--organization" : "--account",
			      given[i]);
	return g_string_free(command, FALSE);
}

/* --- asking and undoing ---------------------------------------------------------------------- */

static bool wanted(const CliUndo *undo, char *const *given, const GError *why)
{
	g_autofree char *names = g_strjoinv(", ", (char **)given);
	g_autofree char *first = g_strndup(why->message, strcspn(why->message, "\n"));
	g_autofree char *text = g_strdup_printf("Sharing stopped: %s\nBefore that it was shared with: "
						"%s\n",
						first, names);
	IvQuestion question = {.question = text,
			       .doing = "undoing",
			       .todo = "take it back from them",
			       .not_done = "they keep it",
			       .hint = ""};

	if (undo->always)
		return true;
	return undo->ask && cli_can_ask(&question, NULL) && cli_ask(&question, NULL);
}

bool cli_undo(const CliUndo *undo, IvShareResult *made, const GError *why, GError **error)
{
	g_auto(GStrv) given = iv_share_given(undo->request, made);

	if (given[0] == NULL || !wanted(undo, given, why))
		return true;
	return iv_share_undo(undo->pass, undo->request, made, undo->ledger, error);
}
