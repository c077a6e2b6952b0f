/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * qcow2_map.c - from an offset of the disk to what is stored there; see qcow2.h
 *
 * qcow2.txt, "Cluster mapping": the high bits of an offset choose an L1 entry,
 * which names an L2 table; the next bits choose the entry of a cluster there.
 */
#include "scanner/disk/qcow2.h"

#include "scanner/base/error.h"

#define L2_COMPRESSED (UINT64_C(1) << 62)
#define L2_COPIED     (UINT64_C(1) << 63)
#define L2_ZERO	      UINT64_C(1)
#define L2_OFFSET     UINT64_C(0x00fffffffffffe00)
#define SUBCLUSTERS   32u
#define SECTOR	      512u

static bool overlaps(uint64_t a, uint64_t a_len, uint64_t b, uint64_t b_len)
{
	return b_len > 0 && a < b + b_len && b < a + a_len;
}

bool iv_qcow2_check_place(const IvQcow2 *q, uint64_t host, uint64_t len, const char *what,
			  GError **error)
{
	const char *wrong = NULL;

	if (host > q->file->size || len > q->file->size - host)
		wrong = "lies outside the file, which is cut short or damaged";
	else if (host < iv_qcow2_cluster_size(q))
		wrong = "lies over the image's header";
	else if (overlaps(host, len, q->l1_offset, q->l1_bytes))
		wrong = "lies over the L1 table";
	else if (overlaps(host, len, q->refs_offset, q->refs_bytes))
		wrong = "lies over the refcount table";
	if (wrong == NULL)
		return true;
	return iv_fail(error, IV_ERROR_CORRUPT, "%s: %s at byte %" G_GUINT64_FORMAT " %s",
		       q->file->path, what, host, wrong);
}

/* The L2 table of an L1 entry, in words of host order; the caller releases it. */
static uint64_t *load_l2(IvQcow2 *q, size_t index, GError **error)
{
	size_t size = (size_t)iv_qcow2_cluster_size(q);
	uint64_t *table = iv_cache_get(&q->l2_tables, index);

	if (table != NULL)
		return table;
	table = g_atomic_rc_box_alloc(size);
	if (!iv_file_read(q->file, q->l1[index], table, size, error)) {
		g_atomic_rc_box_release(table);
		return NULL;
	}
	for (size_t i = 0; i < size / sizeof(uint64_t); i++)
		table[i] = GUINT64_FROM_BE(table[i]);
	iv_cache_put(&q->l2_tables, index, table);
	return table;
}

static bool fail_entry(const IvQcow2 *q, uint64_t off, uint64_t entry, const char *wrong,
		       GError **error)
{
	return iv_fail(error, IV_ERROR_CORRUPT,
		       "%s: the L2 entry of disk byte %" G_GUINT64_FORMAT
		       " %s (0x%016" G_GINT64_MODIFIER "x)",
		       q->file->path, off, wrong, entry);
}

/* What a subcluster's bits say: "Extended L2 entries", subcluster allocation bitmap. */
static bool subcluster(const IvQcow2 *q, uint64_t off, uint64_t entry, uint64_t bitmap,
		       IvQcow2Run *run, GError **error)
{
	unsigned unit_bits = q->cluster_bits - 5;
	unsigned i = (unsigned)(off >> unit_bits) % SUBCLUSTERS;
	bool allocated = (bitmap >> i & 1) != 0, zero = (bitmap >> (32 + i) & 1) != 0;

	if (allocated && zero)
		return fail_entry(q, off, bitmap, "says both zeros and data for a subcluster",
				  error);
	if (allocated && (entry & L2_OFFSET) == 0)
		return fail_entry(q, off, bitmap, "has data but no place for it", error);
	run->kind = zero ? IV_RUN_ZERO : allocated ? IV_RUN_DATA : IV_RUN_NONE;
	run->host = (entry & L2_OFFSET) + ((uint64_t)i << unit_bits);
	return true;
}

/* What the entry of a cluster says about the unit (cluster or subcluster) at off. */
static bool classify(const IvQcow2 *q, uint64_t off, uint64_t entry, uint64_t bitmap,
		     IvQcow2Run *run, GError **error)
{
	uint64_t reserved = ~(L2_OFFSET | L2_COPIED | L2_COMPRESSED);

	if ((entry & L2_COMPRESSED) != 0) {
		if (bitmap != 0)
			return fail_entry(q, off, entry, "is compressed but has subclusters",
					  error);
		run->kind = IV_RUN_COMPRESSED;
		run->host = entry & ~(L2_COMPRESSED | L2_COPIED);
		return true;
	}
	if (q->version >= 3 && !q->extended)
		reserved &= ~L2_ZERO;
	if ((entry & reserved) != 0)
		return fail_entry(q, off, entry, "has reserved bits set", error);
	if ((entry & L2_OFFSET) % iv_qcow2_cluster_size(q) != 0)
		return fail_entry(q, off, entry, "does not begin at a cluster", error);
	if (q->extended)
		return subcluster(q, off, entry, bitmap, run, error);
	run->host = entry & L2_OFFSET;
	run->kind = (entry & L2_ZERO) != 0 ? IV_RUN_ZERO
		    : run->host != 0	   ? IV_RUN_DATA
					   : IV_RUN_NONE;
	return true;
}

