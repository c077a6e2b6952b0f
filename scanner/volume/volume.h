/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * volume.h - the parts of a disk, in every way that a receiver could cut and read it.
 *
 * Together the volumes cover the disk.  Partitions of the table that counts, and the gaps
 * between them, come first; then what else the bytes can be, each as a volume of its own:
 *
 *     p2                the second partition of the table that counts
 *     p2/btrfs          a layer: the same bytes, claimed by a second file system as well
 *     gap3/ext4@BYTE    a file system that begins at this byte of the disk, inside a range
 *                       that no file system owns, or behind the one that is there (those in
 *                       its free blocks are met while it is read: scanner/search/walk.c)
 *     mbr/p1            a partition of another table on the same disk, when its range is
 *                       another and something claims it: "mbr", "gpt", "gpt-backup" (a
 *                       backup that differs), "gpt4k" and "gpt4k-backup" (sectors of 4096)
 *     p2/mbr/p1         a partition of a table inside a partition, likewise
 *     disk              the whole disk, when it has no table
 *     disk/iso9660      a layer over the whole disk, which has a table as well
 *     disk/ext4@BYTE    a file system that begins in one volume and has its superblock in the
 *                       next, so that neither shows it
 *
 * Volumes may overlap, then: bytes are searched in each, and count in each.  Reading a
 * table never trusts it: checksums, ranges and chain lengths are checked; damage that could
 * be worked around is a note.  What volumes share is read again for each up to as many bytes
 * as the disk has; beyond that a volume is cut to what no other has, and not read as files.
 *
 * What is not asked: signatures in files and metadata of a file system that owns its range
 * (its files are files), and what does not begin at a multiple of 512 bytes of the disk.
 *
 * GPT: UEFI Specification 2.10, chapter 5.  MBR: the classic table at byte 446 with
 * extended (logical) partitions.
 */
#ifndef IV_VOLUME_VOLUME_H
#define IV_VOLUME_VOLUME_H

#include "scanner/base/error.h"
#include "scanner/disk/source.h"

typedef enum {
	IV_VOLUME_PARTITION, /* named by a partition table */
	IV_VOLUME_WHOLE,     /* a disk with no table */
	IV_VOLUME_GAP,	     /* bytes that no partition of the table that counts owns */
	IV_VOLUME_LAYER,     /* a further reading of bytes that another volume has searched */
} IvVolumeKind;

/* What is to be done with its bytes. */
typedef enum {
	IV_ROLE_RAW,	 /* they are all there is to it: swap, zeros, a gap, boot code */
	IV_ROLE_FILES,	 /* a file system */
	IV_ROLE_STORE,	 /* something that holds more than its bytes show: LUKS, LVM, an archive */
	IV_ROLE_UNKNOWN, /* nobody knows */
	IV_ROLE_CROWDED, /* one volume too many over the same bytes: only what no other has */
} IvRole;

typedef struct {
	IvVolumeKind kind;
	char *name;	  /* see above */
	char *type;	  /* "gpt:<GUID>" lower case, "mbr:0x83", or "" */
	char *label;	  /* GPT partition name as printable UTF-8, or "" */
	uint64_t offset;  /* bytes from the start of the disk */
	uint64_t size;	  /* bytes */
	bool no_files;	  /* the type says that no file system belongs here (BIOS boot,
			   * PReP, reserved), and none is: raw search is complete */
	bool open_end;	  /* how much of it its file system owns is not known: nothing was
			   * looked for behind it */
	bool optional;	  /* private to layers.c: only kept when something claims it */
	uint64_t ask_from; /* private to layers.c: from here on file systems may be hidden */
	const char *content; /* "ext4", "xfs", "swap", "luks" ...; "blank", "unknown"; static */
	IvRole role;
	IvSource *source; /* a window on the disk */
} IvVolume;

typedef struct {
	const char *table; /* "gpt", "mbr" or "none"; static */
	GPtrArray *list;   /* IvVolume *, in order of offset, covering the disk */
	GPtrArray *notes;  /* char *: "primary GPT is damaged (bad CRC): using the backup" ... */
	bool damaged;	   /* a note means that something may be missing from the list */
	bool every_entry;  /* private to the room: MBR entries of type 0 as well, which Linux
			    * takes for partitions if they have a size */
} IvVolumes;

/* Read the partition tables of a disk, and ask of every range what it is (owner.h).  A disk
 * without a table is a single IV_VOLUME_WHOLE, with layers if need be.  IV_ERROR_IO when the
 * disk cannot be read; a table that is broken beyond use gives one gap over the whole disk, a
 * note, and damaged. */
IV_MUST_CHECK
IvVolumes *iv_volumes_read(IvSource *disk, GError **error);
void iv_volumes_free(IvVolumes *volumes);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvVolumes, iv_volumes_free)

#endif
