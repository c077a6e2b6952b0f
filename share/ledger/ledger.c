/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ledger.c - the append-only record of scans, clearances, verdicts and calls.  See ledger.h.  The
 * only file that knows SQLite.
 *
 * One table.  Triggers refuse every change, every removal, and every line that
 * is not the next one.  Each line holds the SHA-256 of its own fields and of the
 * hash before it, so that a line changed behind the triggers' back shows, and
 * AUTOINCREMENT remembers how many lines there were, so that a cut end shows.
 * That finds accidents and casual edits; whoever may write the file can also
 * recompute it as a whole, so keep copies where that matters.  What is hashed:
 * chain.h.
 */
#include "share/ledger/ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <string.h>
#include <unistd.h>

#include "scanner/base/error.h"
#include "scanner/base/text.h"
#include "scanner/report/report.h"
#include "share/base/private_file.h"
#include "share/ledger/chain.h"

/* "imgv": tells our files from other SQLite files. */
#define APPLICATION_ID 0x696d6776
/* Milliseconds to wait for another process that is writing. */
#define BUSY_MILLISECONDS 20000

struct IvLedger {
	sqlite3 *db;
	char *path;
	char *who;
};

G_DEFINE_AUTOPTR_CLEANUP_FUNC(sqlite3_stmt, sqlite3_finalize)

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

static const char *const kinds[] = {"scan",	  "clearance",	"verdict", "origin",
				    "call-begin", "call-end", NULL};

static bool ledger_fail(const IvLedger *ledger, GError **error, const char *what)
{
	return iv_fail(error, IV_ERROR_IO, "%s: %s: %s", ledger->path, what,
		       sqlite3_errmsg(ledger->db));
}

static bool execute(IvLedger *ledger, const char *sql, const char *what, GError **error)
{
	if (sqlite3_exec(ledger->db, sql, NULL, NULL, NULL) != SQLITE_OK)
		return ledger_fail(ledger, error, what);
	return true;
}

static void rollback(IvLedger *ledger)
{
	(void)sqlite3_exec(ledger->db, "ROLLBACK", NULL, NULL, NULL);
}

static sqlite3_stmt *prepare(IvLedger *ledger, const char *sql, GError **error)
{
	sqlite3_stmt *statement = NULL;

	if (sqlite3_prepare_v2(ledger->db, sql, -1, &statement, NULL) != SQLITE_OK)
		ledger_fail(ledger, error, "cannot read the ledger");
	return statement;
}

static bool read_int(IvLedger *ledger, const char *sql, gint64 *value, GError **error)
{
	g_autoptr(sqlite3_stmt) statement = prepare(ledger, sql, error);

	if (statement == NULL)
		return false;
	if (sqlite3_step(statement) != SQLITE_ROW)
		return ledger_fail(ledger, error, "cannot read the ledger");
	*value = sqlite3_column_int64(statement, 0);
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
	return read_int(ledger, "SELECT count(*) FROM sqlite_master", count, error);
}

static bool fill_schema(IvLedger *ledger, GError **error)
{
	g_autofree char *mark = g_strdup_printf("PRAGMA application_id = %d", APPLICATION_ID);

	for (size_t i = 0; i < G_N_ELEMENTS(schema); i++) {
		if (!execute(ledger, schema[i].sql, "cannot make the ledger", error))
			return false;
	}
	return execute(ledger, mark, "cannot make the ledger", error);
}

/* Under the write lock, so that only one of two processes makes the table. */
static bool make_schema(IvLedger *ledger, GError **error)
{
	gint64 objects = 0;

	if (!execute(ledger, "BEGIN IMMEDIATE", "cannot write the ledger", error))
		return false;
	if (!count_objects(ledger, &objects, error) ||
	    (objects == 0 && !fill_schema(ledger, error))) {
		rollback(ledger);
		return false;
	}
	return execute(ledger, "COMMIT", "cannot write the ledger", error);
}

