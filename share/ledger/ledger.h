/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ledger.h - the append-only record of what was scanned, judged, cleared and called.
 */
#ifndef IV_SHARE_LEDGER_LEDGER_H
#define IV_SHARE_LEDGER_LEDGER_H

#include <glib.h>
#include <stdbool.h>

#include "scanner/base/cjson.h"
#include "scanner/base/error.h"

typedef struct IvLedger IvLedger;

/* SQLite at `path`, else $IMGVET_LEDGER, else imgvet/ledger.db in the XDG data
 * folder.  Rows can be added, never changed or removed (triggers), and each
 * names the SHA-256 of the one before it, so a cut shows. */
IV_MUST_CHECK
IvLedger *iv_ledger_open(const char *path, GError **error);
void iv_ledger_close(IvLedger *ledger);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvLedger, iv_ledger_close)

/* The file that iv_ledger_open(path) opens.  The caller frees it. */
char *iv_ledger_path(const char *path);

/* Append a line; durable when it returns.  kind: "scan", "clearance",
 * "verdict", "origin", "call-begin", "call-end".  The detail of a call-end holds "begin":
 * the id of its call-begin.  detail is copied (NULL: nothing); never a secret. */
IV_MUST_CHECK
bool iv_ledger_add(IvLedger *ledger, const char *kind, const char *digest, const cJSON *detail,
		   gint64 *id, GError **error);

typedef struct {
	gint64 id;
	gint64 when;
	const char *kind, *who, *digest;
	const char *detail; /* JSON text */
	bool chain_ok;	    /* its hash and the one before it agree */
	bool open;	    /* a call-begin without its call-end */
} IvLedgerLine;
typedef bool (*IvLedgerFunc)(void *user, const IvLedgerLine *line);
/* In order; stops when the function returns false.  IV_ERROR_REFUSED, after the
 * last line, when lines are missing at the end or the guards are gone. */
IV_MUST_CHECK
bool iv_ledger_each(IvLedger *ledger, IvLedgerFunc each, void *user, GError **error);

#endif
