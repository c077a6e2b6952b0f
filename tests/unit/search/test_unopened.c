/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_unopened.c - what is packed is counted once, wherever it lies and however it is cut */
#include "scanner/search/search.h"
#include "tests/unit/search/search_rig.h"

#define GZIP "\x1f\x8b\x08\0\0\0\0\0\0\3\3\0\0\0\0\0\0\0\0\0"
#define XZ   "\xfd" "7zXZ\0\0\4\xe6\xd6\xb4\x46"
#define B64  " dXNlcj1pbnZlbnRlZCBwYXNzPW5vdGhpbmcxMjM0 "
#define WIDE "p\0a\0s\0s\0w\0o\0r\0d\0=\0i\0n\0v\0e\0n\0t\0e\0d\0"

static void put(Rig *rig, uint64_t at, const void *bytes, size_t n)
{
	memcpy(rig->disk->bytes + at, bytes, n);
}

static void search_all(Rig *rig, IvItem *const *items, guint n, unsigned threads)
{
	g_autoptr(GError) error = NULL;
	IvSearch *search = iv_search_start(rig->rules, &rig->disk->base, NULL, rig->collection, threads,
					   NULL, &error);
	uint64_t bytes;

	g_assert_no_error(error);
	for (guint i = 0; i < n; i++)
		g_assert_true(iv_search_add(search, rig->place, items[i], NULL));
	g_assert_true(iv_search_finish(search, &bytes, &error));
	iv_search_free(search);
}

static char *counted(Rig *rig)
{
	GString *text = g_string_new(NULL);

	iv_coverage_finish(rig->coverage);
	for (guint i = 0; i < rig->coverage->packed->entries->len; i++) {
		const IvPackedEntry *e = rig->coverage->packed->entries->pdata[i];
		g_autofree char *places = g_strjoinv(",", e->places);

		g_string_append_printf(text, "%s %u+%u %u %s\n", e->kind, (guint)e->files, (guint)e->pieces,
				       (guint)e->bytes, places);
	}
	return g_string_free(text, FALSE);
}

static void assert_counted(Rig *rig, const char *want)
{
	g_autofree char *text = counted(rig);

	g_assert_cmpstr(text, ==, want);
	g_assert_true(rig->coverage->complete);
}

/* Over the border of a region, in two extents: two threads see it, and it counts once. */
static void test_file(void)
{
	for (unsigned threads = 1; threads <= 3; threads += 2) {
		g_autoptr(Rig) rig = rig_new(8 * MIB);
		g_autoptr(IvItem) whole = rig_file(rig, "a.gz", 2 * MIB - 4 * KIB, MIB);
		g_autoptr(IvItem) cut = rig_item(rig, IV_ITEM_FILE, "b.gz", 8 * KIB);
		g_autoptr(IvItem) name = rig_file(rig, "name.gz", 2 * MIB - 4 * KIB, MIB);
		IvItem *items[] = {whole, cut, name};

		name->link_of = g_strdup("a.gz");
		put(rig, 2 * MIB - 4 * KIB, GZIP, sizeof(GZIP) - 1);
		/* What lies in it belongs to it. */
		rig_put(rig->disk, 2 * MIB + 64 * KIB, B64);
		put(rig, 2 * MIB + 128 * KIB, GZIP, sizeof(GZIP) - 1);
		put(rig, 5 * MIB, GZIP, sizeof(GZIP) - 1);
		g_assert_true(iv_item_add_extent(cut, 0, 5 * MIB, 4 * KIB));
		g_assert_true(iv_item_add_extent(cut, 4 * KIB, 6 * MIB, 4 * KIB));
		search_all(rig, items, G_N_ELEMENTS(items), threads);
		assert_counted(rig, "gzip 2+0 1056768 /a.gz,/b.gz\n");
	}
}

