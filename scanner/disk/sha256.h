/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sha256.h - private to scanner/disk: SHA-256 of many blocks of one size.
 *
 * Blocks of a Merkle tree do not depend on one another, so an implementation
 * may work on several at once.  All implementations give the same digests;
 * which one runs is decided by the processor, not by the compiler's flags.
 */
#ifndef IV_DISK_SHA256_H
#define IV_DISK_SHA256_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scanner/base/error.h"

#define IV_SHA256_BLOCK 4096u /* bytes that each block has */
#define IV_SHA256_BYTES 32u   /* bytes of a digest */

typedef struct {
	const char *name;  /* as iv_digest_implementation() says it */
	const char *force; /* the value of IMGVET_SHA256 that asks for it */
	bool (*usable)(void);
	/* Digest n blocks: blocks[i] is where block i stands, out[i] where its digest
	 * goes.  Blocks need no alignment. */
	void (*hash)(const uint8_t *const blocks[], uint8_t *const out[], size_t n);
} IvSha256;

extern const IvSha256 iv_sha256_openssl;
#if defined(__x86_64__)
extern const IvSha256 iv_sha256_sha_ni;
extern const IvSha256 iv_sha256_avx512;
#endif

/* The fastest one this processor runs, or the one that IMGVET_SHA256 forces.
 * IV_ERROR_USAGE when the variable asks for what is not there. */
IV_MUST_CHECK
const IvSha256 *iv_sha256_choose(GError **error);

/* --- sha256_tables.c ------------------------------------------------------------- */

/* The 64 round constants of FIPS 180-4, section 4.2.2, and the initial state of
 * section 5.3.3. */
extern const uint32_t iv_sha256_k[64];
extern const uint32_t iv_sha256_initial[8];

/* The last 64 bytes that are hashed for a message of IV_SHA256_BLOCK bytes: a
 * one bit, zeros, and the length in bits (FIPS 180-4, section 5.1.1). */
extern const uint8_t iv_sha256_padding[64];

#endif
