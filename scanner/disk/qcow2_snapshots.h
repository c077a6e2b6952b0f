/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * qcow2_snapshots.h - private to scanner/disk: the internal snapshots and the dirty
 * bitmaps of a qcow2 file.
 *
 * qcow2.txt, "Snapshots" and "Bitmaps".  Both are lists of entries of any length, each
 * with a name and with tables of clusters.  Nothing in them is trusted: a list that is
 * damaged ends there, and clusters outside the file are nobody's.
 */
#ifndef IV_DISK_QCOW2_SNAPSHOTS_H
#define IV_DISK_QCOW2_SNAPSHOTS_H

#include "scanner/disk/qcow2.h"
#include "scanner/disk/qcow2_used.h"

/* A snapshot or a bitmap. */
typedef struct {
	char *name;	   /* printable, in quotes, with the id: "before" (id 1) */
	uint64_t table;	   /* its L1 or bitmap table in the file */
	uint64_t table_bytes;
	uint64_t vm_state; /* bytes of a machine's memory, which is part of `bytes` */
	uint64_t bytes;	   /* of the file, that only it refers to */
	bool partly;	   /* there may be more of them: a table cannot be read, or a ceiling */
} IvQcow2Kept;

/* The list as the file has it: how many entries the header promises, and those that
 * were read.  `list_bytes` bytes from `list` on are the list itself. */
typedef struct {
	GArray *kept; /* IvQcow2Kept */
	uint64_t promised;
	uint64_t list, list_bytes;
} IvQcow2List;

/* Read them; at most IV_MAX_QCOW2_KEPT each. */
IvQcow2List iv_qcow2_snapshots_read(const IvQcow2 *q);
IvQcow2List iv_qcow2_bitmaps_read(const IvQcow2 *q);
void iv_qcow2_list_clear(IvQcow2List *list);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(IvQcow2List, iv_qcow2_list_clear)

/* Mark what one of them refers to in the window, and add to its bytes. */
void iv_qcow2_snapshot_mark(const IvQcow2 *q, IvQcow2Used *used, IvQcow2Kept *kept);
void iv_qcow2_bitmap_mark(const IvQcow2 *q, IvQcow2Used *used, IvQcow2Kept *kept);

#endif
