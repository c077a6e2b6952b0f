/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * layout.h - how a pattern is written: options in front, comments, long lines.
 * Private to the engine.
 */
#ifndef IV_ENGINE_LAYOUT_H
#define IV_ENGINE_LAYOUT_H

#include <stdbool.h>

/* Does it begin with options, "(?i)" or "(?xm)"?  They hold to the end of its group. */
bool iv_pattern_has_options(const char *pattern);
/* Is (?x) among them: blanks and comments do not count? */
bool iv_pattern_is_extended(const char *pattern);
/* Is it, as it is written, longer than 80 bytes, and neither laid out with (?x)
 * and comments nor built from {{pieces}}?  Nobody can read such a one. */
bool iv_pattern_is_dense(const char *pattern);

#endif
