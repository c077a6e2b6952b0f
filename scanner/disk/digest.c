/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * digest.c - the Merkle digest of a virtual disk; see digest.h
 *
 * The tree (fsverity.rst, "Merkle tree"): the disk is cut into blocks of 4096
 * bytes, the last one padded with zeros; each is hashed; 128 digests fill a
 * hash block, the last one of a level padded with zeros; those blocks are
 * hashed in turn, until one digest is left, the root.
 *
 *   level 0   the digest of a block of data       4 KiB of disk
 *   level 1   the digest of 128 of level 0      512 KiB, a chunk: hashed by iv_digest_range()
 *   level 2   the digest of 128 of level 1       64 MiB, a group: kept in memory until the end
 *
 * What is kept for a group is which of its chunks were hashed, and the digests
 * of level 1, but those only once a chunk of the group is not all zeros.
 */
#include "scanner/disk/digest.h"

#include <openssl/evp.h>
#include <string.h>

#include "scanner/base/error.h"
#include "scanner/disk/sha256.h"

#define FANOUT	      (IV_SHA256_BLOCK / IV_SHA256_BYTES)
#define GROUP_CHUNKS  FANOUT
#define MAX_LEVELS    8u /* 4096 * 128^8 is more than 2^64 */
#define DESCRIPTOR    256u
#define DIGEST_PREFIX "fsverity-sha256:"

G_STATIC_ASSERT(IV_DIGEST_CHUNK == FANOUT * IV_SHA256_BLOCK);

typedef uint8_t Hash[IV_SHA256_BYTES];

typedef struct {
	uint64_t done[GROUP_CHUNKS / 64]; /* a bit for each chunk that was hashed */
	uint64_t taken[GROUP_CHUNKS / 64]; /* and for each that somebody took to hash */
	Hash *hashes;			  /* GROUP_CHUNKS of them, or NULL: all zeros so far */
} Group;

struct IvDigest {
	IvSource *source;
	const IvSha256 *sha;
	uint64_t blocks, chunks;
	Group *groups;
	uint64_t n_groups;
	Hash zero[MAX_LEVELS]; /* the digest of an all-zero subtree of each level */
};

static const uint8_t zero_block[IV_SHA256_BLOCK];

static void hash_one(const IvSha256 *sha, const uint8_t *block, uint8_t *out)
{
	sha->hash(&block, &out, 1);
}

static void fill_zero_hashes(IvDigest *digest)
{
	uint8_t block[IV_SHA256_BLOCK];

	hash_one(digest->sha, zero_block, digest->zero[0]);
	for (unsigned level = 1; level < MAX_LEVELS; level++) {
		for (unsigned i = 0; i < FANOUT; i++)
			memcpy(block + i * IV_SHA256_BYTES, digest->zero[level - 1],
			       IV_SHA256_BYTES);
		hash_one(digest->sha, block, digest->zero[level]);
	}
}

static uint64_t divide_up(uint64_t n, uint64_t by)
{
	return n / by + (n % by != 0);
}

IvDigest *iv_digest_new(IvSource *source, GError **error)
{
	const IvSha256 *sha = iv_sha256_choose(error);
	IvDigest *digest;

	if (sha == NULL)
		return NULL;
	digest = g_new0(IvDigest, 1);
	digest->source = iv_source_ref(source);
	digest->sha = sha;
	digest->blocks = divide_up(source->size, IV_SHA256_BLOCK);
	digest->chunks = divide_up(digest->blocks, FANOUT);
	digest->n_groups = divide_up(digest->chunks, GROUP_CHUNKS);
	digest->groups = g_try_new0(Group, digest->n_groups);
	if (digest->groups == NULL && digest->n_groups > 0) {
		iv_fail(error, IV_ERROR_LIMIT, "no memory for the digest of %" G_GUINT64_FORMAT
			" bytes of disk", source->size);
		iv_digest_free(digest);
		return NULL;
	}
	fill_zero_hashes(digest);
	return digest;
}

void iv_digest_free(IvDigest *digest)
{
	if (digest == NULL)
		return;
	for (uint64_t i = 0; digest->groups != NULL && i < digest->n_groups; i++)
		g_free(digest->groups[i].hashes);
	g_free(digest->groups);
	iv_source_unref(digest->source);
	g_free(digest);
}

/* --- chunks ----------------------------------------------------------------------- */

