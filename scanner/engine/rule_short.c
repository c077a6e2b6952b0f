/* rule_short.c - a rule in five lines: a service, its keyword, the class of its secret; see
 * rule_read.h */
#include <string.h>

#include "scanner/base/limits.h"
#include "scanner/engine/rule_read.h"

/* Bytes that are left of an example's secret to make a negative example of it. */
#define CUT_SECRET 6u
/* Digits of the sizes of a class: PCRE2 repeats up to 65535 times. */
#define MAX_SIZE 65535u

/* Classes of secrets.  The name's case is that of the letters; entropy is what
 * a random secret of this class hardly stays below, in bits per byte. */
static const struct {
	const char *name, *bytes;
	double entropy;
} classes[] = {
	{"hex", "[0-9a-f]", 2.6},
	{"HEX", "[0-9A-F]", 2.6},
	{"Hex", "[0-9A-Fa-f]", 2.6},
	{"alnum", "[0-9a-z]", 3.0},
	{"ALNUM", "[0-9A-Z]", 3.0},
	{"Alnum", "[0-9A-Za-z]", 3.0},
	{"word", "[\\w-]", 3.0},
	{"dotted", "[\\w.-]", 3.0},
	{"base64", "[\\w+/=.-]", 3.0},
	{"digits", "[0-9]", 2.0},
	/* the one class without a size */
	{"uuid", "[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", 3.0},
};
#define UUID (G_N_ELEMENTS(classes) - 1)

static char *why_no_class(const char *text)
{
	g_autoptr(GString) why = g_string_new(NULL);

	g_string_printf(why, "\"%s\" is no class of secrets\nwrite uuid, a PCRE2 piece such as"
			     " sk_[0-9]{8}, or a size behind one of:",
			text);
	for (guint i = 0; i < UUID; i++)
		g_string_append_printf(why, " %s", classes[i].name);
	return g_strdup(why->str);
}

/* "32" or "20-40" as the repeat {32} or {20,40}; NULL when it is no size. */
static char *repeat_of(const char *size)
{
	g_auto(GStrv) ends = g_strsplit(size, "-", 3);
	guint64 from, to;
	guint n = g_strv_length(ends);

	if (n < 1 || n > 2 || !g_ascii_string_to_unsigned(ends[0], 10, 1, MAX_SIZE, &from, NULL))
		return NULL;
	if (n == 1)
		return g_strdup_printf("{%u}", (guint)from);
	if (!g_ascii_string_to_unsigned(ends[1], 10, from, MAX_SIZE, &to, NULL))
		return NULL;
	return g_strdup_printf("{%u,%u}", (guint)from, (guint)to);
}

/* What has only letters, digits, blanks and '-' is the name of a class. */
static bool is_class(const char *text)
{
	while (g_ascii_isalnum(*text) || *text == ' ' || *text == '-')
		text++;
	return *text == '\0';
}

/* A class as a PCRE2 piece, with its entropy; anything else as it stands. */
static char *secret_piece(const char *text, double *entropy, char **why)
{
	g_auto(GStrv) words = g_strsplit(text, " ", 2);
	g_autofree char *repeat = NULL;

	if (!is_class(text))
		return g_strdup(text);
	if (strcmp(text, classes[UUID].name) == 0) {
		*entropy = classes[UUID].entropy;
		return g_strdup(classes[UUID].bytes);
	}
	repeat = words[0] != NULL && words[1] != NULL ? repeat_of(words[1]) : NULL;
	for (guint i = 0; repeat != NULL && i < UUID; i++)
		if (strcmp(words[0], classes[i].name) == 0) {
			*entropy = classes[i].entropy;
			return g_strconcat(classes[i].bytes, repeat, NULL);
		}
	*why = why_no_class(text);
	return NULL;
}

/* --- the spellings of a keyword ------------------------------------------------------- */

/* "alpha vantage" is written alpha_vantage, alpha-vantage, alphavantage and alpha vantage. */
static void add_spellings(GPtrArray *out, const char *keyword)
{
	static const char *const separators[] = {"_", "-", "", " "};
	const char *blank = strrchr(keyword, ' ');
	g_autoptr(GPtrArray) heads = g_ptr_array_new_with_free_func(g_free);
	g_autofree char *head = NULL;

	if (blank == NULL) {
		g_ptr_array_add(out, g_strdup(keyword));
		return;
	}
	head = g_strndup(keyword, blank - keyword);
	add_spellings(heads, head);
	for (guint i = 0; i < heads->len; i++)
		for (guint k = 0; k < G_N_ELEMENTS(separators); k++)
			g_ptr_array_add(out, g_strconcat(heads->pdata[i], separators[k],
							 blank + 1, NULL));
}

static guint count_blanks(const char *text)
{
	guint n = 0;

	for (; *text != '\0'; text++)
		n += *text == ' ';
	return n;
}

/* Replace keywords by their spellings. */
static bool spell(GStrv *keywords, char **why)
{
	g_autoptr(GPtrArray) out = g_ptr_array_new_with_free_func(g_free);

	for (guint i = 0; (*keywords)[i] != NULL; i++) {
		const char *keyword = (*keywords)[i];

		if (strlen(keyword) < 2 || g_ascii_isspace(*keyword) ||
		    g_str_has_suffix(keyword, " "))
			*why = g_strdup("a keyword has at least 2 bytes, and no blank at its ends");
		else if (count_blanks(keyword) > IV_MAX_KEYWORD_BLANKS)
			*why = g_strdup_printf("a keyword has at most %u blanks",
					       IV_MAX_KEYWORD_BLANKS);
		if (*why != NULL)
			return false;
		add_spellings(out, keyword);
	}
	g_ptr_array_add(out, NULL);
	g_strfreev(*keywords);
	*keywords = (GStrv)g_ptr_array_free(g_steal_pointer(&out), FALSE);
	return true;
}

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
	if (!iv_pieces_in_words(pieces, values, why) || !spell(values, why))
		return false;
	iv_pieces_set(pieces, "keyword", IV_PIECE_LITERAL, (const char *const *)*values);
	return true;
}

static bool take_secret(IvPieces *pieces, GStrv *values, double *entropy, char **why)
{
	for (guint i = 0; (*values)[i] != NULL; i++) {
		double ignored = 0;
		char *piece = secret_piece((*values)[i], i == 0 ? entropy : &ignored, why);

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
static bool (*const takers[])(IvPieces *pieces, GStrv *values, double *entropy, char **why) = {
	take_keyword, take_secret, take_site, take_service};

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
		{"name", &rule->name, iv_pieces_in_text},
		{"reason", &rule->reason, iv_pieces_in_text},
		{"remediation", &rule->remediation, iv_pieces_in_text},
	};

	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		const IvYamlNode *place = iv_rule_place(file, node, rows[i].key);
		g_autofree char *why = NULL;

		if (*rows[i].text == NULL)
			continue;
		if (rule->dense == NULL && rows[i].expand == iv_pieces_in_pattern &&
		    iv_pattern_is_dense(*rows[i].text))
			rule->dense = g_strdup(rows[i].key);
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
