/* SPDX-License-Identifier: GPL-3.0-or-later */
/* shares_found.c - see shares_found.h */
#include "share/access/shares_found.h"

#include <string.h>

#include "share/clouds.h"

static void free_image(gpointer item)
{
	IvSharedImage *image = item;

	g_free(image->id);
	g_free(image->region);
	g_free(image->name);
	g_free(image->state);
	g_array_unref(image->with);
	g_free(image);
}

IvShares *iv_shares_new(void)
{
	IvShares *shares = g_new0(IvShares, 1);

	shares->images = g_ptr_array_new_with_free_func(free_image);
	shares->problems = g_ptr_array_new_with_free_func(g_free);
	shares->texts = g_string_chunk_new(16 << 10);
	return shares;
}

void iv_shares_free(IvShares *shares)
{
	if (shares == NULL)
		return;
	g_ptr_array_unref(shares->images);
	g_ptr_array_unref(shares->problems);
	g_string_chunk_free(shares->texts);
	iv_history_free(shares->history);
	g_free(shares);
}

void iv_shares_found_init(IvSharesFound *found, IvShares *shares)
{
	found->shares = shares;
	g_mutex_init(&found->lock);
}

void iv_shares_found_clear(IvSharesFound *found)
{
	g_mutex_clear(&found->lock);
}

/* Its first line only: the hint is meant for a single call. */
void iv_shares_found_problem(IvSharesFound *found, const char *region, const char *image_id,
			     const GError *problem)
{
	g_autofree char *why = g_strndup(problem->message, strcspn(problem->message, "\n"));

	g_mutex_lock(&found->lock);
	g_ptr_array_add(found->shares->problems,
			g_strdup_printf("%s%s%s: %s", region, image_id != NULL ? " " : "",
					image_id != NULL ? image_id : "", why));
	g_mutex_unlock(&found->lock);
}

void iv_shares_found_region(IvSharesFound *found)
{
	g_mutex_lock(&found->lock);
	found->shares->regions++;
	g_mutex_unlock(&found->lock);
}

/* --- one image ---------------------------------------------------------------------------- */

static int by_receiver(gconstpointer left, gconstpointer right)
{
	return strcmp(((const IvSharedWith *)left)->receiver,
		      ((const IvSharedWith *)right)->receiver);
}

static void add_receiver(IvShares *shares, IvSharedImage *shared, const char *receiver, bool unit)
{
	IvSharedWith with = {.receiver = g_string_chunk_insert_const(shares->texts, receiver),
			     .unit = unit,
			     .grant = iv_history_grant(shares->history, shared->id, receiver)};

	shared->without += with.grant == NULL;
	g_array_append_val(shared->with, with);
}

static IvSharedImage *describe(IvShares *shares, const char *region, const IvCloudImage *image,
			       const IvReceiverList *list, char *const *units)
{
	const IvHistory *history = shares->history;
	IvSharedImage *shared = g_new0(IvSharedImage, 1);
	GHashTableIter each;
	gpointer account;

	shared->id = g_strdup(image->id);
	shared->region = g_strdup(region);
	shared->name = g_strdup(image->name);
	shared->state = g_strdup(image->state);
	shared->is_public = image->is_public || list->everybody;
	if (shared->is_public)
		shared->public_grant = iv_history_grant(history, image->id, IV_HISTORY_EVERYBODY);
	shared->without = shared->is_public && shared->public_grant == NULL;
	shared->with = g_array_sized_new(FALSE, FALSE, sizeof(IvSharedWith),
					 g_hash_table_size(list->accounts));
	g_hash_table_iter_init(&each, list->accounts);
	while (g_hash_table_iter_next(&each, &account, NULL))
		add_receiver(shares, shared, account, false);
	for (guint i = 0; units[i] != NULL; i++)
		add_receiver(shares, shared, units[i], !iv_cloud_shapes()->account_ok(units[i]));
	g_array_sort(shared->with, by_receiver);
	return shared;
}

void iv_shares_found_image(IvSharesFound *found, const char *region, const IvCloudImage *image,
			   const IvReceiverList *list, char *const *units)
{
	IvShares *shares = found->shares;

	g_mutex_lock(&found->lock);
	shares->looked++;
	if (image->is_public || list->everybody || g_hash_table_size(list->accounts) > 0 ||
	    units[0] != NULL) {
		IvSharedImage *shared = describe(shares, region, image, list, units);

		shares->without += shared->without > 0;
		g_ptr_array_add(shares->images, shared);
	}
	g_mutex_unlock(&found->lock);
}

/* --- in their order ----------------------------------------------------------------------- */

static int by_place(gconstpointer left, gconstpointer right)
{
	const IvSharedImage *a = *(IvSharedImage *const *)left, *b = *(IvSharedImage *const *)right;
	int regions = strcmp(a->region, b->region);

	return regions != 0 ? regions : strcmp(a->id, b->id);
}

static int by_text(gconstpointer left, gconstpointer right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

void iv_shares_found_sort(IvSharesFound *found)
{
	g_ptr_array_sort(found->shares->images, by_place);
	g_ptr_array_sort(found->shares->problems, by_text);
}
