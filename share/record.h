/*
 * record.h - a call's two lines in the ledger.  Internal to share/.
 *
 * The line before a call says what is about to be asked; the line after it
 * names that line and what came of it.  A begin without an end is a crash, and
 * the account has to be looked at.
 */
#ifndef IV_SHARE_RECORD_H
#define IV_SHARE_RECORD_H

#include "share/cloud.h"
#include "share/share.h"

/* What came of a call. */
typedef enum {
	IV_OUTCOME_DONE,
	IV_OUTCOME_REFUSED, /* by a check or by the user: nothing was changed */
	IV_OUTCOME_FAILED,  /* the cloud said no, or was not reached: nothing was changed */
	IV_OUTCOME_UNKNOWN, /* the answer got lost: a change may have been made */
} IvOutcome;

/* `accounts` may be NULL.  *id names the line for iv_record_end(). */
bool iv_record_begin(IvLedger *ledger, const IvPass *pass, const IvShareRequest *request,
		     const char *text, const char *const *accounts, gint64 *id, GError **error);

/* `trace` and `problem` may be NULL. */
bool iv_record_end(IvLedger *ledger, const IvPass *pass, gint64 begin, IvOutcome outcome,
		   const IvCloudTrace *trace, const char *problem, GError **error);

#endif
