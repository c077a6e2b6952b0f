/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_ext.c - the ext reader on sound file systems of every make */
#include <unistd.h>

#include "tests/unit/fs/ext_rig.h"

/* Under tree/: enough for inline data, block maps of every depth, slack. */
static const struct {
	const char *path;
	unsigned seed;
	size_t size;
} files[] = {
	{"empty", 0, 0},
	{"tiny", 1, 30},
	{"inline-edge", 2, 60},
	{"inline-more", 3, 120},
	{"one-block", 4, 4096},
	{"slack", 5, 5000},
	{"etc/ssh/key", 6, 411},
	{"etc/deep/er/and/deeper/file", 7, 9},
	{"blocks/indirect", 8, 80 << 10},
	{"blocks/double", 9, 5 << 20},
	{"name with \xff\xfe bytes", 10, 77},
	{"\xc3\xa9t\xc3\xa9", 11, 78},
};

#define LONG_TARGET                                                                                \
	"a/target/that/is/longer/than/the/sixty/bytes/which/fit/into/the/map/of/an/inode/indeed"

static void make_tree(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
		g_autofree char *path = g_strconcat("tree/", files[i].path, NULL);

		rig_write(path, files[i].seed, files[i].size);
	}
	rig_sh("ln -s /etc/passwd tree/short-link; ln -s " LONG_TARGET " tree/long-link\n"
	       "ln tree/slack tree/etc/second-name; ln tree/slack tree/zz-third-name\n"
	       "mkdir tree/many; cd tree/many; for i in $(seq 300); do : >file-number-$i; done\n"
	       "cd ..; printf END | dd of=sparse bs=1 seek=4831838208 2>/dev/null\n"
	       "printf BEGIN | dd of=sparse conv=notrunc 2>/dev/null; mkfifo fifo");
}

static void assert_tree(Rig *rig)
{
	const char *const names[] = {"slack", "etc/second-name", "zz-third-name"};
	char text[8] = {0};
	unsigned firsts = 0;
	RigItem *item;

	for (size_t i = 0; i < G_N_ELEMENTS(files); i++)
		rig_assert_content(rig, files[i].path, files[i].seed, files[i].size);
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		rig_assert_content(rig, names[i], 5, 5000);
		item = rig_get(rig, names[i]);
		firsts += item->link_of == NULL;
		g_assert_true(item->link_of == NULL ||
			      g_hash_table_contains(rig->items, item->link_of));
	}
	g_assert_cmpuint(firsts, ==, 1);
	item = rig_get(rig, "short-link");
	g_assert_cmpint(item->kind, ==, IV_ITEM_SYMLINK);
	g_assert_cmpuint(item->size, ==, 11);
	g_assert_true(iv_item_read(item->item, 0, text, 4, NULL));
	g_assert_cmpstr(text, ==, "/etc");
	item = rig_get(rig, "long-link");
	g_assert_cmpint(item->kind, ==, IV_ITEM_SYMLINK);
	g_assert_cmpuint(item->size, ==, strlen(LONG_TARGET));
	rig_get(rig, "many/file-number-300");
	g_assert_false(g_hash_table_contains(rig->items, "fifo"));
	item = rig_get(rig, "sparse");
	g_assert_cmpuint(item->size, ==, UINT64_C(4831838208) + 3);
	g_assert_cmpuint(item->stored, <, 1 << 20);
	memset(text, 0, sizeof(text));
	g_assert_true(iv_item_read(item->item, item->size - 3, text, 3, NULL));
	g_assert_cmpstr(text, ==, "END");
	g_assert_true(iv_item_read(item->item, 0, text, 6, NULL));
	g_assert_cmpstr(text, ==, "BEGIN");
	g_assert_cmpuint(g_hash_table_size(rig->items), >=, G_N_ELEMENTS(files) + 300 + 5);
}

