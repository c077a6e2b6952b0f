/* SPDX-License-Identifier: GPL-3.0-or-later */
/* anchor_set.c - sets of literals, and how good they are; see anchor_parts.h */
#include "scanner/engine/anchor_parts.h"

#include <string.h>

GPtrArray *iv_lits_new(void)
{
	return g_ptr_array_new_with_free_func(g_free);
}

GPtrArray *iv_lits_of(const char *text)
{
	GPtrArray *set = iv_lits_new();

	g_ptr_array_add(set, g_strdup(text));
	return set;
}

static bool set_has(const GPtrArray *set, const char *text)
{
	for (guint i = 0; i < set->len; i++)
		if (strcmp(g_ptr_array_index(set, i), text) == 0)
			return true;
	return false;
}

void iv_lits_add(GPtrArray *set, const char *text)
{
	if (!set_has(set, text))
		g_ptr_array_add(set, g_strdup(text));
}

GPtrArray *iv_lits_copy(const GPtrArray *set)
{
	GPtrArray *copy = iv_lits_new();

	for (guint i = 0; i < set->len; i++)
		g_ptr_array_add(copy, g_strdup(g_ptr_array_index(set, i)));
	return copy;
}

void iv_lits_free(GPtrArray *set)
{
	if (set != NULL)
		g_ptr_array_unref(set);
}

/* Every string of a followed by every string of b; NULL when that is too much. */
GPtrArray *iv_lits_cross(const GPtrArray *a, const GPtrArray *b)
{
	GPtrArray *out;

	if ((guint64)a->len * b->len > IV_EXACT_MAX)
		return NULL;
	out = iv_lits_new();
	for (guint i = 0; i < a->len; i++) {
		for (guint j = 0; j < b->len; j++) {
			g_autofree char *text = g_strconcat(g_ptr_array_index(a, i),
							    g_ptr_array_index(b, j), NULL);

			if (strlen(text) > IV_ANCHOR_MAX) {
				iv_lits_free(out);
				return NULL;
			}
			iv_lits_add(out, text);
		}
	}
	return out;
}

/* --- how good an anchor is -------------------------------------------------------- */

static const char *const generic_words[] = {
	"access", "account", "api", "auth", "authorization", "bearer", "client", "config",
	"credential", "credentials", "email", "host", "http", "https", "http://", "https://",
	"id", "key", "login", "name", "pass", "passwd", "password", "private", "public", "pwd",
	"secret", "server", "service", "token", "url", "user", "username", "value", "www.",
	"://", "basic", "cert", "code", "data", "file", "session", "string", "com", ".com",
	"org", "test", "type", "base64", "root", "home", "true", "false", "null", "end", "begin",
	"export", "etc", "usr", "var", "bin", "lib", NULL,
};

bool iv_anchor_begins_word(const char *anchor)
{
	return g_str_has_prefix(anchor, "\\b");
}

const char *iv_anchor_literal(const char *anchor)
{
	return anchor + (iv_anchor_begins_word(anchor) ? 2 : 0);
}

bool iv_anchor_is_generic(const char *anchor)
{
	char first = g_ascii_tolower(*anchor);

	for (const char *const *word = generic_words; *word != NULL; word++)
		if (**word == first && g_ascii_strcasecmp(*word, anchor) == 0)
			return true;
	return false;
}

/* Rarity of one lower-case byte in files, roughly in bits over the commonest. */
static int byte_rarity(unsigned char c)
{
	static const bool common[256] = {
		['e'] = true, ['t'] = true, ['a'] = true, ['o'] = true, ['i'] = true,
		['n'] = true, ['s'] = true, ['r'] = true, ['l'] = true, ['c'] = true,
		['d'] = true, ['u'] = true, ['p'] = true, [' '] = true,
	};

	if (common[c])
		return 4;
	if (g_ascii_isalpha(c))
		return c == 'z' || c == 'q' || c == 'j' || c == 'x' ? 7 : 5;
	if (c == '0')
		return 3;
	return g_ascii_isdigit(c) ? 5 : 6;
}

/* Bits, as far as the matcher can use them: at most eight bytes count. */
static int literal_score(const char *text)
{
	size_t len = strlen(text);
	int best = 0;

	if (len < IV_ANCHOR_MIN)
		return 0;
	for (size_t from = 0; from + MIN(len, 8) <= len; from++) {
		int sum = 0;

		for (size_t i = from; i < from + MIN(len, 8); i++)
			sum += i > from && text[i] == text[i - 1] ? 1
								   : byte_rarity((guchar)text[i]);
		best = MAX(best, sum);
	}
	return iv_anchor_is_generic(text) ? 1 : best;
}

/* A set is as good as its worst literal, and worse the larger it is. */
int iv_lits_score(const GPtrArray *set)
{
	int worst = G_MAXINT;

	if (set == NULL || set->len == 0 || set->len > IV_ANCHOR_SET_MAX)
		return 0;
	for (guint i = 0; i < set->len; i++)
		worst = MIN(worst, literal_score(g_ptr_array_index(set, i)));
	for (guint n = set->len; n > 1 && worst > 1; n /= 2)
		worst--;
	return worst;
}

/* Leave out literals that contain another one of the set: the shorter suffices. */
GPtrArray *iv_lits_minimal(const GPtrArray *set)
{
	GPtrArray *out = iv_lits_new();

	for (guint i = 0; i < set->len; i++) {
		const char *text = g_ptr_array_index(set, i);
		bool covered = false;

		for (guint j = 0; j < set->len && !covered; j++)
			covered = i != j && strstr(text, g_ptr_array_index(set, j)) != NULL;
		if (!covered)
			g_ptr_array_add(out, g_strdup(text));
	}
	return out;
}

/* Keep the better of *best and the candidate. */
void iv_lits_consider(GPtrArray **best, const GPtrArray *candidate)
{
	g_autoptr(GPtrArray) small = candidate != NULL ? iv_lits_minimal(candidate) : NULL;

	if (iv_lits_score(small) <= iv_lits_score(*best))
		return;
	iv_lits_free(*best);
	*best = g_steal_pointer(&small);
}
