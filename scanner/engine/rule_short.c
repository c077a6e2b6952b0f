/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rule_short.c - a rule in five lines: a service, its keyword, the class of its secret; see
 * rule_read.h */
#include <string.h>

#include "scanner/engine/layout.h"
#include "scanner/engine/rule_read.h"

/* Bytes that are left of an example's secret to make a negative example of it. */
#define CUT_SECRET 6u

/* --- reading ---------------------------------------------------------------------------- */

/* A key that holds a text or a list of texts. */
static bool read_one_or_more(const IvRuleFile *file, const IvYamlNode *node, const char *key,
			     GStrv *out, GError **error)
{
	const IvYamlNode *value = iv_yaml_get(node, key);
	const char *text = value != NULL ? iv_yaml_text(value) : NULL;
	char *one[] = {(char *)text, NULL};

	if (text != NULL)
		*out = g_strdupv(one);
	else if (!iv_yaml_read_strings(file->yaml, node, key, out, error))
		return false;
	if (value != NULL && ((*out)[0] == NULL || *(*out)[0] == '\0'))
		return iv_yaml_fail(file->yaml, value, error, "'%s' is empty", key);
	return true;
}

static bool take_keyword(IvPieces *pieces, GStrv *values, double *entropy, char **why)
{
	if (!iv_pieces_in_words(pieces, values, why) || !iv_keyword_spell(values, why))
		return false;
	iv_pieces_set(pieces, "keyword", IV_PIECE_LITERAL, (const char *const *)*values);
	return true;
}

static bool take_secret(IvPieces *pieces, GStrv *values, double *entropy, char **why)
{
	for (guint i = 0; (*values)[i] != NULL; i++) {
		double ignored = 0;
		char *piece = iv_secret_piece((*values)[i], i == 0 ? entropy : &ignored, why);

		if (piece == NULL)
			return false;
		g_free((*values)[i]);
		(*values)[i] = piece;
	}
	if (!iv_pieces_in_patterns(pieces, values, why))
		return false;
	iv_pieces_set(pieces, "secret", IV_PIECE_SECRET, (const char *const *)*values);
	return true;
}

static bool take_text(IvPieces *pieces, const char *name, GStrv *values, char **why)
{
	if ((*values)[1] != NULL) {
		*why = g_strdup("this is one text, not a list");
		return false;
	}
	if (!iv_pieces_in_words(pieces, values, why))
		return false;
	iv_pieces_set(pieces, name, IV_PIECE_LITERAL, (const char *const *)*values);
	return true;
}

static bool take_service(IvPieces *pieces, GStrv *values, double *entropy, char **why)
{
	return take_text(pieces, "service", values, why);
}

static bool take_site(IvPieces *pieces, GStrv *values, double *entropy, char **why)
{
	return take_text(pieces, "site", values, why);
}

/* In the order of iv_rule_piece_names. */
static bool (*const takers[])(IvPieces *pieces, GStrv *values, double *entropy,
			      char **why) = {take_keyword, take_secret, take_site, take_service};

static bool read_piece(const IvRuleFile *file, const IvYamlNode *node, guint i, IvRule *rule,
		       GError **error)
{
	const char *key = iv_rule_piece_names[i];
	const IvYamlNode *at = iv_yaml_get(node, key);
	g_auto(GStrv) values = NULL;
	g_autofree char *why = NULL;
	double entropy = 0;

	if (at == NULL)
		return true;
	if (file->pieces == NULL)
		return iv_yaml_fail(file->yaml, at, error,
				    "'%s' needs \"defaults\" or \"definitions\" in its file", key);
	if (!read_one_or_more(file, node, key, &values, error))
		return false;
	if (!takers[i](file->pieces, &values, &entropy, &why))
		return iv_yaml_fail(file->yaml, at, error, "%s: %s", key, why);
	if (entropy > 0 && iv_yaml_get(iv_rule_place(file, node, "entropy"), "entropy") == NULL &&
	    iv_yaml_get(node, "min_entropy") == NULL)
		rule->entropy = entropy;
	return true;
}

/* "example" is short for a list of one. */
static bool read_example(const IvRuleFile *file, const IvYamlNode *node, IvRule *rule,
			 GError **error)
{
	g_autofree char *example = NULL;
	char *one[] = {NULL, NULL};

	if (!iv_yaml_read_string(file->yaml, node, "example", &example, error))
		return false;
	if (example == NULL)
		return true;
	if (rule->examples != NULL)
		return iv_yaml_fail(file->yaml, iv_yaml_get(node, "example"), error,
				    "write example or examples, not both");
	one[0] = example;
	rule->examples = g_strdupv(one);
	return true;
}

bool iv_rule_short_read(const IvRuleFile *file, const IvYamlNode *node, IvRule *rule,
			GError **error)
{
	if (file->pieces != NULL)
		iv_pieces_forget_rule(file->pieces);
	for (guint i = 0; iv_rule_piece_names[i] != NULL; i++)
		if (!read_piece(file, node, i, rule, error))
			return false;
	return read_example(file, node, rule, error);
}

/* --- expanding ----------------------------------------------------------------------------- */

/* Remember the first pattern that nobody can read, as it is written: for lint. */
static void note_dense(IvRule *rule)
{
	const struct {
		const char *key, *pattern;
	} rows[] = {{"pattern", rule->pattern}, {"path", rule->path}, {"not_path", rule->not_path}, {"quiet_path", rule->quiet_path}};

	for (guint i = 0; rule->dense == NULL && i < G_N_ELEMENTS(rows); i++)
		if (rows[i].pattern != NULL && iv_pattern_is_dense(rows[i].pattern))
			rule->dense = g_strdup(rows[i].key);
	for (guint i = 0; rule->dense == NULL && rule->allow != NULL && rule->allow[i] != NULL; i++)
		if (iv_pattern_is_dense(rule->allow[i]))
			rule->dense = g_strdup("allow");
}

