/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * open.c - from a path to a disk; see open.h.
 *
 * How a format is chosen when the user named none:
 *
 *   bytes show      name claims      then
 *   ----------      -----------      ----
 *   nothing         nothing (raw)    raw
 *   X               X                X, or "not supported" with what to run
 *   X               anything else    ambiguous: a guest can write X's magic into its raw
 *                                    disk and would choose what the host reads
 *   nothing         X                ambiguous: damaged, or a raw disk with a strange name
 */
#include "scanner/disk/open.h"

#include <string.h>

#include "scanner/base/error.h"
#include "scanner/base/limits.h"
#include "scanner/disk/format.h"

static const IvDiskFormat *const formats[] = {&iv_format_raw, &iv_format_qcow2};
static const char *const format_names[] = {"raw", "qcow2", NULL};

typedef struct {
	IvDisk disk;
	const IvDiskFormat *format;
	GPtrArray *files; /* every IvFile that the disk's bytes come from */
} OpenDisk;

const char *const *iv_disk_formats(void)
{
	return format_names;
}

static const IvDiskFormat *format_named(const char *name, GError **error)
{
	for (size_t i = 0; i < G_N_ELEMENTS(formats); i++) {
		if (strcmp(formats[i]->name, name) == 0)
			return formats[i];
	}
	iv_fail(error, IV_ERROR_USAGE, "unknown image format \"%s\"\nuse raw or qcow2",
		name);
	return NULL;
}

/* The user said which format it is: raw takes any bytes, a container only its own. */
static const IvDiskFormat *format_forced(IvFile *file, const char *name,
				       const IvContainer *bytes, GError **error)
{
	const IvDiskFormat *format = format_named(name, error);

	if (format == NULL || format == &iv_format_raw)
		return format;
	if (bytes == NULL || bytes->reads != format) {
		iv_fail(error, IV_ERROR_CORRUPT, "%s: does not begin like a %s image", file->path,
			name);
		return NULL;
	}
	return format;
}

static bool fail_unsupported(IvFile *file, const IvContainer *container, GError **error)
{
	if (container->unpack != NULL)
		return iv_fail(error, IV_ERROR_UNSUPPORTED,
			       "%s: is a %s file, which imgvet does not read\n"
			       "unpack it first: %s %s",
			       file->path, container->title, container->unpack, file->path);
	return iv_fail(error, IV_ERROR_UNSUPPORTED,
		       "%s: is a %s image, which imgvet does not read\n"
		       "convert it first: qemu-img convert -f %s -O raw %s DISK.raw",
		       file->path, container->title, container->name, file->path);
}

/* Bytes and name tell different stories; say both, and which flag decides. */
static bool fail_ambiguous(IvFile *file, const IvContainer *bytes, const IvContainer *name,
			   GError **error)
{
	const char *claim = name != NULL ? name->title : "raw";

	if (bytes == NULL)
		return iv_fail(error, IV_ERROR_AMBIGUOUS,
			       "%s: is named like a %s image but does not begin like one\n"
			       "if it is a raw disk, pass --format raw",
			       file->path, claim);
	if (bytes->reads != NULL)
		return iv_fail(error, IV_ERROR_AMBIGUOUS,
			       "%s: begins like a %s image but is named like a %s one\n"
			       "pass --format %s, or --format raw if a raw disk really begins so",
			       file->path, bytes->title, claim, bytes->reads->name);
	return iv_fail(error, IV_ERROR_AMBIGUOUS,
		       "%s: begins like a %s file but is named like a %s one\n"
		       "pass --format raw if a raw disk really begins so; otherwise unpack or "
		       "convert it first",
		       file->path, bytes->title, claim);
}

static const IvDiskFormat *choose_format(IvFile *file, const char *forced, GError **error)
{
	const IvContainer *name = file->block ? NULL : iv_probe_name(file->path);
	const IvContainer *bytes;

	if (!iv_probe_bytes(file, &bytes, error))
		return NULL;
	if (forced != NULL)
		return format_forced(file, forced, bytes, error);
	if (bytes != name)
		fail_ambiguous(file, bytes, name, error);
	else if (bytes == NULL)
		return &iv_format_raw;
	else if (bytes->reads != NULL)
		return bytes->reads;
	else
		fail_unsupported(file, bytes, error);
	return NULL;
}

static IvSource *open_layer(const char *path, const IvLayer *layer, const IvDiskFormat **format,
			    GError **error)
{
	g_autoptr(IvFile) file = iv_file_open(path, error);
	g_autoptr(IvSource) source = NULL;
	const IvDiskFormat *chosen;

	if (file == NULL)
		return NULL;
	chosen = choose_format(file, layer->format, error);
	if (chosen == NULL)
		return NULL;
	g_ptr_array_add(layer->files, iv_file_ref(file));
	source = chosen->open(file, layer, error);
	if (source == NULL)
		return NULL;
	if (source->size > IV_MAX_DISK_BYTES) {
		iv_fail(error, IV_ERROR_LIMIT,
			"%s: is a disk of %" G_GUINT64_FORMAT " bytes, the most is %" G_GUINT64_FORMAT,
			path, source->size, (guint64)IV_MAX_DISK_BYTES);
		return NULL;
	}
	if (format != NULL)
		*format = chosen;
	return g_steal_pointer(&source);
}

static void unref_file(gpointer file)
{
	iv_file_unref(file);
}

IvDisk *iv_disk_open(const char *path, const IvDiskOptions *options, GError **error)
{
	g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(unref_file);
	IvLayer layer = {.files = files, .open = open_layer};
	const IvDiskFormat *format = NULL;
	IvSource *source;
	OpenDisk *open;

	if (options != NULL) {
		layer.format = options->format;
		layer.backing = options->backing;
	}
	source = open_layer(path, &layer, &format, error);
	if (source == NULL)
		return NULL;
	open = g_new0(OpenDisk, 1);
	open->disk.source = source;
	open->disk.format = format->name;
	open->format = format;
	open->disk.fd = ((IvFile *)files->pdata[0])->fd;
	open->files = g_steal_pointer(&files);
	return &open->disk;
}

void iv_disk_free(IvDisk *disk)
{
	OpenDisk *open = (OpenDisk *)disk;

	if (disk == NULL)
		return;
	iv_source_unref(disk->source);
	g_ptr_array_unref(open->files);
	g_free(open);
}

bool iv_disk_unchanged(IvDisk *disk, GError **error)
{
	GPtrArray *files = ((OpenDisk *)disk)->files;

	for (guint i = 0; i < files->len; i++) {
		if (!iv_file_unchanged(files->pdata[i], error))
			return false;
	}
	return true;
}

IvBeside *iv_disk_beside(IvDisk *disk)
{
	const IvDiskFormat *format = ((OpenDisk *)disk)->format;
	IvBeside *beside = iv_beside_new();

	if (format->beside != NULL)
		format->beside(disk->source, beside);
	return beside;
}

bool iv_disk_content(const char *path, const char **name, GError **error)
{
	g_autoptr(IvFile) file = iv_file_open(path, error);
	const IvContainer *bytes;

	if (file == NULL || !iv_probe_bytes(file, &bytes, error))
		return false;
	*name = bytes != NULL ? bytes->name : NULL;
	return true;
}

const char *iv_disk_claim(const char *path)
{
	const IvContainer *claim = iv_probe_name(path);

	return claim != NULL ? claim->name : NULL;
}
