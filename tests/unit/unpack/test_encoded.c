/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_encoded.c - encoded texts are found wherever they stand; words, paths, digests are not */
#include <glib.h>
#include <string.h>

#include "scanner/base/limits.h"
#include "scanner/unpack/encoded.h"
#include "scanner/unpack/pieces.h"

#define SECRET "user: invented\npassword: Nothing-Opens-With-Th1s\n"

static void on_found(void *user, IvPacked kind, size_t start, size_t end)
{
	g_string_append_printf(user, "%s %zu-%zu;", iv_packed_name(kind), start, end);
}

static char *search_in(const void *data, size_t size, size_t from, size_t to)
{
	/* A copy of its own: an overread is seen. */
	g_autofree uint8_t *copy = g_memdup2(data, size);
	GString *text = g_string_new(NULL);

	iv_pieces_search(copy, size, from, to, on_found, text);
	return g_string_free(text, FALSE);
}

static char *kinds(const char *text)
{
	g_autofree char *all = search_in(text, strlen(text), 0, strlen(text));
	g_autofree char *first = g_strndup(all, strcspn(all, " "));

	return g_steal_pointer(&first);
}

/* Fill with lines of base64 of n pseudo-random bytes. */
static char *random_lines(guint n, guint columns)
{
	g_autoptr(GRand) random = g_rand_new_with_seed(8);
	g_autofree guchar *bytes = g_malloc(n);
	g_autofree char *all = NULL;
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < n; i++)
		bytes[i] = (guchar)g_rand_int(random);
	all = g_base64_encode(bytes, n);
	for (const char *at = all; *at != '\0'; at += MIN(columns, strlen(at)))
		g_string_append_printf(text, "%.*s\n", (int)columns, at);
	return g_string_free(text, FALSE);
}

static char *hex_of(const char *text)
{
	GString *hex = g_string_new(NULL);

	for (; *text != '\0'; text++)
		g_string_append_printf(hex, "%02x", (guint8)*text);
	return g_string_free(hex, FALSE);
}

