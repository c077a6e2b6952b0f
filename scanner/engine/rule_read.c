/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rule_read.c - see rule_read.h: every mistake with its file and line. */
#include "scanner/engine/rule_read.h"

#include <string.h>

#include "scanner/base/limits.h"
#include "scanner/engine/anchors.h"

/* Bits of one byte's 256 values: no secret has more entropy per byte. */
#define MAX_ENTROPY 8.0

/* Keys of a rule.  The last group belongs to rule files of Nosey Parker and
 * Kingfisher: accepted, so that those files load, and not used. */
static const char *const rule_keys[] = {
	"id",
	"name",
	"severity",
	"pattern",
	"path",
	"not_path",
	"quiet_path",
	"anchors",
	"before",
	"after",
	"entropy",
	"min_entropy",
	"allow",
	"check",
	"generic",
	"visible",
	"reason",
	"remediation",
	"controls",
	"references",
	"examples",
	"negative_examples",
	"example_path",
	/* the short form */
	"service",
	"site",
	"keyword",
	"secret",
	"example",
	/* foreign */
	"description",
	"categories",
	"confidence",
	"depends_on_rule",
	"validation",
	"revocation",
	"tls_mode",
	"tags",
	"prevalidated",
	"pattern_requirements",
	"version",
	"enabled",
	"path_regex",
	NULL,
};

const char *const iv_rule_default_keys[] = {
	"name",	  "severity",	 "pattern",  "path",	   "not_path",	   "quiet_path",
	"anchors", "before", "after",	 "entropy",  "allow",	   "check",	   "generic",
	"reason", "remediation", "controls", "references", "example_path", NULL,
};

const IvYamlNode *iv_rule_place(const IvRuleFile *file, const IvYamlNode *node, const char *key)
{
	bool own = iv_yaml_get(node, key) != NULL;

	return !own && file->defaults != NULL && iv_yaml_get(file->defaults, key) != NULL
		       ? file->defaults
		       : node;
}

static bool has_default(const IvRuleFile *file, const char *key)
{
	return file->defaults != NULL && iv_yaml_get(file->defaults, key) != NULL;
}

static bool read_window(const IvRuleFile *file, const IvYamlNode *node, const char *key,
			uint64_t most, unsigned *out, GError **error)
{
	uint64_t value = *out;

	if (!iv_yaml_read_uint(file->yaml, iv_rule_place(file, node, key), key, most, &value,
			       error))
		return false;
	*out = (unsigned)value;
	return true;
}

static bool read_flag(const IvRuleFile *file, const IvYamlNode *node, const char *key, bool *out,
		      GError **error)
{
	return iv_yaml_read_bool(file->yaml, iv_rule_place(file, node, key), key, out, error);
}

static bool read_severity(const IvRuleFile *file, const IvYamlNode *node, IvRule *rule,
			  GError **error)
{
	const IvYamlNode *place = iv_rule_place(file, node, "severity");
	g_autofree char *name = NULL;

	rule->severity = IV_SEVERITY_MEDIUM;
	if (!iv_yaml_read_string(file->yaml, place, "severity", &name, error))
		return false;
	if (name == NULL || iv_severity_parse(name, &rule->severity))
		return true;
	return iv_yaml_fail(file->yaml, iv_yaml_get(place, "severity"), error,
			    "unknown severity \"%s\"\nuse critical, high, medium, low or info",
			    name);
}

static bool read_entropy(const IvRuleFile *file, const IvYamlNode *node, IvRule *rule,
			 GError **error)
{
	bool foreign =
		iv_yaml_get(node, "entropy") == NULL && iv_yaml_get(node, "min_entropy") != NULL;
	const char *key = foreign ? "min_entropy" : "entropy";
	const IvYamlNode *place = iv_rule_place(file, node, key);

	if (!iv_yaml_read_double(file->yaml, place, key, &rule->entropy, error))
		return false;
	if (rule->entropy >= 0 && rule->entropy <= MAX_ENTROPY)
		return true;
	return iv_yaml_fail(file->yaml, iv_yaml_get(place, key), error,
			    "%s must be between 0 and 8 bits per byte", key);
}

