/*
 * child.c - the scan in a process of its own (apart.h).
 *
 * The child has no keys, and (see confine.h) after opening the image no way to
 * open anything else.  Its report is checked like any report.
 */
#include <string.h>
#include <sys/mman.h>

#include "scanner/apart.h"
#include "scanner/base/error.h"
#include "scanner/report/json.h"
#include "scanner/scanner.h"

struct IvScanChild {
	IvApart *apart;
};

/* What the child works on. */
typedef struct {
	const char *image;
	const IvRuleSet *rules;
	const IvScanOptions *options;
} Work;

IvScanProgress *iv_scan_progress_new(void)
{
	void *shared = mmap(NULL, sizeof(IvScanProgress), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return shared != MAP_FAILED ? shared : NULL;
}

void iv_scan_progress_free(IvScanProgress *progress)
{
	if (progress != NULL)
		munmap(progress, sizeof(*progress));
}

static char *scan(void *user, GError **error)
{
	const Work *work = user;
	g_autoptr(IvReport) report = iv_scan(work->image, work->rules, work->options, error);
	cJSON *json;
	char *text;

	if (report == NULL)
		return NULL;
	json = iv_report_to_json(report);
	text = iv_report_text(json);
	cJSON_Delete(json);
	if (text == NULL)
		iv_fail(error, IV_ERROR_LIMIT, "the report holds what a report cannot hold");
	return text;
}

IvScanChild *iv_scan_start(const char *image, const IvRuleSet *rules, const IvScanOptions *options,
			   GError **error)
{
	Work work = {image, rules, options};
	IvApart *apart = iv_apart_start("imgvet-scan", scan, &work, error);
	IvScanChild *child;

	if (apart == NULL)
		return NULL;
	child = g_new0(IvScanChild, 1);
	child->apart = apart;
	return child;
}

static IvReport *take_report(const char *text, GError **error)
{
	cJSON *json = iv_json_parse(text, strlen(text), error);
	IvReport *report = json != NULL ? iv_report_from_json(json, error) : NULL;

	cJSON_Delete(json);
	return report;
}

IvReport *iv_scan_wait(IvScanChild *child, const char *image, GError **error)
{
	g_autofree char *text = iv_apart_wait(child->apart, "scan", image, error);

	g_free(child);
	return text != NULL ? take_report(text, error) : NULL;
}
