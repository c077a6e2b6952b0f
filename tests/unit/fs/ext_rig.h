/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ext_rig.h - what the tests of the ext reader share: images made by mke2fs and
 * debugfs, and a sink that remembers everything.
 */
#ifndef IV_TESTS_EXT_RIG_H
#define IV_TESTS_EXT_RIG_H

#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>

#include "scanner/base/error.h"
#include "scanner/base/limits.h"
#include "scanner/fs/readers.h"

/* Files up to this size are hashed as a whole. */
#define RIG_HASH_BYTES (32u << 20)

typedef struct {
	IvItemKind kind;
	uint64_t size, slack, stored;
	char *digest;  /* SHA-256 of the content, or NULL when it is too long */
	char *link_of;
	IvItem *item;
} RigItem;

typedef struct {
	GHashTable *items;  /* path, or path " @" attribute -> RigItem */
	GPtrArray *unread;  /* "path: reason" */
	GPtrArray *notes;
	GArray *runs;	    /* IvExtent, logical unused: all that was emitted once */
	GPtrArray *rest;    /* IvItem: free space and metadata */
	guint64 count, unread_calls, stop_after; /* stop_after 0: never */
	bool light;	    /* read every byte, remember nothing */
} Rig;

static void rig_item_free(void *data)
{
	RigItem *r = data;

	g_free(r->digest);
	g_free(r->link_of);
	iv_item_unref(r->item);
	g_free(r);
}

G_GNUC_UNUSED static Rig *rig_new(void)
{
	Rig *rig = g_new0(Rig, 1);

	rig->items = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, rig_item_free);
	rig->unread = g_ptr_array_new_with_free_func(g_free);
	rig->notes = g_ptr_array_new_with_free_func(g_free);
	rig->runs = g_array_new(FALSE, FALSE, sizeof(IvExtent));
	rig->rest = g_ptr_array_new_with_free_func((GDestroyNotify)iv_item_unref);
	return rig;
}

G_GNUC_UNUSED static void rig_free(Rig *rig)
{
	g_hash_table_unref(rig->items);
	g_ptr_array_unref(rig->unread);
	g_ptr_array_unref(rig->notes);
	g_array_unref(rig->runs);
	g_ptr_array_unref(rig->rest);
	g_free(rig);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Rig, rig_free)

static char *rig_digest(IvItem *item)
{
	g_autofree uint8_t *buf = g_malloc(item->size + 1);
	g_autoptr(GError) error = NULL;

	g_assert_true(iv_item_read(item, 0, buf, item->size, &error));
	g_assert_no_error(error);
	return g_compute_checksum_for_data(G_CHECKSUM_SHA256, buf, item->size);
}

static void rig_remember(Rig *rig, IvItem *item)
{
	RigItem *r = g_new0(RigItem, 1);
	char *key = item->detail == NULL ? g_strdup(item->path)
					 : g_strconcat(item->path, " @", item->detail, NULL);

	r->kind = item->kind;
	r->size = item->size;
	r->slack = item->slack;
	r->stored = iv_item_stored(item);
	r->link_of = g_strdup(item->link_of);
	r->item = iv_item_ref(item);
	if (item->size <= RIG_HASH_BYTES)
		r->digest = rig_digest(item);
	g_assert_false(g_hash_table_contains(rig->items, key));
	g_hash_table_insert(rig->items, key, r);
}

/* Read all stored bytes, as the searcher would. */
static void rig_read_all(IvItem *item)
{
	static uint8_t buf[256 << 10];
	uint64_t off = 0, len;

	for (;;) {
		iv_item_next_data(item, off, IV_HOLE_SKIP, &off, &len);
		if (len == 0)
			return;
		len = MIN(len, sizeof(buf));
		g_assert_true(iv_item_read(item, off, buf, len, NULL));
		off += len;
	}
}

static bool rig_on_item(void *user, IvItem *item, GError **error)
{
	Rig *rig = user;

	rig->count++;
	if (rig->stop_after != 0 && rig->count >= rig->stop_after)
		return iv_fail(error, IV_ERROR_LIMIT, "the test said stop");
	if (rig->light) {
		rig_read_all(item);
		return true;
	}
	if (item->path != NULL)
		rig_remember(rig, item);
	else
		g_ptr_array_add(rig->rest, iv_item_ref(item));
	if (item->link_of == NULL && item->extents != NULL)
		g_array_append_vals(rig->runs, item->extents->data, item->extents->len);
	return true;
}

static void rig_on_unread(void *user, const char *path, uint64_t bytes, const char *reason)
{
	Rig *rig = user;

	rig->unread_calls++;
	if (!rig->light)
		g_ptr_array_add(rig->unread,
				g_strdup_printf("%s: %s", path == NULL ? "-" : path, reason));
}

static void rig_on_note(void *user, const char *text)
{
	Rig *rig = user;

	if (!rig->light)
		g_ptr_array_add(rig->notes, g_strdup(text));
}

static const IvFsSink rig_sink = {rig_on_item, rig_on_unread, rig_on_note};

static int rig_by_physical(const void *a, const void *b)
{
	const IvExtent *x = a, *y = b;

	return x->physical < y->physical ? -1 : x->physical > y->physical;
}

/* What was emitted covers the volume, every byte once. */
G_GNUC_UNUSED static void rig_assert_cover(Rig *rig, uint64_t size)
{
	uint64_t at = 0;

	g_array_sort(rig->runs, rig_by_physical);
	for (guint i = 0; i < rig->runs->len; i++) {
		const IvExtent *run = &g_array_index(rig->runs, IvExtent, i);

		g_assert_cmpuint(run->physical, ==, at);
		at += run->length;
	}
	g_assert_cmpuint(at, ==, size);
}

