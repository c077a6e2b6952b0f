/* SPDX-License-Identifier: GPL-3.0-or-later */
/* digest_tree.c - see digest_tree.h */
#include "scanner/disk/digest_tree.h"

#include <string.h>

#define FANOUT	       IV_TREE_FANOUT
#define GROUP_CHUNKS   FANOUT
#define STRETCH_CHUNKS (FANOUT * (uint64_t)GROUP_CHUNKS)
#define CHUNK_BYTES    (FANOUT * (uint64_t)IV_SHA256_BLOCK)
#define MAX_LEVELS     8u /* 4096 * 128^8 is more than 2^64 */

typedef struct {
	uint64_t taken[GROUP_CHUNKS / 64]; /* a bit for each chunk that somebody puts in */
	uint64_t done[GROUP_CHUNKS / 64];  /* and for each that is there */
	IvHash *hashes; /* of its chunks, or NULL: all zeros so far; one of the group once `full` */
	gint count;	/* bits in done; GROUP_CHUNKS: full */
} Group;

typedef struct {
	Group *groups; /* FANOUT of them, made on first use, or NULL */
	gint zeros;    /* the stretch is one hole, and has no groups */
} Stretch;

struct IvHashTree {
	const IvSha256 *sha;
	uint64_t blocks, chunks;
	Stretch *stretches;
	uint64_t n_stretches;
	IvHash zero[MAX_LEVELS]; /* the digest of an all-zero subtree of each level */
};

static void hash_one(const IvSha256 *sha, const uint8_t *block, uint8_t *out)
{
	sha->hash(&block, &out, 1);
}

static void fill_zero_hashes(IvHashTree *tree)
{
	uint8_t block[IV_SHA256_BLOCK] = {0};

	hash_one(tree->sha, block, tree->zero[0]);
	for (unsigned level = 1; level < MAX_LEVELS; level++) {
		for (unsigned i = 0; i < FANOUT; i++)
			memcpy(block + i * IV_SHA256_BYTES, tree->zero[level - 1], IV_SHA256_BYTES);
		hash_one(tree->sha, block, tree->zero[level]);
	}
}

static uint64_t divide_up(uint64_t n, uint64_t by)
{
	return n / by + (n % by != 0);
}

IvHashTree *iv_hash_tree_new(const IvSha256 *sha, uint64_t blocks, GError **error)
{
	IvHashTree *tree = g_new0(IvHashTree, 1);

	tree->sha = sha;
	tree->blocks = blocks;
	tree->chunks = divide_up(blocks, FANOUT);
	tree->n_stretches = divide_up(tree->chunks, STRETCH_CHUNKS);
	tree->stretches = g_try_new0(Stretch, tree->n_stretches);
	if (tree->stretches == NULL && tree->n_stretches > 0) {
		iv_fail(error, IV_ERROR_LIMIT,
			"no memory for the digest of %" G_GUINT64_FORMAT " blocks of disk", blocks);
		iv_hash_tree_free(tree);
		return NULL;
	}
	fill_zero_hashes(tree);
	return tree;
}

void iv_hash_tree_free(IvHashTree *tree)
{
	if (tree == NULL)
		return;
	for (uint64_t i = 0; tree->stretches != NULL && i < tree->n_stretches; i++) {
		Group *groups = tree->stretches[i].groups;

		for (unsigned k = 0; groups != NULL && k < FANOUT; k++)
			g_free(groups[k].hashes);
		g_free(groups);
	}
	g_free(tree->stretches);
	g_free(tree);
}

const uint8_t *iv_hash_tree_zero(const IvHashTree *tree, unsigned level)
{
	return tree->zero[level];
}

/* --- putting in ------------------------------------------------------------------- */

/* Keep `made` at *place, or what another thread put there meanwhile. */
static void *keep(gpointer *place, gpointer made)
{
	if (g_atomic_pointer_compare_and_exchange(place, NULL, made))
		return made;
	g_free(made);
	return g_atomic_pointer_get(place);
}

