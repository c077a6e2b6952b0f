/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * links.h - further names of files (hard links).
 *
 * A file's bytes are searched under its first name.  A further name is kept
 * until the volume's other items are searched, and then searched again only
 * where that can tell something new: something was found under the first name,
 * or a rule looks at this one.
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

/* Look at an item that a reader gave.  True: it is a further name, and is kept
 * (a reference) instead of being searched now.  Attributes are remembered, at
 * most IV_MAX_KEPT_ATTRIBUTES, for the further names of their files. */
IV_MUST_CHECK
bool iv_links_keep(IvLinks *links, IvItem *item);

/* Wait for what was added to the search, then add the further names that need
 * it.  False: as iv_search_add(). */
IV_MUST_CHECK
bool iv_links_search(IvLinks *links, IvSearch *search, IvPlace *place, GError **error);

#endif
