/* SPDX-License-Identifier: GPL-3.0-or-later */
/* page.c - see page.h */
#include "scanner/report/page.h"

#include <stdarg.h>

#include "scanner/report/wrap.h"

void iv_page_line(IvPage *page, int at, int indent, const char *format, ...)
{
	g_autofree char *text = NULL;
	va_list args;

	va_start(args, format);
	text = g_strdup_vprintf(format, args);
	va_end(args);
	iv_wrap(page->out, text, at, indent, page->columns);
}

void iv_page_painted(IvPage *page, const char *colour, const char *text)
{
	if (page->colour)
		g_string_append_printf(page->out, "%s%s\033[0m", colour, text);
	else
		g_string_append(page->out, text);
}

const char *iv_page_plural(uint64_t n, const char *one, const char *many)
{
	return n == 1 ? one : many;
}

const char *iv_page_text_or(const char *text, const char *other)
{
	return text != NULL && *text != '\0' ? text : other;
}
