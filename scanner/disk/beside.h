/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * beside.h - what an image file holds besides its disk.
 *
 * A raw file is its disk.  A container can hold more: snapshots, bitmaps, what was
 * deleted and not overwritten.  Nobody who only sees the disk gets it, but whoever
 * gets the file does; and nobody looks at it here.  So it is named.
 */
#ifndef IV_DISK_BESIDE_H
#define IV_DISK_BESIDE_H

#include <glib.h>
#include <stdint.h>

/* One thing that was not looked at. */
typedef struct {
	char *what;	/* one sentence, printable: what it is, and what to do */
	uint64_t bytes; /* that only it has, as far as known */
} IvBesidePart;

typedef struct {
	GPtrArray *parts; /* IvBesidePart * */
	GPtrArray *notes; /* char *: strange, but looked at */
} IvBeside;

IvBeside *iv_beside_new(void);
void iv_beside_free(IvBeside *beside);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvBeside, iv_beside_free)

/* Add one; takes `what`. */
void iv_beside_add(IvBeside *beside, uint64_t bytes, char *what);
void iv_beside_note(IvBeside *beside, char *text);

#endif
