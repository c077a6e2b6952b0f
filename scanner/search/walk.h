/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * walk.h - a volume's items, from whichever reader knows it, go to the search.
 *
 * Each volume becomes a line of coverage (an IvPlace).  What cannot be read file
 * by file is coverage, and its bytes are searched as they lie there.
 */
#ifndef IV_SEARCH_WALK_H
#define IV_SEARCH_WALK_H

#include "scanner/base/error.h"
#include "scanner/fs/reader.h"
#include "scanner/search/search.h"
#include "scanner/volume/volume.h"

typedef struct IvWalk IvWalk;

/* image and format are for libguestfs, which opens the image itself; with
 * IV_READER_TREE, image is the folder.  progress may be NULL.  All arguments must
 * outlive the walk; the walk must outlive the search's threads. */
IvWalk *iv_walk_new(IvSearch *search, IvCoverage *coverage, IvReader reader, const char *image,
		    const char *format, IvScanProgress *progress);
void iv_walk_free(IvWalk *walk);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvWalk, iv_walk_free)

/* Give all items of a volume to the search.  Its last ones may still be in work
 * when this returns.  False: a worker failed, or the disk could not be read. */
IV_MUST_CHECK
bool iv_walk_volume(IvWalk *walk, const IvVolume *volume, GError **error);

/* What runs over the edges of the volumes that were walked. */
IV_MUST_CHECK
bool iv_walk_edges(IvWalk *walk, IvSource *disk, GError **error);

/* The same for a folder of this host; all of it is searched afterwards. */
IV_MUST_CHECK
bool iv_walk_tree(IvWalk *walk, GError **error);

/* Will reading this volume take libguestfs?  It starts programs, and so cannot
 * run in a sandbox. */
bool iv_walk_needs_guest(IvReader reader, const IvVolume *volume);

#endif
