/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * page.h - text for a terminal of so many columns, in colour or not.  Private to
 * scanner/report/.
 */
#ifndef IV_REPORT_PAGE_H
#define IV_REPORT_PAGE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct {
	GString *out;
	int columns;
	bool colour;
} IvPage;

/* A wrapped line; the cursor stands at column `at`, and blanks were written up
 * to there. */
void iv_page_line(IvPage *page, int at, int indent, const char *format, ...)
	G_GNUC_PRINTF(4, 5);

/* Text in a colour, where colours are wanted: it must need no wrapping. */
void iv_page_painted(IvPage *page, const char *colour, const char *text);

#define IV_PAGE_BAD  "\033[1;31m"
#define IV_PAGE_WARN "\033[1;33m"
#define IV_PAGE_GOOD "\033[32m"

/* text, or other when it is NULL or empty. */
const char *iv_page_text_or(const char *text, const char *other);

const char *iv_page_plural(uint64_t n, const char *one, const char *many);

#endif