static const struct {
	const char *name, *options;
} makes[] = {
	{"ext2", "-t ext2"},
	{"ext2-1k", "-t ext2 -b 1024"},
	{"ext2-old-inodes", "-t ext2 -b 1024 -I 128"},
	{"ext3", "-t ext3 -b 1024"},
	{"ext4", "-t ext4"},
	{"ext4-1k", "-t ext4 -b 1024"},
	{"ext4-2k", "-t ext4 -b 2048"},
	{"ext4-64k", "-t ext4 -b 65536"},
	{"ext4-64bit", "-t ext4 -O 64bit,metadata_csum,metadata_csum_seed"},
	{"ext4-32bit", "-t ext4 -O ^64bit,^metadata_csum"},
	{"ext4-uninit", "-t ext4 -O ^metadata_csum,uninit_bg"},
	{"ext4-inline", "-t ext4 -O inline_data"},
	{"ext4-inline-big", "-t ext4 -O inline_data -I 1024"},
	{"ext4-bigalloc", "-t ext4 -O bigalloc -C 16384"},
	{"ext4-bigalloc-1k", "-t ext4 -b 1024 -O bigalloc -C 8192"},
	{"ext4-meta-bg", "-t ext4 -b 1024 -O meta_bg,^resize_inode"},
	{"ext4-no-flex", "-t ext4 -b 1024 -O ^flex_bg"},
	{"ext4-sparse2", "-t ext4 -b 1024 -O sparse_super2"},
	{"ext4-no-journal", "-t ext4 -O ^has_journal"},
	{"ext4-casefold", "-t ext4 -O casefold -E encoding=utf8"},
	{"ext4-orphan-file", "-t ext4 -O orphan_file"},
	{"ext4-quota", "-t ext4 -O quota,project -I 256"},
	{"ext4-largedir", "-t ext4 -O large_dir,ea_inode,verity,encrypt"},
	{"ext4-mmp", "-t ext4 -O mmp"},
};

static void test_make(const void *data)
{
	const size_t i = GPOINTER_TO_SIZE(data);

	/* The size is no multiple of the block: there is a tail behind the blocks. */
	rig_sh("rm -f make.img; truncate -s 48M make.img; truncate -s +1536 make.img\n"
	       "mke2fs -q -F %s -d tree make.img",
	       makes[i].options);
	g_autoptr(Rig) rig = rig_walk("make.img");
	rig_assert_none(rig->unread);
	assert_tree(rig);
	/* The same again: the order and the items are the same. */
	g_autoptr(Rig) again = rig_walk("make.img");
	g_assert_cmpuint(again->count, ==, rig->count);
}

/* A search of all free space (or metadata): is the text in one of its runs? */
static bool rest_holds(Rig *rig, IvItemKind kind, const char *text)
{
	for (guint i = 0; i < rig->rest->len; i++) {
		IvItem *item = rig->rest->pdata[i];
		uint64_t off = 0, len;

		while (item->kind == kind &&
		       (iv_item_next_data(item, off, IV_HOLE_SKIP, &off, &len), len > 0)) {
			g_autofree char *buf = g_malloc(len);

			g_assert_true(iv_item_read(item, off, buf, len, NULL));
			if (memmem(buf, len, text, strlen(text)) != NULL)
				return true;
			off += len;
		}
	}
	return false;
}

static void test_slack(void)
{
	char text[32] = {0};
	RigItem *item;

	/* A file is written full, then cut: the rest of its block stays. */
	rig_sh("rm -f s.img; truncate -s 8M s.img; mkdir -p s; rm -rf s/*\n"
	       "yes SLACK-BYTES | head -c 4096 >s/cut; yes GONE-BYTES | head -c 40960 >s/gone\n"
	       "mke2fs -q -F -t ext4 -b 4096 -d s s.img\n"
	       "debugfs -w -R 'set_inode_field /cut size 1200' s.img 2>/dev/null\n"
	       "debugfs -w -R 'rm /gone' s.img 2>/dev/null");
	g_autoptr(Rig) rig = rig_walk("s.img");
	rig_assert_none(rig->unread);
	item = rig_get(rig, "cut");
	g_assert_cmpuint(item->size, ==, 1200);
	g_assert_cmpuint(item->slack, ==, 4096 - 1200);
	g_assert_true(iv_item_read(item->item, 1200, text, 12, NULL));
	g_assert_cmpstr(text, ==, "SLACK-BYTES\n");
	g_assert_true(rest_holds(rig, IV_ITEM_FREE, "GONE-BYTES\nGONE"));
	g_assert_false(rest_holds(rig, IV_ITEM_META, "GONE-BYTES\nGONE"));
}

