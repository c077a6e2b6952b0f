/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Partition tables, made by sfdisk and sgdisk and then damaged byte by byte. */
#include <string.h>
#include <zlib.h>

#include "scanner/base/error.h"
#include "scanner/volume/volume.h"
#include "tests/unit/volume/volume_rig.h"

static uint8_t *gpt_disk(void)
{
	return disk_made_by(
		"printf 'label: gpt\\nstart=2048,size=2048,"
		"type=21686148-6449-6E6F-744E-656564454649\\n"
		"start=4096,size=8192,name=\"root\"\\nstart=20480,size=2048\\n' | sfdisk -q \"$0\"",
		DISK);
}

static uint8_t *logical_disk(void)
{
	return disk_made_by("printf 'label: dos\\nstart=2048,size=2048,type=83\\n"
			    "start=4096,size=16384,type=5\\nstart=6144,size=2048,type=83\\n"
			    "start=10240,size=2048,type=82\\n' | sfdisk -q \"$0\"",
			    DISK);
}

static bool is_crowded(const IvVolumes *volumes)
{
	for (guint i = 0; i < volumes->list->len; i++)
		if (((IvVolume *)g_ptr_array_index(volumes->list, i))->role == IV_ROLE_CROWDED)
			return true;
	return false;
}

/* The promise of volume.h: in order of offset, and together all of the disk; gaps are
 * numbered, and overlap nothing that came of the table.  Partitions of another table (with a
 * slash) are needed for that only where they crowded out those of the first. */
static void check_cover(const IvVolumes *volumes, uint64_t size)
{
	bool crowded = is_crowded(volumes);
	uint64_t at = 0;
	unsigned gaps = 0;

	for (guint i = 0; i < volumes->list->len; i++) {
		const IvVolume *v = g_ptr_array_index(volumes->list, i);

		g_assert_cmpuint(v->offset, <=, at);
		g_assert_cmpuint(v->size, >, 0);
		g_assert_cmpuint(v->source->size, ==, v->size);
		g_assert_cmpuint(v->offset + v->size, <=, size);
		if (v->kind == IV_VOLUME_GAP && !crowded) {
			g_autofree char *name = g_strdup_printf("gap%u", ++gaps);

			g_assert_cmpstr(v->name, ==, name);
		}
		if (v->kind != IV_VOLUME_LAYER && (crowded || strchr(v->name, '/') == NULL))
			at = MAX(at, v->offset + v->size);
	}
	g_assert_cmpuint(at, ==, size);
}

static IvVolumes *read_disk(const uint8_t *data, size_t size)
{
	g_autoptr(GBytes) bytes = g_bytes_new(data, size);
	g_autoptr(IvSource) disk = iv_memory_new(bytes);
	g_autoptr(GError) error = NULL;
	IvVolumes *volumes = iv_volumes_read(disk, &error);

	g_assert_no_error(error);
	check_cover(volumes, size);
	return volumes;
}

/* "table name name ..." with '!' behind when damaged. */
static void expect(const uint8_t *data, size_t size, const char *want, const char *note)
{
	g_autoptr(IvVolumes) volumes = read_disk(data, size);
	g_autoptr(GString) got = g_string_new(volumes->table);
	bool found = note == NULL;

	for (guint i = 0; i < volumes->list->len; i++)
		g_string_append_printf(got, " %s",
				       ((IvVolume *)g_ptr_array_index(volumes->list, i))->name);
	if (volumes->damaged)
		g_string_append(got, " !");
	g_assert_cmpstr(got->str, ==, want);
	for (guint i = 0; i < volumes->notes->len && !found; i++)
		found = strstr(g_ptr_array_index(volumes->notes, i), note) != NULL;
	if (!found)
		g_error("no note says: %s", note);
}

static void put32(uint8_t *at, uint32_t v)
{
	v = GUINT32_TO_LE(v);
	memcpy(at, &v, 4);
}

static void put64(uint8_t *at, uint64_t v)
{
	v = GUINT64_TO_LE(v);
	memcpy(at, &v, 8);
}

/* Make both CRCs of the header at `header` right again. */
static void reseal(uint8_t *header, const uint8_t *entries, size_t entries_bytes)
{
	put32(header + 88, (uint32_t)crc32(0, entries, (uInt)entries_bytes));
	put32(header + 16, 0);
	put32(header + 16, (uint32_t)crc32(0, header, 92));
}

static const char good[] = "gpt gap1 p1 p2 gap2 p3 gap3";

