/* call.c - see call.h */
#include "share/alibaba/call/call.h"

#include <string.h>

#include "scanner/base/error.h"
#include "share/alibaba/call/pairs.h"
#include "share/base/limits.h"

/* --- the client ------------------------------------------------------------------------ */

IvAlibabaClient *iv_alibaba_client_new(IvAlibabaEndpoints *endpoints, IvCredentialSource *source)
{
	IvAlibabaClient *client = g_new0(IvAlibabaClient, 1);

	client->endpoints = iv_alibaba_endpoints_ref(endpoints);
	client->source = source != NULL ? iv_credential_source_ref(source) : NULL;
	return client;
}

void iv_alibaba_client_free(IvAlibabaClient *client)
{
	if (client == NULL)
		return;
	iv_alibaba_endpoints_unref(client->endpoints);
	iv_credential_source_unref(client->source);
	g_free(client);
}

/* --- what an answer means for trying again ------------------------------------------------ */

typedef enum {
	GIVE_UP,
	WAIT,	/* nothing was done: wait, then repeat */
	AT_ONCE,/* nothing was done: repeat with a new nonce */
	CLOCK,	/* nothing was done: learn the server's clock, repeat once */
	RENEW,	/* nothing was done: fetch new credentials, repeat once */
	UNSURE, /* a change may have been made */
} Next;

/* The first row that fits; '*' stands for anything. */
static const struct {
	const char *pattern;
	Next next;
} code_table[] = {
	{"*Throttling*", WAIT},
	{"SignatureNonceUsed", AT_ONCE},
	{"InvalidTimeStamp.Expired", CLOCK},
	{"InvalidSecurityToken.Expired", RENEW},
	{"SystemBusy", WAIT},
	{"OperationConflict", WAIT},
	{"LastTokenProcessing", WAIT},
	{"OperationDenied.ImageCopying", WAIT},
	{"ImageIsImporting", WAIT},
	{"ImageIsExporting", WAIT},
	{"IncorrectDiskStatus*", WAIT},
	{"IncorrectInstanceStatus", WAIT},
	{"AssociateConflict", WAIT},
	{"ServiceUnavailable*", UNSURE},
	{"InternalError*", UNSURE},
};

static Next next_of(long status, const char *code)
{
	for (gsize i = 0; code != NULL && i < G_N_ELEMENTS(code_table); i++)
		if (g_pattern_match_simple(code_table[i].pattern, code))
			return code_table[i].next;
	if (status == 429)
		return WAIT;
	return status >= 500 ? UNSURE : GIVE_UP;
}

/* --- attempts until one counts ------------------------------------------------------------------ */

typedef struct {
	IvAlibabaClient *client;
	const IvAlibabaCall *call;
	IvCallTrace *trace;
	gint64 deadline; /* monotonic microseconds */
	IvCredentials *as; /* of the attempt under way */
	bool clock_tried, renewed;
} Run;

