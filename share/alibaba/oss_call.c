/* oss_call.c - see oss_call.h */
#include "share/alibaba/oss_call.h"

#include <string.h>

#include "scanner/base/error.h"
#include "scanner/base/text.h"
#include "share/alibaba/oss_sign.h"
#include "share/alibaba/oss_xml.h"
#include "share/alibaba/read.h"
#include "share/alibaba/sign.h"
#include "share/limits.h"

/* Seconds that a date may be off: a little less than the storage allows. */
#define MAX_SKEW_S (14 * 60)

/* --- what an answer means for trying again ------------------------------------------------ */

typedef enum {
	GIVE_UP,
	WAIT,	/* nothing was done: wait, then repeat */
	CLOCK,	/* nothing was done: learn the server's clock, repeat once */
	RENEW,	/* nothing was done: fetch new credentials, repeat once */
	UNSURE, /* a change may have been made */
} Next;

static const struct {
	const char *code, *hint;
	Next next;
} codes[] = {
	{"RequestTimeTooSkewed", "set this machine's clock: it is more than 15 minutes off", CLOCK},
	{"SecurityTokenExpired", "the temporary credentials have run out: get new ones", RENEW},
	{"InternalError", NULL, UNSURE},
	{"ServiceUnavailable", NULL, UNSURE},
	{"SlowDown", "the storage is throttling: try again in a few minutes", WAIT},
	{"QpsLimitExceeded", "the storage is throttling: try again in a few minutes", WAIT},
	{"DownloadTrafficRateLimitExceeded", "the bucket's bandwidth is used up: try later", WAIT},
	{"UploadTrafficRateLimitExceeded", "the bucket's bandwidth is used up: try later", WAIT},
	{"AccessDenied", "the key lacks rights on this bucket (oss:GetObject, oss:PutObject, "
			 "oss:ListObjects ...), or the bucket is in another region", GIVE_UP},
	{"InvalidAccessKeyId", "the key id is not known: check it, and that the endpoint is of the "
			       "same site", GIVE_UP},
	{"SignatureDoesNotMatch", "the secret does not belong to the key id: set both again, without "
				  "quotes or line ends", GIVE_UP},
	{"NoSuchBucket", "there is no such bucket in this region: check its name and --region",
	 GIVE_UP},
	{"NoSuchKey", "there is no such object: check its name", GIVE_UP},
	{"PreconditionFailed", "the object was replaced meanwhile: run the same command again",
	 GIVE_UP},
	{"InvalidObjectState", "the object is archived: restore it first, then run the same command "
			       "again", GIVE_UP},
	{"FileAlreadyExists", "another object has that name: choose a new one, or delete it",
	 GIVE_UP},
};

static const char *hint_of(const char *code)
{
	for (gsize i = 0; i < G_N_ELEMENTS(codes); i++)
		if (g_strcmp0(codes[i].code, code) == 0)
			return codes[i].hint;
	return NULL;
}

static Next next_of(long status, const char *code)
{
	for (gsize i = 0; i < G_N_ELEMENTS(codes); i++)
		if (g_strcmp0(codes[i].code, code) == 0)
			return codes[i].next;
	if (status == 429)
		return WAIT;
	return status >= 500 ? UNSURE : GIVE_UP;
}

/* --- one attempt ---------------------------------------------------------------------------- */

