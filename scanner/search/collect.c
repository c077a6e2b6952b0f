/* SPDX-License-Identifier: GPL-3.0-or-later */
/* collect.c - see collect.h */
#include "scanner/search/collect.h"

#include <string.h>

#include "scanner/base/limits.h"

/* Findings beyond the ceilings that are gathered before the list is sorted and cut. */
#define SPARE(ceiling) ((ceiling) + (ceiling) / 4)

struct IvCollection {
	uint8_t salt[IV_SALT_BYTES];
	IvScanProgress *progress;
	GPtrArray *findings;
	uint64_t bytes; /* what they take */
	GMutex lock;
	bool full;
};

IvCollection *iv_collection_new(const uint8_t salt[IV_SALT_BYTES], IvScanProgress *progress)
{
	IvCollection *collection = g_new0(IvCollection, 1);

	memcpy(collection->salt, salt, IV_SALT_BYTES);
	collection->progress = progress;
	collection->findings = g_ptr_array_new_with_free_func((GDestroyNotify)iv_finding_free);
	g_mutex_init(&collection->lock);
	return collection;
}

void iv_collection_free(IvCollection *collection)
{
	if (collection == NULL)
		return;
	explicit_bzero(collection->salt, IV_SALT_BYTES);
	g_clear_pointer(&collection->findings, g_ptr_array_unref);
	g_mutex_clear(&collection->lock);
	g_free(collection);
}

const uint8_t *iv_collection_salt(const IvCollection *collection)
{
	return collection->salt;
}

/* Keep the first in the report's order that fit, whatever order they came in: threads
 * must not decide which findings a report lists. */
static void trim(IvCollection *collection)
{
	GPtrArray *list = collection->findings;
	uint64_t bytes = 0;
	guint kept = 0;

	g_ptr_array_sort(list, iv_finding_compare);
	while (kept < list->len && kept < IV_MAX_FINDINGS) {
		uint64_t cost = iv_finding_cost(list->pdata[kept]);

		if (bytes + cost > IV_MAX_FINDING_BYTES)
			break;
		bytes += cost;
		kept++;
	}
	g_ptr_array_set_size(list, (gint)kept);
	collection->bytes = bytes;
}

void iv_collection_add(IvCollection *collection, IvPlace *place, IvFinding *finding)
{
	g_mutex_lock(&collection->lock);
	g_ptr_array_add(collection->findings, finding);
	collection->bytes += iv_finding_cost(finding);
	if (collection->progress != NULL)
		collection->progress->findings++;
	if (!collection->full && (collection->findings->len > IV_MAX_FINDINGS ||
				  collection->bytes > IV_MAX_FINDING_BYTES)) {
		collection->full = true;
		iv_coverage_miss(place->coverage, NULL, NULL, 0,
				 "more findings than one report lists");
	}
	if (collection->findings->len >= SPARE(IV_MAX_FINDINGS) ||
	    collection->bytes >= SPARE(IV_MAX_FINDING_BYTES))
		trim(collection);
	g_mutex_unlock(&collection->lock);
}

GPtrArray *iv_collection_take(IvCollection *collection)
{
	trim(collection);
	return g_steal_pointer(&collection->findings);
}
