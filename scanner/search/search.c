/* SPDX-License-Identifier: GPL-3.0-or-later */
/* search.c - see search.h */
#include "scanner/search/search.h"

#include <string.h>

#include "scanner/base/limits.h"
#include "scanner/search/queue.h"
#include "scanner/search/worker.h"

struct IvSearch {
	const IvRuleSet *rules;
	IvCollection *collection;
	IvScanProgress *progress;
	IvSource *disk;
	IvDigest *digest;
	IvWorker *own;	  /* the caller's thread */
	GArray *gathered; /* IvRegionPart, of the caller's thread */
	uint64_t gathered_bytes; /* of memory: their items */
	GPtrArray *threads;
	IvQueue *queue;
	IvCounter bytes; /* searched by threads that ended */
};

static void progress_add(IvSearch *search, uint64_t bytes)
{
	if (search->progress != NULL)
		search->progress->done += bytes;
}

/* --- what a worker thread does ------------------------------------------------------ */

static void search_segment(IvSearch *search, IvWorker *worker, const IvTask *task)
{
	IvWork *work = task->work;

	iv_work_done(work, iv_worker_range(worker, work->place, work->item, work->names,
				   task->from, task->to));
	progress_add(search, task->to - task->from);
}

static void search_region(IvSearch *search, IvWorker *worker, const IvTask *task)
{
	guint n = task->end - task->first;
	const IvRegionPart *parts = &g_array_index(task->parts, IvRegionPart, task->first);
	g_autofree IvHits **hits = g_new0(IvHits *, n);

	/* A region that cannot be read has no hits, and coverage says so. */
	if (!iv_worker_region(worker, search->disk, search->digest, parts, n, hits))
		memset(hits, 0, n * sizeof(IvHits *));
	for (guint i = 0; i < n; i++) {
		progress_add(search, parts[i].length);
		iv_work_done(parts[i].owner, hits[i]);
	}
}

static void hash_range(IvSearch *search, IvWorker *worker, const IvTask *task)
{
	GError *error = NULL;

	if (iv_digest_range(search->digest, task->hash_from, task->hash_len,
			    iv_worker_scratch(worker), &error))
		progress_add(search, task->hash_len);
	else
		iv_queue_fail(search->queue, error);
}

static void run_task(IvSearch *search, IvWorker *worker, const IvTask *task)
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
	g_autoptr(IvWorker) worker = iv_worker_new(search->rules, search->collection, &error);
	IvTask *task;

	if (worker == NULL) {
		iv_queue_fail(search->queue, error);
		return NULL;
	}
	while ((task = iv_queue_take(search->queue)) != NULL) {
		run_task(search, worker, task);
		iv_queue_finish(search->queue, task);
	}
	search->bytes += iv_worker_bytes(worker);
	return NULL;
}

/* --- what the caller does ------------------------------------------------------------ */

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
	search->queue = iv_queue_new(digest != NULL ? disk->size : 0);
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

/* Cut at stored bytes: a sparse file of 2^60 bytes has as many segments as its
 * data needs, not as its size suggests. */
static guint cut_item(const IvItem *item, GArray *cuts)
{
	uint64_t from = 0, end, start, len;

	if (item->seam > 0)
		from = g_array_index(item->extents, IvExtent, 0).logical;
	g_array_append_val(cuts, from);
	if (item->seam > 0) {
		g_array_append_val(cuts, item->seam);
		return 1;
	}
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

/* Bytes of memory that an item takes while it waits. */
static uint64_t cost(const IvItem *item, const IvNames *names)
{
	return iv_item_cost(item) + (names != NULL ? iv_names_cost(names) : 0);
}

static void add_segments(IvSearch *search, IvPlace *place, IvItem *item, const IvNames *names)
{
	g_autoptr(GArray) cuts = g_array_new(FALSE, FALSE, sizeof(uint64_t));
	IvWork *work = iv_work_new(place, item, names);
	guint n = cut_item(item, cuts);

	iv_work_begin(work, n);
	for (guint i = 0; i < n; i++)
		iv_queue_push(search->queue,
			      &(IvTask){.work = work,
					.bytes = i == 0 ? cost(item, names) : 0,
					.from = g_array_index(cuts, uint64_t, i),
					.to = g_array_index(cuts, uint64_t, i + 1)});
}

/* Hand the gathered parts to the workers, region by region. */
static void flush(IvSearch *search)
{
	GArray *parts = search->gathered;
	uint64_t each = parts->len > 0 ? search->gathered_bytes / parts->len : 0;

	if (parts->len == 0)
		return;
	search->gathered = g_array_new(FALSE, FALSE, sizeof(IvRegionPart));
	search->gathered_bytes = 0;
	iv_parts_sort(parts);
	for (guint first = 0, end; first < parts->len; first = end) {
		end = iv_parts_group(parts, first);
		iv_queue_push(search->queue, &(IvTask){.parts = g_array_ref(parts),
						       .first = first,
						       .end = end,
						       .bytes = each * (end - first)});
	}
	g_array_unref(parts);
}

static void add_parts(IvSearch *search, IvPlace *place, IvItem *item, const IvNames *names)
{
	IvWork *work = iv_work_new(place, item, names);
	guint first = search->gathered->len, n;

	n = iv_parts_add(search->gathered, place, item, work);
	for (guint i = first; i < search->gathered->len; i++)
		g_array_index(search->gathered, IvRegionPart, i).names = names;
	search->gathered_bytes += cost(item, names);
	iv_work_begin(work, n);
	if (search->gathered->len >= IV_PARTS_GATHERED ||
	    search->gathered_bytes >= IV_MAX_GATHERED_BYTES)
		flush(search);
}

bool iv_search_add_named(IvSearch *search, IvPlace *place, IvItem *item, const IvNames *names,
			 GError **error)
{
	if (search->disk != NULL && iv_parts_fit(place, item))
		add_parts(search, place, item, names);
	else
		add_segments(search, place, item, names);
	return iv_queue_check(search->queue, error);
}

bool iv_search_add(IvSearch *search, IvPlace *place, IvItem *item, GError **error)
{
	if (item->stream != NULL)
		return add_stream(search, place, item, error);
	return iv_search_add_named(search, place, item, NULL, error);
}

IvNames *iv_search_names(IvSearch *search, const char *const *paths, const char *const *details,
			 guint n, guint items, bool attributes)
{
	return iv_names_new(attributes ? NULL : iv_worker_matcher(search->own), paths, details, n,
			    items);
}

void iv_search_drain(IvSearch *search)
{
	flush(search);
	iv_queue_drain(search->queue);
}

static void join_workers(IvSearch *search)
{
	iv_queue_close(search->queue);
	for (guint i = 0; i < search->threads->len; i++)
		g_thread_join(search->threads->pdata[i]);
	g_ptr_array_set_size(search->threads, 0);
}

bool iv_search_finish(IvSearch *search, uint64_t *bytes, GError **error)
{
	flush(search);
	join_workers(search);
	*bytes = search->bytes + iv_worker_bytes(search->own);
	return iv_queue_check(search->queue, error);
}

void iv_search_free(IvSearch *search)
{
	if (search == NULL)
		return;
	iv_queue_fail(search->queue, NULL);
	join_workers(search);
	iv_queue_free(search->queue);
	for (guint i = 0; i < search->gathered->len; i++)
		iv_work_done(g_array_index(search->gathered, IvRegionPart, i).owner, NULL);
	g_array_unref(search->gathered);
	iv_worker_free(search->own);
	g_ptr_array_unref(search->threads);
	g_free(search);
}
