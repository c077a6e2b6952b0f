/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_checks.c - entropy, and every named check: what it believes and what not */
#include <glib.h>
#include <math.h>
#include <string.h>

#include "scanner/engine/entropy.h"
#include "scanner/engine/judge.h"

static bool believes(const char *check, const char *secret, IvJudgement *j)
{
	*j = (IvJudgement){.secret = (const uint8_t *)secret,
			   .len = strlen(secret),
			   .severity = IV_SEVERITY_CRITICAL};
	return iv_check_find(check)->believe(j);
}

static void expect(const char *check, const char *secret, bool wanted)
{
	IvJudgement j;

	g_test_message("%s: %s", check, secret);
	g_assert_cmpint(believes(check, secret, &j), ==, wanted);
	/* No check may read behind the secret, or stumble over a part of it. */
	for (size_t len = 0; len < MIN(strlen(secret), 200); len++) {
		g_autofree uint8_t *copy = g_memdup2(secret, len + (len == 0));

		j = (IvJudgement){.secret = copy, .len = len};
		iv_check_find(check)->believe(&j);
	}
}

static void test_entropy(void)
{
	g_assert_cmpfloat(iv_entropy((const uint8_t *)"", 0), ==, 0);
	g_assert_cmpfloat(iv_entropy((const uint8_t *)"aaaa", 4), ==, 0);
	g_assert_cmpfloat_with_epsilon(iv_entropy((const uint8_t *)"abab", 4), 1, 1e-9);
	g_assert_cmpfloat_with_epsilon(iv_entropy((const uint8_t *)"abcdefgh", 8), 3, 1e-9);
	g_assert_cmpfloat_with_epsilon(iv_entropy((const uint8_t *)"aab", 3), 0.918296, 1e-6);
}

static void test_names(void)
{
	g_autofree char *names = iv_check_names();

	g_assert_null(iv_check_find("moon"));
	g_assert_nonnull(iv_check_find("jwt"));
	g_assert_nonnull(strstr(names, "private-key, "));
}

/* --- shapes of text ------------------------------------------------------------------ */

static void test_not_placeholder(void)
{
	static const char *const real[] = {"Inv3nted-Pass7", "hunter2", "correct horse", "Sommer2024!",
					   "admin123",	     "letmein", "$2y$10$abc",	 "123qwe",
					   "example-Q7x2mKp9Rt4wZ8", "9fK2todo8sQ4xLm7vB1nZ"};
	static const char *const fake[] = {
		"",	      "xxxxxxxx",   "********",	 "<password>",	"${DB_PASS}", "$(cat /x)",
		"{{ token }}", "%PASS%",    "$DB_PASS",	 "your_token",	"YOUR-KEY",   "changeme_here",
		"example",    "null",	    "password",	 "12345678",	"abcdefgh",   "aaaa",
		"  'none'  ", "placeholder", "REPLACE_ME", "undefined", "dummy-value",
		"example-password-2024", "your_token_goes_in_here_1",
	};

	for (guint i = 0; i < G_N_ELEMENTS(real); i++)
		expect("not-placeholder", real[i], true);
	for (guint i = 0; i < G_N_ELEMENTS(fake); i++)
		expect("not-placeholder", fake[i], false);
}

static void test_url_password(void)
{
	expect("url-password", "https://deploy:Inv3nted-Pass7@git.example/x", true);
	expect("url-password", "postgres://u:p4ssW0rd9@db:5432/x", true);
	expect("url-password", "https://u:a@b@h.example/", true);
	expect("url-password", "Inv3nted-Pass7", true);
	expect("url-password", "https://git.example/x@y", false);
	expect("url-password", "https://user@git.example/", false);
	expect("url-password", "https://u:password@h.example/", false);
	expect("url-password", "https://u:${PASS}@h.example/", false);
	expect("url-password", "https://u:@h.example/", false);
	expect("url-password", "deploy:$PASS", false);
	expect("url-password", "deploy:${PASS}", false);
	expect("url-password", "deploy:Inv3nted-Pass7", true);
	expect("url-password", "://", false);
}

