/* scan.c - the river on one page: image, volumes, items, findings, report */
#include "scanner/scanner.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

#include "scanner/base/error.h"
#include "scanner/base/limits.h"
#include "scanner/base/text.h"
#include "scanner/disk/open.h"
#include "scanner/fs/fs.h"
#include "scanner/search/search.h"
#include "scanner/volume/volume.h"

typedef struct {
	const char *image;
	const IvScanOptions *options;
	IvReport *report;
	IvCollection *collection;
	IvSearch *search;
	IvDisk *disk;
	IvGuest *guest;	     /* launched when the first volume needs it */
	char *guest_problem; /* why it could not be */
	GPtrArray *places;   /* IvPlace *: they outlive the search */

	/* The volume at hand. */
	IvPlace *place;
	GPtrArray *links; /* IvItem *: further names, looked at when the rest is done */
	GHashTable *attributes; /* path -> GPtrArray of IvItem *: what those names share */
	guint n_attributes;
} Scan;

static void scan_clear(Scan *scan)
{
	g_clear_pointer(&scan->search, iv_search_free);
	g_clear_pointer(&scan->guest, iv_guest_close);
	g_clear_pointer(&scan->disk, iv_disk_free);
	g_clear_pointer(&scan->collection, iv_collection_free);
	g_clear_pointer(&scan->places, g_ptr_array_unref);
	g_clear_pointer(&scan->links, g_ptr_array_unref);
	g_clear_pointer(&scan->attributes, g_hash_table_unref);
	g_clear_pointer(&scan->report, iv_report_free);
	g_free(scan->guest_problem);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Scan, scan_clear)

static void place_free(void *data)
{
	IvPlace *place = data;

	g_hash_table_unref(place->found);
	g_hash_table_unref(place->secrets);
	g_mutex_clear(&place->lock);
	g_free((char *)place->name);
	g_free(place);
}

/* Begin a volume: its line in coverage, and where its findings are. */
static IvPlace *begin_place(Scan *scan, const char *name, const char *kind, const char *reader,
			    uint64_t offset, uint64_t size)
{
	IvPlace *place = g_new0(IvPlace, 1);

	place->name = g_strdup(name);
	place->offset = offset;
	place->on_disk = scan->disk != NULL;
	place->coverage = scan->report->coverage;
	place->entry = iv_coverage_volume(place->coverage, name, kind, reader, offset, size);
	place->found = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	place->secrets = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_mutex_init(&place->lock);
	g_ptr_array_add(scan->places, place);
	scan->place = place;
	g_ptr_array_set_size(scan->links, 0);
	g_hash_table_remove_all(scan->attributes);
	scan->n_attributes = 0;
	return place;
}

/* --- what readers call ------------------------------------------------------------- */

/* An attribute belongs to a file under all its names, and the others come later.
 * Labels and access lists hold no secrets and are too many to keep. */
static void keep_attribute(Scan *scan, IvItem *item)
{
	GPtrArray *list;

	if (g_str_has_prefix(item->detail, "security.") ||
	    g_str_has_prefix(item->detail, "system.") ||
	    scan->n_attributes >= IV_MAX_KEPT_ATTRIBUTES)
		return;
	list = g_hash_table_lookup(scan->attributes, item->path);
	if (list == NULL) {
		list = g_ptr_array_new_with_free_func((GDestroyNotify)iv_item_unref);
		g_hash_table_insert(scan->attributes, g_strdup(item->path), list);
	}
	g_ptr_array_add(list, iv_item_ref(item));
	scan->n_attributes++;
}

static bool sink_item(void *user, IvItem *item, GError **error)
{
	Scan *scan = user;

	if (item->kind == IV_ITEM_FILE)
		scan->place->entry->files++;
	if (item->kind == IV_ITEM_XATTR && item->path != NULL && item->link_of == NULL)
		keep_attribute(scan, item);
	if (item->link_of != NULL) {
		g_ptr_array_add(scan->links, iv_item_ref(item));
		return true;
	}
	return iv_search_add(scan->search, scan->place, item, error);
}

