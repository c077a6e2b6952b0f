/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * read.h - reading answers that may be anything: members of JSON objects, each
 * checked, and the one message for an answer that makes no sense.
 */
#ifndef IV_SHARE_ALIBABA_CALL_READ_H
#define IV_SHARE_ALIBABA_CALL_READ_H

#include <glib.h>
#include <stdbool.h>

#include "scanner/base/cjson.h"
#include "scanner/base/error.h"

/* "ACTION: the answer makes no sense: WHAT", IV_ERROR_CLOUD.  False. */
bool iv_alibaba_nonsense(GError **error, const char *action, const char *what);

/* A member that is a string, or NULL.  Borrowed, and not fit to be printed. */
const char *iv_alibaba_text(const cJSON *object, const char *name);
/* The same, printable and at most 200 characters; "" when there is none. */
char *iv_alibaba_printable(const cJSON *object, const char *name);

/* The array in {"Outer": {"Inner": [...]}}, or NULL. */
const cJSON *iv_alibaba_list(const cJSON *answer, const char *outer, const char *inner);

/* A count: a whole number from 0 to a million. */
IV_MUST_CHECK
bool iv_alibaba_count(const cJSON *answer, const char *name, guint *count);

/* 2026-01-02T03:04:05Z as seconds since the epoch; 0 for anything else. */
gint64 iv_alibaba_time(const char *text);

/* An id of a thing in the cloud: 1 to 128 letters, digits, and -_. */
bool iv_alibaba_id_ok(const char *text);

#endif
