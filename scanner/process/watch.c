/* SPDX-License-Identifier: GPL-3.0-or-later */
/* watch.c - see watch.h */
#include "scanner/process/watch.h"

#include <string.h>
#include <unistd.h>

#include "scanner/base/limits.h"

/* A process, as /proc/PID/stat tells of it (proc(5)). */
typedef struct {
	pid_t pid, parent;
	guint64 ticks; /* user and system, its ended children's with them */
} Process;

/* Field 3 stands behind the last ')', which ends the name; 4 is the parent, 14 to 17
 * are the times. */
static bool read_process(const char *name, Process *process)
{
	g_autofree char *path = g_build_filename("/proc", name, "stat", NULL), *text = NULL;
	g_auto(GStrv) fields = NULL;
	const char *behind;

	if (!g_ascii_isdigit(name[0]) || !g_file_get_contents(path, &text, NULL, NULL))
		return false;
	behind = strrchr(text, ')');
	if (behind == NULL)
		return false;
	fields = g_strsplit(behind + 1, " ", 17);
	if (g_strv_length(fields) < 17)
		return false;
	process->pid = (pid_t)g_ascii_strtoll(name, NULL, 10);
	process->parent = (pid_t)g_ascii_strtoll(fields[2], NULL, 10);
	process->ticks = 0;
	for (guint i = 12; i < 16; i++)
		process->ticks += g_ascii_strtoull(fields[i], NULL, 10);
	return true;
}

static GArray *all_processes(void)
{
	GArray *list = g_array_new(FALSE, FALSE, sizeof(Process));
	g_autoptr(GDir) folder = g_dir_open("/proc", 0, NULL);
	const char *name;
	Process process;

	while (folder != NULL && (name = g_dir_read_name(folder)) != NULL)
		if (read_process(name, &process))
			g_array_append_val(list, process);
	return list;
}

/* The ticks of a process and of all that come from it. */
static guint64 family_ticks(const GArray *list, pid_t pid)
{
	g_autoptr(GHashTable) family = g_hash_table_new(NULL, NULL);
	guint64 ticks = 0;
	guint known = 0;

	g_hash_table_add(family, GINT_TO_POINTER(pid));
	while (known != g_hash_table_size(family)) {
		known = g_hash_table_size(family);
		for (guint i = 0; i < list->len; i++) {
			const Process *p = &g_array_index(list, Process, i);

			if (g_hash_table_contains(family, GINT_TO_POINTER(p->parent)))
				g_hash_table_add(family, GINT_TO_POINTER(p->pid));
		}
	}
	for (guint i = 0; i < list->len; i++) {
		const Process *p = &g_array_index(list, Process, i);

		if (g_hash_table_contains(family, GINT_TO_POINTER(p->pid)))
			ticks += p->ticks;
	}
	return ticks;
}

static guint64 cpu_ms(pid_t pid)
{
	g_autoptr(GArray) list = all_processes();
	long second = sysconf(_SC_CLK_TCK);

	return second > 0 ? family_ticks(list, pid) * 1000 / (guint64)second : 0;
}

bool iv_watch_look(IvWatch *watch)
{
	guint64 done = watch->progress != NULL ? watch->progress->done : 0;
	bool moved = done != watch->done;
	guint64 cpu = moved ? 0 : cpu_ms(watch->pid); /* asked only where it matters */

	watch->done = done;
	/* Less than before: something that was started has ended. */
	if (!moved && cpu >= watch->cpu_ms && cpu < watch->cpu_ms + IV_ALIVE_MS)
		return ++watch->quiet < watch->patience;
	watch->cpu_ms = cpu;
	watch->quiet = 0;
	return true;
}

void iv_watch_heard(IvWatch *watch)
{
	watch->quiet = 0;
}
