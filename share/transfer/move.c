/* SPDX-License-Identifier: GPL-3.0-or-later */
/* move.c - see move.h */
#include "share/transfer/move.h"

#include <stdio.h>
#include <string.h>

#include "scanner/base/error.h"
#include "share/base/crc64.h"
#include "share/base/limits.h"
#include "share/clouds.h"
#include "share/gate/attest.h"

/* Bytes of a file read at once. */
#define READ_STEP (1u << 20)

void iv_disk_bytes_clear(IvDiskBytes *bytes)
{
	g_clear_pointer(&bytes->format, g_free);
	g_clear_pointer(&bytes->digest, g_free);
	bytes->size = 0;
}

void iv_move_say(const IvMove *move, const char *format, ...)
{
	g_autofree char *text = NULL;
	va_list args;

	if (move->request->say == NULL)
		return;
	va_start(args, format);
	text = g_strdup_vprintf(format, args);
	va_end(args);
	move->request->say(move->request->user, text);
}

static void tell(const IvMove *move, const char *what, guint64 done, guint64 total, bool bytes)
{
	if (move->request->progress != NULL)
		move->request->progress(move->request->user, what, done, total, bytes);
}

void iv_move_tell(const IvMove *move, const char *what, guint64 done, guint64 total)
{
	tell(move, what, done, total, true);
}

/* --- where ------------------------------------------------------------------------------ */

bool iv_move_check(const IvMoveRequest *request, GError **error)
{
	const IvCloudShapes *shapes = iv_cloud_shapes();

	if (!shapes->region_ok(request->region))
		return iv_fail(error, IV_ERROR_USAGE, "this is not a valid region name\n%s",
			       shapes->region_hint);
	return iv_cloud_endpoints_ok(request->endpoints, error);
}

/* The rules for bucket names come from the cloud's table. */
static bool check_bucket(const IvMove *move, GError **error)
{
	const IvTransferOps *ops = move->cloud->ops->transfer;

	if (ops == NULL)
		return iv_fail(error, IV_ERROR_UNSUPPORTED, "images cannot be moved in and out of %s",
			       move->cloud->ops->name);
	return move->request->bucket == NULL || ops->bucket_ok(move->request->bucket) ||
	       iv_fail(error, IV_ERROR_USAGE, "this is not a valid bucket name\n%s",
		       ops->bucket_hint);
}

bool iv_move_connect(IvMove *move, GError **error)
{
	const IvMoveRequest *r = move->request;

	if (move->cloud != NULL)
		return true;
	move->cloud = iv_cloud_open(&(IvCloudOptions){.region = r->region,
						      .profile = r->profile,
						      .endpoints = r->endpoints,
						      .deadline = move->no_deadline ? 0 : r->deadline,
						      .recorder = &move->book.recorder},
				    error);
	return move->cloud != NULL && check_bucket(move, error);
}

void iv_move_disconnect(IvMove *move)
{
	g_clear_pointer(&move->cloud, iv_cloud_free);
}

bool iv_move_started(IvMove *move, GError **error)
{
	return iv_checkpoint_has(move->checkpoint, "started") ||
	       iv_checkpoint_set_number(move->checkpoint, "started", g_get_real_time() / G_USEC_PER_SEC,
				     error);
}

bool iv_move_identify(IvMove *move, GError **error)
{
	g_autoptr(IvCloudIdentity) identity = NULL;

	if (iv_checkpoint_has(move->checkpoint, "account"))
		return true;
	identity = move->cloud->ops->identity(move->cloud, error);
	return identity != NULL &&
	       iv_checkpoint_set(move->checkpoint, "account", identity->account, error);
}

/* --- tasks ------------------------------------------------------------------------------- */

static IvCloudTask *look(IvMove *move, const char *id, GError **error)
{
	IvCallTrace trace = {0};
	IvCloudTask *task = move->cloud->ops->transfer->task(move->cloud, id, &trace, error);

	iv_call_trace_clear(&trace);
	return task;
}

