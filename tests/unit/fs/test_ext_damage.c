/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_ext_damage.c - the ext reader on damaged and hostile file systems */
#include <unistd.h>

#include "tests/unit/fs/ext_rig.h"

#define BLOCK 1024u
#define SUPER 1024u

/* A private copy of base.img, to be damaged and walked. */
typedef struct {
	uint8_t *data;
	size_t size;
} Image;

static void image_clear(Image *image)
{
	g_free(image->data);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Image, image_clear)

static Image load(const char *name)
{
	Image image;

	image.data = rig_load(name, &image.size);
	return image;
}

static Rig *walk_bytes(const Image *image, uint64_t size)
{
	g_autoptr(GBytes) bytes = g_bytes_new(image->data, size);
	g_autoptr(IvSource) source = iv_memory_new(bytes);

	return rig_walk_source(source);
}

static void make_base(void)
{
	rig_write("t/a/file", 1, 3000);
	rig_write("t/a/b/deep", 2, 100);
	rig_write("t/big", 3, 300000);
	rig_write("t/z", 4, 2000);
	rig_sh("ln -s target t/link; ln t/z t/zz\n"
	       "for i in $(seq 100); do : >t/a/b/some-longer-file-name-$i; done\n"
	       "truncate -s 20M base.img; mke2fs -q -F -t ext4 -b 1024 -d t base.img\n"
	       "truncate -s 20M old.img; mke2fs -q -F -t ext2 -b 1024 -d t old.img");
}

static void assert_base(Rig *rig)
{
	rig_assert_content(rig, "a/file", 1, 3000);
	rig_assert_content(rig, "a/b/deep", 2, 100);
	rig_assert_content(rig, "big", 3, 300000);
	rig_assert_content(rig, "zz", 4, 2000);
}

static void test_super_backup(void)
{
	g_auto(Image) image = load("base.img");

	memset(image.data + SUPER, 0, 1024);
	memset(image.data, 0, 4096);
	g_autoptr(Rig) rig = walk_bytes(&image, image.size);
	assert_base(rig);
	g_assert_true(rig_has(rig->unread, "the backup at block 8193 was used"));
}

/* Two file systems in one range: the first descriptor and its copy lead to different inodes. */
static void test_copies_differ(void)
{
	g_auto(Image) image = load("base.img");

	image.data[8194 * BLOCK + 8] ^= 1;
	g_autoptr(Rig) rig = walk_bytes(&image, image.size);
	assert_base(rig);
	g_assert_true(rig_has(rig->unread, "mount -o sb= shows other files"));
}

/* The same tables, cut into inodes of another size by a copy of the superblock. */
static void test_copies_cut(void)
{
	g_auto(Image) image = load("base.img");

	image.data[8193 * BLOCK + 0x58 + 1] ^= 1;
	g_autoptr(Rig) rig = walk_bytes(&image, image.size);
	assert_base(rig);
	g_assert_true(rig_has(rig->unread, "mount -o sb= shows other files"));
}

/* Fields that the size of memory or a division depend on. */
static void test_super_fields(void)
{
	static const struct {
		unsigned offset, bytes;
		uint32_t value;
	} fields[] = {
		{0, 4, 0xffffffff}, {0, 4, 0},		{4, 4, 0xffffffff}, {4, 4, 1},
		{20, 4, 77},	    {24, 4, 31},	{24, 4, 6},	    {32, 4, 0},
		{32, 4, 0xfffffff8}, {36, 4, 0},	{40, 4, 0},	    {40, 4, 0xffffffff},
		{76, 4, 9},	    {88, 2, 0},		{88, 2, 0xffff},    {206, 2, 0xffff},
		{254, 2, 1},	    {254, 2, 0x8000},	{0x150, 4, 0xffff}, {0x104, 4, 0xffffffff},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(fields); i++) {
		g_auto(Image) image = load("base.img");

		memcpy(image.data + SUPER + fields[i].offset, &fields[i].value, fields[i].bytes);
		g_autoptr(Rig) rig = walk_bytes(&image, image.size);
		assert_base(rig);
		g_assert_cmpuint(rig->unread->len, >, 0);
	}
}

