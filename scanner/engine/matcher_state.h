/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * matcher_state.h - the state of one thread's search.  Private to the engine.
 *
 * matcher.c begins items and takes blocks, path_rules.c says which rules a path
 * switches on, windows.c turns literal hits into windows, window_search.c runs
 * PCRE2 over them, and ranking.c reports what speaks.
 *
 * The result must not depend on where blocks begin.  So hits are merged inside
 * cells of the *item* (IV_CELL bytes, counted from the item's first byte), and
 * a window is made of one cell's hits.  The context before a block holds the
 * cell of the block's first byte, the cell before that, and both cells'
 * windows (IV_BLOCK_BEFORE = 2 cells + the largest `before`).
 */
#ifndef IV_ENGINE_MATCHER_STATE_H
#define IV_ENGINE_MATCHER_STATE_H

#include "scanner/base/limits.h"
#include "scanner/base/skip.h"
#include "scanner/engine/names.h"
#include "scanner/engine/ruleset.h"

/* Bytes of an item whose hits may share a window. */
#define IV_CELL ((IV_BLOCK_BEFORE - IV_MAX_RULE_BEFORE) / 2)
/* Bytes around a block in which specific matches silence generic ones. */
#define IV_NEIGHBOUR 1024u

typedef struct {
	guint rule;
	size_t first, last; /* of the block: start of the first hit, end of the last */
	uint64_t cell;
} IvWindow;

/* What is known of a rule in this block (when its epoch is the block's). */
typedef struct {
	guint64 epoch;
	guint window;  /* the newest window, or IV_NO_WINDOW */
	size_t resume; /* the end of its last match */
	guint matches;
	guint limits;	 /* windows that ended at the match limit */
	uint64_t starts; /* positions tried */
	uint64_t costly; /* the same, with the high limit */
	bool stopped;
} IvRuleState;

#define IV_NO_WINDOW G_MAXUINT

/* What is known of a rule for this item. */
enum {
	IV_PATH_APPLIES = 1,
	IV_NOT_PATH_KNOWN = 2,
	IV_NOT_PATH_APPLIES = 4,
	IV_ON_KNOWN = 8,    /* IV_ON is the answer, and of an "off" iv_matcher_skip() was told */
	IV_QUIET_KNOWN = 16,
	IV_QUIET = 32,
	IV_ON = 64,
};

typedef struct {
	guint rule;
	IvRegexHit at; /* offsets in the block */
	double entropy;
	const char *note;
	IvSeverity severity;
	uint64_t speaks; /* for these kinds of names: for others one of a higher rank does */
} IvFound;

struct IvMatcher {
	const IvRuleSet *set;
	IvLiteralScratch *literals, *path_literals;
	IvRegexScratch *regex;
	GString *path; /* of the item */
	bool has_path;
	uint64_t size; /* of the item */
	const IvMatchSink *sink;
	void *user;
	uint8_t *item;	    /* per rule: IV_PATH_APPLIES ... */
	IvRuleState *rules; /* per rule */
	GArray *applies;    /* guint: rules with IV_PATH_APPLIES */
	GArray *silenced;   /* guint: rules that only a path switches off: few of them all */
	guint only;	    /* G_MAXUINT: all rules */
	const IvNames *names; /* of the item, or NULL: it has `path`, or none */
	uint64_t *kinds;    /* per rule: the kinds of names for which it is on (with names) */
	uint64_t skips[IV_SKIP_COUNT]; /* since the item began */

	/* The block in hand. */
	const IvBlock *block;
	guint64 epoch;
	IvWindow *windows;
	guint n_windows, hits;
	size_t flood_at;
	GArray *found; /* IvFound */
	uint64_t starts, costly;
	bool stopped;
};

/* [from, to) of the block was not searched for a rule (NULL: for any). */
void iv_unsearched(IvMatcher *m, size_t from, size_t to, const IvRule *rule, const char *reason);

/* iv_skip() for decisions that come by the million: counted here, and handed over
 * when the item ends. */
void iv_matcher_skip(IvMatcher *m, IvSkip reason);
void iv_matcher_hand_over_skips(IvMatcher *m);

/* The state of rule i in the block in hand, fresh at the first call. */
IvRuleState *iv_rule_state(IvMatcher *m, guint i);

#endif
