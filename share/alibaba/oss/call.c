/* call.c - see call.h */
#include "share/alibaba/oss/call.h"

#include <string.h>

#include "scanner/base/error.h"
#include "scanner/base/text.h"
#include "share/alibaba/call/read.h"
#include "share/alibaba/call/pairs.h"
#include "share/alibaba/oss/answer.h"
#include "share/alibaba/oss/sign.h"
#include "share/alibaba/oss/xml.h"
#include "share/base/limits.h"

/* --- one attempt ---------------------------------------------------------------------------- */

typedef struct {
	IvOss *oss;
	const IvOssCall *call;
	IvCallTrace *trace;
	gint64 deadline; /* monotonic microseconds; 0: none */
	IvCredentials *as;
	bool clock_tried;
	bool renewed, renew_now; /* once in all; for the attempt to come */
} Run;

static bool is_stream(const IvOssCall *call)
{
	return call->read != NULL || call->write != NULL;
}

static gint64 left_ms(const Run *run)
{
	return run->deadline == 0 ? G_MAXINT32 : (run->deadline - g_get_monotonic_time()) / 1000;
}

static GPtrArray *headers_of(const Run *run, gint64 now)
{
	GPtrArray *headers = iv_pairs_new();
	g_autofree char *date = iv_oss_date(now);

	for (guint i = 0; run->call->headers != NULL && i < run->call->headers->len; i++) {
		const IvPair *header = run->call->headers->pdata[i];

		iv_pairs_add(headers, header->name, header->value);
	}
	if (run->call->begin != NULL)
		run->call->begin(run->call->user, headers);
	iv_pairs_add(headers, "x-oss-date", date);
	iv_pairs_add(headers, "x-oss-content-sha256", "UNSIGNED-PAYLOAD");
	if (run->as->token != NULL)
		iv_pairs_add(headers, "x-oss-security-token", run->as->token);
	return headers;
}

static void free_line(gpointer line)
{
	iv_text_wipe(line);
}

static GPtrArray *lines_of(const GPtrArray *headers, const char *authorization)
{
	GPtrArray *lines = g_ptr_array_new_with_free_func(free_line);

	for (guint i = 0; i < headers->len; i++) {
		const IvPair *header = headers->pdata[i];

		g_ptr_array_add(lines, g_strdup_printf("%s: %s", header->name, header->value));
	}
	g_ptr_array_add(lines, g_strdup_printf("Authorization: %s", authorization));
	return lines;
}

static char *target_of(const Run *run)
{
	const IvOss *oss = run->oss;
	g_autofree char *path =
		iv_oss_path(oss->path_style ? oss->bucket : NULL, run->call->key);
	g_autofree char *query = iv_oss_query(run->call->query);

	return g_strconcat(path, *query != '\0' ? "?" : "", query, NULL);
}

static IvHttpAnswer *attempt(const Run *run, IvHttpFailure *failure, GError **error)
{
	const IvOssCall *call = run->call;
	gint64 now = g_get_real_time() / G_USEC_PER_SEC + run->oss->client->clock_ahead;
	g_autoptr(GPtrArray) headers = headers_of(run, now);
	g_autoptr(IvOssSignature) signature = iv_oss_sign(
		&(IvOssRequest){.method = call->method, .region = run->oss->region,
				.bucket = run->oss->bucket, .key = call->key,
				.query = call->query, .headers = headers, .time = now},
		run->as);
	g_autoptr(GPtrArray) lines = lines_of(headers, signature->authorization);
	g_autofree char *target = target_of(run);
	bool stream = is_stream(call);
	IvHttpRequest request = {.endpoint = run->oss->endpoint,
				 .method = call->method,
				 .target = target,
				 .headers = lines,
				 .body = call->body,
				 .length = call->length,
				 .read = call->read,
				 .write = call->write,
				 .progress = call->progress,
				 .user = call->user,
				 .stall_ms = stream ? IV_OBJECT_STALL_MS : 0};

	if (!stream || run->deadline != 0)
		request.timeout_ms = (unsigned)CLAMP(
			left_ms(run), 1, stream ? G_MAXINT32 : (gint64)IV_HTTP_TOTAL_MS);
	return iv_http_exchange(&request, failure, error);
}

/* --- attempts until one counts --------------------------------------------------------------------- */

static bool safe_twice(const Run *run)
{
	return !run->call->changes || run->call->repeatable;
}

