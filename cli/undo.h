/* SPDX-License-Identifier: GPL-3.0-or-later */
/* undo.h - what becomes of a share that failed part way: undone, or offered to be. */
#ifndef IV_CLI_UNDO_H
#define IV_CLI_UNDO_H

#include "scanner/base/error.h"
#include "share/access/request.h"
#include "share/gate/gate.h"
#include "share/ledger/ledger.h"

typedef struct {
	const IvPass *pass;
	const IvShareRequest *request;
	IvLedger *ledger;
	bool always; /* --all-or-nothing */
	bool ask;    /* else: at the terminal, if there is one */
} CliUndo;

/* Undo the share, or ask whether to; made->undone is set if it was tried.  `why` is the error that
 * the share failed with.  False with *error when undoing failed too. */
IV_MUST_CHECK
bool cli_undo(const CliUndo *undo, IvShareResult *made, const GError *why, GError **error);

/* "imgvet unshare ...": what to type to undo it; NULL when there is nothing to. */
char *cli_undo_command(const IvShareRequest *request, const IvShareResult *made);

#endif
