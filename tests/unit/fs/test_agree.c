/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two readers, one disk: the native ext reader and the guest say the same. */
#include <string.h>

#include "scanner/base/error.h"
#include "scanner/disk/open.h"
#include "scanner/fs/readers.h"
#include "scanner/volume/volume.h"

#define MIB (1ull << 20)

/* One GPT disk, its ext4 at 1 MiB: small and large files, inline data, holes, hard links, links of
 * both kinds, attributes, odd names, a deep path, an empty file, things that are no files. */
static const char recipe[] =
	"set -e; export PATH=$PATH:/sbin:/usr/sbin; cd \"$0\"\n"
	"mkdir -p tree/etc tree/root/.ssh tree/a/b/c/d/e/f tree/empty.d\n"
	"printf 'root:x:0:0\\n' >tree/etc/passwd; : >tree/etc/nothing\n"
	"printf 'inline' >tree/etc/inline; printf '%0120d' 7 >tree/etc/inline120\n"
	"printf '%0160d' 7 >tree/etc/noinline; printf 'id AKIAINV3NTEDROOT2345\\n' >tree/root/.ssh/config\n"
	"head -c 3000001 /dev/urandom >tree/a/b/c/d/e/f/big; head -c 4096 /dev/urandom >tree/a/block\n"
	"head -c 4097 /dev/urandom >tree/a/more\n"
	"truncate -s 9M tree/a/hole; printf end >>tree/a/hole\n"
	"printf x | dd of=tree/a/hole bs=1 seek=4999999 conv=notrunc status=none\n"
	"ln tree/a/more tree/etc/more2; ln tree/a/more tree/a/b/more3; ln tree/etc/inline tree/a/inline2\n"
	"ln -s ../shadow tree/etc/short; ln -s \"$(printf '%0200d' 1)\" tree/etc/long; ln -s . tree/a/self\n"
	"printf 1 >\"tree/$(printf 'caf\\303\\251')\"; printf 2 >\"tree/a/$(printf 'bad\\377\\nname')\"\n"
	"printf 3 >\"tree/a/ leading and trailing \"; printf 4 >'tree/a/back\\slash'; mkfifo tree/a/fifo\n"
	"seq 600 | while read i; do echo $i >tree/empty.d/file-$i; done\n"
	"truncate -s 66M disk.img\n"
	"printf 'label: gpt\\nstart=1MiB, size=64MiB\\n' | sfdisk -q disk.img\n"
	"mke2fs -q -F -t ext4 -O inline_data -I 256 -E offset=1048576 -d tree disk.img 64M 2>/dev/null\n"
	"debugfs -w -R 'ea_set /etc/passwd user.note hello' 'disk.img?offset=1048576' 2>/dev/null\n"
	"debugfs -w -R 'ea_set /a/block user.two second' 'disk.img?offset=1048576' 2>/dev/null\n";

static char *dir, *image;

static void build(void)
{
	const char *argv[] = {"bash", "-c", recipe, NULL, NULL};
	int status;

	dir = g_dir_make_tmp("imgvet-agree-XXXXXX", NULL);
	argv[3] = dir;
	g_assert_true(g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL,
				   NULL, &status, NULL));
	g_assert_true(g_spawn_check_wait_status(status, NULL));
	image = g_build_filename(dir, "disk.img", NULL);
}

/* --- what a reader said ------------------------------------------------------------ */

typedef struct {
	GHashTable *items;  /* "kind path[#attribute]" -> "size SHA-256" */
	GHashTable *groups; /* path -> the first name of its file, for hard links */
	GPtrArray *unread;
} Log;

static Log *log_new(void)
{
	Log *log = g_new0(Log, 1);

	log->items = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	log->groups = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	log->unread = g_ptr_array_new_with_free_func(g_free);
	return log;
}

static void log_free(Log *log)
{
	g_hash_table_unref(log->items);
	g_hash_table_unref(log->groups);
	g_ptr_array_unref(log->unread);
	g_free(log);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Log, log_free)

static uint64_t hash_stream(IvItem *item, GChecksum *sum)
{
	uint8_t buf[8191];
	uint64_t all = 0;
	size_t got = 1;

	while (got > 0) {
		g_assert_true(item->stream(item->stream_user, buf, sizeof(buf), &got, NULL));
		g_checksum_update(sum, buf, (gssize)got);
		all += got;
	}
	return all;
}

static uint64_t hash_stored(IvItem *item, GChecksum *sum)
{
	uint8_t buf[8191];
	uint64_t off = 0;

	while (off < item->size) {
		size_t len = (size_t)MIN(item->size - off, sizeof(buf));

		g_assert_true(iv_item_read(item, off, buf, len, NULL));
		g_checksum_update(sum, buf, (gssize)len);
		off += len;
	}
	return off;
}

static char *content(IvItem *item)
{
	g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
	uint64_t all = item->stream != NULL ? hash_stream(item, sum) : hash_stored(item, sum);

	g_assert_cmpuint(all, ==, item->size);
	return g_strdup_printf("%" G_GUINT64_FORMAT " %s", item->size, g_checksum_get_string(sum));
}

static bool log_item(void *user, IvItem *item, GError **error)
{
	Log *log = user;
	char *key;

	if (item->kind != IV_ITEM_FILE && item->kind != IV_ITEM_SYMLINK && item->kind != IV_ITEM_XATTR)
		return true; /* free space and metadata: the guest has no such items */
	key = g_strconcat(iv_item_kind_name(item->kind), " ", item->path,
			  item->detail != NULL ? "#" : "", item->detail != NULL ? item->detail : "",
			  NULL);
	g_assert_false(g_hash_table_contains(log->items, key));
	g_hash_table_insert(log->items, key, content(item));
	if (item->link_of != NULL)
		g_hash_table_insert(log->groups, g_strdup(item->path), g_strdup(item->link_of));
	return true;
}

