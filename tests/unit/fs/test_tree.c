/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tree reader on real directories of the host. */
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "scanner/base/error.h"
#include "scanner/base/skip.h"
#include "scanner/fs/fs.h"

/* What a walk said: a line per item ("kind path[#detail] size[ =link_of]"), and the items. */
typedef struct {
	GPtrArray *lines, *items, *unread, *notes;
	guint stop_after; /* items; 0: never */
} Log;

static bool log_item(void *user, IvItem *item, GError **error)
{
	Log *log = user;

	g_ptr_array_add(log->lines,
			g_strdup_printf("%s %s%s%s %" G_GUINT64_FORMAT "%s%s",
					iv_item_kind_name(item->kind), item->path,
					item->detail ? "#" : "", item->detail ? item->detail : "",
					item->size, item->link_of ? " =" : "",
					item->link_of ? item->link_of : ""));
	g_ptr_array_add(log->items, iv_item_ref(item));
	if (log->stop_after != 0 && log->items->len == log->stop_after)
		return iv_fail(error, IV_ERROR_LIMIT, "enough");
	return true;
}

static void log_unread(void *user, const char *path, uint64_t bytes, const char *reason)
{
	g_ptr_array_add(((Log *)user)->unread,
			g_strdup_printf("%s %" G_GUINT64_FORMAT " %s", path ? path : "-", bytes,
					reason));
}

static void log_note(void *user, const char *text)
{
	g_ptr_array_add(((Log *)user)->notes, g_strdup(text));
}

static const IvFsSink sink = {log_item, log_unread, log_note};

static Log *log_new(void)
{
	Log *log = g_new0(Log, 1);

	log->lines = g_ptr_array_new_with_free_func(g_free);
	log->items = g_ptr_array_new_with_free_func((GDestroyNotify)iv_item_unref);
	log->unread = g_ptr_array_new_with_free_func(g_free);
	log->notes = g_ptr_array_new_with_free_func(g_free);
	return log;
}

static void log_free(Log *log)
{
	g_ptr_array_unref(log->lines);
	g_ptr_array_unref(log->items);
	g_ptr_array_unref(log->unread);
	g_ptr_array_unref(log->notes);
	g_free(log);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Log, log_free)

static char *top;

static char *at(const char *name)
{
	return g_build_filename(top, name, NULL);
}

static void put(const char *name, const char *text)
{
	g_autofree char *path = at(name);
	g_autofree char *dir = g_path_get_dirname(path);

	g_assert_cmpint(g_mkdir_with_parents(dir, 0755), ==, 0);
	g_assert_true(g_file_set_contents(path, text, -1, NULL));
}

static void begin(void)
{
	top = g_dir_make_tmp("imgvet-tree-XXXXXX", NULL);
	g_assert_nonnull(top);
}

static void end(void)
{
	const char *argv[] = {"rm", "-rf", top, NULL};

	g_assert_true(g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL,
				   NULL, NULL, NULL));
	g_clear_pointer(&top, g_free);
}

static void expect_lines(const Log *log, const char *const *want)
{
	guint n = g_strv_length((char **)want);

	for (guint i = 0; i < MIN(n, log->lines->len); i++)
		g_assert_cmpstr(g_ptr_array_index(log->lines, i), ==, want[i]);
	g_assert_cmpuint(log->lines->len, ==, n);
}

static void test_walk(void)
{
	static const char *const want[] = {
		"file a.txt 3", "symlink link 11", "file name\xff\n 1", "file a/hard 5",
		"file b/empty 0", "file b/hard2 5 =a/hard", NULL,
	};
	g_autoptr(Log) log = log_new();
	g_autofree char *link = NULL, *hard = NULL, *hard2 = NULL, *fifo = NULL;
	char buf[5];

	begin();
	put("a.txt", "abc");
	put("a/hard", "hello");
	put("b/empty", "");
	put("name\xff\n", "x");
	link = at("link");
	hard = at("a/hard");
	hard2 = at("b/hard2");
	fifo = at("b/fifo");
	g_assert_cmpint(symlink("/etc/shadow", link), ==, 0);
	g_assert_cmpint(linkat(AT_FDCWD, hard, AT_FDCWD, hard2, 0), ==, 0);
	g_assert_cmpint(mkfifo(fifo, 0600), ==, 0);

	g_assert_true(iv_tree_walk(top, &sink, log, NULL));
	expect_lines(log, want);
	g_assert_cmpuint(log->unread->len, ==, 0);
	g_assert_cmpuint(log->notes->len, ==, 1); /* the fifo */
	for (guint i = 3; i < 6; i += 2) {
		IvItem *item = g_ptr_array_index(log->items, i);

		g_assert_true(iv_item_read(item, 0, buf, 5, NULL));
		g_assert_cmpmem(buf, 5, "hello", 5);
		g_assert_cmpint(iv_item_physical(item, 0), ==, -1);
		g_assert_true(S_ISREG(item->mode));
	}
	end();
}

