/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_qcow2.c - every kind of qcow2 image reads like the raw disk it was made from, and every
 * damaged one is refused.  The images are made by qemu-img when the test runs.
 */
#include "scanner/disk/open.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "scanner/base/error.h"
#include "scanner/disk/digest.h"
#include "tests/unit/disk/whole_digest.h"

#define KIB	  UINT64_C(1024)
#define MIB	  (1024 * KIB)
#define DISK_SIZE (9 * MIB + 3 * 512) /* no multiple of any cluster but the smallest */

static char *folder;

static char *in_folder(const char *name)
{
	return g_build_filename(folder, name, NULL);
}

/* Run a shell command in the folder. */
static void shell(const char *format, ...) G_GNUC_PRINTF(1, 2);
static void shell(const char *format, ...)
{
	g_autofree char *command = NULL, *quoted = g_shell_quote(folder), *whole = NULL;
	int status = -1;
	va_list args;

	va_start(args, format);
	command = g_strdup_vprintf(format, args);
	va_end(args);
	whole = g_strdup_printf("cd %s && { %s; } >/dev/null", quoted, command);
	const char *argv[] = {"sh", "-c", whole, NULL};
	g_assert_true(g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL,
				   NULL, &status, NULL));
	if (status != 0)
		g_error("failed: %s", whole);
}

static uint64_t next_random(uint64_t *state)
{
	*state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return *state >> 33;
}

/* A disk with noise, compressible text and holes in pieces of odd sizes. */
static uint8_t *make_disk(void)
{
	uint8_t *disk = g_malloc0(DISK_SIZE);
	uint64_t state = 42, off = 0;

	for (unsigned kind = 0; off < DISK_SIZE; kind = (unsigned)next_random(&state) % 3) {
		uint64_t len = MIN(1 + next_random(&state) % (300 * KIB), DISK_SIZE - off);

		for (uint64_t i = 0; i < len && kind != 0; i++)
			disk[off + i] = kind == 1 ? (uint8_t)next_random(&state)
						  : (uint8_t)('a' + i / 100 % 26);
		off += len;
	}
	memset(disk + DISK_SIZE - 700, 'z', 700);
	return disk;
}

static uint8_t *disk_bytes;

static void write_bytes(const char *name, const void *data, size_t len)
{
	g_autofree char *path = in_folder(name);

	g_assert_true(g_file_set_contents(path, data, (gssize)len, NULL));
}

static IvDisk *open_image(const char *name, const char *backing, GError **error)
{
	g_autofree char *path = in_folder(name);
	g_autofree char *below = backing != NULL ? in_folder(backing) : NULL;
	IvDiskOptions options = {.backing = below};

	return iv_disk_open(path, &options, error);
}

/* Extents cover the disk without gaps, and what they call zero is zero. */
static void check_extents(IvSource *source, const uint8_t *want)
{
	for (uint64_t off = 0; off < source->size;) {
		uint64_t len = source->size - off;
		bool zero;

		g_assert_true(iv_source_extent(source, off, &len, &zero, NULL));
		g_assert_cmpuint(len, >, 0);
		g_assert_cmpuint(len, <=, source->size - off);
		for (uint64_t i = 0; zero && i < len; i++)
			g_assert_cmpint(want[off + i], ==, 0);
		off += len;
	}
}

/* The same bytes, read whole, in odd pieces, and by the digest. */
static void check_same(const char *name, const char *backing, const uint8_t *want)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(IvDisk) disk = open_image(name, backing, &error);
	g_autofree uint8_t *got = g_malloc(DISK_SIZE);
	uint64_t state = 1;

	g_assert_no_error(error);
	g_assert_cmpuint(disk->source->size, ==, DISK_SIZE);
	g_assert_true(iv_source_read(disk->source, 0, got, DISK_SIZE, &error));
	g_assert_no_error(error);
	g_assert_true(memcmp(got, want, DISK_SIZE) == 0);
	for (int i = 0; i < 300; i++) {
		uint64_t off = next_random(&state) % DISK_SIZE;
		uint64_t len = next_random(&state) % MIN(200 * KIB, DISK_SIZE - off + 1);

		g_assert_true(iv_source_read(disk->source, off, got, len, NULL));
		g_assert_true(memcmp(got, want + off, len) == 0);
	}
	check_extents(disk->source, want);
	g_assert_false(iv_source_read(disk->source, DISK_SIZE - 1, got, 2, &error));
	g_assert_error(error, IV_ERROR, IV_ERROR_CORRUPT);
	g_assert_true(iv_disk_unchanged(disk, NULL));
}

