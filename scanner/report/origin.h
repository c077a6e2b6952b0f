/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * origin.h - where a disk comes from: the chain from a cloud image's id to the
 * digest of the bytes at hand.
 *
 * imgvet acquire and imgvet publish write an origin record beside the disk
 * (DISK.origin.json), signed like a report; imgvet scan puts it into the report
 * as it stands, and the gate judges it.  This file knows its form only.
 */
#ifndef IV_REPORT_ORIGIN_H
#define IV_REPORT_ORIGIN_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "scanner/base/cjson.h"
#include "scanner/base/error.h"

#define IV_ORIGIN_SCHEMA 1

typedef struct {
	char *cloud;	  /* its name for people */
	char *account;	  /* whose image it is */
	char *region;
	char *image_id;
	GStrv snapshots;  /* ids of the image's snapshots, as far as known */
	uint64_t disks;	  /* that the image has; the record is about its system disk */
	char *way;	  /* "export", "publish" or "disk" */
	char *task;	  /* id of the task that exported or imported, or NULL */
	char *disk;	  /* id of the temporary disk that was read, or NULL */
	/* The object in the cloud's store that the bytes went through; NULL, and 0, without one. */
	char *bucket, *object, *etag, *crc64;
	uint64_t object_size;
	GStrv requests;	  /* "ActionName REQUEST-ID", in order */
	GStrv endpoints;  /* addresses used instead of the cloud's own */
	gint64 started;	  /* seconds since the epoch, UTC */
	gint64 finished;
	uint64_t size;	  /* virtual bytes of the disk */
	char *digest;	  /* "fsverity-sha256:<hex>" of them */
	char *version;	  /* of imgvet */
} IvOrigin;

IvOrigin *iv_origin_new(void);
void iv_origin_free(IvOrigin *origin);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvOrigin, iv_origin_free)

/* Model to JSON (unsigned) and back.  Loading checks every field, as for
 * reports: IV_ERROR_CORRUPT names it.  Texts of the model are fit to be printed. */
cJSON *iv_origin_to_json(const IvOrigin *origin);
IV_MUST_CHECK
IvOrigin *iv_origin_from_json(const cJSON *json, GError **error);

/* Read a record's file: strict JSON that iv_origin_from_json() takes, at most
 * IV_MAX_ORIGIN_BYTES.  The caller deletes it.  Write it with iv_report_save(). */
IV_MUST_CHECK
cJSON *iv_origin_load(const char *path, GError **error);

/* "DISK.origin.json"; the caller frees it. */
char *iv_origin_path(const char *disk);

#endif
