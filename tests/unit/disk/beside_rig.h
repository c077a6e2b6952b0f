/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * beside_rig.h - what a qcow2 file holds besides its disk, and editing such files.  The images are
 * made by qemu-img when the test runs; their clusters have 64 KiB.
 */
#ifndef IV_TESTS_BESIDE_RIG_H
#define IV_TESTS_BESIDE_RIG_H

#include <string.h>

#include "scanner/base/error.h"
#include "scanner/disk/open.h"
#include "tests/unit/folder.h"

#define CLUSTER UINT64_C(65536)

/* "disk.raw" with text in a new folder. */
static inline void rig_begin(void)
{
	folder_make();
	folder_sh("seq -f 'some text, line %%.0f, of no meaning' 250000 >disk.raw; truncate -s 9M disk.raw");
}

static inline int rig_end(int status)
{
	folder_remove();
	return status;
}

static inline IvBeside *beside_of(const char *name, const char *backing)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *path = folder_path(name);
	g_autofree char *below = backing != NULL ? folder_path(backing) : NULL;
	IvDiskOptions options = {.backing = below};
	g_autoptr(IvDisk) disk = iv_disk_open(path, &options, &error);

	g_assert_no_error(error);
	return iv_disk_beside(disk);
}

/* The first part that says this, or NULL. */
static inline const IvBesidePart *part_with(const IvBeside *beside, const char *text)
{
	for (guint i = 0; i < beside->parts->len; i++) {
		const IvBesidePart *part = beside->parts->pdata[i];

		if (strstr(part->what, text) != NULL)
			return part;
	}
	return NULL;
}

static inline void show(const IvBeside *beside)
{
	for (guint i = 0; i < beside->parts->len; i++) {
		const IvBesidePart *part = beside->parts->pdata[i];

		g_test_message("%s: %" G_GUINT64_FORMAT, part->what, part->bytes);
	}
	for (guint i = 0; i < beside->notes->len; i++)
		g_test_message("note: %s", (char *)beside->notes->pdata[i]);
}

/* Exactly one part, which says this; returns its bytes. */
static inline uint64_t only_part(const char *name, const char *text)
{
	g_autoptr(IvBeside) beside = beside_of(name, NULL);

	show(beside);
	g_assert_cmpuint(beside->parts->len, ==, 1);
	g_assert_nonnull(part_with(beside, text));
	g_assert_cmpuint(beside->notes->len, ==, 0);
	return ((IvBesidePart *)beside->parts->pdata[0])->bytes;
}

static inline void assert_nothing(const char *name)
{
	g_autoptr(IvBeside) beside = beside_of(name, NULL);

	show(beside);
	g_assert_cmpuint(beside->parts->len, ==, 0);
	g_assert_cmpuint(beside->notes->len, ==, 0);
}

/* --- editing ---------------------------------------------------------------------------- */

typedef struct {
	uint8_t *bytes;
	gsize len;
} File;

static inline void file_clear(File *file)
{
	g_free(file->bytes);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(File, file_clear)

static inline File load(const char *name)
{
	g_autofree char *path = folder_path(name);
	File file;

	g_assert_true(g_file_get_contents(path, (char **)&file.bytes, &file.len, NULL));
	return file;
}

static inline void save(const char *name, const File *file)
{
	g_autofree char *path = folder_path(name);

	g_assert_true(g_file_set_contents(path, (char *)file->bytes, (gssize)file->len, NULL));
}

static inline void put(File *file, uint64_t off, unsigned len, uint64_t value)
{
	g_assert_cmpuint(off + len, <=, file->len);
	for (unsigned i = 0; i < len; i++)
		file->bytes[off + i] = (uint8_t)(value >> 8 * (len - 1 - i));
}

static inline uint64_t get(const File *file, uint64_t off, unsigned len)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < len; i++)
		value = value << 8 | file->bytes[off + i];
	return value;
}

#define L2_OFFSET UINT64_C(0x00fffffffffffe00)

/* Where the entry of the disk's cluster n stands in the file. */
static inline uint64_t l2_entry(const File *file, uint64_t n)
{
	return (get(file, get(file, 40, 8), 8) & L2_OFFSET) + n * 8;
}

/* --- images ------------------------------------------------------------------------------ */

/* A disk of 2 MiB of text of which a snapshot named "before" was taken; then n clusters
 * were written over. */
static inline void make_snapshot(unsigned n)
{
	folder_sh("head -c 2M disk.raw >small.raw; qemu-img convert -q -O qcow2 small.raw snap.qcow2; "
	      "qemu-img snapshot -c before snap.qcow2; "
	      "qemu-io -f qcow2 -c 'write -P 0x42 0 %uk' snap.qcow2", n * 64);
}

#endif
