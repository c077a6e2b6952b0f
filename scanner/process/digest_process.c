/* SPDX-License-Identifier: GPL-3.0-or-later */
/* digest_process.c - see digest_process.h */
#include "scanner/process/digest_process.h"

#include <string.h>

#include "scanner/base/error.h"
#include "scanner/base/limits.h"
#include "scanner/disk/digest.h"
#include "scanner/disk/measure.h"
#include "scanner/disk/open.h"
#include "scanner/process/sandbox.h"

/* Bytes hashed between two steps of the progress bar, or more: no more steps than
 * anybody sees, since a disk that is all holes is hashed in no time. */
#define STEP  (64u * IV_DIGEST_CHUNK)
#define STEPS 4096u
/* Bytes of the answer: "qcow2", a number, a digest. */
#define MAX_FACTS 128u

void iv_disk_facts_clear(IvDiskFacts *facts)
{
	g_clear_pointer(&facts->format, g_free);
	g_clear_pointer(&facts->digest, g_free);
	facts->size = 0;
}

typedef struct {
	const char *disk, *format;
	IvScanProgress *progress;
} Job;

static bool hash_all(const Job *job, IvDigest *digest, uint64_t size, GError **error)
{
	void *buf = g_aligned_alloc(1, IV_DIGEST_CHUNK, 64);
	uint64_t step = STEP;
	bool ok = true;

	while (size / step > STEPS)
		step *= 2;
	if (job->progress != NULL) {
		job->progress->total = size;
		job->progress->phase = IV_PHASE_SEARCH;
	}
	for (uint64_t at = 0; ok && at < size; at += step) {
		uint64_t len = MIN(step, size - at);

		ok = iv_digest_range(digest, at, len, buf, error);
		if (job->progress != NULL)
			job->progress->done += len;
	}
	g_aligned_free(buf);
	return ok;
}

static bool digest_disk(void *user, IvAnswer *answer, GError **error)
{
	const Job *job = user;
	IvDiskOptions options = {.format = job->format};
	g_autoptr(IvDisk) disk = iv_disk_open(job->disk, &options, error);
	g_autoptr(IvDigest) digest = disk != NULL ? iv_digest_new(disk->source, error) : NULL;
	g_autofree char *value = NULL, *text = NULL;

	iv_sandbox_memory(IV_CHILD_BYTES);
	if (digest == NULL || !iv_sandbox_enter(error) ||
	    !hash_all(job, digest, disk->source->size, error) ||
	    (value = iv_digest_finish(digest, error)) == NULL || !iv_disk_unchanged(disk, error))
		return false;
	text = g_strdup_printf("%s %" G_GUINT64_FORMAT " %s", disk->format, disk->source->size,
			       value);
	return iv_answer_add(answer, 0, text, strlen(text), error);
}

IvSubprocess *iv_digest_process_start(const char *disk, const char *format,
				      IvScanProgress *progress, GError **error)
{
	Job job = {disk, format, progress};

	return iv_subprocess_start("imgvet-digest", digest_disk, &job, progress, error);
}

/* The child read hostile bytes, so its words are read with care. */
static bool read_facts(const char *text, IvDiskFacts *facts)
{
	g_auto(GStrv) words = g_strsplit(text, " ", 4);
	guint64 size;

	if (g_strv_length(words) != 3 || !g_strv_contains(iv_disk_formats(), words[0]) ||
	    !g_ascii_string_to_unsigned(words[1], 10, 1, IV_MAX_DISK_BYTES, &size, NULL) ||
	    !g_str_has_prefix(words[2], "fsverity-sha256:") ||
	    strlen(words[2]) != strlen("fsverity-sha256:") + 64 ||
	    strspn(words[2] + strlen("fsverity-sha256:"), "0123456789abcdef") != 64)
		return false;
	facts->format = g_strdup(words[0]);
	facts->size = size;
	facts->digest = g_strdup(words[2]);
	return true;
}

/* Format and size can be known without the child. */
static bool agrees(const IvDiskFacts *facts, const char *disk)
{
	const char *format;
	uint64_t size;

	return iv_disk_measure(disk, facts->format, &format, &size, NULL) &&
	       strcmp(format, facts->format) == 0 && size == facts->size;
}

bool iv_digest_process_wait(IvSubprocess *process, const char *disk, IvDiskFacts *facts,
			    GError **error)
{
	g_autofree char *text = iv_subprocess_wait_text(process, "digesting", disk, MAX_FACTS, error);

	*facts = (IvDiskFacts){0};
	if (text == NULL)
		return false;
	return (read_facts(text, facts) && agrees(facts, disk)) ||
	       iv_fail(error, IV_ERROR_CORRUPT, "%s: the digest process gave an invalid answer", disk);
}
