/* SPDX-License-Identifier: GPL-3.0-or-later */
/* anchor_class.c - bytes, escapes and classes of a pattern; see anchor_parts.h */
#include "scanner/engine/anchor_parts.h"

#include <string.h>

/* A class of more characters than this ends the run. */
#define CLASS_MAX 8u

void iv_pattern_give_up(IvPattern *p)
{
	p->failed = true;
	p->at += strlen(p->at);
}

void iv_pattern_skip_blank(IvPattern *p)
{
	while (*p->at != '\0') {
		if (strncmp(p->at, "(?#", 3) == 0) {
			const char *end = strchr(p->at, ')');

			if (end == NULL) {
				iv_pattern_give_up(p);
				return;
			}
			p->at = end + 1;
		} else if (p->extended && strchr(" \t\n\v\f\r", *p->at) != NULL) {
			p->at++;
		} else if (p->extended && *p->at == '#') {
			p->at += strcspn(p->at, "\r\n");
		} else {
			return;
		}
	}
}

/* One character after a backslash that stands for itself or a control
 * character; -1: not one. */
int iv_pattern_escape(char c)
{
	switch (c) {
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case 't':
		return '\t';
	case 'f':
		return '\f';
	case 'e':
		return 27;
	case 'a':
		return 7;
	default:
		return g_ascii_isalnum(c) || c == '\0' ? -1 : (guchar)c;
	}
}

/* \xHH and \x{HH} behind the x; -1 when it is neither or no byte. */
int iv_pattern_hex(IvPattern *p)
{
	int value = 0, digits = 0;
	bool braces = *p->at == '{';

	if (braces)
		p->at++;
	while (g_ascii_isxdigit(*p->at) && digits < (braces ? 8 : 2)) {
		value = value * 16 + g_ascii_xdigit_value(*p->at++);
		digits++;
	}
	if (braces && *p->at != '}') {
		iv_pattern_give_up(p);
		return -1;
	}
	if (braces)
		p->at++;
	return value < 256 ? value : -1;
}

void iv_pattern_fill_class(bool *set, char kind)
{
	bool negated = g_ascii_isupper(kind);

	for (int c = 0; c < 256; c++) {
		bool in = false;

		switch (g_ascii_tolower(kind)) {
		case 'd':
			in = g_ascii_isdigit(c);
			break;
		case 'w':
			in = g_ascii_isalnum(c) || c == '_';
			break;
		case 's':
			in = g_ascii_isspace(c) || c == '\v';
			break;
		case 'h':
			in = c == ' ' || c == '\t' || c == 0xa0;
			break;
		default: /* v */
			in = (c >= '\n' && c <= '\r') || c == 0x85;
			break;
		}
		if (in != negated)
			set[c] = true;
	}
}

static void add_byte(GPtrArray *exact, int c)
{
	char text[2] = {g_ascii_tolower((char)c), '\0'};

	iv_lits_add(exact, text);
}

/* Only literals of text can be sought the fast way (gram.h): a form feed in one of them
 * makes the search for all a third slower. */
static bool is_text(int c)
{
	return g_ascii_isprint((char)c) || c == '\t' || c == '\n' || c == '\r';
}

/* A set of bytes as an exact part, when it is small after folding case. */
IvAnchorPart iv_pattern_set(const bool *set)
{
	IvAnchorPart part = {0};
	GPtrArray *exact = iv_lits_new();

	for (int c = 0; c < 256; c++) {
		if (!set[c])
			continue;
		if (!is_text(c) || exact->len > CLASS_MAX) {
			iv_lits_free(exact);
			return part;
		}
		add_byte(exact, c);
	}
	if (exact->len == 0 || exact->len > CLASS_MAX)
		iv_lits_free(exact);
	else
		part.exact = exact;
	return part;
}

IvAnchorPart iv_pattern_byte(int c)
{
	IvAnchorPart part = {0};

	if (c == 0)
		return part;
	part.exact = iv_lits_new();
	add_byte(part.exact, (guchar)c);
	return part;
}

/* --- classes ---------------------------------------------------------------------- */

/* [:alpha:] inside a class: treated as a large set, so that the class is not exact. */
static bool skip_posix(IvPattern *p, bool *set)
{
	const char *end;

	if (p->at[0] != '[' || (p->at[1] != ':' && p->at[1] != '.' && p->at[1] != '='))
		return false;
	end = strstr(p->at + 2, ":]");
	if (end == NULL || strcspn(p->at + 2, "]\\") < (size_t)(end - p->at) - 1)
		return false;
	memset(set, true, 256);
	p->at = end + 2;
	return true;
}

/* One member: its byte, or -1 when it is a set of its own (added already). */
static int class_member(IvPattern *p, bool *set)
{
	char c;
	int value;

	if (skip_posix(p, set))
		return -1;
	c = *p->at++;
	if (c != '\\')
		return (guchar)c;
	c = *p->at;
	if (c == '\0') {
		iv_pattern_give_up(p);
		return -1;
	}
	p->at++;
	if (c == 'x')
		return iv_pattern_hex(p);
	if (c == 'b')
		return '\b';
	if (strchr("dDwWsShHvV", c) != NULL) {
		iv_pattern_fill_class(set, c);
		return -1;
	}
	value = iv_pattern_escape(c);
	if (value < 0)
		iv_pattern_give_up(p);
	return value;
}

IvAnchorPart iv_pattern_class(IvPattern *p)
{
	bool set[256] = {false};
	bool negated = false, first = true;

	p->at++;
	if (*p->at == '^') {
		negated = true;
		p->at++;
	}
	while (*p->at != '\0' && (first || *p->at != ']')) {
		int from, to;

		first = false;
		if (p->extended_more && (*p->at == ' ' || *p->at == '\t')) {
			p->at++;
			continue;
		}
		if (p->at[0] == '\\' && (p->at[1] == 'Q' || p->at[1] == 'E')) {
			iv_pattern_give_up(p);
			break;
		}
		from = to = class_member(p, set);
		if (from >= 0 && p->at[0] == '-' && p->at[1] != ']' && p->at[1] != '\0') {
			p->at++;
			to = class_member(p, set);
			if (to < 0) { /* "a-\d" is no range */
				set['-'] = true;
				to = from;
			}
		}
		for (int c = from; from >= 0 && c <= to; c++)
			set[c] = true;
	}
	if (*p->at == ']')
		p->at++;
	else
		iv_pattern_give_up(p);
	for (int c = 0; negated && c < 256; c++)
		set[c] = !set[c];
	return p->failed ? (IvAnchorPart){0} : iv_pattern_set(set);
}