static void test_unwritten(void)
{
	RigItem *item;
	char zeros[4096] = {0}, text[4096];

	/* Allocated, never written: zeros to the file, old bytes to the disk. */
	rig_sh("yes OLD-BYTES-BELOW | head -c 8388608 >u.img; mkdir -p u; echo x >u/file\n"
	       "mke2fs -q -F -t ext4 -b 4096 -E nodiscard -d u u.img\n"
	       "debugfs -w -R 'fallocate /file 1 40' u.img 2>/dev/null\n"
	       "debugfs -w -R 'set_inode_field /file size 81920' u.img 2>/dev/null\n"
	       "debugfs -R 'ex /file' u.img 2>/dev/null | grep -q Uninit");
	g_autoptr(Rig) rig = rig_walk("u.img");
	rig_assert_none(rig->unread);
	item = rig_get(rig, "file");
	g_assert_cmpuint(item->size, ==, 81920);
	g_assert_cmpuint(item->stored, ==, 4096);
	g_assert_true(iv_item_read(item->item, 8192, text, 4096, NULL));
	g_assert_cmpmem(text, 4096, zeros, 4096);
	g_assert_true(rest_holds(rig, IV_ITEM_FREE, "OLD-BYTES-BELOW"));
}

static void test_xattr(void)
{
	g_autofree char *value = g_strnfill(300, 'v'), *big = g_strnfill(4096, 'w');
	RigItem *item;

	rig_sh("rm -f x.img; truncate -s 16M x.img; mkdir -p x; echo one >x/a; echo two >x/b\n"
	       "printf %s >v300; printf %s >v4096\n"
	       "mke2fs -q -F -t ext4 -b 4096 -O ea_inode -d x x.img\n"
	       "cat >x.cmd <<E\nea_set /a user.small tiny\nea_set -f v300 /a security.middle\n"
	       "ea_set -f v4096 /a user.large\nea_set -f v4096 /b user.same\n"
	       "ea_set /b trusted.t x\nea_set / user.root y\nE\n"
	       "debugfs -w -f x.cmd x.img 2>/dev/null",
	       value, big);
	g_autoptr(Rig) rig = rig_walk("x.img");
	rig_assert_none(rig->unread);
	item = rig_get(rig, "a @user.small");
	g_assert_cmpint(item->kind, ==, IV_ITEM_XATTR);
	g_assert_cmpuint(item->size, ==, 4);
	item = rig_get(rig, "a @security.middle");
	g_assert_cmpuint(item->size, ==, 300);
	item = rig_get(rig, "a @user.large");
	g_assert_cmpuint(item->size, ==, 4096);
	g_autofree char *digest =
		g_compute_checksum_for_data(G_CHECKSUM_SHA256, (guchar *)big, 4096);
	g_assert_cmpstr(item->digest, ==, digest);
	g_assert_cmpstr(rig_get(rig, "b @user.same")->digest, ==, digest);
	rig_get(rig, "b @trusted.t");
	rig_get(rig, ". @user.root");
}

/* A block of attributes that three files have, one of them under two names; `owners` is
 * what the block says of them. */
static Rig *walk_shared_block(unsigned owners)
{
	g_autofree char *value = g_strnfill(2000, 'v');

	rig_sh("rm -rf y.img y; truncate -s 16M y.img; mkdir y; for n in a b c; do echo $n >y/$n; done\n"
	       "ln y/c y/d; printf %s >v2000\n"
	       "mke2fs -q -F -t ext4 -b 4096 -O ^metadata_csum -d y y.img\n"
	       "debugfs -w -R 'ea_set -f v2000 /a user.note' y.img 2>/dev/null\n"
	       "n=$(debugfs -R 'stat /a' y.img 2>/dev/null | sed -n 's/.*File ACL: \\([0-9]*\\).*/\\1/p')\n"
	       "test $n -gt 0; for f in b c; do "
	       "debugfs -w -R \"sif /$f file_acl $n\" y.img 2>/dev/null; done\n"
	       "printf '\\%03o' | dd of=y.img bs=1 seek=$((n * 4096 + 4)) conv=notrunc 2>/dev/null",
	       value, owners);
	return rig_walk("y.img");
}

