/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tarstream.c - see tarstream.h */
#include "scanner/fs/tarstream.h"

#include <archive.h>
#include <archive_entry.h>
#include <string.h>
#include <sys/stat.h>

#include "scanner/base/error.h"
#include "scanner/base/limits.h"
#include "scanner/base/skip.h"

/* Bytes asked of the pipe at once. */
#define PIPE_BLOCK (256u << 10)

typedef struct {
	struct archive *tar;
	const IvFsSink *sink;
	void *user;
	uint64_t max_file;
	GPtrArray *links;
	size_t link_bytes; /* what they take */
	uint64_t specials;
} Walk;

/* What a link takes beyond its texts. */
#define LINK_OVERHEAD (sizeof(IvTarLink) + 64)

void iv_tar_link_free(IvTarLink *link)
{
	g_free(link->path);
	g_free(link->first);
	g_free(link);
}

/* "./etc/passwd" is etc/passwd; the root itself is ".". */
static const char *plain_path(const char *path)
{
	while (path[0] == '/' || (path[0] == '.' && path[1] == '/'))
		path++;
	return *path == '\0' ? "." : path;
}

static void fill(IvItem *item, struct archive_entry *entry)
{
	item->mode = (uint32_t)archive_entry_mode(entry);
	item->uid = (uint32_t)archive_entry_uid(entry);
	item->gid = (uint32_t)archive_entry_gid(entry);
}

static bool read_data(void *user, void *buf, size_t len, size_t *got, GError **error)
{
	struct archive *tar = user;
	la_ssize_t n;

	do
		n = archive_read_data(tar, buf, len);
	while (n == ARCHIVE_RETRY);
	*got = n > 0 ? (size_t)n : 0;
	if (n < 0)
		return iv_fail(error, IV_ERROR_IO, "the stream from the appliance broke off");
	return true;
}

static bool emit_file(Walk *walk, const char *path, struct archive_entry *entry, GError **error)
{
	g_autoptr(IvItem) item = iv_item_new(IV_ITEM_FILE, path);

	fill(item, entry);
	item->size = (uint64_t)archive_entry_size(entry);
	if (item->size > 0) {
		item->stream = read_data;
		item->stream_user = walk->tar;
	}
	return walk->sink->item(walk->user, item, error);
}

static bool emit_symlink(Walk *walk, const char *path, struct archive_entry *entry, GError **error)
{
	g_autoptr(IvItem) item = iv_item_new(IV_ITEM_SYMLINK, path);
	const char *target = archive_entry_symlink(entry);

	if (target == NULL) {
		walk->sink->unread(walk->user, path, 0, "the symbolic link's target is unreadable");
		return true;
	}
	fill(item, entry);
	item->size = strlen(target);
	item->bytes = g_bytes_new(target, item->size);
	return walk->sink->item(walk->user, item, error);
}

static bool emit_xattrs(Walk *walk, const char *path, struct archive_entry *entry, GError **error)
{
	const void *value;
	const char *name;
	size_t len;

	archive_entry_xattr_reset(entry);
	while (archive_entry_xattr_next(entry, &name, &value, &len) == ARCHIVE_OK) {
		g_autoptr(IvItem) item = NULL;

		if (name == NULL || len > IV_MAX_XATTR_VALUE_BYTES) {
			walk->sink->unread(walk->user, path, len,
					   "an extended attribute is too large or has no name");
			continue;
		}
		item = iv_item_new(IV_ITEM_XATTR, path);
		fill(item, entry);
		item->detail = g_strdup(name);
		item->size = len;
		item->bytes = g_bytes_new(value, len);
		if (!walk->sink->item(walk->user, item, error))
			return false;
	}
	return true;
}

static void keep_link(Walk *walk, const char *path, const char *first, struct archive_entry *entry)
{
	size_t cost = LINK_OVERHEAD + strlen(path) + strlen(first);
	IvTarLink *link;

	if (cost > IV_MAX_TAR_LINK_BYTES - walk->link_bytes) {
		walk->sink->unread(walk->user, path, 0,
				   "a further name of a file: there are more of them than imgvet "
				   "keeps track of");
		return;
	}
	walk->link_bytes += cost;
	link = g_new0(IvTarLink, 1);
	link->path = g_strdup(path);
	link->first = g_strdup(plain_path(first));
	link->mode = (uint32_t)archive_entry_mode(entry);
	link->uid = (uint32_t)archive_entry_uid(entry);
	link->gid = (uint32_t)archive_entry_gid(entry);
	g_ptr_array_add(walk->links, link);
}

/* One entry.  *stop: nothing behind it can be read. */
static bool visit(Walk *walk, struct archive_entry *entry, bool *stop, GError **error)
{
	const char *raw = archive_entry_pathname(entry);
	const char *path = raw == NULL ? NULL : plain_path(raw);
	const char *first = archive_entry_hardlink(entry);
	int64_t size = archive_entry_size(entry);
	bool ok = true;

	if (path == NULL) {
		walk->sink->unread(walk->user, NULL, 0, "a file's name cannot be read");
		return true;
	}
	if (first != NULL) {
		keep_link(walk, path, first, entry);
		return true;
	}
	switch (archive_entry_filetype(entry)) {
	case AE_IFREG:
		if (size < 0 || (uint64_t)size > walk->max_file) {
			walk->sink->unread(walk->user, path, size < 0 ? 0 : (uint64_t)size,
					   "the file claims more bytes than its volume has");
			*stop = true;
			return true;
		}
		ok = emit_file(walk, path, entry, error);
		break;
	case AE_IFLNK:
		ok = emit_symlink(walk, path, entry, error);
		break;
	case AE_IFDIR:
		break;
	default:
		iv_skip(IV_SKIP_SPECIAL_FILE, 1);
		walk->specials++;
		break;
	}
	return ok && emit_xattrs(walk, path, entry, error);
}

static bool walk_entries(Walk *walk, bool *whole, GError **error)
{
	struct archive_entry *entry;
	bool stop = false;
	int r;

	while (!stop) {
		r = archive_read_next_header(walk->tar, &entry);
		if (r == ARCHIVE_RETRY) { /* libarchive goes on behind it */
			walk->sink->unread(walk->user, NULL, 0,
					   "a file's header in the appliance's stream is damaged");
			continue;
		}
		/* A warning (a name that is no text of the locale) leaves the entry good. */
		*whole = r == ARCHIVE_EOF;
		if (r != ARCHIVE_OK && r != ARCHIVE_WARN)
			return true;
		if (!visit(walk, entry, &stop, error))
			return false;
	}
	return true;
}

bool iv_tar_walk(int fd, uint64_t max_file, const IvFsSink *sink, void *user, GPtrArray *links,
		 bool *whole, GError **error)
{
	Walk walk = {.sink = sink, .user = user, .max_file = max_file, .links = links};
	bool ok;

	*whole = false;
	walk.tar = archive_read_new();
	if (walk.tar == NULL || archive_read_support_format_tar(walk.tar) != ARCHIVE_OK ||
	    archive_read_open_fd(walk.tar, fd, PIPE_BLOCK) != ARCHIVE_OK) {
		archive_read_free(walk.tar);
		sink->unread(user, NULL, 0, "the appliance did not send a tar stream");
		return true;
	}
	ok = walk_entries(&walk, whole, error);
	archive_read_free(walk.tar);
	if (ok && walk.specials > 0) {
		g_autofree char *text =
			g_strdup_printf("%" G_GUINT64_FORMAT
					" devices, sockets and fifos were met: they hold no bytes",
					walk.specials);

		sink->note(user, text);
	}
	return ok;
}
