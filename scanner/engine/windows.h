/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * windows.h - the literal matcher runs over a block once; hits of one rule in
 * one cell whose windows overlap become one window.  Private to the engine.
 */
#ifndef IV_ENGINE_WINDOWS_H
#define IV_ENGINE_WINDOWS_H

#include "scanner/engine/matcher_state.h"

/* Windows of one block at most; beyond it the rest of the block is unsearched. */
#define IV_MAX_WINDOWS 16384u

/* Fill m->windows for the block in hand. */
void iv_find_windows(IvMatcher *m);

#endif
