/* SPDX-License-Identifier: GPL-3.0-or-later */
/* windows.c - see windows.h */
#include "scanner/engine/windows.h"

#include "scanner/engine/path_rules.h"

/* Literal hits of one block: one in 16 bytes is a flood (20 ns each). */
#define MAX_HITS 32768u

static bool add_hit(IvMatcher *m, guint i, size_t start, size_t end)
{
	const IvCompiledRule *rule = &m->set->compiled[i];
	IvRuleState *state = iv_rule_state(m, i);
	uint64_t cell = (m->block->base + end) / IV_CELL;
	IvWindow *window;

	if (state->window != IV_NO_WINDOW) {
		window = &m->windows[state->window];
		if (window->cell == cell && start <= window->last + rule->after + rule->before) {
			window->first = MIN(window->first, start);
			window->last = end;
			return true;
		}
	}
	if (m->n_windows == IV_MAX_WINDOWS)
		return false;
	state->window = m->n_windows;
	m->windows[m->n_windows++] =
		(IvWindow){.rule = i, .first = start, .last = end, .cell = cell};
	return true;
}

/* A literal of a few letters that begins a token is found in the middle of words far more
 * often: those hits are settled here, before anything of the rule is touched. */
static bool is_inside_word(const IvMatcher *m, guint owner, size_t start)
{
	return (owner & IV_WORD_START) != 0 && start > 0 &&
	       g_ascii_isalnum(m->block->data[start - 1]);
}

static bool on_hit(void *user, const guint *owners, guint n, size_t start, size_t end)
{
	IvMatcher *m = user;

	m->flood_at = start;
	if (++m->hits > MAX_HITS)
		return false;
	for (guint k = 0; k < n; k++) {
		guint i = owners[k] & ~IV_WORD_START;

		if (!is_inside_word(m, owners[k], start) && iv_rule_is_on(m, i) &&
		    !add_hit(m, i, start, end))
			return false;
	}
	return true;
}

/* Anchors of matches that the block owns lie before this offset in the block. */
static size_t scan_end(const IvMatcher *m)
{
	uint64_t end = m->block->own_to - m->block->base;

	end += m->set->max_before + IV_CELL + IV_NEIGHBOUR;
	return (size_t)MIN(end, m->block->size);
}

void iv_find_windows(IvMatcher *m)
{
	m->n_windows = m->hits = 0;
	m->flood_at = 0;
	if (!iv_literals_scan(m->set->anchors, m->literals, m->block->data, scan_end(m), on_hit, m))
		iv_unsearched(m, m->flood_at - MIN(m->flood_at, m->set->max_before), m->block->size,
			      NULL, "flood of anchors");
}