G_GNUC_UNUSED static bool rig_has(const GPtrArray *list, const char *text)
{
	for (guint i = 0; i < list->len; i++)
		if (strstr(list->pdata[i], text) != NULL)
			return true;
	for (guint i = 0; i < list->len; i++)
		g_test_message("%s", (char *)list->pdata[i]);
	return false;
}

G_GNUC_UNUSED static void rig_assert_none(const GPtrArray *list)
{
	for (guint i = 0; i < list->len; i++)
		g_test_message("%s", (char *)list->pdata[i]);
	g_assert_cmpuint(list->len, ==, 0);
}

G_GNUC_UNUSED static RigItem *rig_get(Rig *rig, const char *key)
{
	RigItem *item = g_hash_table_lookup(rig->items, key);

	if (item == NULL)
		g_test_message("no item %s", key);
	g_assert_nonnull(item);
	return item;
}

/* --- images ------------------------------------------------------------------------- */

static char *rig_dir;

G_GNUC_UNUSED static void rig_setup(void)
{
	rig_dir = g_dir_make_tmp("imgvet-ext-XXXXXX", NULL);
	g_assert_nonnull(rig_dir);
	g_setenv("PATH", "/usr/sbin:/sbin:/usr/bin:/bin", TRUE);
	g_setenv("RIG", rig_dir, TRUE);
}

/* Run a shell script in the scratch folder. */
G_GNUC_UNUSED static void rig_sh(const char *format, ...) G_GNUC_PRINTF(1, 2);
static void rig_sh(const char *format, ...)
{
	g_autofree char *script = NULL, *all = NULL, *out = NULL, *err = NULL;
	g_autoptr(GError) error = NULL;
	int status = -1;
	va_list args;

	va_start(args, format);
	script = g_strdup_vprintf(format, args);
	va_end(args);
	all = g_strconcat("set -e; cd \"$RIG\"\n", script, NULL);
	const char *argv[] = {"/bin/sh", "-c", all, NULL};
	g_assert_true(g_spawn_sync(NULL, (char **)argv, NULL, 0, NULL, NULL, &out, &err, &status,
				   &error));
	if (!g_spawn_check_wait_status(status, NULL))
		g_test_message("%s\n%s\n%s", script, out, err);
	g_assert_true(g_spawn_check_wait_status(status, NULL));
}

G_GNUC_UNUSED static void rig_teardown(void)
{
	rig_sh("chmod -R u+rwx . && rm -rf ./*");
	g_rmdir(rig_dir);
	g_free(rig_dir);
}

/* The image in memory: a private copy that a test may damage. */
G_GNUC_UNUSED static uint8_t *rig_load(const char *name, size_t *size)
{
	g_autofree char *path = g_build_filename(rig_dir, name, NULL);
	char *data = NULL;

	g_assert_true(g_file_get_contents(path, &data, size, NULL));
	return (uint8_t *)data;
}

G_GNUC_UNUSED static IvSource *rig_source(const char *name)
{
	g_autofree char *path = g_build_filename(rig_dir, name, NULL);
	g_autoptr(GMappedFile) map = g_mapped_file_new(path, FALSE, NULL);
	g_autoptr(GBytes) bytes = NULL;

	g_assert_nonnull(map);
	bytes = g_mapped_file_get_bytes(map);
	return iv_memory_new(bytes);
}

G_GNUC_UNUSED static Rig *rig_walk_source(IvSource *source)
{
	g_autoptr(GError) error = NULL;
	Rig *rig = rig_new();

	g_assert_true(iv_fs_ext.probe(source));
	g_assert_true(iv_fs_ext.walk(source, &rig_sink, rig, &error));
	g_assert_no_error(error);
	return rig;
}

G_GNUC_UNUSED static Rig *rig_walk(const char *name)
{
	g_autoptr(IvSource) source = rig_source(name);
	Rig *rig = rig_walk_source(source);

	rig_assert_cover(rig, source->size);
	return rig;
}

/* Deterministic content. */
G_GNUC_UNUSED static uint8_t *rig_content(unsigned seed, size_t len)
{
	uint8_t *data = g_malloc(len + 1);
	uint64_t x = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;

	for (size_t i = 0; i < len; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		data[i] = (uint8_t)(x >> 32);
	}
	data[len] = 0;
	return data;
}

G_GNUC_UNUSED static void rig_write(const char *path, unsigned seed, size_t len)
{
	g_autofree char *full = g_build_filename(rig_dir, path, NULL);
	g_autofree char *dir = g_path_get_dirname(full);
	g_autofree uint8_t *data = rig_content(seed, len);

	g_mkdir_with_parents(dir, 0755);
	g_assert_true(g_file_set_contents(full, (char *)data, (gssize)len, NULL));
}

G_GNUC_UNUSED static void rig_assert_content(Rig *rig, const char *path, unsigned seed, size_t len)
{
	g_autofree uint8_t *data = rig_content(seed, len);
	g_autofree char *digest = g_compute_checksum_for_data(G_CHECKSUM_SHA256, data, len);
	RigItem *item = rig_get(rig, path);

	g_assert_cmpuint(item->size, ==, len);
	g_assert_cmpstr(item->digest, ==, digest);
}

#endif
