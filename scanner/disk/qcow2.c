/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * qcow2.c - open a qcow2 image: its header, its L1 table, its backing file; see qcow2.h
 *
 * Whatever can be checked before the first byte of the disk is read is checked
 * here, so that a damaged image fails at once and not in the middle of a scan.
 */
#include "scanner/disk/qcow2.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "scanner/base/cursor.h"
#include "scanner/base/error.h"
#include "scanner/base/limits.h"
#include "scanner/base/text.h"
#include "scanner/disk/format.h"
#include "scanner/disk/qcow2_header.h"

/* --- the L1 table ------------------------------------------------------------------ */

#define L1_COPIED (UINT64_C(1) << 63)
#define L1_OFFSET UINT64_C(0x00fffffffffffe00)

static int by_value(gconstpointer a, gconstpointer b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* In the active state no two L1 entries share an L2 table.  If they did, a small
 * file could describe endless data. */
static bool check_twins(const IvQcow2 *q, GError **error)
{
	g_autofree uint64_t *sorted = g_memdup2(q->l1, q->n_l1 * sizeof(uint64_t));

	qsort(sorted, q->n_l1, sizeof(uint64_t), by_value);
	for (size_t i = 1; i < q->n_l1; i++) {
		if (sorted[i] != 0 && sorted[i] == sorted[i - 1])
			return iv_fail(error, IV_ERROR_CORRUPT,
				       "%s: two L1 entries name the L2 table at byte "
				       "%" G_GUINT64_FORMAT,
				       q->file->path, sorted[i]);
	}
	return true;
}

static bool check_l1_entry(IvQcow2 *q, size_t i, GError **error)
{
	uint64_t entry = GUINT64_FROM_BE(q->l1[i]), size = iv_qcow2_cluster_size(q);

	q->l1[i] = entry & L1_OFFSET;
	if ((entry & ~(L1_OFFSET | L1_COPIED)) != 0 || q->l1[i] % size != 0)
		return iv_fail(error, IV_ERROR_CORRUPT,
			       "%s: L1 entry %zu has reserved bits set or does not begin at a cluster",
			       q->file->path, i);
	return q->l1[i] == 0 || iv_qcow2_check_place(q, q->l1[i], size, "an L2 table", error);
}

/* An L2 table that lies in a hole of the file describes nothing: a file of a few MiB
 * can have gigabytes of them, which need not be read again and again. */
static bool forget_empty(IvQcow2 *q, GError **error)
{
	uint64_t size = iv_qcow2_cluster_size(q), from = 0, to = 0;
	bool zero = false;

	for (size_t i = 0; i < q->n_l1; i++) {
		uint64_t at = q->l1[i], len = q->file->size - at;

		if (at == 0)
			continue;
		if (at < from || at >= to) {
			if (!iv_file_extent(q->file, at, &len, &zero, error))
				return false;
			from = at;
			to = at + len;
		}
		if (zero && to - at >= size)
			q->l1[i] = 0;
	}
	return true;
}

/* Load the part of the L1 table that the disk needs. */
static bool load_l1(IvQcow2 *q, const IvQcow2Header *h, GError **error)
{
	unsigned shift = q->cluster_bits + q->l2_bits;
	uint64_t needed = (h->size >> shift) + ((h->size & ((UINT64_C(1) << shift) - 1)) != 0);
	uint64_t bytes = (uint64_t)h->l1_size * sizeof(uint64_t);

	if (needed > h->l1_size)
		return iv_qcow2_header_fail(h, "has an L1 table too small for the disk", error);
	if (bytes > IV_MAX_QCOW2_L1_BYTES)
		return iv_qcow2_header_fail(h, "has an L1 table larger than any that QEMU makes", error);
	if (h->l1_off % iv_qcow2_cluster_size(q) != 0)
		return iv_qcow2_header_fail(h, "has an L1 table that does not begin at a cluster", error);
	if (!iv_qcow2_check_place(q, h->l1_off, bytes, "the L1 table", error))
		return false;
	q->l1_offset = h->l1_off;
	q->l1_bytes = bytes;
	q->n_l1 = (size_t)needed;
	q->l1 = g_new(uint64_t, q->n_l1);
	if (!iv_file_read(q->file, h->l1_off, q->l1, q->n_l1 * sizeof(uint64_t), error))
		return false;
	for (size_t i = 0; i < q->n_l1; i++) {
		if (!check_l1_entry(q, i, error))
			return false;
	}
	return check_twins(q, error) && forget_empty(q, error);
}

/* --- the backing file -------------------------------------------------------------- */

/* The path that the image names, or NULL when it is not a plain file's: QEMU
 * takes "protocol:" before the first slash as a way to reach other things. */
static char *named_path(const IvQcow2Header *h)
{
	const char *name = h->backing;
	g_autofree char *folder = NULL;
	const char *colon, *slash;

	if (g_str_has_prefix(name, "file:") && !g_str_has_prefix(name, "file://"))
		name += strlen("file:");
	colon = strchr(name, ':');
	slash = strchr(name, '/');
	if (colon != NULL && (slash == NULL || colon < slash))
		return NULL;
	if (g_path_is_absolute(name))
		return g_strdup(name);
	folder = g_path_get_dirname(h->path);
	return g_build_filename(folder, name, NULL);
}

static bool same_file(const char *a, const char *b)
{
	struct stat x, y;

	return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev &&
	       x.st_ino == y.st_ino;
}

/* May the image have the backing file that it names? */
static bool allow_backing(const IvQcow2Header *h, const IvLayer *layer, GError **error)
{
	g_autofree char *shown = iv_text_printable(h->backing, -1);
	g_autofree char *path = named_path(h);

	if (layer->below)
		return iv_fail(error, IV_ERROR_UNSUPPORTED,
			       "%s: is a backing file and names another one, %s: at most one is allowed\n"
			       "make one image of them first: qemu-img convert -O qcow2",
			       h->path, shown);
	if (path == NULL)
		return iv_fail(error, IV_ERROR_UNSUPPORTED,
			       "%s: names a backing file that is not a plain file: %s\n"
			       "make one image of them first: qemu-img convert -O qcow2",
			       h->path, shown);
	if (layer->backing == NULL)
		return iv_fail(error, IV_ERROR_UNSUPPORTED,
			       "%s: is an overlay of the backing file %s, and an image may not "
			       "choose files of this machine by itself\n"
			       "if that file belongs to the disk, pass --backing with its path",
			       h->path, shown);
	if (access(layer->backing, F_OK) == 0 && !same_file(path, layer->backing))
		return iv_fail(error, IV_ERROR_USAGE,
			       "%s: names the backing file %s, and that is not %s", h->path, shown,
			       layer->backing);
	return true;
}

static bool open_backing(IvQcow2 *q, const IvQcow2Header *h, const IvLayer *layer, GError **error)
{
	IvLayer below = {.format = h->backing_format, .below = true, .files = layer->files,
			 .open = layer->open};
	g_autoptr(GError) wrong = NULL;

	if (h->backing == NULL) {
		return layer->backing == NULL ||
		       iv_fail(error, IV_ERROR_USAGE,
			       "%s: names no backing file\nleave out --backing", h->path);
	}
	if (!allow_backing(h, layer, error))
		return false;
	if (below.format != NULL && strcmp(below.format, "raw") != 0 &&
	    strcmp(below.format, "qcow2") != 0)
		return iv_fail(error, IV_ERROR_UNSUPPORTED,
			       "%s: has a backing file of a format other than raw and qcow2",
			       h->path);
	q->backing = layer->open(layer->backing, &below, NULL, &wrong);
	if (q->backing != NULL)
		return true;
	if (g_error_matches(wrong, IV_ERROR, IV_ERROR_AMBIGUOUS))
		return iv_fail(error, IV_ERROR_AMBIGUOUS,
			       "%s: does not say which format its backing file has\n"
			       "write it into the image: qemu-img rebase -u -b NAME -F FORMAT %s",
			       h->path, h->path);
	g_propagate_error(error, g_steal_pointer(&wrong));
	return false;
}

/* --- open --------------------------------------------------------------------------- */

static IvQcow2 *qcow2_new(IvFile *file, const IvQcow2Header *h)
{
	IvQcow2 *q = g_new0(IvQcow2, 1);
	size_t cluster = (size_t)1 << h->cluster_bits;

	iv_source_init(&q->base, &iv_qcow2_ops, h->size);
	q->file = iv_file_ref(file);
	q->version = h->version;
	q->cluster_bits = h->cluster_bits;
	q->extended = h->extended;
	q->l2_bits = h->cluster_bits - (q->extended ? 4 : 3);
	q->compression = h->compression;
	q->extras = h->extras;
	iv_cache_init(&q->l2_tables, IV_QCOW2_L2_CACHE_BYTES, cluster);
	iv_cache_init(&q->clusters, IV_QCOW2_CLUSTER_CACHE_BYTES, cluster);
	g_mutex_init(&q->codecs_lock);
	return q;
}

/* The refcount table is not needed for reading, but nothing may lie over it. */
static bool place_refcounts(IvQcow2 *q, const IvQcow2Header *h, GError **error)
{
	uint64_t bytes = (uint64_t)h->refs_clusters << h->cluster_bits;

	if (!iv_qcow2_check_place(q, h->refs_off, bytes, "the refcount table", error))
		return false;
	q->refs_offset = h->refs_off;
	q->refs_bytes = bytes;
	return true;
}

static IvSource *qcow2_open(IvFile *file, const IvLayer *layer, GError **error)
{
	g_auto(IvQcow2Header) h = {0};
	g_autoptr(IvSource) source = NULL;
	IvQcow2 *q;

	if (!iv_qcow2_header_read(&h, file, error))
		return NULL;
	q = qcow2_new(file, &h);
	source = &q->base;
	if (!place_refcounts(q, &h, error) || !load_l1(q, &h, error) ||
	    !open_backing(q, &h, layer, error))
		return NULL;
	return g_steal_pointer(&source);
}

const IvDiskFormat iv_format_qcow2 = {
	.name = "qcow2",
	.open = qcow2_open,
	.beside = iv_qcow2_beside,
};
