/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * digest.c - the content digest of a virtual disk: chunks in any order, by any
 * thread; see digest.h.  The tree above the chunks is digest_tree.c.
 */
#include "scanner/disk/digest.h"

#include <openssl/evp.h>
#include <string.h>

#include "scanner/base/error.h"
#include "scanner/disk/digest_tree.h"
#include "scanner/disk/sha256.h"

#define FANOUT	      IV_TREE_FANOUT
#define DESCRIPTOR    256u
#define DIGEST_PREFIX "fsverity-sha256:"

G_STATIC_ASSERT(IV_DIGEST_CHUNK == FANOUT * IV_SHA256_BLOCK);

struct IvDigest {
	IvSource *source;
	const IvSha256 *sha;
	uint64_t blocks;
	IvHashTree *tree;
};

static const uint8_t zero_block[IV_SHA256_BLOCK];

static uint64_t divide_up(uint64_t n, uint64_t by)
{
	return n / by + (n % by != 0);
}

IvDigest *iv_digest_new(IvSource *source, GError **error)
{
	const IvSha256 *sha = iv_sha256_choose(error);
	uint64_t blocks = divide_up(source->size, IV_SHA256_BLOCK);
	IvHashTree *tree = sha != NULL ? iv_hash_tree_new(sha, blocks, error) : NULL;
	IvDigest *digest;

	if (tree == NULL)
		return NULL;
	digest = g_new0(IvDigest, 1);
	digest->source = iv_source_ref(source);
	digest->sha = sha;
	digest->blocks = blocks;
	digest->tree = tree;
	return digest;
}

void iv_digest_free(IvDigest *digest)
{
	if (digest == NULL)
		return;
	iv_hash_tree_free(digest->tree);
	iv_source_unref(digest->source);
	g_free(digest);
}

/* --- chunks ----------------------------------------------------------------------- */

/* Digest the len bytes of a chunk, which stand in buf. */
static void hash_chunk(IvDigest *digest, uint64_t chunk, uint8_t *buf, size_t len)
{
	size_t n = (size_t)divide_up(len, IV_SHA256_BLOCK), pending = 0;
	const uint8_t *blocks[FANOUT];
	uint8_t *out[FANOUT];
	uint8_t level0[IV_SHA256_BLOCK] = {0};
	IvHash top;

	memset(buf + len, 0, n * IV_SHA256_BLOCK - len);
	for (size_t i = 0; i < n; i++) {
		const uint8_t *block = buf + i * IV_SHA256_BLOCK;

		if (memcmp(block, zero_block, IV_SHA256_BLOCK) == 0) {
			memcpy(level0 + i * IV_SHA256_BYTES, iv_hash_tree_zero(digest->tree, 0),
			       IV_SHA256_BYTES);
			continue;
		}
		blocks[pending] = block;
		out[pending++] = level0 + i * IV_SHA256_BYTES;
	}
	if (pending > 0)
		digest->sha->hash(blocks, out, pending);
	if (pending == 0 && n == FANOUT) {
		iv_hash_tree_put(digest->tree, chunk, NULL);
		return;
	}
	/* A disk of one block has no level above it: its digest is the root. */
	if (digest->blocks == 1)
		memcpy(top, level0, IV_SHA256_BYTES);
	else
		digest->sha->hash(&(const uint8_t *){level0}, &(uint8_t *){top}, 1);
	iv_hash_tree_put(digest->tree, chunk, top);
}

/* What iv_source_extent() said last: the bytes before end share its answer. */
typedef struct {
	uint64_t end;
	bool zero;
} Run;

/* Is [off, end) a hole?  limit is how far it is worth asking. */
static bool is_hole(IvSource *source, Run *run, uint64_t off, uint64_t end, uint64_t limit,
		    bool *hole, GError **error)
{
	*hole = true;
	while (off < end && *hole) {
		if (off >= run->end) {
			uint64_t len = limit - off;

			if (!iv_source_extent(source, off, &len, &run->zero, error))
				return false;
			run->end = off + len;
		}
		*hole = run->zero;
		off = MIN(run->end, end);
	}
	return true;
}

