/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * queue.h - what waits for a worker thread, and who waits for whom.
 *
 *     reader --push--> [ task task task ] --take--> worker --finish-->
 *
 * push() waits while too much is waiting; take() waits while nothing is; drain()
 * waits until nothing is waiting or in work.  A failure ends all waiting.  Tasks
 * are taken in the order they came; the ranges of the disk that are left to
 * hash come last, once the queue is closed.
 */
#ifndef IV_SEARCH_QUEUE_H
#define IV_SEARCH_QUEUE_H

#include "scanner/base/error.h"
#include "scanner/search/regions.h"
#include "scanner/search/work.h"

/* What a worker takes: a segment of an item, a region with parts of several
 * items, or a range of the disk to hash. */
typedef struct {
	IvWork *work; /* a segment of this, [from, to) of the item */
	uint64_t from, to;
	GArray *parts; /* a region: these of the gathered parts, [first, end) */
	guint first, end;
	uint64_t hash_from, hash_len;
	uint64_t bytes; /* of memory that are free again when it is finished, about */
} IvTask;

/* Bytes of disk that one task hashes, or more: a disk has at most so many tasks, so
 * that an endless one that is all holes does not have millions. */
#define IV_HASH_BYTES (8 * (uint64_t)IV_DIGEST_CHUNK)
#define IV_HASH_TASKS 16384u

typedef struct IvQueue IvQueue;

/* At its end, [0, hash_size) of the disk are handed out for hashing. */
IvQueue *iv_queue_new(uint64_t hash_size);
/* No thread may use it any more.  Tasks that were not taken count as done. */
void iv_queue_free(IvQueue *queue);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvQueue, iv_queue_free)

/* Queue a copy of the task, which takes task->parts' reference; waits while
 * IV_MAX_WAITING segments and parts are waiting, or IV_MAX_WAITING_BYTES of memory are
 * waiting or in work. */
void iv_queue_push(IvQueue *queue, const IvTask *task);

/* The next task, which the caller has to finish; NULL when there will be none. */
IvTask *iv_queue_take(IvQueue *queue);
void iv_queue_finish(IvQueue *queue, IvTask *task);

/* Wait until everything that was pushed is finished. */
void iv_queue_drain(IvQueue *queue);

/* Nothing will be pushed any more. */
void iv_queue_close(IvQueue *queue);

/* Stop: nothing more is taken.  The first error (taken; NULL: none) is kept. */
void iv_queue_fail(IvQueue *queue, GError *error);

/* Was it never stopped?  Otherwise false with that error, or IV_ERROR_IO. */
IV_MUST_CHECK
bool iv_queue_check(IvQueue *queue, GError **error);

#endif
