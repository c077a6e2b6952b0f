/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ranking.h - which match speaks, where several rules found the same bytes.
 * Private to the engine.
 */
#ifndef IV_ENGINE_RANKING_H
#define IV_ENGINE_RANKING_H

#include "scanner/engine/matcher_state.h"

/* Report the matches in m->found that the block owns, in order of the secret's
 * start; one that overlaps a match of a higher rank is left out. */
void iv_report_found(IvMatcher *m);

#endif
