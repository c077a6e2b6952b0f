/* SPDX-License-Identifier: GPL-3.0-or-later */
/* load.c - rule files and folders of them become a rule set; rule_read.c reads one rule. */
#include <errno.h>
#include <string.h>

#include "scanner/base/error.h"
#include "scanner/base/limits.h"
#include "scanner/base/yaml.h"
#include "scanner/engine/rule_read.h"

static const char *const file_keys[] = {"rules", "rulesets", "version", "defaults",
					"definitions", "definitions_from", NULL};

/* What is gathered from all files. */
typedef struct {
	GPtrArray *rules;
	GHashTable *ids; /* of the rules; borrowed */
} Gathered;

static size_t list_bytes(const char *const *list)
{
	size_t n = 0;

	for (; list != NULL && *list != NULL; list++)
		n += strlen(*list) + sizeof(*list);
	return n;
}

/* What defaults and definitions can multiply. */
static size_t rule_bytes(const IvRule *rule)
{
	const char *const texts[] = {rule->name,  rule->pattern, rule->path,	     rule->not_path,
				     rule->quiet_path,
				     rule->check, rule->reason,	 rule->remediation,
				     rule->example_path};
	const GStrv lists[] = {rule->anchors, rule->allow, rule->controls, rule->references};
	size_t n = sizeof(*rule);

	for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
		n += texts[i] != NULL ? strlen(texts[i]) : 0;
	for (guint i = 0; i < G_N_ELEMENTS(lists); i++)
		n += list_bytes((const char *const *)lists[i]);
	return n;
}

static bool add_rule(const IvYaml *yaml, const IvYamlNode *node, IvRule *rule, Gathered *all,
		     GError **error)
{
	const IvRule *other = g_hash_table_lookup(all->ids, rule->id);

	if (other != NULL) {
		iv_yaml_fail(yaml, node, error, "the id %s is already used at %s:%u", rule->id,
			     other->file, other->line);
		iv_rule_free(rule);
		return false;
	}
	g_hash_table_insert(all->ids, rule->id, rule);
	g_ptr_array_add(all->rules, rule);
	return true;
}

static bool read_rules(const IvRuleFile *file, const IvYamlNode *list, Gathered *all,
		       GError **error)
{
	size_t bytes = 0;

	for (guint i = 0; i < iv_yaml_length(list); i++) {
		const IvYamlNode *node = iv_yaml_at(list, i);
		IvRule *rule = iv_rule_read(file, node, error);

		if (rule == NULL)
			return false;
		bytes += rule_bytes(rule);
		if (!add_rule(file->yaml, node, rule, all, error))
			return false;
		if (bytes > IV_MAX_RULE_FILE_BYTES)
			return iv_yaml_fail(file->yaml, node, error,
					    "the rules grow beyond %u MiB with their defaults",
					    IV_MAX_RULE_FILE_BYTES >> 20);
	}
	return true;
}

/* The pieces of another file: a neighbour, so that a rule file means the same
 * alone and in its folder.  `path` is NULL for rules in memory. */
static bool read_neighbour(IvRuleFile *file, const char *path, GError **error)
{
	const IvYamlNode *root = iv_yaml_root(file->yaml), *map;
	const IvYamlNode *node = iv_yaml_get(root, "definitions_from");
	g_autofree char *name = NULL, *folder = NULL, *beside = NULL;
	g_autoptr(IvYaml) yaml = NULL;

	if (node == NULL)
		return true;
	if (!iv_yaml_read_string(file->yaml, root, "definitions_from", &name, error))
		return false;
	if (path == NULL || *name == '\0' || *name == '.' || strchr(name, '/') != NULL)
		return iv_yaml_fail(file->yaml, node, error,
				    "definitions_from is the name of a file in the same folder");
	folder = g_path_get_dirname(path);
	beside = g_build_filename(folder, name, NULL);
	yaml = iv_yaml_load(beside, error);
	if (yaml == NULL)
		return false;
	map = iv_yaml_root(yaml) != NULL ? iv_yaml_get(iv_yaml_root(yaml), "definitions") : NULL;
	if (map == NULL)
		return iv_yaml_fail(file->yaml, node, error, "%s has no \"definitions\"", beside);
	return iv_pieces_read(file->pieces, yaml, map, error);
}

/* Defaults, definitions, and those of a neighbour. */
static bool read_shared(IvRuleFile *file, const char *path, GError **error)
{
	const IvYamlNode *root = iv_yaml_root(file->yaml);
	const IvYamlNode *definitions = iv_yaml_get(root, "definitions");

	file->defaults = iv_yaml_get(root, "defaults");
	if (file->defaults != NULL &&
	    !iv_yaml_only_keys(file->yaml, file->defaults, iv_rule_default_keys, error))
		return false;
	if (file->defaults == NULL && definitions == NULL &&
	    iv_yaml_get(root, "definitions_from") == NULL)
		return true;
	file->pieces = iv_pieces_new();
	return read_neighbour(file, path, error) &&
	       (definitions == NULL ||
		iv_pieces_read(file->pieces, file->yaml, definitions, error));
}

static bool load_root(IvRuleFile *file, const char *path, Gathered *all, GError **error)
{
	const IvYamlNode *root = iv_yaml_root(file->yaml), *list;

	if (root == NULL)
		return iv_fail(error, IV_ERROR_CONFIG, "%s:1: the rule file is empty", file->path);
	if (iv_yaml_kind(root) != IV_YAML_MAP)
		return iv_yaml_fail(file->yaml, root, error,
				    "a rule file is a map with the key \"rules\"");
	if (!iv_yaml_only_keys(file->yaml, root, file_keys, error) ||
	    !read_shared(file, path, error))
		return false;
	list = iv_yaml_get(root, "rules");
	/* A file of pieces for its neighbours has no rules. */
	if (list == NULL && (iv_yaml_get(root, "rulesets") != NULL ||
			     iv_yaml_get(root, "definitions") != NULL))
		return true;
	if (list == NULL || iv_yaml_kind(list) != IV_YAML_LIST)
		return iv_yaml_fail(file->yaml, list != NULL ? list : root, error,
				    "the key \"rules\" must hold a list");
	return read_rules(file, list, all, error);
}

static bool load_yaml(const char *name, const char *path, const IvYaml *yaml, Gathered *all,
		      GError **error)
{
	IvRuleFile file = {.path = name, .yaml = yaml};
	bool ok = load_root(&file, path, all, error);

	iv_pieces_free(file.pieces);
	return ok;
}

static bool load_file(const char *path, Gathered *all, GError **error)
{
	g_autoptr(IvYaml) yaml = iv_yaml_load(path, error);

	return yaml != NULL && load_yaml(path, path, yaml, all, error);
}

static int compare_names(gconstpointer a, gconstpointer b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool load_folder(const char *path, Gathered *all, GError **error)
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
		if (!load_file(g_ptr_array_index(names, i), all, error))
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
	Gathered all = {rules, ids};

	for (guint i = 0; paths[i] != NULL; i++) {
		bool folder = g_file_test(paths[i], G_FILE_TEST_IS_DIR);

		if (!(folder ? load_folder : load_file)(paths[i], &all, error))
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
	Gathered all = {rules, ids};
	g_autoptr(IvYaml) yaml = iv_yaml_parse(name, text, len, error);

	if (yaml == NULL || !load_yaml(name, NULL, yaml, &all, error))
		return NULL;
	return close_set(rules, error);
}
