/* SPDX-License-Identifier: GPL-3.0-or-later */
/* walk.c - see walk.h */
#include "scanner/search/walk.h"

#include <string.h>

#include "scanner/base/text.h"
#include "scanner/fs/fs.h"
#include "scanner/search/links.h"

struct IvWalk {
	IvSearch *search;
	IvCoverage *coverage;
	IvScanProgress *progress;
	const char *image, *format;
	IvReader reader;
	IvGuest *guest;	     /* launched when the first volume needs it */
	char *guest_problem; /* why it could not be */
	GPtrArray *places;   /* IvPlace * */

	/* The volume at hand. */
	IvPlace *place;
	IvLinks *links;
};

static void free_place(gpointer place)
{
	iv_place_free(place);
}

IvWalk *iv_walk_new(IvSearch *search, IvCoverage *coverage, IvReader reader, const char *image,
		    const char *format, IvScanProgress *progress)
{
	IvWalk *walk = g_new0(IvWalk, 1);

	walk->search = search;
	walk->coverage = coverage;
	walk->reader = reader;
	walk->image = image;
	walk->format = format;
	walk->progress = progress;
	walk->places = g_ptr_array_new_with_free_func(free_place);
	return walk;
}

void iv_walk_free(IvWalk *walk)
{
	if (walk == NULL)
		return;
	iv_guest_close(walk->guest);
	iv_links_free(walk->links);
	g_ptr_array_unref(walk->places);
	g_free(walk->guest_problem);
	g_free(walk);
}

/* Begin a volume: its line in coverage, and where its findings are. */
static void begin_place(IvWalk *walk, const char *name, const char *kind, const char *reader,
			uint64_t offset, uint64_t size)
{
	bool on_disk = walk->reader != IV_READER_TREE;

	walk->place = iv_place_new(walk->coverage, on_disk, name, kind, reader, offset, size);
	g_ptr_array_add(walk->places, walk->place);
	iv_links_free(walk->links);
	walk->links = iv_links_new();
}

/* --- what readers call ------------------------------------------------------------- */

static bool sink_item(void *user, IvItem *item, GError **error)
{
	IvWalk *walk = user;

	if (item->kind == IV_ITEM_FILE)
		walk->place->entry->files++;
	return iv_links_add(walk->links, walk->search, walk->place, item, error);
}

static char *shown(const char *path)
{
	g_autofree char *name = path != NULL ? iv_text_printable(path, -1) : NULL;

	return name != NULL ? g_strconcat("/", name, NULL) : NULL;
}

static void sink_unread(void *user, const char *path, uint64_t bytes, const char *reason)
{
	IvWalk *walk = user;
	g_autofree char *name = shown(path);

	iv_coverage_miss(walk->coverage, walk->place->entry, name, bytes, reason);
}

static void sink_note(void *user, const char *text)
{
	IvWalk *walk = user;
	g_autofree char *line = g_strdup_printf("%s: %s", walk->place->name, text);

	iv_coverage_note(walk->coverage, line);
}

static const IvFsSink sink = {sink_item, sink_unread, sink_note};

/* --- one volume ----------------------------------------------------------------------- */

/* Search a volume's bytes as they lie there. */
static bool search_raw(IvWalk *walk, IvSource *source, GError **error)
{
	g_autoptr(IvItem) item = iv_item_new(IV_ITEM_RAW, NULL);

	item->source = iv_source_ref(source);
	item->size = source->size;
	iv_ignore(iv_item_add_extent(item, 0, 0, source->size)); /* the first is never refused */
	return iv_search_add(walk->search, walk->place, item, error);
}

static bool walk_native(IvWalk *walk, const IvVolume *v, const IvFsReader *reader, const char *kind,
			GError **error)
{
	g_autoptr(GError) problem = NULL;
	bool whole;

	begin_place(walk, v->name, kind, reader->name, v->offset, v->size);
	whole = reader->walk(v->source, &sink, walk, &problem);
	if (!iv_links_finish(walk->links, walk->search, walk->place, error))
		return false;
	if (whole)
		return true;
	iv_search_drain(walk->search);
	iv_coverage_miss(walk->coverage, walk->place->entry, NULL, v->size,
			 problem->message);
	return search_raw(walk, v->source, error);
}

