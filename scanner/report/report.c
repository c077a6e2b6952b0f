/* SPDX-License-Identifier: GPL-3.0-or-later */
/* report.c - the model and its JSON, by the tables of format.c.  See report.h. */
#include "scanner/report/report.h"

#include "scanner/base/error.h"
#include "scanner/report/fields.h"
#include "scanner/report/json.h"
#include "scanner/report/origin.h"
#include "scanner/report/parts.h"
#include "scanner/report/skips.h"

IvReport *iv_report_new(void)
{
	IvReport *r = g_new0(IvReport, 1);

	r->coverage = iv_coverage_new();
	r->run_skips = iv_report_skips_new();
	r->findings = g_ptr_array_new_with_free_func((GDestroyNotify)iv_finding_free);
	return r;
}

void iv_report_free(IvReport *report)
{
	if (report == NULL)
		return;
	g_free(report->format);
	g_free(report->digest);
	g_free(report->table);
	g_free(report->rules_digest);
	g_free(report->salt_id);
	iv_coverage_free(report->coverage);
	if (report->findings != NULL)
		g_ptr_array_unref(report->findings);
	g_free(report->run_image);
	g_free(report->run_host);
	g_free(report->run_version);
	g_clear_pointer(&report->run_skips, g_ptr_array_unref);
	cJSON_Delete(report->origin);
	cJSON_Delete(report->signature);
	g_free(report);
}

bool iv_report_worst(const IvReport *report, IvSeverity *worst)
{
	for (guint i = 0; i < report->findings->len; i++) {
		const IvFinding *f = report->findings->pdata[i];

		if (i == 0 || f->severity > *worst)
			*worst = f->severity;
	}
	return report->findings->len > 0;
}

/* The table of a part (format.c): its rows, and how many. */
#define PART(name) iv_report_part(name)->fields, iv_report_part(name)->n

/* --- writing ---------------------------------------------------------------------- */

static void write_part(cJSON *json, const char *name, const IvField *fields, size_t n,
		       const void *from)
{
	iv_fields_write(iv_fields_add(json, name, cJSON_CreateObject()), fields, n, from);
}

static void write_list(cJSON *object, const char *name, const IvField *fields, size_t n,
		       const GPtrArray *from)
{
	cJSON *list = iv_fields_add(object, name, cJSON_CreateArray());

	for (guint i = 0; i < from->len; i++) {
		cJSON *item = cJSON_CreateObject();

		iv_fields_append(list, item);
		iv_fields_write(item, fields, n, from->pdata[i]);
	}
}

static void write_summary(cJSON *json, const GPtrArray *findings)
{
	cJSON *summary = iv_fields_add(json, "summary", cJSON_CreateObject());
	guint counts[IV_SEVERITY_COUNT] = {0};

	for (guint i = 0; i < findings->len; i++)
		counts[((const IvFinding *)findings->pdata[i])->severity]++;
	for (int s = IV_SEVERITY_COUNT - 1; s >= 0; s--)
		iv_fields_add(summary, iv_severity_name((IvSeverity)s),
			      cJSON_CreateNumber(counts[s]));
}

static void write_coverage(cJSON *json, const IvCoverage *coverage)
{
	cJSON *object = iv_fields_add(json, "coverage", cJSON_CreateObject());
	cJSON *notes;

	iv_fields_write(object, PART("coverage"), coverage);
	write_list(object, "volumes", PART("coverage.volumes"), coverage->volumes);
	write_list(object, "misses", PART("coverage.misses"), coverage->misses);
	if (coverage->packed != NULL)
		write_list(object, "packed", PART("coverage.packed"), coverage->packed->entries);
	notes = iv_fields_add(object, "notes", cJSON_CreateArray());
	for (guint i = 0; i < coverage->notes->len; i++)
		iv_fields_append(notes, iv_fields_text(coverage->notes->pdata[i]));
}

cJSON *iv_report_to_json(const IvReport *report)
{
	cJSON *json = cJSON_CreateObject();
	cJSON *run;

	iv_fields_add(json, "schema", cJSON_CreateNumber(IV_REPORT_SCHEMA));
	write_part(json, "image", PART("image"), report);
	if (report->origin != NULL)
		iv_fields_add(json, "origin", cJSON_Duplicate(report->origin, true));
	write_part(json, "rules", PART("rules"), report);
	write_part(json, "fingerprints", PART("fingerprints"), report);
	write_summary(json, report->findings);
	write_coverage(json, report->coverage);
	write_list(json, "findings", PART("findings"), report->findings);
	run = iv_fields_add(json, "run", cJSON_CreateObject());
	iv_fields_write(run, PART("run"), report);
	if (report->run_skips != NULL)
		iv_fields_add(run, "skips", iv_report_skips_to_json(report->run_skips));
	if (report->signature != NULL)
		iv_fields_add(run, "signature", cJSON_Duplicate(report->signature, true));
	return json;
}

