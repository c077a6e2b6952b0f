/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cache.c - see cache.h */
#include "scanner/disk/cache.h"

#define MIN_SLOTS 4u
#define MAX_SLOTS 1024u

void iv_cache_init(IvCache *cache, size_t bytes, size_t blob_size)
{
	g_mutex_init(&cache->lock);
	cache->n_slots = CLAMP(bytes / blob_size, MIN_SLOTS, MAX_SLOTS);
	cache->slots = g_malloc0_n(cache->n_slots, sizeof(cache->slots[0]));
}

void iv_cache_release(IvCache *cache)
{
	for (size_t i = 0; i < cache->n_slots; i++)
		g_clear_pointer(&cache->slots[i].blob, g_atomic_rc_box_release);
	g_free(cache->slots);
	g_mutex_clear(&cache->lock);
}

void *iv_cache_get(IvCache *cache, uint64_t key)
{
	size_t slot = (size_t)(key % cache->n_slots);
	void *blob = NULL;

	g_mutex_lock(&cache->lock);
	if (cache->slots[slot].blob != NULL && cache->slots[slot].key == key)
		blob = g_atomic_rc_box_acquire(cache->slots[slot].blob);
	g_mutex_unlock(&cache->lock);
	return blob;
}

void iv_cache_put(IvCache *cache, uint64_t key, void *blob)
{
	size_t slot = (size_t)(key % cache->n_slots);
	void *old;

	g_mutex_lock(&cache->lock);
	old = cache->slots[slot].blob;
	cache->slots[slot].blob = g_atomic_rc_box_acquire(blob);
	cache->slots[slot].key = key;
	g_mutex_unlock(&cache->lock);
	if (old != NULL)
		g_atomic_rc_box_release(old);
}
