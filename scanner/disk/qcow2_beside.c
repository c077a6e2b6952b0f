/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * qcow2_beside.c - what a qcow2 file holds besides its disk; see beside.h
 *
 * Named are: snapshots, bitmaps, header extensions of unknown kinds, bytes in the first
 * cluster that belong to nothing, sectors that nothing refers to and that are no zeros,
 * and those behind a compressed cluster.  The format's own tables are numbers; as far as
 * they are about the disk and look like it they are somebody's, and no further.
 */
#include <inttypes.h>

#include "scanner/base/limits.h"
#include "scanner/disk/qcow2.h"
#include "scanner/disk/qcow2_snapshots.h"
#include "scanner/disk/qcow2_used.h"

#define CONVERT "qemu-img convert -O qcow2 leaves it out"
#define REFS_OFFSET UINT64_C(0xfffffffffffffe00)

typedef struct {
	IvQcow2 *q;
	const char *file; /* "the qcow2 file" */
	IvQcow2Used used;
	IvQcow2List snapshots, bitmaps;
	uint64_t twins; /* bytes that the disk shows at more than one place */
	uint64_t rest;	/* bytes that nothing refers to */
} Survey;

/* --- what the disk refers to -------------------------------------------------------- */

/* The largest refcount that makes sense: each cluster once in the disk and in each
 * snapshot; compressed ones share a cluster, and take 32 bytes at least. */
static uint64_t most_references(const Survey *s)
{
	uint64_t each = s->used.packed ? iv_qcow2_cluster_size(s->q) / 32 : 1;

	return each * (s->q->extras.n_snapshots + UINT64_C(1));
}

/* Are these refcounts?  Other bytes may stand where they should. */
static bool are_refcounts(const Survey *s, const uint8_t *data, size_t len)
{
	unsigned bytes = (1u << MIN(s->q->extras.refs_order, 6)) / 8;
	uint64_t most = most_references(s);

	for (size_t i = 0; bytes > 0 && i < len; i += bytes) {
		uint64_t value = 0;

		for (unsigned k = 0; k < bytes; k++)
			value = value << 8 | data[i + k];
		if (value > most)
			return false;
	}
	return true;
}

/* A refcount block: as much of it as counts clusters of the file, where it does count. */
static void mark_refcount_block(Survey *s, uint64_t host, uint64_t counts)
{
	uint64_t bytes = ((counts << MIN(s->q->extras.refs_order, 6)) + 7) / 8;
	uint8_t data[512];

	for (uint64_t at = 0; at < bytes; at += sizeof(data)) {
		size_t len = (size_t)MIN(sizeof(data), bytes - at);

		if (host + at + len > s->q->file->size ||
		    !iv_file_read(s->q->file, host + at, data, len, NULL))
			return;
		if (are_refcounts(s, data, len))
			iv_qcow2_used_add(&s->used, host + at, len);
	}
}

/* The refcount table and its blocks ("Host cluster management").  Entries for what lies
 * behind the file's end count nothing. */
static void mark_refcounts(Survey *s)
{
	const IvQcow2 *q = s->q;
	uint64_t cluster = iv_qcow2_cluster_size(q), clusters = (q->file->size - 1) / cluster + 1;
	uint64_t each = cluster * 8 >> MIN(q->extras.refs_order, 6);
	uint64_t n = MIN(q->refs_bytes / sizeof(uint64_t), (clusters - 1) / each + 1);

	iv_qcow2_used_add(&s->used, q->refs_offset, n * sizeof(uint64_t));
	for (uint64_t i = 0; i < n; i++) {
		uint64_t host;

		if (!iv_file_read(q->file, q->refs_offset + i * sizeof(uint64_t), &host,
				  sizeof(host), NULL))
			return;
		host = GUINT64_FROM_BE(host) & REFS_OFFSET;
		if (host != 0 && host % cluster == 0 && host < q->file->size)
			mark_refcount_block(s, host, MIN(each, clusters - i * each));
	}
}

