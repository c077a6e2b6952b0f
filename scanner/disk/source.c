/* SPDX-License-Identifier: GPL-3.0-or-later */
/* source.c - the common part of every source, and memory as a source; see source.h */
#include "scanner/disk/source.h"

#include <string.h>

#include "scanner/base/error.h"

void iv_source_init(IvSource *source, const IvSourceOps *ops, uint64_t size)
{
	source->ops = ops;
	source->size = size;
	g_atomic_ref_count_init(&source->refs);
}

IvSource *iv_source_ref(IvSource *source)
{
	g_atomic_ref_count_inc(&source->refs);
	return source;
}

void iv_source_unref(IvSource *source)
{
	if (g_atomic_ref_count_dec(&source->refs))
		source->ops->free(source);
}

bool iv_source_read(IvSource *source, uint64_t off, void *buf, size_t len, GError **error)
{
	if (off > source->size || len > source->size - off)
		return iv_fail(error, IV_ERROR_CORRUPT,
			       "%zu bytes at byte %" G_GUINT64_FORMAT
			       " are asked for, but only %" G_GUINT64_FORMAT " bytes exist",
			       len, off, source->size);
	if (len == 0)
		return true;
	return source->ops->read(source, off, buf, len, error);
}

bool iv_source_extent(IvSource *source, uint64_t off, uint64_t *len, bool *zero, GError **error)
{
	if (off >= source->size || *len == 0)
		return iv_fail(error, IV_ERROR_CORRUPT,
			       "byte %" G_GUINT64_FORMAT
			       " is asked for, but only %" G_GUINT64_FORMAT " bytes exist",
			       off, source->size);
	*len = MIN(*len, source->size - off);
	*zero = false;
	if (source->ops->extent == NULL)
		return true;
	return source->ops->extent(source, off, len, zero, error);
}

/* --- memory ---------------------------------------------------------------------- */

typedef struct {
	IvSource base;
	GBytes *bytes;
} Memory;

static bool memory_read(IvSource *source, uint64_t off, void *buf, size_t len, GError **error)
{
	const uint8_t *data = g_bytes_get_data(((Memory *)source)->bytes, NULL);

	memcpy(buf, data + off, len);
	return true;
}

static void memory_free(IvSource *source)
{
	g_bytes_unref(((Memory *)source)->bytes);
	g_free(source);
}

static const IvSourceOps memory_ops = {.read = memory_read, .free = memory_free};

IvSource *iv_memory_new(GBytes *bytes)
{
	Memory *memory = g_new0(Memory, 1);

	iv_source_init(&memory->base, &memory_ops, g_bytes_get_size(bytes));
	memory->bytes = g_bytes_ref(bytes);
	return &memory->base;
}
