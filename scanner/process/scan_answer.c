/* SPDX-License-Identifier: GPL-3.0-or-later */
/* scan_answer.c - see scan_answer.h */
#include "scanner/process/scan_answer.h"

#include <string.h>

#include "scanner/base/limits.h"
#include "scanner/base/text.h"
#include "scanner/report/parts.h"

/* The most parts that a report may have. */
#define MAX_PARTS 32u
/* The kind of the record about the sandbox, and its bytes at most. */
#define KIND_SANDBOX 0x40u
#define MAX_WORDS    256u

/* --- the child's side ---------------------------------------------------------------- */

/* Bytes of an answer that are kept for all but the findings. */
#define KEPT_FOR_THE_REST (12u << 20)

static void cut_notes(IvCoverage *coverage)
{
	guint more = coverage->notes->len;

	if (more <= IV_MAX_NOTES)
		return;
	more -= IV_MAX_NOTES - 1;
	g_ptr_array_set_size(coverage->notes, (gint)IV_MAX_NOTES - 1);
	g_ptr_array_add(coverage->notes, g_strdup_printf("%u further remarks are not listed", more));
}

/* How many findings fit: the first ones, which are the worst. */
static guint findings_that_fit(IvReport *report, const IvReportPart *part)
{
	g_autoptr(GByteArray) record = g_byte_array_new();
	uint64_t room = IV_MAX_ANSWER_BYTES - KEPT_FOR_THE_REST;
	guint n = 0;

	for (void *object; n < part->most && (object = part->at(report, n)) != NULL; n++) {
		uint64_t cost;

		g_byte_array_set_size(record, 0);
		iv_part_write(record, part, object);
		cost = iv_answer_cost(record->len);
		if (record->len > IV_MAX_RECORD_BYTES || cost > room)
			return n;
		room -= cost;
	}
	return n;
}

static void cut_findings(IvReport *report, const IvReportPart *part)
{
	guint fit = findings_that_fit(report, part);

	if (fit == report->findings->len)
		return;
	g_ptr_array_set_size(report->findings, (gint)fit);
	iv_coverage_miss(report->coverage, NULL, NULL, 0, "more findings than one report lists");
	iv_coverage_finish(report->coverage);
}

static bool say_part(IvAnswer *answer, IvReport *report, const IvReportPart *part, uint8_t kind,
		     GError **error)
{
	g_autoptr(GByteArray) record = g_byte_array_new();
	void *object;

	for (guint i = 0; (object = part->at(report, i)) != NULL; i++) {
		g_byte_array_set_size(record, 0);
		iv_part_write(record, part, object);
		if (!iv_answer_add(answer, kind, record->data, record->len, error))
			return false;
	}
	return true;
}

bool iv_scan_answer_say(IvAnswer *answer, IvReport *report, GError **error)
{
	unsigned count;
	const IvReportPart *parts = iv_report_parts(&count);

	cut_notes(report->coverage);
	for (unsigned i = 0; i < count; i++)
		if (strcmp(parts[i].name, "findings") == 0)
			cut_findings(report, &parts[i]);
	for (unsigned i = 0; i < count; i++)
		if (!say_part(answer, report, &parts[i], (uint8_t)i, error))
			return false;
	return true;
}

bool iv_scan_answer_say_sandbox(IvAnswer *answer, const char *words, GError **error)
{
	return iv_answer_add(answer, KIND_SANDBOX, words, MIN(strlen(words), MAX_WORDS), error);
}

/* --- the parent's side --------------------------------------------------------------- */

struct IvScanHeard {
	const IvScanKnown *known;
	const IvReportPart *parts;
	unsigned count, at; /* parts, and the one that is being heard */
	guint heard[MAX_PARTS];
	IvReport *report;
	void *before;  /* the object before in the same list */
	char *sandbox; /* in the child's words */
};

IvScanHeard *iv_scan_heard_new(const IvScanKnown *known)
{
	IvScanHeard *heard = g_new0(IvScanHeard, 1);

	heard->known = known;
	heard->parts = iv_report_parts(&heard->count);
	g_assert(heard->count <= MAX_PARTS);
	heard->report = iv_report_new();
	return heard;
}

void iv_scan_heard_free(IvScanHeard *heard)
{
	if (heard == NULL)
		return;
	iv_report_free(heard->report);
	g_free(heard->sandbox);
	g_free(heard);
}

/* Parts come in their order, and no more of each than there may be. */
static bool may_come(const IvScanHeard *heard, uint8_t kind, GError **error)
{
	if (kind >= heard->count)
		return iv_fail(error, IV_ERROR_CORRUPT, "a record of no known kind");
	if (kind < heard->at)
		return iv_fail(error, IV_ERROR_CORRUPT, "%s out of order", heard->parts[kind].name);
	return heard->heard[kind] < heard->parts[kind].most ||
	       iv_fail(error, IV_ERROR_LIMIT, "more than %u of %s", heard->parts[kind].most,
		       heard->parts[kind].name);
}

/* Checks rest on what came before: so all the parts that there is one of must. */
static bool all_came(const IvScanHeard *heard, unsigned before, GError **error)
{
	for (unsigned i = 0; i < before; i++)
		if (heard->parts[i].add == NULL && heard->heard[i] == 0)
			return iv_fail(error, IV_ERROR_CORRUPT, "%s is missing", heard->parts[i].name);
	return true;
}

static bool take_sandbox(IvScanHeard *heard, const uint8_t *bytes, size_t len, GError **error)
{
	if (heard->sandbox != NULL || len > MAX_WORDS)
		return iv_fail(error, IV_ERROR_CORRUPT, "more than a line about its sandbox");
	heard->sandbox = iv_text_printable((const char *)bytes, (gssize)len);
	return true;
}

bool iv_scan_heard_take(void *user, uint8_t kind, const uint8_t *bytes, size_t len, GError **error)
{
	IvScanHeard *heard = user;
	const IvReportPart *part;
	void *object;

	if (kind == KIND_SANDBOX)
		return take_sandbox(heard, bytes, len, error);
	if (!may_come(heard, kind, error) || !all_came(heard, kind, error))
		return false;
	part = &heard->parts[kind];
	if (kind != heard->at)
		heard->before = NULL;
	heard->at = kind;
	object = part->add != NULL ? part->add(heard->report) : part->at(heard->report, 0);
	if (!iv_part_read(bytes, len, part, heard->heard[kind]++, object, error) ||
	    !iv_scan_check_part(heard->known, heard->report, part->name, object, heard->before,
				error))
		return false;
	heard->before = object;
	return true;
}

const char *iv_scan_heard_sandbox(const IvScanHeard *heard)
{
	return heard->sandbox;
}

IvReport *iv_scan_heard_report(IvScanHeard *heard, GError **error)
{
	if (!all_came(heard, heard->count, error) ||
	    !iv_scan_check_whole(heard->known, heard->report, error))
		return NULL;
	return g_steal_pointer(&heard->report);
}