typedef struct {
	IvOss *oss;
	const IvOssCall *call;
	IvCloudTrace *trace;
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
	iv_wipe_string(line);
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

/* --- what came of it ---------------------------------------------------------------------------- */

/* HEAD has no body: its error may stand in a header, in base64. */
static GPtrArray *error_elements(const IvHttpAnswer *answer)
{
	const char *header = iv_http_header(answer, "x-oss-err");
	g_autofree guchar *decoded = NULL;
	gsize len = 0;

	if (answer->length > 0 || header == NULL)
		return iv_oss_xml_read(answer->body, answer->length);
	decoded = g_base64_decode(header, &len);
	return iv_oss_xml_read((const char *)decoded, len);
}

/* The code of an answer without any words.  A clock that is off looks like a lack
 * of rights then, so the server's date decides. */
static const char *code_of_status(const Run *run, const IvHttpAnswer *answer)
{
	static const struct {
		long status;
		const char *code;
	} rows[] = {{403, "AccessDenied"}, {404, "NoSuchKey"}, {412, "PreconditionFailed"}};
	gint64 now = g_get_real_time() / G_USEC_PER_SEC + run->oss->client->clock_ahead;

	if (answer->status == 403 && answer->date != 0 && ABS(answer->date - now) > MAX_SKEW_S)
		return "RequestTimeTooSkewed";
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
		if (rows[i].status == answer->status)
			return rows[i].code;
	return NULL;
}

/* An expired token, or perhaps one: of a refusal without words nobody can tell. */
static bool may_be_expired(const Run *run, const IvHttpAnswer *answer, Next next)
{
	return next == RENEW ||
	       (run->as->token != NULL && answer->status == 403 && answer->length == 0);
}

/* Words of the storage, fit to be shown: printable, cut, without a secret. */
static char *words_of(const GPtrArray *elements, const char *path, const Run *run)
{
	const char *text = iv_oss_xml_text(elements, path);
	g_autofree char *cut = NULL;

	if (text == NULL || *text == '\0' || strstr(text, run->as->secret) != NULL ||
	    (run->as->token != NULL && strstr(text, run->as->token) != NULL))
		return NULL;
	cut = g_utf8_substring(text, 0, MIN(g_utf8_strlen(text, -1), (glong)IV_CALL_WORDS));
	return iv_text_printable(cut, -1);
}

static void remember(const Run *run, const IvHttpAnswer *answer, const GPtrArray *elements)
{
	const char *id = iv_http_header(answer, "x-oss-request-id");

	g_free(run->trace->code);
	g_free(run->trace->request_id);
	run->trace->code = words_of(elements, "Error/Code", run);
	if (run->trace->code == NULL && answer->length == 0)
		run->trace->code = g_strdup(code_of_status(run, answer));
	run->trace->request_id =
		id != NULL && strlen(id) <= 64 ? iv_text_printable(id, -1) : NULL;
}

/* "GetObject failed with Code (HTTP 403, request R, attempt 1): words", and a hint. */
static void refuse(const Run *run, const IvHttpAnswer *answer, const GPtrArray *elements,
		   GError **error)
{
	g_autofree char *words = words_of(elements, "Error/Message", run);
	const char *code = run->trace->code, *hint = hint_of(code);

	if (code == NULL) {
		iv_fail(error, IV_ERROR_CLOUD,
			"%s: the answer makes no sense: HTTP %ld without an error code",
			run->call->name, answer->status);
		return;
	}
	iv_fail(error, IV_ERROR_CLOUD, "%s failed with %s (HTTP %ld, request %s, attempt %u)%s%s%s%s",
		run->call->name, code, answer->status,
		run->trace->request_id != NULL ? run->trace->request_id : "unknown",
		run->trace->attempts, words != NULL ? ": " : "", words != NULL ? words : "",
		hint != NULL ? "\n" : "", hint != NULL ? hint : "");
}

/* 2xx, unless the body is an error all the same (of CompleteMultipartUpload). */
static bool is_success(const IvHttpAnswer *answer)
{
	g_autoptr(GPtrArray) elements = NULL;

	if (answer->status / 100 != 2)
		return false;
	if (answer->length == 0 || answer->written > 0)
		return true;
	elements = iv_oss_xml_read(answer->body, answer->length);
	return elements == NULL || strcmp(((IvPair *)elements->pdata[0])->name, "Error") != 0;
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

static bool after_refusal(Run *run, const IvHttpAnswer *answer)
{
	Next next = next_of(answer->status, run->trace->code);

	if (next == WAIT)
		return may_repeat(run, answer->retry_after_ms);
	if (next == CLOCK && !run->clock_tried && answer->date != 0) {
		run->clock_tried = true;
		run->oss->client->clock_ahead = answer->date - g_get_real_time() / G_USEC_PER_SEC;
		return may_repeat(run, 0);
	}
	if (may_be_expired(run, answer, next) && !run->renewed)
		return run->renewed = run->renew_now = may_repeat(run, 0);
	if (next != UNSURE)
		return false;
	if (safe_twice(run))
		return may_repeat(run, answer->retry_after_ms);
	run->trace->unsure = run->trace->again = true;
	return false;
}

static IvHttpAnswer *judge(Run *run, IvHttpAnswer *answer, bool *repeat, GError **error)
{
	g_autoptr(GPtrArray) elements = NULL;
	bool good = is_success(answer);

	if (!good)
		elements = error_elements(answer);
	remember(run, answer, elements);
	if (good)
		return answer;
	refuse(run, answer, elements, error);
	*repeat = after_refusal(run, answer);
	run->trace->unsure |= run->trace->code == NULL && run->call->changes && !*repeat;
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
static IvHttpAnswer *run_call(IvOss *oss, const IvOssCall *call, IvCloudTrace *trace,
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

IvHttpAnswer *iv_oss_call(IvOss *oss, const IvOssCall *call, IvCloudTrace *trace, GError **error)
{
	const IvCallRecorder *recorder = oss->client->recorder;
	g_autofree char *text = text_of(oss, call);
	g_autoptr(GError) problem = NULL;
	IvOutcome outcome = IV_OUTCOME_DONE;
	IvHttpAnswer *answer;
	gint64 line = 0;

	iv_cloud_trace_clear(trace);
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

GPtrArray *iv_oss_ask(IvOss *oss, const IvOssCall *call, const char *root, IvCloudTrace *trace,
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