static IvGuest *launch_guest(IvWalk *walk)
{
	g_autoptr(GError) error = NULL;

	if (walk->guest != NULL || walk->guest_problem != NULL)
		return walk->guest;
	if (walk->progress != NULL)
		walk->progress->phase = IV_PHASE_GUEST;
	walk->guest = iv_guest_open(walk->image, walk->format, &error);
	if (walk->guest == NULL)
		walk->guest_problem = g_strdup(error->message);
	if (walk->progress != NULL)
		walk->progress->phase = IV_PHASE_SEARCH;
	return walk->guest;
}

/* The guest reads files; the bytes that no file owns are searched as they lie,
 * leaving out what the files gave already. */
static bool walk_guest(IvWalk *walk, const IvVolume *v, const char *kind, GError **error)
{
	g_autoptr(GError) problem = NULL;
	IvGuest *guest = launch_guest(walk);
	bool ok;

	begin_place(walk, v->name, kind, guest != NULL ? "guest" : "raw", v->offset, v->size);
	walk->place->on_disk = false;
	walk->place->remember = true;
	ok = guest != NULL &&
	     iv_guest_walk(guest, v->offset, v->size, &sink, walk, &problem);
	if (!ok)
		iv_coverage_miss(walk->coverage, walk->place->entry, NULL, v->size,
				 guest != NULL ? problem->message : walk->guest_problem);
	if (!iv_links_finish(walk->links, walk->search, walk->place, error))
		return false;
	iv_search_drain(walk->search);
	walk->place->drop_known = true;
	walk->place->on_disk = true;
	return search_raw(walk, v->source, error);
}

/* No file system belongs here, or its bytes are all there is to it. */
static bool is_raw(const IvVolume *v, const char *content)
{
	return v->kind == IV_VOLUME_GAP || v->no_files || strcmp(content, "swap") == 0 ||
	       strcmp(content, "blank") == 0;
}

static bool walk_raw(IvWalk *walk, const IvVolume *v, const char *content, GError **error)
{
	const char *kind = v->kind == IV_VOLUME_GAP ? "gap" : v->no_files ? "no-files" : content;

	begin_place(walk, v->name, kind, "raw", v->offset, v->size);
	return search_raw(walk, v->source, error);
}

static bool walk_unknown(IvWalk *walk, const IvVolume *v, const char *content, GError **error)
{
	g_autofree char *reason =
		g_strdup_printf("no native reader for %s: searched as raw bytes, not file by file",
				strcmp(content, "unknown") == 0 ? "what this volume holds" : content);

	begin_place(walk, v->name, content, "raw", v->offset, v->size);
	iv_coverage_miss(walk->coverage, walk->place->entry, NULL, v->size, reason);
	return search_raw(walk, v->source, error);
}

bool iv_walk_volume(IvWalk *walk, const IvVolume *v, GError **error)
{
	const IvFsReader *native;
	const char *content = iv_volume_content(v->source, error);

	if (content == NULL)
		return false;
	if (is_raw(v, content))
		return walk_raw(walk, v, content, error);
	native = walk->reader != IV_READER_GUEST ? iv_fs_probe(v->source) : NULL;
	if (native != NULL)
		return walk_native(walk, v, native, content, error);
	if (walk->reader != IV_READER_NATIVE)
		return walk_guest(walk, v, content, error);
	return walk_unknown(walk, v, content, error);
}

bool iv_walk_needs_guest(IvReader reader, const IvVolume *v)
{
	const char *content = iv_volume_content(v->source, NULL);

	if (reader == IV_READER_NATIVE || content == NULL || is_raw(v, content))
		return false;
	return reader == IV_READER_GUEST || iv_fs_probe(v->source) == NULL;
}

bool iv_walk_tree(IvWalk *walk, GError **error)
{
	begin_place(walk, "tree", "tree", "tree", 0, 0);
	if (!iv_tree_walk(walk->image, &sink, walk, error) ||
	    !iv_links_finish(walk->links, walk->search, walk->place, error))
		return false;
	iv_search_drain(walk->search);
	return true;
}
