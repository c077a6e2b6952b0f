/* SPDX-License-Identifier: GPL-3.0-or-later */
/* qcow2_header.c - see qcow2_header.h */
#include "scanner/disk/qcow2_header.h"

#include <string.h>

#include "scanner/base/cursor.h"
#include "scanner/base/text.h"

#define V2_HEADER 72u
#define V3_HEADER 104u
#define V2_REFS_ORDER 4u  /* refcounts of 16 bits */
#define MAX_NAME  1023u /* of the backing file, "backing_file_size" */

#define MAX_FORMAT 16u /* of a format's name: QEMU's longest is shorter */

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
#define EXT_BITMAPS  0x23852875u
#define FEATURE_SIZE 48u /* of a row of the feature name table: type, bit, 46 bytes of name */

/* What QEMU calls the features.  Other rows can hold anything. */
static const char *const feature_names[] = {
	"dirty bit",	       "corrupt bit",	 "external data file", "compression type",
	"extended L2 entries", "lazy refcounts", "bitmaps",	       "raw external data",
};

void iv_qcow2_header_release(IvQcow2Header *h)
{
	g_free((void *)h->bytes);
	g_free(h->backing);
	g_free(h->backing_format);
}

bool iv_qcow2_header_fail(const IvQcow2Header *h, const char *wrong, GError **error)
{
	return iv_fail(error, IV_ERROR_CORRUPT, "%s: the qcow2 header %s", h->path, wrong);
}

/* --- the header -------------------------------------------------------------------- */

static void parse_fields(IvQcow2Header *h, IvCursor *c)
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
	h->extras.n_snapshots = iv_cursor_be32(c);
	h->extras.snapshots = iv_cursor_be64(c);
	h->header_len = V2_HEADER;
	h->extras.refs_order = V2_REFS_ORDER;
	if (h->version < 3)
		return;
	h->features = iv_cursor_be64(c);
	iv_cursor_skip(c, 8 + 8); /* compatible and autoclear features */
	h->extended = (h->features & F_EXTENDED_L2) != 0;
	h->extras.refs_order = iv_cursor_be32(c);
	h->header_len = iv_cursor_be32(c);
	if (h->header_len > V3_HEADER)
		h->compression = iv_cursor_u8(c);
}

/* Read the first cluster and the fields in it. */
static bool read_header(IvFile *file, IvQcow2Header *h, GError **error)
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
		return iv_qcow2_header_fail(h, "is cut short", error);
	if (h->cluster_bits < IV_QCOW2_MIN_CLUSTER_BITS ||
	    h->cluster_bits > IV_QCOW2_MAX_CLUSTER_BITS)
		return iv_qcow2_header_fail(h, "has an impossible cluster size", error);
	h->len = (size_t)MIN(file->size, UINT64_C(1) << h->cluster_bits);
	bytes = g_malloc(h->len);
	h->bytes = bytes;
	return iv_file_read(file, 0, bytes, h->len, error);
}

/* "Bitmaps extension".  A shorter one is nobody's. */
static bool read_bitmaps(IvQcow2Extras *extras, const uint8_t *data, size_t len)
{
	IvCursor c = iv_cursor(data, len);

	extras->n_bitmaps = iv_cursor_be32(&c);
	iv_cursor_skip(&c, 4);
	extras->bitmaps_bytes = iv_cursor_be64(&c);
	extras->bitmaps = iv_cursor_be64(&c);
	return !c.bad;
}

static bool is_known_feature(const uint8_t *row)
{
	for (size_t i = 0; i < G_N_ELEMENTS(feature_names); i++) {
		char name[FEATURE_SIZE - 2] = {0};

		memcpy(name, feature_names[i], strlen(feature_names[i]));
		if (memcmp(row + 2, name, sizeof(name)) == 0)
			return true;
	}
	return false;
}

/* "Feature name table": names that nobody knows may be no names. */
static bool read_names(IvQcow2Header *h, const uint8_t *data, size_t len)
{
	if (h->names != NULL)
		return false;
	h->names = data;
	h->names_len = len;
	for (size_t i = 0; i < len; i += FEATURE_SIZE) {
		if (len - i < FEATURE_SIZE || !is_known_feature(data + i))
			return false;
	}
	return true;
}

/* One header extension; of each kind the first counts. */
static void take_extension(IvQcow2Header *h, uint32_t type, const uint8_t *data, uint32_t len)
{
	IvQcow2Extras *extras = &h->extras;
	bool known = false;

	if (type == EXT_FORMAT && h->backing_format == NULL) {
		/* A format's name is short, and only an overlay has one. */
		h->backing_format = g_strndup((const char *)data, len);
		known = h->name_off != 0 && strlen(h->backing_format) == len && len <= MAX_FORMAT;
	} else if (type == EXT_FEATURES) {
		known = read_names(h, data, len);
	} else if (type == EXT_BITMAPS && extras->n_bitmaps == 0) {
		known = read_bitmaps(extras, data, len);
	}
	if (known)
		return;
	if (extras->n_unknown++ == 0)
		extras->unknown = type;
	extras->unknown_bytes += len;
}

