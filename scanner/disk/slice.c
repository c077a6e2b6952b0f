/* SPDX-License-Identifier: GPL-3.0-or-later */
/* slice.c - a part of a source as a source; see source.h */
#include "scanner/disk/source.h"

#include "scanner/base/error.h"

typedef struct {
	IvSource base;
	IvSource *parent;
	uint64_t start; /* of the slice, in the parent's bytes */
} Slice;

static bool slice_read(IvSource *source, uint64_t off, void *buf, size_t len, GError **error)
{
	Slice *slice = (Slice *)source;

	return iv_source_read(slice->parent, slice->start + off, buf, len, error);
}

static bool slice_extent(IvSource *source, uint64_t off, uint64_t *len, bool *zero,
			  GError **error)
{
	Slice *slice = (Slice *)source;

	return iv_source_extent(slice->parent, slice->start + off, len, zero, error);
}

static void slice_free(IvSource *source)
{
	iv_source_unref(((Slice *)source)->parent);
	g_free(source);
}

static const IvSourceOps slice_ops = {
	.read = slice_read,
	.extent = slice_extent,
	.free = slice_free,
};

IvSource *iv_slice_new(IvSource *parent, uint64_t off, uint64_t size, GError **error)
{
	Slice *slice;

	if (off > parent->size || size > parent->size - off) {
		iv_fail(error, IV_ERROR_CORRUPT,
			"the range of %" G_GUINT64_FORMAT " bytes at byte %" G_GUINT64_FORMAT
			" is not inside the %" G_GUINT64_FORMAT " bytes around it",
			size, off, parent->size);
		return NULL;
	}
	slice = g_new0(Slice, 1);
	iv_source_init(&slice->base, &slice_ops, size);
	slice->parent = iv_source_ref(parent);
	slice->start = off;
	return &slice->base;
}