static void test_xattrs(void)
{
	g_autoptr(Log) log = log_new();
	g_autofree char *path = NULL;
	IvItem *item;

	begin();
	put("f", "x");
	path = at("f");
	if (setxattr(path, "user.b", "\0two", 4, 0) != 0 && errno == ENOTSUP) {
		end();
		g_test_skip("the file system of TMPDIR has no user attributes");
		return;
	}
	g_assert_cmpint(setxattr(path, "user.a", "one", 3, 0), ==, 0);
	g_assert_true(iv_tree_walk(top, &sink, log, NULL));
	g_assert_cmpuint(log->lines->len, ==, 3);
	g_assert_cmpstr(g_ptr_array_index(log->lines, 1), ==, "xattr f#user.a 3");
	g_assert_cmpstr(g_ptr_array_index(log->lines, 2), ==, "xattr f#user.b 4");
	item = g_ptr_array_index(log->items, 2);
	g_assert_cmpmem(g_bytes_get_data(item->bytes, NULL), 4, "\0two", 4);
	end();
}

/* The holes of a sparse file are not read, and it costs no time. */
static void test_sparse(void)
{
	g_autoptr(Log) log = log_new();
	g_autofree char *path = NULL;
	IvItem *item;
	char buf[6];
	int fd;

	begin();
	path = at("sparse");
	fd = open(path, O_CREAT | O_WRONLY, 0600);
	g_assert_cmpint(ftruncate(fd, 1LL << 40), ==, 0);
	g_assert_cmpint(pwrite(fd, "secret", 6, 1LL << 39), ==, 6);
	close(fd);
	g_assert_true(iv_tree_walk(top, &sink, log, NULL));
	item = g_ptr_array_index(log->items, 0);
	g_assert_cmpuint(item->size, ==, 1ull << 40);
	g_assert_cmpuint(iv_item_stored(item), <=, 1u << 20);
	g_assert_true(iv_item_read(item, 1ull << 39, buf, 6, NULL));
	g_assert_cmpmem(buf, 6, "secret", 6);
	end();
}

/* A file that shrinks or is replaced behind our back is a read error. */
static void test_changes_are_errors(void)
{
	g_autoptr(Log) log = log_new();
	g_autoptr(GError) error = NULL;
	g_autofree char *shrinks = NULL, *moves = NULL;
	char buf[5];

	begin();
	put("moves", "hello");
	put("shrinks", "hello");
	moves = at("moves");
	shrinks = at("shrinks");
	g_assert_true(iv_tree_walk(top, &sink, log, NULL));
	g_assert_cmpint(truncate(shrinks, 2), ==, 0);
	g_assert_cmpint(unlink(moves), ==, 0);
	g_assert_cmpint(symlink("shrinks", moves), ==, 0);
	for (guint i = 0; i < 2; i++) {
		g_assert_false(
			iv_item_read(g_ptr_array_index(log->items, i), 0, buf, 5, &error));
		g_assert_error(error, IV_ERROR, IV_ERROR_IO);
		g_clear_error(&error);
	}
	end();
}

static void test_unreadable(void)
{
	g_autoptr(Log) log = log_new();
	g_autofree char *file = NULL, *dir = NULL;
	const char *line;

	if (geteuid() == 0) {
		/* Root reads everything: drop to a user of no rights for this test. */
		if (seteuid(65534) != 0) {
			g_test_skip("cannot become another user");
			return;
		}
	}
	begin();
	put("dir/inside", "x");
	put("file", "abcd");
	file = at("file");
	dir = at("dir");
	g_assert_cmpint(chmod(file, 0), ==, 0);
	g_assert_cmpint(chmod(dir, 0), ==, 0);
	g_assert_true(iv_tree_walk(top, &sink, log, NULL));
	g_assert_cmpuint(log->lines->len, ==, 0);
	g_assert_cmpuint(log->unread->len, ==, 2);
	line = g_ptr_array_index(log->unread, 0);
	g_assert_true(g_str_has_prefix(line, "file 4 the file cannot be opened: "));
	line = g_ptr_array_index(log->unread, 1);
	g_assert_true(g_str_has_prefix(line, "dir 0 the directory cannot be opened: "));
	chmod(dir, 0700);
	end();
	if (getuid() == 0)
		g_assert_cmpint(seteuid(0), ==, 0);
}

/* Deeper than PATH_MAX, made step by step; nothing is lost at the bottom. */
static void test_deep_path(void)
{
	g_autoptr(Log) log = log_new();
	g_autofree char *name = g_strnfill(200, 'd');
	int dir, next, fd;
	char buf[3];
	IvItem *item;

	begin();
	dir = open(top, O_PATH | O_DIRECTORY);
	for (int i = 0; i < 45; i++) {
		g_assert_cmpint(mkdirat(dir, name, 0755), ==, 0);
		next = openat(dir, name, O_PATH | O_DIRECTORY);
		close(dir);
		dir = next;
	}
	fd = openat(dir, "leaf", O_CREAT | O_WRONLY, 0644);
	g_assert_cmpint(write(fd, "abc", 3), ==, 3);
	close(fd);
	close(dir);
	g_assert_true(iv_tree_walk(top, &sink, log, NULL));
	g_assert_cmpuint(log->unread->len, ==, 0);
	g_assert_cmpuint(log->items->len, ==, 1);
	item = g_ptr_array_index(log->items, 0);
	g_assert_cmpuint(strlen(item->path), ==, 45 * 201 + 4);
	g_assert_true(iv_item_read(item, 0, buf, 3, NULL));
	g_assert_cmpmem(buf, 3, "abc", 3);
	end();
}

