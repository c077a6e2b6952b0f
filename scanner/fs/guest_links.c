/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * guest_links.c - further names of a file (hard links), which a tar does not
 * repeat: see guest.h.
 *
 * Their bytes are fetched file by file, and only when somebody reads them: a call
 * costs milliseconds.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "scanner/base/skip.h"
#include "scanner/fs/guest.h"
#include "scanner/fs/tarstream.h"

typedef struct {
	IvSource base;
	IvGuest *guest;
	const IvGuestDevice *device;
	char *path; /* absolute in the appliance */
	char *type;
} Download;

static bool download_some(Download *file, uint64_t off, uint8_t *buf, size_t len, size_t *got,
			  GError **error)
{
	guestfs_h *g = file->guest->g;
	size_t want = MIN(len, 1u << 20); /* a reply holds at most 4 MiB */
	char *data;

	if (g == NULL)
		return iv_fail(error, IV_ERROR_IO,
			       "the appliance was closed before a file was read");
	guestfs_set_error_handler(g, NULL, NULL); /* it belongs to a thread */
	if (!iv_guest_mount(file->guest, file->device, file->type, error))
		return false;
	data = guestfs_pread(g, file->path, (int)want, (int64_t)off, got);
	if (data == NULL)
		return iv_guest_fail(g, IV_ERROR_IO, "the appliance cannot read a file", "", error);
	if (*got == 0 || *got > want) {
		free(data);
		return iv_fail(error, IV_ERROR_IO,
			       "a file in the appliance is shorter than it says");
	}
	memcpy(buf, data, *got);
	explicit_bzero(data, *got);
	free(data);
	return true;
}

static bool download_read(IvSource *source, uint64_t off, void *buf, size_t len, GError **error)
{
	Download *file = (Download *)source;
	uint8_t *to = buf;
	bool ok = true;

	g_mutex_lock(&file->guest->lock);
	while (ok && len > 0) {
		size_t got = 0;

		ok = download_some(file, off, to, len, &got, error);
		to += got;
		off += got;
		len -= ok ? got : 0;
	}
	g_mutex_unlock(&file->guest->lock);
	return ok;
}

static void download_free(IvSource *source)
{
	Download *file = (Download *)source;

	iv_guest_unref(file->guest);
	g_free(file->path);
	g_free(file->type);
	g_free(file);
}

static const IvSourceOps download_ops = {.read = download_read, .free = download_free};

static IvSource *download_new(IvGuest *guest, const IvGuestDevice *device, const char *type,
			      const char *path, uint64_t size)
{
	Download *file = g_new0(Download, 1);

	iv_source_init(&file->base, &download_ops, size);
	file->guest = iv_guest_ref(guest);
	file->device = device;
	file->type = g_strdup(type);
	file->path = g_strconcat("/", path, NULL);
	return &file->base;
}

enum { NOT_REGULAR = -1, NOT_SEEN = -2 };

/* The size of a file in the mounted volume; NOT_REGULAR; or NOT_SEEN when the
 * appliance cannot examine it (a path of over 4096 bytes, say). */
static int64_t file_size(IvGuest *guest, const char *path)
{
	g_autofree char *absolute = g_strconcat("/", path, NULL);
	struct guestfs_statns *st;
	int64_t size = NOT_SEEN;

	g_mutex_lock(&guest->lock);
	st = guestfs_lstatns(guest->g, absolute);
	if (st != NULL) {
		size = (st->st_mode & S_IFMT) == S_IFREG ? st->st_size : NOT_REGULAR;
		guestfs_free_statns(st);
	}
	g_mutex_unlock(&guest->lock);
	return size;
}

/* The further names of one file: the first of them carries the bytes. */
typedef struct {
	uint64_t share;
	uint32_t names;
	bool begun;
} Group;

static GHashTable *group_links(const GPtrArray *links)
{
	GHashTable *groups = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);

	for (guint i = 0; i < links->len; i++) {
		const IvTarLink *link = g_ptr_array_index(links, i);
		Group *group = g_hash_table_lookup(groups, link->first);

		if (group == NULL) {
			group = g_new0(Group, 1);
			group->share = g_hash_table_size(groups) + 1;
			g_hash_table_insert(groups, link->first, group);
		}
		group->names++;
	}
	return groups;
}

static void number_link(GHashTable *groups, IvItem *item)
{
	Group *group = g_hash_table_lookup(groups, item->link_of);

	item->share = group->share;
	item->more = group->begun ? 0 : group->names;
	group->begun = true;
}

/* One further name of a file.  False when the sink stopped the walk. */
static bool emit_link(IvGuest *guest, const IvGuestDevice *device, const char *type,
		      const IvTarLink *link, GHashTable *groups, const IvFsSink *sink, void *user,
		      GError **error)
{
	g_autoptr(IvItem) item = iv_item_new(IV_ITEM_FILE, link->path);
	int64_t size = file_size(guest, link->path);

	if (size == NOT_SEEN) {
		sink->unread(user, link->path, 0,
			     "the appliance cannot examine this further name of a file");
		return true;
	}
	if (size == NOT_REGULAR) { /* symlinks and devices can have several names as well */
		iv_skip(IV_SKIP_SPECIAL_FILE, 1);
		sink->note(user,
			   "further names of what is no regular file hold no bytes of their own");
		return true;
	}
	item->link_of = g_strdup(link->first);
	number_link(groups, item);
	item->size = (uint64_t)size;
	item->mode = link->mode;
	item->uid = link->uid;
	item->gid = link->gid;
	item->detached = true;
	item->source = download_new(guest, device, type, link->path, item->size);
	iv_ignore(iv_item_add_extent(item, 0, 0, item->size)); /* the first is never refused */
	return sink->item(user, item, error);
}

bool iv_guest_emit_links(IvGuest *guest, const IvGuestDevice *device, const char *type,
			 const GPtrArray *links, const IvFsSink *sink, void *user, GError **error)
{
	g_autoptr(GHashTable) groups = group_links(links);

	for (guint i = 0; i < links->len; i++)
		if (!emit_link(guest, device, type, g_ptr_array_index(links, i), groups, sink, user,
			       error))
			return false;
	return true;
}