static Group *stretch_groups(Stretch *stretch)
{
	Group *groups = g_atomic_pointer_get(&stretch->groups);

	return groups != NULL ? groups
			      : keep((gpointer *)&stretch->groups, g_new0(Group, FANOUT));
}

static IvHash *group_hashes(const IvHashTree *tree, Group *group)
{
	IvHash *hashes = g_atomic_pointer_get(&group->hashes);

	if (hashes != NULL)
		return hashes;
	hashes = g_new(IvHash, GROUP_CHUNKS);
	for (unsigned i = 0; i < GROUP_CHUNKS; i++)
		memcpy(hashes[i], tree->zero[1], IV_SHA256_BYTES);
	return keep((gpointer *)&group->hashes, hashes);
}

/* The last chunk has come: one digest stands for all. */
static void fold(const IvHashTree *tree, Group *group)
{
	IvHash *one;

	if (group->hashes == NULL)
		return;
	one = g_new(IvHash, 1);
	hash_one(tree->sha, (const uint8_t *)group->hashes, *one);
	g_free(group->hashes);
	group->hashes = one;
}

static bool group_has(const Group *group, unsigned slot)
{
	return (__atomic_load_n(&group->done[slot / 64], __ATOMIC_ACQUIRE) >> slot % 64 & 1) != 0;
}

/* True for the first who comes with a chunk: volumes can overlap, and two threads hold the
 * same bytes. */
static bool take(Group *group, unsigned slot)
{
	uint64_t bit = UINT64_C(1) << slot % 64;

	return (__atomic_fetch_or(&group->taken[slot / 64], bit, __ATOMIC_RELAXED) & bit) == 0;
}

void iv_hash_tree_put(IvHashTree *tree, uint64_t chunk, const uint8_t *hash)
{
	Stretch *stretch = &tree->stretches[chunk / STRETCH_CHUNKS];
	unsigned slot = (unsigned)(chunk % GROUP_CHUNKS);
	Group *group;

	if (g_atomic_int_get(&stretch->zeros) != 0)
		return;
	group = &stretch_groups(stretch)[chunk % STRETCH_CHUNKS / GROUP_CHUNKS];
	if (!take(group, slot))
		return;
	if (hash != NULL)
		memcpy(group_hashes(tree, group)[slot], hash, IV_SHA256_BYTES);
	__atomic_fetch_or(&group->done[slot / 64], UINT64_C(1) << slot % 64, __ATOMIC_RELEASE);
	if (g_atomic_int_add(&group->count, 1) + 1 == (gint)GROUP_CHUNKS)
		fold(tree, group);
}

void iv_hash_tree_put_zeros(IvHashTree *tree, uint64_t first, uint64_t n)
{
	uint64_t end = first + n;

	while (first < end) {
		Stretch *stretch = &tree->stretches[first / STRETCH_CHUNKS];

		if (first % STRETCH_CHUNKS == 0 && end - first >= STRETCH_CHUNKS &&
		    g_atomic_pointer_get(&stretch->groups) == NULL) {
			g_atomic_int_set(&stretch->zeros, 1);
			first += STRETCH_CHUNKS;
		} else {
			iv_hash_tree_put(tree, first++, NULL);
		}
	}
}

/* Where the chunks that are there with `chunk` end at the earliest; chunk: it is not there. */
static uint64_t run_of(const IvHashTree *tree, uint64_t chunk)
{
	const Stretch *stretch = &tree->stretches[chunk / STRETCH_CHUNKS];
	const Group *groups = g_atomic_pointer_get(&stretch->groups), *group;

	if (g_atomic_int_get(&stretch->zeros) != 0)
		return (chunk / STRETCH_CHUNKS + 1) * STRETCH_CHUNKS;
	if (groups == NULL)
		return chunk;
	group = &groups[chunk % STRETCH_CHUNKS / GROUP_CHUNKS];
	if (g_atomic_int_get(&group->count) == (gint)GROUP_CHUNKS)
		return (chunk / GROUP_CHUNKS + 1) * GROUP_CHUNKS;
	return chunk + group_has(group, (unsigned)(chunk % GROUP_CHUNKS));
}

