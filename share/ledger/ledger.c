/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ledger.c - the lines of the record: adding one, reading all.  See ledger.h.
 *
 * Each line holds the SHA-256 of its own fields and of the hash before it, so that
 * a line changed behind the back of the guards (ledger_db.c) shows, and
 * AUTOINCREMENT remembers how many lines there were, so that a cut end shows.
 * That finds accidents and casual edits; whoever may write the file can also
 * recompute it as a whole, so keep copies where that matters.  What is hashed:
 * chain.h.
 */
#include "share/ledger/ledger.h"

#include <string.h>

#include "scanner/report/report.h"
#include "share/ledger/chain.h"
#include "share/ledger/ledger_db.h"

static const char *const kinds[] = {"scan",	  "clearance",	"verdict", "origin",
				    "call-begin", "call-end", NULL};

/* --- adding ---------------------------------------------------------------------- */

/* The id and hash of the last line; 0 and "" for an empty ledger. */
static bool last_line(IvLedger *ledger, gint64 *id, char **hash, GError **error)
{
	g_autoptr(sqlite3_stmt) statement = iv_ledger_prepare(
		ledger, "SELECT id, hash FROM ledger ORDER BY id DESC LIMIT 1", error);
	int step;

	if (statement == NULL)
		return false;
	step = sqlite3_step(statement);
	if (step != SQLITE_ROW && step != SQLITE_DONE)
		return iv_ledger_fail(ledger, error, "cannot read the ledger");
	*id = step == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
	*hash = g_strdup(step == SQLITE_ROW ? (const char *)sqlite3_column_text(statement, 1) : "");
	return true;
}

static bool insert(IvLedger *ledger, const IvChainRow *row, GError **error)
{
	g_autofree char *hash = iv_chain_hash(row);
	const char *const texts[] = {row->kind,	  row->who,  row->digest,
				     row->detail, row->prev, hash};
	g_autoptr(sqlite3_stmt) statement = iv_ledger_prepare(
		ledger,
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
		return iv_ledger_fail(ledger, error, "cannot write the ledger");
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
	if (!iv_ledger_execute(ledger, "BEGIN IMMEDIATE", "cannot write the ledger", error))
		return false;
	if (!last_line(ledger, &row.id, &prev, error)) {
		iv_ledger_rollback(ledger);
		return false;
	}
	row.id++;
	row.prev = prev;
	if (!insert(ledger, &row, error) ||
	    !iv_ledger_execute(ledger, "COMMIT", "cannot write the ledger", error)) {
		iv_ledger_rollback(ledger);
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
	g_autoptr(sqlite3_stmt) statement = iv_ledger_prepare(
		ledger, "SELECT id, detail FROM ledger WHERE kind = 'call-end'", error);
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
	return step == SQLITE_DONE || iv_ledger_fail(ledger, error, "cannot read the ledger");
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
	g_autoptr(sqlite3_stmt) statement = iv_ledger_prepare(
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
	       iv_ledger_fail(ledger, error, "cannot read the ledger");
}

/* What no single line shows: a cut end, and guards that were taken away. */
static bool check_whole(IvLedger *ledger, gint64 last, GError **error)
{
	gint64 most = 0;
	bool stand = false;

	if (!iv_ledger_int(
		    ledger,
		    "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'ledger'",
		    &most, error) ||
	    !iv_ledger_guards(ledger, &stand, error))
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
	fine = iv_ledger_execute(ledger, "BEGIN", "cannot read the ledger", error);
	if (fine) {
		fine = closed_calls(ledger, closed, error) &&
		       read_lines(ledger, &walk, each, user, &stopped, error) &&
		       (stopped || check_whole(ledger, walk.last, error));
		iv_ledger_rollback(ledger);
	}
	g_free(walk.hash);
	return fine;
}
