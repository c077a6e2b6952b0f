/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * watch.h - does a child process still do something?
 *
 * Signs of life are processor time (its own and that of what it started, such as
 * qemu) and progress.  A child that shows none for too long waits for something
 * that never comes.  What a hostile child cannot do is wait for ever; that it
 * computes for ever, nobody can tell from a long scan: the progress bar shows it.
 *
 * The caller looks again and again, at most IV_WATCH_MS apart; only looks count,
 * so that a parent that was itself stopped for an hour takes nothing amiss.
 */
#ifndef IV_PROCESS_WATCH_H
#define IV_PROCESS_WATCH_H

#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

#include "scanner/base/progress.h"

/* Milliseconds between two looks. */
#define IV_WATCH_MS 2000

typedef struct {
	pid_t pid;
	const IvScanProgress *progress; /* or NULL */
	unsigned patience;		/* looks without a sign of life */
	/* private */
	unsigned quiet;
	guint64 cpu_ms, done;
} IvWatch;

/* One look: false when the patience is at its end. */
bool iv_watch_look(IvWatch *watch);

/* The answer goes on: a sign of life. */
void iv_watch_heard(IvWatch *watch);

#endif
