/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * work.h - an item in work: how many of its parts are still out, and what was
 * found in the others.  Threads finish parts in any order.
 */
#ifndef IV_SEARCH_WORK_H
#define IV_SEARCH_WORK_H

#include "scanner/search/hits.h"

typedef struct {
	IvPlace *place;
	IvItem *item;
	const IvNames *names; /* or NULL */

	/* Private to work.c. */
	GMutex lock;  /* guards hits */
	IvHits *hits; /* of the parts that are done, or NULL */
	gint left;    /* parts that are not */
} IvWork;

/* Work on an item that has these names, or NULL (references are taken). */
IvWork *iv_work_new(IvPlace *place, IvItem *item, const IvNames *names);

/* It has so many parts; say so before the first can be done.  With 0 the work
 * is closed at once. */
void iv_work_begin(IvWork *work, guint parts);

/* One part is done, with these hits (taken) or NULL.  The last one numbers
 * lines, hands the findings on (iv_hits_finish()) and frees the work. */
void iv_work_done(IvWork *work, IvHits *hits);

#endif
