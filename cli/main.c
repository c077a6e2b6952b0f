/* SPDX-License-Identifier: GPL-3.0-or-later */
/* main.c - the table of verbs */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

static const IvVerb verbs[] = {
	{"scan", "search a disk image for secrets and leftovers, write a report", cmd_scan},
	{"report", "show a report", cmd_report},
	{"clear", "accept one finding: dated, reasoned, expiring", cmd_clear},
	{"gate", "judge a report by a policy: may this image be shared?", cmd_gate},
	{"share", "judge, then share the image with other accounts, verified and recorded", cmd_share},
	{"unshare", "take an image back from accounts, verified and recorded", cmd_unshare},
	{"whoami", "say whose credentials are in use, and where they were found", cmd_whoami},
	{"shares", "list the images that others can use, and the verdict behind each", cmd_shares},
	{"acquire", "fetch a cloud image as a disk, with proof of which image it is", cmd_acquire},
	{"publish", "make a cloud image from a disk, with proof of which bytes it holds", cmd_publish},
	{"rules", "list, show, test and lint the rules", cmd_rules},
	{"log", "show the ledger of scans, clearances, verdicts and calls", cmd_log},
	{"key", "show the public key that signs your reports", cmd_key},
};

static const char about[] =
	"imgvet looks through a disk image for what its receivers must not have, and\n"
	"makes the cloud's share call only when every blocking finding is fixed or\n"
	"cleared by somebody accountable.\n";

static const char codes[] =
	"\nExit codes: 0 yes; 1 no (findings, blocked); 2 wrong usage or bad\n"
	"configuration; 3 could not finish (unreadable image, cloud error).\n"
	"`imgvet VERB --help` explains a verb.\n";

static char *help_text(void)
{
	GString *text = g_string_new("Usage: imgvet VERB [OPTION...]\n\n");

	g_string_append(text, about);
	g_string_append(text, "\nVerbs:\n");
	for (guint i = 0; i < G_N_ELEMENTS(verbs); i++)
		g_string_append_printf(text, "  %-8s %s\n", verbs[i].name, verbs[i].summary);
	g_string_append(text, codes);
	return g_string_free(text, FALSE);
}

static int print_and_leave(char *text)
{
	bool ok = cli_print(text);

	g_free(text);
	return ok ? IV_EXIT_YES : IV_EXIT_UNFINISHED;
}

static const IvVerb *find_verb(const char *name)
{
	for (guint i = 0; i < G_N_ELEMENTS(verbs); i++)
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	return NULL;
}

int main(int argc, char **argv)
{
	const IvVerb *verb;
	g_autofree char *prgname = NULL;

	if (argc < 2) {
		g_autofree char *text = help_text();

		fputs(text, stderr);
		return IV_EXIT_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
	    strcmp(argv[1], "help") == 0)
		return print_and_leave(help_text());
	if (strcmp(argv[1], "--version") == 0)
		return print_and_leave(cli_version());
	verb = find_verb(argv[1]);
	if (verb == NULL)
		return cli_usage_error(NULL, "unknown command '%s'", argv[1]);
	prgname = g_strdup_printf("imgvet %s", verb->name);
	g_set_prgname(prgname);
	return verb->run(argc - 1, argv + 1);
}
