/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * anchors.c - see anchors.h
 *
 * The idea is libyara's: a costly pattern is tried only where a cheap literal
 * was seen.  A small parser walks the pattern once.  For every part it knows
 * one of two things:
 *
 *   exact   the few strings that the part can match, all of them
 *   need    strings of which every match of the part contains one
 *
 * Parts in a row extend a run of exact strings (a cross product) until one of
 * them is not exact; then the run is a candidate for `need`, and the best
 * candidate wins.  Alternatives need a string from every branch.  What may be
 * absent contributes nothing.  Syntax that the parser does not know makes it
 * give up: no anchor is better than a wrong one.
 */
#include "scanner/engine/anchor_parts.h"

#include <string.h>

#define DEPTH_MAX 100u

static IvAnchorPart parse_alternatives(IvPattern *p);

static void part_clear(IvAnchorPart *part)
{
	iv_lits_free(part->exact);
	iv_lits_free(part->need);
	part->exact = part->need = NULL;
}

/* --- escapes and groups ----------------------------------------------------------- */

/* \p{L}, \k<name>, \g{1}: skip the braces. */
static void skip_braced(IvPattern *p)
{
	char close;

	if (*p->at == '{')
		close = '}';
	else if (*p->at == '<')
		close = '>';
	else if (*p->at == '\'')
		close = '\'';
	else
		close = '\0';
	if (close == '\0') {
		if (*p->at != '\0')
			p->at++;
		return;
	}
	p->at++;
	p->at += strcspn(p->at, (char[]){close, '\0'});
	if (*p->at == '\0')
		iv_pattern_give_up(p);
	else
		p->at++;
}

static IvAnchorPart parse_quoted(IvPattern *p)
{
	const char *end = strstr(p->at, "\\E");
	size_t len = end != NULL ? (size_t)(end - p->at) : strlen(p->at);
	IvAnchorPart part = {0};
	g_autofree char *text = g_ascii_strdown(p->at, (gssize)len);

	p->at += len + (end != NULL ? 2 : 0);
	/* A quantifier would belong to the last character only. */
	if (strchr("*+?{", *p->at) != NULL && *p->at != '\0')
		iv_pattern_give_up(p);
	if (len == 0)
		part.empty = true;
	else if (len <= IV_ANCHOR_MAX)
		part.exact = iv_lits_of(text);
	part.longest = (unsigned)MIN(len, IV_REACH_ENDLESS);
	return part;
}

static IvAnchorPart parse_escape(IvPattern *p)
{
	char c;
	int value;

	p->at++;
	c = *p->at;
	if (c == '\0') {
		iv_pattern_give_up(p);
		return (IvAnchorPart){0};
	}
	p->at++;
	if (strchr("bBAzZGE", c) != NULL)
		return (IvAnchorPart){.empty = true};
	if (strchr("dDwWsShHvV", c) != NULL) {
		bool set[256] = {false};

		iv_pattern_fill_class(set, c);
		return iv_pattern_set(set);
	}
	if (strchr("NRXC", c) != NULL)
		return (IvAnchorPart){.longest = c == 'X' ? IV_REACH_ENDLESS : 2};
	if (c == 'p' || c == 'P' || c == 'k') {
		skip_braced(p);
		return (IvAnchorPart){.longest = c == 'k' ? IV_REACH_ENDLESS : 1};
	}
	if (c >= '1' && c <= '9' && !g_ascii_isdigit(*p->at))
		return (IvAnchorPart){.longest = IV_REACH_ENDLESS}; /* a back reference, perhaps empty */
	if (c == 'Q')
		return parse_quoted(p);
	value = c == 'x' ? iv_pattern_hex(p) : iv_pattern_escape(c);
	if (c != 'x' && value < 0)
		iv_pattern_give_up(p); /* \K, \g, \c, octal ... */
	return value > 0 && !p->failed ? iv_pattern_byte(value) : (IvAnchorPart){0};
}