static char *digest_of(IvSource *source)
{
	g_autoptr(GError) error = NULL;
	char *text = whole_digest(source, &error);

	g_assert_no_error(error);
	return text;
}

/* --- good images -------------------------------------------------------------------- */

static const char *const kinds[] = {
	"-o compat=0.10",
	"-o compat=1.1",
	"-o compat=1.1,cluster_size=512",
	"-o compat=0.10,cluster_size=4096",
	"-o cluster_size=2M",
	"-o lazy_refcounts=on",
	"-o preallocation=metadata",
	"-o extended_l2=on",
	"-o extended_l2=on,cluster_size=16k",
	"-o extended_l2=on,cluster_size=2M",
	"-c",
	"-c -o compat=0.10",
	"-c -o cluster_size=512",
	"-c -o cluster_size=2M",
	"-c -o compression_type=zstd",
	"-c -o compression_type=zstd,cluster_size=2M",
	"-c -o compression_type=zstd,extended_l2=on",
};

static void test_kinds(void)
{
	g_autoptr(GBytes) bytes = g_bytes_new_static(disk_bytes, DISK_SIZE);
	g_autoptr(IvSource) memory = iv_memory_new(bytes);
	g_autofree char *want = digest_of(memory);

	for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
		g_autoptr(IvDisk) disk = NULL;
		g_autofree char *got = NULL;

		g_test_message("%s", kinds[i]);
		shell("qemu-img convert -q -O qcow2 %s disk.raw disk.qcow2", kinds[i]);
		check_same("disk.qcow2", NULL, disk_bytes);
		disk = open_image("disk.qcow2", NULL, NULL);
		g_assert_cmpstr(disk->format, ==, "qcow2");
		got = digest_of(disk->source);
		g_assert_cmpstr(got, ==, want);
	}
}

/* Writes of all kinds over an image: subclusters, zeros, discards. */
static void test_written(void)
{
	static const char *const options[] = {"compat=1.1", "extended_l2=on",
					      "cluster_size=4096", "compat=0.10"};

	for (size_t i = 0; i < G_N_ELEMENTS(options); i++) {
		g_autofree char *path = in_folder("read.raw"), *data = NULL;
		gsize len;

		shell("qemu-img convert -q -O qcow2 -o %s disk.raw disk.qcow2", options[i]);
		shell("qemu-io -f qcow2 -c 'write -P 7 70000 600' -c 'write -z 1M 300k' "
		      "-c 'write -z -u 3M 64k' -c 'write -P 9 1100k 5k' -c 'discard 5M 1M' "
		      "-c 'write -z 6000000 4096' -c 'write -P 1 5500k 1k' disk.qcow2");
		shell("qemu-img snapshot -c one disk.qcow2");
		shell("qemu-io -f qcow2 -c 'write -P 8 70000 600' disk.qcow2");
		shell("qemu-img convert -q -O raw disk.qcow2 read.raw");
		g_assert_true(g_file_get_contents(path, &data, &len, NULL));
		g_assert_cmpuint(len, ==, DISK_SIZE);
		check_same("disk.qcow2", NULL, (uint8_t *)data);
	}
}

/* An overlay over raw and over qcow2, larger than what is below. */
static void test_backing(void)
{
	static const char *const below[] = {"raw", "qcow2"};
	static const char *const options[] = {"compat=1.1", "extended_l2=on"};

	shell("qemu-img convert -q -O qcow2 -c disk.raw base.qcow2");
	shell("head -c 5000000 disk.raw > base.raw && truncate -s 5000192 base.raw");
	for (size_t i = 0; i < 4; i++) {
		g_autofree char *path = in_folder("read.raw"), *data = NULL;
		g_autofree char *base = g_strconcat("base.", below[i % 2], NULL);
		gsize len;

		shell("qemu-img create -q -f qcow2 -o %s -b %s -F %s top.qcow2 %u", options[i / 2],
		      base, below[i % 2], (unsigned)DISK_SIZE);
		shell("qemu-io -f qcow2 -c 'write -P 7 70000 600' -c 'write -z 1M 300k' "
		      "-c 'write -P 3 4990000 20000' -c 'write -P 9 1100k 5k' top.qcow2");
		shell("qemu-img convert -q -O raw top.qcow2 read.raw");
		g_assert_true(g_file_get_contents(path, &data, &len, NULL));
		check_same("top.qcow2", base, (uint8_t *)data);
	}
}