/* It is parsed once, and belongs to each file under each name: with one number. */
static void test_shared_block(void)
{
	g_autoptr(Rig) rig = walk_shared_block(3);
	static const char *const owners[] = {"a", "b", "c", "d"};
	unsigned firsts = 0;
	uint64_t share = 0;

	rig_assert_none(rig->unread);
	for (guint i = 0; i < G_N_ELEMENTS(owners); i++) {
		g_autofree char *key = g_strconcat(owners[i], " @user.note", NULL);
		const RigItem *item = rig_get(rig, key);

		g_assert_cmpuint(item->size, ==, 2000);
		share = share != 0 ? share : item->item->share;
		g_assert_cmpuint(item->item->share, ==, share);
		firsts += item->link_of == NULL;
		g_assert_cmpint(item->link_of == NULL, ==, item->item->more > 0);
	}
	g_assert_cmpuint(share, !=, 0);
	g_assert_cmpuint(firsts, ==, 1);
}

/* It says that it belongs to one file: parsed once all the same, and damage. */
static void test_shared_block_denied(void)
{
	g_autoptr(Rig) rig = walk_shared_block(1);

	g_assert_true(rig_has(rig->unread, "belongs to another file as well"));
	g_assert_cmpuint(rig_get(rig, "a @user.note")->size, ==, 2000);
}

/* Values that overlap are damage; all of them have no more bytes than their block. */
static void test_overlap(void)
{
	g_autofree uint8_t *image = NULL;
	uint64_t all = 0, block;
	GHashTableIter iter;
	size_t size;
	void *item;

	g_autoptr(Rig) plain = walk_shared_block(1);
	g_assert_nonnull(plain);
	image = rig_load("y.img", &size);
	for (block = 0; block < size / 4096; block++)
		if (memcmp(image + block * 4096, "\0\0\002\352", 4) == 0)
			break;
	g_assert_cmpuint(block, <, size / 4096);
	for (unsigned i = 0; i < 100; i++) {
		/* name length, index, value offset, inode, size, hash, name: see ext_xattr.c */
		uint8_t entry[] = {4, 1, 0, 12, 0, 0, 0, 0, 0xe8, 3, 0, 0, 0, 0, 0, 0, 'n', 'n', 0, 0};

		entry[18] = (uint8_t)('a' + i / 10);
		entry[19] = (uint8_t)('a' + i % 10);
		memcpy(image + block * 4096 + 32 + i * sizeof(entry), entry, sizeof(entry));
	}
	g_autoptr(GBytes) bytes = g_bytes_new(image, size);
	g_autoptr(IvSource) source = iv_memory_new(bytes);
	g_autoptr(Rig) rig = rig_walk_source(source);
	g_assert_true(rig_has(rig->unread, "a: the block with its extended attributes is damaged"));
	g_hash_table_iter_init(&iter, rig->items);
	while (g_hash_table_iter_next(&iter, NULL, &item))
		if (((RigItem *)item)->kind == IV_ITEM_XATTR)
			all += ((RigItem *)item)->size;
	g_assert_cmpuint(all, >, 0);
	g_assert_cmpuint(all, <=, 4096);
}

