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

#define V2_HEADER 72u
#define V3_HEADER 104u
#define MAX_NAME  1023u /* of the backing file, "backing_file_size" */

/* Incompatible feature bits. */
#define F_DIRTY	      (1u << 0) /* refcounts are stale: no matter to a reader */
#define F_CORRUPT     (1u << 1)
#define F_DATA_FILE   (1u << 2)
#define F_COMPRESSION (1u << 3)
#define F_EXTENDED_L2 (1u << 4)
#define F_KNOWN	      (F_DIRTY | F_CORRUPT | F_DATA_FILE | F_COMPRESSION | F_EXTENDED_L2)

/* Header extensions. */
#define EXT_END	     0u
#define EXT_FORMAT   0xe2792acau
#define EXT_FEATURES 0x6803f857u
#define FEATURE_SIZE 48u /* of a row of the feature name table: type, bit, 46 bytes of name */

/* The header's fields, and where the rest of it is. */
typedef struct {
	const char *path;
	const uint8_t *bytes; /* the first cluster, or as much of it as there is */
	size_t len;
	uint32_t version, cluster_bits, crypt, l1_size, refs_clusters, header_len, name_len;
	uint64_t name_off, size, l1_off, refs_off, features;
	unsigned compression;
	const uint8_t *names; /* the feature name table, or NULL */
	size_t names_len;
	char *backing;	      /* the backing file's name, or NULL */
	char *backing_format; /* or NULL */
} Header;

static void header_release(Header *h)
{
	g_free((void *)h->bytes);
	g_free(h->backing);
	g_free(h->backing_format);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Header, header_release)

static bool fail_header(const Header *h, const char *wrong, GError **error)
{
	return iv_fail(error, IV_ERROR_CORRUPT, "%s: the qcow2 header %s", h->path, wrong);
}

/* --- the header -------------------------------------------------------------------- */

static void parse_fields(Header *h, IvCursor *c)
{
	iv_cursor_skip(c, 4); /* the magic, which open.c has seen */
	h->version = iv_cursor_be32(c);
	h->name_off = iv_cursor_be64(c);
	h->name_len = iv_cursor_be32(c);
	h->cluster_bits = iv_cursor_be32(c);
	h->size = iv_cursor_be64(c);
	h->crypt = iv_cursor_be32(c);
	h->l1_size = iv_cursor_be32(c);
	h->l1_off = iv_cursor_be64(c);
	h->refs_off = iv_cursor_be64(c);
	h->refs_clusters = iv_cursor_be32(c);
	iv_cursor_skip(c, 12); /* snapshots: not part of the disk */
	h->header_len = V2_HEADER;
	if (h->version < 3)
		return;
	h->features = iv_cursor_be64(c);
	iv_cursor_skip(c, 8 + 8 + 4); /* compatible and autoclear features, refcount order */
	h->header_len = iv_cursor_be32(c);
	if (h->header_len > V3_HEADER)
		h->compression = iv_cursor_u8(c);
}

/* Read the first cluster and the fields in it. */
static bool read_header(IvFile *file, Header *h, GError **error)
{
	uint8_t start[V3_HEADER + 8];
	size_t len = (size_t)MIN(file->size, sizeof(start));
	IvCursor c;
	uint8_t *bytes;

	h->path = file->path;
	if (!iv_file_read(file, 0, start, len, error))
		return false;
	c = iv_cursor(start, len);
	parse_fields(h, &c);
	if (h->version == 1)
		return iv_fail(error, IV_ERROR_UNSUPPORTED,
			       "%s: is a qcow image of version 1, which imgvet does not read\n"
			       "convert it first: qemu-img convert -f qcow -O qcow2 %s DISK.qcow2",
			       file->path, file->path);
	if (!c.bad && (h->version < 2 || h->version > 3))
		return iv_fail(error, IV_ERROR_UNSUPPORTED,
			       "%s: is a qcow2 image of version %u, which imgvet does not know",
			       file->path, h->version);
	if (c.bad)
		return fail_header(h, "is cut short", error);
	if (h->cluster_bits < IV_QCOW2_MIN_CLUSTER_BITS ||
	    h->cluster_bits > IV_QCOW2_MAX_CLUSTER_BITS)
		return fail_header(h, "has an impossible cluster size", error);
	h->len = (size_t)MIN(file->size, UINT64_C(1) << h->cluster_bits);
	bytes = g_malloc(h->len);
	h->bytes = bytes;
	return iv_file_read(file, 0, bytes, h->len, error);
}

