/*
 * http.h - one bounded HTTPS exchange.  http.c is the only file that knows
 * libcurl.
 *
 * Certificates are always verified, redirects are never followed, only https
 * is spoken (http to loopback alone, for tests), and an answer has a ceiling
 * (share/limits.h).  Nothing is retried here: one call, one connection, one
 * request.
 */
#ifndef IV_SHARE_HTTP_H
#define IV_SHARE_HTTP_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

/* --- where to ---------------------------------------------------------------- */

typedef struct {
	char *base;    /* "https://ecs.cn-hangzhou.aliyuncs.com" without a slash at the end */
	char *host;    /* exactly the Host header: "name", or "name:port" where not the default */
	bool loopback; /* 127.0.0.0/8, ::1 or localhost */
} IvEndpoint;

/* Read "https://host[:port]".  IV_ERROR_USAGE for anything more (user, path,
 * query), for another scheme, and for http to a host that is not loopback. */
IvEndpoint *iv_endpoint_parse(const char *url, GError **error);
void iv_endpoint_free(IvEndpoint *endpoint);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvEndpoint, iv_endpoint_free)

/* --- one exchange --------------------------------------------------------------- */

typedef struct {
	const IvEndpoint *endpoint;
	const char *method; /* "GET" or "POST" */
	const char *target; /* path and query, beginning with '/' */
	const GPtrArray *headers; /* char *: "name: value"; Host and Content-Length are made here,
				   * and no Content-Type is sent unless it is listed */
	const void *body; /* of a POST; may be NULL with length 0 */
	size_t length;
	unsigned timeout_ms; /* 0: IV_HTTP_TOTAL_MS */
} IvHttpRequest;

typedef struct {
	long status;	/* 200 ... */
	char *body;	/* length bytes and a NUL behind them */
	size_t length;
	gint64 date;	/* Date header, seconds since the epoch; 0 when absent or odd */
	gint64 retry_after_ms; /* x-acs-retry-after (milliseconds) or Retry-After (seconds); -1 */
} IvHttpAnswer;

void iv_http_answer_free(IvHttpAnswer *answer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvHttpAnswer, iv_http_answer_free)

/* What a failed exchange means for trying again. */
typedef enum {
	IV_HTTP_NOT_SENT, /* nothing reached the server: any request may be repeated */
	IV_HTTP_BROKEN,	  /* it may have acted, and the answer got lost */
	IV_HTTP_USELESS,  /* repeating will not help: bad certificate, answer too large */
} IvHttpFailure;

/* Every answer of a server is a success here, whatever its status.  On failure
 * NULL, *failure, and IV_ERROR_CLOUD. */
IvHttpAnswer *iv_http_exchange(const IvHttpRequest *request, IvHttpFailure *failure,
			       GError **error);

#endif
