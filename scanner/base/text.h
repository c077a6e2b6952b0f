/*
 * text.h - bytes of an image made fit for people: names may be any bytes.
 */
#ifndef IV_BASE_TEXT_H
#define IV_BASE_TEXT_H

#include <glib.h>
#include <stdint.h>

/* A printable UTF-8 copy of len arbitrary bytes: valid printable UTF-8 stays;
 * every other byte (control characters, broken sequences, bidirectional
 * overrides, a backslash) becomes \xHH, so different inputs stay different.
 * The caller frees the result.  len may be -1 for a NUL-terminated string. */
char *iv_text_printable(const char *bytes, gssize len);

/* Lower-case hex of len bytes; the caller frees it. */
char *iv_text_hex(const uint8_t *bytes, size_t len);

/* Reverse of iv_text_hex(): fills exactly len bytes, or returns FALSE when the
 * text is not exactly 2*len hex digits. */
gboolean iv_text_unhex(const char *text, uint8_t *bytes, size_t len);

/* "1.5 GiB" style size, at most 10 characters; the caller frees it. */
char *iv_text_size(uint64_t bytes);

#endif
