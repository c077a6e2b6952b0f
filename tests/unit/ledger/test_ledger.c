/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_ledger.c - the ledger: its chain, its guards, many writers */
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/gate/gate_rig.h"

#include "share/ledger/ledger.h"

typedef struct {
	guint count, broken, open;
} Seen;

static bool see(void *user, const IvLedgerLine *line)
{
	Seen *seen = user;

	seen->count++;
	seen->broken += !line->chain_ok;
	seen->open += line->open;
	return true;
}

static Seen look(const char *path, GError **error)
{
	g_autoptr(IvLedger) ledger = iv_ledger_open(path, NULL);
	Seen seen = {0};

	g_assert_nonnull(ledger);
	/* The caller looks at *error, and at what was seen in any case. */
	iv_ignore(iv_ledger_each(ledger, see, &seen, error));
	return seen;
}

static char *fresh(const char *name)
{
	char *path = rig_path(name);
	g_autoptr(IvLedger) ledger = NULL;

	g_remove(path);
	ledger = iv_ledger_open(path, NULL);
	g_assert_nonnull(ledger);
	for (int i = 0; i < 4; i++)
		g_assert_true(
			iv_ledger_add(ledger, "scan", "fsverity-sha256:00", NULL, NULL, NULL));
	return path;
}

static void test_chain(void)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *path = fresh("chain.db");
	g_autoptr(IvLedger) ledger = iv_ledger_open(path, &error);
	struct stat st;
	Seen seen = look(path, &error);

	g_assert_no_error(error);
	g_assert_cmpuint(seen.count, ==, 4);
	g_assert_cmpuint(seen.broken, ==, 0);
	g_assert_cmpint(stat(path, &st), ==, 0);
	g_assert_cmpint(st.st_mode & 0777, ==, 0600);
	g_assert_false(iv_ledger_add(ledger, "gossip", NULL, NULL, NULL, &error));
	g_assert_nonnull(error);
}

/* Change the file with another program: the guards refuse; without them it shows. */
static int tamper(const char *path, const char *sql)
{
	const char *python = g_getenv("PYTHON") != NULL ? g_getenv("PYTHON") : "/usr/bin/python3";
	const char *const argv[] = {python,
				    "-c",
				    "import sqlite3, sys\n"
				    "d = sqlite3.connect(sys.argv[1])\n"
				    "d.executescript(sys.argv[2])\n"
				    "d.commit()\n",
				    path,
				    sql,
				    NULL};
	int status = -1;

	g_assert_true(g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_STDERR_TO_DEV_NULL, NULL,
				   NULL, NULL, NULL, &status, NULL));
	return status;
}

static void test_guards(void)
{
	g_autofree char *path = fresh("guards.db");
	static const char *const rows[] = {
		"UPDATE ledger SET who = 'x' WHERE id = 2",
		"DELETE FROM ledger WHERE id = 4",
		"INSERT OR REPLACE INTO ledger VALUES (2, 0, 'scan', 'x', '', '{}', '', '')",
		"INSERT INTO ledger VALUES (5, 0, 'scan', 'x', '', '{}', 'wrong', '')",
		"INSERT INTO ledger VALUES (9, 0, 'scan', 'x', '', '{}', (SELECT hash FROM ledger "
		"WHERE id = 4), '')",
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		Seen seen;

		g_assert_cmpint(tamper(path, rows[i]), !=, 0);
		seen = look(path, NULL);
		g_assert_cmpuint(seen.count, ==, 4);
		g_assert_cmpuint(seen.broken, ==, 0);
	}
}

