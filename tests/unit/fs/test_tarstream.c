/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_tarstream.c - tars that say less than they hold: each is unread, never whole and silent */
#include <fcntl.h>
#include <sys/mman.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "scanner/base/skip.h"
#include "scanner/fs/tarstream.h"

typedef struct {
	GString *items, *unread, *notes;
	bool whole;
} Log;

static bool log_item(void *user, IvItem *item, GError **error)
{
	g_string_append_printf(((Log *)user)->items, "%s ", item->path);
	return true;
}

static void log_unread(void *user, const char *path, uint64_t bytes, const char *reason)
{
	g_string_append_printf(((Log *)user)->unread, "%s: %s\n", path != NULL ? path : "-", reason);
}

static void log_note(void *user, const char *text)
{
	g_string_append_printf(((Log *)user)->notes, "%s\n", text);
}

static const IvFsSink sink = {log_item, log_unread, log_note};

static Log *log_new(void)
{
	Log *log = g_new0(Log, 1);

	log->items = g_string_new(NULL);
	log->unread = g_string_new(NULL);
	log->notes = g_string_new(NULL);
	return log;
}

static void log_free(Log *log)
{
	g_string_free(log->items, TRUE);
	g_string_free(log->unread, TRUE);
	g_string_free(log->notes, TRUE);
	g_free(log);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Log, log_free)

static void shell(const char *script, const char *folder)
{
	const char *argv[] = {"bash", "-ec", script, folder, NULL};
	int status;

	g_assert_true(g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL,
				   NULL, &status, NULL));
	g_assert_true(g_spawn_check_wait_status(status, NULL));
}

/* What GNU tar makes of three small files and a fifo. */
static char *make_tar(gsize *len)
{
	g_autofree char *top = g_dir_make_tmp("imgvet-tar-XXXXXX", NULL);
	g_autofree char *path = g_build_filename(top, "all.tar", NULL);
	char *bytes = NULL;

	shell("cd \"$0\"; echo 1 >a; echo 2 >b; echo 3 >c; mkfifo f;"
	      "tar --format=pax -cf all.tar ./a ./b ./c ./f",
	      top);
	g_assert_true(g_file_get_contents(path, &bytes, len, NULL));
	shell("rm -r \"$0\"", top);
	return bytes;
}

static Log *walk(const char *bytes, gsize len)
{
	g_autoptr(GPtrArray) links =
		g_ptr_array_new_with_free_func((GDestroyNotify)iv_tar_link_free);
	Log *log = log_new();
	int fd = memfd_create("tar", MFD_CLOEXEC);
	GError *error = NULL;

	g_assert_cmpint(write(fd, bytes, len), ==, (gssize)len);
	g_assert_cmpint(lseek(fd, 0, SEEK_SET), ==, 0);
	g_assert_true(iv_tar_walk(fd, 1u << 20, &sink, log, links, &log->whole, &error));
	g_assert_no_error(error);
	close(fd);
	return log;
}

/* Further names of a file beyond the memory for them are unread, each by its name. */
static void test_many_links(void)
{
	g_autofree char *top = g_dir_make_tmp("imgvet-tar-XXXXXX", NULL);
	g_autofree char *path = g_build_filename(top, "all.tar", NULL);
	g_autofree char *bytes = NULL;
	g_autoptr(Log) log = NULL;
	gsize len;

	shell("exec python3 - \"$0/all.tar\" <<'END'\n"
	      "import sys, tarfile\n"
	      "with tarfile.open(sys.argv[1], 'w', format=tarfile.GNU_FORMAT) as tar:\n"
	      "    tar.addfile(tarfile.TarInfo('a'))\n"
	      "    for i in range(600):\n"
	      "        link = tarfile.TarInfo('n%03d/' % i + 'n' * 60000)\n"
	      "        link.type, link.linkname = tarfile.LNKTYPE, 'a'\n"
	      "        tar.addfile(link)\n"
	      "END",
	      top);
	g_assert_true(g_file_get_contents(path, &bytes, &len, NULL));
	shell("rm -r \"$0\"", top);
	log = walk(bytes, len);
	g_assert_true(log->whole);
	g_assert_null(strstr(log->unread->str, "n500/"));
	g_assert_nonnull(strstr(log->unread->str, "n599/"));
	g_assert_nonnull(strstr(log->unread->str, "a further name of a file: there are more"));
}

static void test_sound(void)
{
	gsize len;
	g_autofree char *tar = make_tar(&len);
	g_autoptr(Log) log = NULL;

	iv_skips_reset();
	log = walk(tar, len);
	g_assert_true(log->whole);
	g_assert_cmpstr(log->items->str, ==, "a b c ");
	g_assert_cmpstr(log->unread->str, ==, "");
	g_assert_nonnull(strstr(log->notes->str, "1 devices, sockets and fifos"));
	g_assert_cmpuint(iv_skip_counted(IV_SKIP_SPECIAL_FILE), ==, 1);
}

/* The header of the second file no longer fits its checksum: libarchive goes on at the
 * next one, and what the lost one named is unread. */
static void test_damaged_header(void)
{
	gsize len;
	g_autofree char *tar = make_tar(&len);
	char *header = memmem(tar, len, "./b", 4);
	g_autoptr(Log) log = NULL;

	g_assert_nonnull(header);
	header[0] ^= 1;
	log = walk(tar, len);
	g_test_message("items %s, unread %s", log->items->str, log->unread->str);
	g_assert_null(strstr(log->items->str, "b "));
	g_assert_true(log->unread->len > 0 || !log->whole);
}

static void test_cut(void)
{
	gsize len;
	g_autofree char *tar = make_tar(&len);
	g_autoptr(Log) log = walk(tar, 1536);

	g_assert_true(log->unread->len > 0 || !log->whole);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/tarstream/sound", test_sound);
	g_test_add_func("/tarstream/many-links", test_many_links);
	g_test_add_func("/tarstream/damaged-header", test_damaged_header);
	g_test_add_func("/tarstream/cut", test_cut);
	return g_test_run();
}