/* The digests of a group, made on first use; several threads may come at once. */
static Hash *group_hashes(const IvDigest *digest, Group *group)
{
	Hash *hashes = g_atomic_pointer_get(&group->hashes);

	if (hashes != NULL)
		return hashes;
	hashes = g_new(Hash, GROUP_CHUNKS);
	for (unsigned i = 0; i < GROUP_CHUNKS; i++)
		memcpy(hashes[i], digest->zero[1], IV_SHA256_BYTES);
	if (!g_atomic_pointer_compare_and_exchange(&group->hashes, NULL, hashes)) {
		g_free(hashes);
		hashes = g_atomic_pointer_get(&group->hashes);
	}
	return hashes;
}

/* Remember the digest of a chunk; NULL stands for zero[1]. */
static void store_chunk(IvDigest *digest, uint64_t chunk, const uint8_t *hash)
{
	Group *group = &digest->groups[chunk / GROUP_CHUNKS];
	unsigned slot = (unsigned)(chunk % GROUP_CHUNKS);

	if (hash != NULL)
		memcpy(group_hashes(digest, group)[slot], hash, IV_SHA256_BYTES);
	__atomic_fetch_or(&group->done[slot / 64], UINT64_C(1) << slot % 64, __ATOMIC_RELEASE);
}

/* Digest the len bytes of a chunk, which stand in buf. */
static void hash_chunk(IvDigest *digest, uint64_t chunk, uint8_t *buf, size_t len)
{
	size_t n = (size_t)divide_up(len, IV_SHA256_BLOCK), pending = 0;
	const uint8_t *blocks[FANOUT];
	uint8_t *out[FANOUT];
	uint8_t level0[IV_SHA256_BLOCK] = {0};
	Hash top;

	memset(buf + len, 0, n * IV_SHA256_BLOCK - len);
	for (size_t i = 0; i < n; i++) {
		const uint8_t *block = buf + i * IV_SHA256_BLOCK;

		if (memcmp(block, zero_block, IV_SHA256_BLOCK) == 0) {
			memcpy(level0 + i * IV_SHA256_BYTES, digest->zero[0], IV_SHA256_BYTES);
			continue;
		}
		blocks[pending] = block;
		out[pending++] = level0 + i * IV_SHA256_BYTES;
	}
	if (pending > 0)
		digest->sha->hash(blocks, out, pending);
	/* A disk of one block has no level above it: its digest is the root. */
	if (digest->blocks == 1)
		memcpy(top, level0, IV_SHA256_BYTES);
	else if (pending == 0 && n == FANOUT)
		memcpy(top, digest->zero[1], IV_SHA256_BYTES);
	else
		hash_one(digest->sha, level0, top);
	store_chunk(digest, chunk, pending == 0 && n == FANOUT ? NULL : top);
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

bool iv_digest_range(IvDigest *digest, uint64_t off, uint64_t len, void *buf, GError **error)
{
	uint64_t end;
	Run run = {.end = 0};

	if (!check_range(digest, off, len, error))
		return false;
	for (end = off + len; off < end; off += MIN(IV_DIGEST_CHUNK, end - off)) {
		size_t part = (size_t)MIN(IV_DIGEST_CHUNK, end - off);
		bool hole;

		if (!is_hole(digest->source, &run, off, off + part, end, &hole, error))
			return false;
		if (hole && part == IV_DIGEST_CHUNK) {
			store_chunk(digest, off / IV_DIGEST_CHUNK, NULL);
			continue;
		}
		if (!iv_source_read(digest->source, off, buf, part, error))
			return false;
		hash_chunk(digest, off / IV_DIGEST_CHUNK, buf, part);
	}
	return true;
}

void iv_digest_bytes(IvDigest *digest, uint64_t off, uint8_t *data, size_t len)
{
	for (size_t at = 0; at < len; at += IV_DIGEST_CHUNK)
		hash_chunk(digest, (off + at) / IV_DIGEST_CHUNK, data + at,
			   MIN(IV_DIGEST_CHUNK, len - at));
}

bool iv_digest_take(IvDigest *digest, uint64_t off)
{
	uint64_t chunk = off / IV_DIGEST_CHUNK;
	Group *group = &digest->groups[chunk / GROUP_CHUNKS];
	unsigned slot = (unsigned)(chunk % GROUP_CHUNKS);
	uint64_t bit = UINT64_C(1) << slot % 64;

	return (__atomic_fetch_or(&group->taken[slot / 64], bit, __ATOMIC_RELAXED) & bit) == 0;
}

bool iv_digest_done(const IvDigest *digest, uint64_t off, uint64_t len)
{
	for (uint64_t chunk = off / IV_DIGEST_CHUNK; chunk * IV_DIGEST_CHUNK < off + len; chunk++) {
		const Group *group = &digest->groups[chunk / GROUP_CHUNKS];
		unsigned slot = (unsigned)(chunk % GROUP_CHUNKS);

		if ((__atomic_load_n(&group->done[slot / 64], __ATOMIC_ACQUIRE) >> slot % 64 & 1) ==
		    0)
			return false;
	}
	return true;
}

/* --- the levels above ------------------------------------------------------------- */

/* A hash block of each level that is being filled. */
typedef struct {
	const IvSha256 *sha;
	uint8_t block[MAX_LEVELS][IV_SHA256_BLOCK];
	unsigned count[MAX_LEVELS]; /* digests in it */
} Tree;

/* Hash what level holds into the level above. */
static void tree_carry(Tree *tree, unsigned level)
{
	uint8_t *to = tree->block[level + 1] + tree->count[level + 1] * IV_SHA256_BYTES;

	hash_one(tree->sha, tree->block[level], to);
	tree->count[level + 1]++;
	tree->count[level] = 0;
	memset(tree->block[level], 0, IV_SHA256_BLOCK);
}

/* One more digest of a level. */
static void tree_add(Tree *tree, unsigned level, const uint8_t *hash)
{
	memcpy(tree->block[level] + tree->count[level]++ * IV_SHA256_BYTES, hash, IV_SHA256_BYTES);
	while (tree->count[level] == FANOUT && level + 1 < MAX_LEVELS)
		tree_carry(tree, level++);
}

static bool tree_empty_above(const Tree *tree, unsigned level)
{
	for (unsigned i = level + 1; i < MAX_LEVELS; i++) {
		if (tree->count[i] > 0)
			return false;
	}
	return true;
}

/* Close the levels from below; what is alone at the top is the root. */
static void tree_root(Tree *tree, uint8_t *root)
{
	for (unsigned level = 1; level + 1 < MAX_LEVELS; level++) {
		if (tree->count[level] == 1 && tree_empty_above(tree, level)) {
			memcpy(root, tree->block[level], IV_SHA256_BYTES);
			return;
		}
		if (tree->count[level] > 0)
			tree_carry(tree, level);
	}
	memcpy(root, tree->block[MAX_LEVELS - 1], IV_SHA256_BYTES);
}

/* Were the first n chunks of the group hashed? */
static bool group_done(const Group *group, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		if ((group->done[i / 64] >> i % 64 & 1) == 0)
			return false;
	}
	return true;
}

