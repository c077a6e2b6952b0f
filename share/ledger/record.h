/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * record.h - a call's two lines in the ledger.  Internal to share/.
 *
 * The line before a call says what is about to be asked; the line after it names that line and what
 * came of it.  A begin without an end means a crash: look at the account to learn what was done.
 *
 * A book is the recorder (recorder.h) of one command: it adds what the command is
 * about to each line.  Looking again at the same thing at once (waiting for a
 * task, a list that lags) gets no second pair of lines unless it fails.
 */
#ifndef IV_SHARE_LEDGER_RECORD_H
#define IV_SHARE_LEDGER_RECORD_H

#include "scanner/base/error.h"
#include "share/gate/gate.h"
#include "share/ledger/ledger.h"
#include "share/ledger/recorder.h"

/* What the lines say besides the call; all borrowed, all may be NULL but verb. */
typedef struct {
	const char *verb; /* "share", "unshare": the text of a refusal's line */
	const char *image_id, *region;
	const char *const *endpoints;
	const char *const *accounts;	  /* that the command is about */
	const char *const *organizations;
	const char *digest; /* of the image's content */
	const char *report; /* digest of the report */
	bool is_public; /* it is about everybody in the region */
	bool dry_run;
} IvRecordSubject;

typedef struct {
	IvCallRecorder recorder; /* for IvCloudOptions */
	IvLedger *ledger;
	IvRecordSubject subject;
	char *last_look; /* the previous call, if it was a read that succeeded */
} IvRecordBook;

/* Borrows the ledger.  The book must not move afterwards. */
void iv_record_open(IvRecordBook *book, IvLedger *ledger, const IvRecordSubject *subject);
void iv_record_close(IvRecordBook *book);

/* A command that was refused by a check or by the user, as a pair of lines whose call is the
 * verb. */
IV_MUST_CHECK
bool iv_record_refusal(IvRecordBook *book, const char *reason, GError **error);
/* The pair of a command whose calls are not recorded one by one, as it changes
 * nothing: before it looks, and what came of it (`summary` for a done one, else
 * the problem). */
IV_MUST_CHECK
bool iv_record_begin(IvRecordBook *book, gint64 *id, GError **error);
IV_MUST_CHECK
bool iv_record_end(IvRecordBook *book, gint64 id, IvOutcome outcome, const char *summary,
		   GError **error);

/* Append a verdict, with its reasons (at most 200 of them) and who would have
 * received the image. */
IV_MUST_CHECK
bool iv_ledger_add_verdict(IvLedger *ledger, const IvVerdict *verdict,
			   const IvReceivers *receivers, GError **error);

#endif
