/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * qcow2.h - private to scanner/disk: the parts of the qcow2 source.
 *
 * The format is QEMU's docs/interop/qcow2.txt; section names below are its own.
 * What is read is the active state of the disk.  A cloud that imports the image hands
 * on no more than that; whoever gets the file gets internal snapshots, bitmaps and
 * clusters that nothing refers to as well.  Those are named, so that nobody takes the
 * file for looked at (beside.h).
 *
 *   qcow2_header.c     the first cluster
 *   qcow2.c            opening: the L1 table, the backing file
 *   qcow2_map.c        from an offset of the disk to what is stored there
 *   qcow2_read.c       the source: runs of clusters, compressed clusters
 *   qcow2_beside.c     what the file holds besides the disk
 *   qcow2_used.c       which bytes of the file are whose
 *   qcow2_snapshots.c  snapshots and dirty bitmaps, and what only they refer to
 */
#ifndef IV_DISK_QCOW2_H
#define IV_DISK_QCOW2_H

#include "scanner/base/error.h"
#include "scanner/disk/beside.h"
#include "scanner/disk/cache.h"
#include "scanner/disk/file.h"
#include "scanner/disk/source.h"

#define IV_QCOW2_MIN_CLUSTER_BITS 9u
#define IV_QCOW2_MAX_CLUSTER_BITS 21u

/* Header field "compression_type". */
enum { IV_QCOW2_ZLIB = 0, IV_QCOW2_ZSTD = 1 };

/* What the header says of things that are no part of the disk. */
typedef struct {
	uint32_t refs_order;	/* log2 of the bits of a refcount */
	uint32_t n_snapshots;
	uint64_t snapshots;	/* where their table stands in the file */
	uint32_t n_bitmaps;
	uint64_t bitmaps, bitmaps_bytes; /* their directory */
	uint32_t n_unknown;	/* header extensions that imgvet does not know */
	uint32_t unknown;	/* the type of the first of them */
	uint64_t unknown_bytes; /* of all of them */
	uint64_t spare_bytes;	/* of the first cluster: no zeros, and nobody's */
} IvQcow2Extras;

typedef struct {
	IvSource base;
	IvFile *file;
	IvSource *backing; /* what unallocated clusters read from, or NULL: zeros */
	uint32_t version;
	unsigned cluster_bits;
	unsigned l2_bits;  /* log2 of the entries of an L2 table */
	bool extended;	   /* "Extended L2 entries": 16 bytes each, 32 subclusters a cluster */
	unsigned compression;
	uint64_t l1_offset, l1_bytes; /* where the L1 table stands in the file */
	uint64_t refs_offset, refs_bytes; /* and the refcount table */
	uint64_t *l1;		      /* offsets of the L2 tables, 0: none; checked at open */
	size_t n_l1;
	IvQcow2Extras extras;
	IvCache l2_tables; /* by L1 index: uint64_t words of host order */
	IvCache clusters;  /* by cluster number: decompressed bytes */
	GMutex codecs_lock;
	gint odd_packed; /* a compressed cluster ends sectors before its descriptor says */
	GSList *codecs; /* idle decompressors; as many as threads ever met */
} IvQcow2;

static inline uint64_t iv_qcow2_cluster_size(const IvQcow2 *q)
{
	return UINT64_C(1) << q->cluster_bits;
}

/* --- qcow2_map.c ----------------------------------------------------------------- */

typedef enum {
	IV_RUN_NONE,	   /* not allocated: the backing file's bytes, or zeros */
	IV_RUN_ZERO,	   /* zeros */
	IV_RUN_DATA,	   /* plain bytes at host */
	IV_RUN_COMPRESSED, /* host is the compressed cluster descriptor; at most one cluster */
} IvQcow2Kind;

typedef struct {
	IvQcow2Kind kind;
	uint64_t host;
	uint64_t len;
} IvQcow2Run;

/* How the bytes at off are stored, and how many (1 .. want) share that. */
IV_MUST_CHECK
bool iv_qcow2_map(IvQcow2 *q, uint64_t off, uint64_t want, IvQcow2Run *run, GError **error);

/* Check that [host, host+len) may hold what `what` says: inside the file, and
 * over neither the header nor the tables that stand at known places. */
IV_MUST_CHECK
bool iv_qcow2_check_place(const IvQcow2 *q, uint64_t host, uint64_t len, const char *what,
			  GError **error);

/* Where the bytes of a compressed cluster are ("Compressed Clusters Descriptor"),
 * cut at the file's end. */
IV_MUST_CHECK
bool iv_qcow2_packed_place(const IvQcow2 *q, uint64_t descriptor, uint64_t *host, size_t *len,
			   GError **error);

/* --- qcow2_beside.c -------------------------------------------------------------- */

/* See IvDiskFormat. */
void iv_qcow2_beside(IvSource *source, IvBeside *beside);

/* --- qcow2_read.c ---------------------------------------------------------------- */

extern const IvSourceOps iv_qcow2_ops;

#endif
