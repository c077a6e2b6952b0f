/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_qcow2.c - every kind of qcow2 image reads like the raw disk it was made from.  The images
 * are made by qemu-img when the test runs; test_qcow2_damage.c has the damaged ones.
 */
#include "tests/unit/disk/qcow2_rig.h"

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
		folder_sh("qemu-img convert -q -O qcow2 %s disk.raw disk.qcow2", kinds[i]);
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
		g_autofree char *path = folder_path("read.raw"), *data = NULL;
		gsize len;

		folder_sh("qemu-img convert -q -O qcow2 -o %s disk.raw disk.qcow2", options[i]);
		folder_sh("qemu-io -f qcow2 -c 'write -P 7 70000 600' -c 'write -z 1M 300k' "
		      "-c 'write -z -u 3M 64k' -c 'write -P 9 1100k 5k' -c 'discard 5M 1M' "
		      "-c 'write -z 6000000 4096' -c 'write -P 1 5500k 1k' disk.qcow2");
		folder_sh("qemu-img snapshot -c one disk.qcow2");
		folder_sh("qemu-io -f qcow2 -c 'write -P 8 70000 600' disk.qcow2");
		folder_sh("qemu-img convert -q -O raw disk.qcow2 read.raw");
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

	folder_sh("qemu-img convert -q -O qcow2 -c disk.raw base.qcow2");
	folder_sh("head -c 5000000 disk.raw > base.raw && truncate -s 5000192 base.raw");
	for (size_t i = 0; i < 4; i++) {
		g_autofree char *path = folder_path("read.raw"), *data = NULL;
		g_autofree char *base = g_strconcat("base.", below[i % 2], NULL);
		gsize len;

		folder_sh("qemu-img create -q -f qcow2 -o %s -b %s -F %s top.qcow2 %u", options[i / 2],
		      base, below[i % 2], (unsigned)DISK_SIZE);
		folder_sh("qemu-io -f qcow2 -c 'write -P 7 70000 600' -c 'write -z 1M 300k' "
		      "-c 'write -P 3 4990000 20000' -c 'write -P 9 1100k 5k' top.qcow2");
		folder_sh("qemu-img convert -q -O raw top.qcow2 read.raw");
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

		folder_sh("qemu-img convert -q -O qcow2 %s disk.raw disk.qcow2", some[i]);
		disk = open_image("disk.qcow2", NULL, NULL);
		for (size_t t = 0; t < G_N_ELEMENTS(threads); t++)
			threads[t] = g_thread_new("reader", reader, disk->source);
		for (size_t t = 0; t < G_N_ELEMENTS(threads); t++)
			g_thread_join(threads[t]);
	}
}

/* --- backing files that are refused ------------------------------------------------- */

static void test_backing_refused(void)
{
	folder_sh("qemu-img convert -q -O qcow2 disk.raw base.qcow2; cp disk.raw other.raw");
	folder_sh("qemu-img create -q -f qcow2 -b base.qcow2 -F qcow2 top.qcow2");
	folder_sh("qemu-img create -q -f qcow2 -b top.qcow2 -F qcow2 roof.qcow2");
	check_refused("top.qcow2", NULL, IV_ERROR_UNSUPPORTED, "--backing");
	check_refused("top.qcow2", "other.raw", IV_ERROR_USAGE, "base.qcow2");
	check_refused("top.qcow2", "missing.qcow2", IV_ERROR_IO, "missing.qcow2");
	check_refused("roof.qcow2", "top.qcow2", IV_ERROR_UNSUPPORTED, "at most one is allowed");
	check_refused("base.qcow2", "other.raw", IV_ERROR_USAGE, "--backing");
	check_refused("disk.raw", "other.raw", IV_ERROR_USAGE, "--backing");
	folder_sh("qemu-img rebase -u -b nbd://127.0.0.1/x -F raw top.qcow2");
	check_refused("top.qcow2", "other.raw", IV_ERROR_UNSUPPORTED, "not a plain file");
	folder_sh("qemu-img rebase -u -b disk.vmdk -F vmdk top.qcow2; cp disk.raw disk.vmdk");
	check_refused("top.qcow2", "disk.vmdk", IV_ERROR_UNSUPPORTED, "raw and qcow2");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	rig_begin();
	g_test_add_func("/qcow2/kinds", test_kinds);
	g_test_add_func("/qcow2/written", test_written);
	g_test_add_func("/qcow2/backing", test_backing);
	g_test_add_func("/qcow2/threads", test_threads);
	g_test_add_func("/qcow2/backing-refused", test_backing_refused);
	return rig_end(g_test_run());
}
