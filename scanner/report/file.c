/* SPDX-License-Identifier: GPL-3.0-or-later */
/* file.c - report files: read with a ceiling, written whole or not at all.  See report.h. */
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scanner/base/error.h"
#include "scanner/base/limits.h"
#include "scanner/base/write.h"
#include "scanner/report/json.h"
#include "scanner/report/report.h"

#define READ_STEP (1u << 20)

/* A report is a file, or a pipe from another program; never a device, which may
 * have no end. */
static bool check_readable(int fd, const char *path, GError **error)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return iv_fail_errno(error, "%s: cannot be read", path);
	if (S_ISDIR(st.st_mode))
		return iv_fail(error, IV_ERROR_IO, "%s: is a folder, not a report", path);
	if (!S_ISREG(st.st_mode) && !S_ISFIFO(st.st_mode) && !S_ISSOCK(st.st_mode))
		return iv_fail(error, IV_ERROR_IO, "%s: is not a file", path);
	return true;
}

static bool read_all(int fd, const char *path, GByteArray *text, GError **error)
{
	for (;;) {
		guint have = text->len;
		ssize_t got;

		g_byte_array_set_size(text, have + READ_STEP);
		do
			got = read(fd, text->data + have, READ_STEP);
		while (got < 0 && errno == EINTR);
		if (got < 0)
			return iv_fail_errno(error, "%s: cannot be read", path);
		g_byte_array_set_size(text, have + (guint)got);
		if (got == 0)
			return true;
		if (text->len > IV_MAX_REPORT_BYTES)
			return iv_fail(error, IV_ERROR_LIMIT, "%s: larger than %u MiB, so not a report",
				       path, IV_MAX_REPORT_BYTES >> 20);
	}
}

cJSON *iv_report_load(const char *path, GError **error)
{
	g_autoptr(GByteArray) text = g_byte_array_new();
	cJSON *json = NULL;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0) {
		iv_fail_errno(error, "%s: cannot be opened", path);
		return NULL;
	}
	if (check_readable(fd, path, error) && read_all(fd, path, text, error)) {
		json = iv_json_parse((const char *)text->data, text->len, error);
		if (json == NULL)
			g_prefix_error(error, "%s: not a report: ", path);
	}
	close(fd);
	return json;
}

/* --- saving ----------------------------------------------------------------------- */

/* A rename would replace a device such as /dev/null, or the link /dev/stdout,
 * by a file. */
static bool check_target(const char *path, GError **error)
{
	g_autofree char *link = g_file_read_link(path, NULL);
	struct stat st;
	bool there = stat(path, &st) == 0;

	if (there && S_ISDIR(st.st_mode))
		return iv_fail(error, IV_ERROR_IO, "%s: is a folder; give the name of a file", path);
	if ((there && !S_ISREG(st.st_mode)) || (link != NULL && g_str_has_prefix(link, "/proc/")))
		return iv_fail(error, IV_ERROR_IO,
			       "%s: is not a regular file, and a report replaces its file as a whole\n"
			       "name a file; \"-\" writes to the standard output",
			       path);
	return true;
}

/* So that the new name survives a power cut.  Some file systems cannot sync a
 * folder; the file itself is safe by then. */
static void sync_folder(const char *path)
{
	g_autofree char *folder = g_path_get_dirname(path);
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return;
	(void)fsync(fd);
	close(fd);
}

static bool write_beside(const char *path, const char *text, GError **error)
{
	g_autofree char *temp = g_strdup_printf("%s.XXXXXX", path);
	int fd = g_mkstemp_full(temp, O_WRONLY | O_CLOEXEC, 0600);
	bool written;
	int saved;

	if (fd < 0)
		return iv_fail_errno(error, "%s: cannot be written", path);
	written = iv_write_all(fd, text, strlen(text)) && fsync(fd) == 0;
	saved = errno;
	if (close(fd) != 0 && written) {
		written = false;
		saved = errno;
	}
	if (written && rename(temp, path) == 0) {
		sync_folder(path);
		return true;
	}
	errno = written ? errno : saved;
	iv_fail_errno(error, "%s: cannot be written", path);
	(void)unlink(temp);
	return false;
}

bool iv_report_save(const cJSON *json, const char *path, GError **error)
{
	g_autofree char *text = iv_report_text(json);

	if (text == NULL)
		return iv_fail(error, IV_ERROR_CORRUPT, "%s: the report holds what JSON cannot express",
			       path);
	return check_target(path, error) && write_beside(path, text, error);
}