static char *shown(const char *path)
{
	g_autofree char *name = path != NULL ? iv_text_printable(path, -1) : NULL;

	return name != NULL ? g_strconcat("/", name, NULL) : NULL;
}

static void sink_unread(void *user, const char *path, uint64_t bytes, const char *reason)
{
	Scan *scan = user;
	g_autofree char *name = shown(path);

	iv_coverage_miss(scan->report->coverage, scan->place->entry, name, bytes, reason);
}

static void sink_note(void *user, const char *text)
{
	Scan *scan = user;
	g_autofree char *line = g_strdup_printf("%s: %s", scan->place->name, text);

	iv_coverage_note(scan->report->coverage, line);
}

static const IvFsSink sink = {sink_item, sink_unread, sink_note};

/* The attributes of a file under a further name of it. */
static bool search_attributes(Scan *scan, const IvItem *link, GError **error)
{
	GPtrArray *list = g_hash_table_lookup(scan->attributes, link->link_of);

	for (guint i = 0; list != NULL && i < list->len; i++) {
		const IvItem *of = list->pdata[i];
		g_autoptr(IvItem) item = iv_item_new(IV_ITEM_XATTR, link->path);

		item->detail = g_strdup(of->detail);
		item->size = of->size;
		item->bytes = of->bytes != NULL ? g_bytes_ref(of->bytes) : NULL;
		item->source = of->source != NULL ? iv_source_ref(of->source) : NULL;
		item->extents = of->extents != NULL ? g_array_ref(of->extents) : NULL;
		item->detached = of->detached;
		if (!iv_search_add(scan->search, scan->place, item, error))
			return false;
	}
	return true;
}

/* Further names of files: their bytes were searched under the first name.  They
 * are searched again only where that can tell something new: something was
 * found under the first name, or a rule looks at this one. */
static bool search_links(Scan *scan, GError **error)
{
	iv_search_drain(scan->search);
	for (guint i = 0; i < scan->links->len; i++) {
		IvItem *item = scan->links->pdata[i];
		bool again;

		g_mutex_lock(&scan->place->lock);
		again = g_hash_table_contains(scan->place->found, item->link_of);
		g_mutex_unlock(&scan->place->lock);
		if (again && item->kind != IV_ITEM_XATTR && !search_attributes(scan, item, error))
			return false;
		if (!again && !iv_search_path_applies(scan->search, item->path))
			continue;
		if (!iv_search_add(scan->search, scan->place, item, error))
			return false;
	}
	return true;
}

/* --- one volume ----------------------------------------------------------------------- */

/* Search a volume's bytes as they lie there. */
static bool search_raw(Scan *scan, IvSource *source, GError **error)
{
	g_autoptr(IvItem) item = iv_item_new(IV_ITEM_RAW, NULL);

	item->source = iv_source_ref(source);
	item->size = source->size;
	iv_item_add_extent(item, 0, 0, source->size);
	return iv_search_add(scan->search, scan->place, item, error);
}

static bool walk_native(Scan *scan, const IvVolume *v, const IvFsReader *reader, const char *kind,
			GError **error)
{
	g_autoptr(GError) problem = NULL;

	begin_place(scan, v->name, kind, reader->name, v->offset, v->size);
	if (reader->walk(v->source, &sink, scan, &problem))
		return search_links(scan, error);
	iv_search_drain(scan->search);
	iv_coverage_miss(scan->report->coverage, scan->place->entry, NULL, v->size,
			 problem->message);
	return search_raw(scan, v->source, error);
}

static IvGuest *launch_guest(Scan *scan)
{
	g_autoptr(GError) error = NULL;

	if (scan->guest != NULL || scan->guest_problem != NULL)
		return scan->guest;
	if (scan->options->progress != NULL)
		scan->options->progress->phase = IV_PHASE_GUEST;
	scan->guest = iv_guest_open(scan->image, scan->disk->format, &error);
	if (scan->guest == NULL)
		scan->guest_problem = g_strdup(error->message);
	if (scan->options->progress != NULL)
		scan->options->progress->phase = IV_PHASE_SEARCH;
	return scan->guest;
}

/* The guest reads files; the bytes that no file owns are searched as they lie,
 * leaving out what the files gave already. */
