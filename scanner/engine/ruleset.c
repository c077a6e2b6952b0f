/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ruleset.c - see ruleset.h */
#include "scanner/engine/ruleset.h"

#include <string.h>

#include "scanner/base/error.h"
#include "scanner/base/limits.h"
#include "scanner/engine/anchors.h"

void iv_rule_free(IvRule *rule)
{
	if (rule == NULL)
		return;
	g_free(rule->id);
	g_free(rule->name);
	g_free(rule->pattern);
	g_free(rule->path);
	g_free(rule->not_path);
	g_free(rule->quiet_path);
	g_strfreev(rule->anchors);
	g_strfreev(rule->allow);
	g_free(rule->check);
	g_free(rule->reason);
	g_free(rule->remediation);
	g_strfreev(rule->controls);
	g_strfreev(rule->references);
	g_strfreev(rule->examples);
	g_strfreev(rule->negative_examples);
	g_free(rule->example_path);
	g_free(rule->dense);
	g_free(rule->file);
	g_free(rule);
}

void iv_ruleset_free(IvRuleSet *set)
{
	if (set == NULL)
		return;
	for (guint i = 0; set->compiled != NULL && i < set->rules->len; i++) {
		iv_regex_free(set->compiled[i].pattern);
		iv_regex_free(set->compiled[i].path);
		iv_regex_free(set->compiled[i].not_path);
		iv_regex_free(set->compiled[i].quiet_path);
		g_clear_pointer(&set->compiled[i].allow, g_ptr_array_unref);
	}
	g_free(set->compiled);
	iv_literals_free(set->anchors);
	iv_literals_free(set->path_anchors);
	g_array_unref(set->path_always);
	g_array_unref(set->whole);
	g_ptr_array_unref(set->rules);
	g_free(set->digest);
	g_free(set);
}

guint iv_ruleset_length(const IvRuleSet *set)
{
	return set->rules->len;
}

const IvRule *iv_ruleset_at(const IvRuleSet *set, guint i)
{
	return g_ptr_array_index(set->rules, i);
}

const char *iv_ruleset_digest(const IvRuleSet *set)
{
	return set->digest;
}

/* --- compiling -------------------------------------------------------------------- */

static bool compile_one(const IvRule *rule, const char *key, const char *pattern, bool caseless,
			IvRegex **out, GError **error)
{
	g_autofree char *why = NULL;

	if (pattern == NULL)
		return true;
	*out = iv_regex_new(pattern, caseless, &why);
	if (*out == NULL)
		return iv_fail(error, IV_ERROR_CONFIG, "%s:%u: rule %s: %s is not a valid pattern: %s",
			       rule->file, rule->line, rule->id, key, why);
	return true;
}

/* Bytes of window around an anchor where the rule does not say: little costs so much
 * more that hits nearby should not share the window. */
#define USUAL_BEFORE 128u
#define USUAL_AFTER  384u

/* Make the windows as wide as matches are, so that none is lost at an edge.  Where
 * an anchor may be too far from the beginning, the anchors are no use.  Where none is
 * certain to be in a match, the rule is believed: it says how far one may be as well. */
static void measure_rule(IvRule *rule, IvCompiledRule *out)
{
	IvReach reach = iv_anchors_measure(rule->pattern, rule->anchors, IV_MAX_RULE_BEFORE);
	unsigned begin = MIN(reach.anchor, reach.longest);

	out->unproven = rule->anchors != NULL && reach.anchor == UINT_MAX;
	out->far = rule->anchors != NULL && !out->unproven && begin > IV_MAX_RULE_BEFORE;
	if (!out->unproven || rule->before == 0)
		rule->before = MAX(rule->before > 0 ? rule->before : USUAL_BEFORE,
				   MIN(begin, IV_MAX_RULE_BEFORE));
	out->endless = reach.longest > IV_MAX_RULE_AFTER;
	if (rule->after == 0)
		rule->after = USUAL_AFTER;
	if (!out->endless)
		rule->after = MAX(rule->after, reach.longest);
	out->before = rule->before;
	out->after = rule->after;
	if (out->endless)
		iv_regex_allow_partial(out->pattern);
}

