/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_qcow2_beside.c - whatever a qcow2 file holds besides its disk is named, and nothing else is;
 * test_qcow2_snapshots.c has the snapshots.
 */
#include "tests/unit/disk/beside_rig.h"

/* --- nothing ---------------------------------------------------------------------------- */

/* Whatever qemu-img makes of a disk holds nothing else. */
static void test_nothing(void)
{
	static const char *const kinds[] = {
		"-o compat=0.10", "-o compat=1.1", "-o cluster_size=512", "-o cluster_size=2M",
		"-o lazy_refcounts=on", "-o preallocation=metadata", "-o preallocation=full",
		"-o extended_l2=on", "-o extended_l2=on,cluster_size=16k", "-o refcount_bits=1",
		"-o refcount_bits=64", "-c", "-c -o cluster_size=512", "-c -o cluster_size=2M",
		"-c -o compression_type=zstd", "-c -o compression_type=zstd,extended_l2=on",
	};

	for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
		g_test_message("%s", kinds[i]);
		folder_sh("qemu-img convert -q -O qcow2 %s disk.raw disk.qcow2", kinds[i]);
		assert_nothing("disk.qcow2");
		folder_sh("qemu-io -f qcow2 -c 'write -P 7 70000 600' -c 'write -P 9 1100k 5k' "
		      "-c 'write -P 1 5500k 1k' disk.qcow2; qemu-img resize -q disk.qcow2 1G; "
		      "qemu-io -f qcow2 -c 'write -P 3 900M 1M' disk.qcow2");
		if (strncmp(kinds[i], "-c", 2) != 0)
			assert_nothing("disk.qcow2");
	}
	folder_sh("cp disk.raw raw.raw");
	assert_nothing("raw.raw");
}

/* --- what nothing refers to ------------------------------------------------------------------ */

static void test_deleted(void)
{
	make_snapshot(4);
	/* As QEMU does where the file system below makes no holes. */
	folder_sh("qemu-img snapshot --image-opts -d before driver=qcow2,file.driver=file,"
	      "file.filename=snap.qcow2,pass-discard-snapshot=off,pass-discard-other=off");
	g_assert_cmpuint(only_part("snap.qcow2", "data that nothing refers to"), >=, 4 * CLUSTER);
	folder_sh("qemu-img convert -q -O qcow2 snap.qcow2 copy.qcow2");
	assert_nothing("copy.qcow2");
}

/* Data in clusters that the tables do not show, each way once. */
static void test_hidden(void)
{
	g_auto(File) file = {0};
	uint64_t entry;

	folder_sh("head -c 2M disk.raw >small.raw; qemu-img convert -q -O qcow2 small.raw plain.qcow2");
	file = load("plain.qcow2");
	entry = get(&file, l2_entry(&file, 3), 8);
	put(&file, l2_entry(&file, 3), 8, entry | 1); /* reads as zeros */
	save("bad.qcow2", &file);
	g_assert_cmpuint(only_part("bad.qcow2", "data that nothing refers to"), ==, CLUSTER);
	put(&file, l2_entry(&file, 3), 8, 0); /* is not there */
	save("bad.qcow2", &file);
	g_assert_cmpuint(only_part("bad.qcow2", "data that nothing refers to"), ==, CLUSTER);
	put(&file, l2_entry(&file, 3), 8, entry);
	put(&file, 24, 8, 5 * CLUSTER); /* the disk ends before them */
	save("bad.qcow2", &file);
	g_assert_cmpuint(only_part("bad.qcow2", "data that nothing refers to"), ==, 27 * CLUSTER);
	put(&file, 24, 8, 5 * CLUSTER + 512); /* in the middle of one */
	save("bad.qcow2", &file);
	g_assert_cmpuint(only_part("bad.qcow2", "data that nothing refers to"), ==, 27 * CLUSTER - 512);
}

/* Bytes behind the last cluster; and a refcount table does not make them a refcount block. */
static void test_appended(void)
{
	g_auto(File) file = {0};
	uint64_t end;

	folder_sh("head -c 2M disk.raw >small.raw; qemu-img convert -q -O qcow2 small.raw plain.qcow2; "
	      "cp plain.qcow2 bad.qcow2; printf 'a key' >>bad.qcow2");
	g_assert_cmpuint(only_part("bad.qcow2", "data that nothing refers to"), ==, 5);
	folder_sh("truncate -s 10M bad.qcow2; head -c 65536 disk.raw >>bad.qcow2");
	file = load("bad.qcow2");
	end = file.len - CLUSTER;
	put(&file, get(&file, 48, 8) + 8, 8, end);
	save("bad.qcow2", &file);
	g_assert_cmpuint(only_part("bad.qcow2", "data that nothing refers to"), ==, CLUSTER + 512);
}

/* The tables are larger than the disk needs: what stands in the rest, or where numbers
 * should be, is no table. */