static void log_unread(void *user, const char *path, uint64_t bytes, const char *reason)
{
	g_ptr_array_add(((Log *)user)->unread,
			g_strdup_printf("%s: %s", path != NULL ? path : "-", reason));
}

static void log_note(void *user, const char *text)
{
	g_assert_cmpstr(text, !=, "");
}

static const IvFsSink sink = {log_item, log_unread, log_note};

/* --- agreement ------------------------------------------------------------------------- */

/* Each of `a` is in `b`, with the same content; says all that is not. */
static unsigned missing(const Log *a, const Log *b, const char *whose)
{
	GHashTableIter iter;
	void *key, *value;
	unsigned n = 0;

	g_hash_table_iter_init(&iter, a->items);
	while (g_hash_table_iter_next(&iter, &key, &value)) {
		const char *other = g_hash_table_lookup(b->items, key);

		if (g_strcmp0(value, other) == 0)
			continue;
		n++;
		g_test_message("%s: only %s says %s, the other says %s", (char *)key, whose,
			       (char *)value, other != NULL ? other : "nothing");
	}
	return n;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Which of several names comes first is the reader's business; who belongs together is not. */
static GHashTable *partners(const Log *log)
{
	GHashTable *all = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	GHashTable *sets = g_hash_table_new_full(g_str_hash, g_str_equal, NULL,
						 (GDestroyNotify)g_ptr_array_unref);
	GHashTableIter iter;
	void *key, *value;

	g_hash_table_iter_init(&iter, log->groups);
	while (g_hash_table_iter_next(&iter, &key, &value)) {
		GPtrArray *set = g_hash_table_lookup(sets, value);

		if (set == NULL) {
			g_hash_table_insert(sets, value, set = g_ptr_array_new());
			g_ptr_array_add(set, value);
		}
		g_ptr_array_add(set, key);
	}
	g_hash_table_iter_init(&iter, sets);
	while (g_hash_table_iter_next(&iter, &key, &value)) {
		GPtrArray *set = value;

		g_ptr_array_sort(set, by_text);
		g_ptr_array_add(set, NULL);
		g_hash_table_add(all, g_strjoinv(" = ", (char **)set->pdata));
	}
	g_hash_table_unref(sets);
	return all;
}

static void assert_same_links(const Log *a, const Log *b)
{
	g_autoptr(GHashTable) x = partners(a), y = partners(b);
	GHashTableIter iter;
	void *key;

	g_assert_cmpuint(g_hash_table_size(x), ==, 2);
	g_assert_cmpuint(g_hash_table_size(x), ==, g_hash_table_size(y));
	g_hash_table_iter_init(&iter, x);
	while (g_hash_table_iter_next(&iter, &key, NULL)) {
		g_test_message("%s", (char *)key);
		g_assert_true(g_hash_table_contains(y, key));
	}
}

static void assert_read(const Log *log)
{
	for (guint i = 0; i < log->unread->len; i++)
		g_test_message("unread: %s", (char *)log->unread->pdata[i]);
	g_assert_cmpuint(log->unread->len, ==, 0);
	/* 600 numbered files, 23 others and 3 symlinks at the least. */
	g_assert_cmpuint(g_hash_table_size(log->items), >=, 620);
	g_assert_true(g_hash_table_contains(log->items, "symlink etc/long"));
	g_assert_true(g_hash_table_contains(log->items, "xattr etc/passwd#user.note"));
	g_assert_false(g_hash_table_contains(log->items, "file a/fifo"));
}

static Log *walk_native(void)
{
	g_autoptr(GError) error = NULL;
	IvDiskOptions how = {.format = "raw"};
	g_autoptr(IvDisk) disk = iv_disk_open(image, &how, &error);
	g_autoptr(IvVolumes) volumes = NULL;
	Log *log = log_new();

	g_assert_no_error(error);
	volumes = iv_volumes_read(disk->source, &error);
	g_assert_no_error(error);
	for (guint i = 0; i < volumes->list->len; i++) {
		const IvVolume *v = volumes->list->pdata[i];

		if (v->offset != MIB)
			continue;
		g_assert_true(iv_fs_probe(v->source, NULL) == &iv_fs_ext);
		g_assert_true(iv_fs_ext.walk(v->source, &sink, log, &error));
		g_assert_no_error(error);
	}
	return log;
}

static void test_agree(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(IvGuest) guest = NULL;
	g_autoptr(Log) native = NULL, other = log_new();

	build();
	native = walk_native();
	assert_read(native);
	guest = iv_guest_open(image, "raw", &error);
	if (guest == NULL) {
		g_assert_error(error, IV_ERROR, IV_ERROR_UNSUPPORTED);
		error->message[strcspn(error->message, "\n")] = '\0';
		g_test_skip(error->message);
		return;
	}
	g_assert_true(iv_guest_walk(guest, MIB, 64 * MIB, NULL, &sink, other, &error));
	g_assert_no_error(error);
	assert_read(other);
	g_assert_cmpuint(missing(native, other, "the ext reader") +
				 missing(other, native, "the guest"), ==, 0);
	assert_same_links(native, other);
}

int main(int argc, char **argv)
{
	const char *rm[] = {"rm", "-rf", NULL, NULL};
	int r;

	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/agree/ext-and-guest", test_agree);
	r = g_test_run();
	rm[2] = dir;
	if (dir != NULL)
		g_spawn_sync(NULL, (char **)rm, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL,
			     NULL, NULL);
	g_free(dir);
	g_free(image);
	return r;
}