static bool failed(IvMove *move, const char *id, const char *what, const IvCloudTask *task,
		   GError **error)
{
	if (!iv_checkpoint_set(move->checkpoint, "task", NULL, error) ||
	    !iv_checkpoint_set(move->checkpoint, "asked", NULL, error))
		return false;
	return iv_fail(error, IV_ERROR_CLOUD,
		       "%s: task %s ended as %s%s%s\n"
		       "run the same command again when the cause is gone: it begins a new task",
		       what, id, task->word, *task->problem != '\0' ? ": " : "", task->problem);
}

/* A failed look ends the command; the task goes on, and the next run waits for it again. */
bool iv_move_wait(IvMove *move, const char *what, IvCloudTask **task, GError **error)
{
	g_autofree char *id = iv_checkpoint_get(move->checkpoint, "task");
	guint wait_ms = IV_TASK_POLL_MS;

	for (;;) {
		g_autoptr(IvCloudTask) seen = look(move, id, error);

		if (seen == NULL)
			return false;
		tell(move, what, seen->state == IV_TASK_DONE ? 100 : seen->percent, 100, false);
		if (seen->state == IV_TASK_FAILED)
			return failed(move, id, what, seen, error);
		if (seen->state == IV_TASK_DONE) {
			*task = g_steal_pointer(&seen);
			return true;
		}
		g_usleep((gulong)wait_ms * 1000);
		wait_ms = MIN(wait_ms * 3 / 2, IV_TASK_POLL_MAX_MS);
	}
}

bool iv_move_about(const IvCloudTask *task, const char *image_id, GError **error)
{
	return task->image == NULL || strcmp(task->image, image_id) == 0 ||
	       iv_fail(error, IV_ERROR_CLOUD, "the task is about image %s, not %s\n"
		       "remove what the unfinished command left beside the disk, and begin anew",
		       task->image, image_id);
}

/* --- objects ------------------------------------------------------------------------------ */

bool iv_move_sending(void *user, guint64 done, guint64 total)
{
	tell(user, "uploading", done, total, true);
	return true;
}

bool iv_move_receiving(void *user, guint64 done, guint64 total)
{
	tell(user, "downloading", done, total, true);
	return true;
}

bool iv_move_note_object(IvMove *move, const char *key, const IvCloudObject *object,
			 GError **error)
{
	g_autofree char *crc64 = g_strdup_printf("%" G_GUINT64_FORMAT, object->crc64);

	if (!object->has_crc64)
		return iv_fail(error, IV_ERROR_CLOUD,
			       "the store reports no checksum of the object, so nothing proves "
			       "what was transferred");
	return iv_checkpoint_set(move->checkpoint, "object", key, error) &&
	       iv_checkpoint_set(move->checkpoint, "etag", object->etag, error) &&
	       iv_checkpoint_set(move->checkpoint, "crc64", crc64, error) &&
	       iv_checkpoint_set_number(move->checkpoint, "object-size", (gint64)object->size, error);
}

bool iv_move_same_object(const IvMove *move, const IvCloudObject *object)
{
	g_autofree char *etag = iv_checkpoint_get(move->checkpoint, "etag");
	g_autofree char *crc64 = iv_checkpoint_get(move->checkpoint, "crc64");
	g_autofree char *is = g_strdup_printf("%" G_GUINT64_FORMAT, object->crc64);

	return object->has_crc64 && g_strcmp0(etag, object->etag) == 0 &&
	       g_strcmp0(crc64, is) == 0 &&
	       (gint64)object->size == iv_checkpoint_number(move->checkpoint, "object-size");
}

