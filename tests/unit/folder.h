/* SPDX-License-Identifier: GPL-3.0-or-later */
/* folder.h - a folder of the test's own, and commands of the shell in it. */
#ifndef IV_TESTS_FOLDER_H
#define IV_TESTS_FOLDER_H

#include <glib/gstdio.h>
#include <stdbool.h>

static char *folder;

static inline void folder_make(void)
{
	g_autoptr(GError) error = NULL;

	folder = g_dir_make_tmp("imgvet-XXXXXX", &error);
	g_assert_no_error(error);
}

static inline char *folder_path(const char *name)
{
	return g_build_filename(folder, name, NULL);
}

/* Every command of the script must succeed.  What it prints is not shown. */
static inline void folder_sh(const char *format, ...) G_GNUC_PRINTF(1, 2);
static inline void folder_sh(const char *format, ...)
{
	g_autofree char *script = NULL, *quoted = g_shell_quote(folder), *whole = NULL;
	int status = -1;
	va_list args;

	va_start(args, format);
	script = g_strdup_vprintf(format, args);
	va_end(args);
	whole = g_strdup_printf("set -e; cd %s; { %s; } >/dev/null", quoted, script);
	const char *argv[] = {"sh", "-c", whole, NULL};
	g_assert_true(g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL,
				   NULL, &status, NULL));
	if (status != 0)
		g_error("failed: %s", whole);
}

static inline void folder_remove(void)
{
	folder_sh("chmod -R u+rwX .; rm -rf -- \"$PWD\"");
	g_clear_pointer(&folder, g_free);
}

#endif
