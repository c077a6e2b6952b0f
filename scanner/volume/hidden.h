/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hidden.h - file systems that begin somewhere in the middle of other bytes. */
#ifndef IV_VOLUME_HIDDEN_H
#define IV_VOLUME_HIDDEN_H

#include "scanner/base/error.h"
#include "scanner/volume/owner.h"

typedef struct {
	uint64_t offset; /* in the range */
	uint64_t size;	 /* 0: unknown; it does not leave the range */
	const char *kind;
	IvClaimUse use;
} IvHidden;

/* Append what begins at a sector of [from, to) of the range (IvHidden), and could be mounted
 * or opened from there.  A file system that a native reader knows is stepped over.  *cut: a
 * ceiling was reached, and the rest was not asked.  False: the source cannot be read. */
IV_MUST_CHECK
bool iv_hidden_find(IvSource *range, uint64_t from, uint64_t to, IvAsk whom, GArray *hidden,
		    bool *cut, GError **error);

#endif
