/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * layers.c - what every range of the disk is, and what else it can be; see table.h.
 *
 * Order matters, as what was asked at one place is not asked there again: the disk as a
 * whole, the partitions of the table that counts, those of other tables, the gaps; then
 * what begins inside gaps and behind file systems.
 */
#include <inttypes.h>
#include <string.h>

#include "scanner/base/limits.h"
#include "scanner/base/skip.h"
#include "scanner/volume/hidden.h"
#include "scanner/volume/table.h"

typedef struct {
	IvVolumes *volumes;
	IvSource *disk;
	GHashTable *ranges; /* "offset+size" of every range that was asked */
	GHashTable *known;  /* "offset kind" of every claim that has a volume */
	unsigned asked, across; /* ranges; places in front of a border */
	bool full; /* a ceiling was reached, and the note is written */
} Layers;

static bool is_new_range(Layers *l, const IvVolume *v)
{
	return g_hash_table_add(l->ranges,
				g_strdup_printf("%" PRIu64 "+%" PRIu64, v->offset, v->size));
}

static bool is_new_claim(Layers *l, uint64_t offset, const char *kind)
{
	return g_hash_table_add(l->known, g_strdup_printf("%" PRIu64 " %s", offset, kind));
}

static IvRole role_of(IvClaimUse use)
{
	static const IvRole roles[] = {
		[IV_CLAIM_FILES] = IV_ROLE_FILES,
		[IV_CLAIM_STORE] = IV_ROLE_STORE,
		[IV_CLAIM_RAW] = IV_ROLE_RAW,
		[IV_CLAIM_LEG] = IV_ROLE_STORE,
	};

	return roles[use];
}

static void set_content(IvVolume *v, const IvClaim *claim)
{
	v->content = claim->kind;
	v->role = role_of(claim->use);
}

/* A ceiling: what is behind it was not asked. */
static void stop_at(Layers *l, const char *name)
{
	if (!l->full)
		iv_volumes_note(l->volumes, true,
				"%s: too many file systems or tables in it, or in each other: not "
				"all were asked",
				name);
	l->full = true;
}

static bool open_window(const Layers *l, IvVolume *v, GError **error)
{
	if (v->source == NULL)
		v->source = iv_slice_new(l->disk, v->offset, v->size, error);
	return v->source != NULL;
}

/* --- layers ------------------------------------------------------------------------------ */

/* The same bytes as `of`, from `from` on, read in another way; takes the name. */
static bool add_layer(Layers *l, const IvVolume *of, char *name, uint64_t from, uint64_t size,
		      const IvClaim *claim, GError **error)
{
	IvVolume *v = iv_volume_new(IV_VOLUME_LAYER, name, of->offset + from, size);

	g_ptr_array_add(l->volumes->list, v);
	set_content(v, claim);
	if (l->volumes->list->len >= IV_MAX_RANGES)
		stop_at(l, name);
	return open_window(l, v, error);
}

static bool add_layers(Layers *l, const IvVolume *of, const GArray *claims, guint first,
		       GError **error)
{
	for (guint i = first; i < claims->len; i++) {
		const IvClaim *claim = &g_array_index(claims, IvClaim, i);

		if (!is_new_claim(l, of->offset, claim->kind))
			continue;
		if (!add_layer(l, of, g_strdup_printf("%s/%s", of->name, claim->kind), 0, of->size,
			       claim, error))
			return false;
	}
	return true;
}

/* --- file systems that begin further inside -------------------------------------------------- */

/* Each a layer; its name and place are those of `of`. */
static bool add_found(Layers *l, const IvVolume *of, const GArray *hidden, GError **error)
{
	for (guint i = 0; i < hidden->len; i++) {
		const IvHidden *h = &g_array_index(hidden, IvHidden, i);
		const IvClaim claim = {h->kind, h->use, IV_WEIGHT_SURE, h->size};
		uint64_t at = of->offset + h->offset;

		if (!is_new_claim(l, at, h->kind))
			continue;
		if (!add_layer(l, of, g_strdup_printf("%s/%s@%" PRIu64, of->name, h->kind, at),
			       h->offset, h->size > 0 ? h->size : of->size - h->offset, &claim,
			       error))
			return false;
	}
	return true;
}

static bool add_hidden(Layers *l, const IvVolume *of, uint64_t from, GError **error)
{
	g_autoptr(GArray) hidden = g_array_new(FALSE, FALSE, sizeof(IvHidden));
	bool cut;

	if (from >= of->size || l->full)
		return true;
	if (!iv_hidden_find(of->source, from, hidden, &cut, error))
		return false;
	if (cut)
		stop_at(l, of->name);
	return add_found(l, of, hidden, error);
}

