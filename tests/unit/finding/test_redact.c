/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_redact.c - the one door for raw secrets, and fingerprints */
#include <string.h>

#include "scanner/base/text.h"
#include "scanner/finding/redact.h"

#define MASK "************"

static char *redact(const char *secret, size_t len, size_t prefix)
{
	return iv_redact((const uint8_t *)secret, len, prefix);
}

/* --- tables --------------------------------------------------------------------------- */

static const struct {
	const char *secret;
	size_t prefix; /* what the rule says that the format fixes */
	const char *shown;
} rows[] = {
	/* A known prefix, cut to a quarter, to 8 bytes, to letters and punctuation. */
	{"AKIAEXAMPLE000000000", 4, "AKIA" MASK " (20)"},
	{"AKIAEXAMPLE000000000", 20, "AKIAE" MASK " (20)"},
	{"inv_abcdefghijklmnop_abcdefghijklmnop", 37, "inv_abcd" MASK " (37)"},
	{"inv2abcdefghijklmnop_abcdefghijklmnop", 37, "inv" MASK " (37)"},
	{"2inventedinventedinvented", 8, MASK " (25)"},
	{"in\tventedinventedinvented", 8, "in" MASK " (25)"},
	{"in ventedinventedinvented", 8, "in" MASK " (25)"},
	/* Nothing is fixed: nothing is shown. */
	{"invented-password-here", 0, MASK " (22)"},
	/* Too short for a prefix: too little would be left to guess. */
	{"", 0, ""},
	{"", 4, ""},
	{"x", 1, MASK " (1)"},
	{"hunter2", 4, MASK " (7)"},
	{"AKIAEXAMPLE0000", 4, MASK " (15)"},
	{"AKIAEXAMPLE00000", 4, "AKIA" MASK " (16)"},
	/* More than one line shows no prefix. */
	{"AKIAEXAMPLE0000\n0000", 4, MASK " (20)"},
	/* Not UTF-8. */
	{"\xff\xfe\xfd\xfc" "ABCDEFGHIJKLMNOP", 8, MASK " (20)"},
	{"AB\xc3\xa4" "CDEFGHIJKLMNOP", 8, "AB" MASK " (18)"},
	/* Armour: its first line only, when its label is a known kind. */
	{"-----BEGIN PRIVATE KEY-----\nAAAA\n", 0, "-----BEGIN PRIVATE KEY----- (33)"},
	{"-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n", 9, "-----BEGIN OPENSSH PRIVATE KEY----- (41)"},
	{"-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nAA\n", 0,
	 "-----BEGIN PGP PRIVATE KEY BLOCK----- (42)"},
	{"---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\nAA\n", 0,
	 "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ---- (46)"},
	{"-----BEGIN RSA PRIVATE KEY-----AAAA-----END RSA PRIVATE KEY-----", 0,
	 "-----BEGIN RSA PRIVATE KEY----- (64)"},
	{"-----BEGIN PRIVATE KEY-----", 0, "-----BEGIN PRIVATE KEY----- (27)"},
	/* What only looks like armour might be the secret itself. */
	{"-----BEGIN HUNTERTWO-----\nAAAA\n", 0, MASK " (31)"},
	{"-----BEGIN invented KEY-----\nAAAA\n", 0, MASK " (34)"},
	{"-----BEGIN PRIVATE KEY----\nAAAA\n", 0, MASK " (32)"},
	{"-----BEGIN PRIVATE KEY\nAAAA\n", 0, MASK " (28)"},
	{"-----BEGIN KEY-----\nAAAA\n", 0, "-----BEGIN KEY----- (25)"},
	{"------BEGIN PRIVATE KEY------\nAAAA\n", 0, MASK " (35)"},
	{"-----BEGIN ", 0, MASK " (11)"},
	{"-----", 0, MASK " (5)"},
	{" -----BEGIN PRIVATE KEY-----\nAAAA\n", 0, MASK " (34)"},
	{"-----BEGIN AN ENDLESS LABEL THAT NEVER COMES TO A POINT AND HIDES A SECRET KEY-----\n", 0,
	 MASK " (84)"},
};

static void test_table(void)
{
	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *shown = redact(rows[i].secret, strlen(rows[i].secret), rows[i].prefix);

		g_assert_cmpstr(shown, ==, rows[i].shown);
	}
}

/* A NUL is a byte like others: what stands behind it is counted, not shown. */
static void test_nul(void)
{
	g_autofree char *a = redact("AB\0DEFGHIJKLMNOPQRST", 20, 8);
	g_autofree char *b = redact("-----BEGIN PRIVATE KEY-----\n\0\0\0\0", 32, 0);

	g_assert_cmpstr(a, ==, "AB" MASK " (20)");
	g_assert_cmpstr(b, ==, "-----BEGIN PRIVATE KEY----- (32)");
}

/* No byte behind the length is looked at. */
static void test_bounds(void)
{
	static const char text[] = "-----BEGIN PRIVATE KEY-----\nAAAA";

	for (size_t len = 1; len < sizeof(text); len++) {
		g_autofree char *exact = g_memdup2(text, len); /* a sanitizer sees a step beyond */
		g_autofree char *shown = redact(exact, len, len);
		bool armour = strncmp(shown, text, 27) == 0;

		g_assert_cmpint(armour, ==, len >= 27);
	}
}