static void test_in_tables(void)
{
	g_auto(File) file = {0};
	uint64_t places[5];

	folder_sh("head -c 2M disk.raw >small.raw; qemu-img convert -q -O qcow2 small.raw plain.qcow2");
	file = load("plain.qcow2");
	places[0] = get(&file, 40, 8) + 4096;			    /* L1 table */
	places[1] = get(&file, 48, 8) + 4096;			    /* refcount table */
	places[2] = get(&file, get(&file, 48, 8), 8) + 4096;	    /* its first block */
	places[3] = get(&file, get(&file, 48, 8), 8);		    /* counts of the first clusters */
	places[4] = (get(&file, get(&file, 40, 8), 8) & L2_OFFSET) + 4096; /* L2 table */
	put(&file, 36, 4, 1024); /* the L1 table covers its place */
	for (size_t i = 0; i < G_N_ELEMENTS(places); i++) {
		uint8_t *at = file.bytes + places[i], saved[16];

		memcpy(saved, at, 16);
		memcpy(at, "an invented key!", 16);
		save("bad.qcow2", &file);
		memcpy(at, saved, 16);
		g_test_message("%zu", i);
		g_assert_cmpuint(only_part("bad.qcow2", "data that nothing refers to"), ==, 512);
	}
	put(&file, places[0], 8, UINT64_C(1) << 63 | 5 * CLUSTER); /* an old entry */
	save("bad.qcow2", &file);
	assert_nothing("bad.qcow2");
}

/* Sectors that a compressed cluster claims and does not need. */
static void test_behind_compressed(void)
{
	static const char *const types[] = {"zlib", "zstd"};

	for (size_t i = 0; i < G_N_ELEMENTS(types); i++) {
		g_auto(File) file = {0};
		g_autofree uint8_t *got = g_malloc(2 << 20);
		g_autofree char *path = folder_path("bad.qcow2");

		folder_sh("head -c 2M disk.raw >small.raw; qemu-img convert -q -O qcow2 -c -o "
		      "compression_type=%s small.raw packed.qcow2", types[i]);
		file = load("packed.qcow2");
		for (uint64_t more = 0; more < 6; more += 5) {
			g_autoptr(IvDisk) disk = NULL;
			g_autoptr(IvBeside) beside = NULL;
			uint64_t at = l2_entry(&file, 3);

			put(&file, at, 8, get(&file, at, 8) + (more << (62 - 8)));
			save("bad.qcow2", &file);
			disk = iv_disk_open(path, NULL, NULL);
			g_assert_nonnull(disk);
			g_assert_true(iv_source_read(disk->source, 0, got, 2 << 20, NULL));
			beside = iv_disk_beside(disk);
			g_assert_cmpint(part_with(beside, "more sectors than they need") != NULL, ==,
					more > 0);
		}
	}
}

/* Far behind, in the second and third window; what is all holes costs nothing. */
static void test_windows(void)
{
	gint64 start = g_get_monotonic_time();

	folder_sh("head -c 2M disk.raw >small.raw; qemu-img convert -q -O qcow2 small.raw far.qcow2; "
	      "truncate -s 70G far.qcow2; printf 'a key' >>far.qcow2; "
	      "truncate -s 140G far.qcow2; printf 'a key' >>far.qcow2; truncate -s 3T far.qcow2");
	g_assert_cmpuint(only_part("far.qcow2", "data that nothing refers to"), ==, 1024);
	g_assert_cmpint(g_get_monotonic_time() - start, <, 20 * G_USEC_PER_SEC);
}

/* --- the header ------------------------------------------------------------------------------ */

static void test_header(void)
{
	g_auto(File) file = {0};
	uint64_t end = 0;

	folder_sh("head -c 2M disk.raw >small.raw; qemu-img convert -q -O qcow2 small.raw plain.qcow2");
	file = load("plain.qcow2");
	/* Behind the header stand the extensions, at last one of type 0. */
	for (end = get(&file, 100, 4); get(&file, end, 4) != 0; end += 8 + get(&file, end + 4, 4))
		;
	put(&file, end, 4, 0x494d4756);
	put(&file, end + 4, 4, 16);
	memcpy(file.bytes + end + 8, "an invented key!", 16);
	save("bad.qcow2", &file);
	g_assert_cmpuint(only_part("bad.qcow2", "1 header extensions with words that imgvet does not know, the "
						"first of type 0x494d4756"), ==, 16);
	put(&file, end, 4, 0); /* now they are bytes behind the end */
	save("bad.qcow2", &file);
	g_assert_cmpuint(only_part("bad.qcow2", "first cluster"), ==, 16);
	memset(file.bytes + end, 0, 32);
	file.bytes[CLUSTER - 1] = 'x';
	save("bad.qcow2", &file);
	g_assert_cmpuint(only_part("bad.qcow2", "first cluster"), ==, 1);
}

