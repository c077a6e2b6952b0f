/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * claim.h - what the finders of signatures share; for scanner/volume/ alone.
 *
 * A claim says: these bytes could be read as that.  Finders add every claim they
 * see; owner.c decides which of them count.
 */
#ifndef IV_VOLUME_CLAIM_H
#define IV_VOLUME_CLAIM_H

#include "scanner/base/error.h"
#include "scanner/volume/owner.h"

/* A block of bytes from the start of a range, and the range itself. */
typedef struct {
	IvSource *source;
	const uint8_t *head; /* the first head_size bytes */
	size_t head_size;    /* at most IV_HEAD_BYTES */
} IvRange;

/* All magics but a few at the end of a range lie in its first 68 KiB. */
#define IV_HEAD_BYTES (68u << 10)

/* Add a claim, or give weight to one of the same kind that is there already. */
void iv_claims_add(GArray *claims, const char *kind, IvClaimUse use, IvClaimWeight weight,
		   uint64_t size);

/* --- signature.c: magic numbers ----------------------------------------------------- */

bool iv_range_has(const IvRange *range, size_t offset, const void *bytes, size_t len);

/* Every magic number at its place in the head. */
void iv_signatures_find(const IvRange *range, GArray *claims);

/* A sector of 512 bytes as a place where something could stand: calls `visit` with how
 * far in front of the sector a volume would begin whose superblock this is.  thin: noise
 * looks like that every few megabytes, and only a look at the root tells. */
typedef void (*IvSectorVisit)(void *user, uint64_t back, bool thin);
void iv_signatures_in_sector(const uint8_t sector[512], IvSectorVisit visit, void *user);

/* --- superblock.c: formats whose fields have to be looked at --------------------------- */

/* False only when the source cannot be read. */
IV_MUST_CHECK
bool iv_superblocks_find(const IvRange *range, GArray *claims, GError **error);

/* Do these first bytes of a volume fit together as a FAT's parameter block?  *size: bytes
 * that the file system says it has. */
bool iv_fat_fits(const uint8_t *head, size_t len, uint64_t *size);

/* Is this the start of a sound superblock (of ext, of minix)? */
bool iv_ext_fits(const uint8_t *super, size_t len);
bool iv_minix_fits(const uint8_t *super, size_t len, uint64_t *size);

/* Is the ext superblock at byte 1024 of this range one of the copies further back in its
 * file system, and not mountable from here?  *back: how far in front of the range that file
 * system begins. */
bool iv_ext_is_backup(IvSource *range, uint64_t *back);

/* Does the ext superblock at byte 1024 of this range, or a copy further inside, lead to a root
 * folder?  One in a journal, or that a resize left behind, does not. */
bool iv_ext_leads_to_root(IvSource *range);

/* --- root.c ------------------------------------------------------------------------------- */

/* Does the superblock at the start of the range lead to what it should point to?  True for
 * kinds that leave no copies behind. */
bool iv_claim_has_root(IvSource *range, const char *kind);

/* --- trailer.c: what stands at the end of a range, or far into it ------------------------- */

IV_MUST_CHECK
bool iv_trailers_find(const IvRange *range, GArray *claims, GError **error);

/* --- second_opinion.c: libblkid ---------------------------------------------------------- */

IV_MUST_CHECK
bool iv_second_opinion(IvSource *source, GArray *claims, GError **error);

#endif