static void test_orphan(void)
{
	rig_sh("rm -f o.img; truncate -s 8M o.img; mkdir -p o/d/e; echo inside >o/d/e/f\n"
	       "echo nameless >o/n; echo deleted-open >o/p\n"
	       "mke2fs -q -F -t ext4 -d o o.img\n"
	       "cat >o.cmd <<E\nunlink /n\nset_inode_field /p links_count 0\nunlink /p\n"
	       "unlink /d\nE\n"
	       "debugfs -w -f o.cmd o.img 2>/dev/null");
	g_autoptr(Rig) rig = rig_walk("o.img");
	GHashTableIter iter;
	unsigned nameless = 0, inside = 0;
	void *key;

	rig_assert_none(rig->unread);
	g_assert_true(rig_has(rig->notes, "have no name"));
	g_hash_table_iter_init(&iter, rig->items);
	while (g_hash_table_iter_next(&iter, &key, NULL)) {
		nameless += g_str_has_prefix(key, "<orphan inode ") && g_str_has_suffix(key, ">");
		inside += g_str_has_prefix(key, "<orphan inode ") && g_str_has_suffix(key, ">/e/f");
	}
	g_assert_cmpuint(nameless, ==, 2);
	g_assert_cmpuint(inside, ==, 1);
}

static void test_encrypted(void)
{
	rig_sh("rm -f e.img; truncate -s 8M e.img; mkdir -p e/vault; echo cipher >e/vault/f\n"
	       "echo plain >e/open; mke2fs -q -F -t ext4 -O encrypt -d e e.img\n"
	       "cat >e.cmd <<E\nset_inode_field /vault/f flags 0x80800\n"
	       "set_inode_field /vault flags 0x80800\nE\n"
	       "debugfs -w -f e.cmd e.img 2>/dev/null");
	g_autoptr(Rig) rig = rig_walk("e.img");
	g_assert_true(rig_has(rig->unread, "vault: the directory is encrypted"));
	g_assert_true(rig_has(rig->unread, "vault/<encrypted name, inode"));
	g_assert_cmpuint(rig->unread->len, ==, 2);
	rig_get(rig, "open");
	g_assert_cmpuint(g_hash_table_size(rig->items), ==, 1);
	g_assert_true(rest_holds(rig, IV_ITEM_META, "cipher"));
}

static void test_journal(void)
{
	g_autofree uint8_t *image = NULL;
	size_t size;

	rig_sh("rm -f j.img; truncate -s 16M j.img; mkdir -p j; echo x >j/f\n"
	       "mke2fs -q -F -t ext4 -d j j.img; cp j.img k.img\n"
	       "debugfs -w -R 'feature needs_recovery' j.img 2>/dev/null\n"
	       "debugfs -w -R 'ssv state 2' k.img 2>/dev/null");
	g_autoptr(Rig) rig = rig_walk("j.img");
	g_assert_true(rig_has(rig->unread, "-: the journal was not replayed"));
	rig_get(rig, "f");
	g_autoptr(Rig) marked = rig_walk("k.img");
	rig_assert_none(marked->unread);
	g_assert_true(rig_has(marked->notes, "errors"));

	/* The flag is lost, but the journal itself says that it is in use. */
	image = rig_load("k.img", &size);
	for (size_t i = 0; i + 32 < size; i += 1024)
		if (memcmp(image + i, "\xc0\x3b\x39\x98", 4) == 0 && image[i + 7] == 4)
			image[i + 31] = 7;
	g_autoptr(GBytes) bytes = g_bytes_new(image, size);
	g_autoptr(IvSource) source = iv_memory_new(bytes);
	g_autoptr(Rig) dirty = rig_walk_source(source);
	g_assert_true(rig_has(dirty->unread, "-: the journal was not replayed"));
}

#define LARGE_NAMES 100000u
#define LARGE_BLOCK 4096u

