/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * volume.h - the parts of a disk: partitions, and the gaps between them.
 *
 * The list covers the disk completely: every byte belongs to exactly one
 * volume, in order of offset, and what is no known partition is a gap (the
 * boot code and tables at the front, alignment gaps, the end of the disk).
 * Reading a table never trusts it: checksums, ranges, overlaps and chain
 * lengths are checked; damage that could be worked around is a note.
 *
 * GPT: UEFI Specification 2.10, chapter 5.  MBR: the classic table at byte 446
 * with extended (logical) partitions.
 */
#ifndef IV_VOLUME_VOLUME_H
#define IV_VOLUME_VOLUME_H

#include "scanner/base/error.h"
#include "scanner/disk/source.h"

typedef enum {
	IV_VOLUME_PARTITION, /* named by a partition table */
	IV_VOLUME_WHOLE,     /* a bare file system on a disk with no table */
	IV_VOLUME_GAP,	     /* bytes that no partition owns */
} IvVolumeKind;

typedef struct {
	IvVolumeKind kind;
	char *name;	  /* "p1" (GPT/MBR entry number, logical from p5), "disk", "gap1" ... */
	char *type;	  /* "gpt:<GUID>" lower case, "mbr:0x83", or "" */
	char *label;	  /* GPT partition name as printable UTF-8, or "" */
	uint64_t offset;  /* bytes from the start of the disk */
	uint64_t size;	  /* bytes */
	bool no_files;	  /* the type says that no file system belongs here (BIOS boot,
			   * PReP, reserved): raw search is complete */
	IvSource *source; /* a window on the disk */
} IvVolume;

typedef struct {
	const char *table; /* "gpt", "mbr" or "none"; static */
	GPtrArray *list;   /* IvVolume *, in order of offset, covering the disk */
	GPtrArray *notes;  /* char *: "primary GPT is damaged (bad CRC): using the backup" ... */
	bool damaged;	   /* a note means that something may be missing from the list */
} IvVolumes;

/* Read the partition table of a disk.  A disk without one is a single
 * IV_VOLUME_WHOLE.  IV_ERROR_IO when the disk cannot be read; a table that is
 * broken beyond use gives one gap over the whole disk, a note, and damaged. */
IV_MUST_CHECK
IvVolumes *iv_volumes_read(IvSource *disk, GError **error);
void iv_volumes_free(IvVolumes *volumes);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvVolumes, iv_volumes_free)

/* What the table or whole-disk probe says a volume holds, by content magic:
 * "ext4", "xfs", "btrfs", "vfat", "ntfs", "swap", "luks", "lvm2-pv", "squashfs",
 * "iso9660", "blank" (all zeros), or "unknown".  Static storage.  Used for
 * coverage's `kind` and for choosing a reader; never trusted beyond that. */
IV_MUST_CHECK
const char *iv_volume_content(IvSource *volume, GError **error);

#endif
