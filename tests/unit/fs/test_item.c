/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Items: runs, holes, slack, places on the disk; sizes that an image made up. */
#include <string.h>

#include "scanner/base/error.h"
#include "scanner/fs/item.h"

/* 1000 bytes, each telling its offset. */
static IvSource *counting_source(void)
{
	uint8_t *data = g_malloc(1000);
	g_autoptr(GBytes) bytes = NULL;

	for (int i = 0; i < 1000; i++)
		data[i] = (uint8_t)(i * 7 + i / 256);
	bytes = g_bytes_new_take(data, 1000);
	return iv_memory_new(bytes);
}

static uint8_t byte_at(uint64_t physical)
{
	return (uint8_t)(physical * 7 + physical / 256);
}

static IvItem *file_item(uint64_t size, const uint64_t (*runs)[3], size_t count)
{
	IvItem *item = iv_item_new(IV_ITEM_FILE, "etc/passwd");

	item->source = counting_source();
	item->size = size;
	for (size_t i = 0; i < count; i++)
		g_assert_true(iv_item_add_extent(item, runs[i][0], runs[i][1], runs[i][2]));
	return item;
}

static const uint64_t holes[][3] = {{10, 500, 20}, {30, 100, 10}, {60, 0, 5}};

/* Every range of a small file with holes, against a byte-wise model. */
static void test_read_every_range(void)
{
	g_autoptr(IvItem) item = file_item(70, holes, 3);
	uint8_t model[74] = {0}, got[74];

	item->slack = 4;
	for (size_t r = 0; r < 3; r++)
		for (uint64_t i = 0; i < holes[r][2]; i++)
			model[holes[r][0] + i] = byte_at(holes[r][1] + i);
	for (size_t off = 0; off <= 74; off++)
		for (size_t len = 0; off + len <= 74; len++) {
			memset(got, 0xee, sizeof(got));
			g_assert_true(iv_item_read(item, off, got, len, NULL));
			g_assert_cmpmem(got, len, model + off, len);
		}
}

static void test_read_refuses_beyond_the_end(void)
{
	g_autoptr(IvItem) item = file_item(70, holes, 3);
	g_autoptr(GError) error = NULL;
	uint8_t buf[80];

	item->slack = 4;
	g_assert_false(iv_item_read(item, 0, buf, 75, &error));
	g_assert_error(error, IV_ERROR, IV_ERROR_CORRUPT);
	g_clear_error(&error);
	g_assert_false(iv_item_read(item, UINT64_MAX, buf, 2, &error));
	g_assert_error(error, IV_ERROR, IV_ERROR_CORRUPT);
	g_clear_error(&error);
	/* A run that points outside the volume fails; it does not read zeros. */
	g_assert_true(iv_item_add_extent(item, 70, 999, 4));
	g_assert_false(iv_item_read(item, 68, buf, 6, &error));
	g_assert_nonnull(error);
}

static void check_data(const IvItem *item, uint64_t off, uint64_t bridge, uint64_t start,
		       uint64_t len)
{
	uint64_t got_start, got_len;

	iv_item_next_data(item, off, bridge, &got_start, &got_len);
	g_assert_cmpuint(got_len, ==, len);
	if (len > 0)
		g_assert_cmpuint(got_start, ==, start);
}

static void test_next_data(void)
{
	g_autoptr(IvItem) item = file_item(63, holes, 3);

	check_data(item, 0, 0, 10, 30); /* two runs that touch are one */
	check_data(item, 15, 0, 15, 25);
	check_data(item, 39, 0, 39, 1);
	check_data(item, 40, 0, 60, 3); /* cut at the size */
	check_data(item, 0, 20, 10, 30); /* a gap of 20 is not under 20 */
	check_data(item, 0, 21, 10, 53);
	check_data(item, 63, 0, 0, 0);
	check_data(item, UINT64_MAX, 0, 0, 0);
	item->slack = 7;
	check_data(item, 40, 0, 60, 5);
	check_data(item, 65, 0, 0, 0);
}

/* A sparse giant costs its runs, not its size. */
static void test_giant_hole(void)
{
	const uint64_t runs[][3] = {{0, 0, 10}, {(1ull << 60) - 10, 10, 10}};
	g_autoptr(IvItem) item = file_item(1ull << 60, runs, 2);
	uint64_t at = 0, start, len, sum = 0;
	int rounds = 0;

	for (;; at = start + len, rounds++) {
		iv_item_next_data(item, at, 65536, &start, &len);
		if (len == 0)
			break;
		sum += len;
	}
	g_assert_cmpint(rounds, ==, 2);
	g_assert_cmpuint(sum, ==, 20);
	g_assert_cmpuint(iv_item_stored(item), ==, 20);
	item->size = item->slack = UINT64_MAX;
	g_assert_cmpuint(iv_item_stored(item), ==, 20);
}

