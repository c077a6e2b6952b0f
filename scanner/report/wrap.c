/* SPDX-License-Identifier: GPL-3.0-or-later */
/* wrap.c - see wrap.h */
#include "scanner/report/wrap.h"

#include <stdbool.h>
#include <string.h>

#include "scanner/base/text.h"

static int width(gunichar c)
{
	return g_unichar_iszerowidth(c) ? 0 : g_unichar_iswide(c) ? 2 : 1;
}

static void append_harmless(GString *out, gunichar c)
{
	if (iv_text_steers(c))
		g_string_append_printf(out, "\\u{%x}", c);
	else
		g_string_append_unichar(out, c);
}

static char *harmless_text(const char *text)
{
	g_autofree char *valid = g_utf8_make_valid(text, -1);
	GString *out = g_string_new(NULL);

	for (const char *p = valid; *p != '\0'; p = g_utf8_next_char(p))
		append_harmless(out, g_utf8_get_char(p));
	return g_string_free(out, FALSE);
}

/* Append the words of a text: blanks and line breaks of it only separate. */
static void add_words(GPtrArray *words, const char *text)
{
	g_autofree char *valid = g_utf8_make_valid(text, -1);
	g_autoptr(GString) word = g_string_new(NULL);

	for (const char *p = valid;; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);

		if (c == 0 || c == ' ' || c == '\n' || c == '\t') {
			if (word->len > 0)
				g_ptr_array_add(words, g_strdup(word->str));
			g_string_truncate(word, 0);
			if (c == 0)
				return;
		} else {
			append_harmless(word, c);
		}
	}
}

/* Would a shell take the word as it stands? */
static bool plain_word(const char *word)
{
	for (const char *p = word; *p != '\0'; p++)
		if (!g_ascii_isalnum(*p) && strchr("/._-+,:=@%", *p) == NULL && !((guchar)*p & 0x80))
			return false;
	return *word != '\0';
}

static char *path_word(const char *path)
{
	g_autofree char *text = harmless_text(path);

	return plain_word(text) ? g_steal_pointer(&text) : g_shell_quote(text);
}

static int word_width(const char *word)
{
	int sum = 0;

	for (; *word != '\0'; word = g_utf8_next_char(word))
		sum += width(g_utf8_get_char(word));
	return sum;
}

/* Bytes of the word that fit into `room` columns, preferably up to a mark. */
static size_t piece(const char *word, int room)
{
	const char *p = word, *mark = NULL;
	int used = 0;

	for (; *p != '\0'; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);

		used += width(c);
		if (used > room)
			break;
		if (p > word && (c == '/' || c == ':' || c == '-'))
			mark = p + 1;
	}
	if (*p == '\0')
		return (size_t)(p - word);
	if (mark != NULL)
		p = mark;
	else if (p == word)
		p = g_utf8_next_char(p); /* a line too narrow for anything still moves on */
	return (size_t)(p - word);
}

static void next_line(GString *out, int indent, int *at)
{
	g_string_append_printf(out, "\n%*s", indent, "");
	*at = indent;
}

static void long_word(GString *out, const char *word, int indent, int columns, int *at)
{
	while (word_width(word) > columns - *at) {
		size_t len = piece(word, columns - *at);

		g_string_append_len(out, word, (gssize)len);
		word += len;
		if (*word == '\0')
			return;
		next_line(out, indent, at);
	}
	g_string_append(out, word);
	*at += word_width(word);
}

/* `whole` is the number of the word that must not be broken, or -1. */
static void wrap_words(GString *out, const GPtrArray *words, int whole, int at, int indent,
		       int columns)
{
	bool fresh = true;

	for (guint i = 0; i < words->len; i++) {
		const char *word = words->pdata[i];
		int need = word_width(word);
		bool fits_alone = (int)i == whole || indent + need <= columns;

		if (!fresh && at + 1 + need > columns && (fits_alone || at + 1 >= columns)) {
			next_line(out, indent, &at);
			fresh = true;
		}
		if (!fresh) {
			g_string_append_c(out, ' ');
			at++;
		}
		if ((int)i == whole) {
			g_string_append(out, word);
			at += need;
		} else {
			long_word(out, word, indent, columns, &at);
		}
		fresh = false;
	}
	g_string_append_c(out, '\n');
}

void iv_wrap(GString *out, const char *text, int at, int indent, int columns)
{
	g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);

	add_words(words, text);
	wrap_words(out, words, -1, at, indent, columns);
}

void iv_wrap_path(GString *out, const char *before, const char *path, const char *after, int at,
		  int indent, int columns)
{
	g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);
	int whole = -1;

	add_words(words, before);
	if (path != NULL) {
		whole = (int)words->len;
		g_ptr_array_add(words, path_word(path));
	}
	add_words(words, after);
	wrap_words(out, words, whole, at, indent, columns);
}

void iv_wrap_cell(GString *out, const char *text, int width_wanted, gboolean right)
{
	g_autofree char *shown = harmless_text(text);
	int fill = MAX(width_wanted - word_width(shown), 0);

	g_string_append_printf(out, "%*s%s%*s", right ? fill : 0, "", shown, right ? 2 : fill + 2, "");
}
