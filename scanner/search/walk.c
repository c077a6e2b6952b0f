/* SPDX-License-Identifier: GPL-3.0-or-later */
/* walk.c - see walk.h */
#include "scanner/search/walk.h"

#include <inttypes.h>

#include "scanner/base/limits.h"
#include "scanner/base/skip.h"
#include "scanner/base/text.h"
#include "scanner/fs/fs.h"
#include "scanner/search/edges.h"
#include "scanner/search/links.h"
#include "scanner/volume/hidden.h"

struct IvWalk {
	IvSearch *search;
	IvCoverage *coverage;
	IvScanProgress *progress;
	const char *image, *format;
	IvReader reader;
	IvGuest *guest;	     /* launched when the first volume needs it */
	char *guest_problem; /* why it could not be */
	GPtrArray *places;   /* IvPlace * */

	unsigned depth; /* file systems in the free space of each other */

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

static bool walk_native(IvWalk *walk, const IvVolume *v, const IvFsReader *reader, GError **error);
static bool walk_unread(IvWalk *walk, const IvVolume *v, GError **error);

/* A layer's bytes have been searched with the volume that it lies over. */
static bool search_rest(IvWalk *walk, const IvVolume *v, GError **error)
{
	return v->kind == IV_VOLUME_LAYER || search_raw(walk, v->source, error);
}

/* A file system that begins in the free space of another.  *room: how many bytes may be read
 * again in this way; as many as the volume has, however they lie over each other. */
static bool walk_hidden(IvWalk *walk, const IvVolume *of, const IvHidden *h, uint64_t *room,
			GError **error)
{
	g_autofree char *name = g_strdup_printf("%s/%s@%" PRIu64, of->name, h->kind,
						of->offset + h->offset);
	uint64_t size = h->size > 0 ? h->size : of->size - h->offset;
	g_autoptr(IvSource) source = iv_slice_new(of->source, h->offset, size, error);
	const IvVolume v = {.kind = IV_VOLUME_LAYER,
			    .name = name,
			    .offset = of->offset + h->offset,
			    .size = size,
			    .content = h->kind,
			    .role = h->use == IV_CLAIM_FILES ? IV_ROLE_FILES : IV_ROLE_STORE,
			    .source = source};
	const IvFsReader *reader = source != NULL ? iv_fs_probe(source, h->kind) : NULL;

	if (source == NULL)
		return false;
	if (reader == NULL || v.role != IV_ROLE_FILES || size > *room)
		return walk_unread(walk, &v, error);
	*room -= size;
	return walk_native(walk, &v, reader, error);
}

/* What the workers met in the volume's free space.  Its findings are known to them first. */
static bool walk_free_space(IvWalk *walk, const IvVolume *v, GError **error)
{
	g_autoptr(GArray) hidden = g_array_new(FALSE, FALSE, sizeof(IvHidden));
	IvPlace *place = walk->place;
	g_autoptr(GError) problem = NULL;
	uint64_t room = v->size;
	bool cut, ok = true;

	iv_search_drain(walk->search);
	if (!iv_hidden_check(v->source, place->starts, hidden, &cut, &problem))
		iv_coverage_miss(walk->coverage, place->entry, NULL, 0, problem->message);
	if (cut || place->starts_cut || (hidden->len > 0 && walk->depth == IV_MAX_TABLE_DEPTH))
		iv_coverage_miss(walk->coverage, place->entry, NULL, 0,
				 "its free space holds too many file systems: not all were looked "
				 "at");
	if (walk->depth == IV_MAX_TABLE_DEPTH)
		return true;
	walk->depth++;
	for (guint i = 0; ok && i < hidden->len; i++)
		ok = walk_hidden(walk, v, &g_array_index(hidden, IvHidden, i), &room, error);
	walk->depth--;
	return ok;
}

static bool walk_native(IvWalk *walk, const IvVolume *v, const IvFsReader *reader, GError **error)
{
	g_autoptr(GError) problem = NULL;
	bool whole;

	begin_place(walk, v->name, v->content, reader->name, v->offset, v->size);
	whole = reader->walk(v->source, &sink, walk, &problem);
	if (!iv_links_finish(walk->links, walk->search, walk->place, error))
		return false;
	if (whole)
		return walk_free_space(walk, v, error);
	iv_search_drain(walk->search);
	iv_coverage_miss(walk->coverage, walk->place->entry, NULL, v->size,
			 problem->message);
	return search_rest(walk, v, error);
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

/* As what the guest mounts it: a file system that is known by name is asked for by name, as
 * the bytes may be another one as well. */
static const char *mount_type(const IvVolume *v)
{
	return v->role == IV_ROLE_FILES ? v->content : NULL;
}

/* The guest reads files; the bytes that no file owns are searched as they lie,
 * leaving out what the files gave already. */
static bool walk_guest(IvWalk *walk, const IvVolume *v, GError **error)
{
	g_autoptr(GError) problem = NULL;
	IvGuest *guest = launch_guest(walk);
	bool ok;

	begin_place(walk, v->name, v->content, guest != NULL ? "guest" : "raw", v->offset, v->size);
	walk->place->on_disk = false;
	walk->place->remember = true;
	ok = guest != NULL && iv_guest_walk(guest, v->offset, v->size, mount_type(v), &sink, walk,
					    &problem);
	if (!ok)
		iv_coverage_miss(walk->coverage, walk->place->entry, NULL, v->size,
				 guest != NULL ? problem->message : walk->guest_problem);
	if (!iv_links_finish(walk->links, walk->search, walk->place, error))
		return false;
	if (ok && v->open_end)
		sink_note(walk, "how much of the volume its file system owns is not known: no "
				"file system was looked for behind it");
	iv_search_drain(walk->search);
	walk->place->drop_known = true;
	walk->place->on_disk = true;
	return search_rest(walk, v, error);
}

static bool walk_raw(IvWalk *walk, const IvVolume *v, GError **error)
{
	begin_place(walk, v->name, v->content, "raw", v->offset, v->size);
	iv_skip(IV_SKIP_RAW_VOLUME, 1);
	return search_rest(walk, v, error);
}

static char *unread_reason(const IvVolume *v)
{
	if (v->role == IV_ROLE_CROWDED)
		return g_strdup_printf("too many volumes lie over each other: this one was not read "
				       "as %s",
				       v->content);
	if (v->kind == IV_VOLUME_LAYER)
		return g_strdup_printf("these bytes can be read as %s as well, which was not done: "
				       "searched as raw bytes, not file by file",
				       v->content);
	return g_strdup_printf("no native reader for %s: searched as raw bytes, not file by file",
			       v->role == IV_ROLE_UNKNOWN ? "what this volume holds" : v->content);
}

static bool walk_unread(IvWalk *walk, const IvVolume *v, GError **error)
{
	g_autofree char *reason = unread_reason(v);

	begin_place(walk, v->name, v->content, "raw", v->offset, v->size);
	iv_coverage_miss(walk->coverage, walk->place->entry, NULL, v->size, reason);
	return search_rest(walk, v, error);
}

/* What no kernel mounts is not worth a launch when it is only a layer. */
static bool guest_may_read(IvReader reader, const IvVolume *v)
{
	return reader != IV_READER_NATIVE &&
	       v->role != IV_ROLE_CROWDED &&
	       (v->kind != IV_VOLUME_LAYER || v->role == IV_ROLE_FILES);
}

static const IvFsReader *native_reader(IvReader reader, const IvVolume *v)
{
	if (reader == IV_READER_GUEST || v->role == IV_ROLE_STORE || v->role == IV_ROLE_CROWDED)
		return NULL;
	return iv_fs_probe(v->source, mount_type(v));
}

bool iv_walk_volume(IvWalk *walk, const IvVolume *v, GError **error)
{
	const IvFsReader *native;

	if (v->role == IV_ROLE_RAW)
		return walk_raw(walk, v, error);
	native = native_reader(walk->reader, v);
	if (native != NULL)
		return walk_native(walk, v, native, error);
	if (guest_may_read(walk->reader, v))
		return walk_guest(walk, v, error);
	return walk_unread(walk, v, error);
}

bool iv_walk_needs_guest(IvReader reader, const IvVolume *v)
{
	return v->role != IV_ROLE_RAW && native_reader(reader, v) == NULL &&
	       guest_may_read(reader, v);
}

bool iv_walk_edges(IvWalk *walk, IvSource *disk, GError **error)
{
	return iv_edges_search(walk->search, walk->places, disk, error);
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
