/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hits_names.c - see hits_state.h: the findings of bytes that have several names */
#include <string.h>

#include "scanner/base/limits.h"
#include "scanner/search/hits_state.h"

/* --- equal ones ----------------------------------------------------------------------- */

static guint same_hash(gconstpointer key)
{
	return g_str_hash(((const Hit *)key)->secret_id);
}

/* The same secret by the same rule, for the same names. */
static gboolean same_hit(gconstpointer a, gconstpointer b)
{
	const Hit *x = a, *y = b;

	return strcmp(x->secret_id, y->secret_id) == 0 && x->kinds == y->kinds &&
	       x->silent == y->silent && x->finding->severity == y->finding->severity &&
	       strcmp(x->finding->place, y->finding->place) == 0;
}

/* The report adds them up anyway (iv_findings_fold()): under many names, now. */
static void fold(IvHits *hits)
{
	g_autoptr(GHashTable) firsts = g_hash_table_new(same_hash, same_hit);
	guint kept = 0;

	for (guint i = 0; i < hits->list->len; i++) {
		Hit *hit = hit_at(hits, i), *first = g_hash_table_lookup(firsts, hit);

		if (first != NULL) {
			first->finding->occurrences += hit->finding->occurrences;
			iv_hit_clear(hit);
			continue;
		}
		if (kept != i)
			*hit_at(hits, kept) = *hit;
		g_hash_table_add(firsts, hit_at(hits, kept++));
	}
	/* What stands behind `kept` has moved or is cleared. */
	g_array_set_clear_func(hits->list, NULL);
	g_array_set_size(hits->list, kept);
	g_array_set_clear_func(hits->list, iv_hit_clear);
}

/* What one item may list: each secret in any case; what is listed under further names
 * shares its room with the other items of these names. */
static guint name_findings(const IvHits *hits)
{
	return MAX(hits->list->len, IV_MAX_NAME_FINDINGS / iv_names_items(hits->names));
}

/* --- under which names, when not all can be listed --------------------------------------- */

#define NOBODY G_MAXUINT

/* What a reviewer must see comes first: each secret once, then each name once. */
typedef struct {
	IvHits *hits;
	guint *first;	/* of each hit: the name under which its secret was told first, or NOBODY */
	guint *told;	/* of each name: the hit that was told to tell of the name, or NOBODY */
	bool *seen;	/* of each name: some hit was told under it */
	uint64_t given, most; /* findings */
} Telling;

static bool speaks_under(const Telling *t, guint name, guint hit)
{
	return iv_hit_speaks_for(hit_at(t->hits, hit), iv_names_kind(t->hits->names, name));
}

/* False when the list is full. */
static bool tell(Telling *t, guint name, guint k)
{
	const IvHits *hits = t->hits;
	const Hit *hit = hit_at(hits, k);
	const char *detail = iv_names_detail(hits->names, name);
	IvFinding *f;

	if (t->given == t->most)
		return false;
	t->given++;
	t->seen[name] = true;
	f = iv_finding_copy(hit->finding);
	if (hits->item->detail == NULL || detail == NULL)
		detail = hits->item->detail;
	iv_hits_set_path(hits, f, hit->secret, iv_names_path(hits->names, name), detail);
	iv_hits_deliver(t->hits, f);
	return true;
}

static guint first_name_of(const Telling *t, guint hit)
{
	for (guint i = 0; i < iv_names_count(t->hits->names); i++)
		if (speaks_under(t, i, hit))
			return i;
	return NOBODY;
}

static bool tell_secrets(Telling *t)
{
	g_autoptr(GHashTable) secrets = g_hash_table_new(g_str_hash, g_str_equal);

	for (guint k = 0; k < t->hits->list->len; k++) {
		guint name = first_name_of(t, k);

		if (name == NOBODY || !g_hash_table_add(secrets, hit_at(t->hits, k)->secret_id))
			continue;
		t->first[k] = name;
		if (!tell(t, name, k))
			return false;
	}
	return true;
}

static bool tell_names(Telling *t)
{
	for (guint i = 0; i < iv_names_count(t->hits->names); i++) {
		for (guint k = 0; !t->seen[i] && k < t->hits->list->len; k++) {
			if (!speaks_under(t, i, k))
				continue;
			t->told[i] = k;
			if (!tell(t, i, k))
				return false;
		}
	}
	return true;
}

static bool tell_rest(Telling *t)
{
	for (guint i = 0; i < iv_names_count(t->hits->names); i++)
		for (guint k = 0; k < t->hits->list->len; k++)
			if (t->first[k] != i && t->told[i] != k && speaks_under(t, i, k) &&
			    !tell(t, i, k))
				return false;
	return true;
}

/* How many findings there are under all names.  Names of one kind count at once. */
static uint64_t count_all(const IvHits *hits)
{
	g_autoptr(GHashTable) kinds = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free,
							    NULL);
	uint64_t sum = 0;
	GHashTableIter iter;
	void *kind, *names;

	for (guint i = 0; i < iv_names_count(hits->names); i++) {
		uint64_t bit = iv_names_kind(hits->names, i);
		guint before = GPOINTER_TO_UINT(g_hash_table_lookup(kinds, &bit));

		g_hash_table_insert(kinds, g_memdup2(&bit, sizeof(bit)),
				    GUINT_TO_POINTER(before + 1));
	}
	g_hash_table_iter_init(&iter, kinds);
	while (g_hash_table_iter_next(&iter, &kind, &names))
		for (guint k = 0; k < hits->list->len; k++)
			if (iv_hit_speaks_for(hit_at(hits, k), *(const uint64_t *)kind))
				sum += GPOINTER_TO_UINT(names);
	return sum;
}

/* Every hit under every name for which it speaks; what is not listed is counted. */
static void tell_all(IvHits *hits)
{
	guint names = iv_names_count(hits->names), n = hits->list->len;
	g_autofree guint *first = g_new(guint, MAX(n, 1)), *told = g_new(guint, names);
	g_autofree bool *seen = g_new0(bool, names);
	Telling t = {.hits = hits, .first = first, .told = told, .seen = seen,
		     .most = name_findings(hits)};

	memset(first, 0xff, n * sizeof(*first));
	memset(told, 0xff, names * sizeof(*told));
	if (!tell_secrets(&t) || !tell_names(&t) || !tell_rest(&t)) {
		g_autofree char *reason =
			g_strdup_printf("%" G_GUINT64_FORMAT
					" findings under further names are not listed",
					count_all(hits) - t.given);

		iv_hits_miss(hits, reason);
	}
}

void iv_hits_deliver_names(IvHits *hits)
{
	fold(hits);
	tell_all(hits);
}
