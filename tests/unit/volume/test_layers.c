/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Disks that can be cut in more than one way: every way is in the list, what is only a copy of
 * another way is not, and ordinary disks have nothing more than their partitions and gaps.
 */
#include "scanner/volume/volume.h"

#include "tests/unit/volume/volume_rig.h"

/* "name:content name:content ..." ('!' when damaged) of the disk that the line makes. */
static char *list_of(const char *line, size_t size)
{
	g_autoptr(IvSource) disk = source_made_by(line, size);
	g_autoptr(GError) error = NULL;
	g_autoptr(IvVolumes) volumes = iv_volumes_read(disk, &error);
	g_autoptr(GString) text = g_string_new(NULL);

	g_assert_no_error(error);
	for (guint i = 0; i < volumes->list->len; i++) {
		const IvVolume *v = g_ptr_array_index(volumes->list, i);

		g_string_append_printf(text, "%s%s:%s", i > 0 ? " " : "", v->name, v->content);
	}
	if (volumes->damaged)
		g_string_append(text, " !");
	return g_string_free(g_steal_pointer(&text), FALSE);
}

static void expect(const char *line, const char *want)
{
	g_autofree char *got = list_of(line, DISK);

	if (strcmp(got, want) != 0)
		g_error("%s\n  got:  %s\n  want: %s", line, got, want);
}

/* $p is a file system of 2 MiB (4 MiB for FAT) that PUT_AT copies to a sector of the disk. */
#define MAKE(kind) "p=\"$0.p\"; rm -f \"$p\"; truncate -s 2M \"$p\"; " kind "; "
#define EXT	   MAKE("mke2fs -q -F -t ext4 -O ^has_journal \"$p\"")
#define FAT	   MAKE("mkfs.vfat -F 12 \"$p\"")
#define MINIX	   MAKE("mkfs.minix -3 \"$p\"")
#define PUT_AT(sector) "dd if=\"$p\" of=\"$0\" seek=" sector " conv=notrunc status=none; rm -f \"$p\"; "
#define GPT(entries) "printf 'label: gpt\\nfirst-lba: 34\\n" entries "' | sfdisk -q \"$0\"; "
#define MBR(entries) "printf 'label: dos\\n" entries "' | sfdisk -q \"$0\"; "
#define BIOS_BOOT "type=21686148-6449-6E6F-744E-656564454649"
/* An entry of the MBR by hand: its number (0 to 3), the type in octal, first and length as
 * four octal bytes each. */
#define ENTRY(at, type, first, length)                                                             \
	"printf '\\0\\0\\0\\0\\" type "\\0\\0\\0" first length "' | "                                  \
	"dd of=\"$0\" bs=1 seek=" at " conv=notrunc status=none; "

static void test_ordinary_disks(void)
{
	/* A cloud image: BIOS boot, ESP, root. */
	expect(GPT("start=34,size=2014," BIOS_BOOT "\\n"
		   "start=2048,size=4096,type=C12A7328-F81F-11D2-BA4B-00A0C93EC93B\\n"
		   "start=6144,size=4096\\n")
		       FAT PUT_AT("2048") EXT PUT_AT("6144") "printf code | dd of=\"$0\" bs=512 "
							     "seek=34 conv=notrunc status=none",
	       "gap1:gap p1:no-files p2:vfat p3:ext4 gap2:gap");
	expect(MBR("start=2048,size=4096,type=83\\nstart=6144,size=2048,type=82\\n") EXT PUT_AT("2048")
		       MAKE("mkswap \"$p\" 2>&1; truncate -s 1M \"$p\"") PUT_AT("6144"),
	       "gap1:gap p1:ext4 p2:swap gap2:gap");
	/* Logical partitions, whose own tables lie in gaps. */
	expect(MBR("start=2048,size=16384,type=5\\nstart=4096,size=4096,type=83\\n"
		   "start=10240,size=4096,type=83\\n") EXT PUT_AT("4096") EXT PUT_AT("10240"),
	       "gap1:gap p5:ext4 gap2:gap p6:ext4 gap3:gap");
}

static void test_layers(void)
{
	/* minix in a BIOS boot partition */
	expect(GPT("start=2048,size=4096," BIOS_BOOT "\\n") MINIX PUT_AT("2048"),
	       "gap1:gap p1:minix gap2:gap");
	/* ext4 whose boot block is that of a FAT */
	expect(GPT("start=2048,size=4096\\n") EXT PUT_AT("2048") FAT
	       "truncate -s 512 \"$p\"; " PUT_AT("2048"),
	       "gap1:gap p1:ext4 p1/vfat:vfat gap2:gap");
	/* an ext4 over the whole disk that has an MBR, too */
	expect("mke2fs -q -F -t ext4 \"$0\"; " ENTRY("446", "203", "\\0\\040\\0\\0", "\\0\\020\\0\\0")
		       "printf '\\125\\252' | dd of=\"$0\" bs=1 seek=510 "
						 "conv=notrunc status=none; " EXT PUT_AT("8192"),
	       "gap1:gap disk/ext4:ext4 p1:ext4 gap2:gap");
}

