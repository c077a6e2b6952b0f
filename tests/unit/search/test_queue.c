/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_queue.c - tasks in order, who waits for whom, and how waiting ends */
#include "scanner/search/queue.h"
#include "tests/unit/search/search_rig.h"

static IvWork *work_new(Rig *rig, guint parts)
{
	g_autoptr(IvItem) item = rig_memory(IV_ITEM_FILE, "f", "x");
	IvWork *work = iv_work_new(rig->place, item, NULL);

	iv_work_begin(work, parts);
	return work;
}

static void finish(IvQueue *queue, IvTask *task)
{
	if (task->work != NULL)
		iv_work_done(task->work, NULL);
	iv_queue_finish(queue, task);
}

/* In the order they came; then the disk in pieces; then nothing. */
static void test_order(void)
{
	g_autoptr(Rig) rig = rig_new(MIB);
	g_autoptr(IvQueue) queue = iv_queue_new(IV_HASH_BYTES + 5);
	IvWork *work = work_new(rig, 2);
	IvTask *task;

	iv_queue_push(queue, &(IvTask){.work = work, .from = 1});
	iv_queue_push(queue, &(IvTask){.work = work, .from = 2});
	task = iv_queue_take(queue);
	g_assert_cmpuint(task->from, ==, 1);
	finish(queue, task);
	task = iv_queue_take(queue);
	g_assert_cmpuint(task->from, ==, 2);
	finish(queue, task);
	iv_queue_drain(queue);
	iv_queue_close(queue);
	task = iv_queue_take(queue);
	g_assert_cmpuint(task->hash_from, ==, 0);
	g_assert_cmpuint(task->hash_len, ==, IV_HASH_BYTES);
	finish(queue, task);
	task = iv_queue_take(queue);
	g_assert_cmpuint(task->hash_from, ==, IV_HASH_BYTES);
	g_assert_cmpuint(task->hash_len, ==, 5);
	finish(queue, task);
	g_assert_null(iv_queue_take(queue));
	g_assert_true(iv_queue_check(queue, NULL));
}

typedef struct {
	IvQueue *queue;
	gint taken;
} Taker;

static gpointer take_one(gpointer data)
{
	Taker *taker = data;
	IvTask *task = iv_queue_take(taker->queue);

	g_atomic_int_set(&taker->taken, 1);
	return task;
}

/* Hashing what lay in no region waits for regions in work: theirs are hashed there. */
static void test_hash_waits(void)
{
	g_autoptr(Rig) rig = rig_new(MIB);
	g_autoptr(IvQueue) queue = iv_queue_new(5);
	Taker taker = {queue, 0};
	IvTask *busy, *task;
	GThread *other;

	iv_queue_push(queue, &(IvTask){.work = work_new(rig, 1)});
	busy = iv_queue_take(queue);
	iv_queue_close(queue);
	other = g_thread_new("other", take_one, &taker);
	g_usleep(20000); /* it waits now, or it has taken what it must not */
	g_assert_cmpint(g_atomic_int_get(&taker.taken), ==, 0);
	finish(queue, busy);
	task = g_thread_join(other);
	g_assert_cmpuint(task->hash_len, ==, 5);
	finish(queue, task);
	g_assert_null(iv_queue_take(queue));
}

typedef struct {
	IvQueue *queue;
	IvWork *work;
	gint pushed;
} Pusher;

static gpointer push_one(gpointer data)
{
	Pusher *pusher = data;

	iv_queue_push(pusher->queue, &(IvTask){.work = pusher->work, .bytes = 1});
	g_atomic_int_set(&pusher->pushed, 1);
	return NULL;
}

/* Few items can hold much memory: the reader pauses until they are done, not only taken. */
static void test_bytes(void)
{
	g_autoptr(Rig) rig = rig_new(MIB);
	g_autoptr(IvQueue) queue = iv_queue_new(0);
	Pusher pusher = {queue, work_new(rig, 2), 0};
	GThread *other;
	IvTask *task;

	iv_queue_push(queue, &(IvTask){.work = pusher.work, .bytes = IV_MAX_WAITING_BYTES});
	other = g_thread_new("push", push_one, &pusher);
	task = iv_queue_take(queue);
	g_usleep(20000); /* it waits now, or it has pushed what it must not */
	g_assert_cmpint(g_atomic_int_get(&pusher.pushed), ==, 0);
	finish(queue, task);
	g_thread_join(other);
	finish(queue, iv_queue_take(queue));
}

