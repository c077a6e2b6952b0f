/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_qcow2_beside.c - whatever a qcow2 file holds besides its disk is named, and nothing else is.
 * The images are made by qemu-img when the test runs; their clusters have 64 KiB.
 */
#include <glib/gstdio.h>
#include <string.h>

#include "scanner/base/error.h"
#include "scanner/base/limits.h"
#include "scanner/disk/open.h"

#define CLUSTER UINT64_C(65536)

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
	whole = g_strdup_printf("set -e; cd %s; { %s; } >/dev/null", quoted, command);
	const char *argv[] = {"sh", "-c", whole, NULL};
	g_assert_true(g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL,
				   NULL, &status, NULL));
	if (status != 0)
		g_error("failed: %s", whole);
}

static IvBeside *beside_of(const char *name, const char *backing)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *path = in_folder(name);
	g_autofree char *below = backing != NULL ? in_folder(backing) : NULL;
	IvDiskOptions options = {.backing = below};
	g_autoptr(IvDisk) disk = iv_disk_open(path, &options, &error);

	g_assert_no_error(error);
	return iv_disk_beside(disk);
}

/* The first part that says this, or NULL. */
static const IvBesidePart *part_with(const IvBeside *beside, const char *text)
{
	for (guint i = 0; i < beside->parts->len; i++) {
		const IvBesidePart *part = beside->parts->pdata[i];

		if (strstr(part->what, text) != NULL)
			return part;
	}
	return NULL;
}

static void show(const IvBeside *beside)
{
	for (guint i = 0; i < beside->parts->len; i++) {
		const IvBesidePart *part = beside->parts->pdata[i];

		g_test_message("%s: %" G_GUINT64_FORMAT, part->what, part->bytes);
	}
	for (guint i = 0; i < beside->notes->len; i++)
		g_test_message("note: %s", (char *)beside->notes->pdata[i]);
}

/* Exactly one part, which says this; returns its bytes. */
static uint64_t only_part(const char *name, const char *text)
{
	g_autoptr(IvBeside) beside = beside_of(name, NULL);

	show(beside);
	g_assert_cmpuint(beside->parts->len, ==, 1);
	g_assert_nonnull(part_with(beside, text));
	g_assert_cmpuint(beside->notes->len, ==, 0);
	return ((IvBesidePart *)beside->parts->pdata[0])->bytes;
}

static void assert_nothing(const char *name)
{
	g_autoptr(IvBeside) beside = beside_of(name, NULL);

	show(beside);
	g_assert_cmpuint(beside->parts->len, ==, 0);
	g_assert_cmpuint(beside->notes->len, ==, 0);
}

/* --- editing ---------------------------------------------------------------------------- */

typedef struct {
	uint8_t *bytes;
	gsize len;
} File;

static void file_clear(File *file)
{
	g_free(file->bytes);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(File, file_clear)

static File load(const char *name)
{
	g_autofree char *path = in_folder(name);
	File file;

	g_assert_true(g_file_get_contents(path, (char **)&file.bytes, &file.len, NULL));
	return file;
}

static void save(const char *name, const File *file)
{
	g_autofree char *path = in_folder(name);

	g_assert_true(g_file_set_contents(path, (char *)file->bytes, (gssize)file->len, NULL));
}

static void put(File *file, uint64_t off, unsigned len, uint64_t value)
{
	g_assert_cmpuint(off + len, <=, file->len);
	for (unsigned i = 0; i < len; i++)
		file->bytes[off + i] = (uint8_t)(value >> 8 * (len - 1 - i));
}

static uint64_t get(const File *file, uint64_t off, unsigned len)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < len; i++)
		value = value << 8 | file->bytes[off + i];
	return value;
}

#define L2_OFFSET UINT64_C(0x00fffffffffffe00)

/* Where the entry of the disk's cluster n stands in the file. */
static uint64_t l2_entry(const File *file, uint64_t n)
{
	return (get(file, get(file, 40, 8), 8) & L2_OFFSET) + n * 8;
}

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
		shell("qemu-img convert -q -O qcow2 %s disk.raw disk.qcow2", kinds[i]);
		assert_nothing("disk.qcow2");
		shell("qemu-io -f qcow2 -c 'write -P 7 70000 600' -c 'write -P 9 1100k 5k' "
		      "-c 'write -P 1 5500k 1k' disk.qcow2; qemu-img resize -q disk.qcow2 1G; "
		      "qemu-io -f qcow2 -c 'write -P 3 900M 1M' disk.qcow2");
		if (strncmp(kinds[i], "-c", 2) != 0)
			assert_nothing("disk.qcow2");
	}
	shell("cp disk.raw raw.raw");
	assert_nothing("raw.raw");
}

/* --- snapshots ---------------------------------------------------------------------------- */

/* A disk of 2 MiB of text of which a snapshot named "before" was taken; then n clusters
 * were written over. */
