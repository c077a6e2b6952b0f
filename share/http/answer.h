/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * answer.h - an answer while its header lines come in.  Internal to share/http/.
 */
#ifndef IV_SHARE_HTTP_ANSWER_H
#define IV_SHARE_HTTP_ANSWER_H

#include "share/http/http.h"

IvHttpAnswer *iv_http_answer_new(void);

/* One line as it comes, line end included: a status line, a header, or the
 * empty line. */
void iv_http_answer_take(IvHttpAnswer *answer, const char *bytes, size_t len);

#endif
