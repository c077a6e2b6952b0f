/* unpack_process.c - see unpack_process.h */
#include "scanner/process/unpack_process.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scanner/base/error.h"
#include "scanner/base/limits.h"
#include "scanner/process/sandbox.h"
#include "scanner/disk/digest.h"
#include "scanner/disk/open.h"
#include "scanner/disk/unpack.h"

/* Bytes hashed between two steps of the progress bar. */
#define STEP (64u * IV_DIGEST_CHUNK)

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

bool iv_export_probe(const char *file, const char *name, IvExport *landing, const char **format,
		      GError **error)
{
	const char *shows, *claims = iv_disk_claim(name);

	if (!iv_disk_content(file, &shows, error))
		return false;
	*landing = g_strcmp0(shows, "gzip") == 0 ? IV_EXPORT_ARCHIVE : IV_EXPORT_DISK;
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
} Landing;

static bool open_both(const Landing *landing, int *in, int *out, GError **error)
{
	struct stat st;

	*in = open(landing->from, O_RDONLY | O_CLOEXEC);
	if (*in < 0 || fstat(*in, &st) != 0)
		return iv_fail_errno(error, "%s: cannot be read", landing->from);
	*out = open(landing->to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (*out < 0)
		return iv_fail_errno(error, "%s: cannot be written", landing->to);
	if (landing->progress != NULL) {
		landing->progress->total = (uint64_t)st.st_size;
		landing->progress->phase = IV_PHASE_SEARCH;
	}
	return true;
}

static char *unpack(void *user, GError **error)
{
	const Landing *landing = user;
	int in = -1, out = -1;
	uint64_t size;

	if (!open_both(landing, &in, &out, error) || !iv_sandbox_enter(error) ||
	    !iv_unpack(in, out, IV_MAX_DISK_BYTES,
		       landing->progress != NULL ? &landing->progress->done : NULL, &size, error))
		return NULL;
	return g_strdup("done");
}

IvSubprocess *iv_unpack_process_start(const char *archive, const char *disk, IvScanProgress *progress,
			  GError **error)
{
	Landing landing = {archive, disk, progress};

	return iv_subprocess_start("imgvet-unpack", unpack, &landing, error);
}

bool iv_unpack_process_wait(IvSubprocess *process, const char *archive, GError **error)
{
	g_autofree char *text = iv_subprocess_wait(process, "unpacking", archive, error);

	if (text == NULL)
		g_prefix_error(error, "%s: ", archive);
	return text != NULL;
}

/* --- facts ---------------------------------------------------------------------------- */

void iv_disk_facts_clear(IvDiskFacts *facts)
{
	g_clear_pointer(&facts->format, g_free);
	g_clear_pointer(&facts->digest, g_free);
	facts->size = 0;
}

typedef struct {
	const char *disk, *format;
	IvScanProgress *progress;
} Facts;

static bool hash_all(const Facts *facts, IvDigest *digest, uint64_t size, GError **error)
{
	void *buf = g_aligned_alloc(1, IV_DIGEST_CHUNK, 64);
	bool ok = true;

	if (facts->progress != NULL) {
		facts->progress->total = size;
		facts->progress->phase = IV_PHASE_SEARCH;
	}
	for (uint64_t at = 0; ok && at < size; at += STEP) {
		uint64_t len = MIN(STEP, size - at);

		ok = iv_digest_range(digest, at, len, buf, error);
		if (facts->progress != NULL)
			facts->progress->done += len;
	}
	g_aligned_free(buf);
	return ok;
}

static char *find_facts(void *user, GError **error)
{
	const Facts *facts = user;
	IvDiskOptions options = {.format = facts->format};
	g_autoptr(IvDisk) disk = iv_disk_open(facts->disk, &options, error);
	g_autoptr(IvDigest) digest = disk != NULL ? iv_digest_new(disk->source, error) : NULL;
	g_autofree char *value = NULL;

	if (digest == NULL || !iv_sandbox_enter(error) ||
	    !hash_all(facts, digest, disk->source->size, error) ||
	    (value = iv_digest_finish(digest, error)) == NULL || !iv_disk_unchanged(disk, error))
		return NULL;
	return g_strdup_printf("%s %" G_GUINT64_FORMAT " %s", disk->format, disk->source->size,
			       value);
}

IvSubprocess *iv_digest_process_start(const char *disk, const char *format, IvScanProgress *progress,
			GError **error)
{
	Facts facts = {disk, format, progress};

	return iv_subprocess_start("imgvet-digest", find_facts, &facts, error);
}

/* The child read hostile bytes, so its words are read with care. */
static bool read_facts(const char *text, IvDiskFacts *facts)
{
	g_auto(GStrv) words = g_strsplit(text, " ", 4);
	guint64 size;

	if (g_strv_length(words) != 3 || !g_strv_contains(iv_disk_formats(), words[0]) ||
	    !g_ascii_string_to_unsigned(words[1], 10, 1, IV_MAX_DISK_BYTES, &size, NULL) ||
	    !g_str_has_prefix(words[2], "fsverity-sha256:") ||
	    strlen(words[2]) != strlen("fsverity-sha256:") + 64)
		return false;
	facts->format = g_strdup(words[0]);
	facts->size = size;
	facts->digest = g_strdup(words[2]);
	return true;
}

bool iv_digest_process_wait(IvSubprocess *process, const char *disk, IvDiskFacts *facts, GError **error)
{
	g_autofree char *text = iv_subprocess_wait(process, "digesting", disk, error);

	*facts = (IvDiskFacts){0};
	if (text == NULL)
		return false;
	return read_facts(text, facts) ||
	       iv_fail(error, IV_ERROR_CORRUPT, "%s: digesting gave an answer that is none", disk);
}