static bool add_group(const IvDigest *digest, uint64_t index, Tree *tree, GError **error)
{
	const Group *group = &digest->groups[index];
	unsigned n = (unsigned)MIN(GROUP_CHUNKS, digest->chunks - index * GROUP_CHUNKS);

	if (!group_done(group, n))
		return iv_fail(error, IV_ERROR_CORRUPT,
			       "the disk was not hashed to its end: parts of the 64 MiB at byte "
			       "%" G_GUINT64_FORMAT " are missing",
			       index * GROUP_CHUNKS * IV_DIGEST_CHUNK);
	if (group->hashes == NULL && n == GROUP_CHUNKS) {
		tree_add(tree, 2, digest->zero[2]);
		return true;
	}
	for (unsigned i = 0; i < n; i++)
		tree_add(tree, 1, group->hashes != NULL ? group->hashes[i] : digest->zero[1]);
	return true;
}

/* The descriptor (fsverity.rst, "fs-verity descriptor"), of which the digest of
 * the file is the SHA-256: version 1, algorithm 1, blocks of 2^12 bytes, no
 * salt, the size, the root; zeros to 256 bytes. */
static char *describe(const IvDigest *digest, const uint8_t *root)
{
	uint8_t descriptor[DESCRIPTOR] = {1, 1, 12};
	uint64_t size = GUINT64_TO_LE(digest->source->size);
	GString *text = g_string_new(DIGEST_PREFIX);
	Hash hash;

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
	g_autofree Tree *tree = g_new0(Tree, 1);
	Hash root = {0};

	tree->sha = digest->sha;
	for (uint64_t i = 0; i < digest->n_groups; i++) {
		if (!add_group(digest, i, tree, error))
			return NULL;
	}
	if (digest->blocks > 0)
		tree_root(tree, root);
	return describe(digest, root);
}

const char *iv_digest_implementation(void)
{
	const IvSha256 *sha = iv_sha256_choose(NULL);

	return sha != NULL ? sha->name : "none";
}
