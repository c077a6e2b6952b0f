/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rule.h - a rule: a pattern on content, on a path, or on both, plus what
 * makes a hit believable.  Loaded from YAML; immutable; threads share it.
 *
 * The schema is a superset of the rule files that users know from Nosey Parker
 * and Kingfisher; docs/rules.md describes every key.
 */
#ifndef IV_ENGINE_RULE_H
#define IV_ENGINE_RULE_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scanner/base/error.h"
#include "scanner/base/severity.h"

typedef struct {
	char *id;	   /* "imgvet.aws.secret-access-key": unique in a rule set */
	char *name;	   /* one line for people */
	char *pattern;	   /* PCRE2, or NULL: the path alone is the finding */
	char *path;	   /* PCRE2 on the path (case-insensitive, unanchored), or NULL */
	char *not_path;	   /* PCRE2: paths where the rule does not apply, or NULL */
	char *quiet_path;  /* PCRE2: paths where it reports with severity low at most, or NULL */
	unsigned before, after; /* bytes of window around an anchor (IV_MAX_RULE_BEFORE, _AFTER): as
				 * given, or more where the pattern needs it */
	GStrv anchors;	   /* literals one of which any match contains; given or derived */
	double entropy;	   /* least Shannon entropy of the secret, bits per byte; 0 = none */
	GStrv allow;	   /* PCRE2: a secret that matches one of these is no finding */
	char *check;	   /* name of a built-in check of judge.c, or NULL */
	bool generic;	   /* gives way to a rule that is not generic on the same bytes;
			    * of equals, the one with a path wins (ranking.c) */
	bool visible;	   /* false: a helper of foreign rule files, never reported */
	IvSeverity severity;
	char *reason;	   /* why it matters, one sentence */
	char *remediation; /* what to do about it */
	GStrv controls;	   /* identifiers of controls, "CIS-AliCloud-..." style; may be empty */
	GStrv references;
	GStrv examples;		 /* each must match */
	GStrv negative_examples; /* none may match */
	char *example_path;	 /* the path under which examples are tried; NULL: none needed */
	char *dense;		 /* "pattern", "definition x": long, uncommented; for lint, or NULL */
	char *file;		 /* where the rule stands */
	unsigned line;
} IvRule;

typedef struct IvRuleSet IvRuleSet;

/* Load rule files and folders of *.yml / *.yaml (in order of name), compile
 * them, and close the set.  A mistake is IV_ERROR_CONFIG "FILE:LINE: ...". */
IV_MUST_CHECK
IvRuleSet *iv_ruleset_load(const char *const *paths, GError **error);
/* The same from one rule file in memory; `name` stands in error messages. */
IV_MUST_CHECK
IvRuleSet *iv_ruleset_parse(const char *name, const char *text, size_t len, GError **error);
void iv_ruleset_free(IvRuleSet *set);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvRuleSet, iv_ruleset_free)

guint iv_ruleset_length(const IvRuleSet *set);
const IvRule *iv_ruleset_at(const IvRuleSet *set, guint i); /* in order of id */

/* "sha256:<hex>" of the rules' meaning: independent of file names, order and
 * comments, so two machines with the same rules print the same. Borrowed. */
const char *iv_ruleset_digest(const IvRuleSet *set);

/* Run every rule's own examples.  report(user, rule, text, ok, why) is called
 * once per example.  Returns the number that failed. */
typedef void (*IvRuleTestFunc)(void *user, const IvRule *rule, const char *example, bool ok,
			       const char *why);
guint iv_ruleset_test(const IvRuleSet *set, IvRuleTestFunc report, void *user);

/* What is legal but unwise: no examples, an anchor too common, a pattern with
 * no derivable anchor (slow), a missing reason or remediation ... */
typedef void (*IvRuleLintFunc)(void *user, const IvRule *rule, const char *complaint);
guint iv_ruleset_lint(const IvRuleSet *set, IvRuleLintFunc report, void *user);

#endif
