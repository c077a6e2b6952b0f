/* search.c - the queue of work and the worker threads; see search.h */
#include "scanner/search/search.h"

#include "scanner/base/error.h"
#include "scanner/base/limits.h"

/* An item in work: what is still out, and what was found. */
typedef struct {
	IvPlace *place;
	IvItem *item;
	IvHits *hits; /* of finished parts; guarded by the search's lock */
	gint left;    /* parts or segments not finished */
} Work;

/* What a worker takes: a segment of an item, a region with parts of several
 * items, or a range of the disk to hash. */
typedef struct {
	Work *work; /* a segment of this, [from, to) of the item */
	uint64_t from, to;
	GArray *parts; /* a region: these of the gathered parts, [first, end) */
	guint first, end;
	uint64_t hash_from, hash_len;
} Task;

struct IvSearch {
	const IvRuleSet *rules;
	IvCollection *collection;
	IvScanProgress *progress;
	IvWorker *own; /* the caller's thread */
	GPtrArray *threads;
	GArray *gathered; /* IvRegionPart, of the caller's thread */

	GMutex lock;
	GCond work, space, idle;
	GQueue queue;	/* Task * */
	guint waiting;	/* segments and parts in the queue */
	guint busy;	/* tasks in work */
	bool closing;
	bool failed;
	GError *error;
	uint64_t bytes;

	IvSource *disk;
	IvDigest *digest;
	uint64_t hash_next;
};

static void progress_add(IvSearch *search, uint64_t bytes)
{
	if (search->progress != NULL)
		search->progress->done += bytes;
}

static void fail(IvSearch *search, GError *error)
{
	g_mutex_lock(&search->lock);
	if (search->error == NULL)
		search->error = g_steal_pointer(&error);
	search->failed = true;
	g_cond_broadcast(&search->work);
	g_cond_broadcast(&search->space);
	g_cond_broadcast(&search->idle);
	g_mutex_unlock(&search->lock);
	g_clear_error(&error);
}

/* --- items in work ----------------------------------------------------------------- */

static Work *work_new(IvPlace *place, IvItem *item)
{
	Work *work = g_new0(Work, 1);

	work->place = place;
	work->item = iv_item_ref(item);
	return work;
}

static void work_close(Work *work)
{
	if (work->hits != NULL)
		iv_hits_finish(work->hits);
	iv_item_unref(work->item);
	g_free(work);
}

/* n parts of an item are done: their hits join the item's, the last one closes. */
static void work_done(IvSearch *search, Work *work, IvHits *hits, gint n)
{
	if (hits != NULL) {
		g_mutex_lock(&search->lock);
		if (work->hits == NULL)
			work->hits = hits;
		else
			iv_hits_join(work->hits, hits);
		g_mutex_unlock(&search->lock);
	}
	if (g_atomic_int_add(&work->left, -n) == n)
		work_close(work);
}

static void task_free(Task *task)
{
	g_clear_pointer(&task->parts, g_array_unref);
	g_free(task);
}

static guint task_weight(const Task *task)
{
	return task->parts != NULL ? task->end - task->first : 1;
}

/* --- what a worker does ---------------------------------------------------------------- */

/* Bytes of disk that a worker hashes in one go. */
#define HASH_BYTES (8 * (uint64_t)IV_DIGEST_CHUNK)

/* What lay in no region is hashed when everything else is done. */
static Task *next_hash(IvSearch *search)
{
	uint64_t size = search->digest != NULL ? search->disk->size : 0;
	Task *task;

	if (!search->closing || search->hash_next >= size)
		return NULL;
	task = g_new0(Task, 1);
	task->hash_from = search->hash_next;
	task->hash_len = MIN(HASH_BYTES, size - search->hash_next);
	search->hash_next += task->hash_len;
	return task;
}

/* The next task; NULL when there will be none. */
static Task *take_task(IvSearch *search)
{
	Task *task = NULL;

	g_mutex_lock(&search->lock);
	while (!search->failed) {
		task = g_queue_pop_head(&search->queue);
		if (task == NULL)
			task = next_hash(search);
		if (task != NULL || search->closing)
			break;
		g_cond_wait(&search->work, &search->lock);
	}
	if (task != NULL) {
		search->busy++;
		search->waiting -= task->hash_len == 0 ? task_weight(task) : 0;
		g_cond_signal(&search->space);
	}
	g_mutex_unlock(&search->lock);
	return task;
}

static void finish_task(IvSearch *search, Task *task)
{
	g_mutex_lock(&search->lock);
	if (--search->busy == 0 && g_queue_is_empty(&search->queue))
		g_cond_broadcast(&search->idle);
	g_mutex_unlock(&search->lock);
	task_free(task);
}

