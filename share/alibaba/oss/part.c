/* SPDX-License-Identifier: GPL-3.0-or-later */
/* part.c - see part.h */
#include "share/alibaba/oss/part.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scanner/base/error.h"
#include "scanner/base/text.h"
#include "share/base/crc64.h"
#include "share/base/limits.h"

#define GROUP "download"

/* A message about one of the files, whose name is the user's. */
static bool failed(const char *what, const char *path, GError **error)
{
	int saved = errno;
	g_autofree char *shown = iv_text_printable(path, -1);

	errno = saved;
	return iv_fail_errno(error, "%s %s", what, shown);
}

/* --- the state ------------------------------------------------------------------------ */

static bool says(GKeyFile *file, const char *name, const char *value)
{
	g_autofree char *text = g_key_file_get_string(file, GROUP, name, NULL);

	return g_strcmp0(text, value) == 0;
}

static bool says_number(GKeyFile *file, const char *name, guint64 *number)
{
	g_autoptr(GError) problem = NULL;

	*number = g_key_file_get_uint64(file, GROUP, name, &problem);
	return problem == NULL;
}

/* Bytes that may be built on, as the state says; 0 when it is of something else. */
static guint64 read_state(const IvOssPart *part, guint64 *crc)
{
	g_autoptr(GKeyFile) file = g_key_file_new();
	guint64 size, done;

	if (!g_key_file_load_from_file(file, part->state, G_KEY_FILE_NONE, NULL) ||
	    !says(file, "bucket", part->bucket) || !says(file, "key", part->object->key) ||
	    !says(file, "etag", part->object->etag) || !says_number(file, "size", &size) ||
	    !says_number(file, "done", &done) || !says_number(file, "crc64", crc))
		return 0;
	return size == part->object->size && done <= size ? done : 0;
}

static bool write_state(const IvOssPart *part, GError **error)
{
	g_autoptr(GKeyFile) file = g_key_file_new();
	g_autofree char *text = NULL;

	g_key_file_set_string(file, GROUP, "bucket", part->bucket);
	g_key_file_set_string(file, GROUP, "key", part->object->key);
	g_key_file_set_string(file, GROUP, "etag", part->object->etag);
	g_key_file_set_uint64(file, GROUP, "size", part->object->size);
	g_key_file_set_uint64(file, GROUP, "done", part->done);
	g_key_file_set_uint64(file, GROUP, "crc64", part->crc);
	text = g_key_file_to_data(file, NULL, NULL);
	return g_file_set_contents_full(part->state, text, -1,
					G_FILE_SET_CONTENTS_CONSISTENT |
						G_FILE_SET_CONTENTS_DURABLE,
					0600, error);
}

/* --- going on -------------------------------------------------------------------------- */

/* Checksum of the first `len` bytes; false when they are not all there. */
static bool read_back(const IvOssPart *part, guint64 len, guint64 *crc)
{
	g_autofree char *buffer = g_malloc(1 << 20);

	*crc = 0;
	for (guint64 at = 0; at < len;) {
		ssize_t got = pread(part->fd, buffer, MIN(len - at, 1 << 20), (off_t)at);

		if (got <= 0)
			return false;
		*crc = iv_crc64(*crc, buffer, (size_t)got);
		at += (guint64)got;
	}
	return true;
}

static bool go_on(IvOssPart *part, GError **error)
{
	guint64 noted_crc = 0, done = read_state(part, &noted_crc);

	if (!read_back(part, done, &part->crc) || part->crc != noted_crc)
		done = part->crc = 0;
	part->done = part->noted = done;
	if (ftruncate(part->fd, (off_t)done) != 0)
		return failed("cannot cut", part->part, error);
	return write_state(part, error);
}

bool iv_oss_part_open(IvOssPart *part, const char *path, const char *bucket,
		      const IvOssObject *object, GError **error)
{
	*part = (IvOssPart){.path = g_strdup(path),
			    .part = g_strconcat(path, ".part", NULL),
			    .state = g_strconcat(path, ".part.state", NULL),
			    .bucket = bucket,
			    .object = object,
			    .fd = -1};
	if (g_file_test(path, G_FILE_TEST_EXISTS) || g_file_test(path, G_FILE_TEST_IS_SYMLINK)) {
		errno = EEXIST;
		return failed("cannot download to", path, error);
	}
	part->fd = open(part->part, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (part->fd < 0)
		return failed("cannot open", part->part, error);
	if (flock(part->fd, LOCK_EX | LOCK_NB) != 0)
		return iv_fail(error, IV_ERROR_REFUSED,
			       "another process downloads to this file just now\n"
			       "wait until it has ended, or give another name");
	return go_on(part, error);
}

bool iv_oss_part_note(IvOssPart *part, GError **error)
{
	if (part->noted == part->done)
		return true;
	if (fdatasync(part->fd) != 0)
		return failed("cannot write", part->part, error);
	if (!write_state(part, error))
		return false;
	part->noted = part->done;
	return true;
}

bool iv_oss_part_write(IvOssPart *part, const void *bytes, gsize len, GError **error)
{
	const char *p = bytes;

	while (len > 0) {
		ssize_t put = pwrite(part->fd, p, len, (off_t)part->done);

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return failed("cannot write", part->part, error);
		part->crc = iv_crc64(part->crc, p, (size_t)put);
		part->done += (guint64)put;
		p += put;
		len -= (gsize)put;
	}
	return part->done - part->noted < IV_OBJECT_NOTE || iv_oss_part_note(part, error);
}

/* --- the end ------------------------------------------------------------------------------- */

/* The new name itself must outlive a crash. */
static bool sync_folder(const char *path, GError **error)
{
	g_autofree char *folder = g_path_get_dirname(path);
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool ok = fd >= 0 && fsync(fd) == 0;

	if (!ok)
		failed("cannot write", folder, error);
	if (fd >= 0)
		close(fd);
	return ok;
}

bool iv_oss_part_finish(IvOssPart *part, GError **error)
{
	if (fsync(part->fd) != 0)
		return failed("cannot write", part->part, error);
	/* A link refuses to take the place of a file that came meanwhile; where a file
	 * system has no links the check of the beginning must do. */
	if (link(part->part, part->path) == 0)
		unlink(part->part);
	else if (errno == EEXIST || rename(part->part, part->path) != 0)
		return failed("cannot name", part->path, error);
	unlink(part->state);
	return sync_folder(part->path, error);
}

void iv_oss_part_discard(IvOssPart *part)
{
	unlink(part->state);
	unlink(part->part);
}

void iv_oss_part_close(IvOssPart *part)
{
	if (part->fd >= 0)
		close(part->fd);
	g_free(part->path);
	g_free(part->part);
	g_free(part->state);
}
