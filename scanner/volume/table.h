/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * table.h - what the partition table readers share; for scanner/volume/ alone.
 *
 * A table reader appends the entries it trusts; volumes.c then sorts them,
 * settles overlaps and fills the gaps.
 */
#ifndef IV_VOLUME_TABLE_H
#define IV_VOLUME_TABLE_H

#include "scanner/base/error.h"
#include "scanner/volume/owner.h"
#include "scanner/volume/volume.h"

/* What a look at the disk for one kind of table found. */
typedef enum {
	IV_TABLE_ABSENT, /* no sign of such a table */
	IV_TABLE_READ,	 /* entries were appended (perhaps none, perhaps with notes) */
	IV_TABLE_BROKEN, /* there is or was one, but nothing of it is valid */
	IV_TABLE_FAILED, /* the disk could not be read: *error is set */
} IvTableState;

/* What the first sector says, as far as the others need to know. */
typedef struct {
	bool table;	 /* a well-formed MBR table (all flags 0x00 or 0x80) */
	bool protective; /* one of its entries is type 0xEE: a GPT is meant */
	unsigned used;	 /* entries in use that are not 0xEE */
	bool fits;	 /* those lie inside the disk, and not at its first sector */
	bool signature;	 /* 55 AA at byte 510 */
} IvMbrSector;

IV_MUST_CHECK
bool iv_mbr_look(IvSource *disk, IvMbrSector *mbr, GError **error);
IV_MUST_CHECK
IvTableState iv_mbr_read(IvSource *disk, IvVolumes *volumes, GError **error);
/* Is a primary GPT's signature where one would be?  Nothing is verified. */
IV_MUST_CHECK
bool iv_gpt_seen(IvSource *disk, bool *seen, GError **error);
IV_MUST_CHECK
IvTableState iv_gpt_read(IvSource *disk, IvVolumes *volumes, GError **error);

/* --- volume_list.c: the list ---------------------------------------------------- */

/* An empty list; iv_volumes_free() it. */
IvVolumes *iv_volumes_new(void);

/* A volume without a source, of no list yet; takes the name. */
IvVolume *iv_volume_new(IvVolumeKind kind, char *name, uint64_t offset, uint64_t size);

void iv_volume_free(IvVolume *volume);

/* Append a partition.  The part beyond the end of the disk is cut off (a note, and
 * damaged); one that lies outside altogether, or is empty, is only a note. */
void iv_volumes_add(IvVolumes *volumes, uint64_t disk_size, unsigned number, uint64_t offset,
		    uint64_t size, const char *type, const char *label, bool no_files);

/* A note; `damaged` says that the list may miss something. */
void iv_volumes_note(IvVolumes *volumes, bool damaged, const char *format, ...) G_GNUC_PRINTF(3, 4);

/* --- gpt.c: further copies ---------------------------------------------------------- */

/* The copies that a disk can hold, whatever its first sector says. */
#define IV_GPT_COPIES 4u

/* "gpt", "gpt-backup", "gpt4k", "gpt4k-backup"; static. */
const char *iv_gpt_copy_name(unsigned which);
/* Append the partitions of that copy, if it is there and its checksums are right. */
IV_MUST_CHECK
bool iv_gpt_copy(IvSource *disk, unsigned which, IvVolumes *volumes, GError **error);

/* --- tables.c: which tables count ------------------------------------------------------ */

/* The table that counts: an announced GPT, else a classic MBR, else a GPT on its own.
 * `whole`: what the disk as a whole looks like, or NULL. */
IV_MUST_CHECK
IvTableState iv_tables_main(IvSource *disk, const char *whole, IvVolumes *volumes, GError **error);

/* The partitions of every table in a range (the disk, a partition, a gap), named
 * "PREFIX/TABLE/pN" ("TABLE/pN" with the prefix ""), with offsets from the range's start,
 * and marked optional. */
IV_MUST_CHECK
bool iv_tables_all(IvSource *range, const char *prefix, IvVolumes *found, GError **error);

/* --- layers.c: what every range is -------------------------------------------------------- */

/* Ask what each volume of the list is, and add what else its bytes, and the disk's, can be.
 * The list is in order afterwards, and every volume has its source. */
IV_MUST_CHECK
bool iv_layers_add(IvVolumes *volumes, IvSource *disk, GError **error);

#endif
