/* SPDX-License-Identifier: GPL-3.0-or-later */
/* chain.c - see chain.h */
#include "share/ledger/chain.h"

#include <string.h>

static void add_field(GChecksum *sum, const char *text)
{
	g_autofree char *length = g_strdup_printf("%zu:", strlen(text));

	g_checksum_update(sum, (const guchar *)length, -1);
	g_checksum_update(sum, (const guchar *)text, (gssize)strlen(text));
	g_checksum_update(sum, (const guchar *)",", 1);
}

char *iv_chain_hash(const IvChainRow *row)
{
	g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
	g_autofree char *id = g_strdup_printf("%" G_GINT64_FORMAT, row->id);
	g_autofree char *at = g_strdup_printf("%" G_GINT64_FORMAT, row->at);
	const char *const fields[] = {id,	   at,		row->kind, row->who,
				      row->digest, row->detail, row->prev};

	for (size_t i = 0; i < G_N_ELEMENTS(fields); i++)
		add_field(sum, fields[i]);
	return g_strdup(g_checksum_get_string(sum));
}