static bool walk_guest(Scan *scan, const IvVolume *v, const char *kind, GError **error)
{
	g_autoptr(GError) problem = NULL;
	IvGuest *guest = launch_guest(scan);
	bool ok;

	begin_place(scan, v->name, kind, guest != NULL ? "guest" : "raw", v->offset, v->size);
	scan->place->on_disk = false;
	ok = guest != NULL &&
	     iv_guest_walk(guest, v->offset, v->size, &sink, scan, &problem);
	if (!ok)
		iv_coverage_miss(scan->report->coverage, scan->place->entry, NULL, v->size,
				 guest != NULL ? problem->message : scan->guest_problem);
	else if (!search_links(scan, error))
		return false;
	iv_search_drain(scan->search);
	scan->place->drop_known = true;
	scan->place->on_disk = true;
	return search_raw(scan, v->source, error);
}

/* No file system belongs here, or its bytes are all there is to it. */
static bool is_raw(const IvVolume *v, const char *content)
{
	return v->kind == IV_VOLUME_GAP || v->no_files || strcmp(content, "swap") == 0 ||
	       strcmp(content, "blank") == 0;
}

static bool scan_raw(Scan *scan, const IvVolume *v, const char *content, GError **error)
{
	const char *kind = v->kind == IV_VOLUME_GAP ? "gap" : v->no_files ? "no-files" : content;

	begin_place(scan, v->name, kind, "raw", v->offset, v->size);
	return search_raw(scan, v->source, error);
}

static bool scan_unknown(Scan *scan, const IvVolume *v, const char *content, GError **error)
{
	g_autofree char *reason =
		g_strdup_printf("no native reader for %s: searched as raw bytes, not file by file",
				strcmp(content, "unknown") == 0 ? "what this volume holds" : content);

	begin_place(scan, v->name, content, "raw", v->offset, v->size);
	iv_coverage_miss(scan->report->coverage, scan->place->entry, NULL, v->size, reason);
	return search_raw(scan, v->source, error);
}

static bool scan_volume(Scan *scan, const IvVolume *v, GError **error)
{
	IvReader mode = scan->options->reader;
	const IvFsReader *native;
	const char *content = iv_volume_content(v->source, error);

	if (content == NULL)
		return false;
	if (is_raw(v, content))
		return scan_raw(scan, v, content, error);
	native = mode != IV_READER_GUEST ? iv_fs_probe(v->source) : NULL;
	if (native != NULL)
		return walk_native(scan, v, native, content, error);
	if (mode != IV_READER_NATIVE)
		return walk_guest(scan, v, content, error);
	return scan_unknown(scan, v, content, error);
}

/* Will reading this volume take libguestfs?  It starts programs, and so cannot
 * run in a sandbox. */
static bool wants_guest(const Scan *scan, const IvVolume *v)
{
	const char *content = iv_volume_content(v->source, NULL);

	if (scan->options->reader == IV_READER_NATIVE || content == NULL || is_raw(v, content))
		return false;
	return scan->options->reader == IV_READER_GUEST || iv_fs_probe(v->source) == NULL;
}

/* Everything that a native scan needs is open by now. */
static bool enter_sandbox(const Scan *scan, const IvVolumes *volumes, GError **error)
{
	bool guest = false;

	for (guint i = 0; i < volumes->list->len; i++)
		guest = guest || wants_guest(scan, volumes->list->pdata[i]);
	return guest || scan->options->sandbox == NULL || scan->options->sandbox(error);
}

static bool scan_volumes(Scan *scan, const IvVolumes *volumes, GError **error)
{
	scan->report->table = g_strdup(volumes->table);
	for (guint i = 0; i < volumes->notes->len; i++)
		iv_coverage_note(scan->report->coverage, volumes->notes->pdata[i]);
	if (volumes->damaged)
		iv_coverage_miss(scan->report->coverage, NULL, NULL, 0,
				 "the partition table is damaged: volumes may be missing");
	for (guint i = 0; i < volumes->list->len; i++)
		if (!scan_volume(scan, volumes->list->pdata[i], error))
			return false;
	iv_search_drain(scan->search);
	return true;
}