/* (?imsx-imsx) or (?imsx:...): the letters.  False when it is neither. */
static bool parse_options(IvPattern *p, bool *is_group)
{
	bool on = true;

	for (;; p->at++) {
		switch (*p->at) {
		case '^':
			p->extended = p->extended_more = false;
			break;
		case '-':
			on = false;
			break;
		case 'x':
			p->extended_more = on && p->at[1] == 'x';
			p->extended = on;
			if (p->at[1] == 'x')
				p->at++;
			break;
		case 'i':
		case 'm':
		case 's':
		case 'n':
		case 'U':
		case 'J':
			break;
		case ':':
		case ')':
			*is_group = *p->at++ == ':';
			return true;
		default:
			return false;
		}
	}
}

/* What stands behind "(?".  Sets *assertion for look-around, *setting for
 * "(?i)".  False: unknown. */
static bool parse_group_head(IvPattern *p, bool *assertion, bool *setting)
{
	const char *at = p->at;
	bool is_group = true;
	char close = '\0';

	if (*at == ':' || *at == '>' || *at == '|') {
		p->at++;
		return true;
	}
	if (*at == '=' || *at == '!' || (at[0] == '<' && (at[1] == '=' || at[1] == '!'))) {
		p->at += *at == '<' ? 2 : 1;
		*assertion = true;
		return true;
	}
	if (*at == 'P' && at[1] == '<')
		at++;
	if (*at == '<')
		close = '>';
	else if (*at == '\'')
		close = '\'';
	if (close != '\0') {
		const char *end = strchr(at + 1, close);

		p->at = end != NULL ? end + 1 : at + strlen(at);
		return end != NULL;
	}
	if (!parse_options(p, &is_group))
		return false;
	*setting = !is_group;
	return true;
}

static IvAnchorPart parse_group(IvPattern *p)
{
	bool extended = p->extended, more = p->extended_more, assertion = false, setting = false;
	bool ahead, behind;
	IvAnchorPart part = IV_PART_NONE;

	p->at++;
	if (*p->at == '*' || ++p->depth > DEPTH_MAX) {
		iv_pattern_give_up(p);
		return part;
	}
	ahead = p->at[0] == '?' && p->at[1] == '=';
	behind = p->at[0] == '?' && p->at[1] == '<' && (p->at[2] == '=' || p->at[2] == '!');
	if (*p->at == '?') {
		p->at++;
		if (!parse_group_head(p, &assertion, &setting)) {
			iv_pattern_give_up(p);
			return part;
		}
	}
	if (setting) { /* holds to the end of the enclosing group */
		p->depth--;
		return (IvAnchorPart){.empty = true, .setting = true, .anchor = UINT_MAX};
	}
	part = parse_alternatives(p);
	if (*p->at == ')')
		p->at++;
	else
		iv_pattern_give_up(p);
	p->extended = extended;
	p->extended_more = more;
	p->depth--;
	if (assertion) {
		part_clear(&part);
		part.empty = true;
		part.anchor = ahead ? part.anchor : UINT_MAX;
		part.longest = behind ? 0 : part.longest;
	}
	return part;
}

/* Anything but a group: one byte, unless it is an assertion or says otherwise. */
static IvAnchorPart parse_single(IvPattern *p)
{
	switch (*p->at) {
	case '[':
		return iv_pattern_class(p);
	case '\\':
		return parse_escape(p);
	case '^':
	case '$':
		p->at++;
		return (IvAnchorPart){.empty = true};
	case '.':
		p->at++;
		return (IvAnchorPart){0};
	default:
		return iv_pattern_byte(*p->at++);
	}
}

static IvAnchorPart parse_atom(IvPattern *p)
{
	IvAnchorPart part;

	if (*p->at == '(')
		return parse_group(p);
	part = parse_single(p);
	part.anchor = UINT_MAX;
	if (part.longest == 0 && !part.empty)
		part.longest = 1;
	return part;
}

/* --- sequences and alternatives ------------------------------------------------------- */