/* Foreign files of the older kind have no id: one is made from the name. */
static char *id_from_name(const char *name)
{
	g_autofree char *lower = g_ascii_strdown(name, -1);

	for (char *c = lower; *c != '\0'; c++)
		if (!g_ascii_isalnum(*c) && *c != '.' && *c != '-')
			*c = '-';
	return g_strconcat("named.", lower, NULL);
}

static bool check_id(const IvRuleFile *file, const IvYamlNode *node, IvRule *rule, GError **error)
{
	if (rule->name == NULL || *rule->name == '\0')
		return iv_yaml_fail(file->yaml, node, error, "a rule needs a name");
	if (rule->id == NULL)
		rule->id = id_from_name(rule->name);
	for (const char *c = rule->id; *c != '\0'; c++)
		if (!g_ascii_isalnum(*c) && strchr("._-", *c) == NULL)
			return iv_yaml_fail(file->yaml, iv_yaml_get(node, "id"), error,
					    "an id holds letters, digits, '.', '_' and '-' only");
	if (*rule->id == '\0')
		return iv_yaml_fail(file->yaml, iv_yaml_get(node, "id"), error, "the id is empty");
	return true;
}

static bool check_pattern(const IvRuleFile *file, const IvYamlNode *node, const char *key,
			  const char *pattern, bool caseless, GError **error)
{
	const IvYamlNode *at = iv_yaml_get(iv_rule_place(file, node, key), key);
	g_autofree char *why = NULL;
	g_autoptr(IvRegex) regex = NULL;

	if (pattern == NULL)
		return true;
	if (*pattern == '\0')
		return iv_yaml_fail(file->yaml, at, error, "%s is empty", key);
	regex = iv_regex_new(pattern, caseless, &why);
	if (regex == NULL)
		return iv_yaml_fail(file->yaml, at, error, "%s is not a valid pattern: %s", key, why);
	return true;
}

static const IvYamlNode *entry(const IvRuleFile *file, const IvYamlNode *node, const char *key,
			       guint i)
{
	const IvYamlNode *list = iv_yaml_get(iv_rule_place(file, node, key), key);

	/* Definitions can make more entries than are written. */
	return list != NULL && i < iv_yaml_length(list) ? iv_yaml_at(list, i) : list;
}

static bool check_lists(const IvRuleFile *file, const IvYamlNode *node, const IvRule *rule,
			GError **error)
{
	for (guint i = 0; rule->anchors != NULL && rule->anchors[i] != NULL; i++)
		if (strlen(iv_anchor_literal(rule->anchors[i])) < 2)
			return iv_yaml_fail(file->yaml, entry(file, node, "anchors", i), error,
					    "an anchor needs at least 2 bytes");
	for (guint i = 0; rule->allow != NULL && rule->allow[i] != NULL; i++) {
		g_autofree char *why = NULL;
		g_autoptr(IvRegex) regex = iv_regex_new(rule->allow[i], true, &why);

		if (regex == NULL)
			return iv_yaml_fail(file->yaml, entry(file, node, "allow", i), error,
					    "allow is not a valid pattern: %s", why);
	}
	return true;
}

static bool check_rule(const IvRuleFile *file, const IvYamlNode *node, IvRule *rule, GError **error)
{
	if (!check_id(file, node, rule, error) ||
	    !check_pattern(file, node, "pattern", rule->pattern, false, error) ||
	    !check_pattern(file, node, "path", rule->path, true, error) ||
	    !check_pattern(file, node, "not_path", rule->not_path, true, error) ||
	    !check_pattern(file, node, "quiet_path", rule->quiet_path, true, error) ||
	    !check_lists(file, node, rule, error))
		return false;
	if (rule->pattern == NULL && rule->path == NULL)
		return iv_yaml_fail(file->yaml, node, error, "a rule needs a pattern or a path");
	if (rule->check != NULL && iv_check_find(rule->check) == NULL) {
		g_autofree char *known = iv_check_names();

		return iv_yaml_fail(file->yaml,
				    iv_yaml_get(iv_rule_place(file, node, "check"), "check"), error,
				    "unknown check \"%s\"\nthe checks are: %s", rule->check, known);
	}
	if (rule->pattern == NULL && (rule->check != NULL || rule->entropy > 0))
		return iv_yaml_fail(file->yaml, node, error,
				    "check and entropy judge a secret: the rule needs a pattern");
	return true;
}

