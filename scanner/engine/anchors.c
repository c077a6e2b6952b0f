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
		return (IvAnchorPart){0};
	if (c == 'p' || c == 'P' || c == 'k') {
		skip_braced(p);
		return (IvAnchorPart){0};
	}
	if (c >= '1' && c <= '9' && !g_ascii_isdigit(*p->at))
		return (IvAnchorPart){0}; /* a back reference: unknown, perhaps empty */
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
	IvAnchorPart part = {0};

	p->at++;
	if (*p->at == '*' || ++p->depth > DEPTH_MAX) {
		iv_pattern_give_up(p);
		return part;
	}
	if (*p->at == '?') {
		p->at++;
		if (!parse_group_head(p, &assertion, &setting)) {
			iv_pattern_give_up(p);
			return part;
		}
	}
	if (setting) { /* holds to the end of the enclosing group */
		p->depth--;
		return (IvAnchorPart){.empty = true};
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
	}
	return part;
}

static IvAnchorPart parse_atom(IvPattern *p)
{
	switch (*p->at) {
	case '(':
		return parse_group(p);
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

/* --- quantifiers and sequences ---------------------------------------------------- */

typedef struct {
	unsigned min, max; /* max UINT_MAX: no end */
} Repeat;

static bool parse_braces(const char **at, Repeat *repeat)
{
	const char *c = *at + 1;
	char *end;

	if (!g_ascii_isdigit(*c))
		return false;
	repeat->min = repeat->max = (unsigned)g_ascii_strtoull(c, &end, 10);
	c = end;
	if (*c == ',') {
		c++;
		repeat->max = UINT_MAX;
		if (g_ascii_isdigit(*c)) {
			repeat->max = (unsigned)g_ascii_strtoull(c, &end, 10);
			c = end;
		}
	}
	if (*c != '}')
		return false;
	*at = c + 1;
	return true;
}

/* "{,3}" and "{ 1, 3 }": text to older releases of PCRE2, a quantifier to newer ones. */
static bool is_doubtful_brace(const char *at)
{
	size_t span = strspn(at + 1, "0123456789, \t");

	return span > 0 && at[1 + span] == '}';
}

static Repeat parse_repeat(IvPattern *p)
{
	Repeat repeat = {1, 1};

	iv_pattern_skip_blank(p);
	switch (*p->at) {
	case '*':
		repeat = (Repeat){0, UINT_MAX};
		p->at++;
		break;
	case '+':
		repeat = (Repeat){1, UINT_MAX};
		p->at++;
		break;
	case '?':
		repeat = (Repeat){0, 1};
		p->at++;
		break;
	case '{':
		if (!parse_braces(&p->at, &repeat)) {
			if (is_doubtful_brace(p->at))
				iv_pattern_give_up(p);
			return (Repeat){1, 1};
		}
		break;
	default:
		return repeat;
	}
	if (*p->at == '?' || *p->at == '+')
		p->at++;
	return repeat;
}

typedef struct {
	GPtrArray *run;	 /* strings the parts so far can end with, exactly */
	GPtrArray *best; /* the best candidate so far, or NULL */
	bool exact;	 /* nothing was lost: the run is all that was matched */
} Sequence;

static void sequence_break(Sequence *s, GPtrArray *next)
{
	iv_lits_consider(&s->best, s->run);
	iv_lits_free(s->run);
	s->run = next;
	s->exact = false;
}

/* Append a set of exact strings, or begin a new run with it. */
static void sequence_append(Sequence *s, const GPtrArray *exact)
{
	GPtrArray *longer = iv_lits_cross(s->run, exact);

	if (longer == NULL) {
		sequence_break(s, iv_lits_copy(exact));
		return;
	}
	iv_lits_free(s->run);
	s->run = longer;
}

static void sequence_add_exact(Sequence *s, const GPtrArray *exact, Repeat repeat)
{
	unsigned sure = MIN(repeat.min, IV_ANCHOR_MAX + 1);

	if (repeat.min == 0 && repeat.max == 1) {
		g_autoptr(GPtrArray) maybe = iv_lits_copy(exact);

		iv_lits_add(maybe, "");
		if ((guint64)s->run->len * maybe->len <= IV_EXACT_MAX)
			sequence_append(s, maybe);
		else
			sequence_break(s, iv_lits_of(""));
		return;
	}
	for (unsigned i = 0; i < sure; i++)
		sequence_append(s, exact);
	if (repeat.min != repeat.max || sure != repeat.min)
		sequence_break(s, repeat.min > 0 ? iv_lits_copy(exact) : iv_lits_of(""));
}

static void sequence_add(Sequence *s, IvAnchorPart *part, Repeat repeat)
{
	if (part->empty)
		return;
	if (part->exact != NULL) {
		sequence_add_exact(s, part->exact, repeat);
		return;
	}
	sequence_break(s, iv_lits_of(""));
	if (repeat.min > 0)
		iv_lits_consider(&s->best, part->need);
}

static bool at_sequence_end(IvPattern *p)
{
	iv_pattern_skip_blank(p);
	return *p->at == '\0' || *p->at == '|' || *p->at == ')';
}

static IvAnchorPart parse_sequence(IvPattern *p)
{
	Sequence s = {.run = iv_lits_of(""), .exact = true};
	IvAnchorPart result = {0};

	while (!at_sequence_end(p)) {
		IvAnchorPart part = parse_atom(p);
		Repeat repeat = p->failed ? (Repeat){0, 0} : parse_repeat(p);

		sequence_add(&s, &part, repeat);
		part_clear(&part);
	}
	iv_lits_consider(&s.best, s.run);
	if (s.exact)
		result.exact = s.run;
	else
		iv_lits_free(s.run);
	result.need = s.best;
	return result;
}

/* --- alternatives ----------------------------------------------------------------- */

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
	IvAnchorPart result = {0};

	for (;;) {
		IvAnchorPart branch = parse_sequence(p);

		join(&exact, branch.exact, IV_EXACT_MAX, &no_exact);
		join(&need, branch.need, IV_ANCHOR_SET_MAX, &no_need);
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
