/* SPDX-License-Identifier: GPL-3.0-or-later */
/* scan.c - the river on one page: image, volumes, items, findings, report */
#include <string.h>
#include <time.h>

#include "scanner/base/skip.h"
#include "scanner/base/text.h"
#include "scanner/disk/open.h"
#include "scanner/scan_source.h"
#include "scanner/search/walk.h"

typedef struct {
	const char *image, *format;
	const IvRuleSet *rules;
	const IvScanOptions *options;
	IvReader reader;
	IvReport *report;
	IvCollection *collection;
} Scan;

static void scan_clear(Scan *scan)
{
	g_clear_pointer(&scan->collection, iv_collection_free);
	g_clear_pointer(&scan->report, iv_report_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Scan, scan_clear)

static void set_phase(const Scan *scan, IvScanPhase phase)
{
	if (scan->options->progress != NULL)
		scan->options->progress->phase = phase;
}

/* --- a disk ------------------------------------------------------------------------- */

/* Everything that a native scan needs is open by now. */
static bool enter_sandbox(const Scan *scan, const IvVolumes *volumes, GError **error)
{
	bool guest = false;

	for (guint i = 0; i < volumes->list->len; i++)
		guest = guest || iv_walk_needs_guest(scan->reader, volumes->list->pdata[i]);
	return guest || scan->options->sandbox == NULL || scan->options->sandbox(error);
}

static void describe_table(IvReport *report, const IvVolumes *volumes)
{
	report->table = g_strdup(volumes->table);
	for (guint i = 0; i < volumes->notes->len; i++)
		iv_coverage_note(report->coverage, volumes->notes->pdata[i]);
	if (volumes->damaged)
		iv_coverage_miss(report->coverage, NULL, NULL, 0,
				 "the partition table is damaged: volumes may be missing");
}

/* The volumes' items are searched, and every byte of the disk is hashed. */
static bool search_volumes(Scan *scan, IvSource *disk, IvDigest *digest, const IvVolumes *volumes,
			   GError **error)
{
	const IvScanOptions *o = scan->options;
	g_autoptr(IvWalk) walk = NULL; /* outlives the search: its threads use the walk's places */
	g_autoptr(IvSearch) search = iv_search_start(scan->rules, disk, digest, scan->collection,
						     o->threads, o->progress, error);

	if (search == NULL)
		return false;
	walk = iv_walk_new(search, scan->report->coverage, scan->reader, scan->image, scan->format,
			   o->progress);
	for (guint i = 0; i < volumes->list->len; i++)
		if (!iv_walk_volume(walk, volumes->list->pdata[i], error))
			return false;
	if (!iv_walk_edges(walk, disk, error))
		return false;
	return iv_search_finish(search, &scan->report->run_bytes, error);
}

/* Bytes that will be searched: volumes can overlap. */
static uint64_t searched_bytes(const IvVolumes *volumes)
{
	uint64_t sum = 0;

	for (guint i = 0; i < volumes->list->len; i++) {
		const IvVolume *v = volumes->list->pdata[i];

		if (v->kind != IV_VOLUME_LAYER || v->role == IV_ROLE_FILES)
			sum += v->size;
	}
	return sum;
}

static bool scan_source(Scan *scan, IvSource *disk, GError **error)
{
	IvReport *report = scan->report;
	g_autoptr(IvDigest) digest = iv_digest_new(disk, error);
	g_autoptr(IvVolumes) volumes = digest != NULL ? iv_volumes_read(disk, error) : NULL;

	if (volumes == NULL || !enter_sandbox(scan, volumes, error))
		return false;
	report->format = g_strdup(scan->format);
	report->size = disk->size;
	describe_table(report, volumes);
	if (scan->options->progress != NULL)
		scan->options->progress->total = disk->size + searched_bytes(volumes);
	if (!search_volumes(scan, disk, digest, volumes, error))
		return false;
	report->digest = iv_digest_finish(digest, error);
	return report->digest != NULL;
}

/* What the file holds that is not on the disk: nobody looked at it. */
static void describe_beside(Scan *scan, IvDisk *disk)
{
	g_autoptr(IvBeside) beside = iv_disk_beside(disk);

	for (guint i = 0; i < beside->parts->len; i++) {
		const IvBesidePart *part = beside->parts->pdata[i];

		iv_coverage_miss(scan->report->coverage, NULL, NULL, part->bytes, part->what);
	}
	for (guint i = 0; i < beside->notes->len; i++)
		iv_coverage_note(scan->report->coverage, beside->notes->pdata[i]);
}

static bool scan_disk(Scan *scan, GError **error)
{
	IvDiskOptions how = {.format = scan->options->format, .backing = scan->options->backing};
	g_autoptr(IvDisk) disk = iv_disk_open(scan->image, &how, error);

	if (disk == NULL)
		return false;
	scan->format = disk->format;
	if (!scan_source(scan, disk->source, error))
		return false;
	describe_beside(scan, disk);
	return iv_disk_unchanged(disk, error);
}

/* --- a tree ------------------------------------------------------------------------- */

static bool scan_tree(Scan *scan, GError **error)
{
	const IvScanOptions *o = scan->options;
	IvReport *report = scan->report;
	IvCoverageVolume *entry;
	g_autoptr(IvWalk) walk = NULL; /* as above */
	g_autoptr(IvSearch) search = iv_search_start(scan->rules, NULL, NULL, scan->collection,
						     o->threads, o->progress, error);

	if (search == NULL)
		return false;
	report->format = g_strdup("tree");
	report->table = g_strdup("none");
	walk = iv_walk_new(search, report->coverage, IV_READER_TREE, scan->image, NULL, o->progress);
	if (!iv_walk_tree(walk, error) || !iv_search_finish(search, &report->run_bytes, error))
		return false;
	entry = report->coverage->volumes->pdata[0];
	entry->bytes = report->size = report->run_bytes;
	return true;
}

/* --- the report --------------------------------------------------------------------- */

static void begin(Scan *scan)
{
	IvReport *report = scan->report = iv_report_new();

	iv_skips_reset();
	scan->collection = iv_collection_new(scan->options->salt, scan->options->progress);
	g_free(report->run_image);
	report->run_image = iv_text_printable(scan->image, -1);
	report->run_host = iv_text_printable(g_get_host_name(), -1);
	report->run_version = g_strdup(IV_VERSION);
	report->run_started = (gint64)time(NULL);
	report->rules_digest = g_strdup(iv_ruleset_digest(scan->rules));
	report->rules_count = iv_ruleset_length(scan->rules);
	report->salt_id = iv_salt_id(scan->options->salt);
	set_phase(scan, IV_PHASE_SEARCH);
}

static IvReport *finish(Scan *scan)
{
	IvReport *report = scan->report;

	g_clear_pointer(&report->findings, g_ptr_array_unref);
	report->findings = iv_collection_take(scan->collection);
	g_ptr_array_sort(report->findings, iv_finding_compare);
	iv_findings_fold(report->findings);
	iv_coverage_finish(report->coverage);
	g_ptr_array_unref(report->run_skips);
	report->run_skips = iv_report_skips_counted();
	report->run_finished = (gint64)time(NULL);
	set_phase(scan, IV_PHASE_DONE);
	return g_steal_pointer(&scan->report);
}

IvReport *iv_scan(const char *image, const IvRuleSet *rules, const IvScanOptions *options,
		  GError **error)
{
	g_auto(Scan) scan = {.image = image, .rules = rules, .options = options,
			     .reader = options->reader};
	bool ok;

	begin(&scan);
	ok = scan.reader == IV_READER_TREE ? scan_tree(&scan, error) : scan_disk(&scan, error);
	return ok ? finish(&scan) : NULL;
}

IvReport *iv_scan_source(const char *name, IvSource *disk, const IvRuleSet *rules,
			 const IvScanOptions *options, GError **error)
{
	g_auto(Scan) scan = {.image = name, .format = name, .rules = rules, .options = options,
			     .reader = IV_READER_NATIVE};

	begin(&scan);
	return scan_source(&scan, disk, error) ? finish(&scan) : NULL;
}
