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

/* Append what begins at a sector of the range from `from` on (IvHidden), and could be mounted
 * or opened from there.  A file system that a native reader knows is stepped over.  *cut: a
 * ceiling was reached, and the rest was not asked.  False: the source cannot be read. */
IV_MUST_CHECK
bool iv_hidden_find(IvSource *range, uint64_t from, GArray *hidden, bool *cut, GError **error);

/* Likewise for what begins in front of a border of the disk (where a volume begins, or a file
 * system ends) and has its magic number at or behind it, so that neither side alone shows it.
 * It may reach to the disk's end.  *asked: places that were asked so far, of all borders. */
IV_MUST_CHECK
bool iv_hidden_across(IvSource *disk, uint64_t border, unsigned *asked, GArray *hidden, bool *cut,
		      GError **error);

/* The same as the first in two steps, for bytes that are read by somebody else, and without libblkid, so
 * that it works inside the sandbox.  First: where would volumes begin whose magic numbers
 * stand in these bytes, which lie at `at` of the range, a multiple of 512?  Appended to starts
 * (uint64_t, for iv_hidden_check() alone), at most IV_MAX_HIDDEN_SEEN: false when there is no room for more. */
bool iv_hidden_gather(const uint8_t *data, size_t len, uint64_t at, GArray *starts);

/* Then: which of them are volumes?  The range's own start is none of them.  Sorts the
 * starts; else as iv_hidden_find(). */
IV_MUST_CHECK
bool iv_hidden_check(IvSource *range, GArray *starts, GArray *hidden, bool *cut, GError **error);

#endif
