/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * publish.c - from a local disk to a cloud image, by way of an object.  See acquire.h.
 *
 * Beside the disk, while it lasts: DISK.publish (how far it came).  The object
 * is named after the disk's digest, so that two disks never meet under one name.
 */
#include <string.h>
#include <sys/stat.h>

#include "scanner/base/error.h"
#include "share/transfer/acquire.h"
#include "share/transfer/move.h"

#define DIGEST_PREFIX "fsverity-sha256:"
/* Hex digits of the digest in the object's name. */
#define NAME_DIGITS 32
/* The tag that says what is in the image. */
#define TAG_DIGEST "imgvet-digest"

typedef struct {
	const IvPublishRequest *request;
	IvMove move;
	IvDiskBytes bytes;
	struct stat seen; /* the disk before it was measured */
	char *key;	  /* of the object */
	char *image_id;	  /* NULL: not made yet */
} Publish;

static const IvTransferOps *transfer(const Publish *p)
{
	return p->move.cloud->ops->transfer;
}

/* --- the disk ----------------------------------------------------------------------------- */

static bool see(const char *disk, struct stat *st, GError **error)
{
	return stat(disk, st) == 0 || iv_fail_errno(error, "%s: cannot be read", disk);
}

/* What was measured must be what is uploaded. */
static bool unchanged(const Publish *p, GError **error)
{
	const char *disk = p->request->move.disk;
	struct stat now;

	if (!see(disk, &now, error))
		return false;
	if (now.st_dev == p->seen.st_dev && now.st_ino == p->seen.st_ino &&
	    now.st_size == p->seen.st_size && now.st_mtim.tv_sec == p->seen.st_mtim.tv_sec &&
	    now.st_mtim.tv_nsec == p->seen.st_mtim.tv_nsec &&
	    now.st_ctim.tv_sec == p->seen.st_ctim.tv_sec &&
	    now.st_ctim.tv_nsec == p->seen.st_ctim.tv_nsec)
		return true;
	return iv_fail(error, IV_ERROR_IO,
		       "%s: changed while it was published\n"
		       "delete what was made of it, and publish it again when nothing writes to it",
		       disk);
}

static bool measure(Publish *p, GError **error)
{
	const char *disk = p->request->move.disk;
	g_autofree char *before = iv_checkpoint_get(p->move.checkpoint, "digest");

	if (!see(disk, &p->seen, error))
		return false;
	if (!S_ISREG(p->seen.st_mode))
		return iv_fail(error, IV_ERROR_USAGE, "%s: is not a file", disk);
	if (!p->request->measure(p->request->move.user, disk, &p->bytes, error))
		return false;
	if (before != NULL && strcmp(before, p->bytes.digest) != 0)
		return iv_fail(error, IV_ERROR_CONFIG,
			       "%s: is another disk than the one that was being published\n"
			       "remove %s.publish to give that up",
			       disk, disk);
	p->key = g_strdup_printf("%simgvet-%.*s.%s",
				 p->request->prefix != NULL ? p->request->prefix : "", NAME_DIGITS,
				 p->bytes.digest + strlen(DIGEST_PREFIX), p->bytes.format);
	return true;
}

/* --- the object ------------------------------------------------------------------------------ */

static bool upload(Publish *p, GError **error)
{
	const IvMoveRequest *r = &p->request->move;
	g_autoptr(IvCloudObject) object = NULL;

	if (iv_checkpoint_has(p->move.checkpoint, "image"))
		return unchanged(p, error);
	iv_move_say(&p->move, "uploading %s as %s/%s", r->disk, r->bucket, p->key);
	object = transfer(p)->upload(p->move.cloud, r->disk, r->bucket, p->key, iv_move_sending,
				     &p->move, error);
	return object != NULL && unchanged(p, error) &&
	       iv_move_note_object(&p->move, p->key, object, error);
}

/* Somebody who can write to the bucket could have put another object there
 * before the cloud read it. */
static bool still_ours(Publish *p, GError **error)
{
	g_autoptr(IvCloudObject) object =
		transfer(p)->object(p->move.cloud, p->request->move.bucket, p->key, error);

	if (object == NULL || iv_move_same_object(&p->move, object))
		return object != NULL;
	return iv_fail(error, IV_ERROR_REFUSED,
		       "the object %s/%s is not the one that was uploaded: image %s may hold "
		       "something else\n"
		       "delete that image, and find out who writes to the bucket",
		       p->request->move.bucket, p->key, p->image_id);
}

