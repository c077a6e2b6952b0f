/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * worker_state.h - what one thread has at hand.  Private to worker.c, worker_slack.c and
 * worker_stream.c.
 */
#ifndef IV_SEARCH_WORKER_STATE_H
#define IV_SEARCH_WORKER_STATE_H

#include "scanner/search/unopened.h"
#include "scanner/search/worker.h"

#define BUFFER_BYTES (IV_BLOCK_BEFORE + IV_BLOCK_OWN + IV_BLOCK_AFTER)
#define REGION_BUFFER (IV_BLOCK_BEFORE + IV_REGION_BYTES + IV_BLOCK_AFTER)
/* The digest pads the disk's last block in the buffer. */
#define REGION_SPARE 4096u

struct IvWorker {
	IvMatcher *matcher;
	IvCollection *collection;
	uint8_t *buffer; /* BUFFER_BYTES */
	uint8_t *region; /* REGION_BUFFER, made when the first region comes */
	uint64_t bytes;

	/* The item at hand, for the matcher's callbacks. */
	IvPlace *place;
	IvItem *item;
	IvUnopened unopened;
	const IvNames *names;
	IvHits *hits;	/* NULL until the first match */
	bool slack;	/* the bytes lie behind the file's end */
	uint64_t beyond; /* only what ends behind this item offset is new; 0: everything */
	bool announce;	/* rules that are a path alone report now: once per item */
	bool stream;	/* count lines as the bytes go by */
	bool binary;	/* a NUL byte was seen before this block's own bytes */
	uint64_t lines; /* newlines before this block's own bytes */
	const IvBlock *block;
};

extern const IvMatchSink iv_worker_sink;

/* Begin an item, with these names or NULL; announce: rules that are a path alone report. */
void iv_worker_begin(IvWorker *s, IvPlace *place, IvItem *item, const IvNames *names,
		     bool announce);

/* And its rules.  Rules on paths are about files: targets of links and attributes have none. */
void iv_worker_begin_rules(IvWorker *s);

/* Give a block to the rules: data[0, size) begins at item offset base, and owns
 * [own_from, own_to). */
void iv_worker_give(IvWorker *s, const uint8_t *data, size_t size, uint64_t base,
		    uint64_t own_from, uint64_t own_to);

/* Read [base, top) of the item into the buffer, keeping the `kept` first bytes that are
 * there already.  False is a miss, and said. */
bool iv_worker_fill(IvWorker *s, uint64_t base, uint64_t top, size_t kept);

/* --- worker_slack.c --------------------------------------------------------------- */

/* The slack of the item at hand, read for itself. */
void iv_worker_slack(IvWorker *s);

/* A part of a file's slack in a region's buffer (disk bytes [base, top)), and what lies
 * behind it on the volume. */
IvHits *iv_worker_slack_part(IvWorker *s, const IvRegionPart *part, uint64_t base, uint64_t top);

#endif