static void test_gpt(void)
{
	g_autofree uint8_t *d = gpt_disk();
	g_autoptr(IvVolumes) volumes = read_disk(d, DISK);
	const IvVolume *boot = g_ptr_array_index(volumes->list, 1);
	const IvVolume *root = g_ptr_array_index(volumes->list, 2);

	expect(d, DISK, good, NULL);
	g_assert_cmpuint(volumes->notes->len, ==, 0);
	g_assert_cmpstr(boot->type, ==, "gpt:21686148-6449-6e6f-744e-656564454649");
	g_assert_true(boot->no_files);
	g_assert_false(root->no_files);
	g_assert_cmpstr(root->label, ==, "root");
	g_assert_cmpuint(root->offset, ==, 4096 * 512);
	g_assert_cmpuint(root->size, ==, 8192 * 512);
}

static void test_gpt_damaged(void)
{
	static const char backup_used[] = "using the backup";
	g_autofree uint8_t *d = gpt_disk();
	uint8_t *last = d + DISK - 512;

	d[512 + 40] ^= 1; /* the primary's first usable sector */
	expect(d, DISK, good, backup_used);
	d[512 + 40] ^= 1;
	d[1024 + 32] ^= 1; /* its first entry */
	expect(d, DISK, good, backup_used);
	memset(d + 512, 0, 512); /* all of it */
	expect(d, DISK, good, backup_used);
	memset(d, 0, 512); /* and the protective MBR */
	expect(d, DISK, good, backup_used);

	g_free(d);
	d = gpt_disk();
	last = d + DISK - 512;
	last[60] ^= 1;
	expect(d, DISK, good, "the backup GPT is missing or damaged");
	d[512 + 60] ^= 1; /* both */
	expect(d, DISK, "gpt gap1 !", "the GPT is damaged");
	memset(d + 512, 0, 512);
	memset(last, 0, 512);
	expect(d, DISK, "none gap1 !", "neither a primary nor a backup");
}

static void test_gpt_copies_differ(void)
{
	g_autofree uint8_t *d = gpt_disk();

	d[1024 + 56] ^= 2; /* a letter of a name */
	reseal(d + 512, d + 1024, 128 * 128);
	expect(d, DISK, good, "differs from the primary");
}

static void test_gpt_enlarged_and_cut(void)
{
	g_autofree uint8_t *d = gpt_disk();
	g_autofree uint8_t *more = g_malloc0(DISK + MIB);

	memcpy(more, d, DISK);
	expect(more, DISK + MIB, good, "not at the end of the disk");
	more[1024 + 32] ^= 1; /* the primary's header still knows where the backup is */
	expect(more, DISK + MIB, good, "using the backup");
	/* Cut in the middle of p3, and before it. */
	expect(d, 21000 * 512, "gpt gap1 p1 p2 gap2 p3 !", "beyond the end of the disk");
	expect(d, 15000 * 512, "gpt gap1 p1 p2 gap2 !", "lies outside the disk");
	/* Inside the table itself. */
	expect(d, 4096, "gpt gap1 !", "the GPT is damaged");
}

static void test_gpt_hostile_entries(void)
{
	g_autofree uint8_t *d = gpt_disk();
	uint8_t *p2 = d + 1024 + 128;

	put64(p2 + 32, 3000); /* p2 begins inside p1 */
	reseal(d + 512, d + 1024, 128 * 128);
	expect(d, DISK, "gpt gap1 p1 p2 gap2 p3 gap3", "overlaps p1");
	put64(p2 + 32, 9000);
	put64(p2 + 40, 8999); /* ends before it begins */
	reseal(d + 512, d + 1024, 128 * 128);
	expect(d, DISK, "gpt gap1 p1 gap2 p3 gap3 !", "impossible range");
	put64(p2 + 32, 0);
	put64(p2 + 40, UINT64_MAX);
	reseal(d + 512, d + 1024, 128 * 128);
	expect(d, DISK, "gpt gap1 p1 gap2 p3 gap3 !", "impossible range");
	put32(d + 512 + 80, UINT32_MAX); /* number of entries */
	reseal(d + 512, d + 1024, 128 * 128);
	expect(d, DISK, good, "using the backup");
	put32(d + 512 + 80, 128);
	put32(d + 512 + 84, 1); /* entry size */
	reseal(d + 512, d + 1024, 128 * 128);
	expect(d, DISK, good, "using the backup");
}

