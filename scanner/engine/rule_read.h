/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rule_read.h - one rule of a rule file, from YAML to IvRule, with the defaults
 * and definitions of its file filled in.  Private to the engine.
 */
#ifndef IV_ENGINE_RULE_READ_H
#define IV_ENGINE_RULE_READ_H

#include "scanner/base/yaml.h"
#include "scanner/engine/rule_pieces.h"
#include "scanner/engine/ruleset.h"

/* A rule file that is being read. */
typedef struct {
	const char *path; /* as it was given */
	const IvYaml *yaml;
	const IvYamlNode *defaults; /* a map, or NULL */
	IvPieces *pieces; /* NULL: a file without defaults and definitions, where "{{" is text */
} IvRuleFile;

/* The keys that "defaults" may hold; NULL at the end. */
extern const char *const iv_rule_default_keys[];

/* NULL with IV_ERROR_CONFIG "FILE:LINE: ...". */
IvRule *iv_rule_read(const IvRuleFile *file, const IvYamlNode *node, GError **error);

/* The map in which a rule's key stands: its own, or the defaults of the file. */
const IvYamlNode *iv_rule_place(const IvRuleFile *file, const IvYamlNode *node, const char *key);

/* --- the short form (rule_short.c) ---------------------------------------------------- */

/* Read service, site, keyword, secret and example, and make pieces of them. */
bool iv_rule_short_read(const IvRuleFile *file, const IvYamlNode *node, IvRule *rule,
			GError **error);
/* Replace the names of pieces in everything that the rule says. */
bool iv_rule_expand(const IvRuleFile *file, const IvYamlNode *node, IvRule *rule, GError **error);
/* What follows from a keyword and a secret: anchors, entropy, a negative example. */
bool iv_rule_short_finish(const IvRuleFile *file, const IvYamlNode *node, IvRule *rule,
			  GError **error);

/* --- its words (rule_class.c) ------------------------------------------------------------ */

/* A class such as "hex 32" as a PCRE2 piece, and its entropy; anything else as
 * it stands.  NULL with *why. */
char *iv_secret_piece(const char *text, double *entropy, char **why);
/* Replace keywords by their spellings.  False with *why. */
bool iv_keyword_spell(GStrv *keywords, char **why);

#endif
