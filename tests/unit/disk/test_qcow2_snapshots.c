/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_qcow2_snapshots.c - a snapshot in a qcow2 file is named, in whatever state it is */
#include "scanner/base/limits.h"
#include "tests/unit/disk/beside_rig.h"

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
	folder_sh("qemu-img snapshot -c again snap.qcow2; qemu-img snapshot -a before snap.qcow2");
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
		folder_sh("qemu-img convert -q -O qcow2 %s disk.raw kind.qcow2; "
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

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	rig_begin();
	g_test_add_func("/qcow2-beside/snapshot", test_snapshot);
	g_test_add_func("/qcow2-beside/snapshot-kinds", test_snapshot_kinds);
	g_test_add_func("/qcow2-beside/snapshot-names", test_snapshot_names);
	g_test_add_func("/qcow2-beside/snapshot-damage", test_snapshot_damage);
	g_test_add_func("/qcow2-beside/snapshot-flips", test_snapshot_flips);
	return rig_end(g_test_run());
}
