/* SPDX-License-Identifier: GPL-3.0-or-later */
/* collect.c - see collect.h */
#include "scanner/search/collect.h"

#include <string.h>

#include "scanner/base/limits.h"
#include "scanner/base/skip.h"
#include "scanner/base/text.h"

typedef struct {
	IvFinding *finding;
	char *secret_id;
	uint64_t reach;	 /* bytes of the whole match: more of them say more */
	bool by_path;	 /* the rule names the file as well */
	bool wants_line;
	bool silent; /* another rule speaks for the same bytes */
} Hit;

struct IvHits {
	IvCollection *collection;
	IvPlace *place;
	IvItem *item;
	GArray *list; /* Hit */
	bool full;    /* a ceiling was reached, and said so */
};

struct IvCollection {
	uint8_t salt[IV_SALT_BYTES];
	IvScanProgress *progress;
	GPtrArray *findings;
	GMutex lock;
	bool full;
};

IvCollection *iv_collection_new(const uint8_t salt[IV_SALT_BYTES], IvScanProgress *progress)
{
	IvCollection *collection = g_new0(IvCollection, 1);

	memcpy(collection->salt, salt, IV_SALT_BYTES);
	collection->progress = progress;
	collection->findings = g_ptr_array_new_with_free_func((GDestroyNotify)iv_finding_free);
	g_mutex_init(&collection->lock);
	return collection;
}

void iv_collection_free(IvCollection *collection)
{
	if (collection == NULL)
		return;
	explicit_bzero(collection->salt, IV_SALT_BYTES);
	g_clear_pointer(&collection->findings, g_ptr_array_unref);
	g_mutex_clear(&collection->lock);
	g_free(collection);
}

static void trim(IvCollection *collection);

GPtrArray *iv_collection_take(IvCollection *collection)
{
	trim(collection);
	return g_steal_pointer(&collection->findings);
}

static void hit_clear(void *data)
{
	Hit *hit = data;

	iv_finding_free(hit->finding);
	g_free(hit->secret_id);
}

IvHits *iv_hits_new(IvCollection *collection, IvPlace *place, IvItem *item)
{
	IvHits *hits = g_new0(IvHits, 1);

	hits->collection = collection;
	hits->place = place;
	hits->item = iv_item_ref(item);
	hits->list = g_array_new(FALSE, FALSE, sizeof(Hit));
	g_array_set_clear_func(hits->list, hit_clear);
	return hits;
}

