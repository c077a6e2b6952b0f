/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * anchor_parts.h - what anchors.c is made of: sets of literals, and the small
 * pieces of a pattern's syntax.  Private to anchors.c, anchor_set.c and
 * anchor_class.c; anchors.c explains the idea.
 */
#ifndef IV_ENGINE_ANCHOR_PARTS_H
#define IV_ENGINE_ANCHOR_PARTS_H

#include "scanner/engine/anchors.h"

/* Strings of one run; more would be a set that is too large to be an anchor. */
#define IV_EXACT_MAX IV_ANCHOR_SET_MAX

/* --- anchor_set.c: sets of lower-case strings ---------------------------------------- */

GPtrArray *iv_lits_new(void);
GPtrArray *iv_lits_of(const char *text);
GPtrArray *iv_lits_copy(const GPtrArray *set);
void iv_lits_add(GPtrArray *set, const char *text);
void iv_lits_free(GPtrArray *set);
/* Every string of a followed by every string of b; NULL when that is too much. */
GPtrArray *iv_lits_cross(const GPtrArray *a, const GPtrArray *b);
/* Leave out literals that contain another one of the set: the shorter suffices. */
GPtrArray *iv_lits_minimal(const GPtrArray *set);
/* How rare is the commonest of them?  0: no anchor. */
int iv_lits_score(const GPtrArray *set);
/* Keep the better of *best and the candidate (either may be NULL). */
void iv_lits_consider(GPtrArray **best, const GPtrArray *candidate);

/* --- anchor_class.c: bytes, escapes and classes of a pattern ------------------------------ */

/* What is known of a part of the pattern. */
typedef struct {
	GPtrArray *exact; /* char *, or NULL */
	GPtrArray *need;  /* char *, or NULL */
	bool empty;	  /* zero-width: an assertion, an option setting */
	bool setting;	  /* (?i) and the like */
	unsigned longest; /* bytes at most, look-ahead included: IV_REACH_ENDLESS */
	unsigned anchor;  /* bytes before a wanted anchor at most; UINT_MAX: perhaps none */
} IvAnchorPart;

#define IV_PART_NONE ((IvAnchorPart){.anchor = UINT_MAX})

typedef struct {
	const char *at;
	bool extended;	    /* (?x): white space and # comments mean nothing */
	bool extended_more; /* (?xx): blanks in classes neither */
	bool failed;
	unsigned depth;
	char *const *wanted; /* anchors that are looked for, lower case; or NULL */
	bool trim; /* repeats at the very beginning count with their least number */
} IvPattern;

void iv_pattern_give_up(IvPattern *p);
/* White space and comments, where they mean nothing. */
void iv_pattern_skip_blank(IvPattern *p);
/* One character after a backslash that stands for itself or a control
 * character; -1: not one. */
int iv_pattern_escape(char c);
/* \xHH and \x{HH} behind the x; -1 when it is neither or no byte. */
int iv_pattern_hex(IvPattern *p);
/* Add what \d, \w, \s, \h, \v or their opposites match. */
void iv_pattern_fill_class(bool *set, char kind);
/* A set of bytes as an exact part, when it is small after folding case. */
IvAnchorPart iv_pattern_set(const bool *set);
IvAnchorPart iv_pattern_byte(int c);
/* At "[": the whole class. */
IvAnchorPart iv_pattern_class(IvPattern *p);

/* --- anchor_sequence.c: quantifiers, and parts in a row ------------------------------------- */

typedef struct {
	unsigned min, max; /* max UINT_MAX: no end */
} IvRepeat;

typedef struct {
	GPtrArray *run;	 /* strings the parts so far can end with, exactly */
	GPtrArray *best; /* the best candidate so far, or NULL */
	bool exact;	 /* nothing was lost: the run is all that was matched */
	char *const *wanted;
	bool trim;	 /* nothing but settings so far: leading repeats may be cut */
	unsigned total;	 /* bytes so far at most */
	unsigned run_at; /* bytes before the run at most */
	unsigned ahead;	 /* bytes that look-ahead reaches at most */
	unsigned anchor; /* as in IvAnchorPart */
} IvSequence;

unsigned iv_reach_add(unsigned a, unsigned b);
/* The quantifier at p, if there is one. */
IvRepeat iv_pattern_repeat(IvPattern *p);
void iv_sequence_add(IvSequence *s, IvAnchorPart *part, IvRepeat repeat);
/* Hands over what the sequence holds. */
void iv_sequence_end(IvSequence *s, IvAnchorPart *result);

#endif
