/* SPDX-License-Identifier: GPL-3.0-or-later */
/* place.c - see place.h */
#include "scanner/search/place.h"

#include <string.h>

#include "scanner/base/limits.h"
#include "scanner/volume/hidden.h"

/* Bytes by which something packed is known again. */
#define PACKED_BYTES 64u

static GHashTable *string_set(void)
{
	return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
}

IvPlace *iv_place_new(IvCoverage *coverage, bool on_disk, const char *name, const char *kind,
		      const char *reader, uint64_t offset, uint64_t size)
{
	IvPlace *place = g_new0(IvPlace, 1);

	place->name = g_strdup(name);
	place->offset = offset;
	place->on_disk = on_disk;
	place->coverage = coverage;
	place->entry = iv_coverage_volume(coverage, name, kind, reader, offset, size);
	place->found = string_set();
	place->secrets = string_set();
	place->starts = g_array_new(FALSE, FALSE, sizeof(uint64_t));
	place->packed = g_hash_table_new_full(g_bytes_hash, g_bytes_equal,
					      (GDestroyNotify)g_bytes_unref, NULL);
	g_mutex_init(&place->lock);
	return place;
}

void iv_place_free(IvPlace *place)
{
	if (place == NULL)
		return;
	g_hash_table_unref(place->found);
	g_hash_table_unref(place->secrets);
	g_array_unref(place->starts);
	g_hash_table_unref(place->packed);
	g_mutex_clear(&place->lock);
	g_free((char *)place->name);
	g_free(place);
}

/* Gathered aside, as most bytes have none and need no lock. */
void iv_place_look(IvPlace *place, const uint8_t *data, size_t len, uint64_t at)
{
	g_autoptr(GArray) starts = g_array_new(FALSE, FALSE, sizeof(uint64_t));
	bool room = iv_hidden_gather(data, len, at, starts);

	if (starts->len == 0)
		return;
	g_mutex_lock(&place->lock);
	if (!room || place->starts->len + starts->len > IV_MAX_HIDDEN_SEEN)
		place->starts_cut = true;
	else
		g_array_append_vals(place->starts, starts->data, starts->len);
	g_mutex_unlock(&place->lock);
}

void iv_place_add_found(IvPlace *place, const char *path)
{
	if (!place->remember)
		return;
	g_mutex_lock(&place->lock);
	g_hash_table_add(place->found, g_strdup(path));
	g_mutex_unlock(&place->lock);
}

bool iv_place_has_found(IvPlace *place, const char *path)
{
	bool found;

	g_mutex_lock(&place->lock);
	found = g_hash_table_contains(place->found, path);
	g_mutex_unlock(&place->lock);
	return found;
}

bool iv_place_knows_secret(IvPlace *place, const char *secret_id)
{
	bool known = false;

	if (!place->remember)
		return false;
	g_mutex_lock(&place->lock);
	if (place->drop_known)
		known = g_hash_table_contains(place->secrets, secret_id);
	else if (g_hash_table_size(place->secrets) < IV_MAX_KNOWN_SECRETS)
		g_hash_table_add(place->secrets, g_strdup(secret_id));
	g_mutex_unlock(&place->lock);
	return known;
}

bool iv_place_knows_packed(IvPlace *place, const uint8_t *data, size_t len)
{
	g_autoptr(GBytes) key = NULL;
	bool known = false;

	if (!place->drop_known && strcmp(place->entry->reader, "guest") != 0)
		return false;
	key = g_bytes_new(data, MIN(len, PACKED_BYTES));
	g_mutex_lock(&place->lock);
	if (place->drop_known)
		known = g_hash_table_contains(place->packed, key);
	else if (g_hash_table_size(place->packed) < IV_MAX_KNOWN_PACKED)
		g_hash_table_add(place->packed, g_steal_pointer(&key));
	g_mutex_unlock(&place->lock);
	return known;
}
