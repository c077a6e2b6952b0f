/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rows.h - the marks of packed things.  Private to scanner/unpack/.
 *
 * Each row names where its mark is described.  The check behind it looks at what the
 * format fixes besides; magic_checks.c has them.
 */
#ifndef IV_UNPACK_ROWS_H
#define IV_UNPACK_ROWS_H

#include "scanner/unpack/inside_checks.h"
#include "scanner/unpack/kinds.h"
#include "scanner/unpack/magic_checks.h"

typedef struct {
	IvPacked kind;
	uint32_t at;	  /* bytes from the beginning */
	const char *mark; /* these bytes */
	uint8_t n;
	IvMagicCheck check; /* or NULL */
	/* In something else as well: by up to IV_LOOK_MARK bytes from mark[rare] on, the
	 * rarest ones, and if that is so besides (or NULL). */
	bool anywhere;
	uint8_t rare;
	IvInsideCheck inside;
} IvMagicRow;

/* Rows and checks that fit the same bytes: the first counts.  *n: how many. */
const IvMagicRow *iv_magic_rows(size_t *n);

/* data[0, len) begins with it; `size` as in magic_checks.h. */
bool iv_magic_fits(const IvMagicRow *row, const uint8_t *data, size_t len, uint64_t size);

#endif
