/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hits.c - see hits.h */
#include "scanner/search/hits.h"

#include <string.h>

#include "scanner/base/limits.h"
#include "scanner/base/skip.h"
#include "scanner/base/text.h"
#include "scanner/search/hits_state.h"
#include "scanner/search/lines.h"

/* Hits of several parts that are gathered before the first in the item are picked. */
#define GATHERED (4 * IV_MAX_ITEM_HITS)

void iv_hit_clear(void *data)
{
	Hit *hit = data;

	if (hit->secret != NULL)
		explicit_bzero(hit->secret, hit->finding->length);
	g_free(hit->secret);
	iv_finding_free(hit->finding);
	g_free(hit->secret_id);
}

IvHits *iv_hits_new(IvCollection *collection, IvPlace *place, IvItem *item, const IvNames *names)
{
	IvHits *hits = g_new0(IvHits, 1);

	hits->collection = collection;
	hits->place = place;
	hits->item = iv_item_ref(item);
	hits->names = names != NULL ? iv_names_ref(names) : NULL;
	hits->list = g_array_new(FALSE, FALSE, sizeof(Hit));
	g_array_set_clear_func(hits->list, iv_hit_clear);
	return hits;
}

static void hits_free(IvHits *hits)
{
	g_array_unref(hits->list);
	iv_item_unref(hits->item);
	iv_names_unref(hits->names);
	g_free(hits);
}

/* How many first bytes of the secret the rule's format fixes: its longest
 * anchor that the secret begins with.  A human-made secret shows nothing. */
static size_t fixed_prefix(const IvMatch *m, size_t len)
{
	size_t best = 0;

	if (m->rule->generic)
		return 0;
	for (GStrv a = m->rule->anchors; a != NULL && *a != NULL; a++) {
		size_t n = strlen(*a);

		if (n <= len && n > best &&
		    g_ascii_strncasecmp((const char *)m->secret, *a, n) == 0)
			best = n;
	}
	return best;
}

/* The path as a reviewer reads it; an extended attribute stands behind a '@'. */
static char *shown_path(const char *raw, const char *name)
{
	g_autofree char *path = NULL, *detail = NULL;

	if (raw == NULL)
		return NULL;
	path = iv_text_printable(raw, -1);
	if (name == NULL)
		return g_strconcat("/", path, NULL);
	detail = iv_text_printable(name, -1);
	return g_strconcat("/", path, "@", detail, NULL);
}

static char *full_reason(const IvMatch *m)
{
	const char *reason = m->rule->reason != NULL ? m->rule->reason : m->rule->name;

	return m->note != NULL ? g_strdup_printf("%s (%s)", reason, m->note) : g_strdup(reason);
}

static int64_t disk_offset(const IvHits *hits, uint64_t offset)
{
	int64_t physical;

	if (!hits->place->on_disk)
		return -1;
	physical = iv_item_physical(hits->item, offset);
	return physical < 0 ? -1 : physical + (int64_t)hits->place->offset;
}

/* A miss of the item at hand. */
void iv_hits_miss(const IvHits *hits, const char *reason)
{
	g_autofree char *path = shown_path(hits->item->path, hits->item->detail);

	iv_coverage_miss(hits->place->coverage, hits->place->entry, path, 0, reason);
}

static bool in_slack(const IvFinding *f)
{
	return strcmp(f->place, "slack") == 0;
}

/* The finding is of the file with this path. */
void iv_hits_set_path(const IvHits *hits, IvFinding *f, const uint8_t *secret, const char *path,
		     const char *detail)
{
	const char *named = path != NULL && !in_slack(f) ? path : "";

	f->fingerprint = iv_fingerprint(iv_collection_salt(hits->collection), f->rule, named,
					secret, f->length);
	f->path = shown_path(path, detail);
}

static IvFinding *describe(const IvHits *hits, const IvMatch *m, size_t len, bool slack)
{
	IvFinding *f = iv_finding_new();

	f->rule = g_strdup(m->rule->id);
	f->name = g_strdup(m->rule->name);
	f->severity = m->severity;
	f->volume = g_strdup(hits->place->name);
	f->place = g_strdup(slack ? "slack" : iv_item_kind_name(hits->item->kind));
	f->offset = m->secret_start;
	f->length = len;
	f->disk_offset = len > 0 ? disk_offset(hits, m->secret_start) : -1;
	f->redacted = len > 0 ? iv_redact(m->secret, len, fixed_prefix(m, len)) : g_strdup("");
	f->reason = full_reason(m);
	f->remediation = g_strdup(m->rule->remediation != NULL ? m->rule->remediation : "");
	f->controls = g_strdupv(m->rule->controls);
	f->occurrences = 1;
	return f;
}

/* Room for one more?  The first refusal is coverage: what is not listed was
 * found, but a reviewer will not see it. */
static bool has_room(IvHits *hits)
{
	if (hits->list->len < IV_MAX_ITEM_HITS)
		return true;
	if (!hits->full)
		iv_hits_miss(hits, "more matches than are listed for one file");
	hits->full = true;
	return false;
}

static void add(IvHits *hits, const IvMatch *match, bool slack, bool wants_line, uint64_t line)
{
	const uint8_t *secret = match->secret != NULL ? match->secret : (const uint8_t *)"";
	size_t len = match->secret != NULL ? (size_t)(match->secret_end - match->secret_start) : 0;
	bool any_name = slack || hits->item->kind != IV_ITEM_FILE;
	Hit hit = {
		.kinds = any_name ? IV_ALL_KINDS : match->kinds,
		.reach = match->end - match->start,
		.by_path = match->rule->path != NULL,
		.wants_line = wants_line,
	};

	if (!has_room(hits))
		return;
	hit.finding = describe(hits, match, len, slack);
	hit.finding->line = line;
	hit.secret_id = iv_fingerprint(iv_collection_salt(hits->collection), match->rule->id, "",
				       secret, len);
	if (hits->names != NULL)
		hit.secret = g_memdup2(secret, MAX(len, 1));
	else
		iv_hits_set_path(hits, hit.finding, secret, hits->item->path, hits->item->detail);
	g_array_append_val(hits->list, hit);
}