static void test_add_extent_rules(void)
{
	g_autoptr(IvItem) item = file_item(1000, NULL, 0);

	g_assert_true(iv_item_add_extent(item, 0, 100, 0)); /* nothing */
	g_assert_null(item->extents);
	g_assert_true(iv_item_add_extent(item, 10, 100, 10));
	g_assert_true(iv_item_add_extent(item, 20, 110, 10)); /* continues: joined */
	g_assert_cmpuint(item->extents->len, ==, 1);
	g_assert_true(iv_item_add_extent(item, 30, 500, 10)); /* logical only: not joined */
	g_assert_cmpuint(item->extents->len, ==, 2);
	g_assert_false(iv_item_add_extent(item, 39, 700, 1)); /* overlaps */
	g_assert_false(iv_item_add_extent(item, 5, 700, 1));  /* steps back */
	g_assert_false(iv_item_add_extent(item, UINT64_MAX - 1, 0, 2));
	g_assert_false(iv_item_add_extent(item, 50, UINT64_MAX - 1, 2));
	g_assert_cmpuint(item->extents->len, ==, 2);
	g_assert_cmpuint(iv_item_stored(item), ==, 30);
}

static void test_physical(void)
{
	g_autoptr(IvItem) item = file_item(70, holes, 3);
	g_autoptr(IvItem) memory = iv_item_new(IV_ITEM_SYMLINK, "bin");

	g_assert_cmpint(iv_item_physical(item, 10), ==, 500);
	g_assert_cmpint(iv_item_physical(item, 29), ==, 519);
	g_assert_cmpint(iv_item_physical(item, 30), ==, 100);
	g_assert_cmpint(iv_item_physical(item, 9), ==, -1);
	g_assert_cmpint(iv_item_physical(item, 40), ==, -1);
	g_assert_cmpint(iv_item_physical(item, 65), ==, -1);
	item->detached = true;
	g_assert_cmpint(iv_item_physical(item, 10), ==, -1);

	memory->bytes = g_bytes_new_static("usr/bin", 7);
	memory->size = 7;
	g_assert_cmpint(iv_item_physical(memory, 0), ==, -1);
}

static void test_in_memory(void)
{
	g_autoptr(IvItem) item = iv_item_new(IV_ITEM_SYMLINK, "bin");
	g_autoptr(GError) error = NULL;
	char buf[8] = {0};

	item->bytes = g_bytes_new_static("usr/bin", 7);
	item->size = 7;
	g_assert_true(iv_item_read(item, 4, buf, 3, NULL));
	g_assert_cmpstr(buf, ==, "bin");
	check_data(item, 0, 0, 0, 7);
	check_data(item, 6, 0, 6, 1);
	check_data(item, 7, 0, 0, 0);
	g_assert_cmpuint(iv_item_stored(item), ==, 7);
	/* A size that the bytes do not have is an error, not a stray read. */
	item->size = 8;
	g_assert_false(iv_item_read(item, 0, buf, 8, &error));
	g_assert_error(error, IV_ERROR, IV_ERROR_CORRUPT);
}

static void test_empty_file(void)
{
	g_autoptr(IvItem) item = iv_item_new(IV_ITEM_FILE, "empty");
	uint8_t byte;

	check_data(item, 0, 0, 0, 0);
	g_assert_cmpuint(iv_item_stored(item), ==, 0);
	g_assert_true(iv_item_read(item, 0, &byte, 0, NULL));
	g_assert_false(iv_item_read(item, 0, &byte, 1, NULL));
}

static void test_kind_names(void)
{
	g_assert_cmpstr(iv_item_kind_name(IV_ITEM_FILE), ==, "file");
	g_assert_cmpstr(iv_item_kind_name(IV_ITEM_META), ==, "metadata");
	g_assert_cmpstr(iv_item_kind_name(IV_ITEM_RAW), ==, "raw");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/item/read-every-range", test_read_every_range);
	g_test_add_func("/item/read-beyond-the-end", test_read_refuses_beyond_the_end);
	g_test_add_func("/item/next-data", test_next_data);
	g_test_add_func("/item/giant-hole", test_giant_hole);
	g_test_add_func("/item/add-extent-rules", test_add_extent_rules);
	g_test_add_func("/item/physical", test_physical);
	g_test_add_func("/item/in-memory", test_in_memory);
	g_test_add_func("/item/empty-file", test_empty_file);
	g_test_add_func("/item/kind-names", test_kind_names);
	return g_test_run();
}