static gpointer reader(gpointer data)
{
	IvSource *source = data;
	g_autofree uint8_t *got = g_malloc(64 * KIB);
	uint64_t state = (uint64_t)(gsize)g_thread_self();

	for (int i = 0; i < 1500; i++) {
		uint64_t off = next_random(&state) % (DISK_SIZE - 64 * KIB);
		uint64_t len = 1 + next_random(&state) % (64 * KIB);

		g_assert_true(iv_source_read(source, off, got, len, NULL));
		g_assert_true(memcmp(got, disk_bytes + off, len) == 0);
	}
	return NULL;
}

static void test_threads(void)
{
	static const char *const some[] = {"-c", "-c -o compression_type=zstd,cluster_size=4k",
					   "-o cluster_size=512"};

	for (size_t i = 0; i < G_N_ELEMENTS(some); i++) {
		g_autoptr(IvDisk) disk = NULL;
		GThread *threads[4];

		shell("qemu-img convert -q -O qcow2 %s disk.raw disk.qcow2", some[i]);
		disk = open_image("disk.qcow2", NULL, NULL);
		for (size_t t = 0; t < G_N_ELEMENTS(threads); t++)
			threads[t] = g_thread_new("reader", reader, disk->source);
		for (size_t t = 0; t < G_N_ELEMENTS(threads); t++)
			g_thread_join(threads[t]);
	}
}

/* --- backing files that are refused ------------------------------------------------- */

static void check_refused(const char *name, const char *backing, int code, const char *text)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(IvDisk) disk = open_image(name, backing, &error);

	g_assert_null(disk);
	g_assert_error(error, IV_ERROR, code);
	if (strstr(error->message, text) == NULL)
		g_error("\"%s\" does not say \"%s\"", error->message, text);
}

static void test_backing_refused(void)
{
	shell("qemu-img convert -q -O qcow2 disk.raw base.qcow2; cp disk.raw other.raw");
	shell("qemu-img create -q -f qcow2 -b base.qcow2 -F qcow2 top.qcow2");
	shell("qemu-img create -q -f qcow2 -b top.qcow2 -F qcow2 roof.qcow2");
	check_refused("top.qcow2", NULL, IV_ERROR_UNSUPPORTED, "--backing");
	check_refused("top.qcow2", "other.raw", IV_ERROR_USAGE, "base.qcow2");
	check_refused("top.qcow2", "missing.qcow2", IV_ERROR_IO, "missing.qcow2");
	check_refused("roof.qcow2", "top.qcow2", IV_ERROR_UNSUPPORTED, "at most one is allowed");
	check_refused("base.qcow2", "other.raw", IV_ERROR_USAGE, "--backing");
	check_refused("disk.raw", "other.raw", IV_ERROR_USAGE, "--backing");
	shell("qemu-img rebase -u -b nbd://127.0.0.1/x -F raw top.qcow2");
	check_refused("top.qcow2", "other.raw", IV_ERROR_UNSUPPORTED, "not a plain file");
	shell("qemu-img rebase -u -b disk.vmdk -F vmdk top.qcow2; cp disk.raw disk.vmdk");
	check_refused("top.qcow2", "disk.vmdk", IV_ERROR_UNSUPPORTED, "raw and qcow2");
}

/* --- features that are refused ------------------------------------------------------ */

static void test_features(void)
{
	shell("qemu-img create -q -f qcow2 -o data_file=data.raw,data_file_raw=on ext.qcow2 1M");
	check_refused("ext.qcow2", NULL, IV_ERROR_UNSUPPORTED, "external data file");
}

/* --- damage ------------------------------------------------------------------------- */

typedef struct {
	const char *what;
	size_t off;	/* where to write, or SIZE_MAX: keep `len` bytes of the file */
	unsigned len;	/* bytes of value, big-endian */
	uint64_t value;
	int code;
	const char *says;
} Damage;