static void test_gaps(void)
{
	/* behind an empty MBR; at a sector that is no multiple of anything */
	expect("printf '\\125\\252' | dd of=\"$0\" bs=1 seek=510 conv=notrunc status=none; " EXT
		       PUT_AT("2048"),
	       "gap1:gap gap1/ext4@1048576:ext4");
	expect(GPT("start=2048,size=4096\\n") EXT PUT_AT("2048") EXT PUT_AT("6207") MINIX
		       PUT_AT("20480"),
	       "gap1:gap p1:ext4 gap2:gap gap2/ext4@3177984:ext4 gap2/minix@10485760:minix");
	/* at the very start of a gap */
	expect(GPT("start=2048,size=4096\\n") EXT PUT_AT("2048") FAT PUT_AT("6144"),
	       "gap1:gap p1:ext4 gap2:gap gap2/vfat:vfat");
	/* inside a BIOS boot partition, inside swap, and behind a file system */
	expect(GPT("start=2048,size=8192," BIOS_BOOT "\\n") EXT PUT_AT("4096"),
	       "gap1:gap p1:no-files p1/ext4@2097152:ext4 gap2:gap");
	expect(GPT("start=2048,size=8192\\n") MAKE("mkswap \"$p\" 2>&1") PUT_AT("2048") EXT
		       PUT_AT("6144"),
	       "gap1:gap p1:swap p1/ext4@3145728:ext4 gap2:gap");
	expect(GPT("start=2048,size=8192\\n") EXT PUT_AT("2048") MINIX PUT_AT("6152"),
	       "gap1:gap p1:ext4 p1/minix@3149824:minix gap2:gap");
	/* An ext4 whose first superblock is gone, by its backups. */
	expect("printf '\\125\\252' | dd of=\"$0\" bs=1 seek=510 conv=notrunc status=none; "
	       "p=\"$0.p\"; truncate -s 12M \"$p\"; mke2fs -q -F -t ext4 -b 1024 \"$p\"; "
	       "dd if=/dev/zero of=\"$p\" bs=2K count=1 conv=notrunc status=none; " PUT_AT("2048"),
	       "gap1:gap gap1/ext4@1048576:ext4");
	/* A first group descriptor that leads nowhere, and its copy that does; the small ext is
	 * laid out with clusters, where blocks of 1 KiB are numbered from 0. */
	expect(GPT("start=2048,size=2048\\n") "p=\"$0.p\"; truncate -s 10M \"$p\"; "
	       "mke2fs -q -F -t ext4 -b 1024 -g 1024 \"$p\"; dd if=/dev/zero of=\"$p\" bs=1K seek=2 "
	       "count=1 conv=notrunc status=none; " PUT_AT("5000"),
	       "gap1:gap p1:blank gap2:gap gap2/ext4@2560000:ext4");
	expect(GPT("start=2048,size=2048\\n") "p=\"$0.p\"; truncate -s 2M \"$p\"; "
	       "mke2fs -q -F -t ext4 -b 1024 -O bigalloc -C 4096 \"$p\" 2>&1; " PUT_AT("5000"),
	       "gap1:gap p1:blank gap2:gap gap2/ext4@2560000:ext4");
	/* Copies of superblocks that lead nowhere: of ext (as in a journal), XFS, FAT32, NTFS. */
	expect(GPT("start=2048,size=4096\\n") EXT "truncate -s 4K \"$p\"; " PUT_AT("7000") EXT
	       PUT_AT("2048")
	       "printf XFSB | dd of=\"$0\" bs=512 seek=8000 conv=notrunc status=none; "
	       "printf '\\353\\122\\220NTFS    \\0\\2\\10' | dd of=\"$0\" bs=512 seek=9000 conv=notrunc "
	       "status=none; p=\"$0.p\"; truncate -s 4M \"$p\"; mkfs.vfat -F 32 -s 1 \"$p\" 2>&1; "
	       "truncate -s 512 \"$p\"; " PUT_AT("10000"),
	       "gap1:gap p1:ext4 gap2:gap");
	/* What a shrunk file system left behind its partition is no file system. */
	expect(GPT("start=2048,size=4096\\n") "p=\"$0.p\"; truncate -s 12M \"$p\"; "
	       "mke2fs -q -F -t ext4 -b 1024 \"$p\"; " PUT_AT("2048") EXT PUT_AT("2048"),
	       "gap1:gap p1:ext4 gap2:gap");
}