/* The blocks of a directory with 100 000 names, in turn for four inodes. */
static GByteArray *large_directory(const unsigned inodes[4])
{
	GByteArray *blocks = g_byte_array_new();
	size_t last = 0;

	for (unsigned i = 1; i <= LARGE_NAMES; i++) {
		g_autofree char *name = g_strdup_printf("entry-number-%06u", i);
		uint32_t inode = inodes[i % 4];
		uint8_t entry[28] = {0};
		size_t left = LARGE_BLOCK - blocks->len % LARGE_BLOCK;

		memcpy(entry, &inode, 4); /* little-endian, as this machine */
		entry[4] = sizeof(entry);
		entry[6] = (uint8_t)strlen(name);
		memcpy(entry + 8, name, strlen(name));
		if (left < sizeof(entry)) { /* the last entry of a block fills it */
			g_byte_array_set_size(blocks, (guint)(blocks->len + left));
			blocks->data[last + 4] = (uint8_t)(sizeof(entry) + left);
		}
		last = blocks->len;
		g_byte_array_append(blocks, entry, sizeof(entry));
	}
	last += 4;
	uint16_t rest = (uint16_t)(LARGE_BLOCK - (last - 4) % LARGE_BLOCK);
	memcpy(blocks->data + last, &rest, 2);
	last = blocks->len;
	g_byte_array_set_size(blocks, (last + LARGE_BLOCK - 1) / LARGE_BLOCK * LARGE_BLOCK);
	memset(blocks->data + last, 0, blocks->len - last);
	return blocks;
}

static void test_large_directory(void)
{
	static const unsigned inodes[] = {12, 13, 14, 15}; /* the first after lost+found */
	g_autoptr(GByteArray) blocks = large_directory(inodes);
	g_autofree char *path = g_build_filename(rig_dir, "large.dir", NULL);
	gint64 began;

	g_assert_true(g_file_set_contents(path, (char *)blocks->data, blocks->len, NULL));
	rig_sh("rm -f l.img; truncate -s 16M l.img; mkdir -p l\n"
	       "mke2fs -q -F -t ext4 -b 4096 -O ^metadata_csum l.img; echo 1 >l/1\n"
	       "{ for i in 0 1 2 3; do echo write l/1 t$i; echo sif /t$i links_count 30000; done\n"
	       "echo write large.dir d; echo sif /d mode 040755; } >l.cmd\n"
	       "debugfs -w -f l.cmd l.img 2>/dev/null");
	began = g_get_monotonic_time();
	g_autoptr(Rig) rig = rig_walk("l.img");
	g_test_message("%" G_GINT64_FORMAT " ms", (g_get_monotonic_time() - began) / 1000);
	rig_assert_none(rig->unread);
	g_assert_cmpuint(g_hash_table_size(rig->items), ==, LARGE_NAMES + 4);
	rig_get(rig, "d/entry-number-000001");
	rig_get(rig, "d/entry-number-100000");
}

static void test_stop(void)
{
	rig_sh("rm -f stop.img; truncate -s 48M stop.img; mke2fs -q -F -d tree stop.img");
	g_autoptr(IvSource) source = rig_source("stop.img");

	for (unsigned n = 1; n < 300; n += 7) {
		g_autoptr(Rig) rig = rig_new();
		g_autoptr(GError) error = NULL;

		rig->stop_after = n;
		g_assert_false(iv_fs_ext.walk(source, &rig_sink, rig, &error));
		g_assert_error(error, IV_ERROR, IV_ERROR_LIMIT);
		g_assert_cmpuint(rig->count, ==, n);
	}
}

int main(int argc, char **argv)
{
	int result;

	g_test_init(&argc, &argv, NULL);
	rig_setup();
	make_tree();
	for (size_t i = 0; i < G_N_ELEMENTS(makes); i++) {
		g_autofree char *name = g_strconcat("/ext/make/", makes[i].name, NULL);

		g_test_add_data_func(name, GSIZE_TO_POINTER(i), test_make);
	}
	g_test_add_func("/ext/stop", test_stop);
	g_test_add_func("/ext/slack", test_slack);
	g_test_add_func("/ext/unwritten", test_unwritten);
	g_test_add_func("/ext/xattr", test_xattr);
	g_test_add_func("/ext/shared-block", test_shared_block);
	g_test_add_func("/ext/shared-block-denied", test_shared_block_denied);
	g_test_add_func("/ext/attribute-overlap", test_overlap);
	g_test_add_func("/ext/orphan", test_orphan);
	g_test_add_func("/ext/encrypted", test_encrypted);
	g_test_add_func("/ext/journal", test_journal);
	g_test_add_func("/ext/large-directory", test_large_directory);
	result = g_test_run();
	rig_teardown();
	return result;
}