/* The first error stays, nothing more is taken, and nobody waits. */
static void test_fail(void)
{
	g_autoptr(Rig) rig = rig_new(MIB);
	g_autoptr(IvQueue) queue = iv_queue_new(MIB);
	g_autoptr(GError) error = NULL;

	iv_queue_push(queue, &(IvTask){.work = work_new(rig, 1)});
	iv_queue_fail(queue, g_error_new_literal(IV_ERROR, IV_ERROR_IO, "first"));
	iv_queue_fail(queue, g_error_new_literal(IV_ERROR, IV_ERROR_IO, "second"));
	g_assert_null(iv_queue_take(queue));
	iv_queue_drain(queue);
	g_assert_false(iv_queue_check(queue, &error));
	g_assert_cmpstr(error->message, ==, "first");
}

/* Stopped without an error: there is one all the same. */
static void test_stopped(void)
{
	g_autoptr(IvQueue) queue = iv_queue_new(0);
	g_autoptr(GError) error = NULL;

	iv_queue_fail(queue, NULL);
	g_assert_false(iv_queue_check(queue, &error));
	g_assert_error(error, IV_ERROR, IV_ERROR_IO);
}

static gpointer take_all(gpointer data)
{
	IvQueue *queue = data;
	guint n = 0;
	IvTask *task;

	while ((task = iv_queue_take(queue)) != NULL) {
		n++;
		finish(queue, task);
	}
	return GUINT_TO_POINTER(n);
}

/* More than may wait: the reader pauses, and all of it is done after drain(). */
static void test_threads(void)
{
	g_autoptr(Rig) rig = rig_new(MIB);
	g_autoptr(IvQueue) queue = iv_queue_new(0);
	guint n = 2 * IV_MAX_WAITING, done = 0;
	IvWork *work = work_new(rig, n + 1);
	GThread *threads[3];

	for (guint i = 0; i < G_N_ELEMENTS(threads); i++)
		threads[i] = g_thread_new("take", take_all, queue);
	for (guint i = 0; i < n; i++)
		iv_queue_push(queue, &(IvTask){.work = work});
	iv_queue_drain(queue);
	g_assert_cmpint(g_atomic_int_get(&work->left), ==, 1);
	iv_work_done(work, NULL);
	iv_queue_close(queue);
	for (guint i = 0; i < G_N_ELEMENTS(threads); i++)
		done += GPOINTER_TO_UINT(g_thread_join(threads[i]));
	g_assert_cmpuint(done, ==, n);
}

/* Hits of parts that end in any order belong to one item. */
static void test_work(void)
{
	g_autoptr(Rig) rig = rig_new(MIB);
	g_autoptr(IvItem) item = rig_memory(IV_ITEM_FILE, "f.pem", "x");
	const IvRule rule = {.id = (char *)"r", .name = (char *)"n", .path = (char *)"p"};
	IvHits *a = iv_hits_new(rig->collection, rig->place, item, NULL);
	IvHits *b = iv_hits_new(rig->collection, rig->place, item, NULL);
	IvWork *work = work_new(rig, 3);
	g_autoptr(GPtrArray) list = NULL;

	iv_hits_add(a, &(IvMatch){.rule = &rule, .kinds = 1}, false);
	iv_hits_add(b, &(IvMatch){.rule = &rule, .kinds = 1}, false);
	iv_work_done(work, a);
	iv_work_done(work, NULL);
	g_assert_false(iv_place_has_found(rig->place, "f.pem"));
	iv_work_done(work, b);
	g_assert_true(iv_place_has_found(rig->place, "f.pem"));
	list = iv_collection_take(rig->collection);
	g_assert_cmpuint(list->len, ==, 2);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/queue/order", test_order);
	g_test_add_func("/queue/hash-waits", test_hash_waits);
	g_test_add_func("/queue/bytes", test_bytes);
	g_test_add_func("/queue/fail", test_fail);
	g_test_add_func("/queue/stopped", test_stopped);
	g_test_add_func("/queue/threads", test_threads);
	g_test_add_func("/queue/work", test_work);
	return g_test_run();
}
