/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_digest.c - our digest is what fsverity-utils prints, whatever the size and the holes */
#include "scanner/disk/digest.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <openssl/evp.h>
#include <string.h>
#include <unistd.h>

#include "scanner/base/error.h"
#include "scanner/disk/open.h"
#include "scanner/disk/sha256.h"
#include "tests/unit/disk/whole_digest.h"

#define KIB UINT64_C(1024)
#define MIB (1024 * KIB)

static char *folder;

/* Bytes that look random, and none of them is zero. */
static void noise(uint8_t *to, size_t len, uint32_t seed)
{
	for (size_t i = 0; i < len; i++) {
		seed = seed * 1664525u + 1013904223u;
		to[i] = (uint8_t)(seed >> 24) | 1;
	}
}

/* A sparse file of size bytes with noise of `len` bytes at each of the places,
 * which end with UINT64_MAX. */
static char *make_file(uint64_t size, const uint64_t *places, size_t len)
{
	g_autofree uint8_t *data = g_malloc(len + 1);
	char *path = g_build_filename(folder, "disk.raw", NULL);
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);

	g_assert_cmpint(fd, >=, 0);
	noise(data, len, (uint32_t)size);
	for (; *places != UINT64_MAX; places++)
		g_assert_cmpint(pwrite(fd, data, MIN(len, size - *places), (off_t)*places), >, 0);
	g_assert_cmpint(ftruncate(fd, (off_t)size), ==, 0);
	close(fd);
	return path;
}

/* What `fsverity digest` says, as our text. */
static char *oracle(const char *path)
{
	const char *argv[] = {"fsverity", "digest", "--compact", path, NULL};
	g_autofree char *out = NULL;
	int status;

	g_assert_true(g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &out,
				   NULL, &status, NULL));
	g_assert_cmpint(status, ==, 0);
	return g_strconcat("fsverity-sha256:", g_strstrip(out), NULL);
}

static char *digest_of(const char *path)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(IvDisk) disk = iv_disk_open(path, NULL, &error);
	char *text;

	g_assert_no_error(error);
	text = whole_digest(disk->source, &error);
	g_assert_no_error(error);
	return text;
}

static void check_file(uint64_t size, const uint64_t *places, size_t len)
{
	static const char *const force[] = {NULL, "openssl", "sha-ni", "avx512"};
	g_autofree char *path = make_file(size, places, len);
	g_autofree char *want = oracle(path);

	for (size_t i = 0; i < G_N_ELEMENTS(force); i++) {
		g_autofree char *got = NULL;

		if (force[i] != NULL)
			g_setenv("IMGVET_SHA256", force[i], TRUE);
		if (strcmp(iv_digest_implementation(), "none") != 0) {
			got = digest_of(path);
			g_assert_cmpstr(got, ==, want);
		}
		g_unsetenv("IMGVET_SHA256");
	}
}

/* Every border of the tree: below, at and above a block, a chunk, a group. */
static void test_sizes(void)
{
	static const uint64_t sizes[] = {
		1,		4095,		 4096,		 4097,
		8192,		512 * KIB - 1,	 512 * KIB,	 512 * KIB + 1,
		516 * KIB,	1024 * KIB,	 1025 * KIB + 7, 64 * MIB - 1,
		64 * MIB,	64 * MIB + 1,	 64 * MIB + 4096,
	};

	for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
		uint64_t dense[] = {0, UINT64_MAX}, empty[] = {UINT64_MAX};
		uint64_t end[] = {sizes[i] - 1, UINT64_MAX};

		check_file(sizes[i], dense, (size_t)MIN(sizes[i], 3 * MIB));
		check_file(sizes[i], empty, 0);
		check_file(sizes[i], end, 1);
	}
}

/* Data that begins and ends anywhere in a sparse disk. */
static void test_sparse(void)
{
	uint64_t places[] = {3 * MIB + 511, 64 * MIB - 4096, 190 * MIB + 1, UINT64_MAX};

	check_file(200 * MIB + 12345, places, 700001);
}

typedef struct {
	IvDigest *digest;
	uint64_t size;
	gint next;
} Shared;

static gpointer worker(gpointer data)
{
	Shared *shared = data;
	void *buf = g_aligned_alloc(1, IV_DIGEST_CHUNK, 64);

	for (;;) {
		uint64_t off = (uint64_t)g_atomic_int_add(&shared->next, 1) * IV_DIGEST_CHUNK;

		if (off >= shared->size)
			break;
		g_assert_true(iv_digest_range(shared->digest, off,
					      MIN(IV_DIGEST_CHUNK, shared->size - off), buf, NULL));
	}
	g_aligned_free(buf);
	return NULL;
}

