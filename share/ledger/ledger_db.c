/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ledger_db.c - the file of the ledger: opening or making it, its table and its guards.  See
 * ledger_db.h.
 *
 * One table.  Triggers refuse every change, every removal, and every line that is
 * not the next one.
 */
#include "share/ledger/ledger_db.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "scanner/base/text.h"
#include "share/base/private_file.h"

/* "imgv": tells our files from other SQLite files. */
#define APPLICATION_ID 0x696d6776
/* Milliseconds to wait for another process that is writing. */
#define BUSY_MILLISECONDS 20000

/* The table and its guards, as SQLite keeps their texts. */
static const struct {
	const char *name, *sql;
} schema[] = {
	{"ledger", "CREATE TABLE ledger ("
		   "id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, kind TEXT NOT NULL, "
		   "who TEXT NOT NULL, digest TEXT NOT NULL, detail TEXT NOT NULL, "
		   "prev TEXT NOT NULL, hash TEXT NOT NULL) STRICT"},
	{"ledger_no_change", "CREATE TRIGGER ledger_no_change BEFORE UPDATE ON ledger "
			     "BEGIN SELECT RAISE(ABORT, 'the ledger only grows'); END"},
	{"ledger_no_removal", "CREATE TRIGGER ledger_no_removal BEFORE DELETE ON ledger "
			      "BEGIN SELECT RAISE(ABORT, 'the ledger only grows'); END"},
	{"ledger_next_only",
	 "CREATE TRIGGER ledger_next_only BEFORE INSERT ON ledger "
	 "WHEN NEW.id IS NOT (SELECT coalesce(max(id), 0) + 1 FROM ledger) "
	 "OR NEW.prev IS NOT coalesce((SELECT hash FROM ledger ORDER BY id DESC LIMIT 1), '') "
	 "BEGIN SELECT RAISE(ABORT, 'not the next line of the ledger'); END"},
};

/* --- asking SQLite --------------------------------------------------------------- */

bool iv_ledger_fail(const IvLedger *ledger, GError **error, const char *what)
{
	return iv_fail(error, IV_ERROR_IO, "%s: %s: %s", ledger->path, what,
		       sqlite3_errmsg(ledger->db));
}

bool iv_ledger_execute(IvLedger *ledger, const char *sql, const char *what, GError **error)
{
	if (sqlite3_exec(ledger->db, sql, NULL, NULL, NULL) != SQLITE_OK)
		return iv_ledger_fail(ledger, error, what);
	return true;
}

void iv_ledger_rollback(IvLedger *ledger)
{
	(void)sqlite3_exec(ledger->db, "ROLLBACK", NULL, NULL, NULL);
}

sqlite3_stmt *iv_ledger_prepare(IvLedger *ledger, const char *sql, GError **error)
{
	sqlite3_stmt *statement = NULL;

	if (sqlite3_prepare_v2(ledger->db, sql, -1, &statement, NULL) != SQLITE_OK)
		iv_ledger_fail(ledger, error, "cannot read the ledger");
	return statement;
}

bool iv_ledger_int(IvLedger *ledger, const char *sql, gint64 *value, GError **error)
{
	g_autoptr(sqlite3_stmt) statement = iv_ledger_prepare(ledger, sql, error);

	if (statement == NULL)
		return false;
	if (sqlite3_step(statement) != SQLITE_ROW)
		return iv_ledger_fail(ledger, error, "cannot read the ledger");
	*value = sqlite3_column_int64(statement, 0);
	return true;
}

/* --- the guards ------------------------------------------------------------------ */

bool iv_ledger_guards(IvLedger *ledger, bool *stand, GError **error)
{
	g_autoptr(sqlite3_stmt) statement = iv_ledger_prepare(
		ledger, "SELECT 1 FROM sqlite_master WHERE name = ?1 AND sql = ?2", error);

	if (statement == NULL)
		return false;
	*stand = true;
	for (size_t i = 0; i < G_N_ELEMENTS(schema); i++) {
		sqlite3_reset(statement);
		sqlite3_bind_text(statement, 1, schema[i].name, -1, SQLITE_STATIC);
		sqlite3_bind_text(statement, 2, schema[i].sql, -1, SQLITE_STATIC);
		*stand &= sqlite3_step(statement) == SQLITE_ROW;
	}
	return true;
}

