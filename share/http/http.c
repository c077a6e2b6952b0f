/* SPDX-License-Identifier: GPL-3.0-or-later */
/* http.c - see http.h */
#include "share/http/http.h"

#include <curl/curl.h>
#include <string.h>

#include "scanner/base/error.h"
#include "share/base/limits.h"
#include "share/http/answer.h"
#include "share/http/debug.h"

/* Initial size of a body's buffer: a small body, which may be secret, is never moved, so that no
 * copy of it stays behind when it is wiped. */
#define ROOM (64u << 10)
/* Bytes that libcurl hands over at a time when gigabytes go by. */
#define STREAM_BUFFER (512L << 10)

static void library_init(void)
{
	static gsize once;

	if (g_once_init_enter(&once)) {
		curl_global_init(CURL_GLOBAL_DEFAULT);
		g_once_init_leave(&once, 1);
	}
}

/* --- one exchange on its way ------------------------------------------------------ */

typedef struct {
	const IvHttpRequest *request;
	IvHttpAnswer *answer;
	GByteArray *body;
	size_t header_bytes;
	guint64 sent; /* bytes of a body in memory that are on their way */
	bool too_large, stopped, stalled;
	gint64 window_start; /* monotonic microseconds */
	curl_off_t window_bytes;
} Exchange;

/* --- receiving ------------------------------------------------------------------ */

static bool to_writer(const Exchange *x)
{
	return x->request->write != NULL && x->answer->status / 100 == 2;
}

static size_t on_body(char *bytes, size_t one, size_t len, void *user)
{
	Exchange *x = user;

	if (to_writer(x)) {
		x->stopped = !x->request->write(x->request->user, x->answer, bytes, len);
		x->answer->written += len;
		return x->stopped ? 0 : len;
	}
	if (len > IV_HTTP_MAX_BODY - x->body->len) {
		x->too_large = true;
		return 0;
	}
	g_byte_array_append(x->body, (const guint8 *)bytes, (guint)len);
	return len;
}

static gint64 number_or(const char *text, gint64 otherwise)
{
	guint64 value;

	if (text == NULL || !g_ascii_string_to_unsigned(text, 10, 0, 1u << 30, &value, NULL))
		return otherwise;
	return (gint64)value;
}

static size_t on_header(char *bytes, size_t one, size_t len, void *user)
{
	Exchange *x = user;

	x->header_bytes += len;
	if (x->header_bytes > IV_HTTP_MAX_HEADERS) {
		x->too_large = true;
		return 0;
	}
	iv_http_answer_take(x->answer, bytes, len);
	return len;
}

/* What the headers say, in numbers. */
static void read_headers(IvHttpAnswer *answer)
{
	const char *date = iv_http_header(answer, "date");
	gint64 seconds = number_or(iv_http_header(answer, "retry-after"), -1);

	answer->date = date != NULL ? MAX((gint64)curl_getdate(date, NULL), 0) : 0;
	answer->retry_after_ms = seconds >= 0 ? 1000 * seconds : -1;
}

/* --- sending --------------------------------------------------------------------- */

/* Header lines may hold a security token: wipe what we gave to libcurl. */
static void wipe_list(struct curl_slist *list)
{
	for (struct curl_slist *l = list; l != NULL; l = l->next)
		explicit_bzero(l->data, strlen(l->data));
	curl_slist_free_all(list);
}

/* "Name:" with nothing behind it tells libcurl not to make that header itself. */
static struct curl_slist *header_list(const IvHttpRequest *request, GError **error)
{
	struct curl_slist *list = curl_slist_append(NULL, "Expect:");
	bool typed = false;

	for (guint i = 0; i < request->headers->len; i++) {
		const char *line = request->headers->pdata[i];

		if (strpbrk(line, "\r\n") != NULL) {
			iv_fail(error, IV_ERROR_CLOUD, "a header line holds a line end");
			wipe_list(list);
			return NULL;
		}
		typed |= g_ascii_strncasecmp(line, "content-type:", 13) == 0;
		list = curl_slist_append(list, line);
	}
	return typed ? list : curl_slist_append(list, "Content-Type:");
}

static size_t on_read(char *buffer, size_t one, size_t room, void *user)
{
	Exchange *x = user;
	guint64 left = x->request->length - x->sent;
	size_t len = (size_t)MIN((guint64)room, left);

	if (len > 0 && x->request->read != NULL)
		len = x->request->read(x->request->user, buffer, len);
	else if (len > 0)
		memcpy(buffer, (const char *)x->request->body + x->sent, len);
	if (len > left || (len == 0 && left > 0)) {
		x->stopped = true;
		return CURL_READFUNC_ABORT;
	}
	x->sent += len;
	return len;
}

