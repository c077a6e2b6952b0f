/* SPDX-License-Identifier: GPL-3.0-or-later */
/* qcow2_snapshots.c - see qcow2_snapshots.h */
#include "scanner/disk/qcow2_snapshots.h"

#include <string.h>

#include "scanner/base/cursor.h"
#include "scanner/base/limits.h"
#include "scanner/base/text.h"

#define SNAPSHOT_FIELDS 40u /* bytes of a snapshot's entry before its extra data */
#define BITMAP_FIELDS	24u /* and of a bitmap's */
#define EXTRA_KNOWN	8u  /* of the extra data: the size of the machine's state */
#define OFFSET_MASK	UINT64_C(0x00fffffffffffe00) /* of an entry of any table */
#define COMPRESSED	(UINT64_C(1) << 62)
#define SHOWN_BYTES	127u /* of a name or an id */

/* --- the lists ------------------------------------------------------------------------ */

static bool inside(const IvQcow2 *q, uint64_t host, uint64_t len)
{
	return host <= q->file->size && len <= q->file->size - host;
}

static bool read_at(const IvQcow2 *q, uint64_t host, void *buf, uint64_t len)
{
	return inside(q, host, len) && iv_file_read(q->file, host, buf, (size_t)len, NULL);
}

/* A string of the file, as much of it as is worth showing; NULL: it cannot be read. */
static char *read_text(const IvQcow2 *q, uint64_t host, uint64_t len)
{
	char text[SHOWN_BYTES];

	if (!inside(q, host, len) || !read_at(q, host, text, MIN(len, SHOWN_BYTES)))
		return NULL;
	return iv_text_printable(text, (gssize)MIN(len, SHOWN_BYTES));
}

/* The entry of a snapshot at *at; false where it cannot be read. */
static bool read_snapshot(const IvQcow2 *q, uint64_t *at, IvQcow2Kept *kept)
{
	uint8_t fields[SNAPSHOT_FIELDS], extra[EXTRA_KNOWN] = {0};
	IvCursor c = iv_cursor(fields, sizeof(fields)), more = iv_cursor(extra, sizeof(extra));
	uint32_t id_len, name_len, extra_len;
	g_autofree char *id = NULL, *name = NULL;

	if (!read_at(q, *at, fields, sizeof(fields)))
		return false;
	kept->table = iv_cursor_be64(&c);
	kept->table_bytes = iv_cursor_be32(&c) * (uint64_t)sizeof(uint64_t);
	id_len = iv_cursor_be16(&c);
	name_len = iv_cursor_be16(&c);
	iv_cursor_skip(&c, 16); /* when it was taken */
	kept->vm_state = iv_cursor_be32(&c);
	extra_len = iv_cursor_be32(&c);
	if (extra_len >= EXTRA_KNOWN && read_at(q, *at + SNAPSHOT_FIELDS, extra, sizeof(extra)))
		kept->vm_state = iv_cursor_be64(&more);
	*at += SNAPSHOT_FIELDS + (uint64_t)extra_len;
	id = read_text(q, *at, id_len);
	name = read_text(q, *at + id_len, name_len);
	if (id == NULL || name == NULL)
		return false;
	kept->name = g_strdup_printf("\"%s\" (id %s)", name, id);
	*at = (*at + id_len + name_len + 7) / 8 * 8;
	return true;
}

static bool read_bitmap(const IvQcow2 *q, uint64_t *at, IvQcow2Kept *kept)
{
	uint8_t fields[BITMAP_FIELDS];
	IvCursor c = iv_cursor(fields, sizeof(fields));
	uint32_t name_len, extra_len;
	g_autofree char *name = NULL;

	if (!read_at(q, *at, fields, sizeof(fields)))
		return false;
	kept->table = iv_cursor_be64(&c);
	kept->table_bytes = iv_cursor_be32(&c) * (uint64_t)sizeof(uint64_t);
	iv_cursor_skip(&c, 4 + 1 + 1); /* flags, type, granularity */
	name_len = iv_cursor_be16(&c);
	extra_len = iv_cursor_be32(&c);
	*at += BITMAP_FIELDS + (uint64_t)extra_len;
	name = read_text(q, *at, name_len);
	if (name == NULL)
		return false;
	kept->name = g_strdup_printf("\"%s\"", name);
	*at = (*at + name_len + 7) / 8 * 8;
	return true;
}

static void kept_clear(gpointer data)
{
	g_free(((IvQcow2Kept *)data)->name);
}

void iv_qcow2_list_clear(IvQcow2List *list)
{
	g_clear_pointer(&list->kept, g_array_unref);
}