/* What begins in front of this place of the disk, with its superblock behind it. */
static bool add_across(Layers *l, uint64_t border, GError **error)
{
	const IvVolume disk = {.name = (char *)"disk", .size = l->disk->size};
	g_autoptr(GArray) hidden = g_array_new(FALSE, FALSE, sizeof(IvHidden));
	bool cut;

	if (border == 0 || border >= disk.size || l->full)
		return true;
	if (!iv_hidden_across(l->disk, border, &l->across, hidden, &cut, error))
		return false;
	if (cut)
		stop_at(l, disk.name);
	return add_found(l, &disk, hidden, error);
}

/* Where what its file systems own ends; its size when one does not say how much it owns. */
static uint64_t owned_end(IvVolume *v, const GArray *claims)
{
	uint64_t end = 0;

	for (guint i = 0; i < claims->len; i++) {
		const IvClaim *claim = &g_array_index(claims, IvClaim, i);

		end = MAX(end, claim->size);
		v->open_end = v->open_end || claim->size == 0;
	}
	return v->open_end ? v->size : MIN(end, v->size);
}

/* --- one range --------------------------------------------------------------------------------- */

/* What a partition, or a disk without a table, is. */
static bool name_content(Layers *l, IvVolume *v, const GArray *claims, GError **error)
{
	const IvClaim *first = claims->len > 0 ? &g_array_index(claims, IvClaim, 0) : NULL;
	bool blank;

	if (v->no_files && first != NULL && first->weight > IV_WEIGHT_WEAK) {
		iv_volumes_note(l->volumes, false,
				"partition %s holds %s although its type says that no file system "
				"belongs there",
				v->name, first->kind);
		v->no_files = false;
	}
	if (v->kind == IV_VOLUME_GAP || v->no_files) {
		v->content = v->no_files ? "no-files" : "gap";
		v->role = IV_ROLE_RAW;
		return true;
	}
	if (first != NULL) {
		set_content(v, first);
		return true;
	}
	if (!iv_range_blank(v->source, &blank, error))
		return false;
	v->content = blank ? "blank" : "unknown";
	v->role = blank ? IV_ROLE_RAW : IV_ROLE_UNKNOWN;
	return true;
}

/* A magic number alone says nothing where no file system is expected, and a claim that has
 * its volume already needs no second one. */
static void drop_claims(Layers *l, const IvVolume *v, GArray *claims)
{
	for (guint i = claims->len; i-- > 0;) {
		const IvClaim *claim = &g_array_index(claims, IvClaim, i);
		g_autofree char *key = g_strdup_printf("%" PRIu64 " %s", v->offset, claim->kind);
		bool weak = claim->weight == IV_WEIGHT_WEAK &&
			    (v->kind == IV_VOLUME_GAP || v->no_files || v->optional);

		if (!weak && !((v->optional || v->kind == IV_VOLUME_GAP) &&
			       g_hash_table_contains(l->known, key)))
			continue;
		iv_skip(IV_SKIP_SAME_CLAIM, 1);
		g_array_remove_index(claims, i);
	}
}

static bool expand(Layers *l, IvVolume *v, unsigned depth, GError **error);

/* The partitions of tables inside a range, each asked in turn. */
static bool add_nested(Layers *l, IvSource *range, uint64_t offset, const char *prefix,
		       unsigned depth, GError **error)
{
	g_autoptr(IvVolumes) found = iv_volumes_new();
	bool ok = true;

	if (!iv_tables_all(range, prefix, found, error))
		return false;
	for (guint i = 0; ok && i < found->list->len; i++) {
		IvVolume *v = g_steal_pointer(&g_ptr_array_index(found->list, i));

		v->offset += offset;
		if (depth >= IV_MAX_TABLE_DEPTH)
			stop_at(l, v->name);
		if (l->full || !is_new_range(l, v))
			iv_volume_free(v);
		else
			ok = expand(l, v, depth, error);
	}
	return ok;
}

/* What lies further inside; *keep says whether the volume has a place in the list. */
static bool fill_in(Layers *l, IvVolume *v, GArray *claims, unsigned depth, bool *keep,
		    GError **error)
{
	bool raw;

	*keep = !v->optional || claims->len > 0;
	if (*keep && !name_content(l, v, claims, error))
		return false;
	raw = v->kind == IV_VOLUME_GAP || v->no_files;
	if (!raw && claims->len > 0)
		iv_ignore(is_new_claim(l, v->offset, g_array_index(claims, IvClaim, 0).kind));
	if (!add_layers(l, v, claims, raw ? 0 : 1, error))
		return false;
	/* The table at the front of the disk has been read. */
	if (v->offset > 0 && !add_nested(l, v->source, v->offset, v->name, depth + 1, error))
		return false;
	if (!v->optional && v->role == IV_ROLE_RAW && strcmp(v->content, "blank") != 0)
		v->ask_from = 0;
	else if (!v->optional && v->role == IV_ROLE_FILES)
		v->ask_from = owned_end(v, claims);
	return true;
}

