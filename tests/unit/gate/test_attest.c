/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_attest.c - keys, signatures, salts */
#include <sys/stat.h>

#include "scanner/base/text.h"
#include "share/gate/salt.h"
#include "tests/unit/gate/gate_rig.h"

static void test_key(void)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *path = rig_path("imgvet/signing.key");
	g_autofree char *folder = rig_path("imgvet");
	g_autofree char *own = NULL;
	g_autoptr(IvKey) first = NULL;
	g_autoptr(IvKey) again = NULL;
	struct stat st;

	g_assert_true(iv_key_own_public(&own, &error));
	g_assert_null(own);
	g_assert_false(g_file_test(path, G_FILE_TEST_EXISTS));

	first = iv_key_load(NULL, &error);
	g_assert_no_error(error);
	g_assert_true(iv_key_public_valid(iv_key_public(first)));
	g_assert_cmpint(stat(path, &st), ==, 0);
	g_assert_cmpint(st.st_mode & 07777, ==, 0600);
	g_assert_cmpint(stat(folder, &st), ==, 0);
	g_assert_cmpint(st.st_mode & 07777, ==, 0700);
	again = iv_key_load(path, &error);
	g_assert_cmpstr(iv_key_public(first), ==, iv_key_public(again));
	g_assert_true(iv_key_own_public(&own, &error));
	g_assert_cmpstr(own, ==, iv_key_public(first));
}

static void test_key_refused(void)
{
	g_autofree char *path = rig_path("bad.key");
	static const struct {
		const char *text;
		mode_t mode;
	} rows[] = {
		{NULL, 0},
		{"", 0600},
		{"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", 0600},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(IvKey) key = NULL;

		if (rows[i].text != NULL) {
			g_assert_true(g_file_set_contents(path, rows[i].text, -1, NULL));
			g_assert_cmpint(g_chmod(path, rows[i].mode), ==, 0);
		}
		key = iv_key_load(path, &error);
		g_assert_null(key);
		g_assert_error(error, IV_ERROR, IV_ERROR_CONFIG);
	}
	g_remove(path);
	for (int mode = 0; mode < 2; mode++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(IvKey) made = iv_key_make(path, NULL);
		g_autoptr(IvKey) key = NULL;

		if (mode == 0)
			g_assert_nonnull(made);
		g_assert_cmpint(g_chmod(path, mode == 0 ? 0640 : 0604), ==, 0);
		key = iv_key_load(path, &error);
		g_assert_null(key);
		g_assert_error(error, IV_ERROR, IV_ERROR_CONFIG);
	}
}

static void test_public_text(void)
{
	g_assert_false(iv_key_public_valid(""));
	g_assert_false(iv_key_public_valid("ed25519:"));
	g_assert_false(iv_key_public_valid("ed25519:AAAA"));
	g_assert_false(iv_key_public_valid("rsa:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="));
	g_assert_false(
		iv_key_public_valid("ed25519:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= "));
	g_assert_true(iv_key_public_valid("ed25519:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="));
}

/* Any change after signing shows; a change of white space and key order does not. */
static void test_signature(void)
{
	g_autoptr(IvReport) report = rig_report();
	cJSON *json = rig_sign(report);
	char *text = iv_report_text(json);
	cJSON *again = cJSON_Parse(text);
	g_autofree char *signer = NULL;
	g_autoptr(GError) error = NULL;
	size_t changed = 0;

	g_assert_true(iv_attest_verify(again, &signer, &error));
	g_assert_no_error(error);
	cJSON_Delete(again);
	for (size_t i = 0; text[i] != '\0'; i++) {
		char *bad = NULL;

		if (!g_ascii_isdigit(text[i]) || (i > 0 && g_ascii_isalpha(text[i - 1])))
			continue;
		bad = g_strdup(text);
		bad[i] = text[i] == '1' ? '2' : '1';
		again = cJSON_Parse(bad);
		if (again != NULL) {
			g_autofree char *who = NULL;
			g_autoptr(GError) problem = NULL;

			g_assert_false(iv_attest_verify(again, &who, &problem));
			g_assert_error(problem, IV_ERROR, IV_ERROR_REFUSED);
			g_assert_null(who);
			changed++;
		}
		cJSON_Delete(again);
		g_free(bad);
	}
	g_assert_cmpuint(changed, >, 50);
	g_free(text);
	cJSON_Delete(json);
}

static void test_salt(void)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *path = rig_path("c.yml");
	uint8_t one[IV_SALT_BYTES], two[IV_SALT_BYTES], file[IV_SALT_BYTES];

	g_assert_true(iv_salt_load(NULL, one, &error));
	g_assert_true(iv_salt_load(NULL, two, &error));
	g_assert_cmpmem(one, sizeof(one), two, sizeof(two));
	g_assert_true(g_file_set_contents(path, "clearances: []\n", -1, NULL));
	g_assert_true(iv_salt_load(path, two, &error));
	g_assert_cmpmem(one, sizeof(one), two, sizeof(two));
	g_assert_true(g_file_set_contents(path, "salt: \"" RIG_PRINT RIG_OTHER "\"\n", -1, NULL));
	g_assert_true(iv_salt_load(path, file, &error));
	g_assert_cmphex(file[0], ==, 0x01);
	g_assert_cmphex(file[31], ==, 0xff);
	g_assert_true(g_file_set_contents(path, "salt: abc\n", -1, NULL));
	g_assert_false(iv_salt_load(path, file, &error));
	g_assert_error(error, IV_ERROR, IV_ERROR_CONFIG);
	g_clear_error(&error);
	g_assert_false(iv_salt_load("/nonexistent/c.yml", file, &error));
	g_assert_nonnull(error);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	rig_home();
	g_test_add_func("/attest/key", test_key);
	g_test_add_func("/attest/key-refused", test_key_refused);
	g_test_add_func("/attest/public-text", test_public_text);
	g_test_add_func("/attest/signature", test_signature);
	g_test_add_func("/attest/salt", test_salt);
	return g_test_run();
}