static void search_segment(IvSearch *search, IvWorker *worker, const Task *task)
{
	Work *work = task->work;

	work_done(search, work,
		  iv_worker_range(worker, work->place, work->item, task->from, task->to), 1);
	progress_add(search, task->to - task->from);
}

static void search_region(IvSearch *search, IvWorker *worker, const Task *task)
{
	guint n = task->end - task->first;
	const IvRegionPart *parts = &g_array_index(task->parts, IvRegionPart, task->first);
	g_autofree IvHits **hits = g_new0(IvHits *, n);

	iv_worker_region(worker, search->disk, search->digest, parts, n, hits);
	for (guint i = 0; i < n; i++) {
		progress_add(search, parts[i].length);
		work_done(search, parts[i].owner, hits[i], 1);
	}
}

static void hash_range(IvSearch *search, IvWorker *worker, const Task *task)
{
	uint64_t end = task->hash_from + task->hash_len;
	GError *error = NULL;

	for (uint64_t at = task->hash_from; at < end; at += IV_DIGEST_CHUNK) {
		uint64_t len = MIN(IV_DIGEST_CHUNK, end - at);

		if (iv_digest_done(search->digest, at, len))
			continue;
		if (!iv_digest_range(search->digest, at, len, iv_worker_scratch(worker),
				     &error)) {
			fail(search, error);
			return;
		}
	}
	progress_add(search, task->hash_len);
}

static void run_task(IvSearch *search, IvWorker *worker, const Task *task)
{
	if (task->parts != NULL)
		search_region(search, worker, task);
	else if (task->work != NULL)
		search_segment(search, worker, task);
	else
		hash_range(search, worker, task);
}

static gpointer work_through(gpointer data)
{
	IvSearch *search = data;
	GError *error = NULL;
	g_autoptr(IvWorker) worker =
		iv_worker_new(search->rules, search->collection, &error);
	Task *task;

	if (worker == NULL) {
		fail(search, error);
		return NULL;
	}
	while ((task = take_task(search)) != NULL) {
		run_task(search, worker, task);
		finish_task(search, task);
	}
	g_mutex_lock(&search->lock);
	search->bytes += iv_worker_bytes(worker);
	g_mutex_unlock(&search->lock);
	return NULL;
}

/* --- what the caller does ------------------------------------------------------------------ */

IvSearch *iv_search_start(const IvRuleSet *rules, IvSource *disk, IvDigest *digest,
			  IvCollection *collection, unsigned threads, IvScanProgress *progress,
			  GError **error)
{
	g_autoptr(IvWorker) own = iv_worker_new(rules, collection, error);
	IvSearch *search;

	if (own == NULL)
		return NULL;
	search = g_new0(IvSearch, 1);
	search->rules = rules;
	search->disk = disk;
	search->digest = digest;
	search->collection = collection;
	search->progress = progress;
	search->own = g_steal_pointer(&own);
	search->gathered = g_array_new(FALSE, FALSE, sizeof(IvRegionPart));
	g_mutex_init(&search->lock);
	g_cond_init(&search->work);
	g_cond_init(&search->space);
	g_cond_init(&search->idle);
	g_queue_init(&search->queue);
	search->threads = g_ptr_array_new();
	if (threads == 0)
		threads = g_get_num_processors();
	for (unsigned i = 0; i < MIN(threads, IV_MAX_THREADS); i++)
		g_ptr_array_add(search->threads, g_thread_new("search", work_through, search));
	return search;
}

static bool add_stream(IvSearch *search, IvPlace *place, IvItem *item, GError **error)
{
	IvHits *hits = NULL;
	bool ok = iv_worker_stream(search->own, place, item, &hits, error);

	if (hits != NULL)
		iv_hits_finish(hits);
	progress_add(search, item->size);
	return ok;
}

/* Under the lock: wait for room, then queue the task. */
static void push(IvSearch *search, const Task *task)
{
	while (search->waiting >= IV_MAX_WAITING && !search->failed)
		g_cond_wait(&search->space, &search->lock);
	g_queue_push_tail(&search->queue, g_memdup2(task, sizeof(*task)));
	search->waiting += task_weight(task);
	g_cond_signal(&search->work);
}

/* Cut at stored bytes: a sparse file of 2^60 bytes has as many segments as its
 * data needs, not as its size suggests. */
static guint cut(const IvItem *item, GArray *cuts)
{
	uint64_t from = 0, end, start, len;

	g_array_append_val(cuts, from);
	while (item->extents != NULL && from < item->size) {
		iv_item_next_data(item, from, 0, &start, &len);
		if (len == 0 || start >= item->size)
			break;
		end = start + IV_SEGMENT_BYTES;
		if (end >= item->size || end < start)
			break;
		from = end;
		g_array_append_val(cuts, from);
	}
	g_array_append_val(cuts, item->size);
	return cuts->len - 1;
}

