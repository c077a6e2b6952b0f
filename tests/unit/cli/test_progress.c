/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_progress.c - the bar on a terminal: drawn, taken away, and missing without counters */
#include <pty.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"

/* stderr is a terminal for the time of a test. */
typedef struct {
	int before, shown;
} Terminal;

static void terminal_open(Terminal *terminal)
{
	const struct winsize size = {.ws_col = 80, .ws_row = 25};
	int inner;

	g_assert_cmpint(openpty(&terminal->shown, &inner, NULL, NULL, &size), ==, 0);
	terminal->before = dup(STDERR_FILENO);
	g_assert_cmpint(dup2(inner, STDERR_FILENO), ==, STDERR_FILENO);
	close(inner);
}

/* What it showed: the test ends it with a mark of its own. */
static char *terminal_close(Terminal *terminal)
{
	GString *shown = g_string_new(NULL);
	char buffer[4096];
	ssize_t got;

	g_assert_cmpint(write(STDERR_FILENO, "|", 1), ==, 1);
	while (strchr(shown->str, '|') == NULL &&
	       (got = read(terminal->shown, buffer, sizeof(buffer))) > 0)
		g_string_append_len(shown, buffer, got);
	dup2(terminal->before, STDERR_FILENO);
	close(terminal->before);
	close(terminal->shown);
	return g_string_free(shown, FALSE);
}

static char *show(const IvScanProgress *progress)
{
	Terminal terminal;
	IvProgressBar *bar;

	terminal_open(&terminal);
	bar = cli_progress_start("disk.img", progress);
	g_usleep(400000); /* two drawings */
	cli_progress_stop(bar);
	return terminal_close(&terminal);
}

static void test_drawn(void)
{
	const IvScanProgress progress = {.total = 1024, .done = 512, .phase = IV_PHASE_SEARCH};
	g_autofree char *shown = show(&progress);

	g_assert_true(g_str_has_prefix(shown, "\r\033[K[###############---"));
	g_assert_nonnull(strstr(shown, " 50%  512 B of 1.0 KiB"));
	g_assert_true(g_str_has_suffix(shown, "left\r\033[K|"));
}

/* Without memory for the counters there is a scan, and no bar. */
static void test_no_counters(void)
{
	g_autofree char *shown = show(NULL);

	g_assert_cmpstr(shown, ==, "|");
}

static void test_quiet(void)
{
	const IvScanProgress progress = {.total = 1024};
	g_autofree char *shown = NULL;

	cli_quiet = TRUE;
	shown = show(&progress);
	cli_quiet = FALSE;
	g_assert_cmpstr(shown, ==, "|");
}

static void test_no_terminal(void)
{
	const IvScanProgress progress = {.total = 1024};
	int before = dup(STDERR_FILENO), pipes[2];
	IvProgressBar *bar;

	g_assert_cmpint(pipe(pipes), ==, 0);
	dup2(pipes[1], STDERR_FILENO);
	bar = cli_progress_start("disk.img", &progress);
	dup2(before, STDERR_FILENO);
	g_assert_null(bar);
	cli_progress_stop(bar);
	close(before);
	close(pipes[0]);
	close(pipes[1]);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/progress/drawn", test_drawn);
	g_test_add_func("/progress/no-counters", test_no_counters);
	g_test_add_func("/progress/quiet", test_quiet);
	g_test_add_func("/progress/no-terminal", test_no_terminal);
	return g_test_run();
}