/* Classify the unit at off, which may begin inside it, and check its place. */
static bool map_unit(const IvQcow2 *q, const uint64_t *table, uint64_t off, IvQcow2Run *run,
		     GError **error)
{
	size_t i = (size_t)(off >> q->cluster_bits & ((UINT64_C(1) << q->l2_bits) - 1));
	uint64_t unit = q->extended ? iv_qcow2_cluster_size(q) / SUBCLUSTERS
				    : iv_qcow2_cluster_size(q);
	uint64_t start = off & ~(unit - 1);
	uint64_t entry = q->extended ? table[2 * i] : table[i];
	uint64_t bitmap = q->extended ? table[2 * i + 1] : 0;

	run->kind = IV_RUN_NONE;
	if (!classify(q, off, entry, bitmap, run, error))
		return false;
	if (run->kind == IV_RUN_COMPRESSED) {
		unit = iv_qcow2_cluster_size(q);
		start = off & ~(unit - 1);
	}
	run->len = MIN(unit, q->base.size - start);
	if (run->kind == IV_RUN_DATA &&
	    !iv_qcow2_check_place(q, run->host, run->len, "a data cluster", error))
		return false;
	if (run->kind == IV_RUN_DATA)
		run->host += off - start;
	run->len -= off - start;
	return true;
}

/* No L2 table: nothing is allocated, up to the next L1 entry that names one. */
static void map_absent(const IvQcow2 *q, size_t index, uint64_t off, uint64_t want,
		       IvQcow2Run *run)
{
	unsigned shift = q->cluster_bits + q->l2_bits;

	do {
		index++;
	} while (index < q->n_l1 && q->l1[index] == 0 && ((uint64_t)index << shift) - off < want);
	run->kind = IV_RUN_NONE;
	run->len = MIN(want, ((uint64_t)index << shift) - off);
}

/* A run of clusters that are not allocated, up to `end`: most of a large table is that. */
static void skip_absent(const IvQcow2 *q, const uint64_t *table, uint64_t off, uint64_t end,
			IvQcow2Run *run)
{
	unsigned shift = q->cluster_bits + q->l2_bits;
	size_t n = (size_t)1 << q->l2_bits, i = (size_t)(off >> q->cluster_bits & (n - 1)) + 1;
	uint64_t stop;

	if (q->extended || run->kind != IV_RUN_NONE)
		return;
	while (i < n && table[i] == 0)
		i++;
	stop = (off >> shift << shift) + ((uint64_t)i << q->cluster_bits);
	run->len = MIN(end, stop) - off;
}

bool iv_qcow2_map(IvQcow2 *q, uint64_t off, uint64_t want, IvQcow2Run *run, GError **error)
{
	unsigned shift = q->cluster_bits + q->l2_bits;
	size_t index = (size_t)(off >> shift);
	uint64_t *table, end;
	bool fine;

	if (q->l1[index] == 0) {
		map_absent(q, index, off, want, run);
		return true;
	}
	table = load_l2(q, index, error);
	if (table == NULL)
		return false;
	/* A run ends with its L2 table at the latest, which bounds the work of a call. */
	end = MIN(off + want, ((uint64_t)index + 1) << shift);
	fine = map_unit(q, table, off, run, error);
	if (fine)
		skip_absent(q, table, off, end, run);
	while (fine && run->kind != IV_RUN_COMPRESSED && off + run->len < end) {
		IvQcow2Run next;

		/* A damaged entry ends the run; whoever reads it gets the error. */
		if (!map_unit(q, table, off + run->len, &next, NULL) || next.kind != run->kind ||
		    (next.kind == IV_RUN_DATA && next.host != run->host + run->len))
			break;
		run->len += next.len;
	}
	if (fine)
		run->len = MIN(run->len, end - off);
	g_atomic_rc_box_release(table);
	return fine;
}

/* The low x bits are the offset, the others how many further sectors are touched. */
bool iv_qcow2_packed_place(const IvQcow2 *q, uint64_t descriptor, uint64_t *host, size_t *len,
			   GError **error)
{
	unsigned x = 62 - (q->cluster_bits - 8);
	uint64_t sectors = (descriptor >> x) + 1;

	*host = descriptor & ((UINT64_C(1) << x) - 1);
	if (!iv_qcow2_check_place(q, *host, 1, "a compressed cluster", error))
		return false;
	/* The last sector of the file may be cut: writers do not fill it up. */
	*len = (size_t)MIN(sectors * SECTOR - *host % SECTOR, q->file->size - *host);
	return true;
}