static void test_tampered(void)
{
	static const struct {
		const char *sql;
		guint count, broken;
	} rows[] = {
		{"DROP TRIGGER ledger_no_change; UPDATE ledger SET who = 'x' WHERE id = 2", 4, 1},
		{"DROP TRIGGER ledger_no_change; UPDATE ledger SET at = 1 WHERE id = 1", 4, 1},
		{"DROP TRIGGER ledger_no_change; UPDATE ledger SET hash = 'x' WHERE id = 3", 4, 2},
		{"DROP TRIGGER ledger_no_removal; DELETE FROM ledger WHERE id = 2", 3, 1},
		{"DROP TRIGGER ledger_no_removal; DELETE FROM ledger WHERE id = 1", 3, 1},
		{"DROP TRIGGER ledger_no_removal; DELETE FROM ledger WHERE id = 4", 3, 0},
		{"DROP TRIGGER ledger_next_only", 4, 0},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *path = fresh("tampered.db");
		g_autoptr(GError) error = NULL;
		Seen seen;

		g_assert_cmpint(tamper(path, rows[i].sql), ==, 0);
		seen = look(path, &error);
		g_assert_cmpuint(seen.count, ==, rows[i].count);
		g_assert_cmpuint(seen.broken, ==, rows[i].broken);
		/* A cut end and lost guards are no line's fault: the whole is refused. */
		g_assert_error(error, IV_ERROR, IV_ERROR_REFUSED);
	}
}

static void test_open_calls(void)
{
	g_autofree char *path = fresh("open.db");
	g_autoptr(IvLedger) ledger = iv_ledger_open(path, NULL);
	g_autoptr(GError) error = NULL;
	gint64 first = 0, second = 0;
	cJSON *end = cJSON_CreateObject();

	g_assert_true(iv_ledger_add(ledger, "call-begin", NULL, NULL, &first, &error));
	g_assert_true(iv_ledger_add(ledger, "call-begin", NULL, NULL, &second, &error));
	g_assert_cmpuint(look(path, NULL).open, ==, 2);
	cJSON_AddNumberToObject(end, "begin", (double)first);
	g_assert_true(iv_ledger_add(ledger, "call-end", NULL, end, NULL, &error));
	g_assert_cmpuint(look(path, NULL).open, ==, 1);
	cJSON_Delete(end);
}

/* Four processes write at once, from the very first line on. */
static void test_together(void)
{
	g_autofree char *path = rig_path("together.db");
	g_autoptr(GError) error = NULL;
	pid_t children[4];
	Seen seen;

	for (int c = 0; c < 4; c++) {
		children[c] = fork();
		if (children[c] == 0) {
			IvLedger *ledger = iv_ledger_open(path, NULL);
			bool fine = ledger != NULL;

			for (int i = 0; fine && i < 10; i++)
				fine = iv_ledger_add(ledger, "scan", NULL, NULL, NULL, NULL);
			iv_ledger_close(ledger);
			_exit(fine ? 0 : 1);
		}
	}
	for (int c = 0; c < 4; c++) {
		int status = -1;

		g_assert_cmpint(waitpid(children[c], &status, 0), ==, children[c]);
		g_assert_cmpint(status, ==, 0);
	}
	seen = look(path, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(seen.count, ==, 40);
	g_assert_cmpuint(seen.broken, ==, 0);
}

static void test_refused(void)
{
	g_autofree char *path = rig_path("no.db");
	g_autofree char *below = g_build_filename(path, "ledger.db", NULL);
	g_autoptr(GError) error = NULL;

	g_assert_true(g_file_set_contents(path, "this is no database, and long enough", -1, NULL));
	g_assert_null(iv_ledger_open(path, &error));
	g_assert_error(error, IV_ERROR, IV_ERROR_IO);
	g_clear_error(&error);
	g_assert_null(iv_ledger_open(below, &error));
	g_assert_error(error, IV_ERROR, IV_ERROR_IO);
	g_clear_error(&error);
	g_remove(path);
	g_assert_cmpint(tamper(path, "CREATE TABLE other (a)"), ==, 0);
	g_assert_null(iv_ledger_open(path, &error));
	g_assert_error(error, IV_ERROR, IV_ERROR_IO);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	rig_home();
	g_test_add_func("/ledger/chain", test_chain);
	g_test_add_func("/ledger/guards", test_guards);
	g_test_add_func("/ledger/tampered", test_tampered);
	g_test_add_func("/ledger/open-calls", test_open_calls);
	g_test_add_func("/ledger/together", test_together);
	g_test_add_func("/ledger/refused", test_refused);
	return g_test_run();
}
