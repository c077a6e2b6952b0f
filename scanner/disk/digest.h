/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * digest.h - the content digest of a virtual disk.
 *
 * fs-verity's SHA-256 Merkle digest with 4096-byte blocks and no salt
 * (Linux Documentation/filesystems/fsverity.rst, "Merkle tree" and "fs-verity
 * descriptor"), of the virtual disk's bytes.  It does not depend on the
 * container: `fsverity digest` of a raw copy prints the same value.  The last
 * block is padded with zeros.  The digests of all-zero subtrees are known for
 * each level, so a hole costs next to nothing, however large.
 *
 * The leaves are independent, so threads share the work by chunks: each chunk
 * is one first-level hash block, IV_DIGEST_CHUNK bytes of disk.
 *
 *     root                          one digest
 *       hash blocks                 128 digests each, level by level
 *         chunk | chunk | chunk     one digest for each, kept until the end
 *     disk  4096 x 128 bytes each   in any order, by any thread
 */
#ifndef IV_DISK_DIGEST_H
#define IV_DISK_DIGEST_H

#include "scanner/base/error.h"
#include "scanner/disk/source.h"

/* 128 leaves of 4096 bytes: one hash block of the tree's second level. */
#define IV_DIGEST_CHUNK (128u * 4096u)

typedef struct IvDigest IvDigest;

/* A digest of source.  Costs 6 KiB of memory for each 8 GiB that are not one hole,
 * and 4 KiB for each 64 MiB that were hashed in part (32 bytes once in full). */
IV_MUST_CHECK
IvDigest *iv_digest_new(IvSource *source, GError **error);
void iv_digest_free(IvDigest *digest);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvDigest, iv_digest_free)

/* Hash the chunks that begin in [off, off+len); off and len are multiples of
 * IV_DIGEST_CHUNK, except that the range may end at the source's end.  Any
 * number of threads may call this at once for disjoint ranges.  Chunks that were
 * hashed before are passed over.  buf: caller's
 * scratch of IV_DIGEST_CHUNK bytes, at least 64-byte aligned. */
IV_MUST_CHECK
bool iv_digest_range(IvDigest *digest, uint64_t off, uint64_t len, void *buf, GError **error);

/* The same for bytes that the caller has read: data holds [off, off+len) of the
 * disk, both as above.  At the disk's end up to 4095 bytes behind data are
 * overwritten with zeros. */
void iv_digest_bytes(IvDigest *digest, uint64_t off, uint8_t *data, size_t len);

/* Was every chunk that begins in [off, off+len) hashed? */
bool iv_digest_done(const IvDigest *digest, uint64_t off, uint64_t len);

/* When every range was hashed: "fsverity-sha256:<64 hex digits>".  The caller
 * frees it.  Ranges that were forgotten are an error, not zeros. */
IV_MUST_CHECK
char *iv_digest_finish(IvDigest *digest, GError **error);

/* Which SHA-256 implementation is in use ("avx512-x16", "sha-ni-x2", "openssl"):
 * for --version and benchmarks; static.  IMGVET_SHA256=openssl forces the
 * fallback, which tests use as the oracle. */
const char *iv_digest_implementation(void);

#endif
