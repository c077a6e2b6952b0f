/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_http.c - one exchange in all its forms: methods, streams, time-outs, proxies. */
#include "tests/unit/http/http_rig.h"

#include "scanner/base/error.h"
#include "share/base/limits.h"
#include "share/http/http.h"

#define OK_EMPTY "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

static HttpRig *rig;
static IvEndpoint *here;
static GPtrArray *none;

static IvHttpAnswer *ask(IvHttpRequest request, const char *reply, IvHttpFailure *failure,
			 GError **error)
{
	if (reply != NULL)
		http_rig_say(rig, reply);
	if (request.endpoint == NULL)
		request.endpoint = here;
	if (request.headers == NULL)
		request.headers = none;
	return iv_http_exchange(&request, failure, error);
}

/* --- methods and bodies ---------------------------------------------------------- */

static size_t read_text(void *user, void *buffer, size_t room)
{
	const char **left = user;
	size_t len = MIN(room, MIN(strlen(*left), 3));

	memcpy(buffer, *left, len);
	*left += len;
	return len;
}

static void check_methods(void)
{
	static const struct {
		const char *method, *body, *begins, *ends;
		bool streamed;
	} rows[] = {
		{"GET", NULL, "GET /x?a=1 HTTP/1.1\r\n", "\r\n\r\n", false},
		{"HEAD", NULL, "HEAD /x?a=1 HTTP/1.1\r\n", "\r\n\r\n", false},
		{"DELETE", NULL, "DELETE /x?a=1 HTTP/1.1\r\n", "\r\n\r\n", false},
		{"POST", "hello body", "POST /x?a=1 HTTP/1.1\r\n", "\r\n\r\nhello body", false},
		{"PUT", "hello body", "PUT /x?a=1 HTTP/1.1\r\n", "\r\n\r\nhello body", false},
		{"PUT", "hello body", "PUT /x?a=1 HTTP/1.1\r\n", "\r\n\r\nhello body", true},
		{"POST", "hello body", "POST /x?a=1 HTTP/1.1\r\n", "\r\n\r\nhello body", true},
		{"POST", "", "POST /x?a=1 HTTP/1.1\r\n", "\r\n\r\n", false},
		{"PUT", "", "PUT /x?a=1 HTTP/1.1\r\n", "\r\n\r\n", false},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		const char *left = rows[i].body;
		IvHttpRequest request = {.method = rows[i].method, .target = "/x?a=1",
					 .body = rows[i].body,
					 .length = left != NULL ? strlen(left) : 0};
		g_autoptr(GError) error = NULL;
		g_autoptr(IvHttpAnswer) answer = NULL;
		g_autofree char *heard = NULL;
		IvHttpFailure failure;

		g_test_message("%s %d", rows[i].method, rows[i].streamed);
		if (rows[i].streamed) {
			request.body = NULL;
			request.read = read_text;
			request.user = &left;
		}
		answer = ask(request, OK_EMPTY, &failure, &error);
		g_assert_no_error(error);
		g_assert_cmpint(answer->status, ==, 200);
		heard = http_rig_heard(rig);
		g_assert_true(g_str_has_prefix(heard, rows[i].begins));
		g_assert_true(g_str_has_suffix(heard, rows[i].ends));
		g_assert_null(strstr(heard, "Content-Type"));
		g_assert_null(strstr(heard, "Expect"));
		g_assert_cmpint(strstr(heard, "Content-Length: ") != NULL, ==, left != NULL);
	}
}

static size_t read_fails(void *user, void *buffer, size_t room)
{
	return IV_HTTP_READ_FAILED;
}

static size_t read_ends(void *user, void *buffer, size_t room)
{
	return 0;
}

