/* SPDX-License-Identifier: GPL-3.0-or-later */
/* work.c - see work.h */
#include "scanner/search/work.h"

IvWork *iv_work_new(IvPlace *place, IvItem *item, const IvNames *names)
{
	IvWork *work = g_new0(IvWork, 1);

	work->place = place;
	work->item = iv_item_ref(item);
	work->names = names != NULL ? iv_names_ref(names) : NULL;
	g_mutex_init(&work->lock);
	return work;
}

static void work_close(IvWork *work)
{
	if (work->hits != NULL)
		iv_hits_finish(work->hits);
	iv_item_unref(work->item);
	iv_names_unref(work->names);
	g_mutex_clear(&work->lock);
	g_free(work);
}

void iv_work_begin(IvWork *work, guint parts)
{
	work->left = (gint)parts;
	if (parts == 0)
		work_close(work);
}

void iv_work_done(IvWork *work, IvHits *hits)
{
	if (hits != NULL) {
		g_mutex_lock(&work->lock);
		if (work->hits == NULL)
			work->hits = hits;
		else
			iv_hits_join(work->hits, hits);
		g_mutex_unlock(&work->lock);
	}
	if (g_atomic_int_dec_and_test(&work->left))
		work_close(work);
}
