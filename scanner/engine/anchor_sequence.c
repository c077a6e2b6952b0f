/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * anchor_sequence.c - quantifiers, and parts in a row; see anchor_parts.h
 *
 * Beside the literals it counts bytes: how far from the beginning of a match one
 * of the wanted anchors begins at most.  Look-ahead counts as bytes that are
 * needed; what counts too much only makes a window wider.
 */
#include "scanner/engine/anchor_parts.h"

#include <string.h>

unsigned iv_reach_add(unsigned a, unsigned b)
{
	return a >= IV_REACH_ENDLESS || b >= IV_REACH_ENDLESS ? IV_REACH_ENDLESS
							      : MIN(a + b, IV_REACH_ENDLESS);
}

static unsigned reach_times(unsigned a, unsigned n)
{
	if (a == 0 || n == 0)
		return 0;
	return n == UINT_MAX || (guint64)a * n >= IV_REACH_ENDLESS ? IV_REACH_ENDLESS : a * n;
}

static bool parse_braces(const char **at, IvRepeat *repeat)
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

IvRepeat iv_pattern_repeat(IvPattern *p)
{
	IvRepeat repeat = {1, 1};

	iv_pattern_skip_blank(p);
	switch (*p->at) {
	case '*':
		repeat = (IvRepeat){0, UINT_MAX};
		p->at++;
		break;
	case '+':
		repeat = (IvRepeat){1, UINT_MAX};
		p->at++;
		break;
	case '?':
		repeat = (IvRepeat){0, 1};
		p->at++;
		break;
	case '{':
		if (!parse_braces(&p->at, &repeat)) {
			if (is_doubtful_brace(p->at))
				iv_pattern_give_up(p);
			return (IvRepeat){1, 1};
		}
		break;
	default:
		return repeat;
	}
	if (*p->at == '?' || *p->at == '+')
		p->at++;
	return repeat;
}

/* Where in the text one of the anchors begins; UINT_MAX: none does. */
static unsigned first_wanted(const char *text, char *const *wanted)
{
	unsigned first = UINT_MAX;

	for (; wanted != NULL && *wanted != NULL; wanted++) {
		const char *at = strstr(text, *wanted);

		if (at != NULL)
			first = MIN(first, (unsigned)(at - text));
	}
	return first;
}

/* Every string of the run has a wanted anchor: so every match has it there. */
static void cover_run(IvSequence *s)
{
	unsigned most = 0;

	for (guint i = 0; i < s->run->len; i++) {
		unsigned at = first_wanted(g_ptr_array_index(s->run, i), s->wanted);

		if (at == UINT_MAX)
			return;
		most = MAX(most, at);
	}
	s->anchor = MIN(s->anchor, iv_reach_add(s->run_at, most));
}

/* Strings that every match needs; only a search for anchors asks for them. */
static void consider(IvSequence *s, const GPtrArray *need)
{
	if (s->wanted == NULL)
		iv_lits_consider(&s->best, need);
}

static void sequence_break(IvSequence *s, GPtrArray *next)
{
	consider(s, s->run);
	cover_run(s);
	iv_lits_free(s->run);
	s->run = next;
	s->run_at = s->total;
	s->exact = false;
}

/* Append a set of exact strings, or begin a new run with it. */
static void sequence_append(IvSequence *s, const GPtrArray *exact)
{
	GPtrArray *longer = iv_lits_cross(s->run, exact);

	if (longer == NULL) {
		sequence_break(s, iv_lits_copy(exact));
		return;
	}
	iv_lits_free(s->run);
	s->run = longer;
}

static void sequence_add_exact(IvSequence *s, const IvAnchorPart *part, IvRepeat repeat)
{
	const GPtrArray *exact = part->exact;
	unsigned sure = MIN(repeat.min, IV_ANCHOR_MAX + 1);
	unsigned end = iv_reach_add(s->total, reach_times(part->longest, repeat.max));

	if (repeat.min == 0 && repeat.max == 1) {
		g_autoptr(GPtrArray) maybe = iv_lits_copy(exact);

		iv_lits_add(maybe, "");
		if ((guint64)s->run->len * maybe->len <= IV_EXACT_MAX) {
			sequence_append(s, maybe);
			s->total = end;
		} else {
			s->total = end;
			sequence_break(s, iv_lits_of(""));
		}
		return;
	}
	for (unsigned i = 0; i < sure; i++) {
		sequence_append(s, exact);
		s->total = iv_reach_add(s->total, part->longest);
	}
	s->total = end;
	/* The last repetition begins the next run: counted as if it stood behind itself. */
	if (repeat.min != repeat.max || sure != repeat.min)
		sequence_break(s, repeat.min > 0 ? iv_lits_copy(exact) : iv_lits_of(""));
}

void iv_sequence_add(IvSequence *s, IvAnchorPart *part, IvRepeat repeat)
{
	unsigned most = s->trim ? repeat.min : repeat.max;

	if (repeat.min > 0)
		s->anchor = MIN(s->anchor, part->anchor == UINT_MAX
						   ? UINT_MAX
						   : iv_reach_add(s->total, part->anchor));
	if (part->empty) {
		s->ahead = MAX(s->ahead, iv_reach_add(s->total, part->longest));
		s->trim = s->trim && part->setting;
		return;
	}
	if (part->exact != NULL && most == repeat.max) {
		sequence_add_exact(s, part, repeat);
	} else {
		s->total = iv_reach_add(s->total, reach_times(part->longest, most));
		sequence_break(s, iv_lits_of(""));
		if (repeat.min > 0)
			consider(s, part->need);
	}
	s->trim = false;
}

void iv_sequence_end(IvSequence *s, IvAnchorPart *result)
{
	consider(s, s->run);
	cover_run(s);
	if (s->exact)
		result->exact = s->run;
	else
		iv_lits_free(s->run);
	result->need = s->best;
	result->longest = MAX(s->total, s->ahead);
	result->anchor = s->anchor;
}