static void add_segments(IvSearch *search, IvPlace *place, IvItem *item)
{
	g_autoptr(GArray) cuts = g_array_new(FALSE, FALSE, sizeof(uint64_t));
	Work *work = work_new(place, item);
	guint n = cut(item, cuts);

	work->left = (gint)n;
	g_mutex_lock(&search->lock);
	for (guint i = 0; i < n; i++)
		push(search, &(Task){.work = work,
				     .from = g_array_index(cuts, uint64_t, i),
				     .to = g_array_index(cuts, uint64_t, i + 1)});
	g_mutex_unlock(&search->lock);
}

/* Hand the gathered parts to the workers, region by region. */
static void flush(IvSearch *search)
{
	GArray *parts = search->gathered;

	if (parts->len == 0)
		return;
	search->gathered = g_array_new(FALSE, FALSE, sizeof(IvRegionPart));
	iv_parts_sort(parts);
	g_mutex_lock(&search->lock);
	for (guint first = 0, end; first < parts->len; first = end) {
		end = iv_parts_group(parts, first);
		push(search, &(Task){.parts = g_array_ref(parts), .first = first, .end = end});
	}
	g_mutex_unlock(&search->lock);
	g_array_unref(parts);
}

static void add_parts(IvSearch *search, IvPlace *place, IvItem *item)
{
	Work *work = work_new(place, item);

	work->left = (gint)iv_parts_add(search->gathered, place, item, work);
	if (work->left == 0)
		work_close(work);
	if (search->gathered->len >= IV_PARTS_GATHERED)
		flush(search);
}

static bool current_error(IvSearch *search, GError **error)
{
	if (search->error == NULL)
		return iv_fail(error, IV_ERROR_IO, "the search was stopped");
	g_propagate_error(error, g_error_copy(search->error));
	return false;
}

static bool check_failed(IvSearch *search, GError **error)
{
	bool ok;

	g_mutex_lock(&search->lock);
	ok = !search->failed || current_error(search, error);
	g_mutex_unlock(&search->lock);
	return ok;
}

bool iv_search_add(IvSearch *search, IvPlace *place, IvItem *item, GError **error)
{
	if (item->stream != NULL)
		return add_stream(search, place, item, error);
	if (search->disk != NULL && iv_parts_fit(place, item))
		add_parts(search, place, item);
	else
		add_segments(search, place, item);
	return check_failed(search, error);
}

bool iv_search_path_applies(IvSearch *search, const char *path)
{
	return iv_worker_path_applies(search->own, path);
}

void iv_search_drain(IvSearch *search)
{
	flush(search);
	g_mutex_lock(&search->lock);
	while (!search->failed && (search->busy > 0 || !g_queue_is_empty(&search->queue)))
		g_cond_wait(&search->idle, &search->lock);
	g_mutex_unlock(&search->lock);
}

static void stop_workers(IvSearch *search)
{
	g_mutex_lock(&search->lock);
	search->closing = true;
	g_cond_broadcast(&search->work);
	g_mutex_unlock(&search->lock);
	for (guint i = 0; i < search->threads->len; i++)
		g_thread_join(search->threads->pdata[i]);
	g_ptr_array_set_size(search->threads, 0);
}

bool iv_search_finish(IvSearch *search, uint64_t *bytes, GError **error)
{
	flush(search);
	stop_workers(search);
	*bytes = search->bytes + iv_worker_bytes(search->own);
	return search->failed ? current_error(search, error) : true;
}

static void drop_parts(IvSearch *search, const GArray *parts, guint first, guint end)
{
	for (guint i = first; i < end; i++)
		work_done(search, g_array_index(parts, IvRegionPart, i).owner, NULL, 1);
}

/* What no worker began. */
static void drop_waiting(IvSearch *search)
{
	Task *task;

	while ((task = g_queue_pop_head(&search->queue)) != NULL) {
		if (task->parts != NULL)
			drop_parts(search, task->parts, task->first, task->end);
		else
			work_done(search, task->work, NULL, 1);
		task_free(task);
	}
	drop_parts(search, search->gathered, 0, search->gathered->len);
}

void iv_search_free(IvSearch *search)
{
	if (search == NULL)
		return;
	g_mutex_lock(&search->lock);
	search->failed = true;
	g_mutex_unlock(&search->lock);
	stop_workers(search);
	drop_waiting(search);
	g_array_unref(search->gathered);
	g_clear_error(&search->error);
	iv_worker_free(search->own);
	g_ptr_array_unref(search->threads);
	g_mutex_clear(&search->lock);
	g_cond_clear(&search->work);
	g_cond_clear(&search->space);
	g_cond_clear(&search->idle);
	g_free(search);
}