/* The image is made with clusters of 64 KiB; its L1 table is at 0x30000. */
static const Damage at_open[] = {
	{"3 bytes", SIZE_MAX, 3, 0, IV_ERROR_AMBIGUOUS, "--format"},
	{"half a header", SIZE_MAX, 50, 0, IV_ERROR_CORRUPT, "cut short"},
	{"only a header", SIZE_MAX, 65536, 0, IV_ERROR_CORRUPT, "outside"},
	{"no L1 table", SIZE_MAX, 0x30000, 0, IV_ERROR_CORRUPT, "outside"},
	{"version 1", 4, 4, 1, IV_ERROR_UNSUPPORTED, "version 1"},
	{"version 4", 4, 4, 4, IV_ERROR_UNSUPPORTED, "version 4"},
	{"backing name outside", 8, 8, 70000, IV_ERROR_CORRUPT, "backing"},
	{"backing name far outside", 8, 8, UINT64_MAX, IV_ERROR_CORRUPT, "backing"},
	{"tiny clusters", 20, 4, 8, IV_ERROR_CORRUPT, "cluster size"},
	{"huge clusters", 20, 4, 22, IV_ERROR_CORRUPT, "cluster size"},
	{"absurd clusters", 20, 4, UINT32_MAX, IV_ERROR_CORRUPT, "cluster size"},
	{"no disk", 24, 8, 0, IV_ERROR_CORRUPT, "disk size"},
	{"endless disk", 24, 8, UINT64_MAX, IV_ERROR_CORRUPT, "disk size"},
	{"disk beyond L1", 24, 8, UINT64_C(1) << 40, IV_ERROR_CORRUPT, "too small"},
	{"AES", 32, 4, 1, IV_ERROR_UNSUPPORTED, "encrypted (AES)"},
	{"LUKS", 32, 4, 2, IV_ERROR_UNSUPPORTED, "encrypted (LUKS)"},
	{"empty L1", 36, 4, 0, IV_ERROR_CORRUPT, "too small"},
	{"L1 over all that follows", 36, 4, 100000, IV_ERROR_CORRUPT, "L1 table"},
	{"absurd L1", 36, 4, UINT32_MAX, IV_ERROR_CORRUPT, "larger"},
	{"L1 outside", 40, 8, UINT64_C(1) << 50, IV_ERROR_CORRUPT, "outside"},
	{"L1 over the header", 40, 8, 0, IV_ERROR_CORRUPT, "header"},
	{"L1 over the refcounts", 40, 8, 0x10000, IV_ERROR_CORRUPT, "refcount"},
	{"L1 askew", 40, 8, 0x30008, IV_ERROR_CORRUPT, "begin at a cluster"},
	{"refcounts outside", 48, 8, UINT64_C(1) << 60, IV_ERROR_CORRUPT, "outside"},
	{"marked corrupt", 72, 8, 2, IV_ERROR_CORRUPT, "marked as corrupt"},
	{"compression contradicts", 72, 8, 8, IV_ERROR_CORRUPT, "compression"},
	{"unknown feature", 72, 8, UINT64_C(1) << 40, IV_ERROR_UNSUPPORTED, "\"bit 40\""},
	{"short header length", 100, 4, 96, IV_ERROR_CORRUPT, "length"},
	{"long header length", 100, 4, 65544, IV_ERROR_CORRUPT, "cut short"},
	{"unknown compression", 104, 1, 9, IV_ERROR_UNSUPPORTED, "method 9"},
	{"extension leaves", 116, 4, 0xffffff00, IV_ERROR_CORRUPT, "extension"},
	{"L2 outside", 0x30000, 8, UINT64_C(0x8000000070000000), IV_ERROR_CORRUPT, "outside"},
	{"L2 over the header", 0x30000, 8, UINT64_C(0x8000000000000200), IV_ERROR_CORRUPT,
	 "begin at a cluster"},
	{"L2 over L1", 0x30000, 8, UINT64_C(0x8000000000030000), IV_ERROR_CORRUPT, "L1 table"},
	{"L2 over refcounts", 0x30000, 8, UINT64_C(0x8000000000010000), IV_ERROR_CORRUPT,
	 "refcount"},
	{"L1 entry reserved", 0x30000, 8, UINT64_C(0x8000000000040001), IV_ERROR_CORRUPT,
	 "reserved"},
};

/* Damage the image and hand back its name. */
static const char *damage(const uint8_t *image, size_t len, const Damage *d)
{
	g_autofree uint8_t *copy = g_memdup2(image, len);

	if (d->off == SIZE_MAX) {
		write_bytes("bad.qcow2", image, d->len);
		return "bad.qcow2";
	}
	g_assert_cmpuint(d->off + d->len, <=, len);
	for (unsigned i = 0; i < d->len; i++)
		copy[d->off + i] = (uint8_t)(d->value >> 8 * (d->len - 1 - i));
	write_bytes("bad.qcow2", copy, len);
	return "bad.qcow2";
}

