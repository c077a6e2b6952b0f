/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * digest_tree.h - private to scanner/disk: the hash tree above the chunks of a disk.
 *
 * The tree (fsverity.rst, "Merkle tree"): the disk is cut into blocks of 4096
 * bytes, the last one padded with zeros; each is hashed; 128 digests fill a
 * hash block, the last one of a level padded with zeros; those blocks are
 * hashed in turn, until one digest is left, the root.
 *
 *   level 0   the digest of a block of data       4 KiB of disk
 *   level 1   the digest of 128 of level 0      512 KiB, a chunk: what is put in
 *   level 2   the digest of 128 of level 1       64 MiB, a group
 *   level 3   the digest of 128 of level 2        8 GiB, a stretch
 *
 * What is kept: for a stretch that is one hole, a flag; for the groups of any
 * other stretch, which chunks were put in; for a group with data, the digests of
 * its chunks, and once all of them are there only their own digest.  So a disk
 * costs 6 KiB for each 8 GiB that are not a hole, and 32 bytes more for each
 * 64 MiB with data.
 */
#ifndef IV_DISK_DIGEST_TREE_H
#define IV_DISK_DIGEST_TREE_H

#include "scanner/base/error.h"
#include "scanner/disk/sha256.h"

#define IV_TREE_FANOUT (IV_SHA256_BLOCK / IV_SHA256_BYTES)

typedef uint8_t IvHash[IV_SHA256_BYTES];
typedef struct IvHashTree IvHashTree;

/* A tree over this many blocks of 4096 bytes.  IV_ERROR_LIMIT: no memory. */
IV_MUST_CHECK
IvHashTree *iv_hash_tree_new(const IvSha256 *sha, uint64_t blocks, GError **error);
void iv_hash_tree_free(IvHashTree *tree);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvHashTree, iv_hash_tree_free)

/* The digest of an all-zero subtree: level 0 is a block, 1 a chunk. */
const uint8_t *iv_hash_tree_zero(const IvHashTree *tree, unsigned level);

/* Put in the digest of a chunk; NULL: all its 128 blocks are zeros.  Threads may
 * do this at once, for the same chunk as well: the first counts. */
void iv_hash_tree_put(IvHashTree *tree, uint64_t chunk, const uint8_t *hash);
/* The same for n whole chunks of zeros; costs next to nothing for each 8 GiB. */
void iv_hash_tree_put_zeros(IvHashTree *tree, uint64_t first, uint64_t n);

/* The first of the chunks [chunk, end) that is not there, or end. */
uint64_t iv_hash_tree_missing(const IvHashTree *tree, uint64_t chunk, uint64_t end);

/* The root, when every chunk is there; else IV_ERROR_CORRUPT. */
IV_MUST_CHECK
bool iv_hash_tree_root(const IvHashTree *tree, IvHash root, GError **error);

#endif
