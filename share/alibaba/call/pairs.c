/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pairs.c - see pairs.h */
#include "share/alibaba/call/pairs.h"

#include "scanner/base/text.h"

static void pair_free(gpointer p)
{
	IvPair *pair = p;

	g_free(pair->name);
	iv_text_wipe(pair->value);
	g_free(pair);
}

GPtrArray *iv_pairs_new(void)
{
	return g_ptr_array_new_with_free_func(pair_free);
}

void iv_pairs_add(GPtrArray *pairs, const char *name, const char *value)
{
	IvPair *pair = g_new(IvPair, 1);

	pair->name = g_strdup(name);
	pair->value = g_strdup(value);
	g_ptr_array_add(pairs, pair);
}

void iv_pairs_add_list(GPtrArray *pairs, const char *name, const char *const *values)
{
	for (guint i = 0; values != NULL && values[i] != NULL; i++) {
		g_autofree char *numbered = g_strdup_printf("%s.%u", name, i + 1);

		iv_pairs_add(pairs, numbered, values[i]);
	}
}
