/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * packed.h - what was searched as stored bytes only, because it is packed,
 * encrypted or encoded, and nobody opened it: counted by volume and kind.
 *
 * It costs no coverage ("complete" says that every stored byte was searched), but
 * a reader has to know of it, and a policy may refuse it.
 */
#ifndef IV_FINDING_PACKED_H
#define IV_FINDING_PACKED_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct {
	char *volume; /* "p1"; "" for what is beyond IV_MAX_PACKED */
	char *group;  /* "archive", "encoded" ...: how it is said; a later imgvet may know more */
	char *kind;   /* "gzip", "utf-16" ... */
	uint64_t files;	 /* files that are such as a whole */
	uint64_t pieces; /* pieces of something else: at most one for each block of a search */
	uint64_t bytes;	 /* of the files, and of encoded pieces; how long a packed piece is, is not known */
	GStrv places;	 /* the first IV_MAX_PACKED_PLACES in order: "/a.gz", "free at 8192" */
} IvPackedEntry;

/* Entries in the order of volume and kind. */
typedef struct {
	GPtrArray *entries; /* IvPackedEntry * */
	GHashTable *index;  /* private: while they are counted */
} IvPackedList;

IvPackedList *iv_packed_list_new(void);
void iv_packed_list_free(IvPackedList *list);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvPackedList, iv_packed_list_free)

/* Count more of an entry; place (printable) is copied and cut to
 * IV_MAX_PACKED_PLACE_BYTES.  In whatever order they come, the list is the same
 * after iv_packed_list_settle(). */
void iv_packed_list_add(IvPackedList *list, const IvPackedEntry *more, const char *place);

/* An empty entry at the end, for a reader of reports to fill. */
IvPackedEntry *iv_packed_list_append(IvPackedList *list);

/* Sort, fold, keep the first IV_MAX_PACKED entries; what is beyond is counted by
 * kind under the volume "", without places. */
void iv_packed_list_settle(IvPackedList *list);

/* "12 archives and 3 encoded texts (40.0 MiB)", or NULL when there is nothing.
 * The caller frees it. */
char *iv_packed_list_words(const IvPackedList *list);

#endif
