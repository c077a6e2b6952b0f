/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * acquire.h - from a cloud image to a local disk, and from a local disk to a cloud image, each with
 * an origin record (scanner/report/origin.h) that says which bytes are which image.
 *
 * Both take long and may be interrupted anywhere: their progress is kept beside the disk
 * (checkpoint.h), and the same command continues from there.  The image's bytes are opaque here:
 * the caller's functions parse them, and while these run no credentials are held.
 */
#ifndef IV_SHARE_TRANSFER_ACQUIRE_H
#define IV_SHARE_TRANSFER_ACQUIRE_H

#include "scanner/base/error.h"
#include "share/ledger/ledger.h"

/* What a disk holds, as the caller found it. */
typedef struct {
	char *format; /* "raw" or "qcow2" */
	guint64 size; /* virtual bytes */
	char *digest; /* "fsverity-sha256:<hex>" */
} IvDiskBytes;

void iv_disk_bytes_clear(IvDiskBytes *bytes);

/* Common to both. */
typedef struct {
	const char *region, *profile;
	const char *const *endpoints;
	gint64 deadline; /* monotonic microseconds; 0: none */
	const char *bucket;
	const char *disk;   /* path of the disk here */
	const char *record; /* path of the origin record; NULL: DISK.origin.json */
	const char *key;    /* of the signing key, or NULL: the user's own one */
	/* A line for people; may be NULL. */
	void (*say)(void *user, const char *text);
	/* Progress of one part of the work, of `total` percent or, with `bytes`, bytes.  May be
	 * NULL. */
	void (*progress)(void *user, const char *what, guint64 done, guint64 total, bool bytes);
	void *user;
} IvMoveRequest;

typedef struct {
	IvMoveRequest move;
	const char *image_id;
	const char *prefix; /* of the object, or NULL */
	bool delete_object; /* once the disk is here */
	/* Make the disk at `disk` out of the object's file, whose name in the cloud
	 * was `name`, and say what it holds. */
	bool (*land)(void *user, const char *file, const char *name, const char *disk,
		     IvDiskBytes *bytes, GError **error);

	/* The other way: a disk made from the image's snapshot is attached to the
	 * instance that this runs on, copied and removed.  Needs no bucket. */
	bool via_disk;
	const char *category; /* the cloud's word for the kind of disk, or NULL */
	const char *devices;  /* folder of links to disks by serial; NULL: /dev/disk/by-id */
	bool (*stopped)(void *user); /* asked often: end now, and clear up?  Or NULL */
	bool (*measure)(void *user, const char *disk, IvDiskBytes *bytes, GError **error);
} IvAcquireRequest;

/* Export the image to the bucket, fetch the object, make the disk of it, write the record; or by
 * way of a disk.  *origin is the record, signed.  IV_ERROR_REFUSED for an image that cannot be
 * fetched. */
IV_MUST_CHECK
bool iv_acquire(const IvAcquireRequest *request, IvLedger *ledger, cJSON **origin, GError **error);

typedef struct {
	IvMoveRequest move;
	const char *name;	  /* of the new image */
	const char *prefix;	  /* of the object's key, or NULL */
	const char *architecture; /* "x86_64" */
	const char *boot, *platform; /* or NULL: the cloud's choice */
	bool keep_object;
	/* What the disk holds. */
	bool (*measure)(void *user, const char *disk, IvDiskBytes *bytes, GError **error);
} IvPublishRequest;

/* Upload the disk, import it as an image, tag that, write the record. */
IV_MUST_CHECK
bool iv_publish(const IvPublishRequest *request, IvLedger *ledger, cJSON **origin, GError **error);

#endif
