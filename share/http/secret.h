/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * secret.h - what in an exchange is a secret, by its name or because it mentions one; in doubt it
 * is one.  Internal to share/http/.
 */
#ifndef IV_SHARE_HTTP_SECRET_H
#define IV_SHARE_HTTP_SECRET_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#include "scanner/base/error.h"

#define IV_HTTP_HIDDEN "(hidden)"

/* The name of a header, parameter or member whose value is a secret. */
bool iv_http_secret_name(const char *name);
/* May this value not be shown beside that name? */
bool iv_http_secret_value(const char *name, const char *value);

/* A JSON object or list with its secrets hidden, or NULL when it is neither. */
IV_MUST_CHECK
char *iv_http_safe_json(const char *bytes, size_t len);
/* XML that mentions no secret, as it is, or NULL. */
IV_MUST_CHECK
char *iv_http_safe_xml(const char *bytes, size_t len);

#endif
