/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * worker_slack.c - the bytes behind a file's end, in its last block.  See worker_state.h.
 *
 * Older data may stand there.  The bytes are an item of their own for the rules, without a path.
 *
 * The old data may go on in the next block, which is free or anybody's.  So there are
 * two passes: the slack for itself, and once more with the bytes behind it, of which
 * only what runs over the slack's end is kept.
 */
#include <string.h>

#include "scanner/base/limits.h"
#include "scanner/base/skip.h"
#include "scanner/search/worker_state.h"

static bool all_zero(const uint8_t *data, size_t len)
{
	return len == 0 || (data[0] == 0 && memcmp(data, data + 1, len - 1) == 0);
}

/* As iv_worker_give(); `more`: how many of the bytes in data lie behind the slack. */
static void give_slack(IvWorker *s, const IvBlock *block, size_t more)
{
	uint64_t bytes = s->bytes, end = s->item->size + s->item->slack;

	s->slack = true;
	for (int pass = 0; pass < (more > 0 ? 2 : 1); pass++) {
		s->bytes = bytes; /* each is counted once */
		s->beyond = pass > 0 ? end : 0;
		iv_matcher_begin(s->matcher, NULL, s->item->slack, &iv_worker_sink, s);
		iv_worker_give(s, block->data, block->size - (pass > 0 ? 0 : more), block->base,
			   block->own_from, block->own_to);
		iv_matcher_end(s->matcher);
	}
	s->slack = false;
	s->beyond = 0;
}

/* One block of the slack of an item that is read for itself: [own, own_to) of it. */
static void search_slack_block(IvWorker *s, uint64_t place, uint64_t own, uint64_t own_to)
{
	IvItem *item = s->item;
	uint64_t base = own > IV_BLOCK_BEFORE ? own - IV_BLOCK_BEFORE : 0;
	uint64_t top = MIN(own_to + IV_BLOCK_AFTER, item->slack);
	uint64_t behind = item->source->size - (place + item->slack);
	size_t more = (size_t)MIN(own_to + IV_BLOCK_AFTER - top, behind), len = (size_t)(top - base);
	IvBlock block = {s->buffer, len, item->size + base, item->size + own, item->size + own_to};

	if (!iv_worker_fill(s, block.base, block.base + len, 0))
		return;
	if (all_zero(s->buffer + (own - base), (size_t)(own_to - own))) {
		iv_skip(IV_SKIP_ZERO_SLACK, 1);
		return;
	}
	/* Whose bytes these are says that they cannot be read. */
	if (more > 0 && !iv_source_read(item->source, place + top, s->buffer + len, more, NULL))
		more = 0;
	block.size += more;
	give_slack(s, &block, more);
}

void iv_worker_slack(IvWorker *s)
{
	const IvItem *item = s->item;
	int64_t place = iv_item_physical(item, item->size);

	if (place < 0)
		return; /* skip: none, because the last block is a hole and the file's */
	for (uint64_t own = 0; own < item->slack; own += IV_BLOCK_OWN)
		search_slack_block(s, (uint64_t)place, own, MIN(own + IV_BLOCK_OWN, item->slack));
}

/* A part of a file's slack, and of what lies behind it on the volume. */
IvHits *iv_worker_slack_part(IvWorker *s, const IvRegionPart *part, uint64_t base, uint64_t top)
{
	uint64_t volume = part->place->offset + part->item->source->size;
	uint64_t low = MAX(part->run, base), high = MIN(part->end, top);
	uint64_t more = MIN(MIN(part->end + IV_BLOCK_AFTER, volume), top);
	IvBlock block = {s->region + (low - base), (size_t)(MAX(high, more) - low),
			 part->offset + low - part->disk, part->offset,
			 part->offset + part->length};

	if (all_zero(s->region + (part->disk - base), (size_t)part->length)) {
		iv_skip(IV_SKIP_ZERO_SLACK, 1);
		return NULL;
	}
	iv_worker_begin(s, part->place, part->item, part->names, false);
	give_slack(s, &block, (size_t)(MAX(high, more) - high));
	return s->hits;
}