/* A mount hides what the folder below it holds: nobody looks at that. */
static void test_hidden_by_mount(void)
{
	g_autoptr(Log) log = log_new();
	g_autofree char *over = NULL;

	begin();
	put("plain/x", "1");
	put("over/hidden", "2");
	over = at("over");
	if (mount("none", over, "tmpfs", 0, "size=64k") != 0) {
		g_test_skip("nothing can be mounted here");
		end();
		return;
	}
	put("over/shown", "3");
	iv_skips_reset();
	g_assert_true(iv_tree_walk(top, &sink, log, NULL));
	g_assert_cmpint(umount(over), ==, 0);
	g_assert_cmpuint(log->items->len, ==, 2);
	g_assert_cmpuint(log->unread->len, ==, 1);
	g_assert_true(g_str_has_prefix(log->unread->pdata[0], "over 0 something is mounted here"));
	end();
}

/* The same folder under two names is searched once, and both are counted. */
static void test_met_again(void)
{
	g_autoptr(Log) log = log_new();
	g_autofree char *one = NULL, *two = NULL;

	begin();
	put("one/x", "1");
	put("two/y", "2");
	one = at("one");
	two = at("two");
	if (mount(one, two, NULL, MS_BIND, NULL) != 0) {
		g_test_skip("nothing can be mounted here");
		end();
		return;
	}
	iv_skips_reset();
	g_assert_true(iv_tree_walk(top, &sink, log, NULL));
	g_assert_cmpint(umount(two), ==, 0);
	g_assert_cmpuint(log->items->len, ==, 1);
	g_assert_cmpuint(iv_skip_counted(IV_SKIP_MET_AGAIN), ==, 1);
	g_assert_cmpuint(log->unread->len, ==, 1); /* two/y is hidden */
	end();
}

static guint open_descriptors(void)
{
	g_autoptr(GDir) dir = g_dir_open("/proc/self/fd", 0, NULL);
	guint n = 0;

	while (g_dir_read_name(dir) != NULL)
		n++;
	return n;
}

/* Items are kept, descriptors are not. */
static void test_many_files_few_descriptors(void)
{
	g_autoptr(Log) log = log_new();
	guint before = open_descriptors();
	char name[32];

	begin();
	for (int i = 0; i < 2000; i++) {
		g_snprintf(name, sizeof(name), "d%d/f%04d", i % 7, i);
		put(name, "x");
	}
	g_assert_true(iv_tree_walk(top, &sink, log, NULL));
	g_assert_cmpuint(log->items->len, ==, 2000);
	g_assert_cmpuint(open_descriptors(), <=, before + 1); /* the root's, for the items */
	end();
}

static void test_bad_roots(void)
{
	g_autoptr(Log) log = log_new();
	g_autoptr(GError) error = NULL;
	g_autofree char *file = NULL, *missing = NULL;

	begin();
	put("file", "x");
	file = at("file");
	missing = at("missing");
	g_assert_false(iv_tree_walk(file, &sink, log, &error));
	g_assert_error(error, IV_ERROR, IV_ERROR_USAGE);
	g_clear_error(&error);
	g_assert_false(iv_tree_walk(missing, &sink, log, &error));
	g_assert_error(error, IV_ERROR, IV_ERROR_IO);
	end();
}

static void test_sink_stops_the_walk(void)
{
	g_autoptr(Log) log = log_new();
	g_autoptr(GError) error = NULL;

	begin();
	put("a", "x");
	put("b", "x");
	put("c", "x");
	log->stop_after = 2;
	g_assert_false(iv_tree_walk(top, &sink, log, &error));
	g_assert_error(error, IV_ERROR, IV_ERROR_LIMIT);
	g_assert_cmpuint(log->items->len, ==, 2);
	end();
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/tree/walk", test_walk);
	g_test_add_func("/tree/xattrs", test_xattrs);
	g_test_add_func("/tree/sparse", test_sparse);
	g_test_add_func("/tree/changes-are-errors", test_changes_are_errors);
	g_test_add_func("/tree/unreadable", test_unreadable);
	g_test_add_func("/tree/deep-path", test_deep_path);
	g_test_add_func("/tree/hidden-by-mount", test_hidden_by_mount);
	g_test_add_func("/tree/met-again", test_met_again);
	g_test_add_func("/tree/many-files-few-descriptors", test_many_files_few_descriptors);
	g_test_add_func("/tree/bad-roots", test_bad_roots);
	g_test_add_func("/tree/sink-stops-the-walk", test_sink_stops_the_walk);
	return g_test_run();
}