/* --- the property ---------------------------------------------------------------------- */

/* How much of the secret the text gives away: what stands before the mask. */
static size_t given_away(const char *shown, const uint8_t *secret, size_t len)
{
	const char *mask = strstr(shown, MASK " (");
	size_t n;

	g_assert_nonnull(mask);
	n = (size_t)(mask - shown);
	g_assert_cmpuint(n, <=, len);
	g_assert_cmpint(memcmp(shown, secret, n), ==, 0);
	return n;
}

/* Random secrets, of bytes, of letters, or of letters after a real prefix. */
static size_t invent(GRand *rand, uint8_t *secret, size_t max)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
	size_t len = (size_t)g_rand_int_range(rand, 1, (gint)max);
	int kind = g_rand_int_range(rand, 0, 3);

	for (size_t i = 0; i < len; i++)
		secret[i] = kind == 0 ? (uint8_t)g_rand_int(rand)
				      : (uint8_t)letters[g_rand_int_range(rand, 0, 64)];
	if (kind == 2 && len > 5)
		memcpy(secret, "-----", 5);
	return len;
}

static void test_property(void)
{
	g_autoptr(GRand) rand = g_rand_new_with_seed(20260131);

	for (guint i = 0; i < 20000; i++) {
		uint8_t secret[200];
		size_t len = invent(rand, secret, sizeof(secret));
		size_t prefix = (size_t)g_rand_int_range(rand, 0, 250);
		g_autofree char *shown = iv_redact(secret, len, prefix);
		size_t given = given_away(shown, secret, len);

		g_assert_cmpuint(given, <=, 8);
		g_assert_cmpuint(4 * given, <=, len);
		g_assert_cmpuint(given, <=, prefix);
		g_assert_true(g_utf8_validate(shown, -1, NULL));
		g_assert_null(strchr(shown, '\n'));
	}
}

/* --- fingerprints ------------------------------------------------------------------------ */

static char *fingerprint(uint8_t salt_byte, const char *rule, const char *path, const char *secret)
{
	uint8_t salt[IV_SALT_BYTES];

	memset(salt, salt_byte, sizeof(salt));
	return iv_fingerprint(salt, rule, path, (const uint8_t *)secret, strlen(secret));
}

/* Worked out with another program: openssl dgst -sha256 -mac HMAC. */
static void test_fingerprint_known(void)
{
	g_autofree char *f = fingerprint(7, "r.one", "etc/a", "invented");
	g_autofree char *again = fingerprint(7, "r.one", "etc/a", "invented");

	g_assert_cmpstr(f, ==, "921d72252750ac2c2ad73a4aa785e4b7");
	g_assert_cmpstr(f, ==, again);
}

static void test_fingerprint_differs(void)
{
	static const struct {
		uint8_t salt;
		const char *rule, *path, *secret;
	} inputs[] = {
		{7, "r.one", "etc/a", "invented"},
		{8, "r.one", "etc/a", "invented"},
		{7, "r.two", "etc/a", "invented"},
		{7, "r.one", "etc/b", "invented"},
		{7, "r.one", "", "invented"},
		{7, "r.one", "etc/a", "Invented"},
		{7, "r.one", "etc/a", "inventedd"},
		{7, "r.one", "etc/a", ""},
		/* The same bytes, cut elsewhere. */
		{7, "r.on", "eetc/a", "invented"},
		{7, "r.one", "etc/ai", "nvented"},
		{7, "r.oneetc/a", "", "invented"},
	};
	g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	for (guint i = 0; i < G_N_ELEMENTS(inputs); i++) {
		char *f = fingerprint(inputs[i].salt, inputs[i].rule, inputs[i].path,
				      inputs[i].secret);

		g_assert_cmpuint(strlen(f), ==, 32);
		g_assert_cmpuint(strspn(f, "0123456789abcdef"), ==, 32);
		g_assert_true(g_hash_table_add(seen, f));
	}
}

static void test_salt(void)
{
	uint8_t a[IV_SALT_BYTES] = {0}, b[IV_SALT_BYTES] = {0}, known[IV_SALT_BYTES];
	g_autofree char *id_a = NULL, *id_b = NULL, *id_known = NULL, *hex = NULL;

	iv_salt_new(a);
	iv_salt_new(b);
	g_assert_cmpint(memcmp(a, b, sizeof(a)), !=, 0);
	id_a = iv_salt_id(a);
	id_b = iv_salt_id(b);
	hex = iv_text_hex(a, sizeof(a));
	g_assert_cmpstr(id_a, !=, id_b);
	g_assert_cmpuint(strlen(id_a), ==, 16);
	g_assert_null(strstr(hex, id_a)); /* a name, not a part of it */
	memset(known, 7, sizeof(known));
	id_known = iv_salt_id(known);
	g_assert_cmpstr(id_known, ==, "e762244983f9b810"); /* openssl dgst -sha256 */
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/redact/table", test_table);
	g_test_add_func("/redact/nul", test_nul);
	g_test_add_func("/redact/bounds", test_bounds);
	g_test_add_func("/redact/property", test_property);
	g_test_add_func("/fingerprint/known", test_fingerprint_known);
	g_test_add_func("/fingerprint/differs", test_fingerprint_differs);
	g_test_add_func("/fingerprint/salt", test_salt);
	return g_test_run();
}
