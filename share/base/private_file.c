/* SPDX-License-Identifier: GPL-3.0-or-later */
/* private_file.c - see private_file.h */
#include "share/base/private_file.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <openssl/crypto.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scanner/base/error.h"
#include "scanner/base/write.h"

/* Bytes of a private file: a PEM key has under 200, a salt 65. */
#define MAX_PRIVATE_BYTES (16u << 10)

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}
#define AUTO_CLOSE __attribute__((cleanup(close_fd)))

static char *xdg_path(const char *variable, const char *fallback, const char *name)
{
	const char *base = g_getenv(variable);

	/* A relative folder is to be ignored, says the XDG specification. */
	if (base != NULL && g_path_is_absolute(base))
		return g_build_filename(base, "imgvet", name, NULL);
	return g_build_filename(g_get_home_dir(), fallback, "imgvet", name, NULL);
}

char *iv_config_path(const char *name)
{
	return xdg_path("XDG_CONFIG_HOME", ".config", name);
}

char *iv_data_path(const char *name)
{
	return xdg_path("XDG_DATA_HOME", ".local/share", name);
}

bool iv_private_folder(const char *path, GError **error)
{
	g_autofree char *folder = g_path_get_dirname(path);

	if (g_mkdir_with_parents(folder, 0700) != 0)
		return iv_fail_errno(error, "%s: cannot make the folder", folder);
	return true;
}

/* Read up to size - 1 bytes and end them with NUL; -1 with errno, or the count. */
static ssize_t read_all(int fd, char *buffer, size_t size)
{
	size_t have = 0;

	while (have < size - 1) {
		ssize_t got = read(fd, buffer + have, size - 1 - have);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		have += (size_t)got;
	}
	buffer[have] = '\0';
	return (ssize_t)have;
}

static bool check_private(int fd, const char *path, const char *what, GError **error)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return iv_fail_errno(error, "%s: cannot look at the %s", path, what);
	if (!S_ISREG(st.st_mode))
		return iv_fail(error, IV_ERROR_CONFIG, "%s: the %s is not a regular file", path,
			       what);
	if ((st.st_mode & 077) != 0)
		return iv_fail(error, IV_ERROR_CONFIG,
			       "%s: others may read or change the %s (mode %04o)\n"
			       "if nobody else had it: chmod 600 %s",
			       path, what, (unsigned)(st.st_mode & 07777), path);
	return true;
}

bool iv_private_read(const char *path, const char *what, char **text, bool *missing, GError **error)
{
	/* O_NONBLOCK: opening a pipe by this name must not hang. */
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	char *buffer;
	ssize_t got;

	*text = NULL;
	if (missing != NULL)
		*missing = fd < 0 && errno == ENOENT;
	if (fd < 0)
		return iv_fail_errno(error, "%s: cannot open the %s", path, what);
	if (!check_private(fd, path, what, error))
		return false;

	buffer = g_malloc0(MAX_PRIVATE_BYTES + 1);
	got = read_all(fd, buffer, MAX_PRIVATE_BYTES + 1);
	if (got < 0)
		iv_fail_errno(error, "%s: cannot read the %s", path, what);
	else if ((size_t)got == MAX_PRIVATE_BYTES || strlen(buffer) != (size_t)got)
		iv_fail(error, IV_ERROR_CONFIG, "%s: this is not a valid %s", path, what);
	else
		*text = buffer;
	if (*text != buffer) {
		OPENSSL_cleanse(buffer, MAX_PRIVATE_BYTES + 1);
		g_free(buffer);
		return false;
	}
	return true;
}

static void sync_folder(const char *path)
{
	g_autofree char *folder = g_path_get_dirname(path);
	AUTO_CLOSE int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	/* Without this a power failure may lose the name, and another file would be made. */
	if (fd >= 0)
		(void)fsync(fd);
}

bool iv_private_make(const char *path, const char *what, const char *text, GError **error)
{
	g_autofree char *temporary = g_strdup_printf("%s.XXXXXX", path);
	AUTO_CLOSE int fd = -1;
	bool made;

	if (!iv_private_folder(path, error))
		return false;
	fd = g_mkstemp_full(temporary, O_RDWR | O_CLOEXEC, 0600);
	if (fd < 0)
		return iv_fail_errno(error, "%s: cannot make the %s", path, what);
	/* Unlike a rename, a link never replaces a file that another process made first. */
	made = iv_write_all(fd, text, strlen(text)) && fsync(fd) == 0 &&
	       (link(temporary, path) == 0 || errno == EEXIST);
	if (!made)
		iv_fail_errno(error, "%s: cannot write the %s", path, what);
	(void)g_unlink(temporary);
	sync_folder(path);
	return made;
}