static void test_high_entropy_mixed(void)
{
	expect("high-entropy-mixed", "Inv3nted0Sampl3Tok3n", true);
	expect("high-entropy-mixed", "9f86d081884c7d659a2f", true);
	expect("high-entropy-mixed", "short1a", false);
	expect("high-entropy-mixed", "onlylettersandmore", false);
	expect("high-entropy-mixed", "31415926535", false);
	expect("high-entropy-mixed", "Password2024", false);
	expect("high-entropy-mixed", "/usr/lib/x86_64/a9b8", false);
	expect("high-entropy-mixed", "get2(x1y2z3, 4)", false);
	expect("high-entropy-mixed", "ns1::name2::thing3", false);
	expect("high-entropy-mixed", "a1a1a1a1a1a1", false);
	expect("high-entropy-mixed", "oauth2client.client.Credentials2x", false);
	expect("high-entropy-mixed", "composer_v1beta1_messages.UserSecret", false);
	expect("high-entropy-mixed", "x8kq2mzp7r4tw9bdf3hj", true);
	expect("high-entropy-mixed", "c0ffeed00d5eedbadc0de4all7", true);
}

static void test_shadow_hash(void)
{
	g_autofree char *h86 = g_strnfill(86, 'a'), *h43 = g_strnfill(43, 'a');
	g_autofree char *h53 = g_strnfill(53, 'a');
	g_autofree char *sha512 = g_strconcat("$6$rounds=5000$salt$", h86, NULL);
	g_autofree char *yescrypt = g_strconcat("$y$j9T$salt$", h43, NULL);
	g_autofree char *bcrypt = g_strconcat("$2b$12$", h53, NULL);
	g_autofree char *cut = g_strndup(sha512, strlen(sha512) - 1);
	g_autofree char *odd = g_strconcat("$6$salt$!", h86 + 1, NULL);

	expect("shadow-hash", sha512, true);
	expect("shadow-hash", yescrypt, true);
	expect("shadow-hash", bcrypt, true);
	expect("shadow-hash", "$1$salt$abcdefghijklmnopqrstu.", true);
	expect("shadow-hash", "abJnggxhB/yWI", true);
	expect("shadow-hash", cut, false);
	expect("shadow-hash", odd, false);
	expect("shadow-hash", "$6$", false);
	expect("shadow-hash", "!", false);
	expect("shadow-hash", "*", false);
	expect("shadow-hash", "", false);
}

/* --- private keys ------------------------------------------------------------------------ */

#define B64 "MIIInv3nted0Sampl3K3yF0rImgv3tT3sts9Only7aaaaBBBBccccDDDDeeeeFFFF"
#define PEM(label, body) "-----BEGIN " label "-----\n" body "\n-----END " label "-----"
#define OPENSSH_NONE                                                             \
	"b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW" \
	"QyNTUxOQAAACBJbnZlbnRlZA=="
#define OPENSSH_LOCKED                                                           \
	"b3BlbnNzaC1rZXktdjEAAAAACmFlczI1Ni1jdHIAAAAGYmNyeXB0AAAAGAAAABBJbnZlbn" \
	"RlZEludmVudGVk"

