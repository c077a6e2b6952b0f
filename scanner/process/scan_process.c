/* SPDX-License-Identifier: GPL-3.0-or-later */
/* scan_process.c - see scan_process.h */
#include "scanner/process/scan_process.h"

#include <unistd.h>

#include "scanner/base/limits.h"
#include "scanner/process/sandbox.h"
#include "scanner/process/scan_answer.h"
#include "scanner/process/scan_check.h"
#include "scanner/process/subprocess.h"

struct IvScanProcess {
	IvSubprocess *process;
	IvScanKnown known;
};

/* What the child works on. */
typedef struct {
	const char *image;
	const IvRuleSet *rules;
	const IvScanOptions *options;
} Work;

static uint64_t memory_of(unsigned threads)
{
	uint64_t n = threads > 0 ? threads : g_get_num_processors();

	return IV_CHILD_BYTES + MIN(n, IV_MAX_THREADS) * IV_CHILD_THREAD_BYTES;
}

/* What can be given up before the image is opened. */
static bool confine(const Work *work, GError **error)
{
	const IvScanOptions *options = work->options;

	iv_sandbox_memory(memory_of(options->threads));
	if (options->sandbox == NULL)
		return true;
	if (options->reader == IV_READER_TREE)
		return iv_sandbox_enter_folder(work->image, error);
	iv_sandbox_enter_apart();
	return true;
}

/* Attributes trusted.* are shown to root alone, and only in the first namespace of users
 * (xattr(7), user_namespaces(7)); to all others the kernel does not say that there are any. */
static bool sees_trusted(void)
{
	g_autofree char *map = NULL;
	g_autoptr(GRegex) first = g_regex_new("^\\s*0\\s+0\\s+4294967295\\s*$", 0, 0, NULL);

	return geteuid() == 0 && g_file_get_contents("/proc/self/uid_map", &map, NULL, NULL) &&
	       g_regex_match(first, map, 0, NULL);
}

static const char hidden[] = "extended attributes trusted.* are shown to root only: if there are any, they "
			     "were not searched";

static bool scan(void *user, IvAnswer *answer, GError **error)
{
	const Work *work = user;
	g_autoptr(IvReport) report = NULL;
	g_autofree char *words = NULL;
	bool all = work->options->reader != IV_READER_TREE || sees_trusted();

	if (!confine(work, error))
		return false;
	report = iv_scan(work->image, work->rules, work->options, error);
	if (report != NULL && !all)
		iv_coverage_note(report->coverage, hidden);
	words = iv_sandbox_words();
	return report != NULL && iv_scan_answer_say_sandbox(answer, words, error) &&
	       iv_scan_answer_say(answer, report, error);
}

static void child_free(IvScanProcess *child)
{
	iv_scan_known_clear(&child->known);
	g_free(child);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvScanProcess, child_free)

IvScanProcess *iv_scan_process_start(const char *image, const IvRuleSet *rules,
				     const IvScanOptions *options, GError **error)
{
	Work work = {image, rules, options};
	g_autoptr(IvScanProcess) child = g_new0(IvScanProcess, 1);

	if (!iv_scan_known_init(&child->known, image, rules, options, error))
		return NULL;
	child->process = iv_subprocess_start("imgvet-scan", scan, &work, options->progress, error);
	return child->process != NULL ? g_steal_pointer(&child) : NULL;
}

void iv_scan_process_hurry(IvScanProcess *child, unsigned seconds)
{
	iv_subprocess_hurry(child->process, seconds);
}

IvReport *iv_scan_process_wait(IvScanProcess *process, const char *image, char **sandbox,
			       GError **error)
{
	g_autoptr(IvScanProcess) child = process;
	g_autoptr(IvScanHeard) heard = iv_scan_heard_new(&child->known);
	g_autoptr(GError) why = NULL;
	IvReport *report;

	if (!iv_subprocess_wait(child->process, "scan", image, iv_scan_heard_take, heard, error))
		return NULL;
	if (sandbox != NULL)
		*sandbox = g_strdup(iv_scan_heard_sandbox(heard));
	report = iv_scan_heard_report(heard, &why);
	if (report == NULL)
		iv_subprocess_refuse(why, "scan", image, error);
	return report;
}
