/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whose bytes are these?  File systems made by their own tools, one over another, by hand
 * over another, and reformatted: what claims the range, and what is only a leftover.
 */
#include "scanner/volume/owner.h"

#include "tests/unit/volume/volume_rig.h"

#define BIG (128u * MIB) /* btrfs wants 109 MiB */

/* "kind kind ..." of the claims on what the line makes; '?' behind a weak one. */
static char *claims_on(const char *line, char **note)
{
	g_autoptr(IvSource) range = source_made_by(line, BIG);
	g_autoptr(GError) error = NULL;
	g_autoptr(GArray) claims = iv_owner_claims(range, IV_ASK_ALL, note, &error);
	g_autoptr(GString) text = g_string_new(NULL);

	g_assert_no_error(error);
	for (guint i = 0; i < claims->len; i++) {
		const IvClaim *c = &g_array_index(claims, IvClaim, i);

		g_string_append_printf(text, "%s%s%s", i > 0 ? " " : "", c->kind,
				       c->weight == IV_WEIGHT_WEAK ? "?" : "");
	}
	return g_string_free(g_steal_pointer(&text), FALSE);
}

#define EXT    "mke2fs -q -F -E nodiscard -t ext4 \"$0\"; "
#define BTRFS  "mkfs.btrfs -q -f \"$0\"; "
#define FAT    "mkfs.vfat -F 32 \"$0\"; "
/* The first bytes of a small ext4 over whatever is there. */
#define DECOY                                                                                      \
	"truncate -s 8M \"$0.e\"; mke2fs -q -F -t ext4 \"$0.e\"; "                                 \
	"dd if=\"$0.e\" of=\"$0\" bs=64K count=1 conv=notrunc status=none; rm \"$0.e\"; "
#define PUT(text, at) "printf '" text "' | dd of=\"$0\" bs=1 seek=" at " conv=notrunc status=none; "

typedef struct {
	const char *line, *want;
} Row;

static void check_rows(const Row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		g_autofree char *got = claims_on(rows[i].line, NULL);

		if (strcmp(got, rows[i].want) != 0)
			g_error("%s\n  got:  %s\n  want: %s", rows[i].line, got, rows[i].want);
	}
}

static void test_one_owner(void)
{
	static const Row rows[] = {
		{"true", ""},
		{PUT("x", "9999999"), ""},
		{"mke2fs -q -F -t ext2 \"$0\"", "ext2"},
		{"mke2fs -q -F -t ext3 \"$0\"", "ext3"},
		{"mke2fs -q -F -t ext4 \"$0\"", "ext4"},
		{"mke2fs -q -F -O journal_dev \"$0\"", "ext-journal"},
		{"mkfs.vfat -F 12 \"$0\"", "vfat"},
		{"mkfs.vfat -F 16 \"$0\"", "vfat"},
		{"mkfs.vfat -F 32 -s 1 \"$0\" 2>&1", "vfat"},
		{"mkswap \"$0\" 2>&1", "swap"},
		{"mkswap -p 65536 \"$0\" 2>&1", "swap"},
		{"mkfs.minix -3 \"$0\"", "minix"},
		{BTRFS, "btrfs"},
		{PUT("XFSB", "0"), "xfs"},
		{PUT("LUKS\\272\\276", "0"), "luks"},
		{PUT("CD001", "32769"), "iso9660"},
		{PUT("\\374\\116\\053\\251", "4096"), "linux-raid"},
		{PUT("\\20\\40\\365\\362", "5120"), "f2fs"},
		{PUT("S1SUSPEND", "4086"), "hibernation"},
		{PUT("\\37\\213\\10", "0"), "gzip"},
		{PUT("070701", "0"), "cpio"},
		{"dd if=\"$0\" of=\"$0.t\" count=1 status=none; tar cf - -C \"${0%/*}\" d.img.t | "
		 "dd of=\"$0\" conv=notrunc status=none; rm \"$0.t\"",
		 "tar"},
		/* The magic number is right, and its fields say that it is no superblock. */
		{PUT("\\123\\357", "1080"), "ext2?"},
		{PUT("_BHRfS_M", "65600"), "btrfs?"},
	};

	check_rows(rows, G_N_ELEMENTS(rows));
}

/* Whoever gets the disk chooses: all of these are mountable as either. */
static void test_several_owners(void)
{
	static const Row rows[] = {
		{BTRFS DECOY, "ext4 btrfs"},
		{FAT PUT("_BHRfS_M", "65600") PUT("\\0\\0\\1\\0", "65584"), "btrfs vfat"},
		{FAT "dd if=\"$0\" of=\"$0.b\" bs=512 count=1 status=none; " EXT
		     "dd if=\"$0.b\" of=\"$0\" conv=notrunc status=none; rm \"$0.b\"",
		 "ext4 vfat"},
		{EXT PUT("XFSB", "0"), "ext4 xfs"},
		{EXT PUT("LUKS\\272\\276", "0"), "ext4 luks"},
		{EXT PUT("CD001", "32769"), "ext4 iso9660"},
		{"mkswap \"$0\" 2>&1; " DECOY PUT("SWAPSPACE2", "4086"), "ext4"},
		{FAT PUT("SWAPSPACE2", "4086"), "vfat"},
		/* A FAT without any of the texts that tools look for: kernels ask only the fields. */
		{"mkfs.vfat -F 16 \"$0\"; " PUT("\\0\\0\\0........", "0") PUT("        ", "54")
			 PUT("\\0\\0", "510"),
		 "vfat"},
	};

	check_rows(rows, G_N_ELEMENTS(rows));
}