static const struct {
	const char *text;
	bool key, locked;
} keys[] = {
	{PEM("PRIVATE KEY", "MC4CAQAwBQYDK2VwBCIEIEludmVudGVkIHNhbXBsZSBrZXkgZm9yIGltZ3ZldCAh"), true},
	{PEM("RSA PRIVATE KEY", B64 "\n" B64), true},
	{PEM("EC PRIVATE KEY", B64), true},
	{PEM("OPENSSH PRIVATE KEY", OPENSSH_NONE), true},
	{PEM("OPENSSH PRIVATE KEY", OPENSSH_LOCKED), true, true},
	{PEM("ENCRYPTED PRIVATE KEY", B64), true, true},
	{PEM("RSA PRIVATE KEY", "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n" B64), true, true},
	{PEM("PGP PRIVATE KEY BLOCK", "\nlQVY" B64 "\n=Inv3"), true},
	/* in JSON, in a source, quoted */
	{"-----BEGIN PRIVATE KEY-----\\n" B64 "\\n-----END PRIVATE KEY-----\\n", true},
	{"-----BEGIN PRIVATE KEY-----\\n\" +\n  \"" B64 "\\n\" +\n \"-----END PRIVATE KEY-----", true},
	/* cut off, or broken inside: still a key */
	{"-----BEGIN RSA PRIVATE KEY-----\n" B64, true},
	{"-----BEGIN RSA PRIVATE KEY-----\n" B64 "\n-----END", true},
	{PEM("OPENSSH PRIVATE KEY", B64), true},
	{PEM("RSA PRIVATE KEY", B64 "!\n" B64), true},
	{PEM("RSA PRIVATE KEY", "MIIE\\u003d" B64), true},
	{PEM("RSA PRIVATE KEY", B64 B64 "\n...\n" B64), true},
	/* placeholders */
	{PEM("RSA PRIVATE KEY", ""), false},
	{PEM("RSA PRIVATE KEY", "..."), false},
	{PEM("RSA PRIVATE KEY", "MIIEowIBAAKCAQEA..."), false},
	{PEM("RSA PRIVATE KEY", B64 "\n...\n"), false},
	{PEM("RSA PRIVATE KEY", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"), false},
	{PEM("RSA PRIVATE KEY", "your key goes here"), false},
	{PEM("PUBLIC KEY", B64), false},
	{PEM("CERTIFICATE", B64), false},
	{"-----BEGIN ", false},
	{"-----BEGIN PRIVATE KEY", false},
	{"", false},
};

static void test_private_key(void)
{
	for (guint i = 0; i < G_N_ELEMENTS(keys); i++) {
		IvJudgement j;

		expect("private-key", keys[i].text, keys[i].key);
		if (!keys[i].key)
			continue;
		believes("private-key", keys[i].text, &j);
		g_assert_cmpint(j.severity, ==,
				keys[i].locked ? IV_SEVERITY_HIGH : IV_SEVERITY_CRITICAL);
		g_assert_cmpstr(j.note, ==, keys[i].locked ? "passphrase-protected" : NULL);
	}
}

/* --- JSON web tokens -------------------------------------------------------------------- */

static char *encode(const char *json)
{
	char *text = g_base64_encode((const guchar *)json, strlen(json));

	g_strdelimit(text, "+", '-');
	g_strdelimit(text, "/", '_');
	*strchrnul(text, '=') = '\0';
	return text;
}

static void try_jwt(const char *header, const char *payload, bool wanted)
{
	g_autofree char *a = encode(header), *b = encode(payload);
	g_autofree char *token = g_strdup_printf("%s.%s.Inv3nted", a, b);

	expect("jwt", token, wanted);
}

static void test_jwt(void)
{
	try_jwt("{\"alg\":\"HS256\"}", "{\"sub\":\"invented\"}", true);
	try_jwt("{\"alg\":\"none\"}", "{}", true);
	try_jwt("{\"typ\":\"JWT\"}", "{}", false);
	try_jwt("{\"alg\":7}", "{}", false);
	try_jwt("[\"alg\"]", "{}", false);
	try_jwt("{\"alg\":\"HS256\"}", "[]", false);
	try_jwt("{\"alg\":\"HS256\"", "{}", false);
	expect("jwt", "eyJhbGciOiJIUzI1NiJ9.e30", false);
	expect("jwt", "..", false);
	expect("jwt", "", false);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/checks/entropy", test_entropy);
	g_test_add_func("/checks/names", test_names);
	g_test_add_func("/checks/not-placeholder", test_not_placeholder);
	g_test_add_func("/checks/url-password", test_url_password);
	g_test_add_func("/checks/high-entropy-mixed", test_high_entropy_mixed);
	g_test_add_func("/checks/shadow-hash", test_shadow_hash);
	g_test_add_func("/checks/private-key", test_private_key);
	g_test_add_func("/checks/jwt", test_jwt);
	return g_test_run();
}