uint64_t iv_hash_tree_missing(const IvHashTree *tree, uint64_t chunk, uint64_t end)
{
	while (chunk < end) {
		uint64_t next = run_of(tree, chunk);

		if (next == chunk)
			return chunk;
		chunk = next;
	}
	return end;
}

/* --- the levels above ------------------------------------------------------------- */

/* A hash block of each level that is being filled. */
typedef struct {
	const IvSha256 *sha;
	uint8_t block[MAX_LEVELS][IV_SHA256_BLOCK];
	unsigned count[MAX_LEVELS]; /* digests in it */
} Builder;

/* Hash what level holds into the level above. */
static void carry(Builder *b, unsigned level)
{
	uint8_t *to = b->block[level + 1] + b->count[level + 1] * IV_SHA256_BYTES;

	hash_one(b->sha, b->block[level], to);
	b->count[level + 1]++;
	b->count[level] = 0;
	memset(b->block[level], 0, IV_SHA256_BLOCK);
}

/* One more digest of a level; those below it are at a border. */
static void add(Builder *b, unsigned level, const uint8_t *hash)
{
	memcpy(b->block[level] + b->count[level]++ * IV_SHA256_BYTES, hash, IV_SHA256_BYTES);
	while (b->count[level] == FANOUT && level + 1 < MAX_LEVELS)
		carry(b, level++);
}

static bool empty_above(const Builder *b, unsigned level)
{
	for (unsigned i = level + 1; i < MAX_LEVELS; i++) {
		if (b->count[i] > 0)
			return false;
	}
	return true;
}

/* Close the levels from below; what is alone at the top is the root. */
static void close_levels(Builder *b, uint8_t *root)
{
	for (unsigned level = 1; level + 1 < MAX_LEVELS; level++) {
		if (b->count[level] == 1 && empty_above(b, level)) {
			memcpy(root, b->block[level], IV_SHA256_BYTES);
			return;
		}
		if (b->count[level] > 0)
			carry(b, level);
	}
	memcpy(root, b->block[MAX_LEVELS - 1], IV_SHA256_BYTES);
}

/* The first n chunks of a group, which are all there. */
static void add_group(const IvHashTree *tree, const Group *group, unsigned n, Builder *b)
{
	if (n == GROUP_CHUNKS) {
		add(b, 2, group->hashes != NULL ? *group->hashes : tree->zero[2]);
		return;
	}
	for (unsigned i = 0; i < n; i++)
		add(b, 1, group->hashes != NULL ? group->hashes[i] : tree->zero[1]);
}

static void add_stretch(const IvHashTree *tree, uint64_t index, Builder *b)
{
	const Stretch *stretch = &tree->stretches[index];
	uint64_t left = MIN(STRETCH_CHUNKS, tree->chunks - index * STRETCH_CHUNKS);

	if (stretch->zeros != 0) {
		add(b, 3, tree->zero[3]);
		return;
	}
	for (unsigned i = 0; left > 0; i++) {
		unsigned n = (unsigned)MIN(GROUP_CHUNKS, left);

		add_group(tree, &stretch->groups[i], n, b);
		left -= n;
	}
}

bool iv_hash_tree_root(const IvHashTree *tree, IvHash root, GError **error)
{
	g_autofree Builder *b = g_new0(Builder, 1);
	uint64_t missing = iv_hash_tree_missing(tree, 0, tree->chunks);

	memset(root, 0, IV_SHA256_BYTES);
	if (missing < tree->chunks)
		return iv_fail(error, IV_ERROR_CORRUPT,
			       "the disk was not hashed to its end: byte %" G_GUINT64_FORMAT
			       " is missing",
			       missing * CHUNK_BYTES);
	b->sha = tree->sha;
	for (uint64_t i = 0; i < tree->n_stretches; i++)
		add_stretch(tree, i, b);
	if (tree->blocks > 0)
		close_levels(b, root);
	return true;
}
