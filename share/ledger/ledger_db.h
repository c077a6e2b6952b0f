/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ledger_db.h - the ledger as a file of SQLite, for ledger.c alone; ledger.h has what others call.
 *
 * Only the two know SQLite.  What fails is IV_ERROR_IO, with the file's name and SQLite's words.
 */
#ifndef IV_SHARE_LEDGER_LEDGER_DB_H
#define IV_SHARE_LEDGER_LEDGER_DB_H

#include <sqlite3.h>

#include "share/ledger/ledger.h"

struct IvLedger {
	sqlite3 *db;
	char *path;
	char *who; /* printable, "user@host" */
};

G_DEFINE_AUTOPTR_CLEANUP_FUNC(sqlite3_stmt, sqlite3_finalize)

/* "PATH: WHAT: SQLite's words"; always false. */
bool iv_ledger_fail(const IvLedger *ledger, GError **error, const char *what);

IV_MUST_CHECK
bool iv_ledger_execute(IvLedger *ledger, const char *sql, const char *what, GError **error);
void iv_ledger_rollback(IvLedger *ledger);
/* For reading; the caller finalizes it. */
IV_MUST_CHECK
sqlite3_stmt *iv_ledger_prepare(IvLedger *ledger, const char *sql, GError **error);
/* The one number of the one row that `sql` selects. */
IV_MUST_CHECK
bool iv_ledger_int(IvLedger *ledger, const char *sql, gint64 *value, GError **error);

/* Do the table and its triggers stand there as they were made? */
IV_MUST_CHECK
bool iv_ledger_guards(IvLedger *ledger, bool *stand, GError **error);

#endif