/* The header and the tables of the disk, as far as they are about the disk. */
static void mark_tables(Survey *s)
{
	const IvQcow2 *q = s->q;
	uint64_t cluster = iv_qcow2_cluster_size(q), entry = q->extended ? 16 : 8;
	uint64_t clusters = (q->base.size - 1) / cluster + 1;

	iv_qcow2_used_add(&s->used, 0, cluster);
	iv_qcow2_used_add(&s->used, q->l1_offset, q->n_l1 * sizeof(uint64_t));
	for (size_t i = 0; i < q->n_l1; i++) {
		uint64_t before = (uint64_t)i << q->l2_bits;

		if (q->l1[i] != 0)
			iv_qcow2_used_add(&s->used, q->l1[i],
					  MIN(cluster, (clusters - before) * entry));
	}
}

/* Mark one run of the disk. */
static void mark_run(Survey *s, const IvQcow2Run *run)
{
	uint64_t host;
	size_t len;

	if (run->kind == IV_RUN_DATA) {
		bool holds = iv_qcow2_used_holds(&s->used, run->host, run->len);
		uint64_t fresh = iv_qcow2_used_add(&s->used, run->host, run->len);

		if (holds && fresh < run->len)
			s->twins += run->len - fresh;
	} else if (run->kind == IV_RUN_COMPRESSED &&
		   iv_qcow2_packed_place(s->q, run->host, &host, &len, NULL)) {
		iv_qcow2_used_add(&s->used, host, len);
		s->used.packed = true;
	}
}

/* What cannot be mapped is an error when the disk is read; here it refers to nothing. */
static void mark_disk(Survey *s)
{
	uint64_t size = s->q->base.size, cluster = iv_qcow2_cluster_size(s->q);

	for (uint64_t off = 0; off < size;) {
		IvQcow2Run run;

		if (iv_qcow2_map(s->q, off, size - off, &run, NULL)) {
			mark_run(s, &run);
			off += run.len;
		} else {
			off = (off / cluster + 1) * cluster;
		}
	}
}

static void mark_list(Survey *s, IvQcow2List *list,
		      void (*mark)(const IvQcow2 *q, IvQcow2Used *used, IvQcow2Kept *kept))
{
	iv_qcow2_used_add(&s->used, list->list, list->list_bytes);
	for (guint i = 0; i < list->kept->len; i++)
		mark(s->q, &s->used, &g_array_index(list->kept, IvQcow2Kept, i));
}

/* --- window by window ----------------------------------------------------------------- */

static bool is_hole(IvFile *file, uint64_t start, uint64_t end)
{
	uint64_t len = end - start;
	bool zero = false;

	return iv_file_extent(file, start, &len, &zero, NULL) && zero && len == end - start;
}

/* Returns where the survey stopped: the file's end, or a ceiling. */
static uint64_t survey_file(Survey *s)
{
	uint64_t size = s->q->file->size, start = 0;

	for (unsigned windows = 0; start < size; start += IV_QCOW2_WINDOW_BYTES) {
		uint64_t end = MIN(start + IV_QCOW2_WINDOW_BYTES, size);

		if (is_hole(s->q->file, start, end))
			continue;
		if (windows++ == IV_MAX_QCOW2_WINDOWS)
			return start;
		iv_qcow2_used_begin(&s->used, start, end);
		mark_tables(s);
		mark_disk(s);
		mark_list(s, &s->snapshots, iv_qcow2_snapshot_mark);
		mark_list(s, &s->bitmaps, iv_qcow2_bitmap_mark);
		mark_refcounts(s);
		s->rest += iv_qcow2_used_rest(&s->used);
	}
	return size;
}

/* --- telling ---------------------------------------------------------------------------- */

