/* SPDX-License-Identifier: GPL-3.0-or-later */
/* qcow2_rig.h - a disk of known bytes, as raw file and as qcow2, for the tests of qcow2. */
#ifndef IV_TESTS_QCOW2_RIG_H
#define IV_TESTS_QCOW2_RIG_H

#include <string.h>

#include "scanner/base/error.h"
#include "scanner/disk/open.h"
#include "tests/unit/disk/whole_digest.h"
#include "tests/unit/folder.h"

#define KIB	  UINT64_C(1024)
#define MIB	  (1024 * KIB)
#define DISK_SIZE (9 * MIB + 3 * 512) /* no multiple of any cluster but the smallest */

static uint8_t *disk_bytes;

static inline uint64_t next_random(uint64_t *state)
{
	*state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return *state >> 33;
}

/* A disk with noise, compressible text and holes in pieces of odd sizes. */
static inline uint8_t *make_disk(void)
{
	uint8_t *disk = g_malloc0(DISK_SIZE);
	uint64_t state = 42, off = 0;

	for (unsigned kind = 0; off < DISK_SIZE; kind = (unsigned)next_random(&state) % 3) {
		uint64_t len = MIN(1 + next_random(&state) % (300 * KIB), DISK_SIZE - off);

		for (uint64_t i = 0; i < len && kind != 0; i++)
			disk[off + i] = kind == 1 ? (uint8_t)next_random(&state)
						  : (uint8_t)('a' + i / 100 % 26);
		off += len;
	}
	memset(disk + DISK_SIZE - 700, 'z', 700);
	return disk;
}

/* "disk.raw" in a new folder, and the same in disk_bytes. */
static inline void rig_begin(void)
{
	g_autofree char *path = NULL;

	folder_make();
	path = folder_path("disk.raw");
	disk_bytes = make_disk();
	g_assert_true(g_file_set_contents(path, (char *)disk_bytes, DISK_SIZE, NULL));
}

static inline int rig_end(int status)
{
	folder_remove();
	g_free(disk_bytes);
	return status;
}

static inline IvDisk *open_image(const char *name, const char *backing, GError **error)
{
	g_autofree char *path = folder_path(name);
	g_autofree char *below = backing != NULL ? folder_path(backing) : NULL;
	IvDiskOptions options = {.backing = below};

	return iv_disk_open(path, &options, error);
}

static inline void check_refused(const char *name, const char *backing, int code, const char *text)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(IvDisk) disk = open_image(name, backing, &error);

	g_assert_null(disk);
	g_assert_error(error, IV_ERROR, code);
	if (strstr(error->message, text) == NULL)
		g_error("\"%s\" does not say \"%s\"", error->message, text);
}

static inline char *digest_of(IvSource *source)
{
	g_autoptr(GError) error = NULL;
	char *text = whole_digest(source, &error);

	g_assert_no_error(error);
	return text;
}

#endif