/* Ask what a range is; takes the volume, which goes into the list or is freed. */
static bool expand(Layers *l, IvVolume *v, unsigned depth, GError **error)
{
	g_autoptr(GArray) claims = NULL;
	g_autofree char *note = NULL;
	bool keep = true, ok;

	if (l->asked++ >= IV_MAX_RANGES)
		stop_at(l, v->name);
	ok = open_window(l, v, error);
	if (ok && !l->full) {
		claims = iv_owner_claims(v->source, IV_ASK_ALL, &note, error);
		ok = claims != NULL;
		if (ok) {
			drop_claims(l, v, claims);
			ok = fill_in(l, v, claims, depth, &keep, error);
		}
	}
	if (ok && note != NULL && keep)
		iv_volumes_note(l->volumes, false, "%s: %s", v->name, note);
	if (keep || !ok)
		g_ptr_array_add(l->volumes->list, v);
	else
		iv_volume_free(v);
	return ok;
}

/* --- the disk --------------------------------------------------------------------------------------- */

/* A disk that has a table and is something as a whole, too. */
static bool add_whole(Layers *l, GError **error)
{
	IvVolume disk = {.name = (char *)"disk", .size = l->disk->size};
	g_autoptr(GArray) claims = iv_owner_claims(l->disk, IV_ASK_ALL, NULL, error);

	return claims != NULL && (claims->len == 0 ||
				  g_array_index(claims, IvClaim, 0).weight == IV_WEIGHT_WEAK ||
				  add_layers(l, &disk, claims, 0, error));
}

static bool is_gap(const IvVolume *v)
{
	return v->kind == IV_VOLUME_GAP;
}

/* Partitions of the table that counts: of those with the same range one is enough. */
static void drop_twins(Layers *l, GPtrArray *list)
{
	for (guint i = 0; i < list->len; i++) {
		IvVolume *v = g_ptr_array_index(list, i);

		if (is_gap(v) || is_new_range(l, v))
			continue;
		iv_volumes_note(l->volumes, false, "partition %s has the range of another: read once",
				v->name);
		iv_volume_free(v);
		g_ptr_array_index(list, i) = NULL;
	}
}

/* Partitions, or gaps, of the list as it was. */
static bool expand_list(Layers *l, GPtrArray *list, bool gaps, GError **error)
{
	bool ok = true;

	for (guint i = 0; ok && i < list->len; i++) {
		IvVolume *v = g_ptr_array_index(list, i);

		if (v == NULL || is_gap(v) != gaps)
			continue;
		g_ptr_array_index(list, i) = NULL;
		ok = expand(l, v, 0, error);
	}
	return ok;
}

/* Behind what owns each range, when all that begins at a known place is known; then what
 * lies across the borders. */
static bool look_inside(Layers *l, GError **error)
{
	guint n = l->volumes->list->len;
	bool ok = true;

	for (guint i = 0; ok && i < n; i++) {
		const IvVolume *v = g_ptr_array_index(l->volumes->list, i);

		ok = add_hidden(l, v, v->ask_from, error);
	}
	for (guint i = 0; ok && i < n; i++) {
		const IvVolume *v = g_ptr_array_index(l->volumes->list, i);

		ok = add_across(l, v->offset, error) &&
		     (v->ask_from == 0 || v->ask_from >= v->size ||
		      add_across(l, v->offset + v->ask_from, error));
	}
	return ok;
}

static void free_rest(GPtrArray *list)
{
	for (guint i = 0; i < list->len; i++)
		if (g_ptr_array_index(list, i) != NULL)
			iv_volume_free(g_ptr_array_index(list, i));
	g_ptr_array_set_free_func(list, NULL);
	g_ptr_array_unref(list);
}

bool iv_layers_add(IvVolumes *volumes, IvSource *disk, GError **error)
{
	Layers l = {.volumes = volumes, .disk = disk};
	GPtrArray *list = volumes->list;
	bool whole = list->len == 1 &&
		     ((IvVolume *)g_ptr_array_index(list, 0))->kind == IV_VOLUME_WHOLE;
	bool ok;

	l.ranges = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	l.known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	volumes->list = g_ptr_array_new_with_free_func((GDestroyNotify)iv_volume_free);
	drop_twins(&l, list);
	ok = (whole || add_whole(&l, error)) && expand_list(&l, list, false, error) &&
	     add_nested(&l, disk, 0, "", 0, error) && expand_list(&l, list, true, error) &&
	     look_inside(&l, error);
	free_rest(list);
	g_hash_table_unref(l.ranges);
	g_hash_table_unref(l.known);
	return ok;
}
