/* load.c - rule files: YAML to IvRule, every mistake with its file and line. */
#include <errno.h>
#include <string.h>

#include "scanner/base/error.h"
#include "scanner/base/limits.h"
#include "scanner/base/yaml.h"
#include "scanner/engine/ruleset.h"

#define DEFAULT_BEFORE 128u
#define DEFAULT_AFTER 384u
/* Bytes of one item's 256 values: no secret has more entropy per byte. */
#define MAX_ENTROPY 8.0

/* Keys of a rule.  The second group belongs to rule files of Nosey Parker and
 * Kingfisher: accepted, so that those files load, and not used. */
static const char *const rule_keys[] = {
	"id", "name", "severity", "pattern", "path", "not_path", "anchors", "before", "after",
	"entropy", "min_entropy", "allow", "check", "generic", "visible", "reason", "remediation",
	"controls", "references", "examples", "negative_examples", "example_path",
	/* foreign */
	"description", "categories", "confidence", "depends_on_rule", "validation", "revocation",
	"tls_mode", "tags", "prevalidated", "pattern_requirements", "version", "enabled", "path_regex",
	NULL,
};
static const char *const file_keys[] = {"rules", "rulesets", "version", NULL};

static bool read_window(const IvYaml *yaml, const IvYamlNode *node, const char *key, uint64_t most,
			unsigned *out, GError **error)
{
	uint64_t value = *out;

	if (!iv_yaml_read_uint(yaml, node, key, most, &value, error))
		return false;
	*out = (unsigned)value;
	return true;
}

static bool read_severity(const IvYaml *yaml, const IvYamlNode *node, IvRule *rule, GError **error)
{
	g_autofree char *name = NULL;

	rule->severity = IV_SEVERITY_MEDIUM;
	if (!iv_yaml_read_string(yaml, node, "severity", &name, error))
		return false;
	if (name == NULL || iv_severity_parse(name, &rule->severity))
		return true;
	return iv_yaml_fail(yaml, iv_yaml_get(node, "severity"), error,
			    "unknown severity \"%s\"\nuse critical, high, medium, low or info",
			    name);
}

static bool read_entropy(const IvYaml *yaml, const IvYamlNode *node, IvRule *rule, GError **error)
{
	const char *key = iv_yaml_get(node, "entropy") != NULL ? "entropy" : "min_entropy";

	if (!iv_yaml_read_double(yaml, node, key, &rule->entropy, error))
		return false;
	if (rule->entropy >= 0 && rule->entropy <= MAX_ENTROPY)
		return true;
	return iv_yaml_fail(yaml, iv_yaml_get(node, key), error,
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

static bool check_id(const IvYaml *yaml, const IvYamlNode *node, IvRule *rule, GError **error)
{
	if (rule->name == NULL || *rule->name == '\0')
		return iv_yaml_fail(yaml, node, error, "a rule needs a name");
	if (rule->id == NULL)
		rule->id = id_from_name(rule->name);
	for (const char *c = rule->id; *c != '\0'; c++)
		if (!g_ascii_isalnum(*c) && strchr("._-", *c) == NULL)
			return iv_yaml_fail(yaml, iv_yaml_get(node, "id"), error,
					    "an id holds letters, digits, '.', '_' and '-' only");
	if (*rule->id == '\0')
		return iv_yaml_fail(yaml, iv_yaml_get(node, "id"), error, "the id is empty");
	return true;
}

static bool check_pattern(const IvYaml *yaml, const IvYamlNode *node, const char *key,
			  const char *pattern, bool caseless, GError **error)
{
	const IvYamlNode *at = iv_yaml_get(node, key);
	g_autofree char *why = NULL;
	g_autoptr(IvRegex) regex = NULL;

	if (pattern == NULL)
		return true;
	if (*pattern == '\0')
		return iv_yaml_fail(yaml, at, error, "%s is empty", key);
	regex = iv_regex_new(pattern, caseless, &why);
	if (regex == NULL)
		return iv_yaml_fail(yaml, at, error, "%s is no pattern: %s", key, why);
	return true;
}

static bool check_lists(const IvYaml *yaml, const IvYamlNode *node, const IvRule *rule,
			GError **error)
{
	for (guint i = 0; rule->anchors != NULL && rule->anchors[i] != NULL; i++)
		if (strlen(rule->anchors[i]) < 2)
			return iv_yaml_fail(yaml, iv_yaml_at(iv_yaml_get(node, "anchors"), i),
					    error, "an anchor needs at least 2 bytes");
	for (guint i = 0; rule->allow != NULL && rule->allow[i] != NULL; i++) {
		g_autofree char *why = NULL;
		g_autoptr(IvRegex) regex = iv_regex_new(rule->allow[i], true, &why);

		if (regex == NULL)
			return iv_yaml_fail(yaml, iv_yaml_at(iv_yaml_get(node, "allow"), i), error,
					    "allow is no pattern: %s", why);
	}
	return true;
}

static bool check_rule(const IvYaml *yaml, const IvYamlNode *node, IvRule *rule, GError **error)
{
	if (!check_id(yaml, node, rule, error) ||
	    !check_pattern(yaml, node, "pattern", rule->pattern, false, error) ||
	    !check_pattern(yaml, node, "path", rule->path, true, error) ||
	    !check_pattern(yaml, node, "not_path", rule->not_path, true, error) ||
	    !check_lists(yaml, node, rule, error))
		return false;
	if (rule->pattern == NULL && rule->path == NULL)
		return iv_yaml_fail(yaml, node, error, "a rule needs a pattern or a path");
	if (rule->check != NULL && iv_check_find(rule->check) == NULL) {
		g_autofree char *known = iv_check_names();

		return iv_yaml_fail(yaml, iv_yaml_get(node, "check"), error,
				    "unknown check \"%s\"\nthe checks are: %s", rule->check, known);
	}
	if (rule->pattern == NULL && (rule->check != NULL || rule->entropy > 0))
		return iv_yaml_fail(yaml, node, error,
				    "check and entropy judge a secret: the rule needs a pattern");
	return true;
}

static bool read_texts(const IvYaml *yaml, const IvYamlNode *node, IvRule *rule, GError **error)
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
		{"check", &rule->check},
		{"reason", &rule->reason},
		{"remediation", &rule->remediation},
		{"example_path", &rule->example_path},
	};

	for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
		if (!iv_yaml_read_string(yaml, node, texts[i].key, texts[i].out, error))
			return false;
	return true;
}

