/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd_rules.c - "imgvet rules": list, show, test and lint the rule set */
#include <string.h>

#include "cli/cli.h"
#include "scanner/base/cjson.h"
#include "scanner/engine/rule.h"

static gboolean as_json;
static char **given, **extra;

static const GOptionEntry entries[] = {
	{"rules", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &given, "Rule file or folder (repeatable)",
	 "PATH"},
	{"extra-rules", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &extra,
	 "Further rules beside the usual ones (repeatable)", "PATH"},
	{"json", 0, 0, G_OPTION_ARG_NONE, &as_json, "JSON output of list and show", NULL},
	{NULL},
};

static void add_list(cJSON *object, const char *key, char **items)
{
	if (items != NULL && items[0] != NULL)
		cJSON_AddItemToObject(object, key,
				      cJSON_CreateStringArray((const char *const *)items,
							      (int)g_strv_length(items)));
}

static cJSON *rule_json(const IvRule *rule)
{
	cJSON *object = cJSON_CreateObject();
	const char *const texts[][2] = {
		{"id", rule->id}, {"name", rule->name},
		{"severity", iv_severity_name(rule->severity)}, {"pattern", rule->pattern},
		{"path", rule->path}, {"not_path", rule->not_path}, {"quiet_path", rule->quiet_path}, {"check", rule->check},
		{"reason", rule->reason}, {"remediation", rule->remediation},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
		if (texts[i][1] != NULL)
			cJSON_AddStringToObject(object, texts[i][0], texts[i][1]);
	if (rule->entropy > 0)
		cJSON_AddNumberToObject(object, "entropy", rule->entropy);
	add_list(object, "anchors", rule->anchors);
	add_list(object, "allow", rule->allow);
	add_list(object, "controls", rule->controls);
	add_list(object, "references", rule->references);
	add_list(object, "examples", rule->examples);
	add_list(object, "negative_examples", rule->negative_examples);
	return object;
}

static int print_json(const cJSON *json)
{
	char *text = cJSON_Print(json);
	bool ok = text != NULL && cli_print(text) && cli_print("\n");

	cJSON_free(text);
	return ok ? IV_EXIT_YES : IV_EXIT_UNFINISHED;
}

/* Identifiers and names; a name is cut where the terminal (or column 80) ends. */
static int list_rules(const IvRuleSet *set, char **operands)
{
	g_autoptr(GString) text = g_string_new(NULL);
	g_autoptr(cJSON) array = cJSON_CreateArray();
	int room = MAX(cli_columns(1), 60) - 10;

	for (guint i = 0; i < iv_ruleset_length(set); i++) {
		const IvRule *rule = iv_ruleset_at(set, i);
		int left = MAX(room - (int)MAX(strlen(rule->id), 36) - 1, 12);

		if (as_json)
			cJSON_AddItemToArray(array, rule_json(rule));
		else
			g_string_append_printf(text, "%-8s  %-36s %.*s\n",
					       iv_severity_name(rule->severity), rule->id, left,
					       rule->name);
	}
	if (as_json)
		return print_json(array);
	g_string_append_printf(text, "%u rules, %s\n", iv_ruleset_length(set),
			       iv_ruleset_digest(set));
	return cli_print(text->str) ? IV_EXIT_YES : IV_EXIT_UNFINISHED;
}

/* Lines of a value after its first are set in, so that each label stands alone. */
static void append(GString *text, const char *label, const char *value)
{
	g_auto(GStrv) lines = value != NULL ? g_strsplit(value, "\n", -1) : NULL;

	for (guint i = 0; lines != NULL && lines[i] != NULL; i++)
		g_string_append_printf(text, "%-12s %s\n", i == 0 ? label : "", lines[i]);
}

static void append_list(GString *text, const char *label, char **values)
{
	for (guint i = 0; values != NULL && values[i] != NULL; i++)
		append(text, i == 0 ? label : "", values[i]);
}

/* The rule as it is searched: defaults and definitions of its file filled in. */
static void append_rule(GString *text, const IvRule *rule)
{
	char entropy[G_ASCII_DTOSTR_BUF_SIZE];
	g_autofree char *window = g_strdup_printf("%u bytes before an anchor, %u after it",
						  rule->before, rule->after);

	append(text, "id", rule->id);
	append(text, "name", rule->name);
	append(text, "severity", iv_severity_name(rule->severity));
	append(text, "path", rule->path);
	append(text, "not path", rule->not_path);
	append(text, "quiet path", rule->quiet_path);
	append(text, "pattern", rule->pattern);
	append_list(text, "anchors", rule->anchors);
	append(text, "window", rule->anchors != NULL ? window : NULL);
	if (rule->entropy > 0)
		append(text, "entropy", g_ascii_formatd(entropy, sizeof(entropy), "%g", rule->entropy));
	append_list(text, "allow", rule->allow);
	append(text, "check", rule->check);
	append(text, "generic", rule->generic ? "true" : NULL);
	append(text, "reason", rule->reason);
	append(text, "remediation", rule->remediation);
	append_list(text, "controls", rule->controls);
	append_list(text, "references", rule->references);
	append_list(text, "examples", rule->examples);
	append_list(text, "negatives", rule->negative_examples);
	append(text, "their path", rule->example_path);
}

static int show_rule(const IvRuleSet *set, char **operands)
{
	g_autoptr(GString) text = g_string_new(NULL);
	const IvRule *rule = NULL;

	if (operands[0] == NULL || operands[1] != NULL)
		return cli_usage_error("rules", "show takes one rule id");
	for (guint i = 0; i < iv_ruleset_length(set) && rule == NULL; i++)
		if (strcmp(iv_ruleset_at(set, i)->id, operands[0]) == 0)
			rule = iv_ruleset_at(set, i);
	if (rule == NULL)
		return cli_usage_error("rules", "there is no rule \"%s\"", operands[0]);
	if (as_json) {
		g_autoptr(cJSON) json = rule_json(rule);

		return print_json(json);
	}
	append_rule(text, rule);
	g_string_append_printf(text, "%-12s %s:%u\n", "from", rule->file, rule->line);
	return cli_print(text->str) ? IV_EXIT_YES : IV_EXIT_UNFINISHED;
}

typedef struct {
	GString *text;
	guint tried;
} TestRun;

static void on_example(void *user, const IvRule *rule, const char *example, bool ok,
		       const char *why)
{
	TestRun *run = user;

	run->tried++;
	if (!ok)
		g_string_append_printf(run->text, "%s:%u: %s: %s\n", rule->file, rule->line,
				       rule->id, why);
}

static int test_rules(const IvRuleSet *set, char **operands)
{
	g_autoptr(GString) text = g_string_new(NULL);
	TestRun run = {.text = text};
	guint failed = iv_ruleset_test(set, on_example, &run);

	g_string_append_printf(text, "%u rules, %u examples, %u failed\n", iv_ruleset_length(set),
			       run.tried, failed);
	if (!cli_print(text->str))
		return IV_EXIT_UNFINISHED;
	return failed == 0 ? IV_EXIT_YES : IV_EXIT_NO;
}

static void on_complaint(void *user, const IvRule *rule, const char *complaint)
{
	g_string_append_printf(user, "%s:%u: %s: %s\n", rule->file, rule->line, rule->id,
			       complaint);
}

static int lint_rules(const IvRuleSet *set, char **operands)
{
	g_autoptr(GString) text = g_string_new(NULL);
	guint complaints = iv_ruleset_lint(set, on_complaint, text);

	g_string_append_printf(text, "%u rules, %u complaints\n", iv_ruleset_length(set),
			       complaints);
	if (!cli_print(text->str))
		return IV_EXIT_UNFINISHED;
	return complaints == 0 ? IV_EXIT_YES : IV_EXIT_NO;
}

static const struct {
	const char *name;
	int (*run)(const IvRuleSet *set, char **operands);
} actions[] = {
	{"list", list_rules}, {"show", show_rule}, {"test", test_rules}, {"lint", lint_rules},
};

int cmd_rules(int argc, char **argv)
{
	int exit_code;
	g_autoptr(GError) error = NULL;
	g_autoptr(IvRuleSet) set = NULL;
	g_auto(GStrv) paths = NULL;

	if (!cli_options(&argc, &argv, entries, "(list|show ID|test|lint)",
			 "Look at the rules, and run the examples they carry.",
			 "Exit codes: 0 yes, 1 an example failed or lint complains, 2 wrong usage or\n"
			 "a bad rule file, 3 could not finish.", &exit_code))
		return exit_code;
	for (gsize i = 0; argc > 1 && i < G_N_ELEMENTS(actions); i++) {
		if (strcmp(argv[1], actions[i].name) != 0)
			continue;
		if (argc > 2 && actions[i].run != show_rule)
			return cli_usage_error("rules", "%s takes no arguments", argv[1]);
		paths = cli_rules_paths(given, extra, &error);
		if (paths != NULL)
			set = iv_ruleset_load((const char *const *)paths, &error);
		return set != NULL ? actions[i].run(set, argv + 2) : cli_error(error);
	}
	return cli_usage_error("rules", "use list, show, test or lint");
}