static void check_body_breaks(void)
{
	size_t (*const reads[])(void *, void *, size_t) = {read_fails, read_ends};

	for (gsize i = 0; i < G_N_ELEMENTS(reads); i++) {
		g_autoptr(GError) error = NULL;
		g_autofree char *heard = NULL;
		IvHttpFailure failure;

		g_assert_null(ask((IvHttpRequest){.method = "PUT", .target = "/", .length = 5,
						  .read = reads[i]},
				  NULL, &failure, &error));
		g_assert_error(error, IV_ERROR, IV_ERROR_CLOUD);
		g_assert_cmpint(failure, ==, IV_HTTP_STOPPED);
		heard = http_rig_heard(rig);
	}
	g_usleep(50000);
	g_free(http_rig_heard(rig));
	g_free(http_rig_heard(rig));
}

static void check_unknown_method(void)
{
	g_autoptr(GError) error = NULL;
	IvHttpFailure failure;

	g_assert_null(ask((IvHttpRequest){.method = "TRACE", .target = "/"}, NULL, &failure, &error));
	g_assert_error(error, IV_ERROR, IV_ERROR_CLOUD);
	g_assert_cmpint(failure, ==, IV_HTTP_USELESS);
}

/* --- answers ------------------------------------------------------------------------- */

static void check_headers(void)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *heard = NULL;
	g_autoptr(IvHttpAnswer) answer = NULL;
	IvHttpFailure failure;

	answer = ask((IvHttpRequest){.method = "HEAD", .target = "/"},
		     "HTTP/1.1 100 Continue\r\nETag: \"old\"\r\n\r\n"
		     "HTTP/1.1 206 Partial Content\r\nContent-Length: 99999999999\r\nETag:  \"x\" \r\n"
		     "ETag: \"second\"\r\nx-oss-hash-crc64ecma:7\r\nEmpty:\r\nRetry-After: 3\r\n"
		     "Date: Thu, 01 Jan 1970 00:01:00 GMT\r\n\r\n",
		     &failure, &error);
	g_assert_no_error(error);
	heard = http_rig_heard(rig);
	g_assert_cmpint(answer->status, ==, 206);
	g_assert_cmpstr(iv_http_header(answer, "etag"), ==, "\"x\"");
	g_assert_cmpstr(iv_http_header(answer, "X-Oss-Hash-Crc64ecma"), ==, "7");
	g_assert_cmpstr(iv_http_header(answer, "content-length"), ==, "99999999999");
	g_assert_cmpstr(iv_http_header(answer, "empty"), ==, "");
	g_assert_null(iv_http_header(answer, "eta"));
	g_assert_cmpint(answer->date, ==, 60);
	g_assert_cmpint(answer->retry_after_ms, ==, 3000);
}

typedef struct {
	GString *text;
	gsize stop_at;
	char *etag;
	long status;
} Sink;

static bool sink_write(void *user, const IvHttpAnswer *answer, const void *bytes, size_t len)
{
	Sink *sink = user;

	g_free(sink->etag);
	sink->etag = g_strdup(iv_http_header(answer, "etag"));
	sink->status = answer->status;
	g_string_append_len(sink->text, bytes, (gssize)len);
	return sink->text->len < sink->stop_at;
}