static bool read_texts(const IvRuleFile *file, const IvYamlNode *node, IvRule *rule, GError **error)
{
	const struct {
		const char *key;
		char **out;
	} texts[] = {
		{"id", &rule->id},
		{"name", &rule->name},
		{"pattern", &rule->pattern},
		{"path", &rule->path},
		{"not_path", &rule->not_path},
		{"quiet_path", &rule->quiet_path},
		{"check", &rule->check},
		{"reason", &rule->reason},
		{"remediation", &rule->remediation},
		{"example_path", &rule->example_path},
	};

	for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
		const char *key = texts[i].key;

		if (!iv_yaml_read_string(file->yaml, iv_rule_place(file, node, key), key,
					 texts[i].out, error))
			return false;
		/* An empty text takes a default away. */
		if (*texts[i].out != NULL && **texts[i].out == '\0' && has_default(file, key))
			g_clear_pointer(texts[i].out, g_free);
	}
	return true;
}

static bool read_lists(const IvRuleFile *file, const IvYamlNode *node, IvRule *rule, GError **error)
{
	const struct {
		const char *key;
		GStrv *out;
	} lists[] = {
		{"anchors", &rule->anchors},   {"allow", &rule->allow},
		{"controls", &rule->controls}, {"references", &rule->references},
		{"examples", &rule->examples}, {"negative_examples", &rule->negative_examples},
	};

	for (guint i = 0; i < G_N_ELEMENTS(lists); i++)
		if (!iv_yaml_read_strings(file->yaml, iv_rule_place(file, node, lists[i].key),
					  lists[i].key, lists[i].out, error))
			return false;
	if (rule->anchors != NULL && rule->anchors[0] == NULL)
		g_clear_pointer(&rule->anchors, g_strfreev);
	return true;
}

static bool read_keys(const IvRuleFile *file, const IvYamlNode *node, IvRule *rule, GError **error)
{
	return iv_yaml_only_keys(file->yaml, node, rule_keys, error) &&
	       read_texts(file, node, rule, error) && read_lists(file, node, rule, error) &&
	       read_severity(file, node, rule, error) && read_entropy(file, node, rule, error) &&
	       read_window(file, node, "before", IV_MAX_RULE_BEFORE, &rule->before, error) &&
	       read_window(file, node, "after", IV_MAX_RULE_AFTER, &rule->after, error) &&
	       read_flag(file, node, "generic", &rule->generic, error) &&
	       read_flag(file, node, "visible", &rule->visible, error);
}

IvRule *iv_rule_read(const IvRuleFile *file, const IvYamlNode *node, GError **error)
{
	IvRule *rule;

	if (iv_yaml_kind(node) != IV_YAML_MAP) {
		iv_yaml_fail(file->yaml, node, error, "a rule is a map of keys");
		return NULL;
	}
	rule = g_new0(IvRule, 1);
	rule->file = g_strdup(file->path);
	rule->line = iv_yaml_line(node);
	rule->visible = true;
	if (!read_keys(file, node, rule, error) || !iv_rule_short_read(file, node, rule, error) ||
	    !iv_rule_expand(file, node, rule, error) || !check_rule(file, node, rule, error) ||
	    !iv_rule_short_finish(file, node, rule, error)) {
		iv_rule_free(rule);
		return NULL;
	}
	return rule;
}
