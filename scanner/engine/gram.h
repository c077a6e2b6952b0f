/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * gram.h - many literals sought in the text of a buffer.  Private to the engine.
 *
 * The literals are text, and most bytes of a disk are not: code, tables,
 * compressed data.  So one pass marks text (printable ASCII, and the white space
 * that \s of a pattern stands for), and only where at least IV_TEXT_RUN text bytes stand in a
 * row are the four bytes at each place (a gram, letters folded) looked up in a
 * bitmap; the few that are in it are looked up in a table and compared in full.
 * Every literal is filed under one of its own grams, the one that is least
 * common in files.  On a root file system this takes about half the time of a
 * general matcher (docs/performance.md); literal.c keeps that one for what does
 * not fit here.
 */
#ifndef IV_ENGINE_GRAM_H
#define IV_ENGINE_GRAM_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "scanner/base/error.h"

#define IV_TEXT_RUN 4u

typedef struct IvGrams IvGrams; /* immutable, threads share it */

/* n literals in lower case.  NULL when they cannot be sought so: one is shorter
 * than three bytes, or longer than 255, or has no four text bytes in a row (of
 * three: is not all text); or they are too many. */
IvGrams *iv_grams_new(const char *const *literals, guint n);
void iv_grams_free(IvGrams *grams);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvGrams, iv_grams_free)

/* Literal `index` ends before data[end]; any case.  Called in ascending order of
 * end.  Return false to stop. */
typedef bool (*IvGramFunc)(void *user, guint index, size_t end);

/* Report every literal in data.  One of three bytes counts only where a text byte
 * follows.  False when the callback stopped it, or when the
 * bytes were made to keep it busy. */
IV_MUST_CHECK
bool iv_grams_scan(const IvGrams *grams, const void *data, size_t size, IvGramFunc func,
		   void *user);

/* Use the plain code even where the processor could do better: for tests. */
void iv_grams_plain(IvGrams *grams);

#endif