/* May a lost answer be answered by asking once more? */
static bool safe_twice(const Run *run)
{
	return !run->call->changes || run->call->repeatable;
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
static void refuse(const Run *run, long status, const IvAlibabaAnswer *answer, GError **error)
{
	g_autofree char *hint = advice(run->call, answer->code);

	iv_fail(error, IV_ERROR_CLOUD, "%s failed with %s (HTTP %ld, request %s, attempt %u)%s%s%s%s",
		run->call->action, answer->code, status,
		answer->request_id != NULL ? answer->request_id : "unknown", run->trace->attempts,
		*answer->message != '\0' ? ": " : "", answer->message, hint != NULL ? "\n" : "",
		hint != NULL ? hint : "");
}

/* Sleep before the next attempt; false when attempts or time are used up. */
static bool may_repeat(const Run *run, gint64 asked_ms)
{
	unsigned step = MIN(run->trace->attempts - 1, 8u);
	gint64 wait_ms = MIN((gint64)IV_CALL_WAIT_MS << step, (gint64)IV_CALL_WAIT_MAX_MS);

	/* Between half of it and all of it, so that many clients do not march in step. */
	wait_ms = wait_ms / 2 + g_random_int_range(0, (gint32)(wait_ms / 2) + 1);
	if (asked_ms >= 0)
		wait_ms = asked_ms;
	if (run->trace->attempts >= IV_CALL_ATTEMPTS ||
	    g_get_monotonic_time() + wait_ms * 1000 >= run->deadline)
		return false;
	g_usleep((gulong)wait_ms * 1000);
	return true;
}

/* The exchange itself failed: repeat what cannot have acted, and reads. */
static bool after_no_answer(const Run *run, IvHttpFailure failure)
{
	bool lost = failure != IV_HTTP_NOT_SENT;

	if (lost && !safe_twice(run)) {
		run->trace->unsure = true;
		run->trace->again = failure == IV_HTTP_BROKEN;
		return false;
	}
	return failure != IV_HTTP_USELESS && may_repeat(run, -1);
}

/* x-acs-retry-after is in milliseconds and goes before the usual header; the
 * SDK waits no longer than two minutes either. */
static gint64 asked_wait(const IvHttpAnswer *http)
{
	const char *text = iv_http_header(http, "x-acs-retry-after");
	guint64 wait_ms;

	if (text == NULL || !g_ascii_string_to_unsigned(text, 10, 0, G_MAXINT32, &wait_ms, NULL))
		return http->retry_after_ms;
	return (gint64)wait_ms;
}

static bool after_refusal(Run *run, const IvHttpAnswer *http, const char *code)
{
	switch (next_of(http->status, code)) {
	case WAIT:
		return may_repeat(run, asked_wait(http));
	case AT_ONCE:
		return may_repeat(run, 0);
	case CLOCK:
		if (run->clock_tried || http->date == 0)
			return false;
		run->clock_tried = true;
		run->client->clock_ahead = http->date - g_get_real_time() / G_USEC_PER_SEC;
		return may_repeat(run, 0);
	case RENEW:
		if (run->renewed)
			return false;
		run->renewed = true;
		return may_repeat(run, 0);
	case UNSURE:
		if (safe_twice(run))
			return may_repeat(run, asked_wait(http));
		run->trace->unsure = run->trace->again = true;
		return false;
	case GIVE_UP:
		return false;
	}
	return false;
}

/* The token that went along, which no message may repeat: of the credentials,
 * or the one that stands for them in a form. */
static const char *sent_secret(const Run *run)
{
	const GPtrArray *form = run->call->form;

	if (run->as != NULL)
		return run->as->token;
	for (guint i = 0; form != NULL && i < form->len; i++)
		if (g_str_has_suffix(((const IvPair *)form->pdata[i])->name, "Token"))
			return ((const IvPair *)form->pdata[i])->value;
	return NULL;
}

/* An answer came: the object, or NULL with *error, and *repeat. */
static cJSON *judge_answer(Run *run, const IvHttpAnswer *http, bool *repeat, GError **error)
{
	IvAlibabaAnswer answer;
	cJSON *json;
	bool readable = iv_alibaba_answer_read(http->status, http->body, http->length,
					       sent_secret(run), &answer, error);

	g_free(run->trace->request_id);
	g_free(run->trace->code);
	run->trace->request_id = g_strdup(answer.request_id);
	run->trace->code = g_strdup(answer.code);
	json = g_steal_pointer(&answer.json);
	*repeat = false;
	if (json == NULL) {
		if (readable)
			refuse(run, http->status, &answer, error);
		else
			g_prefix_error(error, "%s: ", run->call->action);
		*repeat = after_refusal(run, http, answer.code);
		/* Whoever answers nonsense to a change may have made it. */
		run->trace->unsure |= !readable && run->call->changes && !*repeat;
	}
	iv_alibaba_answer_clear(&answer);
	return json;
}

/* Credentials that are good now: a copy for each attempt, so that none is kept
 * longer than it is of use. */
static bool sign_as(Run *run, GError **error)
{
	bool renew = run->renewed && g_strcmp0(run->trace->code, "InvalidSecurityToken.Expired") == 0;

	if (run->client->source == NULL)
		return true;
	iv_credentials_free(run->as);
	run->as = iv_credential_source_get(run->client->source, renew, error);
	return run->as != NULL;
}

static cJSON *one_round(Run *run, bool *repeat, GError **error)
{
	gint64 left_ms = MAX((run->deadline - g_get_monotonic_time()) / 1000, 1);
	g_autoptr(IvHttpAnswer) http = NULL;
	IvHttpFailure failure;

	*repeat = false;
	if (!sign_as(run, error))
		return NULL;
	run->trace->attempts++;
	http = iv_alibaba_attempt(run->client, run->call, run->as,
		       (unsigned)MIN(left_ms, (gint64)IV_HTTP_TOTAL_MS), &failure, error);
	if (http != NULL)
		return judge_answer(run, http, repeat, error);
	g_prefix_error(error, "%s: ", run->call->action);
	*repeat = after_no_answer(run, failure);
	return NULL;
}

static cJSON *all_rounds(Run *run, GError **error)
{
	bool repeat = true;

	for (;;) {
		g_autoptr(GError) problem = NULL;
		cJSON *json = one_round(run, &repeat, &problem);

		if (json != NULL)
			return json;
		if (!repeat) {
			g_propagate_error(error, g_steal_pointer(&problem));
			return NULL;
		}
	}
}

static cJSON *run_call(IvAlibabaClient *client, const IvAlibabaCall *call, IvCallTrace *trace,
		       GError **error)
{
	gint64 now = g_get_monotonic_time();
	Run run = {.client = client, .call = call, .trace = trace};
	cJSON *json = NULL;

	run.deadline = now + (gint64)IV_CALL_DEADLINE_MS * 1000;
	if (client->deadline != 0)
		run.deadline = MIN(run.deadline, client->deadline);
	if (now < run.deadline)
		json = all_rounds(&run, error);
	else
		iv_fail(error, IV_ERROR_CLOUD,
			"%s: the time for the whole command is used up\n"
			"run the same command again, with a longer --deadline if need be",
			call->action);
	iv_credentials_free(run.as);
	return json;
}

/* --- on record ------------------------------------------------------------------------------ */

char *iv_alibaba_call_text(const IvAlibabaCall *call)
{
	GString *text = g_string_new(call->action);

	for (guint i = 0; i < call->params->len; i++) {
		const IvPair *pair = call->params->pdata[i];

		g_string_append_printf(text, " %s=%s", pair->name, pair->value);
	}
	return g_string_free(text, FALSE);
}

/* When the second line cannot be written the call has been made all the same:
 * say so, with what came of it. */
static void unrecorded(const char *text, const GError *problem, GError **error)
{
	g_autofree char *what =
		problem == NULL ? g_strdup("it succeeded")
				: g_strndup(problem->message, strcspn(problem->message, "\n"));

	g_prefix_error(error, "the call %s was made (%s), and its end could not be recorded: ",
		       text, what);
}

cJSON *iv_alibaba_call(IvAlibabaClient *client, const IvAlibabaCall *call, IvCallTrace *trace,
		       GError **error)
{
	g_autofree char *text = iv_alibaba_call_text(call);
	const IvCallRecorder *recorder = client->recorder;
	g_autoptr(GError) problem = NULL;
	IvOutcome outcome = IV_OUTCOME_DONE;
	gint64 line = 0;
	cJSON *json;

	iv_call_trace_clear(trace);
	trace->action = call->action;
	if (recorder != NULL &&
	    !recorder->begin(recorder->user, text, call->changes, &line, error)) {
		g_prefix_error(error, "no call was made, because it could not be recorded: ");
		return NULL;
	}
	json = run_call(client, call, trace, &problem);
	if (json == NULL)
		outcome = trace->unsure ? IV_OUTCOME_UNKNOWN : IV_OUTCOME_FAILED;
	if (recorder != NULL && !recorder->end(recorder->user, line, outcome, trace,
					       problem != NULL ? problem->message : NULL, error)) {
		unrecorded(text, problem, error);
		trace->again = false;
		cJSON_Delete(json);
		return NULL;
	}
	if (json == NULL)
		g_propagate_error(error, g_steal_pointer(&problem));
	return json;
}