/* "Header extensions": what the backing file's format is, what the feature bits are
 * called, and what imgvet does not know. */
static bool read_extensions(IvQcow2Header *h, GError **error)
{
	size_t end = h->name_off != 0 ? (size_t)MIN(h->name_off, h->len) : h->len;
	IvCursor c = iv_cursor(h->bytes, end);

	iv_cursor_seek(&c, h->header_len);
	while (!c.bad && c.size - c.pos >= 8) {
		uint32_t type = iv_cursor_be32(&c), len = iv_cursor_be32(&c);
		const uint8_t *data;

		h->named = c.pos;
		if (type == EXT_END)
			return true;
		data = iv_cursor_take(&c, len);
		if (data != NULL)
			take_extension(h, type, data, len);
		if (len % 8 != 0)
			iv_cursor_skip(&c, 8 - len % 8);
	}
	h->named = c.pos;
	return !c.bad || iv_qcow2_header_fail(h, "has an extension that ends outside it", error);
}

/* How many bytes of the first cluster are no zeros, and belong to nothing there. */
static void count_spare(IvQcow2Header *h)
{
	/* Fields behind those that are known. */
	for (size_t i = V3_HEADER + 1; i < h->header_len; i++)
		h->extras.spare_bytes += h->bytes[i] != 0;
	for (size_t i = h->named; i < h->len; i++) {
		bool name = h->backing != NULL && i >= h->name_off &&
			    i - h->name_off < h->name_len;

		h->extras.spare_bytes += h->bytes[i] != 0 && !name;
	}
}

/* What the image itself calls an incompatible feature bit, or "bit N". */
static char *feature_name(const IvQcow2Header *h, unsigned bit)
{
	for (size_t i = 0; i + FEATURE_SIZE <= h->names_len; i += FEATURE_SIZE) {
		const uint8_t *row = h->names + i;
		size_t len = strnlen((const char *)row + 2, FEATURE_SIZE - 2);

		if (row[0] == 0 && row[1] == bit && len > 0)
			return iv_text_printable((const char *)row + 2, (gssize)len);
	}
	return g_strdup_printf("bit %u", bit);
}

static bool check_features(const IvQcow2Header *h, GError **error)
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

static bool check_header(const IvQcow2Header *h, GError **error)
{
	bool packed = (h->features & F_COMPRESSION) != 0;

	if (h->version == 3 && (h->header_len < V3_HEADER || h->header_len % 8 != 0))
		return iv_qcow2_header_fail(h, "has an impossible length", error);
	if (h->header_len > h->len)
		return iv_qcow2_header_fail(h, "is cut short", error);
	if (h->compression > IV_QCOW2_ZSTD)
		return iv_fail(error, IV_ERROR_UNSUPPORTED,
			       "%s: is compressed by method %u, which imgvet does not know",
			       h->path, h->compression);
	if (packed != (h->compression != IV_QCOW2_ZLIB))
		return iv_qcow2_header_fail(h, "contradicts itself about the compression", error);
	if (h->extended && h->cluster_bits < 14)
		return iv_qcow2_header_fail(h, "has clusters too small for extended L2 entries", error);
	if (h->size == 0 || h->size > G_MAXINT64)
		return iv_qcow2_header_fail(h, "has an impossible disk size", error);
	return true;
}

/* The name of the backing file stands in the first cluster, without a NUL. */
static bool read_backing_name(IvQcow2Header *h, GError **error)
{
	IvCursor c = iv_cursor(h->bytes, h->len);
	const uint8_t *name;

	if (h->name_off == 0)
		return true;
	if (h->name_len == 0 || h->name_len > MAX_NAME || h->name_off > h->len)
		return iv_qcow2_header_fail(h, "has an impossible name of a backing file", error);
	iv_cursor_seek(&c, (size_t)h->name_off);
	name = iv_cursor_take(&c, h->name_len);
	if (name == NULL || memchr(name, 0, h->name_len) != NULL)
		return iv_qcow2_header_fail(h, "has an impossible name of a backing file", error);
	h->backing = g_strndup((const char *)name, h->name_len);
	return true;
}

bool iv_qcow2_header_read(IvQcow2Header *h, IvFile *file, GError **error)
{
	if (!read_header(file, h, error) || !check_header(h, error) ||
	    !read_extensions(h, error) || !check_features(h, error) ||
	    !read_backing_name(h, error))
		return false;
	count_spare(h);
	return true;
}
