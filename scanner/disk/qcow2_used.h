/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * qcow2_used.h - private to scanner/disk: which bytes of a qcow2 file are whose.
 *
 * A map of a window of the file, a bit for each sector of 512 bytes, the smallest
 * cluster there is.  A file that is larger than a window is gone through window by
 * window, so that the map stays small.
 *
 *     file     |header|L1|refs|L2|data|data|  ? |data|snapshot's|  ?  |
 *     mapped    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^    ^^^^  ^^^^^^^^^^
 *     unread                                ?                      ?
 */
#ifndef IV_DISK_QCOW2_USED_H
#define IV_DISK_QCOW2_USED_H

#include "scanner/disk/qcow2.h"

typedef struct {
	IvFile *file;
	uint64_t cluster;    /* bytes */
	uint64_t start, end; /* the window: bytes of the file */
	uint64_t *words;     /* a bit for each sector */
	bool packed;	     /* there are compressed clusters */
	uint64_t tables;     /* bytes of snapshots' tables that may still be read, over all windows */
} IvQcow2Used;

/* Begin a window, all of it nobody's; words has room for it. */
void iv_qcow2_used_begin(IvQcow2Used *used, uint64_t start, uint64_t end);

/* [host, host+len) is somebody's.  Returns the bytes of it, in sectors, that were
 * nobody's so far.  What lies outside the window does not count. */
uint64_t iv_qcow2_used_add(IvQcow2Used *used, uint64_t host, uint64_t len);

/* Does all of the range lie in the window? */
bool iv_qcow2_used_holds(const IvQcow2Used *used, uint64_t host, uint64_t len);

/* Bytes, in sectors, that are nobody's and hold something.  What cannot be read counts.
 * Zeros are nothing, and so is an old L1 or refcount table (a disk that was resized
 * leaves one): its words are zero or places of clusters, and no other bytes are. */
uint64_t iv_qcow2_used_rest(const IvQcow2Used *used);

#endif
