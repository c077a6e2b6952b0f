/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * format.c - the format of a report: a row for each field, a row for each part.
 * See parts.h; docs/report.md explains every field.
 */
#include <stddef.h>
#include <string.h>

#include "scanner/base/limits.h"
#include "scanner/base/skip.h"
#include "scanner/report/parts.h"
#include "scanner/report/skips.h"

/* --- the format: a row per field ------------------------------------------------- */

#define AT(type, member) offsetof(type, member)

static const IvField image_fields[] = {
	{"format", IV_FIELD_TEXT, AT(IvReport, format)},
	{"size", IV_FIELD_COUNT, AT(IvReport, size)},
	{"digest", IV_FIELD_TEXT_OR_NULL, AT(IvReport, digest), "fsverity-sha256:", 64},
	{"table", IV_FIELD_TEXT, AT(IvReport, table)},
};

static const IvField rules_fields[] = {
	{"digest", IV_FIELD_TEXT, AT(IvReport, rules_digest), "sha256:", 64},
	{"count", IV_FIELD_COUNT, AT(IvReport, rules_count)},
};

static const IvField fingerprints_fields[] = {
	{"salt_id", IV_FIELD_TEXT, AT(IvReport, salt_id), "", 16},
};

static const IvField run_fields[] = {
	{"image", IV_FIELD_TEXT, AT(IvReport, run_image)},
	{"host", IV_FIELD_TEXT, AT(IvReport, run_host)},
	{"version", IV_FIELD_TEXT, AT(IvReport, run_version)},
	{"started", IV_FIELD_TIME, AT(IvReport, run_started)},
	{"finished", IV_FIELD_TIME, AT(IvReport, run_finished)},
	{"bytes", IV_FIELD_COUNT, AT(IvReport, run_bytes)},
};

static const IvField coverage_fields[] = {
	{"complete", IV_FIELD_BOOL, AT(IvCoverage, complete)},
	{"misses_dropped", IV_FIELD_COUNT, AT(IvCoverage, misses_dropped)},
};

static const IvField volume_fields[] = {
	{"volume", IV_FIELD_TEXT, AT(IvCoverageVolume, volume)},
	{"kind", IV_FIELD_TEXT, AT(IvCoverageVolume, kind)},
	{"reader", IV_FIELD_TEXT, AT(IvCoverageVolume, reader)},
	{"offset", IV_FIELD_COUNT, AT(IvCoverageVolume, offset)},
	{"bytes", IV_FIELD_COUNT, AT(IvCoverageVolume, bytes)},
	{"files", IV_FIELD_COUNT, AT(IvCoverageVolume, files)},
	{"unread", IV_FIELD_COUNT, AT(IvCoverageVolume, unread)},
	{"reason", IV_FIELD_TEXT, AT(IvCoverageVolume, reason)},
	{"complete", IV_FIELD_BOOL, AT(IvCoverageVolume, complete)},
};

static const IvField miss_fields[] = {
	{"volume", IV_FIELD_TEXT, AT(IvCoverageMiss, volume)},
	{"path", IV_FIELD_TEXT_OR_NULL, AT(IvCoverageMiss, path)},
	{"bytes", IV_FIELD_COUNT, AT(IvCoverageMiss, bytes)},
	{"count", IV_FIELD_POSITIVE, AT(IvCoverageMiss, count)},
	{"reason", IV_FIELD_TEXT, AT(IvCoverageMiss, reason)},
};

static const IvField packed_fields[] = {
	{"volume", IV_FIELD_TEXT, AT(IvPackedEntry, volume)},
	{"class", IV_FIELD_TEXT, AT(IvPackedEntry, group)},
	{"kind", IV_FIELD_TEXT, AT(IvPackedEntry, kind)},
	{"files", IV_FIELD_COUNT, AT(IvPackedEntry, files)},
	{"pieces", IV_FIELD_COUNT, AT(IvPackedEntry, pieces)},
	{"bytes", IV_FIELD_COUNT, AT(IvPackedEntry, bytes)},
	{"places", IV_FIELD_TEXTS, AT(IvPackedEntry, places)},
};

static const IvField finding_fields[] = {
	{"fingerprint", IV_FIELD_TEXT, AT(IvFinding, fingerprint), "", 32},
	{"rule", IV_FIELD_TEXT, AT(IvFinding, rule)},
	{"name", IV_FIELD_TEXT, AT(IvFinding, name)},
	{"severity", IV_FIELD_SEVERITY, AT(IvFinding, severity)},
	{"volume", IV_FIELD_TEXT, AT(IvFinding, volume)},
	{"path", IV_FIELD_TEXT_OR_NULL, AT(IvFinding, path)},
	{"place", IV_FIELD_TEXT, AT(IvFinding, place)},
	{"line", IV_FIELD_LINE, AT(IvFinding, line)},
	{"offset", IV_FIELD_COUNT, AT(IvFinding, offset)},
	{"length", IV_FIELD_COUNT, AT(IvFinding, length)},
	{"disk_offset", IV_FIELD_DISK_OFFSET, AT(IvFinding, disk_offset)},
	{"occurrences", IV_FIELD_POSITIVE, AT(IvFinding, occurrences)},
	{"redacted", IV_FIELD_TEXT, AT(IvFinding, redacted)},
	{"reason", IV_FIELD_TEXT, AT(IvFinding, reason)},
	{"remediation", IV_FIELD_TEXT, AT(IvFinding, remediation)},
	{"controls", IV_FIELD_TEXTS, AT(IvFinding, controls)},
};

