/* SPDX-License-Identifier: GPL-3.0-or-later */
/* packed.c - see packed.h */
#include "scanner/finding/packed.h"

#include <string.h>

#include "scanner/base/limits.h"
#include "scanner/base/text.h"
#include "scanner/finding/finding.h"

static void entry_free(gpointer data)
{
	IvPackedEntry *e = data;

	if (e == NULL)
		return;
	g_free(e->volume);
	g_free(e->group);
	g_free(e->kind);
	g_strfreev(e->places);
	g_free(e);
}

/* Of one volume and kind; nothing else of an entry is looked at. */
static guint entry_hash(gconstpointer key)
{
	const IvPackedEntry *e = key;

	return g_str_hash(e->volume) * 31 + g_str_hash(e->kind);
}

static gboolean entry_equal(gconstpointer a, gconstpointer b)
{
	const IvPackedEntry *x = a, *y = b;

	return strcmp(x->volume, y->volume) == 0 && strcmp(x->kind, y->kind) == 0;
}

IvPackedList *iv_packed_list_new(void)
{
	IvPackedList *list = g_new0(IvPackedList, 1);

	list->entries = g_ptr_array_new_with_free_func(entry_free);
	list->index = g_hash_table_new(entry_hash, entry_equal);
	return list;
}

void iv_packed_list_free(IvPackedList *list)
{
	if (list == NULL)
		return;
	g_hash_table_unref(list->index);
	g_ptr_array_unref(list->entries);
	g_free(list);
}

IvPackedEntry *iv_packed_list_append(IvPackedList *list)
{
	IvPackedEntry *e = g_new0(IvPackedEntry, 1);

	g_ptr_array_add(list->entries, e);
	return e;
}

static void add_saturating(uint64_t *sum, uint64_t more)
{
	if (__builtin_add_overflow(*sum, more, sum))
		*sum = UINT64_MAX;
}

/* As much of a place as is kept, at the end of a character. */
static char *cut(const char *place)
{
	const char *end = place + IV_MAX_PACKED_PLACE_BYTES;

	if (strlen(place) <= IV_MAX_PACKED_PLACE_BYTES)
		return g_strdup(place);
	end = g_utf8_find_prev_char(place, end + 1);
	return g_strdup_printf("%.*s...", end != NULL ? (int)(end - place) : 0, place);
}

/* Put a place where it belongs, once; the last one falls off a full list. */
static void add_place(IvPackedEntry *e, const char *place)
{
	g_autofree char *text = cut(place);
	guint n, at = 0;

	if (e->places == NULL)
		e->places = g_new0(char *, IV_MAX_PACKED_PLACES + 1);
	n = g_strv_length(e->places);
	while (at < n && strcmp(e->places[at], text) < 0)
		at++;
	if (at == IV_MAX_PACKED_PLACES || (at < n && strcmp(e->places[at], text) == 0))
		return;
	if (n == IV_MAX_PACKED_PLACES)
		g_free(e->places[--n]);
	memmove(&e->places[at + 1], &e->places[at], (n - at) * sizeof(char *));
	e->places[at] = g_steal_pointer(&text);
	e->places[n + 1] = NULL;
}

static IvPackedEntry *entry_of(IvPackedList *list, const char *volume, const IvPackedEntry *like)
{
	IvPackedEntry key = {.volume = (char *)volume, .kind = like->kind};
	IvPackedEntry *e = g_hash_table_lookup(list->index, &key);

	if (e != NULL)
		return e;
	e = iv_packed_list_append(list);
	e->volume = g_strdup(volume);
	e->group = g_strdup(like->group);
	e->kind = g_strdup(like->kind);
	g_hash_table_add(list->index, e);
	return e;
}

static void add_counts(IvPackedEntry *e, const IvPackedEntry *more)
{
	add_saturating(&e->files, more->files);
	add_saturating(&e->pieces, more->pieces);
	add_saturating(&e->bytes, more->bytes);
}

