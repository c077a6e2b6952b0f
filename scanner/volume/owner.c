/* SPDX-License-Identifier: GPL-3.0-or-later */
/* owner.c - see owner.h: which claims count */
#include "scanner/volume/owner.h"

#include <string.h>

#include "scanner/base/cursor.h"
#include "scanner/base/skip.h"
#include "scanner/volume/claim.h"

#define CHUNK (256u << 10)

void iv_claims_add(GArray *claims, const char *kind, IvClaimUse use, IvClaimWeight weight,
		   uint64_t size)
{
	const IvClaim claim = {kind, use, weight, size};

	for (guint i = 0; i < claims->len; i++) {
		IvClaim *c = &g_array_index(claims, IvClaim, i);

		if (strcmp(c->kind, kind) != 0)
			continue;
		c->weight = MAX(c->weight, weight);
		c->size = MAX(c->size, size);
		return;
	}
	g_array_append_val(claims, claim);
}

bool iv_kind_is_ext(const char *kind)
{
	return g_str_has_prefix(kind, "ext") && kind[3] != '\0' && strchr("234-", kind[3]) != NULL &&
	       strcmp(kind, "ext-backup") != 0;
}

/* --- what counts --------------------------------------------------------------------- */

static bool beside_others(const GArray *claims, IvClaimUse use)
{
	for (guint i = 0; i < claims->len; i++)
		if (g_array_index(claims, IvClaim, i).use != use)
			return true;
	return false;
}

/* Only the heaviest stay; swap and a mirror's leg say nothing beside something else. */
static void drop_light(GArray *claims)
{
	IvClaimWeight best = IV_WEIGHT_WEAK;

	for (guint i = 0; i < claims->len; i++)
		best = MAX(best, g_array_index(claims, IvClaim, i).weight);
	for (guint i = claims->len; i-- > 0;)
		if (g_array_index(claims, IvClaim, i).weight < best) {
			iv_skip(IV_SKIP_WEAK_CLAIM, 1);
			g_array_remove_index(claims, i);
		}
	for (guint i = claims->len; i-- > 0;) {
		IvClaimUse use = g_array_index(claims, IvClaim, i).use;

		if ((use == IV_CLAIM_RAW || use == IV_CLAIM_LEG) && beside_others(claims, use)) {
			iv_skip(IV_SKIP_WEAK_CLAIM, 1);
			g_array_remove_index(claims, i);
		}
	}
	for (guint i = 0; i < claims->len; i++)
		if (g_array_index(claims, IvClaim, i).use == IV_CLAIM_LEG)
			g_array_index(claims, IvClaim, i).use = IV_CLAIM_STORE;
}

static int by_use(gconstpointer a, gconstpointer b)
{
	const IvClaim *x = a, *y = b;
	bool x_ext = iv_kind_is_ext(x->kind), y_ext = iv_kind_is_ext(y->kind);

	if (x_ext != y_ext)
		return x_ext ? -1 : 1;
	return x->use != y->use ? (x->use < y->use ? -1 : 1) : strcmp(x->kind, y->kind);
}

/* The superblock's copies at 64 MiB and 256 GiB: no kernel mounts by them. */
static bool find_mirror(IvSource *range, uint64_t *where, GError **error)
{
	static const uint64_t places[] = {UINT64_C(64) << 20, UINT64_C(256) << 30};

	*where = 0;
	for (size_t i = 0; i < G_N_ELEMENTS(places) && *where == 0; i++) {
		uint8_t super[72];
		IvCursor c = iv_cursor(super, sizeof(super));

		if (range->size < places[i] + 4096)
			break;
		if (!iv_source_read(range, places[i], super, sizeof(super), error))
			return false;
		iv_cursor_seek(&c, 48);
		if (memcmp(super + 64, "_BHRfS_M", 8) == 0 && iv_cursor_le64(&c) == places[i])
			*where = places[i];
	}
	return true;
}

static bool has_kind(const GArray *claims, const char *kind)
{
	for (guint i = 0; i < claims->len; i++)
		if (strcmp(g_array_index(claims, IvClaim, i).kind, kind) == 0)
			return true;
	return false;
}

/* Beside an owner a mirror of btrfs is a leftover; alone it is the owner. */
static bool add_mirror(IvSource *range, GArray *claims, char **note, GError **error)
{
	uint64_t where;

	if (!find_mirror(range, &where, error))
		return false;
	if (where == 0 || has_kind(claims, "btrfs"))
		return true;
	if (!beside_others(claims, IV_CLAIM_RAW))
		iv_claims_add(claims, "btrfs", IV_CLAIM_FILES, IV_WEIGHT_SURE, 0);
	else if (note != NULL)
		*note = g_strdup_printf("a backup superblock of an older btrfs is at its byte "
					"%" G_GUINT64_FORMAT ": no kernel mounts that; the bytes were "
					"searched as they lie there",
					where);
	return true;
}

static bool find_all(IvSource *source, IvAsk whom, GArray *claims, GError **error)
{
	g_autofree uint8_t *head = g_malloc(IV_HEAD_BYTES);
	const IvRange range = {source, head, (size_t)MIN(source->size, IV_HEAD_BYTES)};

	if (!iv_source_read(source, 0, head, range.head_size, error))
		return false;
	iv_signatures_find(&range, claims);
	return iv_superblocks_find(&range, claims, error) &&
	       iv_trailers_find(&range, claims, error) &&
	       (whom == IV_ASK_OWN || iv_second_opinion(source, claims, error));
}

GArray *iv_owner_claims(IvSource *range, IvAsk whom, char **note, GError **error)
{
	g_autoptr(GArray) claims = g_array_new(FALSE, FALSE, sizeof(IvClaim));

	if (note != NULL)
		*note = NULL;
	if (range->size == 0)
		return g_steal_pointer(&claims);
	if (!find_all(range, whom, claims, error))
		return NULL;
	drop_light(claims);
	if (!add_mirror(range, claims, note, error))
		return NULL;
	g_array_sort(claims, by_use);
	return g_steal_pointer(&claims);
}

/* --- zeros ------------------------------------------------------------------------------- */

static bool all_zero(const uint8_t *data, size_t len)
{
	return len == 0 || (data[0] == 0 && memcmp(data, data + 1, len - 1) == 0);
}

/* Everything that is no hole is read until a byte says no. */
bool iv_range_blank(IvSource *range, bool *blank, GError **error)
{
	g_autofree uint8_t *chunk = g_malloc(CHUNK);
	uint64_t at = 0;

	*blank = true;
	while (at < range->size && *blank) {
		uint64_t len = range->size - at;
		bool zero;

		if (!iv_source_extent(range, at, &len, &zero, error))
			return false;
		if (!zero) {
			len = MIN(len, CHUNK);
			if (!iv_source_read(range, at, chunk, len, error))
				return false;
			*blank = all_zero(chunk, len);
		}
		at += len;
	}
	return true;
}