/* Too few bytes in one window of time: the connection is open, but nothing moves. */
static bool stalls(Exchange *x, curl_off_t moved)
{
	gint64 now = g_get_monotonic_time();

	if (x->request->stall_ms == 0 ||
	    now - x->window_start < (gint64)x->request->stall_ms * 1000)
		return false;
	x->stalled = moved - x->window_bytes < IV_HTTP_STALL_BYTES;
	x->window_start = now;
	x->window_bytes = moved;
	return x->stalled;
}

static int on_progress(void *user, curl_off_t down_all, curl_off_t down, curl_off_t up_all,
		       curl_off_t up)
{
	Exchange *x = user;

	if (x->request->progress != NULL &&
	    !x->request->progress(x->request->user, (guint64)up, (guint64)down))
		x->stopped = true;
	return x->stopped || stalls(x, up + down);
}

static void set_times(CURL *curl, const IvHttpRequest *request)
{
	unsigned total = request->timeout_ms;
	unsigned connected = request->connect_ms != 0 ? request->connect_ms : IV_HTTP_CONNECT_MS;

	if (total == 0 && request->stall_ms == 0)
		total = IV_HTTP_TOTAL_MS;
	if (total != 0)
		connected = MIN(total, connected);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)connected);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)total);
}

static void set_safety(CURL *curl, const IvHttpRequest *request)
{
	const IvEndpoint *endpoint = request->endpoint;
	bool plain = endpoint->loopback || endpoint->metadata;

	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, plain ? "https,http" : "https");
	curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(curl, CURLOPT_UNRESTRICTED_AUTH, 0L);
	curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
	curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(curl, CURLOPT_PROXY_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(curl, CURLOPT_PROXY_SSL_VERIFYHOST, 2L);
	curl_easy_setopt(curl, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, 1L);
	/* Loopback calls never use a proxy of the environment, and it must not see what the
	 * metadata service answers. */
	if (plain || request->no_proxy)
		curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
}

static void set_body(CURL *curl, const IvHttpRequest *request, bool put)
{
	curl_off_t length = (curl_off_t)request->length;

	curl_easy_setopt(curl, put ? CURLOPT_UPLOAD : CURLOPT_POST, 1L);
	curl_easy_setopt(curl, put ? CURLOPT_INFILESIZE_LARGE : CURLOPT_POSTFIELDSIZE_LARGE,
			 length);
}

static bool set_method(CURL *curl, const IvHttpRequest *request)
{
	const char *method = request->method;
	bool put = strcmp(method, "PUT") == 0;

	if (put || strcmp(method, "POST") == 0)
		set_body(curl, request, put);
	else if (strcmp(method, "HEAD") == 0)
		curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
	else if (strcmp(method, "DELETE") == 0)
		curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, "DELETE");
	else
		return strcmp(method, "GET") == 0;
	return true;
}

static void set_request(CURL *curl, const IvHttpRequest *request, const char *url,
			struct curl_slist *headers)
{
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(curl, CURLOPT_USERAGENT, "imgvet/" IV_VERSION);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
}

static void set_callbacks(CURL *curl, Exchange *x)
{
	curl_easy_setopt(curl, CURLOPT_READFUNCTION, on_read);
	curl_easy_setopt(curl, CURLOPT_READDATA, x);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, x);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, x);
	curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
	curl_easy_setopt(curl, CURLOPT_XFERINFODATA, x);
	if (x->request->read != NULL)
		curl_easy_setopt(curl, CURLOPT_UPLOAD_BUFFERSIZE, STREAM_BUFFER);
	if (x->request->write != NULL)
		curl_easy_setopt(curl, CURLOPT_BUFFERSIZE, STREAM_BUFFER);
	curl_easy_setopt(curl, CURLOPT_NOPROGRESS,
			 x->request->progress == NULL && x->request->stall_ms == 0 ? 1L : 0L);
}

/* --- what a failure means ----------------------------------------------------------- */

static const struct {
	CURLcode code;
	IvHttpFailure failure;
	const char *hint;
} meanings[] = {
	{CURLE_COULDNT_RESOLVE_HOST, IV_HTTP_NOT_SENT, "check the region's name and the network"},
	{CURLE_COULDNT_RESOLVE_PROXY, IV_HTTP_NOT_SENT, "check HTTPS_PROXY"},
	{CURLE_COULDNT_CONNECT, IV_HTTP_NOT_SENT, "check the network, the proxy and the endpoint"},
	{CURLE_SSL_CONNECT_ERROR, IV_HTTP_NOT_SENT,
	 "check that the endpoint speaks TLS 1.2 or newer"},
	{CURLE_PEER_FAILED_VERIFICATION, IV_HTTP_USELESS,
	 "the server could not prove its identity; nothing was sent to it. Check the endpoint, and "
	 "any proxy in between (one that opens TLS needs its certificate authority installed)"},
	{CURLE_SSL_CACERT_BADFILE, IV_HTTP_USELESS, "install the package ca-certificates"},
	{CURLE_UNSUPPORTED_PROTOCOL, IV_HTTP_USELESS, "the endpoint must be https"},
	{CURLE_OUT_OF_MEMORY, IV_HTTP_USELESS, NULL},
};

