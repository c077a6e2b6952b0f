/* SPDX-License-Identifier: GPL-3.0-or-later */
/* beside.c - see beside.h */
#include "scanner/disk/beside.h"

static void part_free(gpointer data)
{
	IvBesidePart *part = data;

	g_free(part->what);
	g_free(part);
}

IvBeside *iv_beside_new(void)
{
	IvBeside *beside = g_new0(IvBeside, 1);

	beside->parts = g_ptr_array_new_with_free_func(part_free);
	beside->notes = g_ptr_array_new_with_free_func(g_free);
	return beside;
}

void iv_beside_free(IvBeside *beside)
{
	if (beside == NULL)
		return;
	g_ptr_array_unref(beside->parts);
	g_ptr_array_unref(beside->notes);
	g_free(beside);
}

void iv_beside_add(IvBeside *beside, uint64_t bytes, char *what)
{
	IvBesidePart *part = g_new0(IvBesidePart, 1);

	part->what = what;
	part->bytes = bytes;
	g_ptr_array_add(beside->parts, part);
}

void iv_beside_note(IvBeside *beside, char *text)
{
	g_ptr_array_add(beside->notes, text);
}
