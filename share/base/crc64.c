/* crc64.c - see crc64.h: eight tables, eight bytes a step */
#include "share/base/crc64.h"

#include <glib.h>
#include <string.h>

/* 0x42f0e1eba9ea3693 with its bits in reverse order. */
#define POLYNOMIAL UINT64_C(0xc96c5795d7870f42)

/* table[n][b]: what byte b does to the remainder with n bytes behind it. */
static uint64_t table[8][256];

static void fill_tables(void)
{
	for (unsigned b = 0; b < 256; b++) {
		uint64_t crc = b;

		for (int bit = 0; bit < 8; bit++)
			crc = (crc >> 1) ^ ((crc & 1) != 0 ? POLYNOMIAL : 0);
		table[0][b] = crc;
	}
	for (int n = 1; n < 8; n++)
		for (unsigned b = 0; b < 256; b++)
			table[n][b] = (table[n - 1][b] >> 8) ^ table[0][table[n - 1][b] & 0xff];
}

static void tables_ready(void)
{
	static gsize once;

	if (g_once_init_enter(&once)) {
		fill_tables();
		g_once_init_leave(&once, 1);
	}
}

static uint64_t eight_bytes(uint64_t crc, const uint8_t *p)
{
	uint64_t word;

	memcpy(&word, p, sizeof word);
	word = GUINT64_FROM_LE(word) ^ crc;
	crc = 0;
	for (int n = 0; n < 8; n++)
		crc ^= table[7 - n][(word >> (8 * n)) & 0xff];
	return crc;
}

uint64_t iv_crc64(uint64_t crc, const void *bytes, size_t len)
{
	const uint8_t *p = bytes;

	tables_ready();
	crc = ~crc;
	for (; len >= 8; len -= 8, p += 8)
		crc = eight_bytes(crc, p);
	for (; len > 0; len--, p++)
		crc = table[0][(crc ^ *p) & 0xff] ^ (crc >> 8);
	return ~crc;
}

/* --- joining ------------------------------------------------------------------------ */

/* Bits of a reflected polynomial: the highest bit is x^0.  a * b mod POLYNOMIAL. */
static uint64_t multiply(uint64_t a, uint64_t b)
{
	uint64_t product = 0;

	for (int bit = 0; bit < 64; bit++) {
		if ((a >> (63 - bit) & 1) != 0)
			product ^= b;
		b = (b >> 1) ^ ((b & 1) != 0 ? POLYNOMIAL : 0);
	}
	return product;
}

/* Putting n bytes behind a run multiplies its remainder by x^(8n); the inversions
 * at both ends cancel out, as in any CRC that begins and ends with the same. */
uint64_t iv_crc64_join(uint64_t first, uint64_t second, uint64_t second_len)
{
	uint64_t power = UINT64_C(1) << 63, square = UINT64_C(1) << 55; /* x^0, x^8 */

	for (; second_len > 0; second_len >>= 1) {
		if ((second_len & 1) != 0)
			power = multiply(power, square);
		square = multiply(square, square);
	}
	return multiply(power, first) ^ second;
}
