/* SPDX-License-Identifier: GPL-3.0-or-later */
/* file.c - see file.h */
#include "scanner/disk/file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "scanner/base/error.h"

/* fstat(2) itself: the C library's is newfstatat(2) with an empty path, and a
 * sandbox (scanner/process/sandbox.h) that allowed that would allow any path.  On
 * 64-bit machines both fill the same structure. */
static int examine(int fd, struct stat *st)
{
#ifdef __LP64__
	return (int)syscall(SYS_fstat, fd, st);
#else
	return fstat(fd, st);
#endif
}

/* What kind of file it is, and how many bytes it holds. */
static bool measure(IvFile *file, GError **error)
{
	uint64_t capacity;

	if (examine(file->fd, &file->seen) != 0)
		return iv_fail_errno(error, "%s: cannot be examined", file->path);
	if (S_ISDIR(file->seen.st_mode))
		return iv_fail(error, IV_ERROR_USAGE,
			       "%s: is a directory, not a disk image\n"
			       "to search a mounted disk or a directory, use --reader tree",
			       file->path);
	if (S_ISBLK(file->seen.st_mode)) {
		if (ioctl(file->fd, BLKGETSIZE64, &capacity) != 0)
			return iv_fail_errno(error, "%s: cannot find out its capacity", file->path);
		file->block = true;
		file->size = capacity;
	} else if (S_ISREG(file->seen.st_mode)) {
		file->size = (uint64_t)file->seen.st_size;
	} else {
		return iv_fail(error, IV_ERROR_USAGE,
			       "%s: is neither a file nor a block device", file->path);
	}
	if (file->size == 0)
		return iv_fail(error, IV_ERROR_CORRUPT, "%s: is empty, so it is not a disk image",
			       file->path);
	return true;
}

IvFile *iv_file_open(const char *path, GError **error)
{
	g_autoptr(IvFile) file = g_new0(IvFile, 1);

	g_atomic_ref_count_init(&file->refs);
	file->path = g_strdup(path);
	/* O_NONBLOCK: a named pipe must not make us wait for a writer. */
	file->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (file->fd < 0) {
		iv_fail_errno(error, "%s: cannot be opened", path);
		return NULL;
	}
	if (!measure(file, error))
		return NULL;
	return g_steal_pointer(&file);
}

IvFile *iv_file_ref(IvFile *file)
{
	g_atomic_ref_count_inc(&file->refs);
	return file;
}

void iv_file_unref(IvFile *file)
{
	if (!g_atomic_ref_count_dec(&file->refs))
		return;
	if (file->fd >= 0)
		close(file->fd);
	g_free(file->path);
	g_free(file);
}

bool iv_file_read(IvFile *file, uint64_t off, void *buf, size_t len, GError **error)
{
	uint8_t *to = buf;

	while (len > 0) {
		ssize_t got = pread(file->fd, to, len, (off_t)off);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return iv_fail_errno(error, "%s: cannot be read at byte %" G_GUINT64_FORMAT,
					     file->path, off);
		if (got == 0)
			return iv_fail(error, IV_ERROR_IO,
				       "%s: ends at byte %" G_GUINT64_FORMAT
				       ", it became shorter while it was read",
				       file->path, off);
		to += got;
		off += (uint64_t)got;
		len -= (size_t)got;
	}
	return true;
}

/* SEEK_DATA found no data behind off: a hole up to the end, if the end is
 * still where it was. */
static bool hole_to_end(IvFile *file, uint64_t off, GError **error)
{
	struct stat now;

	if (examine(file->fd, &now) != 0)
		return iv_fail_errno(error, "%s: cannot be examined", file->path);
	if ((uint64_t)now.st_size < file->size)
		return iv_fail(error, IV_ERROR_IO,
			       "%s: became shorter while it was read (at byte %" G_GUINT64_FORMAT
			       ")",
			       file->path, off);
	return true;
}

bool iv_file_extent(IvFile *file, uint64_t off, uint64_t *len, bool *zero, GError **error)
{
	off_t at, end;

	*zero = false;
	if (file->block)
		return true;
	at = lseek(file->fd, (off_t)off, SEEK_DATA);
	if (at < 0 && errno == ENXIO) {
		*zero = true;
		return hole_to_end(file, off, error);
	}
	/* A file system that knows no holes: everything has to be read. */
	if (at < 0)
		return true;
	if ((uint64_t)at > off) {
		*zero = true;
		*len = MIN(*len, (uint64_t)at - off);
		return true;
	}
	end = lseek(file->fd, (off_t)off, SEEK_HOLE);
	if (end > at)
		*len = MIN(*len, (uint64_t)end - off);
	return true;
}

static bool same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

bool iv_file_unchanged(IvFile *file, GError **error)
{
	struct stat now;

	if (file->block)
		return true;
	if (examine(file->fd, &now) != 0)
		return iv_fail_errno(error, "%s: cannot be examined", file->path);
	if (now.st_size == file->seen.st_size && same_time(&now.st_mtim, &file->seen.st_mtim) &&
	    same_time(&now.st_ctim, &file->seen.st_ctim))
		return true;
	return iv_fail(error, IV_ERROR_IO,
		       "%s: changed while it was read\n"
		       "stop what writes to it (a running virtual machine?), or scan a copy",
		       file->path);
}