static uint8_t *load(const char *name, size_t *len)
{
	g_autofree char *path = in_folder(name);
	char *data = NULL;

	g_assert_true(g_file_get_contents(path, &data, len, NULL));
	return (uint8_t *)data;
}

static void test_damaged_open(void)
{
	g_autofree uint8_t *image = NULL;
	size_t len;

	shell("qemu-img convert -q -O qcow2 disk.raw disk.qcow2");
	image = load("disk.qcow2", &len);
	for (size_t i = 0; i < G_N_ELEMENTS(at_open); i++) {
		g_test_message("%s", at_open[i].what);
		check_refused(damage(image, len, &at_open[i]), NULL, at_open[i].code,
			      at_open[i].says);
	}
}

/* The feature name table that QEMU writes gives a bit its name. */
static void test_feature_name(void)
{
	g_autofree uint8_t *image = NULL;
	const uint8_t *found;
	size_t len, name;

	shell("qemu-img create -q -f qcow2 disk.qcow2 1M");
	image = load("disk.qcow2", &len);
	found = memmem(image, 4096, "dirty bit", 9);
	g_assert_nonnull(found);
	name = (size_t)(found - image);
	g_assert_cmpuint(name, >, 2);
	image[name - 1] = 33; /* the number of the bit stands before its name */
	memcpy(image + name, "warp\x1b rive", 10);
	image[75] |= 2; /* bit 33 of the big-endian word at 72 */
	write_bytes("bad.qcow2", image, len);
	check_refused("bad.qcow2", NULL, IV_ERROR_UNSUPPORTED, "\"warp\\x1b rive\"");
}

/* Two L1 entries of one L2 table. */
static void test_twins(void)
{
	g_autofree uint8_t *image = NULL;
	size_t len;

	shell("qemu-img create -q -f qcow2 disk.qcow2 1G");
	shell("qemu-io -f qcow2 -c 'write 0 512' -c 'write 600M 512' disk.qcow2");
	image = load("disk.qcow2", &len);
	memcpy(image + 0x30008, image + 0x30000, 8);
	write_bytes("bad.qcow2", image, len);
	check_refused("bad.qcow2", NULL, IV_ERROR_CORRUPT, "two L1 entries");
}

/* Damage that only a read can meet: an L2 entry.  The table is at 0x40000. */
static const Damage at_read[] = {
	{"data outside", 0x40000, 8, UINT64_C(0x8000700000000000), IV_ERROR_CORRUPT, "outside"},
	{"data askew", 0x40000, 8, UINT64_C(0x8000000000050200), IV_ERROR_CORRUPT, "cluster"},
	{"data over L1", 0x40000, 8, UINT64_C(0x8000000000030000), IV_ERROR_CORRUPT, "L1 table"},
	{"reserved bits", 0x40000, 8, UINT64_C(0x8100000000050000), IV_ERROR_CORRUPT, "reserved"},
	{"packed outside", 0x40000, 8, UINT64_C(0x4000700000000000), IV_ERROR_CORRUPT, "outside"},
	{"packed over header", 0x40000, 8, UINT64_C(0x4000000000000010), IV_ERROR_CORRUPT, "header"},
	{"packed over L1", 0x40000, 8, UINT64_C(0x4000000000030000), IV_ERROR_CORRUPT, "L1 table"},
	{"packed garbage", 0x40000, 8, UINT64_C(0x4000000000050001), IV_ERROR_CORRUPT,
	 "decompressed"},
	{"cut in the data", SIZE_MAX, 0x58000, 0, IV_ERROR_CORRUPT, "cut short"},
};

static void check_read_fails(const char *name, const Damage *d)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(IvDisk) disk = open_image(name, NULL, &error);
	g_autofree uint8_t *got = g_malloc(64 * KIB);
	uint64_t len = 64 * KIB;
	bool zero, fine;

	g_test_message("%s", d->what);
	g_assert_no_error(error);
	fine = iv_source_extent(disk->source, 0, &len, &zero, NULL);
	g_assert_true(!fine || !zero);
	g_assert_false(iv_source_read(disk->source, 0, got, 64 * KIB, &error));
	g_assert_error(error, IV_ERROR, d->code);
	if (strstr(error->message, d->says) == NULL)
		g_error("\"%s\" does not say \"%s\"", error->message, d->says);
}