static bool at_sequence_end(IvPattern *p)
{
	iv_pattern_skip_blank(p);
	return *p->at == '\0' || *p->at == '|' || *p->at == ')';
}

static IvAnchorPart parse_sequence(IvPattern *p)
{
	IvSequence s = {.run = iv_lits_of(""),
			.exact = true,
			.wanted = p->wanted,
			.anchor = UINT_MAX,
			.trim = p->trim && p->depth == 0};
	IvAnchorPart result = {0};

	while (!at_sequence_end(p)) {
		IvAnchorPart part = parse_atom(p);
		IvRepeat repeat = p->failed ? (IvRepeat){0, 0} : iv_pattern_repeat(p);

		iv_sequence_add(&s, &part, repeat);
		part_clear(&part);
	}
	iv_sequence_end(&s, &result);
	return result;
}

/* Add a branch's strings to *all; an unusable branch makes *all NULL for good. */
static void join(GPtrArray **all, const GPtrArray *branch, guint most, bool *lost)
{
	if (*lost || branch == NULL || (*all)->len + branch->len > most) {
		*lost = true;
		return;
	}
	for (guint i = 0; i < branch->len; i++)
		iv_lits_add(*all, g_ptr_array_index(branch, i));
}

static IvAnchorPart parse_alternatives(IvPattern *p)
{
	GPtrArray *exact = iv_lits_new(), *need = iv_lits_new();
	bool no_exact = false, no_need = false;
	IvAnchorPart result = {0}; /* its anchor: the farthest of all branches */

	for (;;) {
		IvAnchorPart branch = parse_sequence(p);

		join(&exact, branch.exact, IV_EXACT_MAX, &no_exact);
		join(&need, branch.need, IV_ANCHOR_SET_MAX, &no_need);
		result.longest = MAX(result.longest, branch.longest);
		result.anchor = MAX(result.anchor, branch.anchor);
		part_clear(&branch);
		if (*p->at != '|')
			break;
		p->at++;
	}
	if (no_exact)
		iv_lits_free(exact);
	else
		result.exact = exact;
	if (no_need || need->len == 0)
		iv_lits_free(need);
	else
		result.need = need;
	return result;
}

GStrv iv_anchors_derive(const char *pattern)
{
	IvPattern p = {.at = pattern};
	IvAnchorPart part = parse_alternatives(&p);
	GStrv anchors = NULL;

	if (*p.at != '\0')
		p.failed = true;
	if (!p.failed && iv_lits_score(part.need) > 0) {
		g_autoptr(GPtrArray) small = iv_lits_minimal(part.need);

		g_ptr_array_add(small, NULL);
		anchors = (GStrv)g_ptr_array_steal(small, NULL);
	}
	part_clear(&part);
	return anchors;
}

static IvReach measure(const char *pattern, char *const *wanted, bool trim)
{
	IvPattern p = {.at = pattern, .wanted = wanted, .trim = trim};
	IvAnchorPart part = parse_alternatives(&p);
	IvReach reach = {part.longest, part.anchor};

	if (*p.at != '\0' || p.failed)
		reach = (IvReach){IV_REACH_ENDLESS, UINT_MAX};
	part_clear(&part);
	return reach;
}

IvReach iv_anchors_measure(const char *pattern, char *const *anchors, unsigned enough)
{
	g_autoptr(GPtrArray) lower = g_ptr_array_new_with_free_func(g_free);
	IvReach reach, trimmed;

	for (; anchors != NULL && *anchors != NULL; anchors++)
		g_ptr_array_add(lower, g_ascii_strdown(iv_anchor_literal(*anchors), -1));
	g_ptr_array_add(lower, NULL);
	reach = measure(pattern, (char *const *)lower->pdata, false);
	if (reach.anchor <= enough)
		return reach;
	trimmed = measure(pattern, (char *const *)lower->pdata, true);
	reach.anchor = MIN(reach.anchor, trimmed.anchor);
	return reach;
}
