/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_clearance.c - clearances: reading, and appending */
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/gate/gate_rig.h"

#define ENTRY(more) "clearances:\n- {fingerprint: " RIG_PRINT ", " more "}\n"

static IvClearances *parse(const char *text, GError **error)
{
	return iv_clearances_parse("c.yml", text, strlen(text), error);
}

/* While it is on, no file can grow: a write fails as on a full disk. */
static void no_room(bool on)
{
	static struct rlimit before;
	struct rlimit none;

	if (on)
		g_assert_cmpint(getrlimit(RLIMIT_FSIZE, &before), ==, 0);
	none = before;
	none.rlim_cur = on ? 0 : before.rlim_cur;
	signal(SIGXFSZ, SIG_IGN);
	g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &none), ==, 0);
}

static void test_entry(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(IvClearances) all = parse("salt: " RIG_PRINT RIG_PRINT
					    "\n" ENTRY("reason: a test key of no use, who: Ada, "
						       "created: 2026-01-01, expires: 2026-01-31"),
					    &error);
	const IvClearance *one;

	g_assert_no_error(error);
	g_assert_nonnull(all->salt_id);
	g_assert_cmpuint(all->list->len, ==, 1);
	one = all->list->pdata[0];
	g_assert_cmpstr(one->problem, ==, NULL);
	g_assert_cmpstr(one->who, ==, "Ada");
	g_assert_cmpint(one->created, ==, 1767225600);
	g_assert_cmpint(one->expires, ==, 1769903999);
}

static void test_problems(void)
{
	static const struct {
		const char *text, *problem;
	} rows[] = {
		{"clearances: [just a text]\n", "not a mapping"},
		{"clearances:\n- {reason: ten letters here, who: a, expires: 2026-01-31}\n",
		 "names no fingerprint"},
		{"clearances:\n- {fingerprint: 0123, reason: ten letters here, who: a, expires: "
		 "2026-01-31}\n",
		 "32 lower-case"},
		{ENTRY("reason: short, who: a, expires: 2026-01-31"), "shorter than 10"},
		{ENTRY("reason: \"            \", who: a, expires: 2026-01-31"), "shorter than 10"},
		{ENTRY("reason: ten letters here, expires: 2026-01-31"), "who cleared it"},
		{ENTRY("reason: ten letters here, who: \" \", expires: 2026-01-31"),
		 "who cleared it"},
		{ENTRY("reason: ten letters here, who: a"), "when it expires"},
		{ENTRY("reason: ten letters here, who: a, expires: never"), "not a date"},
		{ENTRY("reason: ten letters here, who: a, expires: 2026-02-30"), "not a date"},
		{ENTRY("reason: ten letters here, who: a, expires: 2026-1-3"), "not a date"},
		{ENTRY("reason: ten letters here, who: a, expires: \"2026-01-31\\n\""),
		 "not a date"},
		{ENTRY("reason: ten letters here, who: a, created: x, expires: 2026-01-31"),
		 "created is not a date"},
		{ENTRY("reason: ten letters here, who: a, created: 2026-02-01, expires: "
		       "2026-01-31"),
		 "before it was created"},
		{ENTRY("reason: ten letters here, who: a, expires: 2026-01-31, expire: 1"),
		 "unknown key 'expire'"},
		{ENTRY("reason: [a], who: a, expires: 2026-01-31"), "reason is not a text"},
		{ENTRY("reason: \"ten letters\\nhere\", who: a, expires: 2026-01-31"), "one line"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(IvClearances) all = parse(rows[i].text, &error);
		const IvClearance *one;

		g_assert_no_error(error);
		one = all->list->pdata[0];
		if (one->problem == NULL || strstr(one->problem, rows[i].problem) == NULL)
			g_error("row %zu: '%s' is not '%s'", i, one->problem, rows[i].problem);
	}
}

static void test_no_file(void)
{
	static const char *const rows[] = {
		"- a\n",	   "text\n", "salt: 12\n",	    "clearances: x\n",
		"clearance: []\n", "a: [\n", "clearances: {a: b}\n"};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(IvClearances) all = parse(rows[i], &error);

		g_assert_null(all);
		g_assert_error(error, IV_ERROR, IV_ERROR_CONFIG);
	}
}

static bool add(const char *path, const char *fingerprint, GError **error)
{
	static const uint8_t salt[IV_SALT_BYTES] = {1};

	return iv_clearances_add(path, salt, fingerprint, "it's \"fine\": a # test \\ key", "Ada",
				 "2099-12-31", error);
}

