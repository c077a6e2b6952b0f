/*
 * access.h - bring an image's list of accounts to an asked state: give or take
 * away, in batches, and read back.  Internal to share/.
 *
 * The service sets a state, so a lost answer is no reason to guess: the list
 * is read, and only accounts that are not yet as asked are sent again.  Running
 * it again after any interruption converges.
 */
#ifndef IV_SHARE_ACCESS_ACCESS_H
#define IV_SHARE_ACCESS_ACCESS_H

#include "share/access/request.h"
#include "share/cloud/cloud.h"
#include "share/ledger/record.h"

/* One change in the making.  Everything is borrowed but `before`. */
typedef struct {
	IvCloud *cloud;
	IvRecordBook *book; /* the cloud's recorder: the line of a change names its own accounts
			     * or units only */
	const char *image_id;
	IvCloudChange change;
	const char *const *wanted; /* accounts, each once */
	bool dry_run;
	void (*say)(void *user, const char *text); /* or NULL */
	void *user;
	IvShareResult *result;
	IvReceiverList *before; /* who had access before the first change */
} IvAccess;

void iv_access_say(const IvAccess *access, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Read who has access now, into `before`, result->already and ->missing. */
bool iv_access_begin(IvAccess *access, GError **error);
/* The same in two steps, for whoever learns from `before` whom to ask for:
 * read; then set `wanted`, which is borrowed. */
bool iv_access_read(IvAccess *access, GError **error);
void iv_access_want(IvAccess *access, const char *const *wanted);
/* Send what is not yet as asked (a dry run: only list the calls), then read
 * back: result->changed, ->missing, ->verified. */
bool iv_access_run(IvAccess *access, GError **error);
void iv_access_end(IvAccess *access);

#endif
