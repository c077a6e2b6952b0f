/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * wrap.h - text laid out in columns of a terminal, for scanner/report/ and cli/.
 *
 * Characters that could steer a terminal (reports may be a stranger's) become
 * \u{XX}, everywhere.
 */
#ifndef IV_REPORT_WRAP_H
#define IV_REPORT_WRAP_H

#include <glib.h>

/* Append text as lines of at most `columns`.  The first line goes on where the
 * cursor stands (column `at`), further ones are indented by `indent`.  Lines
 * break at blanks; a word too long for a line breaks behind '/', ':' or '-'
 * where it can, anywhere else otherwise, and nothing is left out.  Ends with a
 * newline. */
void iv_wrap(GString *out, const char *text, int at, int indent, int columns);

/* The same for `before`, then `path` in one piece, then `after`, with a blank
 * between them.  A path is there to be copied: it is never broken nor are its
 * blanks folded, and the terminal itself wraps one that is longer than a line.
 * One that a shell would not take literally stands in single quotes.  path may
 * be NULL. */
void iv_wrap_path(GString *out, const char *before, const char *path, const char *after, int at,
		  int indent, int columns);

/* Append text without any layout, one cell of a table: `width` columns, filled
 * up with blanks on the left (right != 0) or on the right.  Longer text is not
 * cut; two blanks follow. */
void iv_wrap_cell(GString *out, const char *text, int width, gboolean right);

#endif
