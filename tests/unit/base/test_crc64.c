/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_crc64.c - the storage's checksum: published values, and cuts. */
#include <glib.h>
#include <string.h>

#include "share/base/crc64.h"

/* The definition, bit by bit. */
static uint64_t plain(const uint8_t *bytes, size_t len)
{
	uint64_t crc = ~UINT64_C(0);

	for (size_t i = 0; i < len; i++) {
		crc ^= bytes[i];
		for (int bit = 0; bit < 8; bit++)
			crc = (crc >> 1) ^ ((crc & 1) != 0 ? UINT64_C(0xc96c5795d7870f42) : 0);
	}
	return ~crc;
}

static void check_known(void)
{
	static const struct {
		const char *text;
		uint64_t crc;
	} rows[] = {
		{"123456789", UINT64_C(0x995dc9bbdf1939fa)},
		{"", 0},
		{"a", UINT64_C(0x330284772e652b05)},
		{"This is a test of the emergency broadcast system.", UINT64_C(0x27db187fc15bbc72)},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_assert_cmphex(iv_crc64(0, rows[i].text, strlen(rows[i].text)), ==, rows[i].crc);
		g_assert_cmphex(plain((const uint8_t *)rows[i].text, strlen(rows[i].text)), ==,
				rows[i].crc);
	}
}

static void check_cuts(void)
{
	uint8_t bytes[333];
	uint64_t whole;

	for (gsize i = 0; i < sizeof bytes; i++)
		bytes[i] = (uint8_t)(i * i * 31 + i / 7);
	whole = plain(bytes, sizeof bytes);
	for (gsize cut = 0; cut <= sizeof bytes; cut++) {
		uint64_t first = iv_crc64(0, bytes, cut);

		g_assert_cmphex(iv_crc64(first, bytes + cut, sizeof bytes - cut), ==, whole);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/crc64/known", check_known);
	g_test_add_func("/crc64/cuts", check_cuts);
	return g_test_run();
}
