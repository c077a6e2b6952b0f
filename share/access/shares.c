/* SPDX-License-Identifier: GPL-3.0-or-later */
/* shares.c - asking the cloud who has what, with several threads: see shares.h.  shares_found.c
 * keeps what they find. */
#include "share/access/shares.h"

#include "scanner/base/error.h"
#include "share/access/request.h"
#include "share/access/shares_found.h"
#include "share/base/limits.h"
#include "share/cloud/cloud.h"
#include "share/cloud/organization.h"
#include "share/clouds.h"
#include "share/ledger/record.h"

/* All that the threads share; `lock` guards what stands behind it. */
typedef struct {
	const IvSharesRequest *request;
	IvCloud *base;
	GThreadPool *pool; /* of Task * */
	IvSharesProgress *progress;
	IvSharesFound found;
	GMutex lock;
	GCond idle;
	guint tasks; /* not finished yet */
	gint64 calm; /* nobody calls before this time, monotonic microseconds */
} Audit;

/* A region to list, or some of its images to ask about. */
typedef struct {
	char *region;
	GPtrArray *images; /* IvCloudImage *, or NULL: list them first */
	GHashTable *units; /* IvTargets * by image id, of the region; or NULL: none known */
} Task;

/* --- asking, politely --------------------------------------------------------------------- */

/* When one thread was asked to slow down, all do. */
static void keep_calm(Audit *a)
{
	gint64 wait;

	g_mutex_lock(&a->lock);
	wait = a->calm - g_get_monotonic_time();
	g_mutex_unlock(&a->lock);
	if (wait > 0)
		g_usleep((gulong)wait);
}

static void learn_calm(Audit *a, const IvCallTrace *trace)
{
	gint64 calm = g_get_monotonic_time() +
		      (gint64)(MAX(trace->attempts, 1) - 1) * IV_SHARES_CALM_MS * 1000;

	g_mutex_lock(&a->lock);
	a->calm = MAX(a->calm, calm);
	g_mutex_unlock(&a->lock);
}

static IvReceiverList *ask_once(Audit *a, IvCloud *cloud, const char *image_id, bool *again,
				GError **error)
{
	IvCallTrace trace = {0};
	IvReceiverList *list;

	keep_calm(a);
	list = cloud->ops->receivers(cloud, image_id, &trace, error);
	learn_calm(a, &trace);
	*again = list == NULL && trace.attempts > 1;
	iv_call_trace_clear(&trace);
	return list;
}

static void take_receivers(Audit *a, const Task *task, const IvCloudImage *image,
			   const IvReceiverList *list)
{
	const IvTargets *targets =
		task->units != NULL ? g_hash_table_lookup(task->units, image->id) : NULL;
	g_auto(GStrv) units = targets != NULL ? iv_targets_ids(targets) : g_new0(char *, 1);

	iv_shares_found_image(&a->found, task->region, image, list, units);
}

/* A call that used up its attempts is tried once more after all threads have paused. */
static void ask_about(Audit *a, IvCloud *cloud, const Task *task, const IvCloudImage *image)
{
	g_autoptr(GError) problem = NULL;
	bool again = true;
	g_autoptr(IvReceiverList) list = ask_once(a, cloud, image->id, &again, &problem);

	if (again) {
		g_clear_error(&problem);
		list = ask_once(a, cloud, image->id, &again, &problem);
	}
	if (list != NULL)
		take_receivers(a, task, image, list);
	else
		iv_shares_found_problem(&a->found, task->region, image->id, problem);
	g_atomic_int_inc(&a->progress->done);
}

/* --- the work of a thread ----------------------------------------------------------------- */

static void give(Audit *a, const char *region, GPtrArray *images, GHashTable *units)
{
	Task *task = g_new0(Task, 1);

	task->region = g_strdup(region);
	task->images = images;
	task->units = units != NULL ? g_hash_table_ref(units) : NULL;
	g_mutex_lock(&a->lock);
	a->tasks++;
	g_mutex_unlock(&a->lock);
	/* Fails only when another thread cannot be started; the running ones take the task then. */
	g_thread_pool_push(a->pool, task, NULL);
}

