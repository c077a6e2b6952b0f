/* SPDX-License-Identifier: GPL-3.0-or-later */
/* unpack.c - see unpack.h */
#include "scanner/disk/unpack.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scanner/base/error.h"
#include "scanner/base/text.h"
#include "scanner/base/write.h"

/* Bytes asked of the file at once. */
#define IN_BLOCK (256u << 10)
/* Zeros of this length and alignment are left out. */
#define HOLE 4096u

typedef struct {
	struct archive *archive;
	int out;
	uint64_t max;
	_Atomic uint64_t *taken;
	uint64_t at;   /* bytes of the disk written or passed over */
	uint64_t size; /* that the archive claims */
	bool found;
	int in;
	uint8_t *block; /* IN_BLOCK bytes of the file */
} Unpack;

/* As archive_read_open_fd() does it, which looks at the file as well and so needs
 * more than a sandbox allows. */
static la_ssize_t read_in(struct archive *archive, void *user, const void **bytes)
{
	Unpack *u = user;
	ssize_t n;

	do
		n = read(u->in, u->block, IN_BLOCK);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		archive_set_error(archive, errno, "the file cannot be read");
	*bytes = u->block;
	return n < 0 ? ARCHIVE_FATAL : n;
}

static bool broken(Unpack *u, GError **error)
{
	const char *words = archive_error_string(u->archive);
	g_autofree char *shown = iv_text_printable(words != NULL ? words : "no reason given", -1);

	return iv_fail(error, IV_ERROR_CORRUPT, "the archive cannot be read: %s", shown);
}

static bool write_out(const Unpack *u, const void *bytes, size_t len, GError **error)
{
	return iv_write_all(u->out, bytes, len) || iv_fail_errno(error, "the disk cannot be written");
}

static bool seek(const Unpack *u, uint64_t to, GError **error)
{
	if (lseek(u->out, (off_t)to, SEEK_SET) < 0)
		return iv_fail_errno(error, "the disk cannot be written");
	return true;
}

static bool all_zero(const uint8_t *bytes, size_t len)
{
	return len > 0 && bytes[0] == 0 && memcmp(bytes, bytes + 1, len - 1) == 0;
}

/* Bytes at a place of the disk, in pieces that end where a hole may begin. */
static bool put(Unpack *u, const uint8_t *bytes, size_t len, uint64_t at, GError **error)
{
	while (len > 0) {
		size_t piece = MIN(len, HOLE - at % HOLE);
		size_t run = 0;

		if (all_zero(bytes, piece)) {
			bytes += piece, at += piece, len -= piece;
			continue;
		}
		while (run < len && !all_zero(bytes + run, piece)) {
			run += piece;
			piece = MIN(len - run, HOLE);
		}
		if (!seek(u, at, error) || !write_out(u, bytes, run, error))
			return false;
		bytes += run, at += run, len -= run;
	}
	return true;
}

static bool take_data(Unpack *u, GError **error)
{
	const void *bytes;
	la_int64_t at;
	size_t len;
	int r;

	while ((r = archive_read_data_block(u->archive, &bytes, &len, &at)) == ARCHIVE_OK ||
	       r == ARCHIVE_RETRY) {
		if (r == ARCHIVE_RETRY)
			continue;
		if (at < 0 || (uint64_t)at < u->at || (uint64_t)at > u->size ||
		    len > u->size - (uint64_t)at)
			return iv_fail(error, IV_ERROR_CORRUPT,
				       "the archive's file is larger than it claims");
		if (!put(u, bytes, len, (uint64_t)at, error))
			return false;
		u->at = (uint64_t)at + len;
		if (u->taken != NULL)
			*u->taken = (uint64_t)archive_filter_bytes(u->archive, -1);
	}
	return r == ARCHIVE_EOF || broken(u, error);
}

/* The end may be a hole: its last byte gives the file its size. */
static bool end_file(Unpack *u, GError **error)
{
	const uint8_t zero = 0;
	off_t have = lseek(u->out, 0, SEEK_END);

	if (have < 0)
		return iv_fail_errno(error, "the disk cannot be written");
	return (uint64_t)have >= u->size ||
	       (seek(u, u->size - 1, error) && write_out(u, &zero, 1, error));
}

static bool take_file(Unpack *u, struct archive_entry *entry, GError **error)
{
	la_int64_t size = archive_entry_size(entry);

	if (u->found)
		return iv_fail(error, IV_ERROR_CORRUPT,
			       "the archive holds several files, and one disk was expected");
	if (size <= 0 || !archive_entry_size_is_set(entry))
		return iv_fail(error, IV_ERROR_CORRUPT, "the archive's file is empty");
	if ((uint64_t)size > u->max)
		return iv_fail(error, IV_ERROR_LIMIT, "the archive's file is larger than any disk");
	u->found = true;
	u->size = (uint64_t)size;
	return take_data(u, error) && end_file(u, error);
}

static bool take_entries(Unpack *u, GError **error)
{
	struct archive_entry *entry;
	int r;

	while ((r = archive_read_next_header(u->archive, &entry)) != ARCHIVE_EOF) {
		/* Not even a header that libarchive could pass over: it may have been the disk. */
		if (r != ARCHIVE_OK && r != ARCHIVE_WARN)
			return broken(u, error);
		if (archive_entry_filetype(entry) == AE_IFDIR)
			continue;
		if (archive_entry_filetype(entry) != AE_IFREG || archive_entry_hardlink(entry) != NULL)
			return iv_fail(error, IV_ERROR_CORRUPT,
				       "the archive holds something else than a file");
		if (!take_file(u, entry, error))
			return false;
	}
	return u->found || iv_fail(error, IV_ERROR_CORRUPT, "the archive is empty");
}

bool iv_unpack(int in, int out, uint64_t max, _Atomic uint64_t *taken, uint64_t *size,
	       GError **error)
{
	g_autofree uint8_t *block = g_malloc(IN_BLOCK);
	Unpack u = {.archive = archive_read_new(), .out = out, .max = max, .taken = taken,
		    .in = in, .block = block};
	bool ok;

	if (u.archive == NULL || archive_read_support_filter_gzip(u.archive) != ARCHIVE_OK ||
	    archive_read_support_format_tar(u.archive) != ARCHIVE_OK)
		ok = iv_fail(error, IV_ERROR_UNSUPPORTED, "libarchive cannot read a gzip tar here");
	else if (archive_read_open(u.archive, &u, NULL, read_in, NULL) != ARCHIVE_OK)
		ok = broken(&u, error);
	else
		ok = take_entries(&u, error);
	archive_read_free(u.archive);
	*size = u.size;
	return ok;
}
