/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * move.h - what acquire.c and publish.c share.  Internal to share/transfer/.
 */
#ifndef IV_SHARE_TRANSFER_MOVE_H
#define IV_SHARE_TRANSFER_MOVE_H

#include "scanner/base/error.h"
#include "scanner/report/origin.h"
#include "share/cloud/transfer.h"
#include "share/cloud/cloud.h"
#include "share/ledger/record.h"
#include "share/transfer/acquire.h"
#include "share/transfer/checkpoint.h"

/* One command. */
typedef struct {
	const IvMoveRequest *request;
	IvCheckpoint *checkpoint;
	IvRecordBook book;
	IvLedger *ledger;
	bool no_deadline; /* for clearing up */
	IvCloud *cloud; /* NULL while no credentials are to be held */
} IvMove;

void iv_move_say(const IvMove *move, const char *format, ...) G_GNUC_PRINTF(2, 3);

void iv_move_tell(const IvMove *move, const char *what, guint64 done, guint64 total);

/* Are region, addresses and bucket well-formed?  Else IV_ERROR_USAGE. */
IV_MUST_CHECK
bool iv_move_check(const IvMoveRequest *request, GError **error);

/* Get the account's credentials, and wipe them again. */
IV_MUST_CHECK
bool iv_move_connect(IvMove *move, GError **error);
void iv_move_disconnect(IvMove *move);

/* Note when the whole began, in the checkpoint ("started"). */
IV_MUST_CHECK
bool iv_move_started(IvMove *move, GError **error);
/* Note whose account it is, in the checkpoint ("account"). */
IV_MUST_CHECK
bool iv_move_identify(IvMove *move, GError **error);

/* Wait for the task that the checkpoint names ("task"), with progress.  A failed
 * one is IV_ERROR_CLOUD, and forgotten, so that the next run begins a new one. */
IV_MUST_CHECK
bool iv_move_wait(IvMove *move, const char *what, IvCloudTask **task, GError **error);

/* Is the task about this image, as far as it tells?  IV_ERROR_CLOUD. */
IV_MUST_CHECK
bool iv_move_about(const IvCloudTask *task, const char *image_id, GError **error);

/* For the store's transfers: user is the IvMove. */
bool iv_move_sending(void *user, guint64 done, guint64 total);
bool iv_move_receiving(void *user, guint64 done, guint64 total);

/* Note object, ETag, size and checksum in the checkpoint; false when the store reports no
 * checksum. */
IV_MUST_CHECK
bool iv_move_note_object(IvMove *move, const char *key, const IvCloudObject *object,
			 GError **error);
/* Size and CRC-64 of a file. */
IV_MUST_CHECK
bool iv_move_checksum(const char *file, guint64 *crc64, guint64 *size, GError **error);
/* Is it still the object of the checkpoint? */
bool iv_move_same_object(const IvMove *move, const IvCloudObject *object);

/* Path of the record; the caller frees it. */
char *iv_move_record_path(const IvMoveRequest *request);

/* Sign the record of what the checkpoint says and of these bytes, save it, put it
 * on the ledger. */
IV_MUST_CHECK
bool iv_move_record(IvMove *move, const char *way, const char *image_id, const IvDiskBytes *bytes,
		    cJSON **origin, GError **error);

/* acquire_disk.c */
IV_MUST_CHECK
bool iv_acquire_by_disk(const IvAcquireRequest *request, IvLedger *ledger, cJSON **origin,
			GError **error);

void iv_move_end(IvMove *move);

#endif
