/* SPDX-License-Identifier: GPL-3.0-or-later */
/* queue.c - see queue.h */
#include "scanner/search/queue.h"

#include "scanner/base/error.h"
#include "scanner/base/limits.h"

struct IvQueue {
	GMutex lock;
	GCond work, space, idle;
	GQueue tasks;  /* IvTask * */
	guint waiting; /* segments and parts in it */
	guint busy;    /* tasks in work */
	uint64_t bytes; /* of memory: of tasks in it and in work */
	guint searching; /* those of them that are no hashing */
	uint64_t hash_next, hash_size;
	uint64_t hash_step; /* bytes of a task */
	bool closing, failed;
	GError *error;
};

/* A power of two, so that its borders are those of the digest's tree. */
static uint64_t hash_step(uint64_t size)
{
	uint64_t step = IV_HASH_BYTES;

	while (size / step >= IV_HASH_TASKS)
		step *= 2;
	return step;
}

IvQueue *iv_queue_new(uint64_t hash_size)
{
	IvQueue *queue = g_new0(IvQueue, 1);

	queue->hash_size = hash_size;
	queue->hash_step = hash_step(hash_size);
	g_mutex_init(&queue->lock);
	g_cond_init(&queue->work);
	g_cond_init(&queue->space);
	g_cond_init(&queue->idle);
	g_queue_init(&queue->tasks);
	return queue;
}

static void task_free(IvTask *task)
{
	g_clear_pointer(&task->parts, g_array_unref);
	g_free(task);
}

/* What no worker took. */
static void drop(IvTask *task)
{
	for (guint i = task->first; task->parts != NULL && i < task->end; i++)
		iv_work_done(g_array_index(task->parts, IvRegionPart, i).owner, NULL);
	if (task->work != NULL)
		iv_work_done(task->work, NULL);
	task_free(task);
}

void iv_queue_free(IvQueue *queue)
{
	IvTask *task;

	if (queue == NULL)
		return;
	while ((task = g_queue_pop_head(&queue->tasks)) != NULL)
		drop(task);
	g_clear_error(&queue->error);
	g_mutex_clear(&queue->lock);
	g_cond_clear(&queue->work);
	g_cond_clear(&queue->space);
	g_cond_clear(&queue->idle);
	g_free(queue);
}

/* Segments and parts of a task. */
static guint weight(const IvTask *task)
{
	if (task->hash_len > 0)
		return 0;
	return task->parts != NULL ? task->end - task->first : 1;
}

void iv_queue_push(IvQueue *queue, const IvTask *task)
{
	g_mutex_lock(&queue->lock);
	while ((queue->waiting >= IV_MAX_WAITING || queue->bytes >= IV_MAX_WAITING_BYTES) &&
	       !queue->failed)
		g_cond_wait(&queue->space, &queue->lock);
	g_queue_push_tail(&queue->tasks, g_memdup2(task, sizeof(*task)));
	queue->waiting += weight(task);
	queue->bytes += task->bytes;
	g_cond_signal(&queue->work);
	g_mutex_unlock(&queue->lock);
}

static bool hash_left(const IvQueue *queue)
{
	return queue->hash_next < queue->hash_size;
}

/* What lay in no region is hashed at the end: not while a region is in work, whose bytes
 * would be hashed by two threads at once. */
static IvTask *next_hash(IvQueue *queue)
{
	IvTask *task;

	if (!queue->closing || queue->searching > 0 || !hash_left(queue))
		return NULL;
	task = g_new0(IvTask, 1);
	task->hash_from = queue->hash_next;
	task->hash_len = MIN(queue->hash_step, queue->hash_size - queue->hash_next);
	queue->hash_next += task->hash_len;
	return task;
}

/* Under the lock: a task now belongs to a worker. */
static void begin(IvQueue *queue, const IvTask *task)
{
	queue->busy++;
	queue->searching += task->hash_len == 0;
	queue->waiting -= weight(task);
	g_cond_signal(&queue->space);
}

IvTask *iv_queue_take(IvQueue *queue)
{
	IvTask *task = NULL;

	g_mutex_lock(&queue->lock);
	while (!queue->failed) {
		task = g_queue_pop_head(&queue->tasks);
		if (task == NULL)
			task = next_hash(queue);
		if (task != NULL || (queue->closing && !hash_left(queue)))
			break;
		g_cond_wait(&queue->work, &queue->lock);
	}
	if (task != NULL)
		begin(queue, task);
	g_mutex_unlock(&queue->lock);
	return task;
}

void iv_queue_finish(IvQueue *queue, IvTask *task)
{
	g_mutex_lock(&queue->lock);
	if (task->hash_len == 0 && --queue->searching == 0 && queue->closing)
		g_cond_broadcast(&queue->work);
	queue->bytes -= task->bytes;
	g_cond_signal(&queue->space);
	if (--queue->busy == 0 && g_queue_is_empty(&queue->tasks))
		g_cond_broadcast(&queue->idle);
	g_mutex_unlock(&queue->lock);
	task_free(task);
}

void iv_queue_drain(IvQueue *queue)
{
	g_mutex_lock(&queue->lock);
	while (!queue->failed && (queue->busy > 0 || !g_queue_is_empty(&queue->tasks)))
		g_cond_wait(&queue->idle, &queue->lock);
	g_mutex_unlock(&queue->lock);
}

void iv_queue_close(IvQueue *queue)
{
	g_mutex_lock(&queue->lock);
	queue->closing = true;
	g_cond_broadcast(&queue->work);
	g_mutex_unlock(&queue->lock);
}

void iv_queue_fail(IvQueue *queue, GError *error)
{
	g_mutex_lock(&queue->lock);
	if (queue->error == NULL)
		queue->error = g_steal_pointer(&error);
	queue->failed = true;
	g_cond_broadcast(&queue->work);
	g_cond_broadcast(&queue->space);
	g_cond_broadcast(&queue->idle);
	g_mutex_unlock(&queue->lock);
	g_clear_error(&error);
}

bool iv_queue_check(IvQueue *queue, GError **error)
{
	bool ok;

	g_mutex_lock(&queue->lock);
	ok = !queue->failed;
	if (!ok && queue->error == NULL)
		iv_fail(error, IV_ERROR_IO, "the search was stopped");
	else if (!ok)
		g_propagate_error(error, g_error_copy(queue->error));
	g_mutex_unlock(&queue->lock);
	return ok;
}