static void test_gpt_4096(void)
{
	const size_t size = 256 * 4096;
	g_autofree uint8_t *d = g_malloc0(size);
	uint8_t *h = d + 4096, *e = d + 8192;
	g_autoptr(IvVolumes) volumes = NULL;

	d[446 + 4] = 0xee;
	put32(d + 446 + 8, 1);
	put32(d + 446 + 12, 255);
	d[510] = 0x55;
	d[511] = 0xaa;
	memcpy(h, "EFI PART\0\0\1\0\x5c\0\0\0", 16);
	put64(h + 24, 1);
	put64(h + 32, 255);
	put64(h + 40, 6);
	put64(h + 48, 250);
	put64(h + 72, 2);
	put32(h + 80, 128);
	put32(h + 84, 128);
	memset(e, 0x11, 32);
	put64(e + 32, 10);
	put64(e + 40, 19);
	reseal(h, e, 128 * 128);
	volumes = read_disk(d, size);
	expect(d, size, "gpt gap1 p1 gap2", "the backup GPT is missing");
	g_assert_cmpuint(((IvVolume *)g_ptr_array_index(volumes->list, 1))->offset, ==, 10 * 4096);
	g_assert_cmpuint(((IvVolume *)g_ptr_array_index(volumes->list, 1))->size, ==, 10 * 4096);
}

static void test_gpt_by_sgdisk_with_many_entries(void)
{
	g_autofree uint8_t *d = disk_made_by(
		"sgdisk -S 200 -a 1 -n 150:4096:8191 -n 2:8192:9000 \"$0\"", DISK);

	expect(d, DISK, "gpt gap1 p150 p2 gap2", NULL);
}

/* Many partitions over the same bytes: those are read twice at most, what is left out is
 * said, and no byte is lost by it (check_cover()). */
static void test_crowd(void)
{
	g_autoptr(GString) line = g_string_new("sgdisk -a 1");
	g_autofree uint8_t *d = NULL;
	g_autoptr(IvVolumes) volumes = NULL;
	uint64_t sum = 0;
	unsigned crowded = 0;

	for (unsigned i = 1; i <= 100; i++)
		g_string_append_printf(line, " -n %u:%u:%u", i, 4096 + 100 * i, 4195 + 100 * i);
	g_string_append(line, " \"$0\"");
	d = disk_made_by(line->str, DISK);
	for (unsigned i = 0; i < 100; i++)
		put64(d + 1024 + 128 * i + 40, 30000 + i); /* the last sector of each */
	reseal(d + 512, d + 1024, 128 * 128);
	d[9 * MIB] = 1; /* no blank */
	volumes = read_disk(d, DISK);
	for (guint i = 0; i < volumes->list->len; i++) {
		const IvVolume *v = g_ptr_array_index(volumes->list, i);

		crowded += v->role == IV_ROLE_CROWDED;
		if (v->kind != IV_VOLUME_LAYER)
			sum += v->size;
	}
	g_assert_cmpuint(crowded, >, 90);
	g_assert_cmpuint(sum, <=, 2 * (uint64_t)DISK);
}

/* Where partitions of another table have taken all that is read twice, partitions and gaps of
 * the first are crowded out, and those of the other cover their bytes. */
static void test_crowded_by_another_table(void)
{
	g_autofree uint8_t *d = gpt_disk();
	g_autofree uint8_t *ext = disk_made_by("mke2fs -q -F -t ext4 \"$0\"", DISK);
	g_autoptr(IvVolumes) volumes = NULL;
	unsigned crowded = 0;

	for (unsigned i = 0; i < 3; i++) {
		uint8_t *entry = d + 462 + 16 * i;

		entry[4] = 0x83;
		put32(entry + 8, 1024 + 8 * i);
		put32(entry + 12, 30000);
		memcpy(d + 512 * (1024 + 8 * i) + 1024, ext + 1024, 1024);
	}
	volumes = read_disk(d, DISK);
	for (guint i = 0; i < volumes->list->len; i++)
		crowded += ((IvVolume *)g_ptr_array_index(volumes->list, i))->role == IV_ROLE_CROWDED;
	g_assert_cmpuint(crowded, >=, 3);
}

static void test_mbr_logical(void)
{
	g_autofree uint8_t *d = logical_disk();
	g_autoptr(IvVolumes) volumes = read_disk(d, DISK);
	const IvVolume *p6 = NULL;

	expect(d, DISK, "mbr gap1 p1 gap2 p5 gap3 p6 gap4", NULL);
	g_assert_cmpuint(volumes->notes->len, ==, 0);
	p6 = g_ptr_array_index(volumes->list, 5);
	g_assert_cmpstr(p6->type, ==, "mbr:0x82");
	g_assert_cmpuint(p6->offset, ==, 10240 * 512);
}

