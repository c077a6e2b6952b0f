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

/* Bytes that are as good as endless. */
#define IV_REACH_ENDLESS (1u << 24)

typedef struct {
	unsigned longest; /* bytes that a match and its look-ahead have at most */
	unsigned anchor;  /* bytes from its beginning to an anchor at most; UINT_MAX: none is sure */
} IvReach;

/* How far does a match reach?  IV_REACH_ENDLESS where the pattern sets no end, or its
 * syntax is not known.  Where the anchor is farther than `enough` bytes, a repeat at the
 * very beginning of the pattern counts with its least number: the same match, begun later,
 * is a match as well.  Whether a "\b" of an anchor holds is not looked at. */
IvReach iv_anchors_measure(const char *pattern, char *const *anchors, unsigned enough);

/* A given anchor may begin with "\b": it counts only where neither a letter nor a digit
 * stands before it.  The literal behind that. */
const char *iv_anchor_literal(const char *anchor);
bool iv_anchor_begins_word(const char *anchor);

/* Is this a word such as "password" or "token" that is everywhere? */
bool iv_anchor_is_generic(const char *anchor);

#endif