static void test_threads(void)
{
	uint64_t places[] = {0, 40 * MIB, UINT64_MAX};
	g_autofree char *path = make_file(70 * MIB + 1, places, 5 * MIB), *want = oracle(path);
	g_autofree char *got = NULL;
	g_autoptr(IvDisk) disk = iv_disk_open(path, NULL, NULL);
	g_autoptr(IvDigest) digest = iv_digest_new(disk->source, NULL);
	Shared shared = {.digest = digest, .size = disk->source->size};
	GThread *threads[4];

	for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
		threads[i] = g_thread_new("digest", worker, &shared);
	for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
		g_thread_join(threads[i]);
	got = iv_digest_finish(digest, NULL);
	g_assert_cmpstr(got, ==, want);
}

static void test_forgotten(void)
{
	uint64_t places[] = {0, UINT64_MAX};
	g_autofree char *path = make_file(5 * MIB, places, 100);
	g_autoptr(IvDisk) disk = iv_disk_open(path, NULL, NULL);
	g_autoptr(IvDigest) digest = iv_digest_new(disk->source, NULL);
	g_autoptr(GError) error = NULL;
	void *buf = g_aligned_alloc(1, IV_DIGEST_CHUNK, 64);

	g_assert_true(iv_digest_range(digest, 0, 2 * MIB, buf, NULL));
	g_assert_true(iv_digest_range(digest, 3 * MIB, 2 * MIB, buf, NULL));
	g_assert_null(iv_digest_finish(digest, &error));
	g_assert_error(error, IV_ERROR, IV_ERROR_CORRUPT);
	g_clear_error(&error);
	g_assert_false(iv_digest_range(digest, 4096, IV_DIGEST_CHUNK, buf, &error));
	g_assert_error(error, IV_ERROR, IV_ERROR_CORRUPT);
	g_clear_error(&error);
	g_assert_false(iv_digest_range(digest, 0, 100, buf, &error));
	g_assert_error(error, IV_ERROR, IV_ERROR_CORRUPT);
	g_aligned_free(buf);
}

/* A disk of 1 TiB with a few MiB of data takes moments, and its last byte counts. */
static void test_huge(void)
{
	const uint64_t size = 1024 * 1024 * MIB;
	uint64_t places[] = {0, size / 2 + 1, size - 1, UINT64_MAX};
	g_autofree char *path = make_file(size, places, MIB), *with = NULL, *without = NULL;
	gint64 start = g_get_monotonic_time();

	with = digest_of(path);
	places[2] = UINT64_MAX;
	g_free(path);
	path = make_file(size, places, MIB);
	without = digest_of(path);
	g_assert_cmpstr(with, !=, without);
	g_assert_cmpint(g_get_monotonic_time() - start, <, 20 * G_USEC_PER_SEC);
}

/* Every lane count of every implementation against OpenSSL. */
static void test_lanes(void)
{
	static const char *const names[] = {"openssl", "sha-ni", "avx512"};
	enum { N = 37 };
	g_autofree uint8_t *data = g_malloc(N * IV_SHA256_BLOCK + 1);
	uint8_t want[N][IV_SHA256_BYTES], got[N][IV_SHA256_BYTES];
	const uint8_t *blocks[N];
	uint8_t *out[N];

	noise(data, N * IV_SHA256_BLOCK + 1, 7);
	for (size_t i = 0; i < N; i++) {
		blocks[i] = data + 1 + i * IV_SHA256_BLOCK;
		out[i] = got[i];
		g_assert_true(EVP_Digest(blocks[i], IV_SHA256_BLOCK, want[i], NULL, EVP_sha256(),
					 NULL));
	}
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		const IvSha256 *sha;

		g_setenv("IMGVET_SHA256", names[i], TRUE);
		sha = iv_sha256_choose(NULL);
		for (size_t n = 0; sha != NULL && n <= N; n++) {
			memset(got, 0, sizeof(got));
			sha->hash(blocks, out, n);
			g_assert_cmpmem(got, n * IV_SHA256_BYTES, want, n * IV_SHA256_BYTES);
			for (size_t k = n; k < N; k++)
				g_assert_cmpint(got[k][0] | got[k][31], ==, 0);
		}
		g_unsetenv("IMGVET_SHA256");
	}
}