void iv_packed_list_add(IvPackedList *list, const IvPackedEntry *more, const char *place)
{
	IvPackedEntry *e = entry_of(list, more->volume, more);

	add_counts(e, more);
	if (place != NULL)
		add_place(e, place);
	if (list->entries->len >= 2 * IV_MAX_PACKED)
		iv_packed_list_settle(list);
}

static int entry_compare(gconstpointer a, gconstpointer b)
{
	const IvPackedEntry *x = *(const IvPackedEntry *const *)a;
	const IvPackedEntry *y = *(const IvPackedEntry *const *)b;
	int order = iv_volume_compare(x->volume, y->volume);

	return order != 0 ? order : strcmp(x->kind, y->kind);
}

/* The first entries in order stay.  One that fell out once can never be among them
 * again, so the order in which threads count does not matter. */
void iv_packed_list_settle(IvPackedList *list)
{
	GPtrArray *all = list->entries;

	g_ptr_array_sort(all, entry_compare);
	if (all->len <= IV_MAX_PACKED)
		return;
	list->entries = g_ptr_array_new_with_free_func(entry_free);
	g_hash_table_remove_all(list->index);
	for (guint i = 0, kept = 0; i < all->len; i++) {
		IvPackedEntry *e = all->pdata[i];

		if (*e->volume == '\0' || kept >= IV_MAX_PACKED) {
			add_counts(entry_of(list, "", e), e);
			continue;
		}
		g_ptr_array_add(list->entries, e);
		g_hash_table_add(list->index, e);
		all->pdata[i] = NULL;
		kept++;
	}
	g_ptr_array_unref(all);
	g_ptr_array_sort(list->entries, entry_compare);
}

/* --- words ---------------------------------------------------------------------------- */

/* How the classes of scanner/unpack/kinds.c are called, in this order. */
static const struct {
	const char *class, *one, *many;
} classes[] = {
	{"archive", "archive", "archives"},
	{"compressed", "compressed file", "compressed files"},
	{"document", "packed document", "packed documents"},
	{"image", "disk image", "disk images"},
	{"store", "packed store", "packed stores"},
	{"encrypted", "encrypted file", "encrypted files"},
	{"encoded", "encoded text", "encoded texts"},
	/* of a later imgvet */
	{NULL, "packed thing of another kind", "packed things of other kinds"},
};
#define OTHER (G_N_ELEMENTS(classes) - 1)

static size_t class_row(const char *class)
{
	size_t row = 0;

	while (row < OTHER && g_strcmp0(classes[row].class, class) != 0)
		row++;
	return row;
}

static void append_count(GString *text, uint64_t n, size_t row, bool last)
{
	if (text->len > 0)
		g_string_append(text, last ? " and " : ", ");
	g_string_append_printf(text, "%" G_GUINT64_FORMAT " %s", n,
			       n == 1 ? classes[row].one : classes[row].many);
}

char *iv_packed_list_words(const IvPackedList *list)
{
	uint64_t counts[G_N_ELEMENTS(classes)] = {0}, bytes = 0;
	g_autofree char *size = NULL;
	GString *text = g_string_new(NULL);
	size_t last = 0;

	for (guint i = 0; i < list->entries->len; i++) {
		const IvPackedEntry *e = list->entries->pdata[i];
		size_t row = class_row(e->group);

		add_saturating(&counts[row], e->files);
		add_saturating(&counts[row], e->pieces);
		add_saturating(&bytes, e->bytes);
		if (counts[row] > 0)
			last = MAX(last, row);
	}
	for (size_t row = 0; row <= last; row++)
		if (counts[row] > 0)
			append_count(text, counts[row], row, row == last);
	if (text->len == 0)
		return (char *)g_string_free(text, TRUE);
	size = iv_text_size(bytes);
	if (bytes > 0)
		g_string_append_printf(text, " (%s)", size);
	return g_string_free(text, FALSE);
}
