/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * hidden.c - file systems that begin somewhere in a range that no file system owns.
 *
 * A receiver may mount from any offset (losetup -o).  Every sector is looked at for the magic
 * number of a superblock; where one stands, the range from where its volume would begin is
 * asked as any other is (owner.h), and only what is sure counts.
 */
#include "scanner/volume/hidden.h"

#include <string.h>

#include "scanner/base/limits.h"
#include "scanner/volume/claim.h"

#define SECTOR 512u
#define THIN   1u /* starts are multiples of a sector */
#define CHUNK  (1u << 20)
#define REACH  65536u /* no magic number's sector lies further behind its volume's start (btrfs) */

typedef struct {
	IvSource *range;
	IvAsk whom;
	GArray *hidden; /* IvHidden */
	uint64_t low;	/* volumes that begin below this are known */
	uint64_t high;	/* nor those that begin here or behind */
	uint64_t stop;	/* sectors from here on are not looked at */
	uint64_t at;	/* the sector at hand */
	unsigned asked;
	GHashTable *seen; /* starts that were asked */
	bool cut;
	GArray *starts; /* uint64_t: candidates of the sector at hand */
} Search;

/* A start with THIN in it is one of those that noise looks like (claim.h). */
static void visit(void *user, uint64_t back, bool thin)
{
	Search *s = user;
	uint64_t start;

	if (s->at < back || s->at - back < s->low || s->at - back >= s->high)
		return;
	start = (s->at - back) | (thin ? THIN : 0);
	g_array_append_val(s->starts, start);
}

/* Keep what is sure at this start.  *end: where a file system that the native reader knows
 * ends, or unchanged. */
static void keep(Search *s, IvSource *from, uint64_t start, const GArray *claims,
		 bool backup, uint64_t *end)
{
	for (guint i = 0; i < claims->len; i++) {
		const IvClaim *c = &g_array_index(claims, IvClaim, i);
		const IvHidden found = {start, MIN(c->size, from->size), c->kind, c->use};

		if (c->weight != IV_WEIGHT_SURE || c->use == IV_CLAIM_RAW ||
		    (backup && iv_kind_is_ext(c->kind)) || !iv_claim_has_root(from, c->kind))
			continue;
		g_array_append_val(s->hidden, found);
		if (claims->len == 1 && iv_kind_is_ext(c->kind) && c->size <= from->size)
			*end = MAX(*end, start + c->size);
	}
}

static bool ask(Search *s, uint64_t start, uint64_t *end, GError **error)
{
	g_autoptr(IvSource) from = NULL;
	g_autoptr(GArray) claims = NULL;
	bool backup, thin = (start & THIN) != 0;
	uint64_t back;

	start &= ~(uint64_t)THIN;
	from = iv_slice_new(s->range, start, s->range->size - start, error);
	if (from == NULL)
		return false;
	if (thin && !iv_claim_has_root(from, "minix"))
		return true;
	if (!g_hash_table_add(s->seen, g_memdup2(&start, sizeof(start))))
		return true;
	if (s->asked++ >= IV_MAX_HIDDEN_ASKED || s->hidden->len >= IV_MAX_HIDDEN) {
		s->cut = true;
		return true;
	}
	claims = iv_owner_claims(from, s->whom, NULL, error);
	if (claims == NULL)
		return false;
	/* A backup superblock speaks for a start further in front: that is asked as well,
	 * unless it lies outside, where it was asked already. */
	backup = iv_ext_is_backup(from, &back);
	if (backup && back <= start && start - back >= s->low) {
		start -= back;
		g_array_append_val(s->starts, start);
		start += back;
	}
	keep(s, from, start, claims, backup, end);
	return true;
}

static bool is_zero(const uint8_t *sector)
{
	return sector[0] == 0 && memcmp(sector, sector + 1, SECTOR - 1) == 0;
}

static bool look_at(Search *s, const uint8_t *data, size_t len, uint64_t at, GError **error)
{
	for (size_t i = 0; i + SECTOR <= len && !s->cut; i += SECTOR) {
		s->at = at + i;
		if (s->at < s->low || is_zero(data + i))
			continue;
		g_array_set_size(s->starts, 0);
		iv_signatures_in_sector(data + i, visit, s);
		for (guint n = 0; n < s->starts->len; n++) {
			uint64_t end = s->low;

			if (!ask(s, g_array_index(s->starts, uint64_t, n), &end, error))
				return false;
			s->low = MAX(s->low, end);
		}
	}
	return true;
}