static void test_choice(void)
{
	g_autoptr(GError) error = NULL;

	g_setenv("IMGVET_SHA256", "openssl", TRUE);
	g_assert_cmpstr(iv_digest_implementation(), ==, "openssl");
	g_setenv("IMGVET_SHA256", "abacus", TRUE);
	g_assert_null(iv_sha256_choose(&error));
	g_assert_error(error, IV_ERROR, IV_ERROR_USAGE);
	g_unsetenv("IMGVET_SHA256");
	g_assert_nonnull(iv_sha256_choose(NULL));
}

/* --- disks of any size that are mostly holes ---------------------------------------- */

/* A disk of zeros with a few blocks of 4096 bytes, each filled with one letter. */
typedef struct {
	IvSource base;
	uint64_t blocks[64]; /* numbers, ascending */
	unsigned n;
	uint64_t asked; /* calls of extent */
} Sparse;

/* The first data block at or after a number, as an index. */
static unsigned first_from(const Sparse *s, uint64_t block)
{
	unsigned i = 0;

	while (i < s->n && s->blocks[i] < block)
		i++;
	return i;
}

static bool sparse_read(IvSource *source, uint64_t off, void *buf, size_t len, GError **error)
{
	const Sparse *s = (const Sparse *)source;

	(void)error;
	memset(buf, 0, len);
	for (unsigned i = 0; i < s->n; i++) {
		uint64_t from = MAX(off, s->blocks[i] * 4096);
		uint64_t to = MIN(off + len, s->blocks[i] * 4096 + 4096);

		if (from < to)
			memset((uint8_t *)buf + (from - off), (int)('a' + i % 26), to - from);
	}
	return true;
}

static bool sparse_extent(IvSource *source, uint64_t off, uint64_t *len, bool *zero, GError **error)
{
	Sparse *s = (Sparse *)source;
	unsigned i = first_from(s, off / 4096);
	uint64_t data = i < s->n ? s->blocks[i] * 4096 : UINT64_MAX;

	(void)error;
	s->asked++;
	*zero = data > off;
	*len = MIN(*len, *zero ? data - off : data + 4096 - off);
	return true;
}

static void sparse_free(IvSource *source)
{
	g_free(source);
}

static const IvSourceOps sparse_ops = {
	.read = sparse_read, .extent = sparse_extent, .free = sparse_free};

/* The plain computation of the root: by recursion from above, where a subtree without
 * data is looked up.  hash = digest of node `index` of `level`, or none: false. */
static void plain(const Sparse *s, unsigned level, uint64_t index, uint8_t *hash)
{
	static uint8_t zero[9][32];
	static bool known[9];
	uint64_t blocks = (s->base.size + 4095) / 4096, width = UINT64_C(1) << 7 * level;
	uint64_t first = index * width, end = MIN(first + width, blocks);
	unsigned at = first_from(s, first);
	bool hole = end - first == width && (at == s->n || s->blocks[at] >= end);
	uint8_t block[4096] = {0};

	if (hole && known[level]) {
		memcpy(hash, zero[level], 32);
		return;
	}
	if (level == 0)
		iv_ignore(iv_source_read((IvSource *)s, first * 4096, block,
					 MIN(4096, s->base.size - first * 4096), NULL));
	for (unsigned i = 0; level > 0 && i < 128 && first + i * (width / 128) < end; i++)
		plain(s, level - 1, index * 128 + i, block + i * 32);
	EVP_Digest(block, sizeof(block), hash, NULL, EVP_sha256(), NULL);
	if (hole) {
		memcpy(zero[level], hash, 32);
		known[level] = true;
	}
}

static char *plain_digest(const Sparse *s)
{
	uint8_t descriptor[256] = {1, 1, 12}, hash[32];
	uint64_t blocks = (s->base.size + 4095) / 4096, size = GUINT64_TO_LE(s->base.size);
	GString *text = g_string_new("fsverity-sha256:");
	unsigned top = 0;

	while (blocks > UINT64_C(1) << 7 * top)
		top++;
	memcpy(descriptor + 8, &size, 8);
	plain(s, top, 0, descriptor + 16);
	EVP_Digest(descriptor, sizeof(descriptor), hash, NULL, EVP_sha256(), NULL);
	for (unsigned i = 0; i < 32; i++)
		g_string_append_printf(text, "%02x", hash[i]);
	return g_string_free(text, FALSE);
}

