/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * acquire.c - from a cloud image to a local disk, by way of an exported object.  See acquire.h.
 *
 * Beside the disk, while it lasts: DISK.acquire (how far it came), DISK.object
 * (what was fetched), DISK.unpacked (the disk in the making).
 */
#include "share/transfer/acquire.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

#include "scanner/base/error.h"
#include "scanner/base/text.h"
#include "share/clouds.h"
#include "share/transfer/move.h"

/* Times that the export is asked for when answers get lost on the way. */
#define ROUNDS 4

typedef struct {
	const IvAcquireRequest *request;
	IvMove move;
	char *object_file, *making; /* beside the disk */
} Acquire;

static const IvTransferOps *transfer(const Acquire *a)
{
	return a->move.cloud->ops->transfer;
}

/* --- may it be exported ---------------------------------------------------------------------- */

static bool may_be_exported(const Acquire *a, const IvCloudImage *image, GError **error)
{
	const char *id = a->request->image_id;

	if (image == NULL)
		return iv_fail(error, IV_ERROR_REFUSED,
			       "there is no image %s in region %s of this account\n"
			       "check --image-id, --region and whose credentials are set",
			       id, a->request->move.region);
	if (!image->own || image->is_public)
		return iv_fail(error, IV_ERROR_REFUSED,
			       "image %s cannot be exported: only an account's own images can, as "
			       "long as they are not public",
			       id);
	if (!image->available)
		return iv_fail(error, IV_ERROR_REFUSED,
			       "image %s is %s, not available\nwait until it is, then try again", id,
			       image->state);
	if (image->encrypted)
		return iv_fail(error, IV_ERROR_REFUSED,
			       "image %s is encrypted, and encrypted images cannot be exported\n"
			       "on an instance of the region it can be read with --via disk",
			       id);
	if (image->marketplace)
		return iv_fail(error, IV_ERROR_REFUSED,
			       "image %s comes from a marketplace, and such images cannot be exported",
			       id);
	return true;
}

static bool note_disks(Acquire *a, const IvCloudImage *image, GError **error)
{
	IvCheckpoint *j = a->move.checkpoint;

	if (iv_checkpoint_has(j, "disks"))
		return true;
	for (guint i = 0; i < image->disks->len; i++) {
		const IvCloudDisk *disk = image->disks->pdata[i];

		if (*disk->snapshot != '\0' &&
		    !iv_checkpoint_append(j, "snapshots", disk->snapshot, error))
			return false;
	}
	return iv_checkpoint_set_number(j, "disks", MAX(image->disks->len, 1), error);
}

static bool learn_image(Acquire *a, GError **error)
{
	IvCloud *cloud = a->move.cloud;
	g_autoptr(IvCloudImage) image = NULL;
	IvCallTrace trace = {0};
	bool ok = cloud->ops->image(cloud, a->request->image_id, &image, &trace, error);

	iv_call_trace_clear(&trace);
	if (!ok || !may_be_exported(a, image, error))
		return false;
	if (image->disks->len > 1)
		iv_move_say(&a->move,
			    "warning: image %s has %u disks; only its system disk is fetched, so its "
			    "origin record proves nothing about the image",
			    image->id, image->disks->len);
	return iv_move_started(&a->move, error) && note_disks(a, image, error) &&
	       iv_move_identify(&a->move, error);
}

/* --- the task --------------------------------------------------------------------------------- */

/* Does the task write to our bucket, as far as it says yet? */
static bool is_ours(Acquire *a, const char *id, bool *ours, GError **error)
{
	IvCallTrace trace = {0};
	g_autoptr(IvCloudTask) task = transfer(a)->task(a->move.cloud, id, &trace, error);

	iv_call_trace_clear(&trace);
	if (task == NULL)
		return false;
	*ours = task->state != IV_TASK_FAILED &&
		(task->bucket == NULL || strcmp(task->bucket, a->request->move.bucket) == 0);
	return true;
}

/* An export whose answer got lost may have left a task. */
static bool find_task(Acquire *a, GError **error)
{
	gint64 since = iv_checkpoint_number(a->move.checkpoint, "asked");
	IvCallTrace trace = {0};
	g_autoptr(GPtrArray) ids = transfer(a)->exports(a->move.cloud, a->request->image_id, since,
							&trace, error);

	iv_call_trace_clear(&trace);
	for (guint i = 0; ids != NULL && i < ids->len; i++) {
		bool ours = false;

		if (!is_ours(a, ids->pdata[i], &ours, error))
			return false;
		if (!ours)
			continue;
		iv_move_say(&a->move, "task %s is the export that was asked for before",
			    (char *)ids->pdata[i]);
		return iv_checkpoint_set(a->move.checkpoint, "task", ids->pdata[i], error);
	}
	return ids != NULL;
}