static GPtrArray *some_images(void)
{
	return g_ptr_array_new_with_free_func((GDestroyNotify)iv_cloud_image_free);
}

/* Who has the region's images by an organization, in one go. */
static GHashTable *ask_for_units(Audit *a, IvCloud *cloud, const char *region)
{
	g_autoptr(GError) problem = NULL;
	GHashTable *units;

	if (cloud->ops->organization == NULL)
		return NULL;
	keep_calm(a);
	units = cloud->ops->organization->all(cloud, &problem);
	if (units == NULL)
		iv_shares_found_problem(&a->found, region, "organizations", problem);
	return units;
}

/* In chunks, so that several threads share a region with many images. */
static void give_chunks(Audit *a, IvCloud *cloud, const char *region, GPtrArray *images)
{
	g_autoptr(GHashTable) units = images->len > 0 ? ask_for_units(a, cloud, region) : NULL;

	g_atomic_int_add(&a->progress->total, (gint)images->len);
	while (images->len > 0) {
		GPtrArray *chunk = some_images();

		while (images->len > 0 && chunk->len < IV_SHARES_CHUNK)
			g_ptr_array_add(chunk, g_ptr_array_steal_index_fast(images, images->len - 1));
		give(a, region, chunk, units);
	}
}

static void list_region(Audit *a, IvCloud *cloud, const char *region)
{
	g_autoptr(GError) problem = NULL;
	g_autoptr(GPtrArray) images = NULL;

	keep_calm(a);
	images = cloud->ops->images(cloud, &problem);
	if (images == NULL) {
		iv_shares_found_problem(&a->found, region, NULL, problem);
		return;
	}
	iv_shares_found_region(&a->found);
	give_chunks(a, cloud, region, images);
}

static void do_task(gpointer item, gpointer user)
{
	Task *task = item;
	Audit *a = user;
	g_autoptr(GError) problem = NULL;
	g_autoptr(IvCloud) cloud = a->base->ops->in_region(a->base, task->region, &problem);

	if (cloud == NULL)
		iv_shares_found_problem(&a->found, task->region, NULL, problem);
	else if (task->images == NULL)
		list_region(a, cloud, task->region);
	else
		for (guint i = 0; i < task->images->len; i++)
			ask_about(a, cloud, task, task->images->pdata[i]);
	g_clear_pointer(&task->units, g_hash_table_unref);
	g_clear_pointer(&task->images, g_ptr_array_unref);
	g_free(task->region);
	g_free(task);
	g_mutex_lock(&a->lock);
	if (--a->tasks == 0)
		g_cond_signal(&a->idle);
	g_mutex_unlock(&a->lock);
}

/* --- the whole ---------------------------------------------------------------------------- */

/* The one image that was asked for, as a task. */
static bool give_image(Audit *a, GError **error)
{
	const IvSharesRequest *r = a->request;
	g_autoptr(IvCloudImage) image = NULL;
	g_autoptr(GPtrArray) images = some_images();
	IvCallTrace trace = {0};
	bool ok = a->base->ops->image(a->base, r->image_id, &image, &trace, error);

	iv_call_trace_clear(&trace);
	if (!ok)
		return false;
	if (image == NULL)
		return iv_fail(error, IV_ERROR_REFUSED,
			       "there is no image %s in region %s of this account\n"
			       "check --image-id, --region and whose credentials are set",
			       r->image_id, r->region);
	if (!image->own)
		return iv_fail(error, IV_ERROR_REFUSED,
			       "image %s does not belong to this account (owner: %s)\n"
			       "only its owner can ask who can use it",
			       r->image_id, image->owner);
	iv_shares_found_region(&a->found);
	g_ptr_array_add(images, g_steal_pointer(&image));
	give_chunks(a, a->base, r->region, images);
	return true;
}

static bool give_regions(Audit *a, GError **error)
{
	g_autoptr(GPtrArray) regions = NULL;

	if (a->request->region != NULL) {
		give(a, a->request->region, NULL, NULL);
		return true;
	}
	regions = a->base->ops->regions(a->base, error);
	for (guint i = 0; regions != NULL && i < regions->len; i++)
		give(a, regions->pdata[i], NULL, NULL);
	return regions != NULL;
}

