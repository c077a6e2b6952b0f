/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * window_search.h - run a rule's pattern over windows and keep what is
 * believable.  Private to the engine.
 */
#ifndef IV_ENGINE_WINDOW_SEARCH_H
#define IV_ENGINE_WINDOW_SEARCH_H

#include "scanner/engine/matcher_state.h"

/* Every match that begins in the window; appends to m->found. */
void iv_search_window(IvMatcher *m, const IvWindow *window);

/* The same over the whole block, for a rule i whose pattern has no anchor. */
void iv_search_whole(IvMatcher *m, guint i);

#endif