static void check_written(void)
{
	static const struct {
		const char *reply, *text, *body;
		gsize stop_at;
		int failure; /* -1: none */
	} rows[] = {
		{"HTTP/1.1 206 x\r\nETag: e\r\nContent-Length: 5\r\n\r\nhello", "hello", "", 99, -1},
		{"HTTP/1.1 404 x\r\nETag: e\r\nContent-Length: 5\r\n\r\nsorry", "", "sorry", 99, -1},
		{"HTTP/1.1 200 x\r\nETag: e\r\nContent-Length: 5\r\n\r\nhello", "hello", NULL, 1,
		 IV_HTTP_STOPPED},
		{"HTTP/1.1 200 x\r\nETag: e\r\nContent-Length: 9\r\n\r\nhello", "hello", NULL, 99,
		 IV_HTTP_BROKEN},
		{"", "", NULL, 99, IV_HTTP_BROKEN},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		Sink sink = {.text = g_string_new(NULL), .stop_at = rows[i].stop_at};
		g_autoptr(GError) error = NULL;
		g_autofree char *heard = NULL;
		g_autoptr(IvHttpAnswer) answer = NULL;
		IvHttpFailure failure;

		answer = ask((IvHttpRequest){.method = "GET", .target = "/", .write = sink_write,
					     .user = &sink, .stall_ms = 5000},
			     rows[i].reply, &failure, &error);
		heard = http_rig_heard(rig);
		g_assert_cmpint(answer == NULL ? (int)failure : -1, ==, rows[i].failure);
		g_assert_cmpstr(sink.text->str, ==, rows[i].text);
		if (answer != NULL) {
			g_assert_cmpstr(answer->body, ==, rows[i].body);
			g_assert_cmpuint(answer->written, ==, strlen(rows[i].text));
		}
		if (*rows[i].text != '\0')
			g_assert_cmpstr(sink.etag, ==, "e");
		g_string_free(sink.text, TRUE);
		g_free(sink.etag);
	}
}

static void check_no_redirect(void)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *heard = NULL, *reply = NULL, *second = NULL;
	g_autoptr(IvHttpAnswer) answer = NULL;
	IvHttpFailure failure;

	reply = g_strdup_printf("HTTP/1.1 307 x\r\nLocation: %s/y\r\nContent-Length: 0\r\n\r\n",
				rig->url);
	answer = ask((IvHttpRequest){.method = "GET", .target = "/"}, reply, &failure, &error);
	g_assert_no_error(error);
	g_assert_cmpint(answer->status, ==, 307);
	heard = http_rig_heard(rig);
	g_usleep(50000);
	second = http_rig_heard(rig);
	g_assert_nonnull(heard);
	g_assert_null(second);
}

/* --- time -------------------------------------------------------------------------------- */

static bool progress_stops(void *user, guint64 sent, guint64 received)
{
	return false;
}

static void check_stall(void)
{
	g_autoptr(GError) stalled = NULL, stopped = NULL;
	g_autofree char *heard = NULL;
	gint64 start = g_get_monotonic_time();
	IvHttpFailure failure;

	g_atomic_int_set(&rig->hold_ms, 4000);
	g_assert_null(ask((IvHttpRequest){.method = "GET", .target = "/", .stall_ms = 300},
			  "HTTP/1.1 200 x\r\nContent-Length: 5\r\n\r\nhello", &failure, &stalled));
	g_atomic_int_set(&rig->hold_ms, 0);
	g_assert_error(stalled, IV_ERROR, IV_ERROR_CLOUD);
	g_assert_nonnull(strstr(stalled->message, "stalled"));
	g_assert_cmpint(failure, ==, IV_HTTP_BROKEN);
	g_assert_cmpint(g_get_monotonic_time() - start, <, 3 * G_USEC_PER_SEC);

	g_assert_null(ask((IvHttpRequest){.method = "GET", .target = "/",
					  .progress = progress_stops},
			  OK_EMPTY, &failure, &stopped));
	g_assert_cmpint(failure, ==, IV_HTTP_STOPPED);
	while (heard == NULL)
		heard = http_rig_heard(rig);
	g_usleep(100000);
	g_free(http_rig_heard(rig));
	g_async_queue_push(rig->replies, g_bytes_new("", 0));
	g_bytes_unref(g_async_queue_pop(rig->replies));
}

/* --- who may be asked, and through whom ------------------------------------------------------ */