/* Slack of a packed file is no part of it; free space, a partition, memory, an attribute. */
static void test_pieces(void)
{
	g_autoptr(Rig) rig = rig_new(8 * MIB);
	g_autoptr(IvItem) file = rig_file(rig, "a.gz", 64 * KIB, 1000);
	g_autoptr(IvItem) unused = rig_item(rig, IV_ITEM_FREE, NULL, MIB);
	g_autoptr(IvItem) raw = rig_item(rig, IV_ITEM_RAW, NULL, MIB);
	g_autoptr(IvItem) memory = rig_memory(IV_ITEM_FILE, "dir/m", "x" B64);
	g_autoptr(IvItem) attribute = rig_memory(IV_ITEM_XATTR, "dir/m", "y" B64);
	IvItem *items[] = {file, unused, raw, memory, attribute};

	attribute->detail = g_strdup("user.k");
	g_array_set_size(file->extents, 0);
	file->slack = 4 * KIB - 1000;
	g_assert_true(iv_item_add_extent(file, 0, 64 * KIB, 4 * KIB));
	put(rig, 64 * KIB, GZIP, sizeof(GZIP) - 1);
	rig_put(rig->disk, 64 * KIB + 2000, B64);
	g_assert_true(iv_item_add_extent(unused, 0, MIB, MIB));
	put(rig, MIB + 8 * KIB, GZIP, sizeof(GZIP) - 1);
	put(rig, MIB + 16 * KIB, GZIP, sizeof(GZIP) - 1); /* the same block: once */
	put(rig, MIB + 700 * KIB, GZIP, sizeof(GZIP) - 1);
	put(rig, MIB + 900 * KIB + 1, GZIP, sizeof(GZIP) - 1); /* the same block again */
	g_assert_true(iv_item_add_extent(raw, 0, 4 * MIB, MIB));
	put(rig, 4 * MIB, "LUKS\xba\xbe\0\2\0\0\0\0\0\0\x40\0", 16); /* a whole partition */
	put(rig, MIB + 777 * KIB + 77, XZ, sizeof(XZ) - 1); /* at no sector */
	put(rig, MIB + 300 * KIB, WIDE WIDE WIDE, sizeof(WIDE WIDE WIDE) - 1);
	search_all(rig, items, G_N_ELEMENTS(items), 2);
	assert_counted(rig, "base64 0+3 120 /dir/m,/dir/m@user.k,slack of /a.gz\n"
			    "gzip 1+2 1000 /a.gz,free at 1056768,free at 1765376\n"
			    "luks 0+1 1048576 raw at 4194304\n"
			    "utf-16 0+1 102 free at 1355776\n"
			    "xz 0+1 0 free at 1844301\n");
}

static bool read_stream(void *user, void *buf, size_t len, size_t *got, GError **error)
{
	GByteArray *bytes = user;

	*got = MIN(len, bytes->len);
	memcpy(buf, bytes->data, *got);
	g_byte_array_remove_range(bytes, 0, (guint)*got);
	return true;
}

static void add_stream(Rig *rig, IvSearch *search, const char *path, const char *begin, size_t n)
{
	g_autoptr(IvItem) item = iv_item_new(IV_ITEM_FILE, path);
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	static uint8_t zeros[MIB];

	g_byte_array_append(bytes, (const guint8 *)begin, (guint)n);
	g_byte_array_append(bytes, zeros, MIB);
	g_byte_array_append(bytes, (const guint8 *)B64, sizeof(B64) - 1);
	item->size = bytes->len;
	item->stream = read_stream;
	item->stream_user = bytes;
	g_assert_true(iv_search_add(search, rig->place, item, NULL));
}

/* The guest reads files, and then the volume's bytes are searched raw: what a file gave is not
 * counted again, what no file has is. */
static void test_guest(void)
{
	g_autoptr(Rig) rig = rig_new(8 * MIB);
	g_autoptr(IvItem) raw = rig_item(rig, IV_ITEM_RAW, NULL, 8 * MIB);
	IvSearch *search;
	uint64_t bytes;

	g_free(rig->place->entry->reader);
	rig->place->entry->reader = g_strdup("guest");
	put(rig, MIB, GZIP, sizeof(GZIP) - 1);
	put(rig, 2 * MIB, GZIP "deleted", sizeof(GZIP "deleted") - 1);
	search = iv_search_start(rig->rules, &rig->disk->base, NULL, rig->collection, 1, NULL, NULL);
	rig->place->on_disk = false;
	add_stream(rig, search, "s.gz", GZIP, sizeof(GZIP) - 1);
	add_stream(rig, search, "s.txt", "text", 4);
	iv_search_drain(search);
	rig->place->on_disk = rig->place->drop_known = true;
	g_assert_true(iv_item_add_extent(raw, 0, 0, 8 * MIB));
	g_assert_true(iv_search_add(search, rig->place, raw, NULL));
	g_assert_true(iv_search_finish(search, &bytes, NULL));
	iv_search_free(search);
	assert_counted(rig, "base64 0+1 40 /s.txt\n"
			    "gzip 1+1 1048638 /s.gz,raw at 2097152\n");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/unopened/file", test_file);
	g_test_add_func("/unopened/pieces", test_pieces);
	g_test_add_func("/unopened/guest", test_guest);
	return g_test_run();
}
