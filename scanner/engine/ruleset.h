/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ruleset.h - a rule set as the engine sees it: compiled, indexed, immutable.
 * Private to the engine.
 */
#ifndef IV_ENGINE_RULESET_H
#define IV_ENGINE_RULESET_H

#include "scanner/base/error.h"
#include "scanner/engine/engine.h"
#include "scanner/engine/judge.h"
#include "scanner/engine/literal.h"
#include "scanner/engine/regex.h"

/* Beside the rule's index in an owner of `anchors`: the literal counts only where neither
 * a letter nor a digit stands before it. */
#define IV_WORD_START (1u << 31)

typedef struct {
	const IvRule *rule;
	IvRegex *pattern, *path, *not_path, *quiet_path; /* each may be NULL */
	GPtrArray *allow;		    /* IvRegex */
	const IvSecretCheck *check;		    /* or NULL */
	bool derived;			    /* the anchors came from the pattern */
	unsigned before, after; /* as the rule's: here for the search */
	bool endless;		/* a match may need more than `after`: ask whether it was cut */
	bool far;		/* its anchors may be too far from a match's beginning to be of use */
	bool unproven;		/* a match may hold none of the given anchors, as far as we see */
} IvCompiledRule;

struct IvRuleSet {
	GPtrArray *rules;	  /* IvRule, by id */
	IvCompiledRule *compiled; /* as many, in the same order */
	IvLiterals *anchors;	  /* of contents; owners are rule indexes, perhaps with IV_WORD_START */
	IvLiterals *path_anchors; /* of paths */
	GArray *path_always;	  /* guint: rules whose path has no anchor */
	GArray *whole;		  /* guint: rules whose pattern has no anchor */
	unsigned max_before;	  /* bytes, the largest of all rules */
	char *digest;
};

/* Compile, index and close a set of rules (sorted by id, ids unique).  Takes
 * the rules on success and on failure. */
IV_MUST_CHECK
IvRuleSet *iv_ruleset_close(GPtrArray *rules, GError **error);

/* Look only at rule i, visible or not; for a rule's own examples. */
void iv_matcher_only(IvMatcher *matcher, guint i);

void iv_rule_free(IvRule *rule);

#endif
