/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * http.h - one bounded HTTPS exchange.  http.c and endpoint.c are the
 * only files that know libcurl.
 *
 * Certificates are always verified, redirects are never followed, only https
 * is spoken (http to loopback for tests, and to the one address of the
 * metadata service), and what is kept of an answer has a ceiling
 * (share/base/limits.h).  A proxy is taken from the environment as libcurl reads it
 * (https_proxy, HTTPS_PROXY, no_proxy, NO_PROXY), never for loopback and never
 * for the metadata service.  Nothing is retried here: one call, one
 * connection, one request.  Exchanges may run in several threads at once.
 */
#ifndef IV_SHARE_HTTP_HTTP_H
#define IV_SHARE_HTTP_HTTP_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#include "scanner/base/error.h"

/* --- where to ---------------------------------------------------------------- */

typedef struct {
	char *base;    /* "https://cloud.example" without a slash at the end */
	char *host;    /* exactly the Host header: "name", or "name:port" where not the default */
	bool loopback; /* 127.0.0.0/8, ::1 or localhost */
	bool metadata; /* the metadata service: plain http, never through a proxy */
} IvEndpoint;

/* Read "https://host[:port]".  IV_ERROR_USAGE for anything more (user, path,
 * query), for another scheme, and for http to a host that is not loopback. */
IV_MUST_CHECK
IvEndpoint *iv_endpoint_parse(const char *url, GError **error);

/* The metadata service of an instance, http://100.100.100.200 (an address that
 * only the instance itself can reach), or `override_url`, which must be on
 * loopback: IV_ERROR_USAGE otherwise. */
IV_MUST_CHECK
IvEndpoint *iv_endpoint_metadata(const char *override_url, GError **error);

void iv_endpoint_free(IvEndpoint *endpoint);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvEndpoint, iv_endpoint_free)

/* --- one exchange --------------------------------------------------------------- */

typedef struct {
	long status;	/* 200 ... */
	char *body;	/* length bytes and a NUL behind them; "" when it was written away */
	size_t length;
	guint64 written; /* bytes given to the request's write() */
	gint64 date;	/* Date header, seconds since the epoch; 0 when absent or odd */
	gint64 retry_after_ms; /* Retry-After when it is a number of seconds; -1 */
	GPtrArray *headers; /* char *: "name: value"; see iv_http_header() */
} IvHttpAnswer;

/* Value of the first header of that name (any case), or NULL.  These bytes are the server's: check
 * them, or make them printable, before use. */
const char *iv_http_header(const IvHttpAnswer *answer, const char *name);

void iv_http_answer_free(IvHttpAnswer *answer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvHttpAnswer, iv_http_answer_free)

/* What read() returns when the body cannot be had: the exchange ends. */
#define IV_HTTP_READ_FAILED ((size_t)-1)

typedef struct {
	const IvEndpoint *endpoint;
	const char *method; /* "GET", "HEAD", "POST", "PUT" or "DELETE" */
	const char *target; /* path and query, beginning with '/' */
	const GPtrArray *headers; /* char *: "name: value"; Host and Content-Length are made here,
				   * and no Content-Type is sent unless it is listed */

	/* The body of a POST or PUT: `length` bytes at `body`, or out of read(). */
	const void *body;
	guint64 length;
	/* Up to `room` next bytes of the body into `buffer`; how many, at least 1. */
	size_t (*read)(void *user, void *buffer, size_t room);

	/* Takes the body of a 2xx answer piece by piece, with status and headers complete; false
	 * stops the exchange (IV_HTTP_STOPPED).  Other answers, and all without it, go to
	 * answer->body. */
	bool (*write)(void *user, const IvHttpAnswer *answer, const void *bytes, size_t len);
	/* Called often, in the caller's thread; false stops the exchange. */
	bool (*progress)(void *user, guint64 sent, guint64 received);
	void *user; /* of the three callbacks */

	unsigned connect_ms; /* until connected, TLS included; 0: IV_HTTP_CONNECT_MS */
	unsigned timeout_ms; /* the whole exchange; 0: IV_HTTP_TOTAL_MS, or no limit if stall_ms is
			      * set */
	unsigned stall_ms;   /* at least IV_HTTP_STALL_BYTES must move in each such time; 0: no such
			    * limit.  For streamed bodies, whose total time cannot be known */
	bool no_proxy;	   /* whatever the environment says */
	bool hide_target;  /* the path itself is a secret: it stays out of debug lines */
} IvHttpRequest;

/* What a failed exchange means for trying again. */
typedef enum {
	IV_HTTP_NOT_SENT, /* nothing reached the server: any request may be repeated */
	IV_HTTP_BROKEN,	  /* it may have acted, and the answer got lost */
	IV_HTTP_USELESS,  /* repeating will not help: bad certificate, answer too large */
	IV_HTTP_STOPPED,  /* a callback stopped it; the server may have acted */
} IvHttpFailure;

/* Every answer of a server is a success here, whatever its status.  On failure
 * NULL, *failure, and IV_ERROR_CLOUD. */
IV_MUST_CHECK
IvHttpAnswer *iv_http_exchange(const IvHttpRequest *request, IvHttpFailure *failure,
			       GError **error);

/* --- debug lines --------------------------------------- */

/* One line, printable, without a secret: "> POST https://host/?Name=value", "> name: value", ">
 * body: ...", "< 200", "< name: value", "< body: ...", "! why it failed".  Key ids, secrets, tokens
 * and signatures are "(hidden)" wherever they occur; a body that is not known to be harmless is
 * left out. */
typedef void (*IvHttpDebug)(void *user, const char *line);

/* For all exchanges of the process that begin from now on; NULL ends it.
 * Lines come from the thread of their exchange, one at a time; the hook must
 * not begin an exchange.  Set it before the threads start. */
void iv_http_debug(IvHttpDebug hook, void *user);

#endif
