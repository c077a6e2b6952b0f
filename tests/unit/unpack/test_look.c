/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_look.c - every kernel sees every mark, every row of letters and every wide text, at every
 * offset; and all kernels see the same letters and zeros */
#include <glib.h>
#include <string.h>

#include "scanner/unpack/inside.h"
#include "scanner/unpack/look.h"
#include "scanner/unpack/rows.h"

#define SIZE 4096u

/* All that a kernel saw. */
typedef struct {
	bool marks[SIZE + 64], letters[SIZE + 64], wide[SIZE + 64];
} All;

static All *look_with(IvLookNext next, const uint8_t *data, size_t size, size_t from)
{
	/* A copy of its own: an overread is seen. */
	g_autofree uint8_t *copy = g_memdup2(data, size);
	IvLook look = {.next = from};
	All *all = g_new0(All, 1);

	while (next(iv_inside_marks(), copy, size, size, &look)) {
		for (unsigned i = 0; i < 64; i++)
			if (look.marks >> i & 1)
				all->marks[look.at + i] = true;
		for (unsigned i = 0; i < 8; i++)
			if (look.letters >> i & 1)
				all->letters[look.at + 8 * i - 24] = true;
		for (unsigned i = 0; i < 2; i++)
			if (look.wide >> i & 1)
				all->wide[look.at + 32 * i] = true;
	}
	return all;
}

static bool any_between(const bool *flags, size_t from, size_t to)
{
	while (from < to && !flags[from])
		from++;
	return from < to;
}

/* Run a test with each kernel that this processor has; the plain one is everywhere. */
static void with_each(void (*test)(IvLookNext next))
{
	const char *name;
	IvLookNext next;
	bool here;

	for (unsigned n = 0; (next = iv_look_kernel(n, &name, &here)) != NULL; n++) {
		g_test_message("%s: %s", name, here ? "looks" : "not on this processor");
		if (here)
			test(next);
	}
}

static void see_marks(IvLookNext next)
{
	size_t n;
	const IvMagicRow *rows = iv_magic_rows(&n);

	for (size_t i = 0; i < n; i++)
		for (size_t at = 0; rows[i].anywhere && at < 200; at++) {
			uint8_t data[256];
			g_autofree All *all = NULL;
			size_t bytes = MIN(4u, (size_t)rows[i].n - rows[i].rare);

			memset(data, 0xa7, sizeof(data));
			memcpy(data + at, rows[i].mark + rows[i].rare, bytes);
			/* The last bytes of all, too. */
			all = look_with(next, data, at + bytes + at % 3, 0);
			if (!all->marks[at])
				g_error("%s at %zu", iv_packed_name(rows[i].kind), at);
		}
}

static void test_marks(void)
{
	with_each(see_marks);
}

static void see_letters(IvLookNext next)
{
	for (size_t at = 0; at < 200; at++)
		for (size_t len = 36; len < 42; len++) {
			uint8_t data[256];
			g_autofree All *all = NULL;

			memset(data, ' ', sizeof(data));
			for (size_t i = 0; i < len; i++)
				data[at + i] = (uint8_t)"AZaz09+/-_"[i % 10];
			all = look_with(next, data, sizeof(data), 0);
			if (len >= 39)
				g_assert_true(any_between(all->letters, at, at + len - 31));
			g_assert_false(any_between(all->letters, 0, at));
			g_assert_false(any_between(all->letters, at + len - 31, sizeof(data)));
		}
}

static void test_letters(void)
{
	with_each(see_letters);
}

/* Which bytes are letters: each of the 256. */
static void see_alphabet(IvLookNext next)
{
	for (unsigned byte = 0; byte < 256; byte++) {
		uint8_t data[64];
		g_autofree All *all = NULL;

		memset(data, (int)byte, sizeof(data));
		all = look_with(next, data, sizeof(data), 0);
		g_assert_cmpint(all->letters[0], ==, g_ascii_isalnum((char)byte) || (byte && strchr("+/-_", (int)byte)));
	}
}

static void test_alphabet(void)
{
	with_each(see_alphabet);
}

static void see_wide(IvLookNext next)
{
	for (size_t width = 2; width <= 4; width += 2)
		for (size_t at = 0; at < 200; at++) {
			uint8_t data[512];
			g_autofree All *all = NULL;

			memset(data, 0xee, sizeof(data));
			for (size_t i = 0; i < 40 * width; i++)
				data[at + i] = i % width == 0 ? 'a' : 0;
			all = look_with(next, data, sizeof(data), 0);
			g_assert_true(any_between(all->wide, at, at + 40 * width - 31));
			g_assert_false(any_between(all->wide, 0, at));
		}
}

static void test_wide(void)
{
	with_each(see_wide);
}

/* Bytes of which many are zeros, letters, and parts of marks; then without any pattern. */
static void fill(GRand *random, uint8_t *data, unsigned round)
{
	static const uint8_t often[] = "\0\0\0\0aZ9/_xPK\3\4BZh\x1f\x8b\10\x5d\0\0(\xb5/\xfd";

	for (size_t i = 0; i < SIZE; i++) {
		guint32 r = g_rand_int(random);

		data[i] = round % 2 == 0 ? (uint8_t)r : often[r % sizeof(often)];
	}
}

/* Letters and zeros are told exactly, so they agree; of marks, what is one is seen by all. */
static void test_agree(void)
{
	g_autoptr(GRand) random = g_rand_new_with_seed(4);
	const char *name;
	IvLookNext next;
	uint8_t data[SIZE];
	unsigned plain = 0;
	bool here;

	while (iv_look_kernel(plain + 1, &name, &here) != NULL)
		plain++;
	for (unsigned round = 0; round < 200; round++) {
		g_autofree All *want = NULL;
		size_t size = SIZE - round;

		fill(random, data, round);
		want = look_with(iv_look_kernel(plain, &name, &here), data, size, round / 2);
		g_assert_cmpstr(name, ==, "plain");
		for (unsigned n = 0; n < plain; n++) {
			g_autofree All *got = NULL;

			next = iv_look_kernel(n, &name, &here);
			if (!here)
				continue;
			got = look_with(next, data, size, round / 2);
			g_assert_cmpmem(got->letters, sizeof(got->letters), want->letters, sizeof(want->letters));
			g_assert_cmpmem(got->wide, sizeof(got->wide), want->wide, sizeof(want->wide));
		}
	}
}

/* Not much passes of bytes that are nothing: the rest costs a closer look. */
static void see_little(IvLookNext next)
{
	g_autoptr(GRand) random = g_rand_new_with_seed(5);
	unsigned passed = 0;
	uint8_t data[SIZE];

	for (unsigned round = 0; round < 400; round += 2) {
		g_autofree All *all = NULL;

		fill(random, data, round);
		all = look_with(next, data, SIZE, 0);
		for (size_t i = 0; i < SIZE; i++)
			passed += all->marks[i];
	}
	g_assert_cmpuint(passed, <, 200 * SIZE / 500);
}

static void test_little(void)
{
	with_each(see_little);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/look/marks", test_marks);
	g_test_add_func("/look/letters", test_letters);
	g_test_add_func("/look/alphabet", test_alphabet);
	g_test_add_func("/look/wide", test_wide);
	g_test_add_func("/look/agree", test_agree);
	g_test_add_func("/look/little", test_little);
	return g_test_run();
}
