/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * glib_locks.c - makes GLib's locks visible to ThreadSanitizer.
 *
 * GLib as installed is not instrumented: its mutexes are futexes, its reference
 * counts atomic operations in a library, and ThreadSanitizer sees neither, so every
 * correctly locked access looks like a race.  In the build of make check-threads
 * the linker sends our calls of these functions here (--wrap), and each tells the
 * sanitizer the ordering that GLib's documentation promises for it, no more.
 * Nothing is suppressed: what has no such ordering is still reported.
 *
 * The Makefile takes the list of the wrapped functions from the names in this file.
 */
#include <glib.h>
#include <sanitizer/tsan_interface.h>

/* Declares the wrapper and the function of GLib that it calls. */
#define WRAPPED(result, name, parameters)                                                          \
	result __real_##name parameters;                                                           \
	result __wrap_##name parameters;                                                           \
	result __wrap_##name parameters

/* --- locks ------------------------------------------------------------------------- */

WRAPPED(void, g_mutex_init, (GMutex *mutex))
{
	__real_g_mutex_init(mutex);
	__tsan_mutex_create(mutex, 0);
}

WRAPPED(void, g_mutex_clear, (GMutex *mutex))
{
	__tsan_mutex_destroy(mutex, 0);
	__real_g_mutex_clear(mutex);
}

static void locking(GMutex *mutex)
{
	__tsan_mutex_pre_lock(mutex, 0);
}

static void locked(GMutex *mutex)
{
	__tsan_mutex_post_lock(mutex, 0, 0);
}

static void unlocking(GMutex *mutex)
{
	(void)__tsan_mutex_pre_unlock(mutex, 0);
}

static void unlocked(GMutex *mutex)
{
	__tsan_mutex_post_unlock(mutex, 0);
}

WRAPPED(void, g_mutex_lock, (GMutex *mutex))
{
	locking(mutex);
	__real_g_mutex_lock(mutex);
	locked(mutex);
}

WRAPPED(void, g_mutex_unlock, (GMutex *mutex))
{
	unlocking(mutex);
	__real_g_mutex_unlock(mutex);
	unlocked(mutex);
}

/* A wait gives the mutex away and takes it again; the signal itself orders nothing
 * that the mutex does not. */
WRAPPED(void, g_cond_wait, (GCond *cond, GMutex *mutex))
{
	unlocking(mutex);
	unlocked(mutex);
	__real_g_cond_wait(cond, mutex);
	locking(mutex);
	locked(mutex);
}

WRAPPED(gboolean, g_cond_wait_until, (GCond *cond, GMutex *mutex, gint64 end))
{
	gboolean signalled;

	unlocking(mutex);
	unlocked(mutex);
	signalled = __real_g_cond_wait_until(cond, mutex, end);
	locking(mutex);
	locked(mutex);
	return signalled;
}

/* --- once -------------------------------------------------------------------------- */

/* What was done once is done before anybody goes on.  Who comes later does not call
 * GLib at all: the macro's own atomic read meets the release at the same address. */
#undef g_once_init_enter
#undef g_once_init_leave
WRAPPED(gboolean, g_once_init_enter, (volatile void *location))
{
	gboolean first = __real_g_once_init_enter(location);

	if (!first)
		__tsan_acquire((void *)location);
	return first;
}

WRAPPED(void, g_once_init_leave, (volatile void *location, gsize result))
{
	__tsan_release((void *)location);
	__real_g_once_init_leave(location, result);
}

/* --- reference counts ---------------------------------------------------------------- */

/* All that was done with a thing comes before the call that gives up its last reference. */
static void giving_up(gconstpointer thing)
{
	__tsan_release((void *)thing);
	__tsan_acquire((void *)thing);
}

WRAPPED(gboolean, g_atomic_ref_count_dec, (gatomicrefcount * count))
{
	giving_up(count);
	return __real_g_atomic_ref_count_dec(count);
}

WRAPPED(void, g_atomic_rc_box_release, (gpointer box))
{
	giving_up(box);
	__real_g_atomic_rc_box_release(box);
}

WRAPPED(void, g_array_unref, (GArray * array))
{
	giving_up(array);
	__real_g_array_unref(array);
}

WRAPPED(void, g_ptr_array_unref, (GPtrArray * array))
{
	giving_up(array);
	__real_g_ptr_array_unref(array);
}

WRAPPED(void, g_bytes_unref, (GBytes * bytes))
{
	giving_up(bytes);
	__real_g_bytes_unref(bytes);
}

WRAPPED(void, g_hash_table_unref, (GHashTable * table))
{
	giving_up(table);
	__real_g_hash_table_unref(table);
}

/* --- queues and pools ------------------------------------------------------------------ */

/* Whoever takes a thing out sees what was done before it was put in. */
WRAPPED(void, g_async_queue_push, (GAsyncQueue * queue, gpointer thing))
{
	__tsan_release(queue);
	__real_g_async_queue_push(queue, thing);
}

WRAPPED(gpointer, g_async_queue_pop, (GAsyncQueue * queue))
{
	gpointer thing = __real_g_async_queue_pop(queue);

	__tsan_acquire(queue);
	return thing;
}

WRAPPED(gpointer, g_async_queue_try_pop, (GAsyncQueue * queue))
{
	gpointer thing = __real_g_async_queue_try_pop(queue);

	__tsan_acquire(queue);
	return thing;
}

/* A pool's function, and what it is called with. */
typedef struct {
	GFunc function;
	gpointer user;
} PoolWork;

/* A pool is freed by its last thread, so what orders its end with those who wait for it
 * stands here; pools at the same time are ordered more than they are, and there are none. */
static char pool_ends;

static void do_pool_work(gpointer thing, gpointer user)
{
	PoolWork *work = user;

	__tsan_acquire(thing);
	work->function(thing, work->user);
	__tsan_release(&pool_ends);
}

/* The few bytes of `work` live as long as the process: a pool has no place to keep them. */
WRAPPED(GThreadPool *, g_thread_pool_new,
	(GFunc function, gpointer user, gint threads, gboolean exclusive, GError **error))
{
	PoolWork *work = g_new(PoolWork, 1);

	*work = (PoolWork){function, user};
	return __real_g_thread_pool_new(do_pool_work, work, threads, exclusive, error);
}

WRAPPED(gboolean, g_thread_pool_push, (GThreadPool * pool, gpointer thing, GError **error))
{
	__tsan_release(thing);
	return __real_g_thread_pool_push(pool, thing, error);
}

WRAPPED(void, g_thread_pool_free, (GThreadPool * pool, gboolean immediate, gboolean wait))
{
	__real_g_thread_pool_free(pool, immediate, wait);
	if (wait)
		__tsan_acquire(&pool_ends);
}
