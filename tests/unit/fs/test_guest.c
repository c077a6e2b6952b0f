/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The guest reader: one launch of the appliance on a disk with ext4, vfat and swap. */
#include <glib/gstdio.h>
#include <string.h>

#include "scanner/base/error.h"
#include "scanner/fs/fs.h"

#define MIB (1ull << 20)

/* What a walk said: "kind path[#detail][ =link_of]" -> content. */
typedef struct {
	GHashTable *content; /* char * -> GBytes * */
	GPtrArray *links;    /* IvItem *, kept */
	GPtrArray *unread;
} Log;

static GBytes *drain(IvItem *item)
{
	GByteArray *all = g_byte_array_new();
	uint8_t buf[7777];
	size_t got = 1;

	if (item->bytes != NULL) {
		g_byte_array_unref(all);
		return g_bytes_ref(item->bytes);
	}
	while (item->stream != NULL && got > 0) {
		g_assert_true(item->stream(item->stream_user, buf, sizeof(buf), &got, NULL));
		g_byte_array_append(all, buf, (guint)got);
	}
	g_assert_cmpuint(all->len, ==, item->size);
	return g_byte_array_free_to_bytes(all);
}

static bool log_item(void *user, IvItem *item, GError **error)
{
	Log *log = user;
	char *key = g_strconcat(iv_item_kind_name(item->kind), " ", item->path,
				item->detail ? "#" : "", item->detail ? item->detail : "", NULL);

	if (item->link_of != NULL) {
		g_ptr_array_add(log->links, iv_item_ref(item));
		g_free(key);
		return true;
	}
	g_assert_false(g_hash_table_contains(log->content, key));
	g_hash_table_insert(log->content, key, drain(item));
	return true;
}

static void log_unread(void *user, const char *path, uint64_t bytes, const char *reason)
{
	g_ptr_array_add(((Log *)user)->unread,
			g_strdup_printf("%s: %s", path ? path : "-", reason));
}

static void log_note(void *user, const char *text)
{
	g_assert_cmpstr(text, !=, "");
}

static const IvFsSink sink = {log_item, log_unread, log_note};

static Log *log_new(void)
{
	Log *log = g_new0(Log, 1);

	log->content = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
					     (GDestroyNotify)g_bytes_unref);
	log->links = g_ptr_array_new_with_free_func((GDestroyNotify)iv_item_unref);
	log->unread = g_ptr_array_new_with_free_func(g_free);
	return log;
}

static void log_free(Log *log)
{
	g_hash_table_unref(log->content);
	g_ptr_array_unref(log->links);
	g_ptr_array_unref(log->unread);
	g_free(log);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Log, log_free)

static void expect(const Log *log, const char *key, const void *data, size_t len)
{
	GBytes *bytes = g_hash_table_lookup(log->content, key);

	if (bytes == NULL)
		g_error("not emitted: %s", key);
	g_assert_cmpmem(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), data, len);
}

static char *dir, *image;

/* p1: 32 MiB ext4 at 1 MiB; p2: 8 MiB vfat; p3: 8 MiB swap. */
static const char recipe[] =
	"set -e; export PATH=$PATH:/sbin:/usr/sbin; cd \"$0\"\n"
	"mkdir -p tree/etc tree/deep/er; printf 'root:x' >tree/etc/passwd\n"
	"head -c 3000000 /dev/urandom >tree/deep/er/big; : >tree/empty\n"
	"ln -s ../shadow tree/etc/link; ln tree/etc/passwd tree/etc/passwd2\n"
	"printf 1 >\"tree/$(printf 'caf\\303\\251')\"; printf 2 >\"tree/$(printf 'bad\\377name')\"\n"
	"truncate -s 5M tree/hole; mkfifo tree/fifo\n"
	"setfattr -n user.note -v hello tree/deep/er/big 2>/dev/null || touch no-xattr\n"
	"(cd tree; n=$(printf '%0250d' 0); for i in $(seq 17); do mkdir $n; cd $n; done;"
	" printf far >x; ln x y)\n"
	"truncate -s 64M disk.img\n"
	"printf 'label: gpt\\nstart=1MiB, size=32MiB\\nsize=8MiB\\nsize=8MiB\\n' |"
	" sfdisk -q disk.img\n"
	"truncate -s 32M p1; mke2fs -q -t ext4 -d tree p1\n"
	"truncate -s 8M p2; mkfs.vfat p2 >/dev/null\n"
	"printf 'on fat' >fat.txt; mcopy -i p2 fat.txt ::fat.txt\n"
	"truncate -s 8M p3; mkswap -q p3\n"
	"dd if=p1 of=disk.img bs=1M seek=1 conv=notrunc,sparse status=none\n"
	"dd if=p2 of=disk.img bs=1M seek=33 conv=notrunc status=none\n"
	"dd if=p3 of=disk.img bs=1M seek=41 conv=notrunc status=none\n";

static void build(void)
{
	const char *argv[] = {"bash", "-c", recipe, NULL, NULL};
	int status;

	dir = g_dir_make_tmp("imgvet-guest-XXXXXX", NULL);
	argv[3] = dir;
	g_assert_true(g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL,
				   NULL, &status, NULL));
	g_assert_true(g_spawn_check_wait_status(status, NULL));
	image = g_build_filename(dir, "disk.img", NULL);
}

/* A file with two names behind a path of 4267 bytes: the stream gives one, and the
 * appliance cannot be asked about the other, which is said. */