/* What counts, and as what. */
static void test_kinds(void)
{
	g_autofree char *b64 = g_base64_encode((const guchar *)SECRET, strlen(SECRET));
	g_autofree char *hex = hex_of(SECRET);
	g_autofree char *blob = random_lines(600, 76), *one_line = random_lines(600, 4096);
	g_autofree char *in_yaml = g_strdup_printf("data:\n  key: %s\n  other: 1\n", b64);
	g_autofree char *in_path = g_strdup_printf("GET /api/things/%s?x=1\n", b64);
	g_autofree char *message = g_strdup_printf("-----BEGIN PGP MESSAGE-----\n\n%s", blob);
	g_autofree char *hidden = g_strdup_printf("-----BEGIN CERTIFICATE-----\n%s\n", b64);
	g_autofree char *cert = g_strdup_printf("-----BEGIN CERTIFICATE-----\n%s-----END", blob);
	g_autofree char *key = g_strdup_printf("-----BEGIN PRIVATE KEY-----\r\n%s-----END", blob);
	g_autofree char *ssh = g_strdup_printf("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA%s", one_line);
	g_autofree char *png = g_strdup_printf("url(data:image/png;base64,iVBORw0KGgoAAAAN%s", one_line);
	const struct {
		const char *kind, *text;
	} rows[] = {
		{"base64", b64}, {"base64", in_yaml}, {"base64", in_path}, {"base64", blob},
		{"base64", one_line}, {"base64", message}, {"base64", hidden}, {"hex", hex},
		/* the secret in base32, and as UTF-16 in base64 */
		{"base32", "OVZWK4R2EBUW45TFNZ2GKZAKOBQXG43XN5ZGIORAJZXXI2DJNZTS2T3QMVXHGLKXNF2GQLKUNAYXGCQ="},
		{"base64", "cABhAHMAcwB3AG8AcgBkAD0AaQBuAHYAZQBuAHQAZQBkACEA"},
		/* letters for URLs */
		{"base64", "eyJhbGciOiJub25lIiwiaW52ZW50ZWQiOiI_PyIsIngiOiJ-fiJ9"},
		/* none */
		{"", cert}, {"", key}, {"", ssh}, {"", png},
		{"", "usr/lib/x86_64-linux-gnu/perl5/5.36/auto/List/Util/Util/and/more/of/that/kind/here"},
		{"", "_ZNSt6vectorI25TSKDBFILELAYOUTRANGESaIS0EE17MreallocinsertIJRKS0EEEvN9gnucxx17normaliteratorIPS0S2EEDpOT"},
		{"", "ThisIsARatherLongNameOfAClassInALanguageThatLikesThemSoMuchThatNobodyReadsThemToTheEnd"},
		{"", "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"},
		{"", "sha512-0OWmQ0y8dTUWb5RPqf2qLm7aTj8xVnQ4rZkC1sHbYpGe3iKfUoXhWtEv6uMlNz9cJyAgDBRrSqIdPwFxVOk7Lw=="},
		{"", "--------------------------------------------------------------------------------"},
		{"", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *got = kinds(rows[i].text);

		if (strcmp(got, rows[i].kind) != 0)
			g_error("row %zu: '%s', not '%s': %.80s", i, got, rows[i].kind, rows[i].text);
	}
}

/* A stretch is found at any offset, whichever look meets it. */
static void test_offsets(void)
{
	static const char b64[] = "dXNlcj1pbnZlbnRlZCBwYXNzPW5vdGhpbmcxMjM0"; /* 40 letters */
	char data[512];

	g_assert_cmpuint(strlen(b64), ==, IV_ENCODED_LETTERS);
	for (size_t at = 0; at + strlen(b64) <= sizeof(data); at++) {
		g_autofree char *got = NULL;
		g_autofree char *want = g_strdup_printf("base64 %zu-%zu;", at, at + strlen(b64));

		memset(data, ' ', sizeof(data));
		memcpy(data + at, b64, strlen(b64));
		got = search_in(data, sizeof(data), 0, sizeof(data));
		g_assert_cmpstr(got, ==, want);
	}
}

static void test_wide_offsets(void)
{
	static const char text[] = "password = this one is invented, of course";
	uint8_t data[1024];

	for (unsigned width = 2; width <= 4; width += 2)
		for (size_t at = 0; at + width * strlen(text) <= 512; at++) {
			g_autofree char *got = NULL;
			g_autofree char *want =
				g_strdup_printf("%s %zu-%zu;", width == 2 ? "utf-16" : "utf-32", at,
						at + width * strlen(text));

			memset(data, 0xee, sizeof(data));
			memset(data + at, 0, width * strlen(text));
			for (size_t i = 0; i < strlen(text); i++)
				data[at + width * i] = (uint8_t)text[i];
			got = search_in(data, sizeof(data), 0, sizeof(data));
			g_assert_cmpstr(got, ==, want);
		}
}

/* Wherever a block ends, each byte of a stretch is one block's own. */
static void test_seams(void)
{
	g_autofree char *blob = random_lines(3000, 4096);
	g_autofree char *text = g_strdup_printf("before: %s after", blob);
	size_t size = strlen(text), start = strlen("before: "), end = size - strlen("\n after");

	for (size_t cut = 1; cut < size; cut += cut + 40 < size ? 7 : 1) {
		g_autofree char *first = search_in(text, size, 0, cut);
		g_autofree char *second = search_in(text, size, cut, size);
		g_autofree char *want_first =
			g_strdup_printf("base64 %zu-%zu;", start, MIN(cut, end));
		g_autofree char *want_second =
			g_strdup_printf("base64 %zu-%zu;", MAX(cut, start), end);

		g_assert_cmpstr(first, ==, cut <= start ? "" : want_first);
		g_assert_cmpstr(second, ==, cut >= end ? "" : want_second);
	}
}

/* 16 MiB of letters, of lines and of zeros in turn: no more than linear. */
static void test_dear(void)
{
	static const char *const patterns[] = {"a", "aB3", "a\n", "abcdefghijklmnop\n", "=\n", "-", "A\0",
					       "-----BEGIN CERTIFICATE-----\n", "/0Zz"};
	static const size_t lengths[] = {1, 3, 2, 17, 2, 1, 2, 28, 4};
	const size_t size = 16 << 20;
	g_autofree char *data = g_malloc(size);

	for (size_t i = 0; i < G_N_ELEMENTS(patterns); i++) {
		gint64 begun = g_get_monotonic_time();
		g_autofree char *got = NULL;

		for (size_t at = 0; at < size; at++)
			data[at] = patterns[i][at % lengths[i]];
		got = search_in(data, size, 0, size);
		g_assert_cmpint(g_get_monotonic_time() - begun, <, 20 * G_USEC_PER_SEC);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/encoded/kinds", test_kinds);
	g_test_add_func("/encoded/offsets", test_offsets);
	g_test_add_func("/encoded/wide-offsets", test_wide_offsets);
	g_test_add_func("/encoded/seams", test_seams);
	g_test_add_func("/encoded/dear", test_dear);
	return g_test_run();
}
