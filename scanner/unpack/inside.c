/* SPDX-License-Identifier: GPL-3.0-or-later */
/* inside.c - see inside.h */
#include "scanner/unpack/inside.h"

#include <glib.h>
#include <string.h>

#include "scanner/unpack/rows.h"

/* Rows that are looked for by the same first byte. */
#define SAME_BYTE 7u

static struct {
	IvLookMarks marks;
	/* By the first byte that is looked for: numbers of rows, from 1. */
	uint8_t rows[256][SAME_BYTE + 1];
} table;

/* The bytes of a row by which it is looked for. */
static IvLookMark rare_bytes(const IvMagicRow *row)
{
	IvLookMark mark = {.n = (uint8_t)MIN(IV_LOOK_MARK, row->n - row->rare)};

	memcpy(mark.bytes, row->mark + row->rare, mark.n);
	return mark;
}

static void fill_table(void)
{
	size_t n, used = 0;
	const IvMagicRow *rows = iv_magic_rows(&n);
	g_autofree IvLookMark *list = g_new(IvLookMark, n);

	for (size_t i = 0; i < n; i++) {
		uint8_t *same, first = 0;

		if (!rows[i].anywhere)
			continue;
		list[used] = rare_bytes(&rows[i]);
		same = table.rows[list[used++].bytes[0]];
		while (same[first] != 0)
			first++;
		g_assert(first < SAME_BYTE);
		same[first] = (uint8_t)(i + 1);
	}
	iv_look_marks_make(&table.marks, list, used);
}

const IvLookMarks *iv_inside_marks(void)
{
	static gsize ready;

	if (g_once_init_enter(&ready)) {
		fill_table();
		g_once_init_leave(&ready, 1);
	}
	return &table.marks;
}

/* Does the row's thing begin at data[at]? */
static bool begins(IvPieces *p, const IvMagicRow *row, size_t at)
{
	IvInside inside = {p->data + at, p->size - at, at, &p->tried};

	return iv_magic_fits(row, inside.data, inside.len, UINT64_MAX) &&
	       (row->inside == NULL || row->inside(&inside));
}

void iv_inside_at(IvPieces *p, size_t at)
{
	size_t n;
	const IvMagicRow *rows = iv_magic_rows(&n);

	if (at >= p->size)
		return;
	for (const uint8_t *same = table.rows[p->data[at]]; *same != 0; same++) {
		const IvMagicRow *row = &rows[*same - 1];
		size_t back = row->at + row->rare;

		if (at < p->from + back || at >= p->to + back || !begins(p, row, at - back))
			continue;
		p->found(p->user, row->kind, at - back, at - back);
		return;
	}
}
