/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * literal.h - many literals sought at once, in any case.  Private to the
 * engine; literal.c is the only file that knows Vectorscan.
 *
 * Every literal has owners: small numbers (rule indexes) that the caller gave.
 */
#ifndef IV_ENGINE_LITERAL_H
#define IV_ENGINE_LITERAL_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "scanner/base/error.h"

typedef struct IvLiterals IvLiterals;		    /* immutable once compiled */
typedef struct IvLiteralScratch IvLiteralScratch; /* one per thread */

IvLiterals *iv_literals_new(void);
void iv_literals_free(IvLiterals *literals);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvLiterals, iv_literals_free)

/* The same literal may be added for several owners. */
void iv_literals_add(IvLiterals *literals, const char *text, guint owner);

/* Close the set.  for_long: the data will be long, much of it no text; a literal
 * of three bytes then counts only where a text byte follows it (gram.h). */
IV_MUST_CHECK
bool iv_literals_compile(IvLiterals *literals, bool for_long, GError **error);

IV_MUST_CHECK
IvLiteralScratch *iv_literal_scratch_new(const IvLiterals *literals, GError **error);
void iv_literal_scratch_free(IvLiteralScratch *scratch);

/* A literal ends before data[end]: called in ascending order of end.  owners
 * has n entries.  Return false to stop. */
typedef bool (*IvLiteralFunc)(void *user, const guint *owners, guint n, size_t start, size_t end);

/* False when the callback stopped the search, or the search failed. */
IV_MUST_CHECK
bool iv_literals_scan(const IvLiterals *literals, IvLiteralScratch *scratch, const void *data,
		      size_t size, IvLiteralFunc func, void *user);

#endif