/* What begins on one side of a border has its superblock on the other. */
static void test_across(void)
{
	/* a partition that is shorter than the way to the superblock */
	expect(MBR("start=2048,size=2,type=83\\n") EXT PUT_AT("2048"),
	       "gap1:gap p1:blank disk/ext4@1048576:ext4 gap2:gap");
	/* a gap's last sector, and a partition */
	expect(MBR("start=2049,size=4096,type=83\\n") EXT PUT_AT("2048"),
	       "gap1:gap disk/ext4@1048576:ext4 p1:unknown gap2:gap");
	/* the last sector of another file system's partition, or of another file system */
	expect(MBR("start=2048,size=4096,type=83\\n") EXT PUT_AT("2048") MINIX PUT_AT("6143"),
	       "gap1:gap p1:ext4 disk/minix@3145216:minix gap2:gap");
	expect(MBR("start=2048,size=9000,type=83\\n") EXT PUT_AT("2048") MINIX PUT_AT("6143"),
	       "gap1:gap p1:ext4 disk/minix@3145216:minix gap2:gap");
}

static void test_other_tables(void)
{
	/* A hybrid MBR that names the same partition is no news; another range is. */
	expect(GPT("start=2048,size=4096\\n") EXT PUT_AT("2048")
		       ENTRY("462", "203", "\\0\\010\\0\\0", "\\0\\020\\0\\0"),
	       "gap1:gap p1:ext4 gap2:gap");
	expect(GPT("start=2048,size=16384\\n") EXT PUT_AT("2048") MINIX PUT_AT("8192")
		       ENTRY("462", "203", "\\0\\040\\0\\0", "\\0\\020\\0\\0"),
	       "gap1:gap p1:ext4 mbr/p2:minix gap2:gap");
	/* A GPT that the MBR does not announce. */
	expect(GPT("start=2048,size=4096\\nstart=8192,size=4096\\n") EXT PUT_AT("2048") FAT
		       PUT_AT("8192") ENTRY("446", "203", "\\0\\010\\0\\0", "\\0\\020\\0\\0"),
	       "gap1:gap p1:ext4 gap2:gap gpt/p2:vfat");
	/* The two copies of a GPT name different partitions. */
	expect(GPT("start=2048,size=4096\\n") EXT PUT_AT("2048") MINIX PUT_AT("8192")
	       "cp \"$0\" \"$0.c\"; rm \"$0\"; truncate -s 16M \"$0\"; "
	       GPT("start=2048,size=4096\\nstart=8192,size=4096\\n")
	       "dd if=\"$0.c\" of=\"$0\" bs=512 count=32000 conv=notrunc status=none; rm \"$0.c\"",
	       "gap1:gap p1:ext4 gap2:gap gpt-backup/p2:minix");
	/* Partitions that overlap, each with a file system of its own. */
	expect(MBR("start=2048,size=8192,type=83\\n") EXT PUT_AT("2048") FAT PUT_AT("8192")
		       ENTRY("462", "014", "\\0\\040\\0\\0", "\\0\\020\\0\\0"),
	       "gap1:gap p1:ext4 p2:vfat gap2:gap");
}

static void test_nested(void)
{
	static const char inner[] =
		"p=\"$0.p\"; truncate -s 8M \"$p\"; printf 'label: gpt\\nstart=2048,size=4096\\n"
		"start=6144,size=4096\\n' | sfdisk -q \"$p\"; e=\"$0.e\"; truncate -s 2M \"$e\"; "
		"mkfs.minix -3 \"$e\"; dd if=\"$e\" of=\"$p\" seek=2048 conv=notrunc status=none; "
		"rm \"$e\"; ";
	g_autofree char *line = g_strconcat(GPT("start=2048,size=16384\\n"), inner, PUT_AT("2048"),
					    NULL);
	g_autofree char *gap = g_strconcat(GPT("start=30000,size=2000\\n"), inner, PUT_AT("2048"),
					   NULL);

	expect(line, "gap1:gap p1:unknown p1/gpt/p1:minix gap2:gap");
	expect(gap, "gap1:gap gap1/minix@2097152:minix p1:blank gap2:gap");
}

/* Linux takes an entry of type 0 for a partition if it has a size. */
static void test_empty_type(void)
{
	expect(GPT("start=2048,size=16384\n") EXT PUT_AT("2048") MINIX PUT_AT("8192")
		       ENTRY("462", "0", "\\0\\040\\0\\0", "\\0\\020\\0\\0"),
	       "gap1:gap p1:ext4 mbr/p2:minix gap2:gap");
}

/* A table that names itself as a partition of itself ends. */
static void test_endless(void)
{
	g_autofree char *got = list_of(
		MBR("start=1,size=30000,type=83\\n") "for i in 1 2 3 4 5 6 7 8; do "
		"dd if=\"$0\" of=\"$0\" bs=512 skip=$((i-1)) seek=$i count=1 conv=notrunc "
		"status=none; done",
		DISK);

	g_assert_nonnull(strstr(got, " !"));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/layers/ordinary", test_ordinary_disks);
	g_test_add_func("/layers/layers", test_layers);
	g_test_add_func("/layers/gaps", test_gaps);
	g_test_add_func("/layers/across", test_across);
	g_test_add_func("/layers/other-tables", test_other_tables);
	g_test_add_func("/layers/nested", test_nested);
	g_test_add_func("/layers/empty-type", test_empty_type);
	g_test_add_func("/layers/endless", test_endless);
	return g_test_run();
}
