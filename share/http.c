/* http.c - see http.h */
#include "share/http.h"

#include <curl/curl.h>
#include <gio/gio.h>
#include <string.h>

#include "scanner/base/error.h"
#include "share/limits.h"

static void library_init(void)
{
	static gsize once;

	if (g_once_init_enter(&once)) {
		curl_global_init(CURL_GLOBAL_DEFAULT);
		g_once_init_leave(&once, 1);
	}
}

/* --- where to ---------------------------------------------------------------- */

static char *url_part(CURLU *url, CURLUPart part)
{
	char *text = NULL, *copy;

	if (curl_url_get(url, part, &text, 0) != CURLUE_OK)
		return NULL;
	copy = g_strdup(text);
	curl_free(text);
	return copy;
}

/* Names are taken only as far as they cannot be anything else: libcurl itself
 * maps localhost to the loopback addresses without asking a resolver. */
static bool is_loopback(const char *host)
{
	g_autoptr(GInetAddress) address = NULL;
	g_autofree char *bare = g_strdup(host);

	if (g_ascii_strcasecmp(host, "localhost") == 0)
		return true;
	if (bare[0] == '[' && strlen(bare) > 2) {
		bare[strlen(bare) - 1] = '\0';
		memmove(bare, bare + 1, strlen(bare));
	}
	address = g_inet_address_new_from_string(bare);
	return address != NULL && g_inet_address_get_is_loopback(address);
}

static bool only_host(CURLU *url)
{
	static const CURLUPart unwanted[] = {CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_OPTIONS,
					     CURLUPART_QUERY, CURLUPART_FRAGMENT,
					     CURLUPART_ZONEID};
	g_autofree char *path = url_part(url, CURLUPART_PATH);

	for (gsize i = 0; i < G_N_ELEMENTS(unwanted); i++) {
		g_autofree char *part = url_part(url, unwanted[i]);

		if (part != NULL)
			return false;
	}
	return path == NULL || strcmp(path, "/") == 0;
}

static IvEndpoint *endpoint_of(CURLU *url, GError **error)
{
	g_autofree char *scheme = url_part(url, CURLUPART_SCHEME);
	g_autofree char *host = url_part(url, CURLUPART_HOST);
	g_autofree char *port = url_part(url, CURLUPART_PORT);
	bool secure = g_strcmp0(scheme, "https") == 0;
	IvEndpoint *endpoint;

	if (host == NULL || (!secure && g_strcmp0(scheme, "http") != 0) || !only_host(url)) {
		iv_fail(error, IV_ERROR_USAGE,
			"the endpoint must be https://HOST or https://HOST:PORT and nothing more");
		return NULL;
	}
	if (!secure && !is_loopback(host)) {
		iv_fail(error, IV_ERROR_USAGE,
			"the endpoint is plain http to a host that is not this machine\n"
			"use https; http is accepted for 127.0.0.1, [::1] and localhost only");
		return NULL;
	}
	if (port != NULL && strcmp(port, secure ? "443" : "80") == 0)
		g_clear_pointer(&port, g_free);
	endpoint = g_new0(IvEndpoint, 1);
	endpoint->loopback = is_loopback(host);
	endpoint->host = port != NULL ? g_strdup_printf("%s:%s", host, port) : g_strdup(host);
	endpoint->base = g_strdup_printf("%s://%s", scheme, endpoint->host);
	return endpoint;
}

IvEndpoint *iv_endpoint_parse(const char *text, GError **error)
{
	CURLU *url;
	IvEndpoint *endpoint = NULL;

	library_init();
	url = curl_url();
	if (url != NULL && curl_url_set(url, CURLUPART_URL, text, 0) == CURLUE_OK)
		endpoint = endpoint_of(url, error);
	else
		iv_fail(error, IV_ERROR_USAGE,
			"the endpoint is not a URL\nwrite it as https://HOST or https://HOST:PORT");
	curl_url_cleanup(url);
	return endpoint;
}

void iv_endpoint_free(IvEndpoint *endpoint)
{
	if (endpoint == NULL)
		return;
	g_free(endpoint->base);
	g_free(endpoint->host);
	g_free(endpoint);
}

/* --- receiving ------------------------------------------------------------------ */

typedef struct {
	IvHttpAnswer *answer;
	GByteArray *body;
	size_t header_bytes;
	bool too_large;
} Receiver;

static size_t on_body(char *bytes, size_t one, size_t len, void *user)
{
	Receiver *r = user;

	if (len > IV_HTTP_MAX_BODY - r->body->len) {
		r->too_large = true;
		return 0;
	}
	g_byte_array_append(r->body, (const guint8 *)bytes, (guint)len);
	return len;
}

/* The value behind "name:" when the line is that header, else NULL. */
static char *header_value(const char *line, size_t len, const char *name)
{
	size_t n = strlen(name);

	if (len <= n || g_ascii_strncasecmp(line, name, n) != 0 || line[n] != ':')
		return NULL;
	return g_strstrip(g_strndup(line + n + 1, len - n - 1));
}

