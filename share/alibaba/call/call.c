/* SPDX-License-Identifier: GPL-3.0-or-later */
/* call.c - see call.h */
#include "share/alibaba/call/call.h"

#include <string.h>

#include "scanner/base/error.h"
#include "share/alibaba/call/pairs.h"
#include "share/alibaba/call/retry.h"
#include "share/base/limits.h"

/* --- what an answer means for trying again ------------------------------------------------ */

/* The first row that fits; '*' stands for anything. */
static const struct {
	const char *pattern;
	IvRetry next;
} code_table[] = {
	{"*Throttling*", IV_RETRY_WAIT},
	{"SignatureNonceUsed", IV_RETRY_AT_ONCE},
	{"InvalidTimeStamp.Expired", IV_RETRY_CLOCK},
	{"InvalidSecurityToken.Expired", IV_RETRY_RENEW},
	{"SystemBusy", IV_RETRY_WAIT},
	{"OperationConflict", IV_RETRY_WAIT},
	{"LastTokenProcessing", IV_RETRY_WAIT},
	{"OperationDenied.ImageCopying", IV_RETRY_WAIT},
	{"ImageIsImporting", IV_RETRY_WAIT},
	{"ImageIsExporting", IV_RETRY_WAIT},
	{"IncorrectDiskStatus*", IV_RETRY_WAIT},
	{"IncorrectInstanceStatus", IV_RETRY_WAIT},
	{"AssociateConflict", IV_RETRY_WAIT},
	{"ServiceUnavailable*", IV_RETRY_UNSURE},
	{"InternalError*", IV_RETRY_UNSURE},
};

static IvRetry next_of(long status, const char *code)
{
	for (gsize i = 0; code != NULL && i < G_N_ELEMENTS(code_table); i++)
		if (g_pattern_match_simple(code_table[i].pattern, code))
			return code_table[i].next;
	if (status == 429)
		return IV_RETRY_WAIT;
	return status >= 500 ? IV_RETRY_UNSURE : IV_RETRY_GIVE_UP;
}

/* --- one attempt and its answer -------------------------------------------------------------- */

/* A call under way. */
typedef struct {
	const IvAlibabaClient *client;
	const IvAlibabaCall *call;
	cJSON *json; /* of the answer that counts */
} Run;

static IvHttpAnswer *attempt(void *user, const IvCredentials *as, gint64 left_ms,
			     IvHttpFailure *failure, GError **error)
{
	const Run *run = user;

	return iv_alibaba_attempt(run->client, run->call, as,
				  (unsigned)CLAMP(left_ms, 1, (gint64)IV_HTTP_TOTAL_MS), failure,
				  error);
}

char *iv_alibaba_right(const IvAlibabaCall *call)
{
	return g_strconcat(iv_alibaba_service_name(call->service), ":", call->action, NULL);
}

static char *advice(const IvAlibabaCall *call, const char *code)
{
	g_autofree char *right = NULL;

	if (!iv_alibaba_lacks_right(code))
		return g_strdup(iv_alibaba_hint(code));
	right = iv_alibaba_right(call);
	return g_strdup_printf("the credentials lack the right %s", right);
}

/* "DescribeImages failed with Code (HTTP 403, request R): words", and a hint. */
static void refuse(const Run *run, const IvCallTrace *trace, long status,
		   const IvAlibabaAnswer *answer, GError **error)
{
	g_autofree char *hint = advice(run->call, answer->code);

	iv_fail(error, IV_ERROR_CLOUD, "%s failed with %s (HTTP %ld, request %s, attempt %u)%s%s%s%s",
		run->call->action, answer->code, status,
		answer->request_id != NULL ? answer->request_id : "unknown", trace->attempts,
		*answer->message != '\0' ? ": " : "", answer->message, hint != NULL ? "\n" : "",
		hint != NULL ? hint : "");
}

/* x-acs-retry-after is in milliseconds and takes precedence over the usual header; the SDK waits no
 * longer than two minutes either. */
static gint64 asked_wait(const IvHttpAnswer *http)
{
	const char *text = iv_http_header(http, "x-acs-retry-after");
	guint64 wait_ms;

	if (text == NULL || !g_ascii_string_to_unsigned(text, 10, 0, G_MAXINT32, &wait_ms, NULL))
		return http->retry_after_ms;
	return (gint64)wait_ms;
}

/* The token that was sent, which no message may repeat: that of the credentials, or one in the form
 * in their place. */
static const char *sent_secret(const Run *run, const IvCredentials *as)
{
	const GPtrArray *form = run->call->form;

	if (as != NULL)
		return as->token;
	for (guint i = 0; form != NULL && i < form->len; i++)
		if (g_str_has_suffix(((const IvPair *)form->pdata[i])->name, "Token"))
			return ((const IvPair *)form->pdata[i])->value;
	return NULL;
}

static bool judge(void *user, const IvHttpAnswer *http, const IvCredentials *as,
		  IvCallTrace *trace, IvRetryAdvice *advised, GError **error)
{
	Run *run = user;
	IvAlibabaAnswer answer;
	bool readable = iv_alibaba_answer_read(http->status, http->body, http->length,
					       sent_secret(run, as), &answer, error);

	g_free(trace->request_id);
	g_free(trace->code);
	trace->request_id = g_strdup(answer.request_id);
	trace->code = g_strdup(answer.code);
	run->json = g_steal_pointer(&answer.json);
	if (run->json == NULL && readable)
		refuse(run, trace, http->status, &answer, error);
	else if (run->json == NULL)
		g_prefix_error(error, "%s: ", run->call->action);
	*advised = (IvRetryAdvice){.next = next_of(http->status, answer.code),
				   .wait_ms = asked_wait(http),
				   .nonsense = !readable};
	iv_alibaba_answer_clear(&answer);
	return run->json != NULL;
}

/* --- the call ---------------------------------------------------------------------------------- */

char *iv_alibaba_call_text(const IvAlibabaCall *call)
{
	GString *text = g_string_new(call->action);

	for (guint i = 0; i < call->params->len; i++) {
		const IvPair *pair = call->params->pdata[i];

		g_string_append_printf(text, " %s=%s", pair->name, pair->value);
	}
	return g_string_free(text, FALSE);
}

cJSON *iv_alibaba_call(IvAlibabaClient *client, const IvAlibabaCall *call, IvCallTrace *trace,
		       GError **error)
{
	g_autofree char *text = iv_alibaba_call_text(call);
	Run run = {.client = client, .call = call};
	IvRetryCall retry = {.name = call->action,
			     .text = text,
			     .changes = call->changes,
			     .repeatable = call->repeatable,
			     .attempt = attempt,
			     .judge = judge,
			     .user = &run};
	g_autoptr(IvHttpAnswer) answer = iv_retry_call(client, &retry, trace, error);

	if (answer == NULL)
		g_clear_pointer(&run.json, cJSON_Delete);
	return run.json;
}
