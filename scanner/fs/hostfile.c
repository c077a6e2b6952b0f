/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hostfile.c - see hostfile.h */
#include "scanner/fs/hostfile.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "scanner/base/error.h"
#include "scanner/base/text.h"

IvHostRoot *iv_host_root_open(const char *path, GError **error)
{
	g_autofree char *name = iv_text_printable(path, -1);
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	IvHostRoot *root;

	if (fd < 0 && errno == ENOTDIR) {
		iv_fail(error, IV_ERROR_USAGE, "%s is not a directory", name);
		return NULL;
	}
	if (fd < 0) {
		iv_fail_errno(error, "cannot open %s", name);
		return NULL;
	}
	root = g_new0(IvHostRoot, 1);
	root->fd = fd;
	g_atomic_ref_count_init(&root->refs);
	return root;
}

void iv_host_root_unref(IvHostRoot *root)
{
	if (root == NULL || !g_atomic_ref_count_dec(&root->refs))
		return;
	close(root->fd);
	g_free(root);
}

int iv_host_openat(int dir, const char *name, int flags)
{
	int fd;

	/* A fifo or a device that took the file's place must not hold us up. */
	flags |= O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	fd = openat(dir, name, flags | O_NOATIME);
	/* Only the owner of a file may leave its access time alone. */
	if (fd < 0 && errno == EPERM)
		fd = openat(dir, name, flags);
	return fd;
}

/* Paths may be longer than the kernel takes at once: go there in steps. */
static int open_long(const IvHostRoot *root, const char *path, int flags)
{
	g_autofree char *rest = g_strdup(*path == '\0' ? "." : path);
	int dir = root->fd, fd, saved;
	char *at = rest;

	while (strlen(at) >= PATH_MAX) {
		char *cut = memrchr(at, '/', PATH_MAX - 1);
		int next = -1;

		errno = ENAMETOOLONG;
		if (cut != NULL) {
			*cut = '\0';
			next = openat(dir, at, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		}
		saved = errno;
		if (dir != root->fd)
			close(dir);
		errno = saved;
		if (next < 0)
			return -1;
		dir = next;
		at = cut + 1;
	}
	fd = iv_host_openat(dir, at, flags);
	saved = errno;
	if (dir != root->fd)
		close(dir);
	errno = saved;
	return fd;
}

int iv_host_open(const IvHostRoot *root, const char *path, int flags, const struct stat *seen)
{
	int fd = open_long(root, path, flags);
	struct stat now;

	if (fd < 0)
		return -1;
	if (fstat(fd, &now) == 0 && now.st_dev == seen->st_dev && now.st_ino == seen->st_ino)
		return fd;
	close(fd);
	errno = ESTALE;
	return -1;
}

bool iv_host_is_kernel_view(int fd)
{
	static const long views[] = {
		PROC_SUPER_MAGIC, SYSFS_MAGIC,	      DEBUGFS_MAGIC,	   TRACEFS_MAGIC,
		SECURITYFS_MAGIC, CGROUP_SUPER_MAGIC, CGROUP2_SUPER_MAGIC, DEVPTS_SUPER_MAGIC,
		BPF_FS_MAGIC,	  PSTOREFS_MAGIC,     EFIVARFS_MAGIC,	   SELINUX_MAGIC,
	};
	struct statfs fs;

	if (fstatfs(fd, &fs) != 0)
		return false;
	for (size_t i = 0; i < G_N_ELEMENTS(views); i++)
		if ((unsigned long)fs.f_type == (unsigned long)views[i])
			return true;
	return false;
}

bool iv_host_is_mount(int fd)
{
	struct statx st;

	return statx(fd, "", AT_EMPTY_PATH, 0, &st) == 0 &&
	       (st.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
}

typedef struct {
	IvSource base;
	IvHostRoot *root;
	char *path;
	struct stat seen;
} HostSource;

static bool read_all(int fd, const char *path, uint64_t off, uint8_t *buf, size_t len,
		     GError **error)
{
	while (len > 0) {
		ssize_t got = pread(fd, buf, len, (off_t)off);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return iv_fail_errno(error, "cannot read %s", path);
		if (got == 0)
			return iv_fail(error, IV_ERROR_IO, "%s shrank while it was read", path);
		buf += got;
		off += (uint64_t)got;
		len -= (size_t)got;
	}
	return true;
}

static bool host_read(IvSource *source, uint64_t off, void *buf, size_t len, GError **error)
{
	HostSource *file = (HostSource *)source;
	g_autofree char *name = iv_text_printable(file->path, -1);
	int fd = iv_host_open(file->root, file->path, 0, &file->seen);
	bool ok;

	if (fd < 0 && errno == ESTALE)
		return iv_fail(error, IV_ERROR_IO, "%s was replaced while it was read", name);
	if (fd < 0)
		return iv_fail_errno(error, "cannot open %s", name);
	ok = read_all(fd, name, off, buf, len, error);
	close(fd);
	return ok;
}

static void host_free(IvSource *source)
{
	HostSource *file = (HostSource *)source;

	iv_host_root_unref(file->root);
	g_free(file->path);
	g_free(file);
}

static const IvSourceOps host_ops = {.read = host_read, .free = host_free};

IvSource *iv_host_source(IvHostRoot *root, const char *path, const struct stat *seen)
{
	HostSource *file = g_new0(HostSource, 1);

	iv_source_init(&file->base, &host_ops, (uint64_t)seen->st_size);
	g_atomic_ref_count_inc(&root->refs);
	file->root = root;
	file->path = g_strdup(path);
	file->seen = *seen;
	return &file->base;
}
