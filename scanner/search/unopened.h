/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * unopened.h - what of an item is packed or encoded, and so was searched as stored
 * bytes only: counted in coverage.
 *
 * A file that is such as a whole counts once, under the name it was first met by.
 * What lies in something else (free space, slack, a partition without files, an
 * archive that packs only its members) counts once for each block and kind.
 */
#ifndef IV_SEARCH_UNOPENED_H
#define IV_SEARCH_UNOPENED_H

#include "scanner/engine/engine.h"
#include "scanner/fs/item.h"
#include "scanner/search/place.h"

/* The item at hand, for one thread. */
typedef struct {
	IvPlace *place;
	IvItem *item;
	bool slack;   /* the bytes lie behind the file's end */
	bool known;   /* was looked at the file's beginning */
	bool counted; /* it is packed as a whole, and counted: what lies in it is not */
} IvUnopened;

void iv_unopened_begin(IvUnopened *unopened, IvPlace *place, IvItem *item);

/* Look at a block's own bytes; blocks of an item may come to several threads. */
void iv_unopened_block(IvUnopened *unopened, const IvBlock *block);

#endif
