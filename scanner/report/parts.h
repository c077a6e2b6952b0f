/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * parts.h - a report taken apart, and put together again from its parts: what a
 * child process that made one sends to its parent (scanner/process/).
 *
 * Each part is an object of the report, described by the same table of fields as
 * its JSON (fields.h).  A part that is a list has any number of objects, up to a
 * ceiling.  What is no part (origin, signature) no child may send.  A new list
 * of the report needs its row in format.c, or it is lost on the way: a test
 * compares.
 *
 * As bytes an object is its fields in the table's order: a text is its length
 * (32 bits, all ones for null) and its bytes; a list of texts their number and
 * the texts; a number 64 bits; true and false and a severity one byte.  All are
 * little-endian.
 */
#ifndef IV_REPORT_PARTS_H
#define IV_REPORT_PARTS_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scanner/base/error.h"
#include "scanner/report/fields.h"
#include "scanner/report/report.h"

typedef struct {
	const char *name; /* as in docs/report.md: "findings" */
	const IvField *fields;
	size_t n;
	void *(*at)(IvReport *report, guint i); /* the i-th object; NULL behind the last */
	void *(*add)(IvReport *report);		/* a new one; NULL: there is exactly one */
	guint most;				/* objects */
	const char *const *known; /* fields that are not sent, as the parent knows them; or NULL */
} IvReportPart;

/* Static; the order is that of sending. */
const IvReportPart *iv_report_parts(unsigned *count);

/* The part of that name, which must exist. */
const IvReportPart *iv_report_part(const char *name);

/* Append an object of a part. */
void iv_part_write(GByteArray *out, const IvReportPart *part, const void *from);

/* Fill `to` from exactly these bytes, freeing the strings it held; `index` is its
 * place in a list, for errors.  Demands every field with its type and form, and
 * nothing behind them: IV_ERROR_CORRUPT names the field.  Texts are read as
 * fields.h says.  What is `known` stays as it is. */
IV_MUST_CHECK
bool iv_part_read(const uint8_t *bytes, size_t len, const IvReportPart *part, guint index, void *to,
		  GError **error);

#endif