static bool read_lists(const IvYaml *yaml, const IvYamlNode *node, IvRule *rule, GError **error)
{
	const struct {
		const char *key;
		GStrv *out;
	} lists[] = {
		{"anchors", &rule->anchors},
		{"allow", &rule->allow},
		{"controls", &rule->controls},
		{"references", &rule->references},
		{"examples", &rule->examples},
		{"negative_examples", &rule->negative_examples},
	};

	for (guint i = 0; i < G_N_ELEMENTS(lists); i++)
		if (!iv_yaml_read_strings(yaml, node, lists[i].key, lists[i].out, error))
			return false;
	if (rule->anchors != NULL && rule->anchors[0] == NULL)
		g_clear_pointer(&rule->anchors, g_strfreev);
	return true;
}

static IvRule *read_rule(const char *file, const IvYaml *yaml, const IvYamlNode *node,
			 GError **error)
{
	IvRule *rule = g_new0(IvRule, 1);

	rule->file = g_strdup(file);
	rule->line = iv_yaml_line(node);
	rule->before = DEFAULT_BEFORE;
	rule->after = DEFAULT_AFTER;
	rule->visible = true;
	if ((iv_yaml_kind(node) != IV_YAML_MAP &&
	     !iv_yaml_fail(yaml, node, error, "a rule is a map of keys")) ||
	    !iv_yaml_only_keys(yaml, node, rule_keys, error) ||
	    !read_texts(yaml, node, rule, error) || !read_lists(yaml, node, rule, error) ||
	    !read_severity(yaml, node, rule, error) || !read_entropy(yaml, node, rule, error) ||
	    !read_window(yaml, node, "before", IV_MAX_RULE_BEFORE, &rule->before, error) ||
	    !read_window(yaml, node, "after", IV_MAX_RULE_AFTER, &rule->after, error) ||
	    !iv_yaml_read_bool(yaml, node, "generic", &rule->generic, error) ||
	    !iv_yaml_read_bool(yaml, node, "visible", &rule->visible, error) ||
	    !check_rule(yaml, node, rule, error)) {
		iv_rule_free(rule);
		return NULL;
	}
	return rule;
}

