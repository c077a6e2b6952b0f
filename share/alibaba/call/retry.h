/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * retry.h - one call with all its attempts, and its two lines on record: the same for
 * RPC calls (call.h) and for the object storage (share/alibaba/oss/call.h).
 *
 * Before a call leaves, the recorder has its line; there is no way around it.
 *
 * What follows from an answer is told by its code, not by its HTTP number.  Throttling, a used
 * nonce, an expired time stamp (once, after learning the server's clock) and a connection that was
 * never established are repeated for every call.  A lost answer or a 5xx is repeated for reads
 * only, and for calls that are the same when made twice; for a change it comes back as
 * trace->again.
 */
#ifndef IV_SHARE_ALIBABA_CALL_RETRY_H
#define IV_SHARE_ALIBABA_CALL_RETRY_H

#include "scanner/base/error.h"
#include "share/alibaba/call/client.h"
#include "share/http/http.h"

/* What an answer other than a success means for trying again. */
typedef enum {
	IV_RETRY_GIVE_UP,
	IV_RETRY_WAIT,	  /* nothing was done: wait, then repeat */
	IV_RETRY_AT_ONCE, /* nothing was done: repeat with a new nonce */
	IV_RETRY_CLOCK,	  /* nothing was done: learn the server's clock, repeat once */
	IV_RETRY_RENEW,	  /* nothing was done: fetch new credentials, repeat once */
	IV_RETRY_UNSURE,  /* a change may have been made */
} IvRetry;

typedef struct {
	IvRetry next;
	gint64 wait_ms; /* that the answer asks for; -1: it does not say */
	bool nonsense;	/* the answer makes no sense: a change may have been made all the same */
} IvRetryAdvice;

typedef struct {
	const char *name; /* "DescribeImages"; static, as trace->action */
	const char *text; /* for the record: no secret in it */
	bool changes;	  /* it changes something in the account */
	bool repeatable;  /* a second time is the same as once */
	bool stream;	  /* bodies of gigabytes: no time of its own, only the client's deadline */

	/* One attempt, signed by `as` (NULL: by nobody), with the milliseconds that are left.
	 * As iv_http_exchange(). */
	IvHttpAnswer *(*attempt)(void *user, const IvCredentials *as, gint64 left_ms,
				 IvHttpFailure *failure, GError **error);
	/* Is it a success?  Else the error, trace->code, and the advice; trace->request_id in
	 * both cases. */
	bool (*judge)(void *user, const IvHttpAnswer *answer, const IvCredentials *as,
		      IvCallTrace *trace, IvRetryAdvice *advice, GError **error);
	void *user;
} IvRetryCall;

/* The answer that judge() called a success; the caller frees it.  NULL with an error:
 * IV_ERROR_CLOUD, or what the recorder or the credentials say. */
IV_MUST_CHECK
IvHttpAnswer *iv_retry_call(IvAlibabaClient *client, const IvRetryCall *call, IvCallTrace *trace,
			    GError **error);

#endif