static bool delete_object(Publish *p, GError **error)
{
	const char *bucket = p->request->move.bucket;

	if (p->request->keep_object)
		return true;
	if (!transfer(p)->delete_object(p->move.cloud, bucket, p->key, error))
		return false;
	iv_move_say(&p->move, "deleted %s/%s", bucket, p->key);
	return true;
}

/* --- the image -------------------------------------------------------------------------------- */

/* One token for one import, saved before the import is asked for. */
static bool have_token(Publish *p, char **token, GError **error)
{
	*token = iv_checkpoint_get(p->move.checkpoint, "token");
	if (*token != NULL)
		return true;
	*token = g_uuid_string_random();
	return iv_checkpoint_set(p->move.checkpoint, "token", *token, error);
}

static bool ask_import(Publish *p, const char *token, GError **error)
{
	const IvPublishRequest *r = p->request;
	IvCloudImport import = {
		.name = r->name,
		.bucket = r->move.bucket,
		.object = p->key,
		.format = p->bytes.format,
		.size_gib = (guint)((p->bytes.size + ((guint64)1 << 30) - 1) >> 30),
		.architecture = r->architecture,
		.boot = r->boot,
		.platform = r->platform,
		.token = token,
	};
	g_autofree char *task = NULL;
	IvCallTrace trace = {0};
	bool ok = transfer(p)->import_image(p->move.cloud, &import, &p->image_id, &task, &trace,
					    error) &&
		  iv_checkpoint_note(p->move.checkpoint, trace.action, &trace, error) &&
		  iv_checkpoint_set(p->move.checkpoint, "task", task, error) &&
		  iv_checkpoint_set(p->move.checkpoint, "image", p->image_id, error);

	iv_call_trace_clear(&trace);
	return ok;
}

static bool import(Publish *p, GError **error)
{
	g_autofree char *token = NULL;

	p->image_id = iv_checkpoint_get(p->move.checkpoint, "image");
	if (p->image_id == NULL) {
		iv_move_say(&p->move, "importing as image %s", p->request->name);
		if (!have_token(p, &token, error) || !ask_import(p, token, error))
			return false;
	}
	p->move.book.subject.image_id = p->image_id;
	return true;
}

static bool wait_import(Publish *p, GError **error)
{
	g_autoptr(IvCloudTask) task = NULL;

	if (iv_move_wait(&p->move, "importing", &task, error))
		return iv_move_about(task, p->image_id, error);
	/* A task that failed is forgotten, and its image and token with it.  The task's error
	 * counts, whether that could be saved or not. */
	if (!iv_checkpoint_has(p->move.checkpoint, "task")) {
		g_prefix_error(error, "image %s: ", p->image_id);
		iv_ignore(iv_checkpoint_set(p->move.checkpoint, "image", NULL, NULL));
		iv_ignore(iv_checkpoint_set(p->move.checkpoint, "token", NULL, NULL));
	}
	return false;
}

static bool note_disks(Publish *p, const IvCloudImage *image, GError **error)
{
	if (iv_checkpoint_has(p->move.checkpoint, "disks"))
		return true;
	for (guint i = 0; i < image->disks->len; i++) {
		const IvCloudDisk *disk = image->disks->pdata[i];

		if (*disk->snapshot != '\0' &&
		    !iv_checkpoint_append(p->move.checkpoint, "snapshots", disk->snapshot, error))
			return false;
	}
	return iv_checkpoint_set_number(p->move.checkpoint, "disks", MAX(image->disks->len, 1), error);
}

static bool learn_image(Publish *p, GError **error)
{
	IvCloud *cloud = p->move.cloud;
	g_autoptr(IvCloudImage) image = NULL;
	IvCallTrace trace = {0};
	bool ok = cloud->ops->image(cloud, p->image_id, &image, &trace, error);

	iv_call_trace_clear(&trace);
	if (!ok)
		return false;
	if (image == NULL || !image->available)
		return iv_fail(error, IV_ERROR_CLOUD,
			       "image %s was imported, and is %s\nrun the same command again", p->image_id,
			       image != NULL ? image->state : "not there");
	return note_disks(p, image, error);
}

