/* SPDX-License-Identifier: GPL-3.0-or-later */
/* unpack_process.c - see unpack_process.h */
#include "scanner/process/unpack_process.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scanner/base/error.h"
#include "scanner/base/limits.h"
#include "scanner/disk/open.h"
#include "scanner/disk/unpack.h"
#include "scanner/process/sandbox.h"

/* --- what it is ---------------------------------------------------------------------- */

static bool fail_content(const char *shows, const char *name, GError **error)
{
	if (shows == NULL)
		return iv_fail(error, IV_ERROR_UNSUPPORTED,
			       "%s: the object's content is not what its name says\n"
			       "look at it yourself before anything is made of it",
			       name);
	return iv_fail(error, IV_ERROR_UNSUPPORTED,
		       "%s: is a %s file, which imgvet does not read\n"
		       "fetch it and convert it: qemu-img convert -f %s -O raw FILE DISK.raw",
		       name, shows, shows);
}

bool iv_export_probe(const char *file, const char *name, IvExport *kind, const char **format,
		      GError **error)
{
	const char *shows, *claims = iv_disk_claim(name);

	if (!iv_disk_content(file, &shows, error))
		return false;
	*kind = g_strcmp0(shows, "gzip") == 0 ? IV_EXPORT_ARCHIVE : IV_EXPORT_DISK;
	*format = g_strcmp0(shows, "qcow2") == 0 ? "qcow2" : "raw";
	/* A fixed VHD shows itself by its name alone. */
	if (shows == NULL)
		return claims == NULL || fail_content(NULL, name, error);
	return strcmp(shows, "gzip") == 0 || strcmp(shows, "qcow2") == 0 ||
	       fail_content(shows, name, error);
}

/* --- unpacking ------------------------------------------------------------------------ */

typedef struct {
	const char *from, *to;
	IvScanProgress *progress;
} Job;

static bool open_both(const Job *job, int *in, int *out, GError **error)
{
	struct stat st;

	*in = open(job->from, O_RDONLY | O_CLOEXEC);
	if (*in < 0 || fstat(*in, &st) != 0)
		return iv_fail_errno(error, "%s: cannot be read", job->from);
	*out = open(job->to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (*out < 0)
		return iv_fail_errno(error, "%s: cannot be written", job->to);
	if (job->progress != NULL) {
		job->progress->total = (uint64_t)st.st_size;
		job->progress->phase = IV_PHASE_SEARCH;
	}
	return true;
}

static bool unpack(void *user, IvAnswer *answer, GError **error)
{
	const Job *job = user;
	int in = -1, out = -1;
	uint64_t size;

	iv_sandbox_memory(IV_CHILD_BYTES);
	if (!open_both(job, &in, &out, error) || !iv_sandbox_enter(error) ||
	    !iv_unpack(in, out, IV_MAX_DISK_BYTES,
		       job->progress != NULL ? &job->progress->done : NULL, &size, error))
		return false;
	return iv_answer_add(answer, 0, "done", strlen("done"), error);
}

IvSubprocess *iv_unpack_process_start(const char *archive, const char *disk,
				      IvScanProgress *progress, GError **error)
{
	Job job = {archive, disk, progress};

	return iv_subprocess_start("imgvet-unpack", unpack, &job, progress, error);
}

bool iv_unpack_process_wait(IvSubprocess *process, const char *archive, GError **error)
{
	g_autofree char *text = iv_subprocess_wait_text(process, "unpacking", archive, strlen("done"), error);

	if (text == NULL)
		g_prefix_error(error, "%s: ", archive);
	return text != NULL;
}
