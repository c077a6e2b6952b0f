/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * raw.c - a file or a block device that is the disk, byte for byte.
 */
#include "scanner/base/error.h"
#include "scanner/disk/format.h"

typedef struct {
	IvSource base;
	IvFile *file;
} Raw;

static bool raw_read(IvSource *source, uint64_t off, void *buf, size_t len, GError **error)
{
	return iv_file_read(((Raw *)source)->file, off, buf, len, error);
}

static bool raw_extent(IvSource *source, uint64_t off, uint64_t *len, bool *zero, GError **error)
{
	return iv_file_extent(((Raw *)source)->file, off, len, zero, error);
}

static void raw_free(IvSource *source)
{
	iv_file_unref(((Raw *)source)->file);
	g_free(source);
}

static const IvSourceOps raw_ops = {.read = raw_read, .extent = raw_extent, .free = raw_free};

static IvSource *raw_open(IvFile *file, const IvLayer *layer, GError **error)
{
	Raw *raw;

	if (layer->backing != NULL) {
		iv_fail(error, IV_ERROR_USAGE,
			"%s: is a raw disk and has no backing file\nleave out --backing",
			file->path);
		return NULL;
	}
	raw = g_new0(Raw, 1);
	iv_source_init(&raw->base, &raw_ops, file->size);
	raw->file = iv_file_ref(file);
	return &raw->base;
}

const IvDiskFormat iv_format_raw = {.name = "raw", .open = raw_open};