/* --- reading ---------------------------------------------------------------------- */

static bool read_part(const cJSON *json, const char *name, const IvField *fields, size_t n,
		      void *to, GError **error)
{
	const cJSON *part = iv_fields_object(json, name, error);

	return part != NULL && iv_fields_read(part, fields, n, (IvFieldPlace){name, -1}, to, error);
}

static bool read_schema(const cJSON *json, GError **error)
{
	const cJSON *schema = cJSON_GetObjectItemCaseSensitive(json, "schema");

	if (!cJSON_IsObject(json) || schema == NULL)
		return iv_fail(error, IV_ERROR_CORRUPT,
			       "schema: is missing, so this is not a report of imgvet\n"
			       "make one with: imgvet scan IMAGE -o report.json");
	if (!cJSON_IsNumber(schema))
		return iv_fail(error, IV_ERROR_CORRUPT, "schema: must be an integer");
	if (schema->valuedouble != IV_REPORT_SCHEMA)
		return iv_fail(error, IV_ERROR_UNSUPPORTED,
			       "schema: this imgvet reads reports of schema %d only\n"
			       "scan the image again with this imgvet",
			       IV_REPORT_SCHEMA);
	return true;
}

/* The counts follow from the findings, so only their shape is read. */
static bool read_summary(const cJSON *json, GError **error)
{
	const cJSON *summary = iv_fields_object(json, "summary", error);
	uint64_t count;

	for (int s = 0; summary != NULL && s < IV_SEVERITY_COUNT; s++) {
		IvField field = {iv_severity_name((IvSeverity)s), IV_FIELD_COUNT, 0};

		if (!iv_fields_read(summary, &field, 1, (IvFieldPlace){"summary", -1}, &count, error))
			return false;
	}
	return summary != NULL;
}

static bool read_volumes(const cJSON *object, IvCoverage *coverage, GError **error)
{
	const cJSON *list = iv_fields_array(object, "coverage", "volumes", error);
	const cJSON *item;
	IvFieldPlace place = {"coverage.volumes", 0};

	if (list == NULL)
		return false;
	cJSON_ArrayForEach(item, list)
	{
		IvCoverageVolume *v = iv_coverage_volume(coverage, NULL, NULL, NULL, 0, 0);

		if (!iv_fields_read(item, PART("coverage.volumes"), place, v, error))
			return false;
		place.index++;
	}
	return true;
}

static bool read_misses(const cJSON *object, IvCoverage *coverage, GError **error)
{
	const cJSON *list = iv_fields_array(object, "coverage", "misses", error);
	const cJSON *item;
	IvFieldPlace place = {"coverage.misses", 0};

	if (list == NULL)
		return false;
	cJSON_ArrayForEach(item, list)
	{
		IvCoverageMiss *m = g_new0(IvCoverageMiss, 1);

		g_ptr_array_add(coverage->misses, m);
		if (!iv_fields_read(item, PART("coverage.misses"), place, m, error))
			return false;
		place.index++;
	}
	return true;
}

/* An imgvet that did not count wrote no list: then nobody knows, which is not none. */
static bool read_packed(const cJSON *object, IvCoverage *coverage, GError **error)
{
	const cJSON *item, *list;
	IvFieldPlace place = {"coverage.packed", 0};

	if (cJSON_GetObjectItemCaseSensitive(object, "packed") == NULL) {
		g_clear_pointer(&coverage->packed, iv_packed_list_free);
		return true;
	}
	list = iv_fields_array(object, "coverage", "packed", error);
	if (list == NULL)
		return false;
	cJSON_ArrayForEach(item, list)
	{
		IvPackedEntry *e = iv_packed_list_append(coverage->packed);

		if (!iv_fields_read(item, PART("coverage.packed"), place, e, error))
			return false;
		place.index++;
	}
	return true;
}

