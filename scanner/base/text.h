/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * text.h - bytes of an image made fit for people: names may be any bytes.
 */
#ifndef IV_BASE_TEXT_H
#define IV_BASE_TEXT_H

#include <glib.h>
#include <stdint.h>

#include "scanner/base/error.h"

/* A printable UTF-8 copy of len arbitrary bytes: valid printable UTF-8 stays;
 * every other byte (control characters, broken sequences, bidirectional
 * overrides, a backslash) becomes \xHH, so different inputs stay different.
 * The caller frees the result.  len may be -1 for a NUL-terminated string. */
char *iv_text_printable(const char *bytes, gssize len);

/* Does the character do something to a terminal but print there?  Controls,
 * overrides of direction and other formatting, line separators, and what
 * Unicode has not assigned. */
gboolean iv_text_steers(gunichar c);

/* A copy of valid UTF-8 for one line of a terminal: blanks and line breaks
 * become blanks, what steers becomes \u{HEX}.  Unlike iv_text_printable() it
 * leaves printable text as it is, so that a second call changes nothing.  The
 * caller frees the result. */
char *iv_text_one_line(const char *text);

/* Lower-case hex of len bytes; the caller frees it. */
char *iv_text_hex(const uint8_t *bytes, size_t len);

/* Reverse of iv_text_hex(): fills exactly len bytes, or returns FALSE when the
 * text is not exactly 2*len hex digits. */
IV_MUST_CHECK
gboolean iv_text_unhex(const char *text, uint8_t *bytes, size_t len);

/* "1.5 GiB" style size, at most 10 characters; the caller frees it. */
char *iv_text_size(uint64_t bytes);

/* Each text once, in the order of its first appearance; NULL is an empty list.
 * Free with g_strfreev(). */
GStrv iv_text_unique(const char *const *texts);

/* Overwrite a secret text, then free it; NULL is nothing. */
void iv_text_wipe(char *text);

#endif