static bool look_through(Search *s, uint64_t at, GError **error)
{
	g_autofree uint8_t *chunk = g_malloc(CHUNK);

	while (at < s->stop && !s->cut) {
		uint64_t len = s->stop - at;
		bool zero;

		if (!iv_source_extent(s->range, at, &len, &zero, error))
			return false;
		/* Sectors are read whole: what an extent says of half of one is not asked. */
		len = zero ? len / SECTOR * SECTOR : MIN(MAX(len, SECTOR), CHUNK) / SECTOR * SECTOR;
		if (!zero || len == 0) {
			len = MIN(MAX(len, SECTOR), s->stop - at);
			if (!iv_source_read(s->range, at, chunk, (size_t)len, error) ||
			    !look_at(s, chunk, (size_t)len, at, error))
				return false;
		}
		at += len;
	}
	return true;
}

static void begin(Search *s)
{
	s->seen = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
	s->starts = g_array_new(FALSE, FALSE, sizeof(uint64_t));
}

static void end(Search *s, bool *cut)
{
	*cut = s->cut;
	g_hash_table_unref(s->seen);
	g_array_unref(s->starts);
}

bool iv_hidden_find(IvSource *range, uint64_t from, GArray *hidden, bool *cut, GError **error)
{
	Search s = {.range = range,
		    .whom = IV_ASK_ALL,
		    .hidden = hidden,
		    .low = (from + SECTOR - 1) / SECTOR * SECTOR,
		    .high = UINT64_MAX,
		    .stop = range->size};
	bool ok;

	begin(&s);
	ok = look_through(&s, s.low, error);
	end(&s, cut);
	return ok;
}

bool iv_hidden_across(IvSource *disk, uint64_t border, unsigned *asked, GArray *hidden, bool *cut,
		      GError **error)
{
	uint64_t first = (border + SECTOR - 1) / SECTOR * SECTOR;
	Search s = {.range = disk,
		    .whom = IV_ASK_ALL,
		    .hidden = hidden,
		    .low = MAX(first, REACH + SECTOR) - REACH, /* the disk's start is known */
		    .high = first,
		    .stop = MIN(first + REACH + SECTOR, disk->size),
		    .asked = *asked};
	bool ok;

	begin(&s);
	ok = look_through(&s, first, error);
	*asked = s.asked;
	end(&s, cut);
	return ok;
}

/* --- candidates that somebody else has met ------------------------------------------------- */

typedef struct {
	uint64_t at;
	GArray *starts;
} Gather;

static void gather(void *user, uint64_t back, bool thin)
{
	const Gather *g = user;
	uint64_t start = (g->at - MIN(back, g->at)) | (thin ? THIN : 0);

	if (g->at >= back && g->starts->len < IV_MAX_HIDDEN_SEEN)
		g_array_append_val(g->starts, start);
}

bool iv_hidden_gather(const uint8_t *data, size_t len, uint64_t at, GArray *starts)
{
	Gather g = {at, starts};

	for (size_t i = 0; i + SECTOR <= len; i += SECTOR, g.at += SECTOR)
		if (!is_zero(data + i))
			iv_signatures_in_sector(data + i, gather, &g);
	return starts->len < IV_MAX_HIDDEN_SEEN;
}

static int by_place(gconstpointer a, gconstpointer b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

bool iv_hidden_check(IvSource *range, GArray *starts, GArray *hidden, bool *cut, GError **error)
{
	Search s = {.range = range, .whom = IV_ASK_OWN, .hidden = hidden, .low = SECTOR};
	bool ok = true;

	begin(&s);
	g_array_sort(starts, by_place);
	g_array_append_vals(s.starts, starts->data, starts->len);
	for (guint i = 0; ok && i < s.starts->len; i++) {
		const uint64_t start = g_array_index(s.starts, uint64_t, i);
		uint64_t behind = s.low;

		if (start >= s.low && start < range->size)
			ok = ask(&s, start, &behind, error);
		s.low = MAX(s.low, behind);
	}
	end(&s, cut);
	return ok;
}
