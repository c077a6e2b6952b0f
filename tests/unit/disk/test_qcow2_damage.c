/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_qcow2_damage.c - every damaged qcow2 image is refused when it is opened, or when the damage
 * is met; and none makes the reader slow.
 */
#include "tests/unit/disk/qcow2_rig.h"

static void write_bytes(const char *name, const void *data, size_t len)
{
	g_autofree char *path = folder_path(name);

	g_assert_true(g_file_set_contents(path, data, (gssize)len, NULL));
}

/* --- features that are refused ------------------------------------------------------ */

static void test_features(void)
{
	folder_sh("qemu-img create -q -f qcow2 -o data_file=data.raw,data_file_raw=on ext.qcow2 1M");
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
	g_autofree char *path = folder_path(name);
	char *data = NULL;

	g_assert_true(g_file_get_contents(path, &data, len, NULL));
	return (uint8_t *)data;
}

static void test_damaged_open(void)
{
	g_autofree uint8_t *image = NULL;
	size_t len;

	folder_sh("qemu-img convert -q -O qcow2 disk.raw disk.qcow2");
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

	folder_sh("qemu-img create -q -f qcow2 disk.qcow2 1M");
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

	folder_sh("qemu-img create -q -f qcow2 disk.qcow2 1G");
	folder_sh("qemu-io -f qcow2 -c 'write 0 512' -c 'write 600M 512' disk.qcow2");
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

	folder_sh("qemu-img create -q -f qcow2 disk.qcow2 1M");
	folder_sh("qemu-io -f qcow2 -c 'write -P 5 0 64k' disk.qcow2");
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

		folder_sh("head -c 1M disk.raw > small.raw; qemu-img convert -q -O qcow2 -c "
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

	folder_sh("qemu-img create -q -f qcow2 disk.qcow2 1T");
	folder_sh("qemu-io -f qcow2 -c 'write 700G 1M' disk.qcow2");
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

	folder_sh("qemu-img create -q -f qcow2 disk.qcow2 1T");
	image = load("disk.qcow2", &size);
	g_assert_cmpuint(size, >=, 0x30000 + 2048 * 8);
	for (uint64_t i = 0; i < 2048; i++) {
		uint64_t entry = GUINT64_TO_BE(UINT64_C(1) << 63 | (64 * MIB + i * 64 * KIB));

		memcpy(image + 0x30000 + i * 8, &entry, 8);
	}
	write_bytes("bad.qcow2", image, size);
	folder_sh("truncate -s 200M bad.qcow2");
	disk = open_image("bad.qcow2", NULL, NULL);
	g_assert_true(iv_source_extent(disk->source, 0, &len, &zero, NULL));
	g_assert_true(zero);
	g_assert_cmpuint(len, ==, UINT64_C(1) << 40);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	rig_begin();
	g_test_add_func("/qcow2/features", test_features);
	g_test_add_func("/qcow2/feature-name", test_feature_name);
	g_test_add_func("/qcow2/damaged-open", test_damaged_open);
	g_test_add_func("/qcow2/twins", test_twins);
	g_test_add_func("/qcow2/damaged-read", test_damaged_read);
	g_test_add_func("/qcow2/damaged-packed", test_damaged_packed);
	g_test_add_func("/qcow2/huge", test_huge);
	g_test_add_func("/qcow2/empty-tables", test_empty_tables);
	return rig_end(g_test_run());
}