/* A time-out is "not sent" as long as not a byte of the request has left. */
static IvHttpFailure failure_of(CURL *curl, CURLcode code, const char **hint)
{
	long sent = 0;

	for (gsize i = 0; i < G_N_ELEMENTS(meanings); i++)
		if (meanings[i].code == code) {
			*hint = meanings[i].hint;
			return meanings[i].failure;
		}
	*hint = "check the network; nothing is known about what the server did";
	curl_easy_getinfo(curl, CURLINFO_REQUEST_SIZE, &sent);
	return sent > 0 ? IV_HTTP_BROKEN : IV_HTTP_NOT_SENT;
}

static void explain(CURL *curl, CURLcode code, const Exchange *x, const char *detail,
		    IvHttpFailure *failure, GError **error)
{
	const char *host = x->request->endpoint->host, *hint = NULL;

	*failure = failure_of(curl, code, &hint);
	if (x->too_large) {
		*failure = IV_HTTP_USELESS;
		iv_fail(error, IV_ERROR_CLOUD, "the answer of %s is too large", host);
		return;
	}
	if (x->stopped) {
		*failure = IV_HTTP_STOPPED;
		iv_fail(error, IV_ERROR_CLOUD, "the exchange with %s was stopped on this side", host);
		return;
	}
	if (x->stalled)
		detail = "it stalled";
	iv_fail(error, IV_ERROR_CLOUD, "no answer from %s: %s%s%s", host,
		*detail != '\0' ? detail : curl_easy_strerror(code), hint != NULL ? "\n" : "",
		hint != NULL ? hint : "");
}

/* The whole exchange; the caller frees and wipes the header lists. */
static bool perform(CURL *curl, Exchange *x, const char *url, struct curl_slist *headers,
		    IvHttpFailure *failure, GError **error)
{
	char detail[CURL_ERROR_SIZE] = "";
	CURLcode code;

	if (!set_method(curl, x->request))
		return iv_fail(error, IV_ERROR_CLOUD, "no such method: %s", x->request->method);
	set_safety(curl, x->request);
	set_times(curl, x->request);
	set_request(curl, x->request, url, headers);
	set_callbacks(curl, x);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, detail);
	x->window_start = g_get_monotonic_time();
	code = curl_easy_perform(curl);
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &x->answer->status);
	if (code != CURLE_OK)
		explain(curl, code, x, detail, failure, error);
	return code == CURLE_OK;
}

static bool exchange(Exchange *x, IvHttpFailure *failure, GError **error)
{
	g_autofree char *url = g_strconcat(x->request->endpoint->base, x->request->target, NULL);
	struct curl_slist *headers = header_list(x->request, error);
	CURL *curl = headers != NULL ? curl_easy_init() : NULL;
	bool ok = false;

	if (curl != NULL)
		ok = perform(curl, x, url, headers, failure, error);
	else if (headers != NULL)
		iv_fail(error, IV_ERROR_CLOUD, "libcurl cannot be initialised");
	curl_easy_cleanup(curl);
	wipe_list(headers);
	explicit_bzero(url, strlen(url));
	return ok;
}

IvHttpAnswer *iv_http_exchange(const IvHttpRequest *request, IvHttpFailure *failure, GError **error)
{
	Exchange x = {.request = request, .answer = iv_http_answer_new(),
		      .body = g_byte_array_sized_new(ROOM)};
	IvHttpLog *log = iv_http_log_begin(request);
	g_autoptr(GError) problem = NULL;
	bool ok;

	library_init();
	*failure = IV_HTTP_USELESS;
	ok = exchange(&x, failure, &problem);
	g_byte_array_append(x.body, (const guint8 *)"", 1);
	x.answer->length = x.body->len - 1;
	x.answer->body = (char *)g_byte_array_free(x.body, FALSE);
	read_headers(x.answer);
	if (problem == NULL)
		iv_http_log_answer(log, x.answer);
	else
		iv_http_log_failure(log, problem->message);
	iv_http_log_free(log);
	if (ok)
		return x.answer;
	g_propagate_error(error, g_steal_pointer(&problem));
	iv_http_answer_free(x.answer);
	return NULL;
}