static bool add_rule(const IvYaml *yaml, const IvYamlNode *node, IvRule *rule, GPtrArray *rules,
		     GHashTable *ids, GError **error)
{
	const IvRule *other = g_hash_table_lookup(ids, rule->id);

	if (other != NULL) {
		iv_yaml_fail(yaml, node, error, "the id %s is already used at %s:%u", rule->id,
			     other->file, other->line);
		iv_rule_free(rule);
		return false;
	}
	g_hash_table_insert(ids, rule->id, rule);
	g_ptr_array_add(rules, rule);
	return true;
}

static bool load_yaml(const char *name, const IvYaml *yaml, GPtrArray *rules, GHashTable *ids,
		      GError **error)
{
	const IvYamlNode *root = iv_yaml_root(yaml), *list;

	if (root == NULL)
		return iv_fail(error, IV_ERROR_CONFIG, "%s:1: the rule file is empty", name);
	if (iv_yaml_kind(root) != IV_YAML_MAP)
		return iv_yaml_fail(yaml, root, error, "a rule file is a map with the key \"rules\"");
	if (!iv_yaml_only_keys(yaml, root, file_keys, error))
		return false;
	list = iv_yaml_get(root, "rules");
	if (list == NULL && iv_yaml_get(root, "rulesets") != NULL)
		return true;
	if (list == NULL || iv_yaml_kind(list) != IV_YAML_LIST)
		return iv_yaml_fail(yaml, list != NULL ? list : root, error,
				    "the key \"rules\" must hold a list");
	for (guint i = 0; i < iv_yaml_length(list); i++) {
		const IvYamlNode *node = iv_yaml_at(list, i);
		IvRule *rule = read_rule(name, yaml, node, error);

		if (rule == NULL || !add_rule(yaml, node, rule, rules, ids, error))
			return false;
	}
	return true;
}

static bool load_file(const char *path, GPtrArray *rules, GHashTable *ids, GError **error)
{
	g_autoptr(IvYaml) yaml = iv_yaml_load(path, error);

	return yaml != NULL && load_yaml(path, yaml, rules, ids, error);
}

static int compare_names(gconstpointer a, gconstpointer b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool load_folder(const char *path, GPtrArray *rules, GHashTable *ids, GError **error)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
	const char *name;

	if (dir == NULL)
		return iv_fail_errno(error, "%s: cannot list the rule folder", path);
	while ((name = g_dir_read_name(dir)) != NULL)
		if (g_str_has_suffix(name, ".yml") || g_str_has_suffix(name, ".yaml"))
			g_ptr_array_add(names, g_build_filename(path, name, NULL));
	g_ptr_array_sort(names, compare_names);
	for (guint i = 0; i < names->len; i++)
		if (!load_file(g_ptr_array_index(names, i), rules, ids, error))
			return false;
	return true;
}

static int compare_rules(gconstpointer a, gconstpointer b)
{
	return strcmp((*(IvRule *const *)a)->id, (*(IvRule *const *)b)->id);
}

static IvRuleSet *close_set(GPtrArray *rules, GError **error)
{
	g_ptr_array_sort(rules, compare_rules);
	return iv_ruleset_close(g_ptr_array_ref(rules), error);
}

IvRuleSet *iv_ruleset_load(const char *const *paths, GError **error)
{
	g_autoptr(GPtrArray) rules = g_ptr_array_new_with_free_func((GDestroyNotify)iv_rule_free);
	g_autoptr(GHashTable) ids = g_hash_table_new(g_str_hash, g_str_equal);

	for (guint i = 0; paths[i] != NULL; i++) {
		bool folder = g_file_test(paths[i], G_FILE_TEST_IS_DIR);

		if (!(folder ? load_folder : load_file)(paths[i], rules, ids, error))
			return NULL;
	}
	if (rules->len == 0) {
		iv_fail(error, IV_ERROR_CONFIG, "no rules in %s\nname a rule file, or a folder of *.yml",
			paths[0] != NULL ? paths[0] : "(nothing)");
		return NULL;
	}
	return close_set(rules, error);
}

IvRuleSet *iv_ruleset_parse(const char *name, const char *text, size_t len, GError **error)
{
	g_autoptr(GPtrArray) rules = g_ptr_array_new_with_free_func((GDestroyNotify)iv_rule_free);
	g_autoptr(GHashTable) ids = g_hash_table_new(g_str_hash, g_str_equal);
	g_autoptr(IvYaml) yaml = iv_yaml_parse(name, text, len, error);

	if (yaml == NULL || !load_yaml(name, yaml, rules, ids, error))
		return NULL;
	return close_set(rules, error);
}
