/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * debug.h - an exchange as debug lines that hold no secret (the hook is iv_http_debug() of http.h).
 * Internal to share/http/.
 *
 * A value is hidden by its name (in headers, query, form and JSON), a text that mentions such a
 * name is hidden whole, and every hidden value of the request is hidden in all lines, so that a
 * server that repeats it does not reveal it.
 */
#ifndef IV_SHARE_HTTP_DEBUG_H
#define IV_SHARE_HTTP_DEBUG_H

#include "share/http/http.h"

typedef struct IvHttpLog IvHttpLog;

/* Writes the lines of the request; NULL when no hook is set.  The other functions accept NULL. */
IvHttpLog *iv_http_log_begin(const IvHttpRequest *request);
void iv_http_log_answer(IvHttpLog *log, const IvHttpAnswer *answer);
void iv_http_log_failure(IvHttpLog *log, const char *message);
void iv_http_log_free(IvHttpLog *log);

#endif
