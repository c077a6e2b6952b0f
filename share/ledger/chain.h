/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * chain.h - what ties the lines of the ledger together.  Internal to share/ledger/.
 *
 * A line's hash is SHA-256 over its fields as netstrings ("LENGTH:BYTES,"): id,
 * at, kind, who, digest, detail, prev, in this order; prev is the hash of the
 * line before, "" for the first.
 */
#ifndef IV_SHARE_LEDGER_CHAIN_H
#define IV_SHARE_LEDGER_CHAIN_H

#include <glib.h>
#include <stdbool.h>

/* One line as stored; strings are borrowed. */
typedef struct {
	gint64 id, at;
	const char *kind, *who, *digest, *detail, *prev, *hash;
	bool damaged; /* a field holds a NUL: what is shown is not all */
} IvChainRow;

/* In hex; row->hash plays no part.  The caller frees it. */
char *iv_chain_hash(const IvChainRow *row);

#endif