static int by_number(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static Sparse *sparse_new(uint64_t size, unsigned n)
{
	Sparse *s = g_new0(Sparse, 1);
	uint64_t blocks = (size + 4095) / 4096;

	iv_source_init(&s->base, &sparse_ops, size);
	for (unsigned i = 0; i < n; i++) {
		uint64_t random = (uint64_t)g_test_rand_int_range(0, INT32_MAX) << 31 |
				  (uint64_t)g_test_rand_int_range(0, INT32_MAX);
		uint64_t border = UINT64_C(1) << 7 * (unsigned)g_test_rand_int_range(0, 5);

		/* Near the border of a subtree, or anywhere. */
		if (i % 2 == 0 && border < blocks)
			random = random % (blocks / border) * border + random % 3 - (random % 3 == 2);
		s->blocks[s->n++] = random % blocks;
	}
	qsort(s->blocks, s->n, sizeof(uint64_t), by_number);
	return s;
}

static void check_sparse(uint64_t size, unsigned n)
{
	Sparse *s = sparse_new(size, n);
	g_autoptr(IvSource) source = &s->base;
	g_autoptr(GError) error = NULL;
	g_autofree char *want = plain_digest(s), *got = whole_digest(source, &error);

	g_assert_no_error(error);
	g_assert_cmpstr(got, ==, want);
}

/* Random layouts of all sizes, and the borders of each level. */
static void test_random_sparse(void)
{
	for (unsigned level = 0; level <= 5; level++) {
		uint64_t border = UINT64_C(4096) << 7 * level;

		for (unsigned n = 0; n < 4; n++) {
			check_sparse(border, n);
			check_sparse(border + 1, n);
			check_sparse(border - 1, n);
			check_sparse(3 * border + 4096 * 129, n);
		}
	}
	for (unsigned i = 0; i < 200; i++) {
		unsigned bits = 12 + (unsigned)g_test_rand_int_range(1, 36);
		uint64_t size = (UINT64_C(1) << bits) + (uint64_t)g_test_rand_int_range(0, 1 << 30);

		check_sparse(size, (unsigned)g_test_rand_int_range(0, 65) % 65);
	}
}

/* The largest disk there is, empty: few questions, little time. */
static void test_endless(void)
{
	Sparse *s = sparse_new(UINT64_C(1) << 48, 0);
	g_autoptr(IvSource) source = &s->base;
	gint64 start = g_get_monotonic_time();
	g_autofree char *want = plain_digest(s), *got = whole_digest(source, NULL);

	g_assert_cmpstr(got, ==, want);
	g_assert_cmpuint(s->asked, <, 10);
	g_assert_cmpint(g_get_monotonic_time() - start, <, 5 * G_USEC_PER_SEC);
}

/* Pieces in any order, some of them twice, give the digest of one go. */
static void test_pieces(void)
{
	Sparse *s = sparse_new(UINT64_C(9) << 32, 60);
	g_autoptr(IvSource) source = &s->base;
	g_autoptr(IvDigest) digest = iv_digest_new(source, NULL);
	g_autofree char *want = plain_digest(s), *got = NULL;
	void *buf = g_aligned_alloc(1, IV_DIGEST_CHUNK, 64);

	for (unsigned i = 0; i < 500; i++) {
		uint64_t off = (uint64_t)g_test_rand_int_range(0, 1 << 16) * IV_DIGEST_CHUNK;
		uint64_t len = (uint64_t)g_test_rand_int_range(1, 1 << 12) * IV_DIGEST_CHUNK;

		len = MIN(len, source->size - off);
		g_assert_true(iv_digest_range(digest, off, len, buf, NULL));
		g_assert_true(iv_digest_done(digest, off, len));
	}
	g_assert_true(iv_digest_range(digest, 0, source->size, buf, NULL));
	got = iv_digest_finish(digest, NULL);
	g_assert_cmpstr(got, ==, want);
	g_aligned_free(buf);
}

int main(int argc, char **argv)
{
	int status;

	g_test_init(&argc, &argv, NULL);
	folder = g_dir_make_tmp("digest-XXXXXX", NULL);
	g_test_add_func("/digest/sizes", test_sizes);
	g_test_add_func("/digest/sparse", test_sparse);
	g_test_add_func("/digest/forgotten", test_forgotten);
	g_test_add_func("/digest/huge", test_huge);
	g_test_add_func("/digest/lanes", test_lanes);
	g_test_add_func("/digest/choice", test_choice);
	g_test_add_func("/digest/random-sparse", test_random_sparse);
	g_test_add_func("/digest/endless", test_endless);
	g_test_add_func("/digest/pieces", test_pieces);
	g_test_add_func("/digest/threads", test_threads);
	status = g_test_run();
	{
		g_autofree char *path = g_build_filename(folder, "disk.raw", NULL);

		g_unlink(path);
		g_rmdir(folder);
		g_free(folder);
	}
	return status;
}