/* Reformatted disks, and copies that a file system keeps of itself. */
static void test_leftovers(void)
{
	static const Row rows[] = {
		{FAT EXT, "ext4"},
		{BTRFS EXT, "ext4"},
		{"mkfs.minix -3 \"$0\"; " EXT, "ext4"},
		{"mkswap \"$0\" 2>&1; " EXT, "ext4"},
		{"mke2fs -q -F -t ext4 -b 4096 \"$0\"; mke2fs -q -F -E nodiscard -t ext4 -b 1024 \"$0\"", "ext4"},
		{EXT BTRFS, "btrfs"},
		/* A swap or a weak magic number says nothing beside a file system. */
		{EXT PUT("SWAPSPACE2", "4086"), "ext4"},
		{EXT PUT("_BHRfS_M", "65600"), "ext4"},
	};

	check_rows(rows, G_N_ELEMENTS(rows));
}

/* sb=N: an ext file system by a backup superblock, under another one of its own kind, and
 * where the primary was overwritten. */
static void test_ext_backups(void)
{
	static const Row rows[] = {
		/* Reformatted with other blocks: the kernel does mount the older one. */
		{"mke2fs -q -F -t ext4 -b 1024 \"$0\"; "
		 "mke2fs -q -F -E nodiscard -t ext4 -b 4096 \"$0\"",
		 "ext4 ext-backup"},
		{"mke2fs -q -F -t ext4 -b 1024 \"$0\"; truncate -s 8M \"$0.e\"; "
		 "mke2fs -q -F -t ext4 -b 1024 \"$0.e\"; "
		 "dd if=\"$0.e\" of=\"$0\" bs=64K count=1 conv=notrunc status=none; rm \"$0.e\"",
		 "ext4 ext-backup"},
		{"mke2fs -q -F -t ext4 -b 1024 \"$0\"; "
		 "dd if=/dev/zero of=\"$0\" bs=64K count=1 conv=notrunc status=none",
		 "ext4"},
		{"mke2fs -q -F -t ext4 -b 1024 \"$0\"; "
		 "dd if=/dev/zero of=\"$0\" bs=64K count=1 conv=notrunc status=none; " PUT("XFSB", "0"),
		 "ext4 xfs"},
		/* The root is gone as well. */
		{"mke2fs -q -F -t ext4 -b 1024 \"$0\"; " FAT, "vfat"},
	};

	check_rows(rows, G_N_ELEMENTS(rows));
}

static void test_btrfs_mirror(void)
{
	static const char wipe[] = "dd if=/dev/zero of=\"$0\" bs=64K seek=1 count=1 conv=notrunc "
				   "status=none; ";
	g_autofree char *alone = g_strconcat(BTRFS, wipe, NULL);
	g_autofree char *under = g_strconcat(BTRFS, wipe, EXT, NULL);
	g_autofree char *note = NULL, *got = claims_on(alone, NULL);

	g_assert_cmpstr(got, ==, "btrfs");
	g_free(got);
	got = claims_on(under, &note);
	g_assert_cmpstr(got, ==, "ext4");
	g_assert_nonnull(strstr(note, "older btrfs is at its byte 67108864"));
}

/* A RAID-1 whose data begin at byte 0 is its file system; another level is not. */
static void test_raid_leg(void)
{
#define RAID(level)                                                                                \
	PUT("\\374\\116\\053\\251\\1\\0\\0\\0", "134209536") PUT(level, "134209608")
	static const Row rows[] = {
		{EXT RAID("\\1\\0\\0\\0"), "ext4"},
		{EXT RAID("\\5\\0\\0\\0"), "ext4 linux-raid"},
		{RAID("\\1\\0\\0\\0"), "linux-raid"},
	};

	check_rows(rows, G_N_ELEMENTS(rows));
}

static void test_sizes(void)
{
	static const struct {
		const char *line;
		uint64_t want;
	} rows[] = {
		{"mke2fs -q -F -t ext4 \"$0\" 9M", 9 * MIB},
		{FAT, BIG},
		{BTRFS, BIG},
		{"mkfs.minix -3 \"$0\"", BIG},
		{"mkfs.minix \"$0\"", 0},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(IvSource) range = source_made_by(rows[i].line, BIG);
		g_autoptr(GArray) claims = iv_owner_claims(range, IV_ASK_ALL, NULL, NULL);

		g_assert_cmpuint(claims->len, ==, 1);
		g_assert_cmpuint(g_array_index(claims, IvClaim, 0).size, ==, rows[i].want);
	}
}

/* Ranges of every small size, of zeros and of noise: nothing is read outside. */
static void test_small_ranges(void)
{
	for (size_t size = 0; size < 70000; size += size < 5000 ? 257 : 4099) {
		g_autofree uint8_t *data = g_malloc(size + 1);
		g_autoptr(GBytes) bytes = NULL;
		g_autoptr(IvSource) range = NULL;
		g_autoptr(GArray) claims = NULL;

		for (size_t i = 0; i < size; i++)
			data[i] = (uint8_t)g_test_rand_int();
		bytes = g_bytes_new(data, size);
		range = iv_memory_new(bytes);
		claims = iv_owner_claims(range, IV_ASK_ALL, NULL, NULL);
		g_assert_nonnull(claims);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/owner/one", test_one_owner);
	g_test_add_func("/owner/several", test_several_owners);
	g_test_add_func("/owner/leftovers", test_leftovers);
	g_test_add_func("/owner/ext-backups", test_ext_backups);
	g_test_add_func("/owner/btrfs-mirror", test_btrfs_mirror);
	g_test_add_func("/owner/raid-leg", test_raid_leg);
	g_test_add_func("/owner/sizes", test_sizes);
	g_test_add_func("/owner/small-ranges", test_small_ranges);
	return g_test_run();
}