static void check_metadata(void)
{
	g_autoptr(GError) elsewhere = NULL, bad = NULL, none_there = NULL;
	g_autoptr(IvEndpoint) usual = iv_endpoint_metadata(NULL, NULL);
	g_autoptr(IvEndpoint) test = iv_endpoint_metadata(rig->url, NULL);
	g_autofree char *heard = NULL;
	IvEndpoint nowhere = *usual;
	IvHttpFailure failure;

	g_assert_cmpstr(usual->base, ==, "http://100.100.100.200");
	g_assert_cmpstr(usual->host, ==, "100.100.100.200");
	g_assert_true(usual->metadata && !usual->loopback);
	g_assert_true(test->metadata && test->loopback);
	g_assert_null(iv_endpoint_metadata("https://metadata.example", &elsewhere));
	g_assert_error(elsewhere, IV_ERROR, IV_ERROR_USAGE);
	g_assert_null(iv_endpoint_metadata("http://100.100.100.200/x", &bad));
	g_assert_error(bad, IV_ERROR, IV_ERROR_USAGE);

	/* A proxy never hears of it.  The address is one that nobody has: a test asks no
	 * real service. */
	nowhere.base = (char *)"http://metadata.invalid";
	nowhere.host = (char *)"metadata.invalid";
	g_setenv("http_proxy", rig->url, TRUE);
	g_assert_null(ask((IvHttpRequest){.endpoint = &nowhere, .method = "GET", .target = "/",
					  .timeout_ms = 2000},
			  NULL, &failure, &none_there));
	g_assert_cmpint(failure, ==, IV_HTTP_NOT_SENT);
	g_unsetenv("http_proxy");
	g_usleep(50000);
	heard = http_rig_heard(rig);
	g_assert_null(heard);
}

static void check_proxy(void)
{
	static const struct {
		const char *name, *exempt;
		bool no_proxy, used;
	} rows[] = {
		{"https_proxy", NULL, false, true},
		{"HTTPS_PROXY", NULL, false, true},
		{"https_proxy", "oss.invalid", false, false},
		{"https_proxy", NULL, true, false},
		{"http_proxy", NULL, false, false},
	};
	g_autoptr(IvEndpoint) away = iv_endpoint_parse("https://oss.invalid", NULL);
	g_autoptr(GPtrArray) headers = g_ptr_array_new();

	g_ptr_array_add(headers, (gpointer) "Authorization: invented");
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GError) error = NULL;
		g_autofree char *heard = NULL;
		IvHttpFailure failure;

		g_setenv(rows[i].name, rig->url, TRUE);
		if (rows[i].exempt != NULL)
			g_setenv("no_proxy", rows[i].exempt, TRUE);
		g_assert_null(ask((IvHttpRequest){.endpoint = away, .method = "GET", .target = "/",
						  .headers = headers, .timeout_ms = 2000,
						  .no_proxy = rows[i].no_proxy},
				  rows[i].used ? "HTTP/1.1 200 x\r\n\r\n" : NULL, &failure, &error));
		g_assert_error(error, IV_ERROR, IV_ERROR_CLOUD);
		g_unsetenv(rows[i].name);
		g_unsetenv("no_proxy");
		heard = http_rig_heard(rig);
		g_assert_cmpint(heard != NULL, ==, rows[i].used);
		if (heard == NULL)
			continue;
		g_assert_true(g_str_has_prefix(heard, "CONNECT oss.invalid:443 HTTP/1.1\r\n"));
		g_assert_null(strstr(heard, "invented"));
	}
}

int main(int argc, char **argv)
{
	int status;

	g_test_init(&argc, &argv, NULL);
	rig = http_rig_new();
	here = iv_endpoint_parse(rig->url, NULL);
	none = g_ptr_array_new();
	g_test_add_func("/http/methods", check_methods);
	g_test_add_func("/http/body-breaks", check_body_breaks);
	g_test_add_func("/http/unknown-method", check_unknown_method);
	g_test_add_func("/http/headers", check_headers);
	g_test_add_func("/http/written", check_written);
	g_test_add_func("/http/no-redirect", check_no_redirect);
	g_test_add_func("/http/metadata", check_metadata);
	g_test_add_func("/http/proxy", check_proxy);
	g_test_add_func("/http/stall", check_stall);
	status = g_test_run();
	g_ptr_array_unref(none);
	iv_endpoint_free(here);
	http_rig_free(rig);
	return status;
}
