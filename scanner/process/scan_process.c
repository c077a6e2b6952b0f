/* SPDX-License-Identifier: GPL-3.0-or-later */
/* scan_process.c - see scan_process.h */
#include "scanner/process/scan_process.h"

#include <string.h>

#include "scanner/base/error.h"
#include "scanner/process/subprocess.h"
#include "scanner/report/json.h"

struct IvScanProcess {
	IvSubprocess *process;
};

/* What the child works on. */
typedef struct {
	const char *image;
	const IvRuleSet *rules;
	const IvScanOptions *options;
} Work;

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
		iv_fail(error, IV_ERROR_LIMIT, "the report holds what JSON cannot express");
	return text;
}

IvScanProcess *iv_scan_process_start(const char *image, const IvRuleSet *rules,
				     const IvScanOptions *options, GError **error)
{
	Work work = {image, rules, options};
	IvSubprocess *process = iv_subprocess_start("imgvet-scan", scan, &work, error);
	IvScanProcess *child;

	if (process == NULL)
		return NULL;
	child = g_new0(IvScanProcess, 1);
	child->process = process;
	return child;
}

static IvReport *take_report(const char *text, GError **error)
{
	cJSON *json = iv_json_parse(text, strlen(text), error);
	IvReport *report = json != NULL ? iv_report_from_json(json, error) : NULL;

	cJSON_Delete(json);
	return report;
}

IvReport *iv_scan_process_wait(IvScanProcess *child, const char *image, GError **error)
{
	g_autofree char *text = iv_subprocess_wait(child->process, "scan", image, error);

	g_free(child);
	return text != NULL ? take_report(text, error) : NULL;
}
