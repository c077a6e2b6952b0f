/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * canary.c - does the build of make check-threads see a race, and only a race?
 *
 *   canary locked     several threads count under a GMutex: nothing to report
 *   canary open       the same without it: ThreadSanitizer must report
 */
#include <glib.h>
#include <string.h>

static GMutex lock;
static gboolean locking;
static guint counted;

static gpointer count(gpointer unused)
{
	for (guint i = 0; i < 10000; i++) {
		if (locking)
			g_mutex_lock(&lock);
		counted++;
		if (locking)
			g_mutex_unlock(&lock);
	}
	return NULL;
}

int main(int argc, char **argv)
{
	GThread *threads[4];

	locking = argc > 1 && strcmp(argv[1], "locked") == 0;
	for (guint i = 0; i < G_N_ELEMENTS(threads); i++)
		threads[i] = g_thread_new("canary", count, NULL);
	for (guint i = 0; i < G_N_ELEMENTS(threads); i++)
		g_thread_join(threads[i]);
	return locking && counted != 40000;
}