bool iv_hits_are_full(const IvHits *hits)
{
	return hits->full;
}

void iv_hits_add(IvHits *hits, const IvMatch *match, bool slack)
{
	add(hits, match, slack,
	    match->secret != NULL && !slack && hits->item->kind == IV_ITEM_FILE, 0);
}

void iv_hits_add_line(IvHits *hits, const IvMatch *match, uint64_t line)
{
	add(hits, match, false, false, match->secret != NULL ? line : 0);
}

/* --- one item's hits, of all its parts ------------------------------------------------ */

static int by_offset(const void *a, const void *b)
{
	const IvFinding *x = ((const Hit *)a)->finding, *y = ((const Hit *)b)->finding;

	if (x->offset != y->offset)
		return x->offset < y->offset ? -1 : 1;
	return strcmp(x->rule, y->rule);
}

/* Keep those that stand first in the item, whatever order its parts were searched in. */
static void keep_first(IvHits *hits)
{
	g_array_sort(hits->list, by_offset);
	if (hits->list->len <= IV_MAX_ITEM_HITS)
		return;
	g_array_set_size(hits->list, IV_MAX_ITEM_HITS);
	(void)has_room(hits);
}

void iv_hits_join(IvHits *a, IvHits *b)
{
	g_array_append_vals(a->list, b->list->data, b->list->len);
	g_array_set_clear_func(b->list, NULL);
	a->full = a->full || b->full;
	hits_free(b);
	if (a->list->len > GATHERED)
		keep_first(a);
}

/* False when the item could not be read so far. */
IV_MUST_CHECK
static bool number_lines(IvHits *hits, IvLines *lines, GError **error)
{
	for (guint i = 0; i < hits->list->len; i++) {
		Hit *hit = hit_at(hits, i);

		if (hit->wants_line && !iv_lines_at(lines, hit->finding->offset,
						    &hit->finding->line, error))
			return false;
	}
	return true;
}

static void find_lines(IvHits *hits)
{
	g_autoptr(IvLines) lines = iv_lines_new(hits->item);
	g_autoptr(GError) error = NULL;
	g_autofree char *reason = NULL;

	if (number_lines(hits, lines, &error))
		return;
	reason = g_strdup_printf("it could not be read again to count its lines: %s",
				 error->message);
	iv_hits_miss(hits, reason);
}

/* Of several rules that found the very same bytes one speaks: the gravest, then
 * one that knows the file, then the one that saw most of the surroundings. */
static bool speaks_before(const Hit *a, const Hit *b)
{
	if (a->finding->severity != b->finding->severity)
		return a->finding->severity > b->finding->severity;
	if (a->by_path != b->by_path)
		return a->by_path;
	if (a->reach != b->reach)
		return a->reach > b->reach;
	return strcmp(a->finding->rule, b->finding->rule) < 0;
}

static bool same_bytes(const IvFinding *a, const IvFinding *b)
{
	return a->length > 0 && a->offset == b->offset && a->length == b->length &&
	       strcmp(a->place, b->place) == 0;
}

/* The list is sorted by offset; equal offsets stand together.  Who speaks, speaks for
 * its own kinds of names: it silences nothing under another name. */
static void silence_twins(GArray *list)
{
	for (guint i = 0; i < list->len; i++) {
		Hit *a = &g_array_index(list, Hit, i);

		for (guint j = i + 1; j < list->len; j++) {
			Hit *b = &g_array_index(list, Hit, j);

			if (b->finding->offset != a->finding->offset)
				break;
			if (!same_bytes(a->finding, b->finding))
				continue;
			if (speaks_before(a, b))
				b->silent |= a->kinds;
			else
				a->silent |= b->kinds;
			iv_skip(IV_SKIP_TWIN, 1);
		}
	}
}

/* --- findings ------------------------------------------------------------------------- */

bool iv_hit_speaks_for(const Hit *hit, uint64_t kind)
{
	if (hit->kinds == IV_ALL_KINDS)
		return hit->silent != IV_ALL_KINDS && (kind == 0 || (hit->silent & kind) == 0);
	return (hit->kinds & ~hit->silent & kind) != 0;
}

void iv_hits_deliver(IvHits *hits, IvFinding *finding)
{
	iv_collection_add(hits->collection, hits->place, finding);
}

/* A raw pass: leave out what files gave.  A silent hit is remembered as well. */
static void drop_known(IvHits *hits)
{
	for (guint i = 0; i < hits->list->len; i++) {
		Hit *hit = hit_at(hits, i);

		if (!iv_place_knows_secret(hits->place, hit->secret_id))
			continue;
		iv_skip(IV_SKIP_KNOWN_SECRET, 1);
		hit->kinds = 0;
	}
}

void iv_hits_finish(IvHits *hits)
{
	keep_first(hits);
	find_lines(hits);
	silence_twins(hits->list);
	if (hits->list->len > 0 && hits->item->path != NULL)
		iv_place_add_found(hits->place, hits->item->path);
	drop_known(hits);
	if (hits->names != NULL)
		iv_hits_deliver_names(hits);
	for (guint i = 0; hits->names == NULL && i < hits->list->len; i++)
		if (iv_hit_speaks_for(hit_at(hits, i), 1))
			iv_hits_deliver(hits, g_steal_pointer(&hit_at(hits, i)->finding));
	hits_free(hits);
}
