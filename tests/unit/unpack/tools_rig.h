/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tools_rig.h - files made by the real tools, in a folder of this test */
#ifndef TESTS_UNPACK_TOOLS_RIG_H
#define TESTS_UNPACK_TOOLS_RIG_H

#include <glib.h>

static char *folder; /* of the tools' files */

static void rig_open(void)
{
	folder = g_dir_make_tmp("imgvet-unpack-XXXXXX", NULL);
}

static void rig_close(void)
{
	const char *clean[] = {"rm", "-rf", folder, NULL};

	g_spawn_sync(NULL, (char **)clean, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL);
	g_free(folder);
}

/* A command makes the file "out" from "in", which holds an invented text. */
static void make(const char *command)
{
	g_autofree char *all = g_strdup_printf(
		"PATH=$PATH:/usr/sbin:/sbin && cd '%s' && rm -rf -- * && "
		"for i in 1 2 3 4 5 6; do echo \"password_$i = invented and long enough\"; done >in && %s",
		folder, command);
	const char *argv[] = {"sh", "-c", all, NULL};
	g_autoptr(GError) error = NULL;
	g_autofree char *err = NULL;
	int status;

	g_assert_true(g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL,
				   &err, &status, &error));
	if (!g_spawn_check_wait_status(status, &error))
		g_error("%s: %s%s", command, err, error->message);
}

static GBytes *made_by(const char *command)
{
	g_autofree char *path = NULL;
	g_autoptr(GError) error = NULL;
	char *data;
	gsize len;

	make(command);
	path = g_build_filename(folder, "out", NULL);
	g_file_get_contents(path, &data, &len, &error);
	g_assert_no_error(error);
	return g_bytes_new_take(data, len);
}

#endif