/* What stood in the file stays, whatever its shape; the new entry is the last. */
static void test_add(void)
{
	static const char *const olds[] = {
		NULL,
		"",
		"# a comment\n",
		"clearances:\n",
		"clearances:\n- {fingerprint: x}\n",
		"clearances:\n   - fingerprint: x   # odd\n     reason: y",
		"clearances:\n      - fingerprint: x\n",
	};
	g_autofree char *path = rig_path("add.yml");

	for (size_t i = 0; i < G_N_ELEMENTS(olds); i++) {
		g_autoptr(GError) error = NULL;
		g_autofree char *text = NULL;
		g_autoptr(IvClearances) all = NULL;
		const IvClearance *last;

		g_remove(path);
		if (olds[i] != NULL)
			g_assert_true(g_file_set_contents(path, olds[i], -1, NULL));
		g_assert_true(add(path, RIG_PRINT, &error));
		g_assert_true(add(path, RIG_OTHER, &error));
		g_assert_no_error(error);
		g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
		g_assert_true(g_str_has_prefix(text, olds[i] != NULL ? olds[i] : "#"));
		all = iv_clearances_load(path, &error);
		g_assert_no_error(error);
		last = all->list->pdata[all->list->len - 1];
		g_assert_null(last->problem);
		g_assert_cmpstr(last->fingerprint, ==, RIG_OTHER);
		g_assert_cmpstr(last->reason, ==, "it's \"fine\": a # test \\ key");
		g_assert_cmpint(last->created, >, 0);
	}
}

static void test_add_refused(void)
{
	static const struct {
		const char *old;
		const char *fingerprint;
		int code;
	} rows[] = {
		{"clearances: []\n", RIG_PRINT, IV_ERROR_CONFIG},
		{"clearances: [\n", RIG_PRINT, IV_ERROR_CONFIG},
		{"salt: " RIG_OTHER RIG_OTHER "\nclearances:\n", RIG_PRINT, IV_ERROR_CONFIG},
		{"clearances:\n- a: b\nsalt: " RIG_OTHER RIG_OTHER "\n", RIG_PRINT,
		 IV_ERROR_CONFIG},
		{"clearances:\n", "short", IV_ERROR_USAGE},
	};
	g_autofree char *path = rig_path("refused.yml");

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GError) error = NULL;
		g_autofree char *text = NULL;

		g_assert_true(g_file_set_contents(path, rows[i].old, -1, NULL));
		g_assert_false(add(path, rows[i].fingerprint, &error));
		g_assert_error(error, IV_ERROR, rows[i].code);
		g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
		g_assert_cmpstr(text, ==, rows[i].old);
	}
}

/* When nothing can be written, a file that was not there before is not there afterwards: an empty
 * one would stand for "nothing is cleared here". */
static void test_add_no_room(void)
{
	static const char *const olds[] = {NULL, "", "clearances:\n"};
	g_autofree char *path = rig_path("full.yml");

	for (size_t i = 0; i < G_N_ELEMENTS(olds); i++) {
		g_autoptr(GError) error = NULL;
		g_autofree char *text = NULL;

		if (olds[i] != NULL)
			g_assert_true(g_file_set_contents(path, olds[i], -1, NULL));
		no_room(true);
		g_assert_false(add(path, RIG_PRINT, &error));
		no_room(false);
		g_assert_error(error, IV_ERROR, IV_ERROR_IO);
		g_assert_true(g_file_get_contents(path, &text, NULL, NULL) == (olds[i] != NULL));
		g_assert_cmpstr(text, ==, olds[i]);
	}
	g_remove(path);
	g_assert_true(add(path, RIG_PRINT, NULL));
}

/* Four writers at once: no entry is lost. */
static void test_add_together(void)
{
	g_autofree char *path = rig_path("together.yml");
	g_autoptr(GError) error = NULL;
	g_autoptr(IvClearances) all = NULL;
	pid_t children[4];

	for (int c = 0; c < 4; c++) {
		children[c] = fork();
		if (children[c] == 0) {
			bool fine = true;

			for (int i = 0; i < 5; i++)
				fine &= add(path, RIG_PRINT, NULL);
			_exit(fine ? 0 : 1);
		}
	}
	for (int c = 0; c < 4; c++) {
		int status = -1;

		g_assert_cmpint(waitpid(children[c], &status, 0), ==, children[c]);
		g_assert_cmpint(status, ==, 0);
	}
	all = iv_clearances_load(path, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(all->list->len, ==, 20);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	rig_home();
	g_test_add_func("/clearance/entry", test_entry);
	g_test_add_func("/clearance/problems", test_problems);
	g_test_add_func("/clearance/no-file", test_no_file);
	g_test_add_func("/clearance/add", test_add);
	g_test_add_func("/clearance/add-refused", test_add_refused);
	g_test_add_func("/clearance/add-no-room", test_add_no_room);
	g_test_add_func("/clearance/add-together", test_add_together);
	return g_test_run();
}