static bool expand_texts(const IvRuleFile *file, const IvYamlNode *node, IvRule *rule,
			 GError **error)
{
	const struct {
		const char *key;
		char **text;
		bool (*expand)(IvPieces *pieces, char **text, char **why);
	} rows[] = {
		{"pattern", &rule->pattern, iv_pieces_in_pattern},
		{"path", &rule->path, iv_pieces_in_pattern},
		{"not_path", &rule->not_path, iv_pieces_in_pattern},
		{"quiet_path", &rule->quiet_path, iv_pieces_in_pattern},
		{"name", &rule->name, iv_pieces_in_text},
		{"reason", &rule->reason, iv_pieces_in_text},
		{"remediation", &rule->remediation, iv_pieces_in_text},
	};

	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		const IvYamlNode *place = iv_rule_place(file, node, rows[i].key);
		g_autofree char *why = NULL;

		if (*rows[i].text == NULL)
			continue;
		/* What the defaults say may be wrong for this rule alone: its line is told. */
		if (!rows[i].expand(file->pieces, rows[i].text, &why))
			return iv_yaml_fail(file->yaml,
					    place == node ? iv_yaml_get(node, rows[i].key) : node,
					    error, "%s: %s", rows[i].key, why);
	}
	return true;
}

static bool expand_lists(const IvRuleFile *file, const IvYamlNode *node, IvRule *rule,
			 GError **error)
{
	const struct {
		const char *key;
		GStrv *list;
		bool (*expand)(IvPieces *pieces, GStrv *list, char **why);
	} rows[] = {
		{"anchors", &rule->anchors, iv_pieces_in_words},
		{"allow", &rule->allow, iv_pieces_in_patterns},
		{"references", &rule->references, iv_pieces_in_words},
	};

	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		const IvYamlNode *place = iv_rule_place(file, node, rows[i].key);
		g_autofree char *why = NULL;

		if (*rows[i].list != NULL && !rows[i].expand(file->pieces, rows[i].list, &why))
			return iv_yaml_fail(file->yaml,
					    place == node ? iv_yaml_get(node, rows[i].key) : node,
					    error, "%s: %s", rows[i].key, why);
	}
	return true;
}

bool iv_rule_expand(const IvRuleFile *file, const IvYamlNode *node, IvRule *rule, GError **error)
{
	note_dense(rule);
	if (file->pieces == NULL)
		return true;
	if (!expand_texts(file, node, rule, error) || !expand_lists(file, node, rule, error))
		return false;
	if (rule->dense == NULL && iv_pieces_dense(file->pieces) != NULL)
		rule->dense = g_strconcat("definition ", iv_pieces_dense(file->pieces), NULL);
	return true;
}

/* --- what follows ----------------------------------------------------------------------------- */

/* A key that nothing in the rule names is a mistake: it would look as if it did something.
 * A service may stand for the reader alone. */
static bool check_used(const IvRuleFile *file, const IvYamlNode *node, GError **error)
{
	for (guint i = 0; strcmp(iv_rule_piece_names[i], "service") != 0; i++) {
		const char *key = iv_rule_piece_names[i];
		const IvYamlNode *at = iv_yaml_get(node, key);

		if (at != NULL && !iv_pieces_used(file->pieces, key))
			return iv_yaml_fail(file->yaml, at, error,
					    "nothing in the rule or its defaults says {{%s}}", key);
	}
	return true;
}

/* One of the spellings of its keyword stands in every match. */
static void derive_anchors(const IvRuleFile *file, IvRule *rule)
{
	GStrv keyword = g_strsplit("{{keyword}}", "\n", 1);
	g_autofree char *why = NULL;

	if (iv_pieces_in_words(file->pieces, &keyword, &why))
		rule->anchors = keyword;
	else
		g_strfreev(keyword);
}

/* The first example, its secret cut short: too little to be one. */
static void derive_negative(IvRule *rule)
{
	g_autofree char *why = NULL;
	g_autoptr(IvRegex) regex = iv_regex_new(rule->pattern, false, &why);
	const char *text = rule->examples[0];
	size_t len = strlen(text);
	IvRegexScratch *scratch = iv_regex_scratch_new();
	IvRegexRange range = {.data = (const uint8_t *)text, .to = len, .last = len};
	IvRegexHit hit;
	char *one[] = {NULL, NULL};

	if (regex != NULL && iv_regex_match(regex, scratch, &range, &hit) == IV_REGEX_MATCH &&
	    hit.secret_end - hit.secret_start > CUT_SECRET) {
		one[0] = g_strdup_printf("%.*s%s", (int)(hit.secret_start + CUT_SECRET), text,
					 text + hit.secret_end);
		rule->negative_examples = g_strdupv(one);
		g_free(one[0]);
	}
	iv_regex_scratch_free(scratch);
}

bool iv_rule_short_finish(const IvRuleFile *file, const IvYamlNode *node, IvRule *rule,
			  GError **error)
{
	bool keyword = iv_yaml_get(node, "keyword") != NULL;
	bool secret = iv_yaml_get(node, "secret") != NULL;

	if (file->pieces == NULL)
		return true;
	if (!check_used(file, node, error))
		return false;
	if (keyword && rule->anchors == NULL && rule->path == NULL)
		derive_anchors(file, rule);
	if (secret && rule->negative_examples == NULL && rule->examples != NULL &&
	    rule->examples[0] != NULL && rule->pattern != NULL)
		derive_negative(rule);
	return true;
}