static IvQcow2List read_list(const IvQcow2 *q, uint64_t at, uint64_t promised,
			     bool (*read)(const IvQcow2 *q, uint64_t *at, IvQcow2Kept *kept))
{
	IvQcow2List list = {.promised = promised, .list = at};

	list.kept = g_array_new(FALSE, FALSE, sizeof(IvQcow2Kept));
	g_array_set_clear_func(list.kept, kept_clear);
	while (list.kept->len < MIN(promised, IV_MAX_QCOW2_KEPT)) {
		IvQcow2Kept kept = {0};
		uint64_t next = at;

		/* A table over the header is none: what is read there are no entries. */
		if (!read(q, &next, &kept) || kept.table == 0) {
			kept_clear(&kept);
			break;
		}
		at = next;
		g_array_append_val(list.kept, kept);
	}
	list.list_bytes = at - list.list;
	return list;
}

IvQcow2List iv_qcow2_snapshots_read(const IvQcow2 *q)
{
	return read_list(q, q->extras.snapshots, q->extras.n_snapshots, read_snapshot);
}

IvQcow2List iv_qcow2_bitmaps_read(const IvQcow2 *q)
{
	return read_list(q, q->extras.bitmaps, q->extras.n_bitmaps, read_bitmap);
}

/* --- what they refer to --------------------------------------------------------------- */

/* A table of big-endian words, within what may be read of them; NULL: beyond it. */
static uint64_t *read_table(const IvQcow2 *q, IvQcow2Used *used, uint64_t host, uint64_t bytes,
			    IvQcow2Kept *kept)
{
	uint64_t *table;

	if (bytes > used->tables || !inside(q, host, bytes)) {
		kept->partly = true;
		return NULL;
	}
	used->tables -= bytes;
	table = g_malloc(bytes + 1);
	if (read_at(q, host, table, bytes))
		return table;
	kept->partly = true;
	g_free(table);
	return NULL;
}

/* A whole cluster that an entry of a table names. */
static uint64_t mark_cluster(const IvQcow2 *q, IvQcow2Used *used, uint64_t entry)
{
	uint64_t host = entry & OFFSET_MASK, size = iv_qcow2_cluster_size(q);

	return host == 0 ? 0 : iv_qcow2_used_add(used, host, size);
}

static void mark_l2(const IvQcow2 *q, IvQcow2Used *used, uint64_t host, IvQcow2Kept *kept)
{
	uint64_t size = iv_qcow2_cluster_size(q);
	g_autofree uint64_t *table = read_table(q, used, host, size, kept);
	size_t step = q->extended ? 2 : 1;

	for (size_t i = 0; table != NULL && i < size / sizeof(uint64_t); i += step) {
		uint64_t entry = GUINT64_FROM_BE(table[i]), place;
		size_t len;

		used->packed = used->packed || (entry & COMPRESSED) != 0;
		if ((entry & COMPRESSED) == 0)
			kept->bytes += mark_cluster(q, used, entry);
		else if (iv_qcow2_packed_place(q, entry & (COMPRESSED - 1), &place, &len, NULL))
			kept->bytes += iv_qcow2_used_add(used, place, len);
	}
}

void iv_qcow2_snapshot_mark(const IvQcow2 *q, IvQcow2Used *used, IvQcow2Kept *kept)
{
	g_autofree uint64_t *l1 = read_table(q, used, kept->table, kept->table_bytes, kept);
	uint64_t size = iv_qcow2_cluster_size(q);

	kept->bytes += iv_qcow2_used_add(used, kept->table, kept->table_bytes);
	for (size_t i = 0; l1 != NULL && i < kept->table_bytes / sizeof(uint64_t); i++) {
		uint64_t host = GUINT64_FROM_BE(l1[i]) & OFFSET_MASK;
		uint64_t fresh = host != 0 ? iv_qcow2_used_add(used, host, size) : 0;

		kept->bytes += fresh;
		/* One that was met before shares all its clusters with whom it was met. */
		if (host != 0 && (fresh > 0 || !iv_qcow2_used_holds(used, host, size)))
			mark_l2(q, used, host, kept);
	}
}

void iv_qcow2_bitmap_mark(const IvQcow2 *q, IvQcow2Used *used, IvQcow2Kept *kept)
{
	g_autofree uint64_t *table = read_table(q, used, kept->table, kept->table_bytes, kept);

	kept->bytes += iv_qcow2_used_add(used, kept->table, kept->table_bytes);
	for (size_t i = 0; table != NULL && i < kept->table_bytes / sizeof(uint64_t); i++)
		kept->bytes += mark_cluster(q, used, GUINT64_FROM_BE(table[i]));
}
