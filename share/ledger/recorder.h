/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * recorder.h - what a cloud's call layer tells the record about each call.
 *
 * A cloud asks its recorder before a request leaves and after the last attempt, so
 * that no operation can forget it.  record.h is the recorder that writes a ledger.
 */
#ifndef IV_SHARE_LEDGER_RECORDER_H
#define IV_SHARE_LEDGER_RECORDER_H

#include <glib.h>
#include <stdbool.h>

/* --- what is known about one call afterwards, also when it failed; of several, the last --- */

typedef struct {
	const char *action; /* the cloud's name of the call; static */
	unsigned attempts;
	bool unsure;	  /* a change may have been made although the call failed */
	bool again;	  /* look what is there now, then the call is worth repeating */
	char *code;	  /* the cloud's error code, printable, or NULL */
	char *request_id; /* of the last answer, printable, or NULL */
} IvCallTrace;

void iv_call_trace_clear(IvCallTrace *trace);

/* --- the recorder: two lines for each call ---------------------------------------------- */

/* What came of a call. */
typedef enum {
	IV_OUTCOME_DONE,
	IV_OUTCOME_REFUSED, /* by a check or by the user: nothing was changed */
	IV_OUTCOME_FAILED,  /* the cloud said no, or was not reached: nothing was changed */
	IV_OUTCOME_UNKNOWN, /* the answer got lost: a change may have been made */
} IvOutcome;

typedef struct {
	/* Before the call goes out, as "ActionName Key=value ..." without secrets.
	 * False: it must not go out.  *id names the line for end(). */
	bool (*begin)(void *user, const char *text, bool changes, gint64 *id, GError **error);
	/* After its last attempt; `problem` is NULL when it was done.  False: the
	 * call was made and its end is not on record, so nothing may follow. */
	bool (*end)(void *user, gint64 id, IvOutcome outcome, const IvCallTrace *trace,
		    const char *problem, GError **error);
	void *user;
} IvCallRecorder;

#endif
