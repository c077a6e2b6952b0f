/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * call.h - one RPC call to Alibaba Cloud: signed, sent, its answer parsed and its
 * refusal explained.
 *
 * How often, when, and what goes on record: retry.h.
 */
#ifndef IV_SHARE_ALIBABA_CALL_CALL_H
#define IV_SHARE_ALIBABA_CALL_CALL_H

#include "scanner/base/cjson.h"
#include "scanner/base/error.h"
#include "share/alibaba/call/client.h"

typedef struct {
	IvAlibabaService service;
	const char *action;	 /* "DescribeImages" */
	const GPtrArray *params; /* IvPair, flat; in the query.  None may be a secret */
	const GPtrArray *form;	 /* IvPair, in the body, or NULL; neither recorded nor shown */
	bool changes;		 /* it changes something in the account */
	/* The call names what it makes by a ClientToken, or sets a state that is the
	 * same after a second time: a lost answer is repeated like a read's. */
	bool repeatable;
} IvAlibabaCall;

/* The answer as a JSON object (cJSON_Delete() it), or NULL with IV_ERROR_CLOUD;
 * *trace is filled in both cases.  The recorder has a line before and one after. */
IV_MUST_CHECK
cJSON *iv_alibaba_call(IvAlibabaClient *client, const IvAlibabaCall *call, IvCallTrace *trace,
		       GError **error);

/* "DescribeImages RegionId=cn-hangzhou ...": what the recorder gets. */
char *iv_alibaba_call_text(const IvAlibabaCall *call);

/* One attempt (attempt.c), signed by `as`, or not signed when that is NULL. */
IV_MUST_CHECK
IvHttpAnswer *iv_alibaba_attempt(const IvAlibabaClient *client, const IvAlibabaCall *call,
				 const IvCredentials *as, unsigned timeout_ms,
				 IvHttpFailure *failure, GError **error);

/* --- the parts that read an answer, apart so that they can be tested alone ------------ */

/* What an answer says: an object (success) or the cloud's error. */
typedef struct {
	cJSON *json;	  /* of a 2xx answer that is an object; else NULL */
	char *code;	  /* error code, printable; NULL when the answer makes no sense */
	char *message;	  /* the cloud's words, printable and cut; "" when unfit to be shown */
	char *request_id; /* printable, or NULL */
} IvAlibabaAnswer;

/* False with IV_ERROR_CLOUD when the bytes are neither.  `hide`: a text that must not be repeated
 * in messages (the security token), or NULL; a success that holds it counts as a failure. */
IV_MUST_CHECK
bool iv_alibaba_answer_read(long status, const char *body, size_t length, const char *hide,
			    IvAlibabaAnswer *answer, GError **error);
void iv_alibaba_answer_clear(IvAlibabaAnswer *answer);

/* "ecs:DescribeImages": what the credentials must be allowed for this call. */
char *iv_alibaba_right(const IvAlibabaCall *call);
/* Does the code say that they are not? */
bool iv_alibaba_lacks_right(const char *code);

/* What to do about an error code: one sentence, or NULL.  Static storage. */
const char *iv_alibaba_hint(const char *code);

#endif
