/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cache.h - private to scanner/disk: a small, direct-mapped cache of immutable
 * blobs that threads share.
 *
 * A key has one place; a newer blob takes the place of an older one.  A blob is
 * a g_atomic_rc_box, so one that was replaced lives on while somebody reads it.
 * Two threads that miss the same key at once both make the blob: harmless.
 */
#ifndef IV_DISK_CACHE_H
#define IV_DISK_CACHE_H

#include <glib.h>
#include <stdint.h>

typedef struct {
	GMutex lock;
	size_t n_slots;
	struct {
		uint64_t key;
		void *blob; /* NULL: the place is free */
	} *slots;
} IvCache;

/* Room for about `bytes` bytes in blobs of blob_size, but for 4 to 1024 blobs. */
void iv_cache_init(IvCache *cache, size_t bytes, size_t blob_size);
void iv_cache_release(IvCache *cache);

/* The blob of key with a reference of the caller's (g_atomic_rc_box_release()), or NULL. */
void *iv_cache_get(IvCache *cache, uint64_t key);

/* Keep a blob; the cache takes a reference of its own. */
void iv_cache_put(IvCache *cache, uint64_t key, void *blob);

#endif