/* "Header extensions": what the backing file's format is, and what the feature
 * bits are called.  Each costs at least eight bytes of the first cluster. */
static bool read_extensions(Header *h, GError **error)
{
	size_t end = h->name_off != 0 ? (size_t)MIN(h->name_off, h->len) : h->len;
	IvCursor c = iv_cursor(h->bytes, end);

	iv_cursor_seek(&c, h->header_len);
	while (!c.bad && c.size - c.pos >= 8) {
		uint32_t type = iv_cursor_be32(&c), len = iv_cursor_be32(&c);
		const uint8_t *data;

		if (type == EXT_END)
			return true;
		data = iv_cursor_take(&c, len);
		if (data != NULL && type == EXT_FORMAT && h->backing_format == NULL)
			h->backing_format = g_strndup((const char *)data, len);
		if (data != NULL && type == EXT_FEATURES) {
			h->names = data;
			h->names_len = len;
		}
		if (len % 8 != 0)
			iv_cursor_skip(&c, 8 - len % 8);
	}
	return !c.bad || fail_header(h, "has an extension that ends outside it", error);
}

/* What the image itself calls an incompatible feature bit, or "bit N". */
static char *feature_name(const Header *h, unsigned bit)
{
	for (size_t i = 0; i + FEATURE_SIZE <= h->names_len; i += FEATURE_SIZE) {
		const uint8_t *row = h->names + i;
		size_t len = strnlen((const char *)row + 2, FEATURE_SIZE - 2);

		if (row[0] == 0 && row[1] == bit && len > 0)
			return iv_text_printable((const char *)row + 2, (gssize)len);
	}
	return g_strdup_printf("bit %u", bit);
}

static bool check_features(const Header *h, GError **error)
{
	uint64_t unknown = h->features & ~(uint64_t)F_KNOWN;

	if (unknown != 0) {
		g_autofree char *name = feature_name(h, (unsigned)__builtin_ctzll(unknown));

		return iv_fail(error, IV_ERROR_UNSUPPORTED,
			       "%s: uses the qcow2 feature \"%s\", which imgvet does not know",
			       h->path, name);
	}
	if ((h->features & F_CORRUPT) != 0)
		return iv_fail(error, IV_ERROR_CORRUPT,
			       "%s: is marked as corrupt\n"
			       "see what qemu-img check says, and repair a copy",
			       h->path);
	if ((h->features & F_DATA_FILE) != 0)
		return iv_fail(error, IV_ERROR_UNSUPPORTED,
			       "%s: keeps its data in an external data file, which an image may not "
			       "choose\nconvert it first: qemu-img convert -O qcow2 %s DISK.qcow2",
			       h->path, h->path);
	if (h->crypt != 0)
		return iv_fail(error, IV_ERROR_UNSUPPORTED,
			       "%s: is encrypted (%s)\n"
			       "decrypt it first, with qemu-img convert and its --object secret",
			       h->path,
			       h->crypt == 1   ? "AES"
			       : h->crypt == 2 ? "LUKS"
					       : "an unknown method");
	return true;
}

static bool check_header(const Header *h, GError **error)
{
	bool packed = (h->features & F_COMPRESSION) != 0;

	if (h->version == 3 && (h->header_len < V3_HEADER || h->header_len % 8 != 0))
		return fail_header(h, "has an impossible length", error);
	if (h->header_len > h->len)
		return fail_header(h, "is cut short", error);
	if (h->compression > IV_QCOW2_ZSTD)
		return iv_fail(error, IV_ERROR_UNSUPPORTED,
			       "%s: is compressed by method %u, which imgvet does not know",
			       h->path, h->compression);
	if (packed != (h->compression != IV_QCOW2_ZLIB))
		return fail_header(h, "contradicts itself about the compression", error);
	if ((h->features & F_EXTENDED_L2) != 0 && h->cluster_bits < 14)
		return fail_header(h, "has clusters too small for extended L2 entries", error);
	if (h->size == 0 || h->size > G_MAXINT64)
		return fail_header(h, "has an impossible disk size", error);
	return true;
}