static bool compile_rule(IvRule *rule, IvCompiledRule *out, GError **error)
{
	out->rule = rule;
	out->allow = g_ptr_array_new_with_free_func((GDestroyNotify)iv_regex_free);
	out->check = rule->check != NULL ? iv_check_find(rule->check) : NULL;
	if (!compile_one(rule, "pattern", rule->pattern, false, &out->pattern, error) ||
	    !compile_one(rule, "path", rule->path, true, &out->path, error) ||
	    !compile_one(rule, "not_path", rule->not_path, true, &out->not_path, error) ||
	    !compile_one(rule, "quiet_path", rule->quiet_path, true, &out->quiet_path, error))
		return false;
	for (guint i = 0; rule->allow != NULL && rule->allow[i] != NULL; i++) {
		IvRegex *allow = NULL;

		if (!compile_one(rule, "allow", rule->allow[i], true, &allow, error))
			return false;
		g_ptr_array_add(out->allow, allow);
	}
	/* A rule bound to a path looks at few items: their every byte is searched. */
	if (rule->anchors == NULL && rule->pattern != NULL && rule->path == NULL) {
		rule->anchors = iv_anchors_derive(rule->pattern);
		out->derived = rule->anchors != NULL;
	}
	if (rule->pattern != NULL)
		measure_rule(rule, out);
	return true;
}

static void index_rule(IvRuleSet *set, guint i)
{
	const IvRule *rule = set->compiled[i].rule;
	g_auto(GStrv) path_anchors = NULL;

	if (rule->path != NULL) {
		path_anchors = iv_anchors_derive(rule->path);
		for (guint k = 0; path_anchors != NULL && path_anchors[k] != NULL; k++)
			iv_literals_add(set->path_anchors, path_anchors[k], i);
		if (path_anchors == NULL)
			g_array_append_val(set->path_always, i);
	}
	if (rule->pattern == NULL)
		return;
	if (rule->anchors == NULL || set->compiled[i].far) {
		g_array_append_val(set->whole, i);
		return;
	}
	for (guint k = 0; rule->anchors[k] != NULL; k++)
		iv_literals_add(set->anchors, iv_anchor_literal(rule->anchors[k]),
				iv_anchor_begins_word(rule->anchors[k]) ? i | IV_WORD_START : i);
	set->max_before = MAX(set->max_before, set->compiled[i].before);
}

/* --- the digest ------------------------------------------------------------------- */

static void sum_text(GChecksum *sum, const char *key, const char *text)
{
	g_autofree char *head = NULL;

	if (text == NULL)
		return;
	head = g_strdup_printf("%s:%zu:", key, strlen(text));
	g_checksum_update(sum, (const guchar *)head, -1);
	g_checksum_update(sum, (const guchar *)text, -1);
	g_checksum_update(sum, (const guchar *)"\n", 1);
}

static void sum_list(GChecksum *sum, const char *key, char *const *list)
{
	for (guint i = 0; list != NULL && list[i] != NULL; i++)
		sum_text(sum, key, list[i]);
}

static void sum_rule(GChecksum *sum, const IvRule *rule)
{
	char entropy[G_ASCII_DTOSTR_BUF_SIZE];
	g_autofree char *numbers = NULL;

	g_ascii_dtostr(entropy, sizeof(entropy), rule->entropy);
	numbers = g_strdup_printf("%u %u %s %d %d", rule->before, rule->after, entropy,
				  rule->generic, rule->visible);
	sum_text(sum, "id", rule->id);
	sum_text(sum, "name", rule->name);
	sum_text(sum, "severity", iv_severity_name(rule->severity));
	sum_text(sum, "pattern", rule->pattern);
	sum_text(sum, "path", rule->path);
	sum_text(sum, "not_path", rule->not_path);
	sum_text(sum, "quiet_path", rule->quiet_path);
	sum_list(sum, "anchor", rule->anchors);
	sum_text(sum, "numbers", numbers);
	sum_list(sum, "allow", rule->allow);
	sum_text(sum, "check", rule->check);
	sum_text(sum, "reason", rule->reason);
	sum_text(sum, "remediation", rule->remediation);
	sum_list(sum, "control", rule->controls);
}

static char *sum_set(const GPtrArray *rules)
{
	g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);

	for (guint i = 0; i < rules->len; i++)
		sum_rule(sum, g_ptr_array_index(rules, i));
	return g_strconcat("sha256:", g_checksum_get_string(sum), NULL);
}

IvRuleSet *iv_ruleset_close(GPtrArray *rules, GError **error)
{
	g_autoptr(IvRuleSet) set = g_new0(IvRuleSet, 1);

	set->rules = rules;
	set->compiled = g_new0(IvCompiledRule, rules->len + 1);
	set->anchors = iv_literals_new();
	set->path_anchors = iv_literals_new();
	set->path_always = g_array_new(FALSE, FALSE, sizeof(guint));
	set->whole = g_array_new(FALSE, FALSE, sizeof(guint));
	for (guint i = 0; i < rules->len; i++) {
		if (!compile_rule(g_ptr_array_index(rules, i), &set->compiled[i], error))
			return NULL;
		index_rule(set, i);
	}
	if (!iv_literals_compile(set->anchors, true, error) ||
	    !iv_literals_compile(set->path_anchors, false, error))
		return NULL;
	set->digest = sum_set(rules);
	return g_steal_pointer(&set);
}
