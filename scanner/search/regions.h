/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * regions.h - items by place: what lies in which region of the disk.
 *
 * Most files lie in one piece, and so do the runs of free space.  They are cut
 * at region borders and gathered, so that a worker reads a region once, hashes
 * it, and searches everything in it while it is in the processor's cache; a
 * compressed image is decompressed once.  What is fragmented is searched item
 * by item instead (worker.c).
 *
 *     disk     |------- region -------|------- region -------|------- ...
 *     file a       [#########]
 *     file b                     [####|######]                 cut: two parts
 *     free space                                [###]   [####|##]
 *
 *     part     disk .. disk+length   the bytes that are its own to search
 *     context  run .. end            the run it was cut from: what lies behind
 *                                    a border, but never a neighbour's bytes
 *
 * With its parts a worker reads IV_BLOCK_BEFORE and IV_BLOCK_AFTER bytes around
 * the region, so that a match over the border is seen whole; it belongs to the
 * part that owns its first byte.
 */
#ifndef IV_SEARCH_REGIONS_H
#define IV_SEARCH_REGIONS_H

#include "scanner/disk/digest.h"
#include "scanner/engine/names.h"
#include "scanner/fs/item.h"
#include "scanner/search/place.h"

/* Bytes of a region: whole chunks of the digest, and small enough for a cache. */
#define IV_REGION_BYTES (4 * (uint64_t)IV_DIGEST_CHUNK)

/* A stretch of an item that lies in one region. */
typedef struct {
	void *owner;	   /* the caller's */
	IvPlace *place;
	IvItem *item;	   /* borrowed from owner */
	const IvNames *names; /* of the item, borrowed as well; or NULL */
	uint64_t disk;	   /* where it begins on the disk */
	uint64_t offset;   /* and in the item */
	uint64_t length;   /* bytes, at most IV_REGION_BYTES */
	uint64_t run, end; /* disk range of the run of data around it: its context */
	bool slack;	   /* the bytes lie behind the file's end */
} IvRegionPart;

/* Does the item lie so that iv_parts_add() can take it?  On the disk, and if it
 * is a file, in one piece whose first bytes are stored. */
bool iv_parts_fit(const IvPlace *place, const IvItem *item);

/* Append the item's parts; returns how many (0: nothing but zeros).  Their `names` are
 * NULL. */
guint iv_parts_add(GArray *parts, IvPlace *place, IvItem *item, void *owner);

/* Sort by place on the disk. */
void iv_parts_sort(GArray *parts);

/* The end of the group of parts, from `first`, that lie in one region. */
guint iv_parts_group(const GArray *parts, guint first);

#endif
