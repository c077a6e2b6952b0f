/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd_scan.c - imgvet scan: read, match, report */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/origin.h"
#include "scanner/process/sandbox.h"
#include "scanner/process/scan_process.h"
#include "scanner/scanner.h"
#include "share/gate/attest.h"
#include "share/gate/salt.h"
#include "share/ledger/ledger.h"

static struct {
	char *output, *format, *backing, *reader, *fail_on, *clearances, *key, *ledger, *origin;
	char **rules, **extra_rules;
	gint threads;
	gboolean json, no_sandbox, no_origin, explain_skips, explain_sandbox;
} opt;

static const GOptionEntry entries[] = {
	{"output", 'o', 0, G_OPTION_ARG_FILENAME, &opt.output,
	 "Write the signed report here (a folder when there are several images)", "FILE"},
	{"json", 0, 0, G_OPTION_ARG_NONE, &opt.json, "Print the report instead of the summary",
	 NULL},
	{"explain-skips", 0, 0, G_OPTION_ARG_NONE, &opt.explain_skips,
	 "List behind the summary each decision not to look, and what becomes of it", NULL},
	{"format", 'f', 0, G_OPTION_ARG_STRING, &opt.format,
	 "The image's format: raw or qcow2; by default its content and its name must agree", "FMT"},
	{"backing", 0, 0, G_OPTION_ARG_FILENAME, &opt.backing,
	 "The one backing file that a qcow2 may use", "FILE"},
	{"reader", 'r', 0, G_OPTION_ARG_STRING, &opt.reader,
	 "auto (default), native, guest (libguestfs), or tree (IMAGE is a folder)", "READER"},
	{"rules", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &opt.rules,
	 "Use these rules instead of the built-in ones (repeatable)", "PATH"},
	{"extra-rules", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &opt.extra_rules,
	 "Use these rules as well (repeatable)", "PATH"},
	{"fail-on", 0, 0, G_OPTION_ARG_STRING, &opt.fail_on,
	 "Exit 1 for findings at or above: critical high medium (default) low info", "SEVERITY"},
	{"clearances", 0, 0, G_OPTION_ARG_FILENAME, &opt.clearances,
	 "Take the salt of fingerprints from this clearances file", "FILE"},
	{"origin", 0, 0, G_OPTION_ARG_FILENAME, &opt.origin,
	 "The origin record of the image (default: IMAGE.origin.json, if it exists)", "FILE"},
	{"no-origin", 0, 0, G_OPTION_ARG_NONE, &opt.no_origin,
	 "Ignore an origin record beside the image", NULL},
	{"key", 0, 0, G_OPTION_ARG_FILENAME, &opt.key, "Sign with this key (default: your own)",
	 "FILE"},
	{"ledger", 0, 0, G_OPTION_ARG_FILENAME, &opt.ledger, "Record the scan in this ledger",
	 "FILE"},
	{"no-sandbox", 0, 0, G_OPTION_ARG_NONE, &opt.no_sandbox,
	 "Do not run the scan in a sandbox (only for images you trust)", NULL},
	{"explain-sandbox", 0, 0, G_OPTION_ARG_NONE, &opt.explain_sandbox,
	 "Say what confined the scan on this machine", NULL},
	{"threads", 'j', 0, G_OPTION_ARG_INT, &opt.threads, "Threads (default: one per processor)",
	 "N"},
	{NULL},
};

static const char about[] =
	"Search disk images for keys, credentials, histories and other leftovers. The\n"
	"image is opened read-only and never changed.";

static const char more[] =
	"Examples:\n"
	"  imgvet scan disk.qcow2 -o report.json\n"
	"  imgvet scan --format raw /dev/vdb -o report.json\n"
	"  imgvet scan --reader tree /mnt/image\n"
	"\n"
	"An origin record (imgvet acquire, imgvet publish) says which cloud image the bytes\n"
	"belong to; it goes into the report, and the scan exits with 3 if it is about other bytes.\n"
	"\n"
	"Exit codes: 0 clean; 1 findings at or above --fail-on; 2 wrong usage or bad\n"
	"configuration; 3 the image could not be read, or not everywhere: a scan that\n"
	"missed something is never called clean.";

