/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd_key.c - imgvet key: the public key, as a policy lists it. */
#include "cli/cli.h"
#include "share/gate/attest.h"

static char *key_file;

static const GOptionEntry entries[] = {{"key", 0, 0, G_OPTION_ARG_FILENAME, &key_file,
					"The signing key (created if missing)", "FILE"},
				       {NULL}};

static const char about[] =
	"Print the public half of the key that signs reports, for the trusted_keys of a\n"
	"policy. The key is made on first use: --key, else $IMGVET_KEY, else\n"
	"imgvet/signing.key in the XDG configuration folder.";
static const char more[] = "Exit codes: 0 done, 2 not a usable key, 3 could not finish.";

int cmd_key(int argc, char **argv)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *path = NULL;
	g_autofree char *line = NULL;
	g_autoptr(IvKey) key = NULL;
	int code;

	if (!cli_options(&argc, &argv, entries, NULL, about, more, &code))
		return code;
	if (argc != 1)
		return cli_usage_error("key", "imgvet key takes no arguments");
	path = iv_key_path(key_file);
	if (g_file_test(path, G_FILE_TEST_EXISTS))
		key = iv_key_load(path, &error);
	else if ((key = iv_key_make(path, &error)) != NULL)
		cli_say("%s: made a new signing key; keep a copy where only you can read it", path);
	if (key == NULL)
		return cli_error(error);
	line = g_strconcat(iv_key_public(key), "\n", NULL);
	return cli_print(line) ? IV_EXIT_YES : IV_EXIT_UNFINISHED;
}
