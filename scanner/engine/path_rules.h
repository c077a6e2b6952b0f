/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * path_rules.h - which rules does an item's path switch on, and off?  Private
 * to the engine.
 */
#ifndef IV_ENGINE_PATH_RULES_H
#define IV_ENGINE_PATH_RULES_H

#include "scanner/engine/matcher_state.h"

/* What a finding says where its rule is quiet. */
#define IV_QUIET_NOTE "less severe here: samples usually stand at this path"

/* A new item's path (NULL: none).  Fills m->applies with the rules whose path
 * pattern it matches. */
void iv_match_path(IvMatcher *m, const char *path);

/* Is rule i to be tried on this item at all? */
bool iv_rule_is_on(IvMatcher *m, guint i);

/* Is a quiet_path of rule i about the item?  Where it has several names: about all. */
bool iv_rule_is_quiet(IvMatcher *m, guint i);

/* For which kinds of the item's names is it on?  1 when the item has one path or none. */
uint64_t iv_rule_kinds(IvMatcher *m, guint i);

#endif
