/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * json.h - strict JSON for reports, private to scanner/report/.
 *
 * A report is read by several programs and signed once, so all of them must
 * read the same thing: what JSON parsers are known to disagree about (double
 * keys, numbers beyond 2^53, "\u0000", lone surrogates, broken UTF-8, text
 * behind the document) is refused.  cJSON builds the tree; it is lenient, so
 * iv_json_check_text() reads the bytes before it does.
 */
#ifndef IV_REPORT_JSON_H
#define IV_REPORT_JSON_H

#include <glib.h>
#include <stdbool.h>

#include "scanner/base/cjson.h"
#include "scanner/base/error.h"

/* Is the text one JSON document of RFC 8259, at most IV_MAX_JSON_DEPTH deep,
 * whose numbers are all integers of at most IV_MAX_JSON_INTEGER?  The error
 * (IV_ERROR_CORRUPT) begins with line and column.  Does not see double keys. */
IV_MUST_CHECK
bool iv_json_check_text(const char *text, size_t len, GError **error);

/* Does no object of the tree hold the same key twice, and is the tree at most
 * IV_MAX_JSON_DEPTH deep? */
IV_MUST_CHECK
bool iv_json_check_tree(const cJSON *json, GError **error);

/* Both checks and the tree; the caller deletes it. */
IV_MUST_CHECK
cJSON *iv_json_parse(const char *text, size_t len, GError **error);

#endif