/* One try.  *again: its outcome is unknown, so look for its task, then try again. */
static bool ask_once(Acquire *a, bool *again, GError **error)
{
	IvCheckpoint *j = a->move.checkpoint;
	g_autofree char *task = NULL;
	IvCallTrace trace = {0};
	bool ok;

	if (!iv_checkpoint_set_number(j, "asked", g_get_real_time() / G_USEC_PER_SEC, error))
		return false;
	ok = transfer(a)->export_image(a->move.cloud, a->request->image_id, a->request->move.bucket,
				       a->request->prefix, &task, &trace, error);
	*again = !ok && trace.again;
	if (ok)
		ok = iv_checkpoint_set(j, "task", task, error) &&
		     iv_checkpoint_note(j, trace.action, &trace, error);
	else if (!trace.unsure && !trace.again) /* the call's error counts; a kept "asked" costs a look */
		iv_ignore(iv_checkpoint_set(j, "asked", NULL, NULL));
	iv_call_trace_clear(&trace);
	return ok;
}

static bool begin_task(Acquire *a, GError **error)
{
	IvCheckpoint *j = a->move.checkpoint;

	for (int round = 1;; round++) {
		g_autoptr(GError) problem = NULL;
		bool again = false;

		if (iv_checkpoint_has(j, "asked") && !iv_checkpoint_has(j, "task") &&
		    !find_task(a, error))
			return false;
		if (iv_checkpoint_has(j, "task"))
			return true;
		iv_move_say(&a->move, "exporting %s to bucket %s", a->request->image_id,
			    a->request->move.bucket);
		if (ask_once(a, &again, &problem))
			return true;
		if (!again || round == ROUNDS) {
			g_propagate_error(error, g_steal_pointer(&problem));
			return false;
		}
	}
}

static bool take_object(Acquire *a, const IvCloudTask *task, GError **error)
{
	if (!iv_move_about(task, a->request->image_id, error))
		return false;
	if (task->object == NULL || task->bucket == NULL ||
	    strcmp(task->bucket, a->request->move.bucket) != 0)
		return iv_fail(error, IV_ERROR_CLOUD,
			       "the export ended without naming its object in bucket %s\n"
			       "look into the bucket yourself; nothing was fetched",
			       a->request->move.bucket);
	return iv_checkpoint_set(a->move.checkpoint, "exported", task->object, error);
}

static bool export(Acquire *a, GError **error)
{
	g_autoptr(IvCloudTask) task = NULL;

	return begin_task(a, error) && iv_move_wait(&a->move, "exporting", &task, error) &&
	       take_object(a, task, error);
}

/* --- the object ------------------------------------------------------------------------------- */

static char *shown_key(const Acquire *a, char **key)
{
	*key = iv_checkpoint_get(a->move.checkpoint, "exported");
	return iv_text_printable(*key, -1);
}

/* An earlier run may have fetched it: the file must still match the store's object. */
static bool fetched_before(Acquire *a, const char *key, IvCloudObject **object, GError **error)
{
	guint64 crc64, size;

	*object = NULL;
	if (!g_file_test(a->object_file, G_FILE_TEST_EXISTS))
		return true;
	*object = transfer(a)->object(a->move.cloud, a->request->move.bucket, key, error);
	if (*object == NULL || !iv_move_checksum(a->object_file, &crc64, &size, error))
		return false;
	if ((*object)->has_crc64 && (*object)->crc64 == crc64 && (*object)->size == size)
		return true;
	g_clear_pointer(object, iv_cloud_object_free);
	return g_unlink(a->object_file) == 0 ||
	       iv_fail_errno(error, "%s: cannot be removed", a->object_file);
}

static bool fetch(Acquire *a, GError **error)
{
	const char *bucket = a->request->move.bucket;
	g_autofree char *key = NULL;
	g_autofree char *shown = shown_key(a, &key);
	g_autoptr(IvCloudObject) object = NULL;

	if (!fetched_before(a, key, &object, error))
		return false;
	if (object == NULL) {
		iv_move_say(&a->move, "fetching %s/%s", bucket, shown);
		object = transfer(a)->download(a->move.cloud, bucket, key, a->object_file,
					       iv_move_receiving, &a->move, error);
	}
	return object != NULL && iv_move_note_object(&a->move, key, object, error);
}

static bool delete_object(Acquire *a, GError **error)
{
	g_autofree char *key = NULL;
	g_autofree char *shown = shown_key(a, &key);

	if (!a->request->delete_object)
		return true;
	if (!iv_move_connect(&a->move, error) ||
	    !transfer(a)->delete_object(a->move.cloud, a->request->move.bucket, key, error))
		return false;
	iv_move_say(&a->move, "deleted %s/%s", a->request->move.bucket, shown);
	return true;
}

/* --- the disk ---------------------------------------------------------------------------------- */

/* The disk gets its name only when it is complete. */
static bool land(Acquire *a, IvDiskBytes *bytes, GError **error)
{
	const char *disk = a->request->move.disk;
	g_autofree char *key = NULL;
	g_autofree char *shown = shown_key(a, &key);

	if (!a->request->land(a->request->move.user, a->object_file, shown, a->making, bytes,
			      error) ||
	    !iv_checkpoint_set(a->move.checkpoint, "landed", "yes", error))
		return false;
	if (g_rename(a->making, disk) != 0)
		return iv_fail_errno(error, "%s: cannot be written", disk);
	return true;
}