static const struct {
	const char *name;
	IvReader reader;
} readers[] = {
	{"auto", IV_READER_AUTO},
	{"native", IV_READER_NATIVE},
	{"guest", IV_READER_GUEST},
	{"tree", IV_READER_TREE},
};

/* All that the images of one command share. */
typedef struct {
	IvRuleSet *rules;
	IvScanOptions scan;
	uint8_t salt[IV_SALT_BYTES];
	IvSeverity fail_on;
} Job;

static bool parse_reader(const char *name, IvReader *reader, GError **error)
{
	*reader = IV_READER_AUTO;
	if (name == NULL)
		return true;
	for (guint i = 0; i < G_N_ELEMENTS(readers); i++) {
		if (strcmp(readers[i].name, name) == 0) {
			*reader = readers[i].reader;
			return true;
		}
	}
	return iv_fail(error, IV_ERROR_USAGE,
		       "unknown reader '%s'\nthe readers are auto, native, guest and tree", name);
}

/* A key that cannot be used should show before a long scan, not after it; the
 * process that reads the image must not hold it meanwhile. */
static bool check_key(GError **error)
{
	g_autoptr(IvKey) key = iv_key_load(opt.key, error);

	return key != NULL;
}

/* The same for the ledger: opened and closed, so that the child does not inherit it. */
static bool check_ledger(GError **error)
{
	g_autoptr(IvLedger) ledger = iv_ledger_open(opt.ledger, error);

	return ledger != NULL;
}

static bool prepare(Job *job, GError **error)
{
	g_auto(GStrv) paths = NULL;

	job->fail_on = IV_SEVERITY_MEDIUM;
	if (opt.fail_on != NULL && !iv_severity_parse(opt.fail_on, &job->fail_on))
		return iv_fail(error, IV_ERROR_USAGE,
			       "unknown severity '%s'\nuse critical, high, medium, low or info",
			       opt.fail_on);
	if (opt.threads < 0 || opt.threads > 256)
		return iv_fail(error, IV_ERROR_USAGE, "--threads must be from 1 to 256");
	if (!parse_reader(opt.reader, &job->scan.reader, error))
		return false;
	paths = cli_rules_paths(opt.rules, opt.extra_rules, error);
	if (paths == NULL)
		return false;
	job->rules = iv_ruleset_load((const char *const *)paths, error);
	if (job->rules == NULL || !iv_salt_load(opt.clearances, job->salt, error))
		return false;
	job->scan.format = opt.format;
	job->scan.backing = opt.backing;
	job->scan.threads = (unsigned)opt.threads;
	job->scan.salt = job->salt;
	job->scan.sandbox = opt.no_sandbox ? NULL : iv_sandbox_enter;
	return check_key(error) && check_ledger(error);
}

/* Where the report of one image goes: -o FILE, or -o FOLDER/NAME.json. */
static char *output_path(const char *image, bool several)
{
	g_autofree char *base = g_path_get_basename(image);
	g_autofree char *name = g_strconcat(base, ".json", NULL);

	if (several || g_file_test(opt.output, G_FILE_TEST_IS_DIR))
		return g_build_filename(opt.output, name, NULL);
	return g_strdup(opt.output);
}

static bool record(const IvReport *report, const char *worst, GError **error)
{
	g_autoptr(IvLedger) ledger = iv_ledger_open(opt.ledger, error);
	cJSON *detail;
	bool ok;

	if (ledger == NULL)
		return false;
	detail = cJSON_CreateObject();
	cJSON_AddStringToObject(detail, "image", report->run_image);
	cJSON_AddNumberToObject(detail, "findings", report->findings->len);
	cJSON_AddStringToObject(detail, "worst", worst);
	cJSON_AddBoolToObject(detail, "complete", report->coverage->complete);
	cJSON_AddStringToObject(detail, "rules", report->rules_digest);
	ok = iv_ledger_add(ledger, "scan", report->digest, detail, NULL, error);
	cJSON_Delete(detail);
	return ok;
}

