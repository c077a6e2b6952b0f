/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rule_class.c - the words of the short form: classes of secrets, spellings of keywords; see
 * rule_read.h */
#include <string.h>

#include "scanner/base/limits.h"
#include "scanner/engine/rule_read.h"

/* The largest size of a class: PCRE2 repeats up to 65535 times. */
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

	g_string_printf(why,
			"\"%s\" is no class of secrets\nwrite uuid, a PCRE2 piece such as"
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

char *iv_secret_piece(const char *text, double *entropy, char **why)
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
			g_ptr_array_add(
				out, g_strconcat(heads->pdata[i], separators[k], blank + 1, NULL));
}

static guint count_blanks(const char *text)
{
	guint n = 0;

	for (; *text != '\0'; text++)
		n += *text == ' ';
	return n;
}

bool iv_keyword_spell(GStrv *keywords, char **why)
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
