/* SPDX-License-Identifier: GPL-3.0-or-later */
/* unopened.c - see unopened.h */
#include "scanner/search/unopened.h"

#include <inttypes.h>

#include "scanner/base/skip.h"
#include "scanner/base/text.h"
#include "scanner/unpack/magic.h"
#include "scanner/unpack/pieces.h"

/* Bytes of a file's beginning that are read again, where only a later block is at
 * hand: nearly all marks lie there. */
#define PEEK_BYTES 2048u

/* What a block has of each kind. */
typedef struct {
	const IvBlock *block;
	IvPlace *place;
	unsigned kinds;	/* how many have something */
	bool has[IV_PACKED_COUNT];
	uint64_t bytes[IV_PACKED_COUNT];
	uint64_t first[IV_PACKED_COUNT]; /* item offset */
} Tally;

void iv_unopened_begin(IvUnopened *u, IvPlace *place, IvItem *item)
{
	*u = (IvUnopened){.place = place, .item = item};
}

/* --- where ---------------------------------------------------------------------------- */

static char *file_name(const IvItem *item)
{
	g_autofree char *path = iv_text_printable(item->path, -1);
	g_autofree char *detail = item->detail != NULL ? iv_text_printable(item->detail, -1) : NULL;

	return g_strconcat("/", path, detail != NULL ? "@" : "", detail, NULL);
}

/* "/a.gz", "slack of /a", "free at 8192": on the disk, as far as that is known. */
static char *place_name(const IvUnopened *u, uint64_t offset)
{
	int64_t physical = iv_item_physical(u->item, offset);
	g_autofree char *file = u->item->path != NULL ? file_name(u->item) : NULL;

	if (file != NULL)
		return u->slack ? g_strconcat("slack of ", file, NULL) : g_steal_pointer(&file);
	return g_strdup_printf("%s at %" PRIu64, iv_item_kind_name(u->item->kind),
			       physical >= 0 ? u->place->offset + (uint64_t)physical : offset);
}

static void count(const IvUnopened *u, IvPacked kind, uint64_t offset, bool file, uint64_t bytes)
{
	g_autofree char *name = place_name(u, offset);
	IvPackedEntry more = {.group = (char *)iv_packed_class_name(kind),
			      .kind = (char *)iv_packed_name(kind),
			      .files = file,
			      .pieces = !file,
			      .bytes = bytes};

	iv_skip(IV_SKIP_NOT_OPENED, 1);
	iv_coverage_packed(u->place->coverage, u->place->entry, more, name);
}

/* --- as a whole ----------------------------------------------------------------------- */

/* Is it known by its beginning?  A partition is no file: what it holds, its reader
 * says. */
static IvPacked whole(const IvItem *item, const uint8_t *data, size_t len)
{
	IvPacked kind = iv_packed_file(data, len, item->size);

	if (item->kind == IV_ITEM_RAW && kind != IV_PACKED_NONE &&
	    iv_packed_class(kind) == IV_PACKED_IS_IMAGE)
		return IV_PACKED_NONE;
	return kind;
}

static bool has_beginning(const IvUnopened *u)
{
	return !u->slack && u->item->kind != IV_ITEM_FREE && u->item->kind != IV_ITEM_META;
}

/* The beginning is at hand. */
static void look_at_beginning(IvUnopened *u, const IvBlock *block)
{
	const uint8_t *data = block->data + (block->own_from - block->base);
	size_t len = (size_t)(block->base + block->size - block->own_from);
	IvPacked kind = whole(u->item, data, len);

	u->known = true;
	if (kind == IV_PACKED_NONE)
		return;
	u->counted = true;
	if (!iv_place_knows_packed(u->place, data, len))
		count(u, kind, 0, u->item->kind == IV_ITEM_FILE, u->item->size);
}

/* Another block had the beginning: was the file counted with it?  Asked only where
 * something was found in a later one, which is rare. */
static bool was_counted(IvUnopened *u)
{
	uint8_t data[PEEK_BYTES];
	size_t len = (size_t)MIN(sizeof(data), u->item->size);

	if (u->slack)
		return false;
	if (!u->known && u->item->stream == NULL && has_beginning(u)) {
		u->known = true;
		u->counted = iv_item_read(u->item, 0, data, len, NULL) &&
			     whole(u->item, data, len) != IV_PACKED_NONE;
	}
	return u->counted;
}

/* --- in something else --------------------------------------------------------------- */

static void on_piece(void *user, IvPacked kind, size_t start, size_t end)
{
	Tally *tally = user;
	const IvBlock *block = tally->block;

	if (iv_place_knows_packed(tally->place, block->data + start, block->size - start))
		return;
	tally->bytes[kind] += end - start;
	if (tally->has[kind])
		return;
	tally->has[kind] = true;
	tally->first[kind] = block->base + start;
	tally->kinds++;
}

void iv_unopened_block(IvUnopened *u, const IvBlock *block)
{
	size_t from = (size_t)(block->own_from - block->base);
	size_t to = (size_t)(block->own_to - block->base);
	Tally tally = {.block = block, .place = u->place};
	IvPacked kind = IV_PACKED_NONE;

	if (u->item->link_of != NULL)
		return;
	if (block->own_from == 0 && has_beginning(u))
		look_at_beginning(u, block);
	if (u->counted && !u->slack)
		return;
	iv_pieces_search(block->data, block->size, from, to, on_piece, &tally);
	if (block->own_to == u->item->size && u->item->kind == IV_ITEM_FILE)
		kind = iv_packed_tail(block->data, to);
	if ((tally.kinds == 0 && kind == IV_PACKED_NONE) || was_counted(u))
		return;
	if (kind != IV_PACKED_NONE)
		count(u, kind, 0, true, u->item->size);
	for (unsigned k = 0; k < IV_PACKED_COUNT; k++)
		if (tally.has[k])
			count(u, (IvPacked)k, tally.first[k], false, tally.bytes[k]);
}
