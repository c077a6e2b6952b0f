/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cli.h - what the verbs share.  The only code that prints to the terminal or
 * exits.  Results go to stdout, all else to stderr.
 *
 * Exit codes: 0 yes, 1 no (findings, blocked), 2 wrong usage or bad
 * configuration, 3 could not finish.
 */
#ifndef IV_CLI_H
#define IV_CLI_H

#include <glib.h>
#include <stdbool.h>

#include "scanner/base/error.h"
#include "scanner/base/progress.h"

#define IV_EXIT_YES 0
#define IV_EXIT_NO 1
#define IV_EXIT_USAGE 2
#define IV_EXIT_UNFINISHED 3

/* One verb: argv[0] is the verb's name; the result is the exit code. */
typedef struct {
	const char *name;
	const char *summary; /* one line for --help */
	int (*run)(int argc, char **argv);
} IvVerb;

int cmd_scan(int argc, char **argv);
int cmd_report(int argc, char **argv);
int cmd_clear(int argc, char **argv);
int cmd_gate(int argc, char **argv);
int cmd_share(int argc, char **argv);
int cmd_unshare(int argc, char **argv);
int cmd_shares(int argc, char **argv);
int cmd_acquire(int argc, char **argv);
int cmd_publish(int argc, char **argv);
int cmd_rules(int argc, char **argv);
int cmd_log(int argc, char **argv);
int cmd_whoami(int argc, char **argv);
int cmd_key(int argc, char **argv);

/* Parse a verb's options with GOption.  `usage` follows the verb's name in the help ("REPORT"),
 * `about` stands below it, `more` (examples, exit codes) after the options.  Afterwards argv holds
 * the operands only.  False when the verb should return *exit_code at once (--help, or a usage
 * error that was printed). */
IV_MUST_CHECK
bool cli_options(int *argc, char ***argv, const GOptionEntry *entries, const char *usage,
		 const char *about, const char *more, int *exit_code);

/* Print "imgvet: error: ..." and hints; returns the error's exit code. */
int cli_error(const GError *error);

/* "imgvet: error: ..." for a wrong command line, with "see imgvet VERB --help";
 * returns IV_EXIT_USAGE. */
int cli_usage_error(const char *verb, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Lines for stderr; silent under --quiet. */
void cli_say(const char *format, ...) G_GNUC_PRINTF(1, 2);
void cli_warn(const char *format, ...) G_GNUC_PRINTF(1, 2);
extern gboolean cli_quiet;

/* A question on the terminal, then 'Type "yes" to ACTION: '; only that whole word
 * counts.  IV_ERROR_USAGE without a terminal ("DOING needs a confirmation ...",
 * and `hint`), IV_ERROR_REFUSED for any other answer. */
typedef struct {
	const char *question; /* lines, with the last line end */
	const char *doing, *todo, *not_done; /* "sharing", "share", "nothing was shared" */
	const char *hint;
} IvQuestion;
IV_MUST_CHECK
bool cli_ask(const IvQuestion *question, GError **error);
/* Is there a terminal to ask at?  Ask this before any work that only prepares the question. */
IV_MUST_CHECK
bool cli_can_ask(const IvQuestion *question, GError **error);

/* Write text to stdout completely (with the flush); false and an error printed
 * when that fails (full disk, closed pipe): the verb then returns 3. */
IV_MUST_CHECK
bool cli_print(const char *text);

/* What --version prints: the version and the libraries in use; free it. */
char *cli_version(void);

/* Colour on this stream?  A terminal, and no NO_COLOR, and TERM is not dumb. */
bool cli_colour(int fd);
/* Columns of the terminal at fd; 80 when it is not a terminal. */
int cli_columns(int fd);

/* The rule set: --rules paths, else $IMGVET_RULES, else the rules/ folder installed with the
 * program or in its checkout.  A GStrv for iv_ruleset_load(). */
IV_MUST_CHECK
GStrv cli_rules_paths(char **given, char **extra, GError **error);

/* The policy's file: the one given, else $IMGVET_POLICY, else NULL, the built-in default. */
const char *cli_policy_path(const char *given);

/* --- progress.c ------------------------------------------------------------- */

typedef struct IvProgressBar IvProgressBar;

/* Bytes, rate and time left on stderr, redrawn a few times a second by a thread
 * of its own.  NULL, which cli_progress_stop() takes, and nothing drawn, when stderr is no
 * terminal, under --quiet, and without counters: there may have been no memory for them.
 * `progress` must outlive the bar; another process may change it, and is not believed. */
IvProgressBar *cli_progress_start(const char *what, const IvScanProgress *progress);
/* The same for a number of things: "looking at images  120 of 500".  The numbers
 * are read atomically and must outlive the bar. */
IvProgressBar *cli_progress_count(const char *what, const gint *done, const gint *total);
void cli_progress_stop(IvProgressBar *bar);

#endif
