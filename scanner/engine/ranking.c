/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ranking.c - see ranking.h */
#include "scanner/engine/ranking.h"

static int compare_found(gconstpointer a, gconstpointer b)
{
	const IvFound *x = a, *y = b;

	if (x->at.secret_start != y->at.secret_start)
		return x->at.secret_start < y->at.secret_start ? -1 : 1;
	return (x->rule > y->rule) - (x->rule < y->rule);
}

#define TOP_RANK 3

/* A specific rule knows more than a generic one, and one that was written for
 * this path knows more than one for any content. */
static int rank(const IvRule *rule)
{
	return (rule->generic ? 0 : 2) + (rule->path != NULL);
}

/* A finding that may pass (low, info) must not stand for a graver one at the same
 * bytes: whoever writes a password chooses what it looks like, and where it stands. */
static bool may_silence(const IvFound *a, const IvFound *b)
{
	return a->severity >= b->severity || a->severity >= IV_SEVERITY_MEDIUM;
}

static bool ranks_above(const IvMatcher *m, const IvFound *a, const IvFound *b)
{
	const IvRule *x = m->set->compiled[a->rule].rule, *y = m->set->compiled[b->rule].rule;

	if (x->generic && y->generic)
		return rank(x) > rank(y) && a->severity > b->severity;
	return rank(x) > rank(y) && may_silence(a, b);
}

/* For which kinds of names does a match of a higher rank that speaks itself overlap
 * this one?  found is sorted by the secret's start; a secret longer than IV_NEIGHBOUR
 * before it is not looked for. */
static uint64_t outranked(const IvMatcher *m, guint k)
{
	const IvFound *list = (const IvFound *)(const void *)m->found->data;
	const IvFound *mine = &list[k];
	uint64_t kinds = 0;
	guint first = k;

	while (first > 0 && list[first - 1].at.secret_start + IV_NEIGHBOUR * 10 >=
				    mine->at.secret_start)
		first--;
	for (guint j = first; j < m->found->len &&
			      list[j].at.secret_start < mine->at.secret_end;
	     j++)
		if (list[j].speaks != 0 && ranks_above(m, &list[j], mine) &&
		    list[j].at.secret_end > mine->at.secret_start)
			kinds |= list[j].speaks;
	return kinds;
}

/* From the highest rank down: who is silent itself silences nobody. */
static void silence(IvMatcher *m)
{
	for (int level = TOP_RANK - 1; level >= 0; level--)
		for (guint k = 0; k < m->found->len; k++) {
			IvFound *found = &g_array_index(m->found, IvFound, k);

			if (rank(m->set->compiled[found->rule].rule) == level)
				found->speaks &= ~outranked(m, k);
		}
}

static void report_one(IvMatcher *m, const IvFound *found)
{
	uint64_t base = m->block->base;

	m->sink->match(m->user, &(IvMatch){
					.rule = m->set->compiled[found->rule].rule,
					.start = base + found->at.start,
					.end = base + found->at.end,
					.secret_start = base + found->at.secret_start,
					.secret_end = base + found->at.secret_end,
					.secret = m->block->data + found->at.secret_start,
					.entropy = found->entropy,
					.note = found->note,
					.severity = found->severity,
					.kinds = found->speaks,
				});
}

void iv_report_found(IvMatcher *m)
{
	const IvBlock *block = m->block;
	size_t own_from = (size_t)(block->own_from - block->base);
	size_t own_to = (size_t)(block->own_to - block->base);

	g_array_sort(m->found, compare_found);
	silence(m);
	for (guint k = 0; k < m->found->len; k++) {
		const IvFound *found = &g_array_index(m->found, IvFound, k);

		if (found->at.start < own_from || found->at.start >= own_to)
			iv_matcher_skip(m, IV_SKIP_SEAM);
		else if (found->speaks == 0)
			iv_matcher_skip(m, IV_SKIP_OUTRANKED);
		else
			report_one(m, found);
	}
}