static void test_mbr_chain_damage(void)
{
	g_autofree uint8_t *d = logical_disk();
	uint8_t *link = d + 4096 * 512 + 446 + 16; /* second entry of the first EBR */
	uint32_t next;

	memcpy(&next, link + 8, 4);
	next = GUINT32_FROM_LE(next);
	put32(link + 8, 0); /* to itself */
	expect(d, DISK, "mbr gap1 p1 gap2 p5 gap3 !", "round in a circle");
	put32(link + 8, 1 << 30);
	expect(d, DISK, "mbr gap1 p1 gap2 p5 gap3 !", "a link leaves it");
	put32(link + 8, next);
	d[(4096 + next) * 512 + 510] = 0;
	expect(d, DISK, "mbr gap1 p1 gap2 p5 gap3 !", "without a table");
}

static void test_hybrid_and_stray_gpt(void)
{
	g_autofree uint8_t *d = gpt_disk();
	uint8_t *second = d + 446 + 16;

	second[4] = 0x83;
	put32(second + 8, 4096);
	put32(second + 12, 8192);
	expect(d, DISK, good, "hybrid MBR");
	memset(d + 512, 0, 512);
	memset(d + DISK - 512, 0, 512);
	expect(d, DISK, "mbr gap1 p2 gap2 !", "hybrid MBR instead");
	g_free(d);
	d = gpt_disk();
	d[446 + 4] = 0x83; /* the MBR no longer says GPT */
	put32(d + 446 + 8, 4096);
	put32(d + 446 + 12, 8192);
	expect(d, DISK, "mbr gap1 p1 gap2", "does not announce it");
}

static void test_no_table(void)
{
	g_autofree uint8_t *zero = g_malloc0(DISK);
	g_autofree uint8_t *fat = disk_made_by("mkfs.vfat \"$0\"", DISK);
	g_autofree uint8_t *ext = disk_made_by("mke2fs -q -F -t ext4 \"$0\"", DISK);

	expect(zero, DISK, "none disk", NULL);
	expect(zero, 100, "none disk", NULL);
	expect(ext, DISK, "none disk", NULL);
	g_assert_cmpuint(fat[510], ==, 0x55); /* the trap: its boot sector ends like a table */
	expect(fat, DISK, "none disk", NULL);
	memset(zero + 446, 0x77, 64);
	zero[510] = 0x55;
	zero[511] = 0xaa;
	expect(zero, DISK, "none gap1 !", "no valid one");
	memset(zero + 446, 0, 64);
	expect(zero, DISK, "mbr gap1", "empty");
}

/* A "BIOS boot" partition that holds a file system is a file system. */
static void test_type_is_not_believed(void)
{
	g_autofree uint8_t *d = gpt_disk();

	memcpy(d + MIB, "XFSB", 4);
	expect(d, DISK, good, "p1 holds xfs");
}

/* Whatever the bytes, the list covers the disk. */
static void test_random_damage_keeps_the_promise(void)
{
	g_autofree uint8_t *gpt = gpt_disk(), *mbr = logical_disk();

	for (int i = 0; i < 300; i++) {
		uint8_t *d = i % 2 ? gpt : mbr;
		g_autofree uint8_t *saved = g_memdup2(d, 4 * 4096);
		size_t places = (size_t)g_test_rand_int_range(1, 6);

		for (size_t p = 0; p < places; p++)
			d[g_test_rand_int_range(0, 4) == 0 ? g_test_rand_int_range(440, 512)
							   : g_test_rand_int_range(512, 1600)] =
				(uint8_t)g_test_rand_int();
		if (i % 2)
			reseal(d + 512, d + 1024, 128 * 128);
		iv_volumes_free(read_disk(d, DISK));
		memcpy(d, saved, 4 * 4096);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/volume/gpt", test_gpt);
	g_test_add_func("/volume/gpt-damaged", test_gpt_damaged);
	g_test_add_func("/volume/gpt-copies-differ", test_gpt_copies_differ);
	g_test_add_func("/volume/gpt-enlarged-and-cut", test_gpt_enlarged_and_cut);
	g_test_add_func("/volume/gpt-hostile-entries", test_gpt_hostile_entries);
	g_test_add_func("/volume/gpt-4096", test_gpt_4096);
	g_test_add_func("/volume/gpt-many-entries", test_gpt_by_sgdisk_with_many_entries);
	g_test_add_func("/volume/crowd", test_crowd);
	g_test_add_func("/volume/crowded-by-another-table", test_crowded_by_another_table);
	g_test_add_func("/volume/mbr-logical", test_mbr_logical);
	g_test_add_func("/volume/mbr-chain-damage", test_mbr_chain_damage);
	g_test_add_func("/volume/hybrid-and-stray-gpt", test_hybrid_and_stray_gpt);
	g_test_add_func("/volume/no-table", test_no_table);
	g_test_add_func("/volume/type-is-not-believed", test_type_is_not_believed);
	g_test_add_func("/volume/random-damage", test_random_damage_keeps_the_promise);
	return g_test_run();
}