static void tell_list(const Survey *s, IvBeside *beside, const IvQcow2List *list, const char *what)
{
	for (guint i = 0; i < list->kept->len; i++) {
		const IvQcow2Kept *kept = &g_array_index(list->kept, IvQcow2Kept, i);
		g_autofree char *memory =
			kept->vm_state == 0 ? g_strdup("")
					    : g_strdup_printf(" with %" PRIu64
							      " bytes of a machine's memory",
							      kept->vm_state);

		iv_beside_add(beside, kept->bytes,
			      g_strdup_printf("%s keeps the %s %s%s, which was not looked at%s: "
					      CONVERT,
					      s->file, what, kept->name, memory,
					      kept->partly ? " (its tables cannot be read in full)"
							   : ""));
	}
	if (list->promised > list->kept->len)
		iv_beside_add(beside, 0,
			      g_strdup_printf("%s says that it keeps %" PRIu64 " %s%ss, which are not "
					      "listed here and were not looked at: " CONVERT,
					      s->file, list->promised - list->kept->len,
					      list->kept->len > 0 ? "more " : "", what));
}

static void tell_header(const Survey *s, IvBeside *beside)
{
	const IvQcow2Extras *extras = &s->q->extras;

	if (extras->n_unknown > 0)
		iv_beside_add(beside, extras->unknown_bytes,
			      g_strdup_printf("%s has %u header extensions with words that imgvet does "
					      "not know, the first of type 0x%08x, which were not "
					      "looked at: " CONVERT,
					      s->file, extras->n_unknown, extras->unknown));
	if (extras->spare_bytes > 0)
		iv_beside_add(beside, extras->spare_bytes,
			      g_strdup_printf("%s has bytes in its first cluster that belong to nothing, "
					      "which were not looked at: " CONVERT, s->file));
}

static void tell(const Survey *s, IvBeside *beside, uint64_t stopped)
{
	tell_header(s, beside);
	tell_list(s, beside, &s->snapshots, "snapshot");
	tell_list(s, beside, &s->bitmaps, "bitmap");
	if (s->rest > 0)
		iv_beside_add(beside, s->rest,
			      g_strdup_printf("%s holds data that nothing refers to, of deleted "
					      "snapshots for instance, which was not looked at: "
					      CONVERT, s->file));
	if (g_atomic_int_get(&s->q->odd_packed) != 0)
		iv_beside_add(beside, 0,
			      g_strdup_printf("%s gives compressed clusters more sectors than they "
					      "need, which were not looked at: " CONVERT, s->file));
	if (stopped < s->q->file->size)
		iv_beside_add(beside, s->q->file->size - stopped,
			      g_strdup_printf("what %s holds besides the disk was not looked for from "
					      "its byte %" PRIu64 " on: " CONVERT,
					      s->file, stopped));
	if (s->twins > 0)
		iv_beside_note(beside, g_strdup_printf("%" PRIu64 " bytes of %s appear at more than "
						       "one place of the disk or are tables as well, "
						       "which no writer makes",
						       s->twins, s->file));
}

static void survey(IvQcow2 *q, const char *file, IvBeside *beside)
{
	uint64_t window = MIN(q->file->size, IV_QCOW2_WINDOW_BYTES);
	Survey s = {.q = q, .file = file,
		    .used = {.file = q->file,
			     .cluster = iv_qcow2_cluster_size(q),
			     .tables = IV_MAX_QCOW2_KEPT_BYTES}};
	g_autofree uint64_t *words = g_new(uint64_t, window / 512 / 64 + 1);

	s.used.words = words;
	s.snapshots = iv_qcow2_snapshots_read(q);
	s.bitmaps = iv_qcow2_bitmaps_read(q);
	tell(&s, beside, survey_file(&s));
	iv_qcow2_list_clear(&s.snapshots);
	iv_qcow2_list_clear(&s.bitmaps);
}

void iv_qcow2_beside(IvSource *source, IvBeside *beside)
{
	IvQcow2 *q = (IvQcow2 *)source;

	survey(q, "the qcow2 file", beside);
	if (q->backing == NULL)
		return;
	iv_beside_note(beside, g_strdup("of the backing file only what the overlay shows was looked at"));
	if (q->backing->ops == &iv_qcow2_ops)
		survey((IvQcow2 *)q->backing, "the backing file", beside);
}
