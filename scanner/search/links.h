/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * links.h - bytes that have several names: hard links, shared attributes.
 *
 * Each name counts for rules on paths, so such bytes wait until all their names are
 * known, and are searched once for all of them (scanner/engine/names.h).  Attributes of
 * a file with several names wait with it.  What waits is bounded by bytes
 * (IV_MAX_LINK_BYTES); a name for which there is no room is a miss.
 *
 *     item            share  more   link_of
 *     a               7      2      -         opens the unit 7
 *     a@user.key      7      0      -         joins it
 *     b               7      0      a         a further name
 *     c               7      0      a         the last one: the unit is searched
 *
 * For the reader's thread alone; one IvLinks for each volume.
 */
#ifndef IV_SEARCH_LINKS_H
#define IV_SEARCH_LINKS_H

#include "scanner/base/error.h"
#include "scanner/search/search.h"

typedef struct IvLinks IvLinks;

IvLinks *iv_links_new(void);
void iv_links_free(IvLinks *links);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvLinks, iv_links_free)

/* Take an item that a reader gave: search it now, keep it until its names are known, or
 * keep its name.  False: as iv_search_add(). */
IV_MUST_CHECK
bool iv_links_add(IvLinks *links, IvSearch *search, IvPlace *place, IvItem *item, GError **error);

/* No more names will come: search what still waits.  False: as iv_search_add(). */
IV_MUST_CHECK
bool iv_links_finish(IvLinks *links, IvSearch *search, IvPlace *place, GError **error);

#endif