static void make_snapshot(unsigned n)
{
	shell("head -c 2M disk.raw >small.raw; qemu-img convert -q -O qcow2 small.raw snap.qcow2; "
	      "qemu-img snapshot -c before snap.qcow2; "
	      "qemu-io -f qcow2 -c 'write -P 0x42 0 %uk' snap.qcow2", n * 64);
}

static void test_snapshot(void)
{
	for (unsigned n = 1; n < 32; n += 6) {
		uint64_t bytes;

		make_snapshot(n);
		bytes = only_part("snap.qcow2", "keeps the snapshot \"before\" (id 1), which");
		/* Its clusters, its L2 table, its L1 table of one sector. */
		g_assert_cmpuint(bytes, ==, (n + 1) * CLUSTER + 512);
	}
	/* An older one has what both refer to, and each its L1 table. */
	shell("qemu-img snapshot -c again snap.qcow2; qemu-img snapshot -a before snap.qcow2");
	g_autoptr(IvBeside) two = beside_of("snap.qcow2", NULL);
	show(two);
	g_assert_cmpuint(two->parts->len, ==, 2);
	g_assert_nonnull(part_with(two, "\"before\" (id 1)"));
	g_assert_cmpuint(part_with(two, "\"again\" (id 2)")->bytes, >, 30 * CLUSTER);
}

static void test_snapshot_kinds(void)
{
	static const char *const kinds[] = {"-o compat=0.10", "-o extended_l2=on", "-c",
					    "-o cluster_size=512", "-c -o compression_type=zstd",
					    "-c -o cluster_size=2M"};

	for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
		g_test_message("%s", kinds[i]);
		shell("qemu-img convert -q -O qcow2 %s disk.raw kind.qcow2; "
		      "qemu-img snapshot -c one kind.qcow2; "
		      "qemu-io -f qcow2 -c 'write -P 0x42 0 6M' kind.qcow2", kinds[i]);
		g_assert_cmpuint(only_part("kind.qcow2", "\"one\""), >, 1000);
	}
}

/* Names of any bytes and a machine's memory. */
static void test_snapshot_names(void)
{
	g_auto(File) file = {0};
	uint64_t table;

	make_snapshot(3);
	file = load("snap.qcow2");
	table = get(&file, 64, 8);
	g_assert_cmpmem(file.bytes + table + get(&file, table + 36, 4) + 41, 6, "before", 6);
	memcpy(file.bytes + table + get(&file, table + 36, 4) + 41, "a\x1b\n\"\xff", 5);
	put(&file, table + 40, 8, 123456);
	save("bad.qcow2", &file);
	only_part("bad.qcow2", "\"a\\x1b\\x0a\"\\xffe\" (id 1) with 123456 bytes of a machine's memory");
}

/* A table that cannot be read is no reason to keep silent, or to refuse the disk. */
static void test_snapshot_damage(void)
{
	static const struct {
		bool header; /* offset is one of the header, else of the table */
		unsigned off, len;
		uint64_t value;
		const char *says;
	} damage[] = {
		{true, 60, 4, 2, "says that it keeps 1 more snapshots"},
		{true, 60, 4, UINT32_MAX, "says that it keeps"},
		{true, 64, 8, 0, "snapshot"},
		{true, 64, 8, UINT64_MAX, "says that it keeps 1 snapshots"},
		{true, 64, 8, UINT64_MAX - 40, "says that it keeps 1 snapshots"},
		{true, 64, 8, UINT64_C(1) << 40, "says that it keeps 1 snapshots"},
		{false, 0, 8, UINT64_MAX, "in full"},
		{false, 0, 8, UINT64_C(1) << 50, "in full"},
		{false, 0, 8, 0, "says that it keeps 1 snapshots"},
		{false, 8, 4, UINT32_MAX, "in full"},
		{false, 8, 4, 0, "\"before\""},
		{false, 12, 2, UINT16_MAX, "keeps the snapshot"},
		{false, 14, 2, UINT16_MAX, "keeps the snapshot"},
		{false, 36, 4, UINT32_MAX, "says that it keeps 1 snapshots"},
		{false, 36, 4, 0, "snapshot"},
	};

	make_snapshot(3);
	for (size_t i = 0; i < G_N_ELEMENTS(damage); i++) {
		g_auto(File) file = load("snap.qcow2");
		uint64_t base = damage[i].header ? 0 : get(&file, 64, 8);
		g_autoptr(IvBeside) beside = NULL;

		g_test_message("%zu: %s", i, damage[i].says);
		put(&file, base + damage[i].off, damage[i].len, damage[i].value);
		save("bad.qcow2", &file);
		beside = beside_of("bad.qcow2", NULL);
		show(beside);
		g_assert_nonnull(part_with(beside, damage[i].says));
		g_assert_cmpuint(beside->parts->len, <=, IV_MAX_QCOW2_KEPT + 2);
	}
}