static bool read_notes(const cJSON *object, IvCoverage *coverage, GError **error)
{
	IvField field = {"notes", IV_FIELD_TEXTS, 0};
	g_auto(GStrv) notes = NULL;

	if (!iv_fields_read(object, &field, 1, (IvFieldPlace){"coverage", -1}, &notes, error))
		return false;
	for (guint i = 0; notes[i] != NULL; i++)
		g_ptr_array_add(coverage->notes, g_strdup(notes[i]));
	return true;
}

/* `complete` may only be doubted further: a part that was missed makes the
 * whole incomplete, whatever the file says. */
static bool read_coverage(const cJSON *json, IvCoverage *coverage, GError **error)
{
	const cJSON *object = iv_fields_object(json, "coverage", error);
	IvFieldPlace place = {"coverage", -1};

	if (object == NULL ||
	    !iv_fields_read(object, PART("coverage"), place, coverage, error) ||
	    !read_volumes(object, coverage, error) || !read_misses(object, coverage, error) ||
	    !read_packed(object, coverage, error) || !read_notes(object, coverage, error))
		return false;
	if (coverage->misses->len > 0 || coverage->misses_dropped > 0)
		coverage->complete = false;
	iv_coverage_finish(coverage);
	return true;
}

static bool read_findings(const cJSON *json, GPtrArray *findings, GError **error)
{
	const cJSON *list = iv_fields_array(json, "", "findings", error);
	const cJSON *item;
	IvFieldPlace place = {"findings", 0};

	if (list == NULL)
		return false;
	cJSON_ArrayForEach(item, list)
	{
		IvFinding *f = iv_finding_new();

		g_ptr_array_add(findings, f);
		if (!iv_fields_read(item, PART("findings"), place, f, error))
			return false;
		place.index++;
	}
	g_ptr_array_sort(findings, iv_finding_compare);
	return true;
}

/* Not every imgvet counted. */
static bool read_skips(const cJSON *run, IvReport *report, GError **error)
{
	const cJSON *skips = cJSON_GetObjectItemCaseSensitive(run, "skips");

	g_clear_pointer(&report->run_skips, g_ptr_array_unref);
	if (skips == NULL)
		return true;
	report->run_skips = iv_report_skips_from_json(skips, error);
	return report->run_skips != NULL;
}

static bool read_run(const cJSON *json, IvReport *report, GError **error)
{
	const cJSON *run = iv_fields_object(json, "run", error);
	const cJSON *signature;

	if (!read_part(json, "run", PART("run"), report, error) ||
	    !read_skips(run, report, error))
		return false;
	signature = cJSON_GetObjectItemCaseSensitive(run, "signature");
	if (signature == NULL)
		return true;
	if (!cJSON_IsObject(signature))
		return iv_fail(error, IV_ERROR_CORRUPT, "run.signature: must be an object");
	report->signature = cJSON_Duplicate(signature, true);
	return true;
}

static bool read_image(const cJSON *json, IvReport *report, GError **error)
{
	if (!read_part(json, "image", PART("image"), report, error))
		return false;
	/* Only a folder has no digest; a disk without one could be any disk. */
	if (report->digest == NULL && g_strcmp0(report->format, "tree") != 0)
		return iv_fail(error, IV_ERROR_CORRUPT,
			       "image.digest: must not be null unless image.format is tree");
	return true;
}

/* Kept as it stands, as its own signature covers it. */
static bool read_origin(const cJSON *json, IvReport *report, GError **error)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, "origin");
	g_autoptr(IvOrigin) origin = NULL;

	if (item == NULL)
		return true;
	if (!cJSON_IsObject(item))
		return iv_fail(error, IV_ERROR_CORRUPT, "origin: must be an object");
	origin = iv_origin_from_json(item, error);
	if (origin == NULL)
		return false;
	report->origin = cJSON_Duplicate(item, true);
	return true;
}

IvReport *iv_report_from_json(const cJSON *json, GError **error)
{
	g_autoptr(IvReport) report = iv_report_new();

	if (!iv_json_check_tree(json, error) || !read_schema(json, error) ||
	    !read_image(json, report, error) || !read_origin(json, report, error) ||
	    !read_part(json, "rules", PART("rules"), report, error) ||
	    !read_part(json, "fingerprints", PART("fingerprints"), report, error) ||
	    !read_summary(json, error) || !read_coverage(json, report->coverage, error) ||
	    !read_findings(json, report->findings, error) || !read_run(json, report, error))
		return NULL;
	return g_steal_pointer(&report);
}
