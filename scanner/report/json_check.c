/* SPDX-License-Identifier: GPL-3.0-or-later */
/* json_check.c - is this text strict JSON?  See json.h. */
#include <stdint.h>
#include <string.h>

#include "scanner/base/error.h"
#include "scanner/base/limits.h"
#include "scanner/report/json.h"

typedef struct {
	const char *text;
	size_t len;
	size_t pos;
	char open[IV_MAX_JSON_DEPTH]; /* '{' or '[' of each level */
	unsigned depth;
	bool opened; /* the value just read is a container that awaits its first value */
	const char *why;
} Scan;

static bool wrong(Scan *s, const char *why)
{
	s->why = why;
	return false;
}

static int peek(const Scan *s)
{
	return s->pos < s->len ? (guchar)s->text[s->pos] : -1;
}

static int next_token(Scan *s)
{
	int c;

	while ((c = peek(s)) == ' ' || c == '\t' || c == '\n' || c == '\r')
		s->pos++;
	return c;
}

/* Four hex digits at pos; they are taken. */
static bool hex4(Scan *s, unsigned *value)
{
	*value = 0;
	for (int i = 0; i < 4; i++, s->pos++) {
		int digit = s->pos < s->len ? g_ascii_xdigit_value(s->text[s->pos]) : -1;

		if (digit < 0)
			return wrong(s, "\\u needs four hex digits");
		*value = *value << 4 | (unsigned)digit;
	}
	return true;
}

/* Behind "\u": no NUL, and surrogates only as a pair. */
static bool check_unicode(Scan *s)
{
	unsigned first, second;

	if (!hex4(s, &first))
		return false;
	if (first == 0)
		return wrong(s, "a NUL character in a string");
	if (first < 0xd800 || first > 0xdfff)
		return true;
	if (first > 0xdbff || s->len - s->pos < 2 || memcmp(s->text + s->pos, "\\u", 2) != 0)
		return wrong(s, "half of a surrogate pair");
	s->pos += 2;
	if (!hex4(s, &second))
		return false;
	return (second >= 0xdc00 && second <= 0xdfff) || wrong(s, "half of a surrogate pair");
}

static bool check_escape(Scan *s)
{
	int c = peek(s);

	s->pos++;
	if (c == 'u')
		return check_unicode(s);
	return (c > 0 && strchr("\"\\/bfnrt", c) != NULL) || wrong(s, "an unknown escape");
}

static bool check_string(Scan *s)
{
	size_t start = ++s->pos;
	int c;

	while ((c = peek(s)) != '"') {
		if (c < 0)
			return wrong(s, "a string without an end");
		if (c < 0x20)
			return wrong(s, "a control character in a string");
		s->pos++;
		if (c == '\\' && !check_escape(s))
			return false;
	}
	if (!g_utf8_validate(s->text + start, (gssize)(s->pos - start), NULL))
		return wrong(s, "a string that is not UTF-8");
	s->pos++;
	return true;
}

static bool check_number(Scan *s)
{
	uint64_t value = 0;
	bool negative = peek(s) == '-';
	size_t start;

	s->pos += negative;
	start = s->pos;
	for (; g_ascii_isdigit((gchar)MAX(peek(s), 0)); s->pos++) {
		value = value * 10 + (uint64_t)(peek(s) - '0');
		if (value > IV_MAX_JSON_INTEGER)
			return wrong(s, "an integer beyond 2^53 - 1");
	}
	if (s->pos == start)
		return wrong(s, "a number without digits");
	if (s->text[start] == '0' && (s->pos - start > 1 || negative))
		return wrong(s, "a number that begins with a zero");
	if (peek(s) == '.' || peek(s) == 'e' || peek(s) == 'E')
		return wrong(s, "a number that is not a plain integer");
	return true;
}

static bool check_word(Scan *s)
{
	static const char *const words[] = {"true", "false", "null"};

	for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
		size_t len = strlen(words[i]);

		if (s->len - s->pos >= len && memcmp(s->text + s->pos, words[i], len) == 0) {
			s->pos += len;
			return true;
		}
	}
	return wrong(s, s->pos == s->len ? "the text ends too early" : "no JSON value");
}

static bool check_key(Scan *s)
{
	if (next_token(s) != '"')
		return wrong(s, "a key in quotes must stand here");
	if (!check_string(s))
		return false;
	if (next_token(s) != ':')
		return wrong(s, "a colon must stand here");
	s->pos++;
	return true;
}

/* '{' or '[': an empty one is a whole value, else its first value comes next. */
static bool check_open(Scan *s)
{
	char open = s->text[s->pos++];

	if (next_token(s) == (open == '{' ? '}' : ']')) {
		s->pos++;
		return true;
	}
	if (s->depth == IV_MAX_JSON_DEPTH)
		return wrong(s, "nested too deeply");
	s->open[s->depth++] = open;
	s->opened = true;
	return open == '[' || check_key(s);
}

static bool check_value(Scan *s)
{
	int c = next_token(s);

	s->opened = false;
	switch (c) {
	case '{':
	case '[':
		return check_open(s);
	case '"':
		return check_string(s);
	default:
		return c == '-' || (c >= '0' && c <= '9') ? check_number(s) : check_word(s);
	}
}

/* Behind a value: close what ends here.  *more: another value follows. */
static bool check_after(Scan *s, bool *more)
{
	*more = false;
	while (s->depth > 0) {
		char open = s->open[s->depth - 1];
		int c = next_token(s);

		if (c == ',') {
			s->pos++;
			*more = true;
			return open == '[' || check_key(s);
		}
		if (c != (open == '{' ? '}' : ']'))
			return wrong(s, open == '{' ? "a comma or } must stand here"
						    : "a comma or ] must stand here");
		s->pos++;
		s->depth--;
	}
	return true;
}

static bool check_document(Scan *s)
{
	bool more = true;

	while (more) {
		if (!check_value(s))
			return false;
		if (!s->opened && !check_after(s, &more))
			return false;
	}
	return next_token(s) < 0 || wrong(s, "something stands behind the document");
}

bool iv_json_check_text(const char *text, size_t len, GError **error)
{
	Scan s = {.text = text, .len = len};
	size_t line = 1, column = 1;

	if (check_document(&s))
		return true;
	for (size_t i = 0; i < s.pos && i < len; i++) {
		column = text[i] == '\n' ? 1 : column + 1;
		line += text[i] == '\n';
	}
	return iv_fail(error, IV_ERROR_CORRUPT, "line %zu, column %zu: %s", line, column, s.why);
}
