/*
 * call.h - one RPC call to Alibaba Cloud: signed, sent, repeated where that is
 * safe, its answer parsed and its refusal explained.
 *
 * Retries follow the code of the answer, not its HTTP number.  Throttling, a
 * used nonce, an expired time stamp (once, after learning the server's clock)
 * and a connection that never stood are repeated for every call.  A lost
 * answer or a 5xx is repeated for reads only; for a change it comes back as
 * trace->again.
 */
#ifndef IV_SHARE_ALIBABA_CALL_H
#define IV_SHARE_ALIBABA_CALL_H

#include <cjson/cJSON.h>

#include "share/alibaba/credentials.h"
#include "share/cloud.h"
#include "share/http.h"

/* Whom to ask, as whom. */
typedef struct {
	IvEndpoint *endpoint;
	IvCredentials *credentials;
	gint64 clock_ahead; /* seconds that the server's clock is ahead of ours, once learned */
} IvAlibabaClient;

/* `endpoint` NULL: https://<host_by_default>.  Reads the credentials. */
IvAlibabaClient *iv_alibaba_client_new(const char *endpoint, const char *host_by_default,
				       GError **error);
void iv_alibaba_client_free(IvAlibabaClient *client);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvAlibabaClient, iv_alibaba_client_free)

typedef struct {
	const char *action;	 /* "DescribeImages" */
	const char *version;	 /* "2014-05-26" */
	const GPtrArray *params; /* IvPair, flat */
	bool changes;		 /* it changes something in the account */
} IvAlibabaCall;

/* The answer as a JSON object (cJSON_Delete() it), or NULL with IV_ERROR_CLOUD;
 * *trace is filled in both cases. */
cJSON *iv_alibaba_call(IvAlibabaClient *client, const IvAlibabaCall *call, IvCloudTrace *trace,
		       GError **error);

/* --- the parts that read an answer, apart so that they can be tested alone ------------ */

/* What an answer says: an object (success) or the cloud's error. */
typedef struct {
	cJSON *json;	  /* of a 2xx answer that is an object; else NULL */
	char *code;	  /* error code, printable; NULL for nonsense */
	char *message;	  /* the cloud's words, printable and cut; "" when unfit to be shown */
	char *request_id; /* printable, or NULL */
} IvAlibabaAnswer;

/* False with IV_ERROR_CLOUD when the bytes are neither.  `hide`: a text that
 * must not be repeated in messages (the security token), or NULL; a success
 * that holds it is none. */
bool iv_alibaba_answer_read(long status, const char *body, size_t length, const char *hide,
			    IvAlibabaAnswer *answer, GError **error);
void iv_alibaba_answer_clear(IvAlibabaAnswer *answer);

/* What to do about a code: one sentence, or NULL.  Static storage. */
const char *iv_alibaba_hint(const char *code);

#endif
