/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * converge.h - bring an image to the state that was asked for: send, settle lost
 * answers, read back, look for strangers.  Internal to share/access/.
 *
 * A change is a state, not an event.  Whoever is not yet as asked is sent, in batches;
 * then the state is read back and compared.  When an answer gets lost nobody knows
 * whether the call was carried out, and guessing is not allowed:
 *
 *        read state ---> who is not as asked? ---none---> verify: read back, compare
 *            ^                   |                          |             |
 *            |                   v                      all there    missing: wait,
 *            |               send a batch                   |         read again,
 *            |              /            \                  v         then an error
 *        wait a little   answered      answer lost        done
 *            ^              |               |
 *            |              v               |      (at most IV_SHARE_ROUNDS in a row)
 *            |         the next batch       |
 *            +------------------------------+
 *
 * So a call that had been carried out is found done, one that had not is sent again,
 * and the same command, run again after any interruption, does the rest.
 *
 * Three kinds of receivers converge in this way, each a table of what differs:
 * accounts (accounts.c), units of an organization (units.c), everybody (everybody.c).
 */
#ifndef IV_SHARE_ACCESS_CONVERGE_H
#define IV_SHARE_ACCESS_CONVERGE_H

#include "scanner/base/error.h"
#include "share/access/request.h"
#include "share/cloud/cloud.h"
#include "share/ledger/record.h"

typedef struct IvConverge IvConverge;

/* Who has the image, as one kind knows it: IvReceiverList, IvTargets, IvCloudImage. */
typedef void IvConvergeState;

typedef struct {
	/* Who has it now.  `earlier`: a state of this run to look at again, or NULL: look at
	 * all. */
	IvConvergeState *(*read)(const IvConverge *c, const IvConvergeState *earlier,
				 GError **error);
	void (*free)(IvConvergeState *state);

	/* Is a receiver as the change wants it?  NULL members below: never, or nothing. */
	bool (*settled)(const IvConverge *c, const IvConvergeState *state, const char *id);
	bool (*moving)(const IvConvergeState *state, const char *id); /* under way */
	bool (*failed)(const IvConvergeState *state, const char *id); /* and will stay so */

	/* IV_ERROR_REFUSED when the change would reach what was not asked for. */
	bool (*may)(const IvConverge *c, const IvConvergeState *state, GError **error);
	guint (*batch)(const IvCloud *cloud); /* receivers that one call takes */
	char *(*text)(const IvConverge *c, const IvConvergeState *state, const char *const *ids);
	bool (*change)(const IvConverge *c, const IvConvergeState *state, const char *const *ids,
		       IvCallTrace *trace, GError **error);
	/* What the ledger's lines of one call are about: its own receivers only. */
	void (*about)(IvRecordSubject *subject, const char *const *ids);
	/* In a dry run: the state that the next call would meet, where its text depends on
	 * that; NULL: it stays. */
	IvConvergeState *(*pretend)(const IvConvergeState *state);

	/* The cloud goes on in the background after its answer: look after each call, and
	 * wait for what is under way, this long and with these pauses (milliseconds). */
	bool background;
	unsigned wait_ms, pause_ms, pause_max_ms;
	/* Reads of the last comparison, IV_SHARE_VERIFY_WAIT_MS apart, as a list may lag. */
	guint verify_reads;

	/* IV_ERROR_CLOUD: somebody has it who neither had it before nor was asked for. */
	bool (*no_stranger)(const IvConverge *c, const IvConvergeState *now, GError **error);
	/* IV_ERROR_CLOUD, in words: result->missing is not empty. */
	bool (*report_missing)(const IvConverge *c, const IvConvergeState *now, GError **error);
	/* After all: what else is to be cleared away. */
	bool (*clear_up)(IvConverge *c, GError **error);

	const char *done[2];	/* by IvCloudChange: "the image was shared" */
	const char *where;	/* to look by hand: "the image's share list" */
} IvConvergeKind;

extern const IvConvergeKind iv_converge_accounts, iv_converge_units, iv_converge_everybody;

/* One change in the making.  All members but those of the run are the caller's. */
struct IvConverge {
	const IvConvergeKind *kind;
	IvCloud *cloud;
	IvRecordBook *book; /* the cloud's recorder */
	const char *image_id, *region;
	IvCloudChange change;
	const char *const *wanted; /* each once; borrowed */
	bool dry_run;
	gint64 deadline; /* monotonic microseconds; 0: none */
	void (*say)(void *user, const char *text); /* or NULL */
	void *user;
	IvShareResult *result;

	/* --- of the run --- */
	IvConvergeState *before; /* who had it before the first change */
	IvConvergeState *now;	 /* as seen last; the same as `before`, or another */
	GHashTable *sent;	 /* set of receivers, borrowed: asked for with success */
	guint lost;		 /* answers in a row that got lost */
};

/* The change of a request, with what the request says: accounts, or units of an
 * organization.  Without cloud, book, result and receivers. */
IvConverge iv_share_converge(const IvShareRequest *request, IvCloudChange change);

void iv_converge_say(const IvConverge *c, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Read who has it before anything is changed, into `before`. */
IV_MUST_CHECK
bool iv_converge_read(IvConverge *c, GError **error);
/* Then, with `wanted` set: result->already and ->missing.  IV_ERROR_REFUSED as may(). */
IV_MUST_CHECK
bool iv_converge_want(IvConverge *c, GError **error);
/* Both, where `wanted` is known. */
IV_MUST_CHECK
bool iv_converge_begin(IvConverge *c, GError **error);
/* Send what is not yet as asked (a dry run: only list the calls), and read back:
 * result->changed, ->missing, ->known, ->verified.  After a failure the result tells what
 * is there, as far as it can be read. */
IV_MUST_CHECK
bool iv_converge_run(IvConverge *c, GError **error);
/* Frees what the run owns. */
void iv_converge_end(IvConverge *c);

/* One more call of clear_up(): put into the result and said. */
void iv_converge_note(const IvConverge *c, char *text);
/* Look at the state anew. */
IV_MUST_CHECK
bool iv_converge_look(IvConverge *c, const IvConvergeState *earlier,
		      GError **error);

#endif