/* --- a disk, a tree -------------------------------------------------------------------- */

static bool scan_disk(Scan *scan, const IvRuleSet *rules, GError **error)
{
	const IvScanOptions *o = scan->options;
	IvDiskOptions how = {.format = o->format, .backing = o->backing};
	g_autoptr(IvVolumes) volumes = NULL;
	g_autoptr(IvDigest) digest = NULL;
	IvReport *report = scan->report;
	bool ok;

	scan->disk = iv_disk_open(scan->image, &how, error);
	if (scan->disk == NULL)
		return false;
	report->format = g_strdup(scan->disk->format);
	report->size = scan->disk->source->size;
	digest = iv_digest_new(scan->disk->source, error);
	volumes = iv_volumes_read(scan->disk->source, error);
	if (digest == NULL || volumes == NULL || !enter_sandbox(scan, volumes, error))
		return false;
	if (o->progress != NULL)
		o->progress->total = 2 * report->size;
	scan->search = iv_search_start(rules, scan->disk->source, digest, scan->collection,
				       o->threads, o->progress, error);
	ok = scan->search != NULL && scan_volumes(scan, volumes, error) &&
	     iv_search_finish(scan->search, &report->run_bytes, error);
	g_clear_pointer(&scan->search, iv_search_free);
	if (!ok || !iv_disk_unchanged(scan->disk, error))
		return false;
	report->digest = iv_digest_finish(digest, error);
	return report->digest != NULL;
}

static bool scan_tree(Scan *scan, const IvRuleSet *rules, GError **error)
{
	const IvScanOptions *o = scan->options;
	IvReport *report = scan->report;

	report->format = g_strdup("tree");
	report->table = g_strdup("none");
	scan->search = iv_search_start(rules, NULL, NULL, scan->collection, o->threads, o->progress,
				       error);
	if (scan->search == NULL)
		return false;
	begin_place(scan, "tree", "tree", "tree", 0, 0);
	if (!iv_tree_walk(scan->image, &sink, scan, error) || !search_links(scan, error))
		return false;
	iv_search_drain(scan->search);
	if (!iv_search_finish(scan->search, &report->run_bytes, error))
		return false;
	report->size = report->run_bytes;
	scan->place->entry->bytes = report->run_bytes;
	return true;
}

static void describe_run(IvReport *report, const char *image, const IvRuleSet *rules,
			 const uint8_t *salt)
{
	g_free(report->run_image);
	report->run_image = iv_text_printable(image, -1);
	report->run_host = g_strdup(g_get_host_name());
	report->run_version = g_strdup(IV_VERSION);
	report->run_started = (gint64)time(NULL);
	report->rules_digest = g_strdup(iv_ruleset_digest(rules));
	report->rules_count = iv_ruleset_length(rules);
	report->salt_id = iv_salt_id(salt);
}

IvReport *iv_scan(const char *image, const IvRuleSet *rules, const IvScanOptions *options,
		  GError **error)
{
	g_auto(Scan) scan = {.image = image, .options = options};
	IvReport *report;

	scan.report = report = iv_report_new();
	scan.collection = iv_collection_new(options->salt, options->progress);
	scan.places = g_ptr_array_new_with_free_func(place_free);
	scan.links = g_ptr_array_new_with_free_func((GDestroyNotify)iv_item_unref);
	scan.attributes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
						(GDestroyNotify)g_ptr_array_unref);
	describe_run(report, image, rules, options->salt);
	if (options->progress != NULL)
		options->progress->phase = IV_PHASE_SEARCH;
	if (!(options->reader == IV_READER_TREE ? scan_tree(&scan, rules, error)
						: scan_disk(&scan, rules, error)))
		return NULL;
	g_clear_pointer(&report->findings, g_ptr_array_unref);
	report->findings = iv_collection_take(scan.collection);
	g_ptr_array_sort(report->findings, iv_finding_compare);
	iv_findings_fold(report->findings);
	iv_coverage_finish(report->coverage);
	report->run_finished = (gint64)time(NULL);
	if (options->progress != NULL)
		options->progress->phase = IV_PHASE_DONE;
	return g_steal_pointer(&scan.report);
}
