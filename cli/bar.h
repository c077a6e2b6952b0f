/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * bar.h - the line that a progress bar shows, as text: no terminal, no clock, no thread.
 *
 * A line has at most `columns` - 1 characters, so that the terminal never wraps it; where there is
 * no room for the bar itself, the numbers stand alone.  The caller frees it.
 */
#ifndef IV_CLI_BAR_H
#define IV_CLI_BAR_H

#include <glib.h>

#include "scanner/base/progress.h"

/* "[####----]" of at most `room` characters, or "" where that is too few for a bar.  part: 0 to 1;
 * what lies outside counts as the nearer end. */
char *cli_bar(int room, double part);

/* Bytes, rate and time left after so many seconds.  The counters may belong to a process that has
 * been taken over by what it reads: each is read once, and nothing is believed. */
char *cli_bar_bytes(const IvScanProgress *progress, const char *what, double seconds, int columns);

/* "[####----] looking at images  120 of 500" */
char *cli_bar_count(gint done, gint total, const char *what, int columns);

#endif
