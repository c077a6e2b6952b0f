/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * names.h - the names of one file, as the rules see them.
 *
 *     name                         on by path   off by not_path     kind
 *     usr/share/doc/x/sample       -            private-keys.pem    1
 *     usr/share/doc/y/sample       -            private-keys.pem    1
 *     zz/notes.txt                 -            -                   2
 *     root/.ssh/id_rsa             ssh.key      -                   4
 *
 * Names for which the same rules are on are of one kind: nothing tells them apart.
 * A file is searched once for all its kinds (iv_matcher_begin_names()), and each
 * match says for which kinds it speaks.  So what one name silences never silences
 * another, and 65,000 names cost one search.
 */
#ifndef IV_ENGINE_NAMES_H
#define IV_ENGINE_NAMES_H

#include "scanner/engine/engine.h"

/* A match speaks for whatever name the bytes have: attributes, slack. */
#define IV_ALL_KINDS UINT64_MAX

/* Immutable, reference-counted, for any thread. */
typedef struct IvNames IvNames;

/* Sort names into kinds.  Every list is copied; `details` (NULL, or as many entries,
 * each may be NULL) are attributes' names, which no rule looks at.  n >= 1.  `matcher` is
 * NULL for attributes without their files' content: no rule looks at their paths, and all
 * names are of one kind.  `items` is how many items will have these names. */
IvNames *iv_names_new(IvMatcher *matcher, const char *const *paths, const char *const *details,
		      guint n, guint items);
IvNames *iv_names_ref(const IvNames *names);
void iv_names_unref(const IvNames *names);

guint iv_names_count(const IvNames *names);
const char *iv_names_path(const IvNames *names, guint i);
const char *iv_names_detail(const IvNames *names, guint i); /* or NULL */
/* The bit of name i's kind; 0 beyond IV_MAX_NAME_KINDS: then no rule judged it. */
uint64_t iv_names_kind(const IvNames *names, guint i);
/* Items that have these names, at least 1: a file and its attributes. */
guint iv_names_items(const IvNames *names);
/* How many kinds there are, and how many names are beyond them. */
guint iv_names_kinds(const IvNames *names);
guint iv_names_untold(const IvNames *names);
/* Bytes of memory. */
size_t iv_names_cost(const IvNames *names);

/* Begin an item that has these names (engine.h: iv_matcher_begin()). */
void iv_matcher_begin_names(IvMatcher *matcher, const IvNames *names, uint64_t size,
			    const IvMatchSink *sink, void *user);

#endif
