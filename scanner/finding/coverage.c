/* SPDX-License-Identifier: GPL-3.0-or-later */
/* coverage.c - see coverage.h */
#include "scanner/finding/coverage.h"

#include "scanner/base/limits.h"
#include "scanner/base/skip.h"
#include "scanner/finding/finding.h"

/* Where a volume's reason came from; a lower rank wins. */
enum { RANK_CALLER, RANK_RANGE, RANK_FILE };

static void volume_free(gpointer data)
{
	IvCoverageVolume *v = data;

	g_free(v->volume);
	g_free(v->kind);
	g_free(v->reader);
	g_free(v->reason);
	g_free(v);
}

static void miss_free(gpointer data)
{
	IvCoverageMiss *m = data;

	if (m == NULL)
		return;
	g_free(m->volume);
	g_free(m->path);
	g_free(m->reason);
	g_free(m);
}

IvCoverage *iv_coverage_new(void)
{
	IvCoverage *c = g_new0(IvCoverage, 1);

	c->volumes = g_ptr_array_new_with_free_func(volume_free);
	c->misses = g_ptr_array_new_with_free_func(miss_free);
	c->packed = iv_packed_list_new();
	c->notes = g_ptr_array_new_with_free_func(g_free);
	c->complete = true;
	g_mutex_init(&c->lock);
	return c;
}

void iv_coverage_free(IvCoverage *coverage)
{
	if (coverage == NULL)
		return;
	g_ptr_array_unref(coverage->volumes);
	g_ptr_array_unref(coverage->misses);
	iv_packed_list_free(coverage->packed);
	g_ptr_array_unref(coverage->notes);
	g_mutex_clear(&coverage->lock);
	g_free(coverage);
}

IvCoverageVolume *iv_coverage_volume(IvCoverage *coverage, const char *volume, const char *kind,
				     const char *reader, uint64_t offset, uint64_t bytes)
{
	IvCoverageVolume *v = g_new0(IvCoverageVolume, 1);

	v->volume = g_strdup(volume);
	v->kind = g_strdup(kind);
	v->reader = g_strdup(reader);
	v->offset = offset;
	v->bytes = bytes;
	v->reason = g_strdup("");
	v->complete = true;
	g_mutex_lock(&coverage->lock);
	g_ptr_array_add(coverage->volumes, v);
	g_mutex_unlock(&coverage->lock);
	return v;
}

static void add_saturating(uint64_t *sum, uint64_t more)
{
	if (__builtin_add_overflow(*sum, more, sum))
		*sum = UINT64_MAX;
}

static int miss_compare(gconstpointer a, gconstpointer b)
{
	const IvCoverageMiss *x = *(const IvCoverageMiss *const *)a;
	const IvCoverageMiss *y = *(const IvCoverageMiss *const *)b;
	int order;

	if ((order = iv_volume_compare(x->volume, y->volume)) != 0 ||
	    (order = g_strcmp0(x->path, y->path)) != 0)
		return order;
	return g_strcmp0(x->reason, y->reason);
}

/* Sort the misses, fold equal ones, keep the first IV_MAX_MISSES.  A miss that
 * was dropped once can never be among the first again, so the order in which
 * threads report does not change what stays.  Called with the lock held. */
static void settle_misses(IvCoverage *coverage)
{
	GPtrArray *misses = coverage->misses;
	IvCoverageMiss *last = NULL;
	guint kept = 0;

	g_ptr_array_sort(misses, miss_compare);
	for (guint i = 0; i < misses->len; i++) {
		IvCoverageMiss *m = misses->pdata[i];

		misses->pdata[i] = NULL;
		if (last != NULL && miss_compare(&last, &m) == 0) {
			add_saturating(&last->bytes, m->bytes);
			add_saturating(&last->count, m->count);
			miss_free(m);
		} else if (kept == IV_MAX_MISSES) {
			add_saturating(&coverage->misses_dropped, m->count);
			miss_free(m);
		} else {
			misses->pdata[kept++] = last = m;
		}
	}
	g_ptr_array_set_size(misses, (gint)kept);
}

static void set_reason(IvCoverageVolume *volume, const char *path, const char *reason)
{
	unsigned rank = path != NULL ? RANK_FILE : RANK_RANGE;
	bool none = volume->reason == NULL || *volume->reason == '\0';

	if (!none && volume->reason_rank < rank)
		return;
	if (!none && volume->reason_rank == rank && g_strcmp0(volume->reason, reason) <= 0)
		return;
	g_free(volume->reason);
	volume->reason = g_strdup(reason);
	volume->reason_rank = rank;
}

void iv_coverage_miss(IvCoverage *coverage, IvCoverageVolume *volume, const char *path,
		      uint64_t bytes, const char *reason)
{
	IvCoverageMiss *m = g_new0(IvCoverageMiss, 1);

	m->volume = g_strdup(volume != NULL ? volume->volume : "");
	m->path = g_strdup(path);
	m->bytes = bytes;
	m->reason = g_strdup(reason);
	m->count = 1;
	iv_skip(IV_SKIP_UNREAD, 1);

	g_mutex_lock(&coverage->lock);
	coverage->complete = false;
	if (volume != NULL) {
		volume->complete = false;
		add_saturating(&volume->unread, bytes);
		set_reason(volume, path, reason);
	}
	g_ptr_array_add(coverage->misses, m);
	if (coverage->misses->len >= 2 * IV_MAX_MISSES)
		settle_misses(coverage);
	g_mutex_unlock(&coverage->lock);
}

void iv_coverage_note(IvCoverage *coverage, const char *text)
{
	g_mutex_lock(&coverage->lock);
	if (!g_ptr_array_find_with_equal_func(coverage->notes, text, g_str_equal, NULL))
		g_ptr_array_add(coverage->notes, g_strdup(text));
	g_mutex_unlock(&coverage->lock);
}

void iv_coverage_packed(IvCoverage *coverage, const IvCoverageVolume *volume, IvPackedEntry more,
			const char *place)
{
	more.volume = volume->volume;
	g_mutex_lock(&coverage->lock);
	iv_packed_list_add(coverage->packed, &more, place);
	g_mutex_unlock(&coverage->lock);
}

static int volume_order(gconstpointer a, gconstpointer b)
{
	const IvCoverageVolume *x = *(const IvCoverageVolume *const *)a;
	const IvCoverageVolume *y = *(const IvCoverageVolume *const *)b;

	if (x->offset != y->offset)
		return x->offset < y->offset ? -1 : 1;
	return iv_volume_compare(x->volume, y->volume);
}

void iv_coverage_finish(IvCoverage *coverage)
{
	g_mutex_lock(&coverage->lock);
	g_ptr_array_sort(coverage->volumes, volume_order);
	settle_misses(coverage);
	if (coverage->packed != NULL)
		iv_packed_list_settle(coverage->packed);
	/* A volume that somebody marked by hand must not leave a complete whole. */
	for (guint i = 0; i < coverage->volumes->len; i++) {
		IvCoverageVolume *v = coverage->volumes->pdata[i];

		if (v->unread > 0)
			v->complete = false;
		if (!v->complete)
			coverage->complete = false;
	}
	g_mutex_unlock(&coverage->lock);
}
