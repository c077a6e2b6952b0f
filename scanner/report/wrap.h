/*
 * wrap.h - text laid out in columns of a terminal.  Private to scanner/report/.
 */
#ifndef IV_REPORT_WRAP_H
#define IV_REPORT_WRAP_H

#include <glib.h>

/* Append text as lines of at most `columns`.  The first line goes on where the
 * cursor stands (column `at`), further ones are indented by `indent`.  Lines
 * break at blanks; a word too long for a line breaks behind '/', ':' or '-'
 * where it can, anywhere else otherwise, and nothing is left out.  Characters
 * that could steer a terminal (reports may be a stranger's) become \u{XX}.
 * Ends with a newline. */
void iv_wrap(GString *out, const char *text, int at, int indent, int columns);

#endif
