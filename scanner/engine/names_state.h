/* SPDX-License-Identifier: GPL-3.0-or-later */
/* names_state.h - what a file's names are made of.  Private to the engine. */
#ifndef IV_ENGINE_NAMES_STATE_H
#define IV_ENGINE_NAMES_STATE_H

#include <glib.h>
#include <stdint.h>

/* A rule that some of the names switch on or off. */
typedef struct {
	guint rule;
	uint64_t kinds; /* for which it is on */
} IvNameRule;

typedef struct {
	char *path, *detail;
	uint64_t kind;
} IvName;

struct IvNames {
	GArray *list;	 /* IvName */
	GArray *changed; /* IvNameRule: all other rules are on, or off if they have a path */
	guint kinds, untold, items;
	size_t cost;
	gatomicrefcount refs;
};

#endif