static bool look(Audit *a, GError **error)
{
	bool ok = a->request->image_id != NULL ? give_image(a, error) : give_regions(a, error);

	g_mutex_lock(&a->lock);
	while (a->tasks > 0)
		g_cond_wait(&a->idle, &a->lock);
	g_mutex_unlock(&a->lock);
	iv_shares_found_sort(&a->found);
	return ok;
}

static bool run(Audit *a, GError **error)
{
	bool ok;

	a->pool = g_thread_pool_new(do_task, a, IV_SHARES_THREADS, TRUE, error);
	if (a->pool == NULL)
		return false;
	ok = look(a, error);
	g_thread_pool_free(a->pool, FALSE, TRUE);
	return ok;
}

/* The recorder is NULL: see shares.h. */
static IvCloud *open_cloud(const IvSharesRequest *r, GError **error)
{
	return iv_cloud_open(&(IvCloudOptions){.region = r->region != NULL
								 ? r->region
								 : iv_cloud_shapes()->first_region,
					       .profile = r->profile,
					       .endpoints = r->endpoints,
					       .deadline = r->deadline},
			     error);
}

static bool recorded(Audit *a, IvLedger *ledger, GError **error)
{
	const IvSharesRequest *r = a->request;
	g_autofree char *summary = NULL;
	g_autoptr(GError) problem = NULL;
	IvRecordBook book;
	gint64 line;
	bool ok;

	iv_record_open(&book, ledger,
		       &(IvRecordSubject){.verb = "shares",
					  .image_id = r->image_id,
					  .region = r->region,
					  .endpoints = r->endpoints});
	ok = iv_record_begin(&book, &line, error);
	if (!ok)
		return false;
	ok = run(a, &problem);
	summary = ok ? g_strdup_printf("%u images in %u regions, %u shared, %u without a recorded "
				       "yes, %u problems",
				       a->found.shares->looked, a->found.shares->regions,
				       a->found.shares->images->len, a->found.shares->without,
				       a->found.shares->problems->len)
		     : g_strdup(problem->message);
	if (!iv_record_end(&book, line, ok ? IV_OUTCOME_DONE : IV_OUTCOME_FAILED, summary, error))
		return false;
	iv_record_close(&book);
	if (!ok)
		g_propagate_error(error, g_steal_pointer(&problem));
	return ok;
}

static bool place_ok(const IvSharesRequest *r, GError **error)
{
	const char *region = r->region != NULL ? r->region : iv_cloud_shapes()->first_region;

	if (r->image_id != NULL)
		return iv_share_place_ok(r->image_id, r->region, r->endpoints, error);
	if (!iv_cloud_shapes()->region_ok(region))
		return iv_fail(error, IV_ERROR_USAGE, "this is not a valid region name\n%s",
			       iv_cloud_shapes()->region_hint);
	return iv_cloud_endpoints_ok(r->endpoints, error);
}

IvShares *iv_shares(const IvSharesRequest *request, IvLedger *ledger, GError **error)
{
	IvSharesProgress unseen = {0};
	Audit audit = {.request = request,
		       .progress = request->progress != NULL ? request->progress : &unseen};
	g_autoptr(IvShares) shares = iv_shares_new();
	bool ok;

	if (!place_ok(request, error))
		return NULL;
	audit.base = open_cloud(request, error);
	if (audit.base == NULL)
		return NULL;
	iv_shares_found_init(&audit.found, shares);
	g_mutex_init(&audit.lock);
	g_cond_init(&audit.idle);
	ok = (shares->history = iv_history_read(ledger, error)) != NULL &&
	     recorded(&audit, ledger, error);
	iv_cloud_free(audit.base);
	g_cond_clear(&audit.idle);
	g_mutex_clear(&audit.lock);
	iv_shares_found_clear(&audit.found);
	return ok ? g_steal_pointer(&shares) : NULL;
}
