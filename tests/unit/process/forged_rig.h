/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * forged_rig.h - an image that has taken over the process that scans it.
 *
 * The sandbox callback of a scan runs in the child once the image is open; here it
 * is the attacker.  It makes an honest report of the same image, forges one thing
 * in it or writes what it likes to its parent, and ends like a child that did its work.
 */
#ifndef IV_TESTS_FORGED_RIG_H
#define IV_TESTS_FORGED_RIG_H

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scanner/base/limits.h"
#include "scanner/process/scan_answer.h"
#include "scanner/process/scan_process.h"
#include "tests/unit/folder.h"

#define MIB (1u << 20)

static char *image;
static IvRuleSet *rules;
static const uint8_t salt[IV_SALT_BYTES] = {1, 2, 3};

static const char rules_text[] =
	"rules:\n"
	"  - id: test.token\n"
	"    name: A token\n"
	"    severity: high\n"
	"    anchors: [EXTOK_]\n"
	"    pattern: '(EXTOK_[0-9A-F]{16})'\n"
	"    reason: It opens the door.\n"
	"    remediation: Change the lock.\n"
	"    controls: [CWE-798]\n"
	"    examples: ['EXTOK_00112233AABBCCDD']\n"
	"    negative_examples: ['EXTOK_no']\n";

static const char make_image[] =
	"truncate -s 2M disk.raw; mkdir tree; echo EXTOK_00112233AABBCCDD >tree/a; "
	"echo EXTOK_00112233AABBCCD1 >tree/b; mke2fs -q -t ext4 -d tree disk.raw; "
	"qemu-img convert -O qcow2 disk.raw disk.qcow2";

/* --- in the child that was taken over ---------------------------------------------------- */

/* The one pipe that it has. */
static inline int find_pipe(void)
{
	struct stat st;

	for (int fd = 3; fd < 1024; fd++)
		if (fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode) &&
		    (fcntl(fd, F_GETFL) & O_ACCMODE) == O_WRONLY)
			return fd;
	_exit(9);
}

static inline IvReport *honest_report(void)
{
	IvScanOptions options = {.reader = IV_READER_NATIVE, .threads = 1, .salt = salt};
	IvReport *report = iv_scan(image, rules, &options, NULL);

	if (report == NULL || report->findings->len != 2)
		_exit(8);
	return report;
}

static inline void say(IvAnswer *answer, IvReport *report)
{
	_exit(iv_scan_answer_say(answer, report, NULL) && iv_answer_end(answer, NULL) ? 0 : 7);
}

/* What it does: forge one thing in the honest report, or write to the pipe by itself. */
typedef void (*Forge)(IvReport *report);

typedef void (*Stream)(int fd, IvAnswer *answer, IvReport *report);

static Forge forge;
static Stream stream; /* goes before forge */

static inline bool attack(GError **error)
{
	int fd = find_pipe();
	g_autoptr(IvAnswer) answer = iv_answer_new(fd);
	IvReport *report = honest_report();

	if (stream != NULL) {
		stream(fd, answer, report);
		_exit(0);
	}
	forge(report);
	say(answer, report);
	return false;
}

/* --- the parent ------------------------------------------------------------------------------ */

/* The same steps as iv_scan_process_wait(), which has no hurry. */
static inline IvReport *scan(const char *path, unsigned hurry, GError **error)
{
	IvScanOptions options = {.reader = IV_READER_NATIVE, .threads = 1, .salt = salt,
				 .sandbox = attack};
	IvScanProcess *process = iv_scan_process_start(path, rules, &options, error);

	g_assert_no_error(*error);
	if (hurry > 0)
		iv_scan_process_hurry(process, hurry);
	return iv_scan_process_wait(process, path, NULL, error);
}

/* Long enough for a busy machine; and for those that wait to be ended. */
#define PATIENT 60u
#define HURRIED 4u

static inline void refused(const char *what, unsigned hurry, const char *words)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(IvReport) report = scan(image, hurry, &error);

	if (report != NULL)
		g_error("%s was taken", what);
	if (!g_error_matches(error, IV_ERROR, IV_ERROR_CORRUPT) ||
	    strstr(error->message, words) == NULL)
		g_error("%s: %s", what, error->message);
}

/* A row of what is tried, and of what the parent must say to it. */
#define ROW(f, words)      \
	{                  \
		#f, f, words \
	}

static inline void rig_begin(void)
{
	folder_make();
	folder_sh("%s", make_image);
	image = folder_path("disk.raw");
	rules = iv_ruleset_parse("r.yml", rules_text, strlen(rules_text), NULL);
	g_assert_nonnull(rules);
}

static inline int rig_end(int status)
{
	folder_remove();
	g_free(image);
	iv_ruleset_free(rules);
	return status;
}

#endif