/* Every byte of the snapshot's tables, and of the L1 and L2 table, in turn: the snapshot,
 * or what is left of it, is always named. */
static void test_snapshot_flips(void)
{
	g_auto(File) file = {0};
	uint64_t table, l1;

	make_snapshot(3);
	file = load("snap.qcow2");
	table = get(&file, 64, 8);
	l1 = get(&file, table, 8);
	for (unsigned i = 0; i < 80; i++) {
		uint64_t at = i < 64 ? table + i : l1 + i - 64;
		g_autoptr(IvBeside) beside = NULL;

		file.bytes[at] ^= 0xff;
		save("bad.qcow2", &file);
		file.bytes[at] ^= 0xff;
		beside = beside_of("bad.qcow2", NULL);
		g_assert_cmpuint(beside->parts->len, >, 0);
	}
}

/* --- what nothing refers to ------------------------------------------------------------------ */

static void test_deleted(void)
{
	make_snapshot(4);
	/* As QEMU does where the file system below makes no holes. */
	shell("qemu-img snapshot --image-opts -d before driver=qcow2,file.driver=file,"
	      "file.filename=snap.qcow2,pass-discard-snapshot=off,pass-discard-other=off");
	g_assert_cmpuint(only_part("snap.qcow2", "data that nothing refers to"), >=, 4 * CLUSTER);
	shell("qemu-img convert -q -O qcow2 snap.qcow2 copy.qcow2");
	assert_nothing("copy.qcow2");
}

/* Data in clusters that the tables do not show, each way once. */
static void test_hidden(void)
{
	g_auto(File) file = {0};
	uint64_t entry;

	shell("head -c 2M disk.raw >small.raw; qemu-img convert -q -O qcow2 small.raw plain.qcow2");
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

	shell("head -c 2M disk.raw >small.raw; qemu-img convert -q -O qcow2 small.raw plain.qcow2; "
	      "cp plain.qcow2 bad.qcow2; printf 'a key' >>bad.qcow2");
	g_assert_cmpuint(only_part("bad.qcow2", "data that nothing refers to"), ==, 5);
	shell("truncate -s 10M bad.qcow2; head -c 65536 disk.raw >>bad.qcow2");
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

	shell("head -c 2M disk.raw >small.raw; qemu-img convert -q -O qcow2 small.raw plain.qcow2");
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
		g_autofree char *path = in_folder("bad.qcow2");

		shell("head -c 2M disk.raw >small.raw; qemu-img convert -q -O qcow2 -c -o "
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

	shell("head -c 2M disk.raw >small.raw; qemu-img convert -q -O qcow2 small.raw far.qcow2; "
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

	shell("head -c 2M disk.raw >small.raw; qemu-img convert -q -O qcow2 small.raw plain.qcow2");
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

	shell("head -c 2M disk.raw >small.raw; qemu-img convert -q -O qcow2 small.raw plain.qcow2");
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
	shell("head -c 2M disk.raw >small.raw; qemu-img convert -q -O qcow2 small.raw bits.qcow2; "
	      "qemu-img bitmap --add bits.qcow2 since-monday");
	only_part("bits.qcow2", "keeps the bitmap \"since-monday\", which");
	shell("qemu-img bitmap --add bits.qcow2 'other \"one\"'");
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

	shell("head -c 2M disk.raw >small.raw; qemu-img convert -q -O qcow2 small.raw plain.qcow2");
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
	shell("qemu-img create -q -f qcow2 -b snap.qcow2 -F qcow2 top.qcow2");
	beside = beside_of("top.qcow2", "snap.qcow2");
	show(beside);
	g_assert_cmpuint(beside->parts->len, ==, 1);
	g_assert_nonnull(part_with(beside, "the backing file keeps the snapshot \"before\""));
	g_assert_nonnull(strstr(beside->notes->pdata[0], "only what the overlay shows"));
}

int main(int argc, char **argv)
{
	int status;

	g_test_init(&argc, &argv, NULL);
	folder = g_dir_make_tmp("beside-XXXXXX", NULL);
	shell("seq -f 'some text, line %%.0f, of no meaning' 250000 >disk.raw; truncate -s 9M disk.raw");
	g_test_add_func("/qcow2-beside/nothing", test_nothing);
	g_test_add_func("/qcow2-beside/snapshot", test_snapshot);
	g_test_add_func("/qcow2-beside/snapshot-kinds", test_snapshot_kinds);
	g_test_add_func("/qcow2-beside/snapshot-names", test_snapshot_names);
	g_test_add_func("/qcow2-beside/snapshot-damage", test_snapshot_damage);
	g_test_add_func("/qcow2-beside/snapshot-flips", test_snapshot_flips);
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
	status = g_test_run();
	shell("rm -f ./*");
	g_rmdir(folder);
	g_free(folder);
	return status;
}