/* What stands on the terminal; the JSON holds the skips anyway. */
static char *shown(const IvReport *report, const cJSON *json)
{
	int columns = cli_columns(STDOUT_FILENO);
	bool colour = cli_colour(STDOUT_FILENO);
	g_autofree char *summary = NULL, *skips = NULL;

	if (opt.json)
		return iv_report_text(json);
	summary = iv_report_summary(report, columns, colour);
	if (!opt.explain_skips)
		return g_steal_pointer(&summary);
	skips = iv_report_explain_skips(report, columns, colour);
	return g_strconcat(summary, skips, NULL);
}

/* Print and save one report.  The saved bytes are the signed ones. */
static bool publish(const IvReport *report, const char *output, GError **error)
{
	cJSON *json = iv_report_to_json(report);
	g_autofree char *text = NULL;
	g_autoptr(IvKey) key = iv_key_load(opt.key, error);
	bool ok = key != NULL && iv_attest_sign(json, key, error) &&
		  (output == NULL || iv_report_save(json, output, error));

	if (ok) {
		text = shown(report, json);
		if (!cli_print(text))
			ok = iv_fail(error, IV_ERROR_IO, "the report could not be printed");
	}
	cJSON_Delete(json);
	return ok;
}

static int verdict(const IvReport *report, IvSeverity fail_on)
{
	IvSeverity worst;

	if (iv_report_worst(report, &worst) && worst >= fail_on)
		return IV_EXIT_NO;
	return report->coverage->complete ? IV_EXIT_YES : IV_EXIT_UNFINISHED;
}

/* In a process of its own, with a bar on the terminal meanwhile. */
static IvReport *scan_image(Job *job, const char *image, GError **error)
{
	IvScanProgress *progress = iv_scan_progress_new();
	IvScanProcess *child;
	g_autofree char *sandbox = NULL;
	IvProgressBar *bar;
	IvReport *report;

	job->scan.progress = progress;
	child = iv_scan_process_start(image, job->rules, &job->scan, error);
	if (child == NULL) {
		iv_scan_progress_free(progress);
		return NULL;
	}
	bar = cli_progress_start(image, progress);
	report = iv_scan_process_wait(child, image, &sandbox, error);
	cli_progress_stop(bar);
	iv_scan_progress_free(progress);
	if (report != NULL && opt.explain_sandbox)
		cli_say("%s: sandbox: %s", image, sandbox != NULL ? sandbox : "none");
	return report;
}

static int scan_one(Job *job, const char *image, bool several)
{
	g_autofree char *output = opt.output != NULL ? output_path(image, several) : NULL;
	g_autoptr(GError) error = NULL;
	g_autoptr(cJSON) origin = NULL;
	g_autoptr(IvReport) report = NULL;
	IvSeverity worst;

	if (!opt.no_origin && !cli_origin_find(image, opt.origin, &origin, &error))
		return cli_error(error);
	report = scan_image(job, image, &error);
	if (report == NULL || !cli_origin_attach(report, image, origin, &error) || !publish(report, output, &error) ||
	    !record(report, iv_report_worst(report, &worst) ? iv_severity_name(worst) : "none",
		    &error))
		return cli_error(error);
	return verdict(report, job->fail_on);
}

/* The worst of several exit codes: an unreadable image outweighs findings. */
static int worse(int a, int b)
{
	return MAX(a, b);
}

static void release(Job *job)
{
	g_clear_pointer(&job->rules, iv_ruleset_free);
	explicit_bzero(job->salt, sizeof(job->salt));
}

int cmd_scan(int argc, char **argv)
{
	g_autoptr(GError) error = NULL;
	Job job = {0};
	int code = IV_EXIT_YES;

	if (!cli_options(&argc, &argv, entries, "IMAGE...", about, more, &code))
		return code;
	if (argc < 2)
		return cli_usage_error("scan", "name at least one image");
	if (argc > 2 && opt.output != NULL && !g_file_test(opt.output, G_FILE_TEST_IS_DIR))
		return cli_usage_error("scan", "with several images, -o must be a folder");
	if (opt.origin != NULL && (argc > 2 || opt.no_origin))
		return cli_usage_error("scan", "--origin is for one image, and not with --no-origin");
	if (!prepare(&job, &error)) {
		release(&job);
		return cli_error(error);
	}
	for (int i = 1; i < argc; i++)
		code = worse(code, scan_one(&job, argv[i], argc > 2));
	release(&job);
	return code;
}