static gint64 number_or(const char *text, gint64 otherwise)
{
	guint64 value;

	if (!g_ascii_string_to_unsigned(text, 10, 0, 1u << 30, &value, NULL))
		return otherwise;
	return (gint64)value;
}

static size_t on_header(char *line, size_t one, size_t len, void *user)
{
	Receiver *r = user;
	g_autofree char *date = header_value(line, len, "date");
	g_autofree char *wait_ms = header_value(line, len, "x-acs-retry-after");
	g_autofree char *wait_s = header_value(line, len, "retry-after");

	r->header_bytes += len;
	if (r->header_bytes > IV_HTTP_MAX_HEADERS) {
		r->too_large = true;
		return 0;
	}
	if (date != NULL)
		r->answer->date = MAX((gint64)curl_getdate(date, NULL), 0);
	if (wait_ms != NULL)
		r->answer->retry_after_ms = number_or(wait_ms, r->answer->retry_after_ms);
	else if (wait_s != NULL && r->answer->retry_after_ms < 0)
		r->answer->retry_after_ms = 1000 * number_or(wait_s, 0);
	return len;
}

void iv_http_answer_free(IvHttpAnswer *answer)
{
	if (answer == NULL)
		return;
	g_free(answer->body);
	g_free(answer);
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

static void set_safety(CURL *curl, const IvHttpRequest *request)
{
	unsigned total = request->timeout_ms != 0 ? request->timeout_ms : IV_HTTP_TOTAL_MS;

	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR,
			 request->endpoint->loopback ? "https,http" : "https");
	curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(curl, CURLOPT_UNRESTRICTED_AUTH, 0L);
	curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
	curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)MIN(total, IV_HTTP_CONNECT_MS));
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)total);
	curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, 1L);
	/* A proxy of the environment is none of a loopback call's business. */
	if (request->endpoint->loopback)
		curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
}

static void set_request(CURL *curl, const IvHttpRequest *request, const char *url,
			struct curl_slist *headers)
{
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(curl, CURLOPT_USERAGENT, "imgvet/" IV_VERSION);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	if (strcmp(request->method, "POST") != 0)
		return;
	curl_easy_setopt(curl, CURLOPT_POST, 1L);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->length);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request->length > 0 ? request->body : "");
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
	{CURLE_SSL_CONNECT_ERROR, IV_HTTP_NOT_SENT, "check that the endpoint speaks TLS 1.2 or newer"},
	{CURLE_PEER_FAILED_VERIFICATION, IV_HTTP_USELESS,
	 "the server could not prove who it is; nothing was sent to it. Check the endpoint, and "
	 "ask who stands between (a proxy that opens TLS needs its authority installed)"},
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

static void explain(CURL *curl, CURLcode code, const Receiver *r, const char *detail,
		    const IvHttpRequest *request, IvHttpFailure *failure, GError **error)
{
	const char *hint = NULL;

	if (r->too_large) {
		*failure = IV_HTTP_USELESS;
		iv_fail(error, IV_ERROR_CLOUD, "the answer of %s is larger than any real one",
			request->endpoint->host);
		return;
	}
	*failure = failure_of(curl, code, &hint);
	iv_fail(error, IV_ERROR_CLOUD, "no answer from %s: %s%s%s", request->endpoint->host,
		*detail != '\0' ? detail : curl_easy_strerror(code), hint != NULL ? "\n" : "",
		hint != NULL ? hint : "");
}

IvHttpAnswer *iv_http_exchange(const IvHttpRequest *request, IvHttpFailure *failure, GError **error)
{
	Receiver r = {.answer = g_new0(IvHttpAnswer, 1), .body = g_byte_array_new()};
	g_autofree char *url = g_strconcat(request->endpoint->base, request->target, NULL);
	char detail[CURL_ERROR_SIZE] = "";
	struct curl_slist *headers;
	CURLcode code;
	CURL *curl;

	library_init();
	*failure = IV_HTTP_USELESS;
	r.answer->retry_after_ms = -1;
	headers = header_list(request, error);
	curl = headers != NULL ? curl_easy_init() : NULL;
	if (curl != NULL) {
		set_safety(curl, request);
		set_request(curl, request, url, headers);
		curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, detail);
		curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
		curl_easy_setopt(curl, CURLOPT_WRITEDATA, &r);
		curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
		curl_easy_setopt(curl, CURLOPT_HEADERDATA, &r);
		code = curl_easy_perform(curl);
		curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &r.answer->status);
		if (code != CURLE_OK)
			explain(curl, code, &r, detail, request, failure, error);
		curl_easy_cleanup(curl);
	} else {
		code = CURLE_FAILED_INIT;
		if (headers != NULL)
			iv_fail(error, IV_ERROR_CLOUD, "libcurl does not start");
	}
	wipe_list(headers);
	g_byte_array_append(r.body, (const guint8 *)"", 1);
	r.answer->length = r.body->len - 1;
	r.answer->body = (char *)g_byte_array_free(r.body, FALSE);
	if (code == CURLE_OK)
		return r.answer;
	iv_http_answer_free(r.answer);
	return NULL;
}