/* --- opening --------------------------------------------------------------------- */

char *iv_ledger_path(const char *path)
{
	const char *env = g_getenv("IMGVET_LEDGER");

	if (path != NULL)
		return g_strdup(path);
	if (env != NULL && *env != '\0')
		return g_strdup(env);
	return iv_data_path("ledger.db");
}

/* SQLite would make the file readable for all; so it is made here. */
static bool make_file(const char *path, GError **error)
{
	int fd;

	if (!iv_private_folder(path, error))
		return false;
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 && errno != EEXIST)
		return iv_fail_errno(error, "%s: cannot make the ledger", path);
	if (fd >= 0)
		close(fd);
	return true;
}

static bool count_objects(IvLedger *ledger, gint64 *count, GError **error)
{
	return iv_ledger_int(ledger, "SELECT count(*) FROM sqlite_master", count, error);
}

static bool fill_schema(IvLedger *ledger, GError **error)
{
	g_autofree char *mark = g_strdup_printf("PRAGMA application_id = %d", APPLICATION_ID);

	for (size_t i = 0; i < G_N_ELEMENTS(schema); i++) {
		if (!iv_ledger_execute(ledger, schema[i].sql, "cannot make the ledger", error))
			return false;
	}
	return iv_ledger_execute(ledger, mark, "cannot make the ledger", error);
}

/* Under the write lock, so that only one of two processes makes the table. */
static bool make_schema(IvLedger *ledger, GError **error)
{
	gint64 objects = 0;

	if (!iv_ledger_execute(ledger, "BEGIN IMMEDIATE", "cannot write the ledger", error))
		return false;
	if (!count_objects(ledger, &objects, error) ||
	    (objects == 0 && !fill_schema(ledger, error))) {
		iv_ledger_rollback(ledger);
		return false;
	}
	return iv_ledger_execute(ledger, "COMMIT", "cannot write the ledger", error);
}

static bool check_schema(IvLedger *ledger, GError **error)
{
	gint64 objects = 0, application = 0;

	if (!count_objects(ledger, &objects, error) ||
	    (objects == 0 && !make_schema(ledger, error)) ||
	    !iv_ledger_int(ledger, "PRAGMA application_id", &application, error))
		return false;
	if (application != APPLICATION_ID)
		return iv_fail(
			error, IV_ERROR_IO,
			"%s: this is not a ledger of imgvet\nname another file with --ledger",
			ledger->path);
	return true;
}

static char *who_am_i(void)
{
	g_autofree char *text = g_strdup_printf("%s@%s", g_get_user_name(), g_get_host_name());

	return iv_text_printable(text, -1);
}

IvLedger *iv_ledger_open(const char *path, GError **error)
{
	g_autoptr(IvLedger) ledger = g_new0(IvLedger, 1);

	ledger->path = iv_ledger_path(path);
	ledger->who = who_am_i();
	if (!make_file(ledger->path, error))
		return NULL;
	if (sqlite3_open_v2(ledger->path, &ledger->db,
			    SQLITE_OPEN_READWRITE | SQLITE_OPEN_FULLMUTEX | SQLITE_OPEN_EXRESCODE,
			    NULL) != SQLITE_OK) {
		iv_ledger_fail(ledger, error, "cannot open the ledger");
		return NULL;
	}
	sqlite3_busy_timeout(ledger->db, BUSY_MILLISECONDS);
	sqlite3_db_config(ledger->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(ledger->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	/* EXTRA: with a rollback journal, FULL may lose the last line with the power. */
	if (!iv_ledger_execute(ledger, "PRAGMA synchronous = EXTRA; PRAGMA temp_store = MEMORY",
			       "cannot open the ledger", error) ||
	    !check_schema(ledger, error))
		return NULL;
	return g_steal_pointer(&ledger);
}

void iv_ledger_close(IvLedger *ledger)
{
	if (ledger == NULL)
		return;
	sqlite3_close(ledger->db);
	g_free(ledger->path);
	g_free(ledger->who);
	g_free(ledger);
}