static void hits_free(IvHits *hits)
{
	g_array_unref(hits->list);
	iv_item_unref(hits->item);
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

static bool names_a_file(const IvItem *item, bool slack)
{
	return item->path != NULL && !slack;
}

/* The path as a reviewer reads it; an extended attribute stands behind a '@'. */
static char *shown_path(const IvItem *item)
{
	g_autofree char *path = NULL, *detail = NULL;

	if (item->path == NULL)
		return NULL;
	path = iv_text_printable(item->path, -1);
	if (item->detail == NULL)
		return g_strconcat("/", path, NULL);
	detail = iv_text_printable(item->detail, -1);
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

static IvFinding *place_match(IvHits *hits, const IvMatch *m, bool slack, char **secret_id)
{
	const IvItem *item = hits->item;
	const uint8_t *secret = m->secret != NULL ? m->secret : (const uint8_t *)"";
	size_t len = m->secret != NULL ? (size_t)(m->secret_end - m->secret_start) : 0;
	const char *path = names_a_file(item, slack) ? item->path : "";
	IvFinding *f = iv_finding_new();

	f->fingerprint = iv_fingerprint(hits->collection->salt, m->rule->id, path, secret, len);
	*secret_id = iv_fingerprint(hits->collection->salt, m->rule->id, "", secret, len);
	f->rule = g_strdup(m->rule->id);
	f->name = g_strdup(m->rule->name);
	f->severity = m->severity;
	f->volume = g_strdup(hits->place->name);
	f->path = shown_path(item);
	f->place = g_strdup(slack ? "slack" : iv_item_kind_name(item->kind));
	f->offset = m->secret_start;
	f->length = len;
	f->disk_offset = len > 0 ? disk_offset(hits, m->secret_start) : -1;
	f->redacted = len > 0 ? iv_redact(secret, len, fixed_prefix(m, len)) : g_strdup("");
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
	g_autofree char *path = NULL;

	if (hits->list->len < IV_MAX_ITEM_HITS)
		return true;
	if (!hits->full) {
		path = shown_path(hits->item);
		hits->full = true;
		iv_coverage_miss(hits->place->coverage, hits->place->entry, path, 0,
				 "more matches than are listed for one file");
	}
	return false;
}

static void add(IvHits *hits, const IvMatch *match, bool slack, bool wants_line, uint64_t line)
{
	Hit hit = {
		.reach = match->end - match->start,
		.by_path = match->rule->path != NULL,
		.wants_line = wants_line,
	};

	if (!has_room(hits))
		return;
	hit.finding = place_match(hits, match, slack, &hit.secret_id);
	hit.finding->line = line;
	g_array_append_val(hits->list, hit);
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

void iv_hits_join(IvHits *a, IvHits *b)
{
	g_array_append_vals(a->list, b->list->data, b->list->len);
	g_array_set_clear_func(b->list, NULL);
	hits_free(b);
}

uint64_t iv_count_lines(const uint8_t *data, size_t len, bool *binary)
{
	uint64_t lines = 0;

	if (!*binary && memchr(data, 0, len) != NULL)
		*binary = true;
	if (*binary)
		return 0;
	for (size_t i = 0; i < len; i++)
		lines += data[i] == '\n';
	return lines;
}

static int by_offset(const void *a, const void *b)
{
	const IvFinding *x = ((const Hit *)a)->finding, *y = ((const Hit *)b)->finding;

	return x->offset < y->offset ? -1 : x->offset > y->offset;
}

/* One pass from the item's beginning to its last hit.  A NUL byte (a hole reads
 * as NULs) makes it binary: from there on there are no lines. */
static void number_lines(IvHits *hits)
{
	g_autofree uint8_t *buf = NULL;
	uint64_t at = 0, line = 1;
	bool binary = false;

	g_array_sort(hits->list, by_offset);
	for (guint i = 0; i < hits->list->len && !binary; i++) {
		Hit *hit = &g_array_index(hits->list, Hit, i);

		while (hit->wants_line && at < hit->finding->offset && !binary) {
			size_t n = (size_t)MIN(hit->finding->offset - at, IV_BLOCK_OWN);

			if (buf == NULL)
				buf = g_malloc(IV_BLOCK_OWN);
			if (!iv_item_read(hits->item, at, buf, n, NULL))
				return;
			line += iv_count_lines(buf, n, &binary);
			at += n;
		}
		if (hit->wants_line && !binary)
			hit->finding->line = line;
	}
	if (buf != NULL)
		explicit_bzero(buf, IV_BLOCK_OWN);
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

/* The list is sorted by offset; equal offsets stand together. */
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
				b->silent = true;
			else
				a->silent = true;
			iv_skip(IV_SKIP_TWIN, 1);
		}
	}
}

/* Keep the first IV_MAX_FINDINGS in the report's order, whatever order they came
 * in: threads must not decide which findings a report lists. */
static void trim(IvCollection *collection)
{
	g_ptr_array_sort(collection->findings, iv_finding_compare);
	if (collection->findings->len > IV_MAX_FINDINGS)
		g_ptr_array_set_size(collection->findings, (gint)IV_MAX_FINDINGS);
}

static void deliver(IvCollection *collection, IvPlace *place, IvFinding *finding)
{
	g_mutex_lock(&collection->lock);
	g_ptr_array_add(collection->findings, finding);
	if (collection->progress != NULL)
		collection->progress->findings++;
	if (collection->findings->len > IV_MAX_FINDINGS && !collection->full) {
		collection->full = true;
		iv_coverage_miss(place->coverage, NULL, NULL, 0,
				 "more findings than one report lists");
	}
	if (collection->findings->len >= 2 * IV_MAX_FINDINGS)
		trim(collection);
	g_mutex_unlock(&collection->lock);
}

void iv_hits_finish(IvHits *hits)
{
	IvPlace *place = hits->place;

	number_lines(hits);
	silence_twins(hits->list);
	if (hits->list->len > 0 && hits->item->path != NULL)
		iv_place_add_found(place, hits->item->path);
	for (guint i = 0; i < hits->list->len; i++) {
		Hit *hit = &g_array_index(hits->list, Hit, i);
		/* A silent hit is remembered as well. */
		bool known = iv_place_knows_secret(place, hit->secret_id);

		if (known)
			iv_skip(IV_SKIP_KNOWN_SECRET, 1);
		if (!known && !hit->silent)
			deliver(hits->collection, place, g_steal_pointer(&hit->finding));
	}
	hits_free(hits);
}