static bool tag(Publish *p, GError **error)
{
	const IvCloudTag tags[] = {{TAG_DIGEST, p->bytes.digest}};
	IvCallTrace trace = {0};
	bool ok = transfer(p)->tag(p->move.cloud, p->image_id, tags, G_N_ELEMENTS(tags), &trace,
				   error);

	iv_call_trace_clear(&trace);
	return ok;
}

/* --- the whole ---------------------------------------------------------------------------------- */

/* Another image's record must not be lost. */
static bool check_record(const Publish *p, GError **error)
{
	g_autofree char *path = iv_move_record_path(&p->request->move);
	g_autofree char *image = iv_checkpoint_get(p->move.checkpoint, "image");
	g_autoptr(cJSON) json = NULL;

	if (!g_file_test(path, G_FILE_TEST_EXISTS | G_FILE_TEST_IS_SYMLINK))
		return true;
	json = iv_origin_load(path, NULL);
	if (image != NULL && json != NULL &&
	    g_strcmp0(cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, "image_id")),
		      image) == 0)
		return true;
	return iv_fail(error, IV_ERROR_USAGE,
		       "%s: exists already, and an origin record is not overwritten\n"
		       "write the new one elsewhere with --origin FILE",
		       path);
}

static bool bring_image(Publish *p, GError **error)
{
	return iv_move_connect(&p->move, error) && iv_move_started(&p->move, error) &&
	       iv_checkpoint_set(p->move.checkpoint, "digest", p->bytes.digest, error) &&
	       iv_move_identify(&p->move, error) && upload(p, error) && import(p, error) &&
	       wait_import(p, error) && learn_image(p, error);
}

static bool work(Publish *p, cJSON **origin, GError **error)
{
	/* No credentials are held while the disk is parsed. */
	return check_record(p, error) && measure(p, error) && bring_image(p, error) &&
	       (iv_checkpoint_has(p->move.checkpoint, "checked") || still_ours(p, error)) &&
	       iv_checkpoint_set(p->move.checkpoint, "checked", "yes", error) && tag(p, error) &&
	       iv_move_record(&p->move, "publish", p->image_id, &p->bytes, origin, error) &&
	       delete_object(p, error) && iv_checkpoint_end(p->move.checkpoint, error);
}

/* A refusal by imgvet itself is recorded too, as the calls are. */
static bool work_on_record(Publish *p, cJSON **origin, GError **error)
{
	g_autoptr(GError) problem = NULL;

	if (work(p, origin, &problem))
		return true;
	if (g_error_matches(problem, IV_ERROR, IV_ERROR_REFUSED) &&
	    !iv_record_refusal(&p->move.book, problem->message, error))
		return false;
	g_propagate_error(error, g_steal_pointer(&problem));
	return false;
}

static bool begin(Publish *p, IvLedger *ledger, GError **error)
{
	const IvPublishRequest *r = p->request;
	const IvCheckpointSubject subject[] = {
		{"verb", "publish"},		{"name", r->name},
		{"region", r->move.region},	{"bucket", r->move.bucket},
		{"prefix", r->prefix},		{"architecture", r->architecture},
		{"boot", r->boot},		{"platform", r->platform},
		{NULL, NULL}};
	g_autofree char *path = g_strconcat(r->move.disk, ".publish", NULL);

	iv_record_open(&p->move.book, ledger,
		       &(IvRecordSubject){.verb = "publish",
					  .region = r->move.region,
					  .endpoints = r->move.endpoints});
	p->move.checkpoint = iv_checkpoint_open(path, subject, error);
	return p->move.checkpoint != NULL;
}

bool iv_publish(const IvPublishRequest *request, IvLedger *ledger, cJSON **origin, GError **error)
{
	Publish p = {.request = request, .move = {.request = &request->move, .ledger = ledger}};
	bool ok;

	*origin = NULL;
	if (!iv_move_check(&request->move, error))
		return false;
	ok = begin(&p, ledger, error) && work_on_record(&p, origin, error);
	iv_move_end(&p.move);
	iv_disk_bytes_clear(&p.bytes);
	g_free(p.key);
	g_free(p.image_id);
	return ok;
}