static void test_super_lost(void)
{
	g_auto(Image) image = load("base.img");
	g_autoptr(GError) error = NULL;
	g_autoptr(Rig) rig = rig_new();

	image.data[SUPER + 24] = 99;
	for (unsigned block = 1; block * BLOCK < image.size; block += 8192)
		memset(image.data + block * BLOCK + 60, 0xee, 900);
	g_autoptr(GBytes) bytes = g_bytes_new(image.data, image.size);
	g_autoptr(IvSource) source = iv_memory_new(bytes);
	g_assert_false(iv_fs_ext.walk(source, &rig_sink, rig, &error));
	g_assert_nonnull(error);
}

static void test_features(void)
{
	g_auto(Image) image = load("base.img");
	g_autoptr(GError) error = NULL;
	g_autoptr(Rig) rig = rig_new();

	image.data[SUPER + 96] |= 1; /* compression */
	image.data[SUPER + 99] |= 0x40;
	g_autoptr(GBytes) bytes = g_bytes_new(image.data, image.size);
	g_autoptr(IvSource) source = iv_memory_new(bytes);
	g_assert_true(iv_fs_ext.probe(source));
	g_assert_false(iv_fs_ext.walk(source, &rig_sink, rig, &error));
	g_assert_error(error, IV_ERROR, IV_ERROR_UNSUPPORTED);
	g_assert_nonnull(strstr(error->message, "compression, unknown (0x40000000)"));
}

static void test_probe(void)
{
	static const size_t sizes[] = {0, 1, 1024, 2047, 2048, 1 << 20, 20 << 20};

	for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
		g_autoptr(GBytes) bytes = g_bytes_new_take(g_malloc0(sizes[i] + 1), sizes[i]);
		g_autoptr(IvSource) source = iv_memory_new(bytes);

		g_assert_false(iv_fs_ext.probe(source));
	}
	/* Another format has been put over the front: its backup must not be found. */
	g_auto(Image) image = load("base.img");
	memset(image.data, 0, 4096);
	memcpy(image.data, "XFSB", 4);
	g_autoptr(GBytes) bytes = g_bytes_new(image.data, image.size);
	g_autoptr(IvSource) source = iv_memory_new(bytes);
	g_assert_false(iv_fs_ext.probe(source));
}

/* The volume ends before the file system does. */
static void test_truncated(void)
{
	g_auto(Image) image = load("base.img");

	for (size_t size = 4096; size < image.size; size = size * 5 / 3 + 777) {
		g_autoptr(GBytes) bytes = g_bytes_new(image.data, size);
		g_autoptr(IvSource) source = iv_memory_new(bytes);
		g_autoptr(GError) error = NULL;
		g_autoptr(Rig) rig = rig_new();

		if (!iv_fs_ext.walk(source, &rig_sink, rig, &error)) {
			g_assert_nonnull(error);
			continue;
		}
		g_assert_true(rig_has(rig->unread, "larger than its volume"));
		rig_assert_cover(rig, size);
	}
	g_autoptr(Rig) rig = walk_bytes(&image, 12 << 20);
	assert_base(rig);
}

/* Run debugfs on a copy, walk it, expect this among the unread. */
static Rig *walk_edited(const char *base, const char *commands)
{
	rig_sh("cp %s edit.img; printf '%s' >edit.cmd\n"
	       "debugfs -w -f edit.cmd edit.img >/dev/null 2>&1",
	       base, commands);
	return rig_walk("edit.img");
}

