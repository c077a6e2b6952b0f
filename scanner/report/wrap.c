/* wrap.c - see wrap.h */
#include "scanner/report/wrap.h"

#include <stdbool.h>

static bool harmless(gunichar c)
{
	return g_unichar_isprint(c) && g_unichar_type(c) != G_UNICODE_FORMAT;
}

static int width(gunichar c)
{
	return g_unichar_iszerowidth(c) ? 0 : g_unichar_iswide(c) ? 2 : 1;
}

/* One word per element: blanks and line breaks of the text only separate. */
static GPtrArray *words_of(const char *text)
{
	g_autofree char *valid = g_utf8_make_valid(text, -1);
	GPtrArray *words = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GString) word = g_string_new(NULL);

	for (const char *p = valid;; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);

		if (c == 0 || c == ' ' || c == '\n' || c == '\t') {
			if (word->len > 0)
				g_ptr_array_add(words, g_strdup(word->str));
			g_string_truncate(word, 0);
			if (c == 0)
				return words;
		} else if (harmless(c)) {
			g_string_append_unichar(word, c);
		} else {
			g_string_append_printf(word, "\\u{%x}", c);
		}
	}
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
		if (c == '/' || c == ':' || c == '-')
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

void iv_wrap(GString *out, const char *text, int at, int indent, int columns)
{
	g_autoptr(GPtrArray) words = words_of(text);
	bool fresh = true;

	for (guint i = 0; i < words->len; i++) {
		const char *word = words->pdata[i];
		int need = word_width(word);

		if (!fresh && at + 1 + need > columns && indent + need <= columns) {
			next_line(out, indent, &at);
			fresh = true;
		}
		if (!fresh) {
			g_string_append_c(out, ' ');
			at++;
		}
		long_word(out, word, indent, columns, &at);
		fresh = false;
	}
	g_string_append_c(out, '\n');
}
