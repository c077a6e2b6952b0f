/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * pairs.h - lists of names with values: query parameters, headers, XML elements.
 */
#ifndef IV_SHARE_ALIBABA_CALL_PAIRS_H
#define IV_SHARE_ALIBABA_CALL_PAIRS_H

#include <glib.h>

/* The value is wiped when it is freed. */
typedef struct {
	char *name;
	char *value;
} IvPair;

/* An empty list of pairs that owns them; g_ptr_array_unref() frees it. */
GPtrArray *iv_pairs_new(void);
void iv_pairs_add(GPtrArray *pairs, const char *name, const char *value);
/* "Name.1", "Name.2" ...: the flat form of a list. */
void iv_pairs_add_list(GPtrArray *pairs, const char *name, const char *const *values);

#endif