#define TABLE(fields) fields, G_N_ELEMENTS(fields)

/* Entries of coverage.packed: those of volumes, and one for each kind beyond them. */
#define MAX_PACKED (IV_MAX_PACKED + 256u)

/* --- its parts, for parts.h -------------------------------------------------------- */

static const IvField note_fields[] = {{"note", IV_FIELD_TEXT, 0}};

static void *the_report(IvReport *report, guint i)
{
	return i == 0 ? report : NULL;
}

static void *the_coverage(IvReport *report, guint i)
{
	return i == 0 ? report->coverage : NULL;
}

static void *nth(const GPtrArray *list, guint i)
{
	return i < list->len ? list->pdata[i] : NULL;
}

static void *nth_volume(IvReport *report, guint i)
{
	return nth(report->coverage->volumes, i);
}

static void *nth_miss(IvReport *report, guint i)
{
	return nth(report->coverage->misses, i);
}

static void *nth_packed(IvReport *report, guint i)
{
	const IvPackedList *packed = report->coverage->packed;

	return packed != NULL ? nth(packed->entries, i) : NULL;
}

static void *add_packed(IvReport *report)
{
	return iv_packed_list_append(report->coverage->packed);
}

static void *nth_note(IvReport *report, guint i)
{
	const GPtrArray *notes = report->coverage->notes;

	return i < notes->len ? &notes->pdata[i] : NULL;
}

static void *nth_finding(IvReport *report, guint i)
{
	return nth(report->findings, i);
}

static void *nth_skip(IvReport *report, guint i)
{
	return report->run_skips != NULL ? nth(report->run_skips, i) : NULL;
}

static void *add_skip(IvReport *report)
{
	return iv_report_skips_add(report->run_skips);
}

static void *add_volume(IvReport *report)
{
	return iv_coverage_volume(report->coverage, NULL, NULL, NULL, 0, 0);
}

static void *add_miss(IvReport *report)
{
	g_ptr_array_add(report->coverage->misses, g_new0(IvCoverageMiss, 1));
	return nth_miss(report, report->coverage->misses->len - 1);
}

static void *add_note(IvReport *report)
{
	g_ptr_array_add(report->coverage->notes, NULL);
	return nth_note(report, report->coverage->notes->len - 1);
}

static void *add_finding(IvReport *report)
{
	g_ptr_array_add(report->findings, iv_finding_new());
	return nth_finding(report, report->findings->len - 1);
}

/* What a finding repeats of its rule: a line for people, advice, controls. */
static const char *const of_the_rule[] = {"name", "remediation", "controls", NULL};

static const IvReportPart parts[] = {
	{"image", TABLE(image_fields), the_report, NULL, 1},
	{"rules", TABLE(rules_fields), the_report, NULL, 1},
	{"fingerprints", TABLE(fingerprints_fields), the_report, NULL, 1},
	{"run", TABLE(run_fields), the_report, NULL, 1},
	{"run.skips", iv_report_skip_fields, IV_REPORT_SKIP_FIELDS, nth_skip, add_skip, IV_SKIP_COUNT},
	{"coverage", TABLE(coverage_fields), the_coverage, NULL, 1},
	{"coverage.volumes", TABLE(volume_fields), nth_volume, add_volume, IV_MAX_VOLUMES},
	{"coverage.misses", TABLE(miss_fields), nth_miss, add_miss, IV_MAX_MISSES},
	{"coverage.packed", TABLE(packed_fields), nth_packed, add_packed, MAX_PACKED},
	{"coverage.notes", TABLE(note_fields), nth_note, add_note, IV_MAX_NOTES},
	{"findings", TABLE(finding_fields), nth_finding, add_finding, IV_MAX_FINDINGS, of_the_rule},
};

const IvReportPart *iv_report_parts(unsigned *count)
{
	*count = G_N_ELEMENTS(parts);
	return parts;
}

const IvReportPart *iv_report_part(const char *name)
{
	for (guint i = 0; i < G_N_ELEMENTS(parts); i++)
		if (strcmp(parts[i].name, name) == 0)
			return &parts[i];
	g_error("a report has no part %s", name);
}