/* An extension of a known kind with words that nobody knows. */
static void test_header_words(void)
{
	g_auto(File) file = {0};
	uint8_t *name, saved[16];
	uint64_t end;

	folder_sh("head -c 2M disk.raw >small.raw; qemu-img convert -q -O qcow2 small.raw plain.qcow2");
	file = load("plain.qcow2");
	name = memmem(file.bytes, 4096, "lazy refcounts", 14);
	g_assert_nonnull(name);
	memcpy(saved, name + 16, 16);
	memcpy(name + 16, "an invented key!", 16);
	save("bad.qcow2", &file);
	g_assert_cmpuint(only_part("bad.qcow2", "of type 0x6803f857"), >=, 48);
	memcpy(name + 16, saved, 16);
	for (end = get(&file, 100, 4); get(&file, end, 4) != 0; end += 8 + get(&file, end + 4, 4))
		;
	put(&file, end, 4, 0xe2792aca); /* the format of a backing file, but there is none */
	put(&file, end + 4, 4, 16);
	memcpy(file.bytes + end + 8, "an invented key!", 16);
	save("bad.qcow2", &file);
	g_assert_cmpuint(only_part("bad.qcow2", "of type 0xe2792aca"), ==, 16);
}

/* --- bitmaps, twins, backing files ------------------------------------------------------------ */

static void test_bitmaps(void)
{
	folder_sh("head -c 2M disk.raw >small.raw; qemu-img convert -q -O qcow2 small.raw bits.qcow2; "
	      "qemu-img bitmap --add bits.qcow2 since-monday");
	only_part("bits.qcow2", "keeps the bitmap \"since-monday\", which");
	folder_sh("qemu-img bitmap --add bits.qcow2 'other \"one\"'");
	g_autoptr(IvBeside) two = beside_of("bits.qcow2", NULL);
	show(two);
	g_assert_nonnull(part_with(two, "\"since-monday\""));
	g_assert_nonnull(part_with(two, "\"other \"one\"\""));
	g_auto(File) file = load("bits.qcow2");
	uint8_t *found = memmem(file.bytes, 4096, "\x23\x85\x28\x75", 4);
	g_assert_nonnull(found);
	put(&file, (uint64_t)(found - file.bytes) + 24, 8, UINT64_MAX - 3);
	save("bad.qcow2", &file);
	g_autoptr(IvBeside) lost = beside_of("bad.qcow2", NULL);
	g_assert_nonnull(part_with(lost, "says that it keeps 2 bitmaps"));
}

/* One cluster at two places of the disk: its bytes are read, and it is said. */
static void test_twins(void)
{
	g_auto(File) file = {0};
	g_autoptr(IvBeside) beside = NULL;

	folder_sh("head -c 2M disk.raw >small.raw; qemu-img convert -q -O qcow2 small.raw plain.qcow2");
	file = load("plain.qcow2");
	put(&file, l2_entry(&file, 3), 8, get(&file, l2_entry(&file, 4), 8));
	save("bad.qcow2", &file);
	beside = beside_of("bad.qcow2", NULL);
	show(beside);
	g_assert_cmpuint(beside->parts->len, ==, 1); /* what the entry named before */
	g_assert_cmpuint(beside->notes->len, ==, 1);
	g_assert_nonnull(strstr(beside->notes->pdata[0], "65536 bytes of the qcow2 file appear"));
}

static void test_backing(void)
{
	g_autoptr(IvBeside) beside = NULL;

	make_snapshot(3);
	folder_sh("qemu-img create -q -f qcow2 -b snap.qcow2 -F qcow2 top.qcow2");
	beside = beside_of("top.qcow2", "snap.qcow2");
	show(beside);
	g_assert_cmpuint(beside->parts->len, ==, 1);
	g_assert_nonnull(part_with(beside, "the backing file keeps the snapshot \"before\""));
	g_assert_nonnull(strstr(beside->notes->pdata[0], "only what the overlay shows"));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	rig_begin();
	g_test_add_func("/qcow2-beside/nothing", test_nothing);
	g_test_add_func("/qcow2-beside/deleted", test_deleted);
	g_test_add_func("/qcow2-beside/hidden", test_hidden);
	g_test_add_func("/qcow2-beside/appended", test_appended);
	g_test_add_func("/qcow2-beside/in-tables", test_in_tables);
	g_test_add_func("/qcow2-beside/behind-compressed", test_behind_compressed);
	g_test_add_func("/qcow2-beside/windows", test_windows);
	g_test_add_func("/qcow2-beside/header", test_header);
	g_test_add_func("/qcow2-beside/header-words", test_header_words);
	g_test_add_func("/qcow2-beside/bitmaps", test_bitmaps);
	g_test_add_func("/qcow2-beside/twins", test_twins);
	g_test_add_func("/qcow2-beside/backing", test_backing);
	return rig_end(g_test_run());
}
