/* SPDX-License-Identifier: GPL-3.0-or-later */
/* matcher_state.c - see matcher_state.h */
#include "scanner/engine/matcher_state.h"

#include <string.h>

void iv_unsearched(IvMatcher *m, size_t from, size_t to, const IvRule *rule,
		   const char *reason)
{
	uint64_t start = MAX(m->block->base + from, m->block->own_from);
	uint64_t end = MIN(m->block->base + to, m->block->own_to);

	if (start < end && m->sink->unsearched != NULL)
		m->sink->unsearched(m->user, start, end - start, rule, reason);
}

void iv_matcher_skip(IvMatcher *m, IvSkip reason)
{
	m->skips[reason]++;
}

void iv_matcher_hand_over_skips(IvMatcher *m)
{
	for (unsigned reason = 0; reason < IV_SKIP_COUNT; reason++)
		if (m->skips[reason] > 0)
			iv_skip((IvSkip)reason, m->skips[reason]);
	memset(m->skips, 0, sizeof(m->skips));
}

IvRuleState *iv_rule_state(IvMatcher *m, guint i)
{
	IvRuleState *state = &m->rules[i];

	if (state->epoch != m->epoch)
		*state = (IvRuleState){.epoch = m->epoch, .window = IV_NO_WINDOW};
	return state;
}
