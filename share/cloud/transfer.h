/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * transfer.h - what a cloud offers for fetching an image's bytes and for making an image from
 * bytes.  A table beside IvCloudOps, with the same rules (cloud.h).
 *
 * An image leaves a cloud as an object in its store, written by a task, and
 * comes back the same way.  Objects are opaque here: nothing looks into them.
 */
#ifndef IV_SHARE_CLOUD_TRANSFER_H
#define IV_SHARE_CLOUD_TRANSFER_H

#include "share/cloud/cloud.h"

/* --- tasks ---------------------------------------------------------------------------- */

typedef enum { IV_TASK_RUNNING, IV_TASK_DONE, IV_TASK_FAILED } IvTaskState;

typedef struct {
	IvTaskState state;
	guint percent;
	char *word;	      /* the cloud's word for the state, printable */
	char *problem;	      /* of a failed one: printable, or "" */
	char *image;	      /* id of its image, or NULL: not told */
	char *bucket, *object; /* what an export wrote, or NULL: not told (yet).  May hold
			        * unprintable bytes */
} IvCloudTask;

void iv_cloud_task_free(IvCloudTask *task);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvCloudTask, iv_cloud_task_free)

/* --- objects in the cloud's store ------------------------------------------------------- */

typedef struct {
	char *etag; /* as the store writes it, printable */
	guint64 size;
	guint64 crc64;
	bool has_crc64; /* the store reported it */
} IvCloudObject;

void iv_cloud_object_free(IvCloudObject *object);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvCloudObject, iv_cloud_object_free)

/* Called now and then with bytes; false stops the transfer. */
typedef bool (*IvTransferProgress)(void *user, guint64 done, guint64 total);

/* --- the calls --------------------------------------------------------------------------- */

typedef struct {
	const char *name, *bucket, *object;
	const char *format;	  /* "raw" or "qcow2" */
	guint size_gib;		  /* at least the disk's size */
	const char *architecture; /* "x86_64", "arm64" */
	const char *boot;	  /* "BIOS", "UEFI", or NULL: the cloud's choice */
	const char *platform;	  /* the cloud's word for the system in it, or NULL */
	const char *token;	  /* the same for every repetition of one request */
} IvCloudImport;

typedef struct {
	const char *key, *value;
} IvCloudTag;

/* --- disks of the instance that this runs on ---------------------------------------------- */

typedef struct {
	char *id, *region, *zone;
} IvCloudInstance;

void iv_cloud_instance_free(IvCloudInstance *instance);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvCloudInstance, iv_cloud_instance_free)

typedef enum {
	IV_VOLUME_FREE,	    /* exists, not attached */
	IV_VOLUME_ATTACHED,
	IV_VOLUME_MOVING,   /* changing from one to the other */
} IvVolumeState;

typedef struct {
	char *id;
	char *serial;	/* what the guest sees, or NULL: not told */
	char *instance; /* that it is attached to, or NULL */
	IvVolumeState state;
} IvCloudVolume;

void iv_cloud_volume_free(IvCloudVolume *volume);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvCloudVolume, iv_cloud_volume_free)

typedef struct {
	const char *zone, *snapshot, *name;
	const char *category; /* the cloud's word for the kind of disk, or NULL: its usual one */
	IvCloudTag tag;	      /* set when the disk is created */
	const char *token;    /* as in IvCloudImport */
} IvCloudDiskWish;

/* All return at once; the disk's state tells when they are done. */
typedef enum { IV_DISK_ATTACH, IV_DISK_DETACH, IV_DISK_DELETE } IvCloudDiskChange;

typedef struct IvTransferOps {
	/* Start an export of the image to an object whose name begins with the prefix (NULL: none).
	 * Not repeatable: after a lost answer look for its task first. */
	bool (*export_image)(IvCloud *cloud, const char *image_id, const char *bucket,
			     const char *prefix, char **task, IvCallTrace *trace, GError **error);
	/* Tasks that export this image and were begun at `since` (seconds since the
	 * epoch) or later: char * ids, the newest first. */
	GPtrArray *(*exports)(IvCloud *cloud, const char *image_id, gint64 since,
			      IvCallTrace *trace, GError **error);
	IvCloudTask *(*task)(IvCloud *cloud, const char *id, IvCallTrace *trace, GError **error);
	bool (*import_image)(IvCloud *cloud, const IvCloudImport *import, char **image_id,
			     char **task, IvCallTrace *trace, GError **error);
	bool (*tag)(IvCloud *cloud, const char *image_id, const IvCloudTag *tags, gsize n,
		    IvCallTrace *trace, GError **error);

	/* NULL with an error also where there is no such object. */
	IvCloudObject *(*object)(IvCloud *cloud, const char *bucket, const char *key,
				 GError **error);
	/* Into the file, continuing where an earlier attempt stopped; afterwards the file has the
	 * object's size and checksum. */
	IvCloudObject *(*download)(IvCloud *cloud, const char *bucket, const char *key,
				   const char *file, IvTransferProgress progress, void *user,
				   GError **error);
	/* Likewise from the file, in parts. */
	IvCloudObject *(*upload)(IvCloud *cloud, const char *file, const char *bucket,
				 const char *key, IvTransferProgress progress, void *user,
				 GError **error);
	/* A success too when there is no such object. */
	bool (*delete_object)(IvCloud *cloud, const char *bucket, const char *key, GError **error);

	/* IV_ERROR_CLOUD when this machine is not an instance. */
	IvCloudInstance *(*instance)(IvCloud *cloud, GError **error);
	bool (*disk_make)(IvCloud *cloud, const IvCloudDiskWish *wish, char **disk,
			  IvCallTrace *trace, GError **error);
	/* *volume NULL without an error: there is no such disk (any more). */
	bool (*disk)(IvCloud *cloud, const char *id, IvCloudVolume **volume, GError **error);
	/* At most 100: IvCloudVolume *. */
	GPtrArray *(*disks_tagged)(IvCloud *cloud, const IvCloudTag *tag, GError **error);
	/* `instance` is used by the first two; deleting a disk that is gone is a success. */
	bool (*disk_change)(IvCloud *cloud, IvCloudDiskChange change, const char *instance,
			    const char *disk, IvCallTrace *trace, GError **error);

	bool (*bucket_ok)(const char *bucket);
	const char *bucket_hint;
	bool (*prefix_ok)(const char *prefix);
	const char *prefix_hint;
} IvTransferOps;

#endif