static bool check_schema(IvLedger *ledger, GError **error)
{
	gint64 objects = 0, application = 0;

	if (!count_objects(ledger, &objects, error) ||
	    (objects == 0 && !make_schema(ledger, error)) ||
	    !read_int(ledger, "PRAGMA application_id", &application, error))
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
		ledger_fail(ledger, error, "cannot open the ledger");
		return NULL;
	}
	sqlite3_busy_timeout(ledger->db, BUSY_MILLISECONDS);
	sqlite3_db_config(ledger->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(ledger->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	/* EXTRA: with a rollback journal, FULL may lose the last line with the power. */
	if (!execute(ledger, "PRAGMA synchronous = EXTRA; PRAGMA temp_store = MEMORY",
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

/* --- adding ---------------------------------------------------------------------- */

/* The id and hash of the last line; 0 and "" for an empty ledger. */
static bool last_line(IvLedger *ledger, gint64 *id, char **hash, GError **error)
{
	g_autoptr(sqlite3_stmt) statement =
		prepare(ledger, "SELECT id, hash FROM ledger ORDER BY id DESC LIMIT 1", error);
	int step;

	if (statement == NULL)
		return false;
	step = sqlite3_step(statement);
	if (step != SQLITE_ROW && step != SQLITE_DONE)
		return ledger_fail(ledger, error, "cannot read the ledger");
	*id = step == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
	*hash = g_strdup(step == SQLITE_ROW ? (const char *)sqlite3_column_text(statement, 1) : "");
	return true;
}

static bool insert(IvLedger *ledger, const IvChainRow *row, GError **error)
{
	g_autofree char *hash = iv_chain_hash(row);
	const char *const texts[] = {row->kind,	  row->who,  row->digest,
				     row->detail, row->prev, hash};
	g_autoptr(sqlite3_stmt) statement =
		prepare(ledger,
			"INSERT INTO ledger (id, at, kind, who, digest, detail, prev, hash)"
			" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
			error);

	if (statement == NULL)
		return false;
	sqlite3_bind_int64(statement, 1, row->id);
	sqlite3_bind_int64(statement, 2, row->at);
	for (int i = 0; i < (int)G_N_ELEMENTS(texts); i++)
		sqlite3_bind_text(statement, 3 + i, texts[i], -1, SQLITE_STATIC);
	if (sqlite3_step(statement) != SQLITE_DONE)
		return ledger_fail(ledger, error, "cannot write the ledger");
	return true;
}

bool iv_ledger_add(IvLedger *ledger, const char *kind, const char *digest, const cJSON *detail,
		   gint64 *id, GError **error)
{
	g_autofree char *text = detail != NULL ? iv_json_canonical(detail) : g_strdup("{}");
	g_autofree char *prev = NULL;
	IvChainRow row = {.at = g_get_real_time() / G_USEC_PER_SEC,
		   .kind = kind,
		   .who = ledger->who,
		   .digest = digest != NULL ? digest : "",
		   .detail = text};

	if (!g_strv_contains(kinds, kind) || text == NULL)
		return iv_fail(error, IV_ERROR_IO, "%s: no such kind of ledger line: %s",
			       ledger->path, kind);
	if (!execute(ledger, "BEGIN IMMEDIATE", "cannot write the ledger", error))
		return false;
	if (!last_line(ledger, &row.id, &prev, error)) {
		rollback(ledger);
		return false;
	}
	row.id++;
	row.prev = prev;
	if (!insert(ledger, &row, error) ||
	    !execute(ledger, "COMMIT", "cannot write the ledger", error)) {
		rollback(ledger);
		return false;
	}
	if (id != NULL)
		*id = row.id;
	return true;
}

/* --- reading --------------------------------------------------------------------- */

/* The ids of the call-begin lines that a later call-end names. */
static bool closed_calls(IvLedger *ledger, GHashTable *closed, GError **error)
{
	g_autoptr(sqlite3_stmt) statement =
		prepare(ledger, "SELECT id, detail FROM ledger WHERE kind = 'call-end'", error);
	int step;

	if (statement == NULL)
		return false;
	while ((step = sqlite3_step(statement)) == SQLITE_ROW) {
		gint64 end = sqlite3_column_int64(statement, 0);
		const char *detail = (const char *)sqlite3_column_text(statement, 1);
		g_autoptr(cJSON) json = cJSON_Parse(detail != NULL ? detail : "");
		const cJSON *begin = cJSON_GetObjectItemCaseSensitive(json, "begin");

		if (cJSON_IsNumber(begin) && begin->valuedouble >= 1 &&
		    begin->valuedouble < (double)end) {
			gint64 *id = g_new(gint64, 1);

			*id = (gint64)begin->valuedouble;
			g_hash_table_add(closed, id);
		}
	}
	return step == SQLITE_DONE || ledger_fail(ledger, error, "cannot read the ledger");
}

static const char *column(sqlite3_stmt *statement, int i, IvChainRow *row)
{
	const char *text = (const char *)sqlite3_column_text(statement, i);

	if (text == NULL || strlen(text) != (size_t)sqlite3_column_bytes(statement, i))
		row->damaged = true;
	return text != NULL ? text : "";
}

static IvChainRow read_row(sqlite3_stmt *statement)
{
	IvChainRow row = {.id = sqlite3_column_int64(statement, 0),
		   .at = sqlite3_column_int64(statement, 1)};

	row.kind = column(statement, 2, &row);
	row.who = column(statement, 3, &row);
	row.digest = column(statement, 4, &row);
	row.detail = column(statement, 5, &row);
	row.prev = column(statement, 6, &row);
	row.hash = column(statement, 7, &row);
	return row;
}

/* Where a walk over the lines stands. */
typedef struct {
	GHashTable *closed; /* ids of call-begin lines that have their end */
	gint64 last;	    /* id of the line before */
	char *hash;	    /* and its hash */
} Walk;

static IvLedgerLine judge_row(const IvChainRow *row, const Walk *walk)
{
	g_autofree char *hash = iv_chain_hash(row);
	IvLedgerLine line = {.id = row->id,
			     .when = row->at,
			     .kind = row->kind,
			     .who = row->who,
			     .digest = row->digest,
			     .detail = row->detail};

	line.chain_ok = !row->damaged && row->id == walk->last + 1 &&
			strcmp(row->prev, walk->hash) == 0 && strcmp(hash, row->hash) == 0;
	line.open = strcmp(row->kind, "call-begin") == 0 &&
		    !g_hash_table_contains(walk->closed, &row->id);
	return line;
}

static bool read_lines(IvLedger *ledger, Walk *walk, IvLedgerFunc each, void *user, bool *stopped,
		       GError **error)
{
	g_autoptr(sqlite3_stmt) statement = prepare(
		ledger,
		"SELECT id, at, kind, who, digest, detail, prev, hash FROM ledger ORDER BY id",
		error);
	int step = SQLITE_DONE;

	if (statement == NULL)
		return false;
	while (!*stopped && (step = sqlite3_step(statement)) == SQLITE_ROW) {
		IvChainRow row = read_row(statement);
		IvLedgerLine line = judge_row(&row, walk);

		walk->last = row.id;
		g_free(walk->hash);
		walk->hash = g_strdup(row.hash);
		*stopped = !each(user, &line);
	}
	return *stopped || step == SQLITE_DONE ||
	       ledger_fail(ledger, error, "cannot read the ledger");
}

static bool guards_stand(IvLedger *ledger, bool *stand, GError **error)
{
	g_autoptr(sqlite3_stmt) statement =
		prepare(ledger, "SELECT 1 FROM sqlite_master WHERE name = ?1 AND sql = ?2", error);

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

/* What no single line shows: a cut end, and guards that were taken away. */
static bool check_whole(IvLedger *ledger, gint64 last, GError **error)
{
	gint64 most = 0;
	bool stand = false;

	if (!read_int(ledger,
		      "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'ledger'",
		      &most, error) ||
	    !guards_stand(ledger, &stand, error))
		return false;
	if (most != last)
		return iv_fail(
			error, IV_ERROR_REFUSED,
			"%s: the ledger's end was cut off: it went up to line %" G_GINT64_FORMAT
			", it ends at line %" G_GINT64_FORMAT,
			ledger->path, most, last);
	if (!stand)
		return iv_fail(error, IV_ERROR_REFUSED,
			       "%s: the guards of the ledger were removed or changed: its lines "
			       "could have been edited",
			       ledger->path);
	return true;
}

bool iv_ledger_each(IvLedger *ledger, IvLedgerFunc each, void *user, GError **error)
{
	g_autoptr(GHashTable) closed =
		g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
	Walk walk = {.closed = closed, .hash = g_strdup("")};
	bool stopped = false, fine;

	/* One transaction: the lines and their calls' ends are of one moment. */
	fine = execute(ledger, "BEGIN", "cannot read the ledger", error);
	if (fine) {
		fine = closed_calls(ledger, closed, error) &&
		       read_lines(ledger, &walk, each, user, &stopped, error) &&
		       (stopped || check_whole(ledger, walk.last, error));
		rollback(ledger);
	}
	g_free(walk.hash);
	return fine;
}
