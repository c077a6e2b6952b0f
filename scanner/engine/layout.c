/* SPDX-License-Identifier: GPL-3.0-or-later */
/* layout.c - see layout.h */
#include "scanner/engine/layout.h"

#include <glib.h>
#include <string.h>

/* Bytes of a line of a pattern that people still read. */
#define READABLE 80

bool iv_pattern_has_options(const char *pattern)
{
	size_t n = g_str_has_prefix(pattern, "(?") ? strspn(pattern + 2, "imsxnJU-") : 0;

	return n > 0 && pattern[2 + n] == ')';
}

bool iv_pattern_is_extended(const char *pattern)
{
	return iv_pattern_has_options(pattern) &&
	       memchr(pattern, 'x', strcspn(pattern, "-)")) != NULL;
}

/* Bytes of a line in front of its comment, not counting the names of pieces. */
static size_t own_bytes(const char *line, bool extended, guint *comments)
{
	size_t n = 0;

	for (const char *c = line; *c != '\0';) {
		const char *end = g_str_has_prefix(c, "{{") ? strstr(c, "}}") : NULL;

		if (extended && *c == '#' && (c == line || g_ascii_isspace(c[-1]))) {
			(*comments)++;
			return n;
		}
		n += end == NULL;
		c = end != NULL ? end + 2 : c + 1;
	}
	return n;
}

bool iv_pattern_is_dense(const char *pattern)
{
	bool extended = iv_pattern_is_extended(pattern), long_line = false;
	g_auto(GStrv) lines = g_strsplit(pattern, "\n", -1);
	size_t total = 0;
	guint comments = 0;

	for (guint i = 0; lines[i] != NULL; i++) {
		size_t n = own_bytes(g_strchug(lines[i]), extended, &comments);

		total += n;
		long_line = long_line || n > READABLE;
	}
	return extended ? long_line || (total > READABLE && comments == 0) : total > READABLE;
}