bool iv_move_checksum(const char *file, guint64 *crc64, guint64 *size, GError **error)
{
	g_autofree uint8_t *buffer = g_malloc(READ_STEP);
	FILE *in = fopen(file, "rbe");
	size_t got;
	bool ok;

	*crc64 = *size = 0;
	if (in == NULL)
		return iv_fail_errno(error, "%s: cannot be read", file);
	while ((got = fread(buffer, 1, READ_STEP, in)) > 0) {
		*crc64 = iv_crc64(*crc64, buffer, got);
		*size += got;
	}
	ok = !ferror(in) || iv_fail_errno(error, "%s: cannot be read", file);
	fclose(in);
	return ok;
}

/* --- the record ---------------------------------------------------------------------------- */

char *iv_move_record_path(const IvMoveRequest *request)
{
	return request->record != NULL ? g_strdup(request->record) : iv_origin_path(request->disk);
}

static IvOrigin *origin_of(const IvMove *move, const char *way, const char *image_id,
			   const IvDiskBytes *bytes)
{
	const IvCheckpoint *j = move->checkpoint;
	const IvMoveRequest *r = move->request;
	IvOrigin *origin = iv_origin_new();

	origin->cloud = g_strdup(move->cloud->ops->name);
	origin->account = iv_checkpoint_get(j, "account");
	origin->region = g_strdup(r->region);
	origin->image_id = g_strdup(image_id);
	origin->snapshots = iv_checkpoint_list(j, "snapshots");
	origin->disks = (uint64_t)MAX(iv_checkpoint_number(j, "disks"), 1);
	origin->way = g_strdup(way);
	origin->task = iv_checkpoint_get(j, "task");
	origin->disk = iv_checkpoint_get(j, "disk");
	origin->bucket = g_strdup(r->bucket);
	origin->object = iv_checkpoint_get(j, "object");
	origin->etag = iv_checkpoint_get(j, "etag");
	origin->crc64 = iv_checkpoint_get(j, "crc64");
	origin->object_size = (uint64_t)iv_checkpoint_number(j, "object-size");
	origin->requests = iv_checkpoint_list(j, "requests");
	origin->endpoints = r->endpoints != NULL ? g_strdupv((GStrv)r->endpoints)
						 : g_new0(char *, 1);
	origin->started = iv_checkpoint_number(j, "started");
	origin->finished = g_get_real_time() / G_USEC_PER_SEC;
	origin->size = bytes->size;
	origin->digest = g_strdup(bytes->digest);
	origin->version = g_strdup(IV_VERSION);
	return origin;
}

static bool put_on_ledger(const IvMove *move, const IvOrigin *origin, GError **error)
{
	g_autoptr(cJSON) detail = cJSON_CreateObject();

	cJSON_AddStringToObject(detail, "image_id", origin->image_id);
	cJSON_AddStringToObject(detail, "region", origin->region);
	cJSON_AddStringToObject(detail, "account", origin->account);
	cJSON_AddStringToObject(detail, "way", origin->way);
	return iv_ledger_add(move->ledger, "origin", origin->digest, detail, NULL, error);
}

bool iv_move_record(IvMove *move, const char *way, const char *image_id, const IvDiskBytes *bytes,
		    cJSON **origin, GError **error)
{
	g_autoptr(IvOrigin) record = origin_of(move, way, image_id, bytes);
	g_autoptr(IvKey) key = iv_key_load(move->request->key, error);
	g_autoptr(cJSON) json = key != NULL ? iv_origin_to_json(record) : NULL;
	g_autofree char *path = iv_move_record_path(move->request);

	if (json == NULL || !iv_attest_sign_origin(json, key, error) ||
	    !iv_report_save(json, path, error) || !put_on_ledger(move, record, error))
		return false;
	iv_move_say(move, "origin record: %s", path);
	*origin = g_steal_pointer(&json);
	return true;
}

void iv_move_end(IvMove *move)
{
	iv_move_disconnect(move);
	iv_record_close(&move->book);
	g_clear_pointer(&move->checkpoint, iv_checkpoint_free);
}