static void check_far(const Log *log)
{
	const char *line;

	g_assert_cmpuint(log->unread->len, ==, 1);
	line = g_ptr_array_index(log->unread, 0);
	g_assert_true(strstr(line, "0/x: ") != NULL || strstr(line, "0/y: ") != NULL);
	g_assert_nonnull(strstr(line, "cannot examine this further name"));
}

static void check_ext4(IvGuest *guest)
{
	g_autofree char *type = iv_guest_content(guest, MIB, 32 * MIB, NULL);
	g_autofree char *big_path = g_build_filename(dir, "tree/deep/er/big", NULL);
	g_autofree char *mark = g_build_filename(dir, "no-xattr", NULL);
	g_autofree char *big = NULL, *hole = g_malloc0(5 * MIB);
	g_autoptr(Log) log = log_new();
	IvItem *link;
	char buf[6];
	gsize len;

	g_assert_cmpstr(type, ==, "ext4");
	g_assert_true(g_file_get_contents(big_path, &big, &len, NULL));
	g_assert_true(iv_guest_walk(guest, MIB, 32 * MIB, NULL, &sink, log, NULL));
	check_far(log);
	expect(log, "file deep/er/big", big, len);
	expect(log, "file empty", "", 0);
	expect(log, "file hole", hole, 5 * MIB);
	expect(log, "file caf\303\251", "1", 1);
	expect(log, "file bad\377name", "2", 1);
	expect(log, "symlink etc/link", "../shadow", 9);
	if (!g_file_test(mark, G_FILE_TEST_EXISTS))
		expect(log, "xattr deep/er/big#user.note", "hello", 5);

	/* Which name comes first is the directory's business; both are there. */
	g_assert_cmpuint(log->links->len, ==, 1);
	link = g_ptr_array_index(log->links, 0);
	g_assert_cmpstr(link->path, !=, link->link_of);
	g_assert_true(g_str_has_prefix(link->path, "etc/passwd"));
	g_assert_true(g_str_has_prefix(link->link_of, "etc/passwd"));
	g_assert_cmpuint(link->size, ==, 6);
	g_assert_cmpint(iv_item_physical(link, 0), ==, -1);
	g_assert_true(iv_item_read(link, 0, buf, 6, NULL));
	g_assert_cmpmem(buf, 6, "root:x", 6);
}

static void check_vfat(IvGuest *guest)
{
	g_autofree char *type = iv_guest_content(guest, 33 * MIB, 8 * MIB, NULL);
	g_autoptr(Log) log = log_new();

	g_assert_cmpstr(type, ==, "vfat");
	g_assert_true(iv_guest_walk(guest, 33 * MIB, 8 * MIB, NULL, &sink, log, NULL));
	g_assert_cmpuint(log->unread->len, ==, 0);
	expect(log, "file fat.txt", "on fat", 6);
}

static void check_refusals(IvGuest *guest)
{
	g_autofree char *type = iv_guest_content(guest, 41 * MIB, 8 * MIB, NULL);
	g_autoptr(GError) error = NULL;
	g_autoptr(Log) log = log_new();

	g_assert_cmpstr(type, ==, "swap");
	g_assert_false(iv_guest_walk(guest, 41 * MIB, 8 * MIB, NULL, &sink, log, &error));
	g_assert_error(error, IV_ERROR, IV_ERROR_UNSUPPORTED);
	g_clear_error(&error);
	/* A range that the kernel in the appliance does not know as a volume. */
	g_assert_false(iv_guest_walk(guest, 2 * MIB, MIB, NULL, &sink, log, &error));
	g_assert_error(error, IV_ERROR, IV_ERROR_UNSUPPORTED);
	g_assert_cmpuint(g_hash_table_size(log->content), ==, 0);
}

static bool stop_at_once(void *user, IvItem *item, GError **error)
{
	++*(int *)user;
	return iv_fail(error, IV_ERROR_LIMIT, "enough");
}

/* A sink that stops leaves the appliance usable, and nothing hangs. */
static void check_stop(IvGuest *guest)
{
	const IvFsSink stopper = {stop_at_once, log_unread, log_note};
	g_autoptr(GError) error = NULL;
	int count = 0;

	g_assert_false(iv_guest_walk(guest, MIB, 32 * MIB, NULL, &stopper, &count, &error));
	g_assert_error(error, IV_ERROR, IV_ERROR_LIMIT);
	g_assert_cmpint(count, ==, 1);
}

static void test_guest(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(IvGuest) guest = NULL;

	build();
	guest = iv_guest_open(image, "raw", &error);
	if (guest == NULL) {
		g_assert_error(error, IV_ERROR, IV_ERROR_UNSUPPORTED);
		g_assert_nonnull(strstr(error->message, "\n"));
		error->message[strcspn(error->message, "\n")] = '\0';
		g_test_skip(error->message);
		return;
	}
	check_stop(guest);
	check_ext4(guest);
	check_vfat(guest);
	check_refusals(guest);
}

static void test_missing_image(void)
{
	g_autoptr(GError) error = NULL;

	g_assert_null(iv_guest_open("/nonexistent/disk.img", "raw", &error));
	g_assert_error(error, IV_ERROR, IV_ERROR_IO);
}

int main(int argc, char **argv)
{
	const char *rm[] = {"rm", "-rf", NULL, NULL};
	int r;

	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/guest/missing-image", test_missing_image);
	g_test_add_func("/guest/ext4-vfat-swap", test_guest);
	r = g_test_run();
	rm[2] = dir;
	if (dir != NULL)
		g_spawn_sync(NULL, (char **)rm, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL,
			     NULL, NULL);
	return r;
}
