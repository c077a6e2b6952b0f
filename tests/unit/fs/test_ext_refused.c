/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_ext_refused.c - what Linux refuses to open or read is searched as far as it goes, and never
 * called complete: the file may hold something else than what we took for its content.
 */
#include "tests/unit/fs/ext_rig.h"

/* A file of ten pieces (an extent tree of two levels), one with an attribute in an inode of its
 * own, one with small attributes, one in the inode itself; nothing has checksums. */
static void make_base(void)
{
	rig_sh("mkdir t; for i in 0 2 4 6 8 10 12 14 16 18; do\n"
	       "printf 'piece' | dd of=t/pieces bs=4096 seek=$i conv=notrunc 2>/dev/null; done\n"
	       "echo content >t/large; echo content >t/small; seq 1000 >t/plain; seq 30 >t/inline\n"
	       "truncate -s 16M base.img; head -c 4096 /dev/zero | tr '\\0' v >v4096\n"
	       "mke2fs -q -F -t ext4 -b 4096 -I 256 -O ea_inode,inline_data,^metadata_csum "
	       "-d t base.img\n"
	       "cat >base.cmd <<E\nea_set -f v4096 /large user.long\nea_set /small user.one first\n"
	       "ea_set /small user.two second\nE\n"
	       "debugfs -w -f base.cmd base.img 2>/dev/null\n"
	       "debugfs -R 'ls -r /' base.img >/dev/null 2>&1");
}

/* The number of the inode that holds the long value: the only one with the flag EA_INODE. */
static unsigned value_inode(void)
{
	g_autofree char *path = g_build_filename(rig_dir, "number", NULL), *text = NULL;

	rig_sh("for i in $(seq 11 40); do debugfs -R \"stat <$i>\" base.img 2>/dev/null |\n"
	       "grep -q 'Flags: 0x2' && echo $i >number && break; done");
	g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
	return (unsigned)g_ascii_strtoull(text, NULL, 10);
}

static Rig *walk_edited(const char *commands)
{
	rig_sh("cp base.img edit.img; printf '%s' >edit.cmd\n"
	       "debugfs -w -f edit.cmd edit.img >/dev/null 2>&1; ! cmp -s base.img edit.img",
	       commands);
	return rig_walk("edit.img");
}

static void test_base(void)
{
	g_autoptr(Rig) rig = rig_walk("base.img");

	rig_assert_none(rig->unread);
	g_assert_cmpuint(rig_get(rig, "large @user.long")->size, ==, 4096);
	g_assert_cmpuint(rig_get(rig, "small @user.two")->size, ==, 6);
	g_assert_nonnull(rig_get(rig, "inline")->item->bytes);
}

static void test_edits(void)
{
	unsigned number = value_inode();
	g_autofree char *named = g_strdup_printf("link <%u> /named\\n", number);
	g_autofree char *longer = g_strdup_printf("sif <%u> size 8000\\n", number);
	const struct {
		const char *commands, *unread, *kept;
	} edits[] = {
		/* The kernel takes the content from the extents, we from the inode. */
		{"sif /plain flags 0x10080000\\n", "plain: its content in the inode is damaged",
		 "plain"},
		{"sif /pieces block[3] 1\\n", "pieces: a block of its extent tree does not begin",
		 "pieces"},
		{named, "named: the name stands for the value of an extended attribute", "plain"},
		{longer, "large: the inode with an extended attribute's value has another size",
		 "large @user.long"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(edits); i++) {
		g_autoptr(Rig) rig = walk_edited(edits[i].commands);

		g_test_message("%s", edits[i].commands);
		g_assert_true(rig_has(rig->unread, edits[i].unread));
		rig_get(rig, edits[i].kept);
	}
}

/* The value of an attribute lies over the names of the others. */
static void test_overlap(void)
{
	size_t size;
	g_autofree uint8_t *image = rig_load("base.img", &size);
	uint8_t *name = memmem(image, size, "\3\1", 2), *end = image + size;

	while (name != NULL && memcmp(name + 16, "two", 3) != 0)
		name = memmem(name + 1, (size_t)(end - name - 1), "\3\1", 2);
	g_assert_nonnull(name);
	for (unsigned offset = 0; offset < 48; offset += 4) {
		g_autoptr(GBytes) bytes = NULL;
		g_autoptr(IvSource) source = NULL;
		g_autoptr(Rig) rig = NULL;

		name[2] = (uint8_t)offset;
		name[3] = 0;
		bytes = g_bytes_new(image, size);
		source = iv_memory_new(bytes);
		rig = rig_walk_source(source);
		g_assert_true(rig_has(rig->unread, "small: its extended attributes are damaged"));
	}
}

int main(int argc, char **argv)
{
	int status;

	g_test_init(&argc, &argv, NULL);
	rig_setup();
	make_base();
	g_test_add_func("/ext-refused/base", test_base);
	g_test_add_func("/ext-refused/edits", test_edits);
	g_test_add_func("/ext-refused/overlap", test_overlap);
	status = g_test_run();
	rig_teardown();
	return status;
}