static void test_damaged_read(void)
{
	g_autofree uint8_t *image = NULL;
	size_t len;

	shell("qemu-img create -q -f qcow2 disk.qcow2 1M");
	shell("qemu-io -f qcow2 -c 'write -P 5 0 64k' disk.qcow2");
	image = load("disk.qcow2", &len);
	for (size_t i = 0; i < G_N_ELEMENTS(at_read); i++)
		check_read_fails(damage(image, len, &at_read[i]), &at_read[i]);
}

/* A zstd or zlib stream with one byte changed fails or reads; it never crashes. */
static void test_damaged_packed(void)
{
	static const char *const types[] = {"zlib", "zstd"};

	for (size_t i = 0; i < G_N_ELEMENTS(types); i++) {
		g_autofree uint8_t *image = NULL, *got = g_malloc(DISK_SIZE);
		size_t len;

		shell("head -c 1M disk.raw > small.raw; qemu-img convert -q -O qcow2 -c "
		      "-o compression_type=%s small.raw disk.qcow2", types[i]);
		image = load("disk.qcow2", &len);
		for (size_t at = 0x50000; at < len; at += len / 64) {
			g_autoptr(IvDisk) disk = NULL;

			image[at] ^= 0x55;
			write_bytes("bad.qcow2", image, len);
			image[at] ^= 0x55;
			disk = open_image("bad.qcow2", NULL, NULL);
			g_assert_nonnull(disk);
			iv_ignore(iv_source_read(disk->source, 0, got, disk->source->size, NULL));
		}
	}
}

/* A huge empty disk answers at once. */
static void test_huge(void)
{
	g_autoptr(IvDisk) disk = NULL;
	g_autofree char *digest = NULL;
	gint64 start = g_get_monotonic_time();

	shell("qemu-img create -q -f qcow2 disk.qcow2 1T");
	shell("qemu-io -f qcow2 -c 'write 700G 1M' disk.qcow2");
	disk = open_image("disk.qcow2", NULL, NULL);
	digest = digest_of(disk->source);
	g_assert_cmpint(g_get_monotonic_time() - start, <, 20 * G_USEC_PER_SEC);
}

/* 2048 L2 tables in a hole of the file: one answer, and nothing is read. */
static void test_empty_tables(void)
{
	g_autofree uint8_t *image = NULL;
	g_autoptr(IvDisk) disk = NULL;
	uint64_t len = UINT64_C(1) << 40;
	size_t size;
	bool zero;

	shell("qemu-img create -q -f qcow2 disk.qcow2 1T");
	image = load("disk.qcow2", &size);
	g_assert_cmpuint(size, >=, 0x30000 + 2048 * 8);
	for (uint64_t i = 0; i < 2048; i++) {
		uint64_t entry = GUINT64_TO_BE(UINT64_C(1) << 63 | (64 * MIB + i * 64 * KIB));

		memcpy(image + 0x30000 + i * 8, &entry, 8);
	}
	write_bytes("bad.qcow2", image, size);
	shell("truncate -s 200M bad.qcow2");
	disk = open_image("bad.qcow2", NULL, NULL);
	g_assert_true(iv_source_extent(disk->source, 0, &len, &zero, NULL));
	g_assert_true(zero);
	g_assert_cmpuint(len, ==, UINT64_C(1) << 40);
}

int main(int argc, char **argv)
{
	int status;

	g_test_init(&argc, &argv, NULL);
	folder = g_dir_make_tmp("qcow2-XXXXXX", NULL);
	disk_bytes = make_disk();
	write_bytes("disk.raw", disk_bytes, DISK_SIZE);
	g_test_add_func("/qcow2/kinds", test_kinds);
	g_test_add_func("/qcow2/written", test_written);
	g_test_add_func("/qcow2/backing", test_backing);
	g_test_add_func("/qcow2/threads", test_threads);
	g_test_add_func("/qcow2/backing-refused", test_backing_refused);
	g_test_add_func("/qcow2/features", test_features);
	g_test_add_func("/qcow2/feature-name", test_feature_name);
	g_test_add_func("/qcow2/damaged-open", test_damaged_open);
	g_test_add_func("/qcow2/twins", test_twins);
	g_test_add_func("/qcow2/damaged-read", test_damaged_read);
	g_test_add_func("/qcow2/damaged-packed", test_damaged_packed);
	g_test_add_func("/qcow2/huge", test_huge);
	g_test_add_func("/qcow2/empty-tables", test_empty_tables);
	status = g_test_run();
	shell("rm -f ./*");
	g_rmdir(folder);
	g_free(folder);
	g_free(disk_bytes);
	return status;
}
