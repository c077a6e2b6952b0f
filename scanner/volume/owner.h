/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * owner.h - whose bytes are these?  The one place that says what a range of a disk is.
 *
 * Nothing keeps an image from being two things at once: the receiver decides how
 * to mount it.  So every signature counts, wherever it stands in the range: our own
 * table of magic numbers (signature.c), formats whose fields have to be looked at
 * (superblock.c, trailer.c), and libblkid as the second opinion (second_opinion.c).
 *
 *     nothing         the range is what its bytes are
 *     one claim       its owner
 *     several claims  a layer for each: read every way
 *
 * A leftover that no kernel would take is none of these.  Claims have a weight, and
 * only the heaviest of a range count:
 *
 *     sure     magic and fields fit: somebody would mount or open it
 *     archive  the range begins like an archive or a compressed file
 *     weak     a magic number alone, with fields that contradict it
 *
 * An ext file system by its backup superblocks counts as well (mount -o sb=N), unless
 * they belong to the ext file system that is there.  A backup superblock of btrfs alone
 * is a note: no kernel mounts it.  A leg of a RAID-1 whose data begins at its first byte
 * reads like the file system on it, and is no claim beside that.
 */
#ifndef IV_VOLUME_OWNER_H
#define IV_VOLUME_OWNER_H

#include "scanner/base/error.h"
#include "scanner/disk/source.h"

typedef enum {
	IV_CLAIM_FILES, /* a file system */
	IV_CLAIM_STORE, /* a container: volumes, encryption, an archive, another system's table */
	IV_CLAIM_RAW,	/* its bytes are all there is to it: swap */
	IV_CLAIM_LEG,	/* a mirror's leg: whatever else the range is, and a store if nothing else */
} IvClaimUse;

typedef enum { IV_WEIGHT_WEAK, IV_WEIGHT_ARCHIVE, IV_WEIGHT_SURE } IvClaimWeight;

typedef struct {
	const char *kind; /* "ext4", "xfs", "luks" ...; static */
	IvClaimUse use;
	IvClaimWeight weight;
	uint64_t size; /* bytes that it says it has, from the start of the range; 0: unknown */
} IvClaim;

typedef enum {
	IV_ASK_ALL, /* libblkid too */
	IV_ASK_OWN, /* our own code alone, which works inside the sandbox */
} IvAsk;

/* The claims on a range that count, the likeliest owner first: file systems (ext before
 * others, which a native reader knows), stores, swap.  Empty when there is none.  *note
 * (may be NULL): a remark on leftovers, or NULL; free it.  NULL when the source cannot be
 * read.  g_array_unref() the result. */
IV_MUST_CHECK
GArray *iv_owner_claims(IvSource *range, IvAsk whom, char **note, GError **error);

/* "ext2", "ext3", "ext4", "ext-journal"? */
bool iv_kind_is_ext(const char *kind);

/* Does the range hold nothing but zeros?  Holes are taken at their word. */
IV_MUST_CHECK
bool iv_range_blank(IvSource *range, bool *blank, GError **error);

#endif