/* --- the whole ---------------------------------------------------------------------------------- */

static bool check_prefix(const Acquire *a, GError **error)
{
	const char *prefix = a->request->prefix;

	return prefix == NULL || transfer(a)->prefix_ok(prefix) ||
	       iv_fail(error, IV_ERROR_USAGE,
		       "this is not a valid prefix for an exported object\n%s",
		       transfer(a)->prefix_hint);
}

static bool bring_object(Acquire *a, GError **error)
{
	return iv_move_connect(&a->move, error) && check_prefix(a, error) && learn_image(a, error) && export(a, error) &&
	       fetch(a, error);
}

static bool clear_up(Acquire *a, GError **error)
{
	if (g_unlink(a->object_file) != 0 && errno != ENOENT)
		return iv_fail_errno(error, "%s: cannot be removed", a->object_file);
	return iv_checkpoint_end(a->move.checkpoint, error);
}

static bool bring_disk(Acquire *a, cJSON **origin, GError **error)
{
	IvDiskBytes bytes = {0};
	bool ok = bring_object(a, error);

	/* Hold no credentials while untrusted bytes are parsed. */
	iv_move_disconnect(&a->move);
	ok = ok && land(a, &bytes, error) && iv_move_connect(&a->move, error) &&
	     iv_move_record(&a->move, "export", a->request->image_id, &bytes, origin, error) &&
	     iv_checkpoint_set(a->move.checkpoint, "recorded", "yes", error);
	iv_disk_bytes_clear(&bytes);
	return ok;
}

/* Once the record is written, only clearing up is left. */
static bool work(Acquire *a, cJSON **origin, GError **error)
{
	g_autofree char *record = iv_move_record_path(&a->request->move);

	if (!iv_checkpoint_has(a->move.checkpoint, "recorded"))
		return bring_disk(a, origin, error) && delete_object(a, error) &&
		       clear_up(a, error);
	*origin = iv_origin_load(record, error);
	return *origin != NULL && delete_object(a, error) && clear_up(a, error);
}

/* A refusal by imgvet itself is recorded too, as the calls are. */
static bool work_on_record(Acquire *a, cJSON **origin, GError **error)
{
	g_autoptr(GError) problem = NULL;

	if (work(a, origin, &problem))
		return true;
	if (g_error_matches(problem, IV_ERROR, IV_ERROR_REFUSED) &&
	    !iv_record_refusal(&a->move.book, problem->message, error))
		return false;
	g_propagate_error(error, g_steal_pointer(&problem));
	return false;
}

static bool check_request(const IvAcquireRequest *r, GError **error)
{
	const IvCloudShapes *shapes = iv_cloud_shapes();

	if (!shapes->image_id_ok(r->image_id))
		return iv_fail(error, IV_ERROR_USAGE, "this is not a valid image id\n%s",
			       shapes->image_id_hint);
	return iv_move_check(&r->move, error);
}

/* An earlier run may have put it there; anything else stays. */
static bool check_disk(const Acquire *a, GError **error)
{
	const char *disk = a->request->move.disk;

	if (iv_checkpoint_has(a->move.checkpoint, "landed") ||
	    !g_file_test(disk, G_FILE_TEST_EXISTS | G_FILE_TEST_IS_SYMLINK))
		return true;
	return iv_fail(error, IV_ERROR_USAGE,
		       "%s: exists already, and nothing is overwritten\n"
		       "name another file, or remove that one",
		       disk);
}

static bool begin(Acquire *a, IvLedger *ledger, GError **error)
{
	const IvAcquireRequest *r = a->request;
	const IvCheckpointSubject subject[] = {{"verb", "acquire"},	 {"image", r->image_id},
					    {"region", r->move.region},	 {"bucket", r->move.bucket},
					    {"prefix", r->prefix},	 {"via", NULL},
					    {NULL, NULL}};
	g_autofree char *path = g_strconcat(r->move.disk, ".acquire", NULL);

	iv_record_open(&a->move.book, ledger,
		       &(IvRecordSubject){.verb = "acquire",
					  .image_id = r->image_id,
					  .region = r->move.region,
					  .endpoints = r->move.endpoints});
	a->move.checkpoint = iv_checkpoint_open(path, subject, error);
	return a->move.checkpoint != NULL && check_disk(a, error);
}

bool iv_acquire(const IvAcquireRequest *request, IvLedger *ledger, cJSON **origin, GError **error)
{
	Acquire a = {.request = request, .move = {.request = &request->move, .ledger = ledger}};
	bool ok;

	*origin = NULL;
	if (!check_request(request, error))
		return false;
	if (request->via_disk)
		return iv_acquire_by_disk(request, ledger, origin, error);
	a.object_file = g_strconcat(request->move.disk, ".object", NULL);
	a.making = g_strconcat(request->move.disk, ".unpacked", NULL);
	ok = begin(&a, ledger, error) && work_on_record(&a, origin, error);
	iv_move_end(&a.move);
	g_free(a.object_file);
	g_free(a.making);
	return ok;
}
