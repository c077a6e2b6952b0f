/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * history.h - what the ledger says of an image id: who was given it by a recorded share with a
 * pass, and did not lose it again.
 *
 * A receiver was given an image when, in this order, there is a verdict yes for that image id and
 * that receiver, and a call of "share" that names the receiver, whose end is done or unknown (or
 * missing: the machine stopped).  A call of "unshare" or "undo" that names the receiver ends that.
 * Dry runs and refused or failed calls give and take nothing; a line that breaks the chain counts
 * for nothing.
 */
#ifndef IV_SHARE_LEDGER_HISTORY_H
#define IV_SHARE_LEDGER_HISTORY_H

#include "scanner/base/error.h"
#include "share/ledger/ledger.h"

/* The verdict that access was given by. */
typedef struct {
	gint64 line; /* of the ledger */
	gint64 when; /* seconds since the epoch */
	char *digest;/* of the image's content, or "" */
	char *report;/* digest of the report, or "" */
} IvGrant;

typedef struct IvHistory IvHistory;

/* Read it all.  When the ledger is damaged the history is read all the same, and
 * iv_history_problem() says what is wrong. */
IV_MUST_CHECK
IvHistory *iv_history_read(IvLedger *ledger, GError **error);
void iv_history_free(IvHistory *history);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvHistory, iv_history_free)

/* NULL: the ledger is whole. */
const char *iv_history_problem(const IvHistory *history);

/* By which verdict an account, or a unit of an organization, has the image; NULL: no recorded share
 * with a pass gave it.  Borrowed.  Many threads may ask. */
const IvGrant *iv_history_grant(const IvHistory *history, const char *image_id,
				const char *receiver);
/* The receiver that stands for everybody in the region. */
#define IV_HISTORY_EVERYBODY "everybody"

#endif
