/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * source.h - read-only bytes by offset, with holes.
 *
 * A raw file, a decoded qcow2, a partition, a part of memory: each is a
 * source, and a layer takes one and gives one.  Offsets and sizes are bytes.
 * A source is reference-counted, never changes, and any number of threads may
 * read it at once without a lock of their own.
 */
#ifndef IV_DISK_SOURCE_H
#define IV_DISK_SOURCE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "scanner/base/error.h"

typedef struct IvSource IvSource;

/* One kind of source.  Implementations embed IvSource as their first member. */
typedef struct {
	/* Read exactly len bytes at off; the range was checked by iv_source_read(). */
	bool (*read)(IvSource *source, uint64_t off, void *buf, size_t len, GError **error);
	/* See iv_source_extent(); off < size, *len > 0 is the most the caller wants.
	 * NULL when the source has no holes. */
	bool (*extent)(IvSource *source, uint64_t off, uint64_t *len, bool *zero, GError **error);
	/* Release what the implementation owns, and the struct itself. */
	void (*free)(IvSource *source);
} IvSourceOps;

struct IvSource {
	const IvSourceOps *ops;
	uint64_t size;
	gatomicrefcount refs;
};

/* For implementations: fill the common part; the reference count is 1. */
void iv_source_init(IvSource *source, const IvSourceOps *ops, uint64_t size);

IvSource *iv_source_ref(IvSource *source);
void iv_source_unref(IvSource *source);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvSource, iv_source_unref)

/* Read exactly len bytes at off.  There are no short reads: leaving the source
 * is IV_ERROR_CORRUPT, an I/O error is IV_ERROR_IO; buf is undefined then. */
IV_MUST_CHECK
bool iv_source_read(IvSource *source, uint64_t off, void *buf, size_t len, GError **error);

/* How the bytes at off are stored.  *len: in, the most the caller wants (> 0);
 * out, how many bytes from off (1 .. in) share the answer.  *zero: they are
 * known to be zeros without reading them (a hole, an unallocated or zero
 * cluster).  "Not zero" only means that they have to be read. */
IV_MUST_CHECK
bool iv_source_extent(IvSource *source, uint64_t off, uint64_t *len, bool *zero, GError **error);

/* A part of a source as a source: the partition, the volume.  The range must
 * lie inside the parent (IV_ERROR_CORRUPT).  Holds a reference to the parent. */
IV_MUST_CHECK
IvSource *iv_slice_new(IvSource *parent, uint64_t off, uint64_t size, GError **error);

/* size bytes of memory as a source; the bytes are kept alive by `bytes`. */
IvSource *iv_memory_new(GBytes *bytes);

#endif
