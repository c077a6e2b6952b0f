/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fields.h - a C structure and its JSON object, described by one table.
 * Private to scanner/report/.
 *
 * The table is the format: writing and reading walk the same rows, so neither
 * can forget a field.  Reading demands every field with its type and form, and
 * leaves fields it does not know alone (a later imgvet may have added them;
 * what must not be ignored comes with a new schema number).  Texts are read as
 * one line of a terminal (iv_text_one_line()): a report may be a stranger's, and
 * every verb prints parts of it.
 */
#ifndef IV_REPORT_FIELDS_H
#define IV_REPORT_FIELDS_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#include "scanner/base/cjson.h"
#include "scanner/base/error.h"

typedef enum {
	IV_FIELD_TEXT,	      /* char *; NULL is written as "" */
	IV_FIELD_TEXT_OR_NULL, /* char *; NULL is null, "" is refused */
	IV_FIELD_COUNT,	      /* uint64_t */
	IV_FIELD_POSITIVE,    /* uint64_t, at least 1 */
	IV_FIELD_LINE,	      /* uint64_t; 0 is null */
	IV_FIELD_DISK_OFFSET, /* int64_t; -1 is null */
	IV_FIELD_BOOL,	      /* bool */
	IV_FIELD_SEVERITY,    /* IvSeverity, by name */
	IV_FIELD_TEXTS,	      /* GStrv; NULL is [] */
	IV_FIELD_TIME,	      /* gint64 seconds since the epoch as "2026-01-31T23:59:59Z" */
} IvFieldKind;

typedef struct {
	const char *name;
	IvFieldKind kind;
	size_t at;	    /* offset in the structure */
	const char *prefix; /* texts of a fixed form: this, then */
	unsigned hex;	    /* so many lower-case hex digits; 0: any text */
} IvField;

/* Where an object stands, for errors: "findings" and 3 say "findings[3]". */
typedef struct {
	const char *object; /* "" for the top */
	gint64 index;	    /* -1: not in an array */
} IvFieldPlace;

/* Add every field of `from` to the object.  Strings that are not UTF-8 are made
 * printable; a count beyond IV_MAX_JSON_INTEGER is written as that limit. */
void iv_fields_write(cJSON *object, const IvField *fields, size_t n, const void *from);

/* Fill `to` from the object, freeing the strings it held.  On failure what was
 * read stays in `to`, for its owner to free. */
IV_MUST_CHECK
bool iv_fields_read(const cJSON *object, const IvField *fields, size_t n, IvFieldPlace place,
		    void *to, GError **error);

/* Has a text the prefix and the hex digits that its field demands? */
bool iv_field_has_form(const IvField *field, const char *text);

/* The child of an object by its exact name and type, or an error that names it. */
IV_MUST_CHECK
cJSON *iv_fields_object(const cJSON *json, const char *name, GError **error);
IV_MUST_CHECK
cJSON *iv_fields_array(const cJSON *json, const char *object, const char *name, GError **error);

/* A new child: aborts when memory ends, as g_malloc() does, because a part that
 * is silently absent from a report would be a false "clean". */
cJSON *iv_fields_add(cJSON *object, const char *static_name, cJSON *child);
void iv_fields_append(cJSON *array, cJSON *child);
cJSON *iv_fields_text(const char *text);

#endif
