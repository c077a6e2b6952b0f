/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * anchors.h - from a pattern to literals, one of which every match contains.
 * Private to the engine.
 */
#ifndef IV_ENGINE_ANCHORS_H
#define IV_ENGINE_ANCHORS_H

#include <glib.h>
#include <stdbool.h>

/* Fewest bytes of a derived anchor: shorter ones hit everywhere. */
#define IV_ANCHOR_MIN 3
/* Most bytes of an anchor, and most literals in a set. */
#define IV_ANCHOR_MAX 32
#define IV_ANCHOR_SET_MAX 64

/* Lower-case literals such that every match of the PCRE2 pattern contains one
 * of them (in any case); NULL when none can be derived.  The pattern must
 * have compiled. */
GStrv iv_anchors_derive(const char *pattern);

/* Is this a word such as "password" or "token" that is everywhere? */
bool iv_anchor_is_generic(const char *anchor);

#endif
