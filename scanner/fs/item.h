/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * item.h - something to search: a file with a path, or bytes no file owns.
 *
 * An item says where its bytes are; it does not hold them (inline data
 * excepted).  Items are reference-counted; their fields never change once a
 * reader has emitted them, and any number of threads may read one at once.
 */
#ifndef IV_FS_ITEM_H
#define IV_FS_ITEM_H

#include "scanner/base/error.h"
#include "scanner/disk/source.h"

typedef enum {
	IV_ITEM_FILE,	 /* a regular file */
	IV_ITEM_SYMLINK, /* content is the target; never followed */
	IV_ITEM_XATTR,	 /* one extended attribute's value; path is the file's, name in `detail` */
	IV_ITEM_FREE,	 /* space the file system marks free: deleted files */
	IV_ITEM_META,	 /* allocated bytes no file owns: inode tables, directories, journal */
	IV_ITEM_RAW,	 /* a volume without a file system, or a gap */
} IvItemKind;

/* "file", "symlink", "xattr", "free", "metadata", "raw"; static. */
const char *iv_item_kind_name(IvItemKind kind);

/* A run of an item's bytes.  Sorted by logical offset, never overlapping; what
 * lies between two runs is a hole and reads as zeros. */
typedef struct {
	uint64_t logical;  /* offset in the item */
	uint64_t physical; /* offset in the volume's source */
	uint64_t length;   /* bytes, > 0 */
} IvExtent;

#define IV_MORE_UNKNOWN UINT32_MAX

typedef struct IvItem IvItem;

/* Bytes that come only once and only forwards (a tar stream).  Reads at most
 * len bytes into buf; *got = 0 is the end. */
typedef bool (*IvItemStream)(void *user, void *buf, size_t len, size_t *got, GError **error);

struct IvItem {
	IvItemKind kind;
	char *path;    /* raw bytes, NUL-terminated, no leading slash; NULL without a path */
	char *detail;  /* IV_ITEM_XATTR: attribute name; else NULL */
	char *link_of; /* hard links: the path under which this inode's content was first
			* emitted, or NULL when this is the first */
	/* Bytes that several names share: items of a volume with the same number (not 0)
	 * hold the same bytes.  The first says how many others may come, at most; the
	 * others have `link_of`, and so has the first when the bytes went by as a stream
	 * before.  An attribute without it that has its file's
	 * number belongs to all of the file's names. */
	uint64_t share;
	uint32_t more; /* or IV_MORE_UNKNOWN; 0 of all but the first */
	uint64_t size; /* bytes of content, holes included */
	uint64_t slack; /* bytes after size that belong to the file's last block (0 if unknown);
			 * readable at [size, size+slack), searched, reported as slack */
	/* Not 0: the bytes before this offset were searched elsewhere, and so were those behind
	 * it; only a match that begins before it and ends behind it is new (search/edges.h). */
	uint64_t seam;
	uint32_t mode; /* st_mode, 0 if unknown */
	uint32_t uid, gid;

	/* Where the bytes are: exactly one of these three. */
	IvSource *source;   /* with extents */
	GArray *extents;    /* IvExtent */
	bool detached;	    /* source is not the volume's (a file of the host, a download):
			     * its offsets are no places on the disk */
	GBytes *bytes;	    /* content in memory (inline data, xattr, symlink target) */
	IvItemStream stream;/* sequential; valid only inside the reader's emit call */
	void *stream_user;

	gatomicrefcount refs;
};

/* A new item with no content.  path (may be NULL) is copied. */
IvItem *iv_item_new(IvItemKind kind, const char *path);
IvItem *iv_item_ref(IvItem *item);
void iv_item_unref(IvItem *item);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvItem, iv_item_unref)

/* Add a run; joins it with the last one when both offsets continue it.  False,
 * and nothing is added, when the run begins before the end of the last one or
 * wraps around: the image contradicts itself, and the reader says so.  A run
 * of no bytes is nothing, and true. */
IV_MUST_CHECK
bool iv_item_add_extent(IvItem *item, uint64_t logical, uint64_t physical, uint64_t length);

/* Read exactly len bytes at off (off+len <= size+slack); holes are zeros.
 * Not for stream items. */
IV_MUST_CHECK
bool iv_item_read(IvItem *item, uint64_t off, void *buf, size_t len, GError **error);

/* The next stored bytes at or after off: *start and *len, joining runs whose
 * gap is under `bridge` bytes.  *len = 0: nothing but holes up to the end.
 * Iterates runs, never bytes: a size of 2^60 costs nothing. */
void iv_item_next_data(const IvItem *item, uint64_t off, uint64_t bridge, uint64_t *start,
		       uint64_t *len);

/* Offset in the volume's source of the item's byte `off`, or -1 when it has
 * none (in memory, in a hole, in a stream, detached). */
int64_t iv_item_physical(const IvItem *item, uint64_t off);

/* An attribute with a label or an access list (security.*, system.*): these hold no
 * secrets, and a disk has many. */
bool iv_item_is_label(const IvItem *item);

/* Bytes of memory that the item takes, its content in memory included, about. */
size_t iv_item_cost(const IvItem *item);

/* Bytes that will be read: the sum of the runs (slack included), or size. */
uint64_t iv_item_stored(const IvItem *item);

#endif