/* Sleep before the next attempt; false when attempts or time are used up. */
static bool may_repeat(const Run *run, gint64 asked_ms)
{
	unsigned step = MIN(run->trace->attempts - 1, 8u);
	gint64 wait_ms = MIN((gint64)IV_CALL_WAIT_MS << step, (gint64)IV_CALL_WAIT_MAX_MS);

	wait_ms = wait_ms / 2 + g_random_int_range(0, (gint32)(wait_ms / 2) + 1);
	if (asked_ms >= 0)
		wait_ms = asked_ms;
	if (run->trace->attempts >= IV_CALL_ATTEMPTS || wait_ms >= left_ms(run))
		return false;
	g_usleep((gulong)wait_ms * 1000);
	return true;
}

static bool after_no_answer(const Run *run, IvHttpFailure failure)
{
	if (failure != IV_HTTP_NOT_SENT && !safe_twice(run)) {
		run->trace->unsure = true;
		run->trace->again = failure == IV_HTTP_BROKEN;
		return false;
	}
	return failure != IV_HTTP_USELESS && failure != IV_HTTP_STOPPED && may_repeat(run, -1);
}

static bool learn_clock(Run *run, const IvHttpAnswer *answer)
{
	if (run->clock_tried || answer->date == 0)
		return false;
	run->clock_tried = true;
	run->oss->client->clock_ahead = answer->date - g_get_real_time() / G_USEC_PER_SEC;
	return may_repeat(run, 0);
}

static bool after_refusal(Run *run, const IvHttpAnswer *answer, IvOssNext next)
{
	switch (next) {
	case IV_OSS_WAIT:
		return may_repeat(run, answer->retry_after_ms);
	case IV_OSS_CLOCK:
		return learn_clock(run, answer);
	case IV_OSS_RENEW:
		if (run->renewed)
			return false;
		run->renewed = run->renew_now = true;
		return may_repeat(run, 0);
	case IV_OSS_UNSURE:
		if (safe_twice(run))
			return may_repeat(run, answer->retry_after_ms);
		run->trace->unsure = run->trace->again = true;
		return false;
	case IV_OSS_GIVE_UP:
		return false;
	}
	return false;
}

/* "GetObject failed with Code (HTTP 403, request R, attempt 1): words", and a hint. */
static void refuse(const Run *run, const IvHttpAnswer *answer, const IvOssRefusal *r,
		   GError **error)
{
	if (r->code == NULL) {
		iv_fail(error, IV_ERROR_CLOUD,
			"%s: the answer makes no sense: HTTP %ld without an error code",
			run->call->name, answer->status);
		return;
	}
	iv_fail(error, IV_ERROR_CLOUD, "%s failed with %s (HTTP %ld, request %s, attempt %u)%s%s%s%s",
		run->call->name, r->code, answer->status,
		run->trace->request_id != NULL ? run->trace->request_id : "unknown",
		run->trace->attempts, r->words != NULL ? ": " : "",
		r->words != NULL ? r->words : "", r->hint != NULL ? "\n" : "",
		r->hint != NULL ? r->hint : "");
}

/* An answer came: it, or NULL with *error, and *repeat. */
static IvHttpAnswer *judge(Run *run, IvHttpAnswer *answer, bool *repeat, GError **error)
{
	gint64 now = g_get_real_time() / G_USEC_PER_SEC + run->oss->client->clock_ahead;
	IvOssRefusal refusal = {0};

	g_clear_pointer(&run->trace->code, g_free);
	g_free(run->trace->request_id);
	run->trace->request_id = iv_oss_request_id(answer);
	if (iv_oss_is_success(answer))
		return answer;
	iv_oss_refusal_read(answer, run->as, now, &refusal);
	run->trace->code = g_strdup(refusal.code);
	refuse(run, answer, &refusal, error);
	*repeat = after_refusal(run, answer, refusal.next);
	/* Whoever answers nonsense to a change may have made it. */
	run->trace->unsure |= refusal.code == NULL && run->call->changes && !*repeat;
	iv_oss_refusal_clear(&refusal);
	iv_http_answer_free(answer);
	return NULL;
}

/* A callback of ours stopped it: what the callback says is the error. */
static void why_stopped(const Run *run, GError **error)
{
	if (run->call->stopped == NULL || *run->call->stopped == NULL)
		return;
	g_clear_error(error);
	g_propagate_error(error, *run->call->stopped);
	*run->call->stopped = NULL;
}

static IvHttpAnswer *one_round(Run *run, bool *repeat, GError **error)
{
	IvHttpFailure failure;
	IvHttpAnswer *answer;

	*repeat = false;
	iv_credentials_free(run->as);
	run->as = iv_credential_source_get(run->oss->client->source, run->renew_now, error);
	run->renew_now = false;
	if (run->as == NULL)
		return NULL;
	run->trace->attempts++;
	answer = attempt(run, &failure, error);
	if (answer != NULL)
		return judge(run, answer, repeat, error);
	if (failure == IV_HTTP_STOPPED)
		why_stopped(run, error);
	else
		g_prefix_error(error, "%s: ", run->call->name);
	*repeat = after_no_answer(run, failure);
	return NULL;
}

