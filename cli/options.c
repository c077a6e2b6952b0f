/* SPDX-License-Identifier: GPL-3.0-or-later */
/* options.c - option parsing, messages and paths that all verbs share */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/cli.h"
#include "scanner/base/text.h"
#include "scanner/disk/digest.h"

gboolean cli_quiet;

static const GOptionEntry common[] = {
	{"quiet", 'q', 0, G_OPTION_ARG_NONE, &cli_quiet, "No progress and no remarks on stderr",
	 NULL},
	{NULL},
};

static bool wants_help(int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
			return true;
	return false;
}

/* GOption leaves a "--" in front of operands that look like options. */
static void drop_dashes(int *argc, char **argv)
{
	for (int i = 1; i < *argc; i++) {
		if (strcmp(argv[i], "--") != 0)
			continue;
		memmove(argv + i, argv + i + 1, (size_t)(*argc - i) * sizeof(*argv));
		(*argc)--;
		return;
	}
}

bool cli_options(int *argc, char ***argv, const GOptionEntry *entries, const char *usage,
		 const char *about, const char *more, int *exit_code)
{
	g_autoptr(GOptionContext) context = g_option_context_new(usage);
	const char *verb = (*argv)[0];
	g_autoptr(GError) error = NULL;

	g_option_context_set_summary(context, about);
	g_option_context_set_description(context, more);
	g_option_context_set_help_enabled(context, FALSE);
	g_option_context_add_main_entries(context, entries, NULL);
	g_option_context_add_main_entries(context, common, NULL);
	if (wants_help(*argc, *argv)) {
		g_autofree char *help = g_option_context_get_help(context, TRUE, NULL);

		*exit_code = cli_print(help) ? IV_EXIT_YES : IV_EXIT_UNFINISHED;
		return false;
	}
	if (!g_option_context_parse(context, argc, argv, &error)) {
		*exit_code = cli_usage_error(verb, "%s", error->message);
		return false;
	}
	drop_dashes(argc, *argv);
	return true;
}

int cli_error(const GError *error)
{
	g_auto(GStrv) lines = g_strsplit(error->message, "\n", -1);

	fprintf(stderr, "imgvet: error: %s\n", lines[0] != NULL ? lines[0] : "unknown");
	for (guint i = 1; lines[0] != NULL && lines[i] != NULL; i++)
		if (lines[i][0] != '\0')
			fprintf(stderr, "imgvet: hint: %s\n", lines[i]);
	return iv_error_exit_code(error);
}

int cli_usage_error(const char *verb, const char *format, ...)
{
	va_list args;

	fputs("imgvet: error: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, "\nimgvet: hint: see imgvet %s%s--help\n", verb != NULL ? verb : "",
		verb != NULL ? " " : "");
	return IV_EXIT_USAGE;
}

void cli_say(const char *format, ...)
{
	va_list args;

	if (cli_quiet)
		return;
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

void cli_warn(const char *format, ...)
{
	va_list args;

	fputs("imgvet: warning: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

bool cli_print(const char *text)
{
	if (fputs(text, stdout) >= 0 && fflush(stdout) == 0 && !ferror(stdout))
		return true;
	fprintf(stderr, "imgvet: error: cannot write to standard output: %s\n", g_strerror(errno));
	return false;
}

char *cli_version(void)
{
	return g_strdup_printf("imgvet %s\n"
			       "SHA-256: %s\n"
			       "License GPL-3.0-or-later\n",
			       IV_VERSION, iv_digest_implementation());
}

bool cli_colour(int fd)
{
	const char *no = g_getenv("NO_COLOR");
	const char *term = g_getenv("TERM");

	return isatty(fd) && (no == NULL || no[0] == '\0') && term != NULL &&
	       strcmp(term, "dumb") != 0;
}

int cli_columns(int fd)
{
	struct winsize size;

	if (isatty(fd) && ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40)
		return size.ws_col;
	return 80;
}

/* The rules that came with this program: installed (PREFIX/bin beside
 * PREFIX/share), or those of the checkout that holds the build folder. */
static char *own_rules(void)
{
	static const char *const places[] = {"../share/imgvet/rules", "../rules", "../../rules"};
	g_autofree char *program = g_file_read_link("/proc/self/exe", NULL);
	g_autofree char *folder = program != NULL ? g_path_get_dirname(program) : NULL;

	for (guint i = 0; folder != NULL && i < G_N_ELEMENTS(places); i++) {
		g_autofree char *path = g_build_filename(folder, places[i], NULL);

		if (g_file_test(path, G_FILE_TEST_IS_DIR))
			return g_canonicalize_filename(path, NULL);
	}
	return NULL;
}

GStrv cli_rules_paths(char **given, char **extra, GError **error)
{
	g_autoptr(GStrvBuilder) paths = g_strv_builder_new();
	const char *set = g_getenv("IMGVET_RULES");
	g_autofree char *own = NULL;

	if (given != NULL && given[0] != NULL) {
		g_strv_builder_addv(paths, (const char **)given);
	} else if (set != NULL && set[0] != '\0') {
		g_strv_builder_add(paths, set);
	} else if ((own = own_rules()) != NULL) {
		g_strv_builder_add(paths, own);
	} else {
		iv_fail(error, IV_ERROR_CONFIG,
			"found no rules beside the program\n"
			"name a folder with --rules, or in IMGVET_RULES");
		return NULL;
	}
	if (extra != NULL)
		g_strv_builder_addv(paths, (const char **)extra);
	return g_strv_builder_end(paths);
}

const char *cli_policy_path(const char *given)
{
	const char *set = g_getenv("IMGVET_POLICY");

	return given != NULL || set == NULL || *set == '\0' ? given : set;
}
