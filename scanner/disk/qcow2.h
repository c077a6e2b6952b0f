/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * qcow2.h - private to scanner/disk: the parts of the qcow2 source.
 *
 * The format is QEMU's docs/interop/qcow2.txt; section names below are its own.
 * What is read is the active state of the disk.  Internal snapshots are bytes of
 * the container, not of the virtual disk: whoever receives the disk through a
 * cloud's image service never sees them, so they are neither read nor refused.
 *
 *   qcow2.c        the header, its checks, the L1 table, the backing file
 *   qcow2_map.c    from an offset of the disk to what is stored there
 *   qcow2_read.c   the source: runs of clusters, compressed clusters
 */
#ifndef IV_DISK_QCOW2_H
#define IV_DISK_QCOW2_H

#include "scanner/base/error.h"
#include "scanner/disk/cache.h"
#include "scanner/disk/file.h"
#include "scanner/disk/source.h"

#define IV_QCOW2_MIN_CLUSTER_BITS 9u
#define IV_QCOW2_MAX_CLUSTER_BITS 21u

/* Header field "compression_type". */
enum { IV_QCOW2_ZLIB = 0, IV_QCOW2_ZSTD = 1 };

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
	IvCache l2_tables; /* by L1 index: uint64_t words of host order */
	IvCache clusters;  /* by cluster number: decompressed bytes */
	GMutex codecs_lock;
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

/* --- qcow2_read.c ---------------------------------------------------------------- */

extern const IvSourceOps iv_qcow2_ops;

#endif
