/* SPDX-License-Identifier: GPL-3.0-or-later */
/* volume_rig.h - what the tests of scanner/volume/ share: disks made by a shell line. */
#ifndef IV_TESTS_VOLUME_RIG_H
#define IV_TESTS_VOLUME_RIG_H

#include <glib.h>
#include <string.h>
#include <unistd.h>

#include "scanner/base/error.h"
#include "scanner/disk/source.h"

#define MIB  (1u << 20)
#define DISK (16u * MIB)

/* Run a shell line on a sparse disk file $0 and return its bytes. */
G_GNUC_UNUSED static uint8_t *disk_made_by(const char *line, size_t size)
{
	g_autofree char *dir = g_dir_make_tmp("imgvet-volume-XXXXXX", NULL);
	g_autofree char *path = g_build_filename(dir, "d.img", NULL);
	g_autofree char *text = g_strdup_printf(
		"export PATH=$PATH:/sbin:/usr/sbin; truncate -s %zu \"$0\" && { %s\n} >/dev/null", size,
		line);
	const char *argv[] = {"bash", "-c", text, path, NULL};
	char *data;
	gsize len;
	int status;

	g_assert_true(g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL,
				   NULL, &status, NULL));
	g_assert_true(g_spawn_check_wait_status(status, NULL));
	g_assert_true(g_file_get_contents(path, &data, &len, NULL));
	g_assert_cmpuint(len, ==, size);
	g_assert_cmpint(unlink(path), ==, 0);
	g_assert_cmpint(rmdir(dir), ==, 0);
	return (uint8_t *)data;
}

/* The same as a source. */
G_GNUC_UNUSED static IvSource *source_made_by(const char *line, size_t size)
{
	g_autoptr(GBytes) bytes = g_bytes_new_take(disk_made_by(line, size), size);

	return iv_memory_new(bytes);
}

#endif
