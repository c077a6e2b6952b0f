/* SPDX-License-Identifier: GPL-3.0-or-later */
/* call.c - see call.h */
#include "share/alibaba/oss/call.h"

#include <string.h>

#include "scanner/base/error.h"
#include "scanner/base/text.h"
#include "share/alibaba/call/read.h"
#include "share/alibaba/call/pairs.h"
#include "share/alibaba/call/retry.h"
#include "share/alibaba/oss/answer.h"
#include "share/alibaba/oss/sign.h"
#include "share/alibaba/oss/xml.h"
#include "share/base/limits.h"

/* --- one attempt ---------------------------------------------------------------------------- */

/* A call under way. */
typedef struct {
	IvOss *oss;
	const IvOssCall *call;
} Run;

static bool is_stream(const IvOssCall *call)
{
	return call->read != NULL || call->write != NULL;
}

/* Our clock, corrected by the server's. */
static gint64 clock_of(const Run *run)
{
	return g_get_real_time() / G_USEC_PER_SEC + run->oss->client->clock_ahead;
}

static GPtrArray *headers_of(const Run *run, const IvCredentials *as, gint64 now)
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
	if (as->token != NULL)
		iv_pairs_add(headers, "x-oss-security-token", as->token);
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

/* A callback of ours stopped it: what the callback says is the error. */
static void why_stopped(const IvOssCall *call, GError **error)
{
	if (call->stopped == NULL || *call->stopped == NULL)
		return;
	g_clear_error(error);
	g_propagate_error(error, *call->stopped);
	*call->stopped = NULL;
}

static unsigned timeout_of(const Run *run, gint64 left_ms)
{
	bool stream = is_stream(run->call);

	if (stream && run->oss->client->deadline == 0)
		return 0;
	return (unsigned)CLAMP(left_ms, 1, stream ? G_MAXINT32 : (gint64)IV_HTTP_TOTAL_MS);
}

static IvHttpAnswer *attempt(void *user, const IvCredentials *as, gint64 left_ms,
			     IvHttpFailure *failure, GError **error)
{
	const Run *run = user;
	const IvOssCall *call = run->call;
	gint64 now = clock_of(run);
	g_autoptr(GPtrArray) headers = headers_of(run, as, now);
	g_autoptr(IvOssSignature) signature = iv_oss_sign(
		&(IvOssRequest){.method = call->method, .region = run->oss->region,
				.bucket = run->oss->bucket, .key = call->key,
				.query = call->query, .headers = headers, .time = now},
		as);
	g_autoptr(GPtrArray) lines = lines_of(headers, signature->authorization);
	g_autofree char *target = target_of(run);
	IvHttpAnswer *answer =
		iv_http_exchange(&(IvHttpRequest){.endpoint = run->oss->endpoint,
						  .method = call->method,
						  .target = target,
						  .headers = lines,
						  .body = call->body,
						  .length = call->length,
						  .read = call->read,
						  .write = call->write,
						  .progress = call->progress,
						  .user = call->user,
						  .stall_ms = is_stream(call) ? IV_OBJECT_STALL_MS : 0,
						  .timeout_ms = timeout_of(run, left_ms)},
				 failure, error);

	if (answer == NULL && *failure == IV_HTTP_STOPPED)
		why_stopped(call, error);
	return answer;
}

/* --- its answer ------------------------------------------------------------------------------ */

/* "GetObject failed with Code (HTTP 403, request R, attempt 1): words", and a hint. */
static void refuse(const Run *run, const IvCallTrace *trace, const IvHttpAnswer *answer,
		   const IvOssRefusal *r, GError **error)
{
	if (r->code == NULL) {
		iv_fail(error, IV_ERROR_CLOUD,
			"%s: the answer makes no sense: HTTP %ld without an error code",
			run->call->name, answer->status);
		return;
	}
	iv_fail(error, IV_ERROR_CLOUD, "%s failed with %s (HTTP %ld, request %s, attempt %u)%s%s%s%s",
		run->call->name, r->code, answer->status,
		trace->request_id != NULL ? trace->request_id : "unknown", trace->attempts,
		 r->words != NULL ? ": " : "",
		r->words != NULL ? r->words : "", r->hint != NULL ? "\n" : "",
		r->hint != NULL ? r->hint : "");
}

static bool judge(void *user, const IvHttpAnswer *answer, const IvCredentials *as,
		  IvCallTrace *trace, IvRetryAdvice *advice, GError **error)
{
	const Run *run = user;
	IvOssRefusal refusal = {0};

	g_clear_pointer(&trace->code, g_free);
	g_free(trace->request_id);
	trace->request_id = iv_oss_request_id(answer);
	if (iv_oss_is_success(answer))
		return true;
	iv_oss_refusal_read(answer, as, clock_of(run), &refusal);
	trace->code = g_strdup(refusal.code);
	refuse(run, trace, answer, &refusal, error);
	*advice = (IvRetryAdvice){.next = refusal.next,
				  .wait_ms = answer->retry_after_ms,
				  .nonsense = refusal.code == NULL};
	iv_oss_refusal_clear(&refusal);
	return false;
}

/* --- the call --------------------------------------------------------------------------------- */

/* "UploadPart Bucket=B Key=K partNumber=1": an upload's id is no secret. */
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

		if (value != NULL)
			g_string_append_printf(text, " %s=%s", pair->name, value);
	}
	return g_string_free(text, FALSE);
}

IvHttpAnswer *iv_oss_call(IvOss *oss, const IvOssCall *call, IvCallTrace *trace, GError **error)
{
	g_autofree char *text = text_of(oss, call);
	Run run = {oss, call};
	IvRetryCall retry = {.name = call->name,
			     .text = text,
			     .changes = call->changes,
			     .repeatable = call->repeatable,
			     .stream = is_stream(call),
			     .attempt = attempt,
			     .judge = judge,
			     .user = &run};

	return iv_retry_call(oss->client, &retry, trace, error);
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
