/* search.c - the queue of items and the worker threads; see search.h */
#include "scanner/search.h"

#include "scanner/base/error.h"
#include "scanner/base/limits.h"

/* Bytes of disk that a worker hashes in one go. */
#define HASH_BYTES (8 * (uint64_t)IV_DIGEST_CHUNK)

/* An item in work: the segments that are still out, and what they found. */
typedef struct {
	IvPlace *place;
	IvItem *item;
	IvHits *hits; /* of finished segments; guarded by the search's lock */
	guint left;   /* segments not finished; the same */
} Work;

typedef struct {
	Work *work;
	uint64_t from, to; /* of the item */
	uint64_t position; /* on the disk: who lies first goes first */
} Segment;

struct IvSearch {
	const IvRuleSet *rules;
	IvCollection *collection;
	IvScanProgress *progress;
	IvSearcher *own; /* the caller's thread */
	GPtrArray *threads;

	GMutex lock;
	GCond work, space, idle;
	GQueue queue; /* Segment * */
	guint busy;   /* segments in work */
	bool closing;
	bool failed;
	GError *error;
	uint64_t bytes;

	IvDigest *digest;
	uint64_t hash_next, hash_size;
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

/* --- what a worker does ---------------------------------------------------------- */

typedef struct {
	Segment *segment; /* or, when NULL, a range to hash */
	uint64_t hash_from, hash_len;
} Task;

static bool hash_is_next(const IvSearch *search)
{
	const Segment *first = g_queue_peek_head((GQueue *)&search->queue);

	return search->hash_next < search->hash_size &&
	       (first == NULL || search->hash_next <= first->position);
}

/* The next task; false when there will be none. */
static bool take_task(IvSearch *search, Task *task)
{
	*task = (Task){NULL, 0, 0};
	g_mutex_lock(&search->lock);
	while (!search->failed) {
		if (hash_is_next(search)) {
			task->hash_from = search->hash_next;
			task->hash_len = MIN(HASH_BYTES, search->hash_size - search->hash_next);
			search->hash_next += task->hash_len;
			break;
		}
		task->segment = g_queue_pop_head(&search->queue);
		if (task->segment != NULL) {
			search->busy++;
			g_cond_signal(&search->space);
			break;
		}
		if (search->closing)
			break;
		g_cond_wait(&search->work, &search->lock);
	}
	g_mutex_unlock(&search->lock);
	return task->segment != NULL || task->hash_len > 0;
}

static void work_free(Work *work)
{
	iv_item_unref(work->item);
	g_free(work);
}

/* A segment is done: its hits join the item's, and the last one closes them. */
static void finish_segment(IvSearch *search, Segment *segment, IvHits *hits)
{
	Work *work = segment->work;
	bool last;

	g_mutex_lock(&search->lock);
	if (work->hits == NULL)
		work->hits = hits;
	else
		iv_hits_join(work->hits, hits);
	last = --work->left == 0;
	g_mutex_unlock(&search->lock);
	if (last) {
		iv_hits_finish(work->hits);
		work_free(work);
	}
	g_mutex_lock(&search->lock);
	if (--search->busy == 0 && g_queue_is_empty(&search->queue))
		g_cond_broadcast(&search->idle);
	g_mutex_unlock(&search->lock);
	g_free(segment);
}

static void search_segment(IvSearch *search, IvSearcher *searcher, Segment *segment)
{
	Work *work = segment->work;
	IvHits *hits = iv_hits_new(search->collection, work->place, work->item);

	iv_searcher_range(searcher, work->place, work->item, segment->from, segment->to, hits);
	progress_add(search, segment->to - segment->from);
	finish_segment(search, segment, hits);
}

static void run_task(IvSearch *search, IvSearcher *searcher, const Task *task)
{
	GError *error = NULL;

	if (task->segment != NULL)
		search_segment(search, searcher, task->segment);
	else if (!iv_digest_range(search->digest, task->hash_from, task->hash_len,
				  iv_searcher_scratch(searcher), &error))
		fail(search, error);
	else
		progress_add(search, task->hash_len);
}

static gpointer worker(gpointer data)
{
	IvSearch *search = data;
	GError *error = NULL;
	g_autoptr(IvSearcher) searcher = iv_searcher_new(search->rules, &error);
	Task task;

	if (searcher == NULL) {
		fail(search, error);
		return NULL;
	}
	while (take_task(search, &task))
		run_task(search, searcher, &task);
	g_mutex_lock(&search->lock);
	search->bytes += iv_searcher_bytes(searcher);
	g_mutex_unlock(&search->lock);
	return NULL;
}

/* --- what the caller does ---------------------------------------------------------- */

IvSearch *iv_search_start(const IvRuleSet *rules, IvDigest *digest, uint64_t digest_size,
			  IvCollection *collection, unsigned threads, IvScanProgress *progress,
			  GError **error)
{
	g_autoptr(IvSearcher) own = iv_searcher_new(rules, error);
	IvSearch *search;

	if (own == NULL)
		return NULL;
	search = g_new0(IvSearch, 1);
	search->rules = rules;
	search->digest = digest;
	search->hash_size = digest != NULL ? digest_size : 0;
	search->collection = collection;
	search->progress = progress;
	search->own = g_steal_pointer(&own);
	g_mutex_init(&search->lock);
	g_cond_init(&search->work);
	g_cond_init(&search->space);
	g_cond_init(&search->idle);
	g_queue_init(&search->queue);
	search->threads = g_ptr_array_new();
	if (threads == 0)
		threads = g_get_num_processors();
	for (unsigned i = 0; i < MIN(threads, IV_MAX_THREADS); i++)
		g_ptr_array_add(search->threads, g_thread_new("search", worker, search));
	return search;
}

static bool add_stream(IvSearch *search, IvPlace *place, IvItem *item, GError **error)
{
	IvHits *hits = iv_hits_new(search->collection, place, item);
	bool ok = iv_searcher_stream(search->own, place, item, hits, error);

	iv_hits_finish(hits);
	progress_add(search, item->size);
	return ok;
}

static uint64_t position_of(const IvPlace *place, const IvItem *item, uint64_t from)
{
	int64_t physical = place->on_disk ? iv_item_physical(item, from) : -1;

	return physical < 0 ? 0 : place->offset + (uint64_t)physical;
}

static void push(IvSearch *search, Work *work, uint64_t from, uint64_t to)
{
	Segment *segment = g_new(Segment, 1);

	*segment = (Segment){work, from, to, position_of(work->place, work->item, from)};
	while (search->queue.length >= IV_MAX_WAITING && !search->failed)
		g_cond_wait(&search->space, &search->lock);
	g_queue_push_tail(&search->queue, segment);
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

static bool current_error(IvSearch *search, GError **error)
{
	if (search->error == NULL)
		return iv_fail(error, IV_ERROR_IO, "the search was stopped");
	g_propagate_error(error, g_error_copy(search->error));
	return false;
}

bool iv_search_add(IvSearch *search, IvPlace *place, IvItem *item, GError **error)
{
	g_autoptr(GArray) cuts = NULL;
	Work *work;
	guint n;
	bool failed;

	if (item->stream != NULL)
		return add_stream(search, place, item, error);
	cuts = g_array_new(FALSE, FALSE, sizeof(uint64_t));
	n = cut(item, cuts);
	work = g_new0(Work, 1);
	work->place = place;
	work->item = iv_item_ref(item);
	work->left = n;
	g_mutex_lock(&search->lock);
	for (guint i = 0; i < n; i++)
		push(search, work, g_array_index(cuts, uint64_t, i),
		     g_array_index(cuts, uint64_t, i + 1));
	failed = search->failed;
	if (failed)
		current_error(search, error);
	g_mutex_unlock(&search->lock);
	return !failed;
}

bool iv_search_path_applies(IvSearch *search, const char *path)
{
	return iv_searcher_path_applies(search->own, path);
}

void iv_search_drain(IvSearch *search)
{
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
	stop_workers(search);
	*bytes = search->bytes + iv_searcher_bytes(search->own);
	return search->failed ? current_error(search, error) : true;
}

/* Items that no worker began; their other segments are done by now. */
static void drop_waiting(IvSearch *search)
{
	Segment *segment;

	while ((segment = g_queue_pop_head(&search->queue)) != NULL) {
		if (--segment->work->left == 0) {
			if (segment->work->hits != NULL)
				iv_hits_finish(segment->work->hits);
			work_free(segment->work);
		}
		g_free(segment);
	}
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
	g_clear_error(&search->error);
	iv_searcher_free(search->own);
	g_ptr_array_unref(search->threads);
	g_mutex_clear(&search->lock);
	g_cond_clear(&search->work);
	g_cond_clear(&search->space);
	g_cond_clear(&search->idle);
	g_free(search);
}