static bool check_range(const IvDigest *digest, uint64_t off, uint64_t len, GError **error)
{
	uint64_t size = digest->source->size;

	if (off > size || len > size - off || off % IV_DIGEST_CHUNK != 0 ||
	    (len % IV_DIGEST_CHUNK != 0 && off + len != size))
		return iv_fail(error, IV_ERROR_CORRUPT,
			       "%" G_GUINT64_FORMAT " bytes at byte %" G_GUINT64_FORMAT
			       " are not a range of whole chunks of the disk",
			       len, off);
	return true;
}

/* Hash the chunk at off, or the chunks, if it begins a hole.  *off moves behind them. */
static bool hash_next(IvDigest *digest, uint64_t *off, uint64_t end, Run *run, void *buf,
		      GError **error)
{
	size_t part = (size_t)MIN(IV_DIGEST_CHUNK, end - *off);
	uint64_t chunk = *off / IV_DIGEST_CHUNK, n;
	bool hole;

	if (!is_hole(digest->source, run, *off, *off + part, end, &hole, error))
		return false;
	if (hole && part == IV_DIGEST_CHUNK) {
		n = (MIN(run->end, end) - *off) / IV_DIGEST_CHUNK;
		iv_hash_tree_put_zeros(digest->tree, chunk, n);
		*off += n * IV_DIGEST_CHUNK;
		return true;
	}
	if (!iv_source_read(digest->source, *off, buf, part, error))
		return false;
	hash_chunk(digest, chunk, buf, part);
	*off += part;
	return true;
}

bool iv_digest_range(IvDigest *digest, uint64_t off, uint64_t len, void *buf, GError **error)
{
	uint64_t end = off + len;
	Run run = {.end = 0};

	if (!check_range(digest, off, len, error))
		return false;
	while (off < end) {
		off = IV_DIGEST_CHUNK * iv_hash_tree_missing(digest->tree, off / IV_DIGEST_CHUNK,
							     divide_up(end, IV_DIGEST_CHUNK));
		if (off < end && !hash_next(digest, &off, end, &run, buf, error))
			return false;
	}
	return true;
}

void iv_digest_bytes(IvDigest *digest, uint64_t off, uint8_t *data, size_t len)
{
	for (size_t at = 0; at < len; at += IV_DIGEST_CHUNK)
		hash_chunk(digest, (off + at) / IV_DIGEST_CHUNK, data + at,
			   MIN(IV_DIGEST_CHUNK, len - at));
}

bool iv_digest_done(const IvDigest *digest, uint64_t off, uint64_t len)
{
	uint64_t end = divide_up(off + len, IV_DIGEST_CHUNK);

	return iv_hash_tree_missing(digest->tree, off / IV_DIGEST_CHUNK, end) == end;
}

/* The descriptor (fsverity.rst, "fs-verity descriptor"), of which the digest of
 * the file is the SHA-256: version 1, algorithm 1, blocks of 2^12 bytes, no
 * salt, the size, the root; zeros to 256 bytes. */
static char *describe(const IvDigest *digest, const uint8_t *root)
{
	uint8_t descriptor[DESCRIPTOR] = {1, 1, 12};
	uint64_t size = GUINT64_TO_LE(digest->source->size);
	GString *text = g_string_new(DIGEST_PREFIX);
	IvHash hash;

	memcpy(descriptor + 8, &size, sizeof(size));
	memcpy(descriptor + 16, root, IV_SHA256_BYTES);
	if (EVP_Digest(descriptor, sizeof(descriptor), hash, NULL, EVP_sha256(), NULL) != 1)
		g_error("OpenSSL cannot compute SHA-256");
	for (unsigned i = 0; i < IV_SHA256_BYTES; i++)
		g_string_append_printf(text, "%02x", hash[i]);
	return g_string_free(text, FALSE);
}

char *iv_digest_finish(IvDigest *digest, GError **error)
{
	IvHash root;

	return iv_hash_tree_root(digest->tree, root, error) ? describe(digest, root) : NULL;
}

const char *iv_digest_implementation(void)
{
	const IvSha256 *sha = iv_sha256_choose(NULL);

	return sha != NULL ? sha->name : "none";
}