/* The name of the backing file stands in the first cluster, without a NUL. */
static bool read_backing_name(Header *h, GError **error)
{
	IvCursor c = iv_cursor(h->bytes, h->len);
	const uint8_t *name;

	if (h->name_off == 0)
		return true;
	if (h->name_len == 0 || h->name_len > MAX_NAME || h->name_off > h->len)
		return fail_header(h, "has an impossible name of a backing file", error);
	iv_cursor_seek(&c, (size_t)h->name_off);
	name = iv_cursor_take(&c, h->name_len);
	if (name == NULL || memchr(name, 0, h->name_len) != NULL)
		return fail_header(h, "has an impossible name of a backing file", error);
	h->backing = g_strndup((const char *)name, h->name_len);
	return true;
}

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

/* Load the part of the L1 table that the disk needs. */
static bool load_l1(IvQcow2 *q, const Header *h, GError **error)
{
	unsigned shift = q->cluster_bits + q->l2_bits;
	uint64_t needed = (h->size >> shift) + ((h->size & ((UINT64_C(1) << shift) - 1)) != 0);
	uint64_t bytes = (uint64_t)h->l1_size * sizeof(uint64_t);

	if (needed > h->l1_size)
		return fail_header(h, "has an L1 table too small for the disk", error);
	if (bytes > IV_MAX_QCOW2_L1_BYTES)
		return fail_header(h, "has an L1 table larger than any that QEMU makes", error);
	if (h->l1_off % iv_qcow2_cluster_size(q) != 0)
		return fail_header(h, "has an L1 table that does not begin at a cluster", error);
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
	return check_twins(q, error);
}

/* --- the backing file -------------------------------------------------------------- */

/* The path that the image names, or NULL when it is not a plain file's: QEMU
 * takes "protocol:" before the first slash as a way to reach other things. */
static char *named_path(const Header *h)
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
static bool allow_backing(const Header *h, const IvLayer *layer, GError **error)
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

static bool open_backing(IvQcow2 *q, const Header *h, const IvLayer *layer, GError **error)
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

static IvQcow2 *qcow2_new(IvFile *file, const Header *h)
{
	IvQcow2 *q = g_new0(IvQcow2, 1);
	size_t cluster = (size_t)1 << h->cluster_bits;

	iv_source_init(&q->base, &iv_qcow2_ops, h->size);
	q->file = iv_file_ref(file);
	q->version = h->version;
	q->cluster_bits = h->cluster_bits;
	q->extended = (h->features & F_EXTENDED_L2) != 0;
	q->l2_bits = h->cluster_bits - (q->extended ? 4 : 3);
	q->compression = h->compression;
	iv_cache_init(&q->l2_tables, IV_QCOW2_L2_CACHE_BYTES, cluster);
	iv_cache_init(&q->clusters, IV_QCOW2_CLUSTER_CACHE_BYTES, cluster);
	g_mutex_init(&q->codecs_lock);
	return q;
}

/* The refcount table is not needed for reading, but nothing may lie over it. */
static bool place_refcounts(IvQcow2 *q, const Header *h, GError **error)
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
	g_auto(Header) h = {0};
	g_autoptr(IvSource) source = NULL;
	IvQcow2 *q;

	if (!read_header(file, &h, error) || !check_header(&h, error) ||
	    !read_extensions(&h, error) || !check_features(&h, error) ||
	    !read_backing_name(&h, error))
		return NULL;
	q = qcow2_new(file, &h);
	source = &q->base;
	if (!place_refcounts(q, &h, error) || !load_l1(q, &h, error) ||
	    !open_backing(q, &h, layer, error))
		return NULL;
	return g_steal_pointer(&source);
}

const IvDiskFormat iv_format_qcow2 = {.name = "qcow2", .open = qcow2_open};
