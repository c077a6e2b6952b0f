/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * edges.h - what runs over the edge of two volumes.
 *
 * Volumes are searched one by one, but old data keeps to no table: a disk that was cut
 * anew has what begins in a gap and goes on in the first sectors of a partition.
 *
 *     gap1     ...............--- KEY|
 *     p1                             |BODY---........
 *     looked at        [  before     | after      ]      found only if it has both
 *
 * A match belongs to the volume in which it begins.
 */
#ifndef IV_SEARCH_EDGES_H
#define IV_SEARCH_EDGES_H

#include "scanner/base/error.h"
#include "scanner/search/search.h"

/* Give the end of every volume that is no layer to the search: places is of IvPlace *.
 * False: a worker failed, or the disk could not be read. */
IV_MUST_CHECK
bool iv_edges_search(IvSearch *search, const GPtrArray *places, IvSource *disk, GError **error);

#endif