static void test_edits(void)
{
	static const struct {
		const char *base, *commands, *unread, *kept;
	} edits[] = {
		{"base.img", "link /a /a/b/loop\\n", "a/b/loop: the name stands for a file or directory",
		 "a/b/deep"},
		{"base.img", "link / /a/b/root\\n", "a/b/root: the name stands for a file or directory",
		 "a/b/deep"},
		{"base.img", "link /a/file /twin\\n", "the name stands for a file or directory",
		 "a/b/deep"},
		{"base.img", "sif /a/file block[5] 0xfffffff0\\n",
		 "a/file: an extent points outside the file system", "a/b/deep"},
		{"base.img", "sif /a/file block[5] 0\\n",
		 "a/file: an extent points outside the file system", "a/file"},
		{"base.img", "sif /a/file block[5] 2\\n",
		 "a/file: an extent points into the file system", "a/file"},
		{"base.img", "sif /a/file block[0] 0x1234\\n", "a/file: a block of its extent tree",
		 "a/file"},
		{"base.img", "sif /a/file block[1] 0x00090004\\n", "a/file: a block of its extent tree",
		 "a/file"},
		{"base.img", "sif /a block[5] 0xfffffff0\\n", "a: an extent points outside", "big"},
		{"base.img", "sif /a size 50000\\n", "a: the directory has a hole", "a/file"},
		/* A kernel shows it empty; e2fsck makes it whole again. */
		{"base.img", "sif /a size 0\\n", "a: the directory goes on behind its end", "a/file"},
		{"old.img", "sif /a/b size 2048\\n", "a/b: the directory goes on behind its end",
		 "a/b/some-longer-file-name-100"},
		{"base.img", "sif /a/file size 0x7fffffffffffff\\n", "a/file: its size is impossible",
		 "a/file"},
		{"base.img", "sif /a/file links_count 0\\n", "a/file: the name stands for a deleted inode",
		 "big"},
		{"base.img", "clri /a/file\\n", "a/file: the name stands for a deleted inode", "big"},
		{"base.img", "sif /a/file mode 0030644\\n", "a/file: its inode is of an unknown kind", "big"},
		{"base.img", "sif /link size 70000\\n", "", "big"},
		{"base.img", "sif <2> mode 0100644\\n", ".: the root is not a directory", NULL},
		{"old.img", "sif /big block[IND] 0xfffffff0\\n", "big: an extent points outside", "big"},
		{"old.img", "sif /big block[DIND] 2\\n", "", "big"},
		{"old.img", "sif /big block[0] 0xfffffff0\\n", "big: an extent points outside", "big"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(edits); i++) {
		g_autoptr(Rig) rig = walk_edited(edits[i].base, edits[i].commands);

		g_test_message("%s", edits[i].commands);
		g_assert_true(rig_has(rig->unread, edits[i].unread));
		if (edits[i].kept != NULL)
			rig_get(rig, edits[i].kept);
	}
}

/* A lost root: the contents are still found, under numbers. */
static void test_root_lost(void)
{
	g_autoptr(Rig) rig = walk_edited("base.img", "sif <2> block[5] 0xfffffff0\\n");
	g_autofree uint8_t *data = rig_content(2, 100);
	g_autofree char *digest = g_compute_checksum_for_data(G_CHECKSUM_SHA256, data, 100);
	GHashTableIter iter;
	bool found = false;
	void *key, *value;

	g_assert_true(rig_has(rig->unread, ".: an extent points outside"));
	g_hash_table_iter_init(&iter, rig->items);
	while (g_hash_table_iter_next(&iter, &key, &value))
		found |= g_strcmp0(((RigItem *)value)->digest, digest) == 0 &&
			 g_str_has_suffix(key, "/b/deep");
	g_assert_true(found);
}

/* Two files with the same blocks, and blocks claimed again and again: the work
 * stays bounded by the volume's size. */
static void test_claims(void)
{
	g_autoptr(Rig) rig = NULL;
	g_autoptr(GString) commands = g_string_new(NULL);
	uint64_t emitted = 0;

	for (unsigned i = 1; i <= 100; i++)
		g_string_append_printf(commands,
				       "sif /a/b/some-longer-file-name-%u size 16000000\\n"
				       "sif /a/b/some-longer-file-name-%u block[1] 0x00000004\\n"
				       "sif /a/b/some-longer-file-name-%u block[0] 0x0001f30a\\n"
				       "sif /a/b/some-longer-file-name-%u block[4] 15000\\n"
				       "sif /a/b/some-longer-file-name-%u block[5] 3000\\n",
				       i, i, i, i, i);
	rig_sh("cp base.img edit.img; printf '%s' >edit.cmd\n"
	       "debugfs -w -f edit.cmd edit.img >/dev/null 2>&1",
	       commands->str);
	g_autoptr(IvSource) source = rig_source("edit.img");
	rig = rig_walk_source(source);
	g_assert_true(rig_has(rig->unread, "its blocks belong to another file as well"));
	for (guint i = 0; i < rig->runs->len; i++)
		emitted += g_array_index(rig->runs, IvExtent, i).length;
	g_assert_cmpuint(emitted, >=, source->size);
	g_assert_cmpuint(emitted, <=, 3 * source->size);
}

/* A directory entry with a slash, a bad length, a name without end. */
static void test_names(void)
{
	g_auto(Image) image = load("base.img");
	uint8_t *at = memmem(image.data, image.size, "some-longer-file-name-50", 24);

	g_assert_nonnull(at);
	at[4] = '/';
	g_autoptr(Rig) slash = walk_bytes(&image, image.size);
	g_assert_true(rig_has(slash->unread, "a/b/<impossible name, inode"));
	g_assert_true(rig_has(slash->unread, "a/b: a block of the directory has a wrong checksum"));
	rig_get(slash, "a/b/some-longer-file-name-51");
	at[-4] = 3; /* rec_len */
	g_autoptr(Rig) length = walk_bytes(&image, image.size);
	g_assert_true(rig_has(length->unread, "a/b: a block of the directory is damaged"));
	/* What has lost its name is still searched. */
	g_assert_true(rig_has(length->notes, "have no name"));
	rig_assert_cover(length, image.size);
}

static void test_inode_checksum(void)
{
	g_auto(Image) image = load("base.img");
	g_autofree char *number = NULL;
	g_autofree char *path = g_build_filename(rig_dir, "where", NULL);
	guint64 block, offset;

	rig_sh("debugfs -R 'imap /a/file' base.img 2>/dev/null | "
	       "sed -n 's/.*located at block \\([0-9]*\\), offset 0x\\(.*\\)/\\1 \\2/p' >where");
	g_assert_true(g_file_get_contents(path, &number, NULL, NULL));
	block = g_ascii_strtoull(number, NULL, 10);
	offset = g_ascii_strtoull(strchr(number, ' '), NULL, 16);
	image.data[block * BLOCK + offset + 8] ^= 0x55; /* the time of the last access */
	g_autoptr(Rig) rig = walk_bytes(&image, image.size);
	g_assert_true(rig_has(rig->unread, "a/file: its inode has a wrong checksum"));
	g_assert_cmpuint(rig->unread->len, ==, 1);
	assert_base(rig);
}

/* --- a campaign ------------------------------------------------------------------------ */

static uint64_t random_next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* Change a place near something that is not zero: there the metadata is. */
static void mutate(Image *image, uint64_t *state, size_t used)
{
	static const uint32_t wild[] = {0, 1, 0xffffffff, 0x7fffffff, 0x80000000, 0xffff, 0x8000};
	size_t at = random_next(state) % (used - 4096);

	for (unsigned tries = 0; tries < 64 && image->data[at] == 0; tries++)
		at = random_next(state) % (used - 4096);
	switch (random_next(state) % 5) {
	case 0:
		image->data[at] ^= (uint8_t)(1u << random_next(state) % 8);
		break;
	case 1:
		image->data[at] = (uint8_t)random_next(state);
		break;
	case 2:
		memcpy(image->data + (at & ~(size_t)3),
		       &wild[random_next(state) % G_N_ELEMENTS(wild)], 4);
		break;
	case 3:
		memset(image->data + at, 0, 1 + random_next(state) % 512);
		break;
	default: /* one piece of metadata in another one's place */
		memcpy(image->data + at / 64 * 64,
		       image->data + random_next(state) % (used - 4096) / 64 * 64, 64);
	}
}

static void campaign(const char *name, unsigned seeds)
{
	g_auto(Image) clean = load(name);
	g_auto(Image) image = load(name);

	for (unsigned seed = 1; seed <= seeds; seed++) {
		uint64_t state = seed * UINT64_C(0x9e3779b97f4a7c15);
		gint64 began = g_get_monotonic_time();
		g_autoptr(GError) error = NULL;
		g_autoptr(Rig) rig = rig_new();

		memcpy(image.data, clean.data, clean.size);
		for (unsigned n = 1 + seed % 20; n > 0; n--)
			mutate(&image, &state, clean.size);
		g_autoptr(GBytes) bytes = g_bytes_new_static(image.data, image.size);
		g_autoptr(IvSource) source = iv_memory_new(bytes);
		rig->light = true;
		if (!iv_fs_ext.walk(source, &rig_sink, rig, &error))
			g_assert_nonnull(error);
		g_assert_cmpint(g_get_monotonic_time() - began, <, 10 * G_USEC_PER_SEC);
	}
}

static void test_campaign(void)
{
	const char *more = g_getenv("IMGVET_EXT_SEEDS");
	unsigned seeds = more != NULL ? (unsigned)g_ascii_strtoull(more, NULL, 10) : 150;

	rig_sh("mkdir -p c/d/e; for i in $(seq 40); do echo some content $i >c/d/name-$i; done\n"
	       "head -c 70000 /dev/zero | tr '\\0' q >c/d/e/big; ln -s x c/l; ln c/d/e/big c/hard\n"
	       "for n in '-t ext4 -O inline_data,ea_inode' '-t ext2' '-t ext4 -O bigalloc' "
	       "'-t ext4 -O ^metadata_csum,inline_data,meta_bg,^resize_inode'; do\n"
	       "i=$((i+1)); rm -f c$i.img; truncate -s 2M c$i.img\n"
	       "mke2fs -q -F -b 1024 -N 128 $n -d c c$i.img >/dev/null 2>&1\n"
	       "printf 'ea_set /d user.a b\\nea_set -f c/d/e/big /l user.big\\n"
	       "ea_set /d/name-3 security.selinux unconfined\\n' | "
	       "debugfs -w -f - c$i.img >/dev/null 2>&1; mv c$i.img c_$((i-40)).img; done");
	for (unsigned i = 1; i <= 4; i++) {
		g_autofree char *name = g_strdup_printf("c_%u.img", i);

		campaign(name, seeds);
	}
}

int main(int argc, char **argv)
{
	int result;

	g_test_init(&argc, &argv, NULL);
	rig_setup();
	make_base();
	g_test_add_func("/ext-damage/copies-differ", test_copies_differ);
	g_test_add_func("/ext-damage/copies-cut", test_copies_cut);
	g_test_add_func("/ext-damage/super-backup", test_super_backup);
	g_test_add_func("/ext-damage/super-fields", test_super_fields);
	g_test_add_func("/ext-damage/super-lost", test_super_lost);
	g_test_add_func("/ext-damage/features", test_features);
	g_test_add_func("/ext-damage/probe", test_probe);
	g_test_add_func("/ext-damage/truncated", test_truncated);
	g_test_add_func("/ext-damage/edits", test_edits);
	g_test_add_func("/ext-damage/root-lost", test_root_lost);
	g_test_add_func("/ext-damage/claims", test_claims);
	g_test_add_func("/ext-damage/names", test_names);
	g_test_add_func("/ext-damage/inode-checksum", test_inode_checksum);
	g_test_add_func("/ext-damage/campaign", test_campaign);
	result = g_test_run();
	rig_teardown();
	return result;
}