static IvHttpAnswer *all_rounds(Run *run, GError **error)
{
	for (;;) {
		g_autoptr(GError) problem = NULL;
		bool repeat;
		IvHttpAnswer *answer = one_round(run, &repeat, &problem);

		if (answer != NULL)
			return answer;
		if (!repeat) {
			g_propagate_error(error, g_steal_pointer(&problem));
			return NULL;
		}
	}
}

/* A body of gigabytes has no time of its own, only the command's. */
static IvHttpAnswer *run_call(IvOss *oss, const IvOssCall *call, IvCallTrace *trace,
			      GError **error)
{
	gint64 all = oss->client->deadline;
	gint64 own = g_get_monotonic_time() + (gint64)IV_CALL_DEADLINE_MS * 1000;
	Run run = {.oss = oss, .call = call, .trace = trace, .deadline = all};
	IvHttpAnswer *answer = NULL;

	if (!is_stream(call))
		run.deadline = all != 0 ? MIN(all, own) : own;
	if (left_ms(&run) > 0)
		answer = all_rounds(&run, error);
	else
		iv_fail(error, IV_ERROR_CLOUD,
			"%s: the time for the whole command is used up\n"
			"run the same command again, with a longer --deadline if need be",
			call->name);
	iv_credentials_free(run.as);
	return answer;
}

/* --- on record ------------------------------------------------------------------------------------- */

/* "PutObject Bucket=B Key=K partNumber=1": an upload's id is no secret. */
static char *text_of(const IvOss *oss, const IvOssCall *call)
{
	GString *text = g_string_new(call->name);
	g_autofree char *key = call->key != NULL ? iv_text_printable(call->key, -1) : NULL;

	g_string_append_printf(text, " Bucket=%s", oss->bucket);
	if (key != NULL)
		g_string_append_printf(text, " Key=%s", key);
	for (guint i = 0; call->query != NULL && i < call->query->len; i++) {
		const IvPair *pair = call->query->pdata[i];
		g_autofree char *value =
			pair->value != NULL ? iv_text_printable(pair->value, -1) : NULL;

		if (value != NULL && strcmp(pair->name, "continuation-token") != 0)
			g_string_append_printf(text, " %s=%s", pair->name, value);
	}
	return g_string_free(text, FALSE);
}

IvHttpAnswer *iv_oss_call(IvOss *oss, const IvOssCall *call, IvCallTrace *trace, GError **error)
{
	const IvCallRecorder *recorder = oss->client->recorder;
	g_autofree char *text = text_of(oss, call);
	g_autoptr(GError) problem = NULL;
	IvOutcome outcome = IV_OUTCOME_DONE;
	IvHttpAnswer *answer;
	gint64 line = 0;

	iv_call_trace_clear(trace);
	if (recorder != NULL &&
	    !recorder->begin(recorder->user, text, call->changes, &line, error)) {
		g_prefix_error(error, "no call was made, because it could not be recorded: ");
		return NULL;
	}
	answer = run_call(oss, call, trace, &problem);
	if (answer == NULL)
		outcome = trace->unsure ? IV_OUTCOME_UNKNOWN : IV_OUTCOME_FAILED;
	if (recorder != NULL && !recorder->end(recorder->user, line, outcome, trace,
					       problem != NULL ? problem->message : NULL, error)) {
		g_prefix_error(error, "the call %s was made (%s), and its end could not be recorded: ",
			       text, answer != NULL ? "it succeeded" : "it failed");
		trace->again = false;
		iv_http_answer_free(answer);
		return NULL;
	}
	if (answer == NULL)
		g_propagate_error(error, g_steal_pointer(&problem));
	return answer;
}

GPtrArray *iv_oss_ask(IvOss *oss, const IvOssCall *call, const char *root, IvCallTrace *trace,
		      GError **error)
{
	g_autoptr(IvHttpAnswer) answer = iv_oss_call(oss, call, trace, error);
	GPtrArray *elements;

	if (answer == NULL)
		return NULL;
	elements = iv_oss_xml_read(answer->body, answer->length);
	if (elements != NULL && strcmp(((IvPair *)elements->pdata[0])->name, root) == 0)
		return elements;
	if (elements != NULL)
		g_ptr_array_unref(elements);
	iv_alibaba_nonsense(error, call->name, "the XML is not what was asked for");
	return NULL;
}
