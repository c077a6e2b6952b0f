/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * acquire_disk.c - from a cloud image to a local disk, by way of a cloud disk made from its
 * snapshot (borrowed_disk.h).  See acquire.h.
 *
 * What is made in the cloud is removed again whatever happens.  A lock keeps
 * two runs of one user apart, so that neither removes the other's.
 */
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scanner/base/error.h"
#include "share/base/private_file.h"
#include "share/transfer/acquire.h"
#include "share/transfer/borrowed_disk.h"

/* Bytes of the device that are read at once; a step of zeros alone becomes a hole. */
#define COPY_STEP (1u << 20)
#define HOLE	  4096u

typedef struct {
	const IvAcquireRequest *request;
	IvMove move;
	IvBorrowedDisk borrowed;
	char *snapshot;
	char *making; /* the file in the making */
	int lock;
} Reading;

/* --- the image ------------------------------------------------------------------------------ */

static bool may_be_read(const Reading *r, const IvCloudImage *image, GError **error)
{
	const char *id = r->request->image_id;

	if (image == NULL)
		return iv_fail(error, IV_ERROR_REFUSED,
			       "there is no image %s in region %s of this account\n"
			       "check --image-id, --region and whose credentials are set",
			       id, r->request->move.region);
	if (!image->own || !image->available)
		return iv_fail(error, IV_ERROR_REFUSED,
			       "image %s cannot be read: it is not an image of this account in the "
			       "state Available "
			       "(owner: %s, state: %s)",
			       id, image->owner, image->state);
	return true;
}

static bool note_image(Reading *r, const IvCloudImage *image, GError **error)
{
	for (guint i = 0; i < image->disks->len; i++) {
		const IvCloudDisk *disk = image->disks->pdata[i];

		if (disk->system && *disk->snapshot != '\0' && r->snapshot == NULL)
			r->snapshot = g_strdup(disk->snapshot);
		if (*disk->snapshot != '\0' &&
		    !iv_checkpoint_append(r->move.checkpoint, "snapshots", disk->snapshot, error))
			return false;
	}
	if (r->snapshot == NULL)
		return iv_fail(error, IV_ERROR_REFUSED,
			       "image %s names no snapshot of its system disk", image->id);
	return iv_checkpoint_set_number(r->move.checkpoint, "disks", image->disks->len, error);
}

static bool learn_image(Reading *r, GError **error)
{
	IvCloud *cloud = r->move.cloud;
	g_autoptr(IvCloudImage) image = NULL;
	IvCallTrace trace = {0};
	bool ok = cloud->ops->image(cloud, r->request->image_id, &image, &trace, error);

	iv_call_trace_clear(&trace);
	return ok && may_be_read(r, image, error) && iv_move_started(&r->move, error) &&
	       note_image(r, image, error) && iv_move_identify(&r->move, error);
}

/* --- the bytes ---------------------------------------------------------------------------------- */

static bool all_zero(const uint8_t *bytes, size_t len)
{
	return bytes[0] == 0 && memcmp(bytes, bytes + 1, len - 1) == 0;
}

static bool put(int out, const uint8_t *bytes, size_t len, uint64_t at)
{
	for (size_t done = 0; done < len;) {
		size_t piece = MIN(HOLE, len - done);
		ssize_t put = (ssize_t)piece;

		if (!all_zero(bytes + done, piece))
			put = pwrite(out, bytes + done, piece, (off_t)(at + done));
		if (put <= 0)
			return false;
		done += (size_t)put;
	}
	return true;
}

static bool copy_all(Reading *r, int in, int out, uint64_t size, GError **error)
{
	g_autofree uint8_t *buffer = g_malloc(COPY_STEP);

	for (uint64_t at = 0; at < size;) {
		ssize_t got = pread(in, buffer, MIN(COPY_STEP, size - at), (off_t)at);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return iv_fail_errno(error, "%s: cannot be read at byte %" G_GUINT64_FORMAT,
					     r->borrowed.device, at);
		if (!put(out, buffer, (size_t)got, at))
			return iv_fail_errno(error, "%s: cannot be written", r->making);
		at += (uint64_t)got;
		iv_move_tell(&r->move, "copying", at, size);
		if (!iv_borrowed_disk_go_on(&r->borrowed, error))
			return false;
	}
	if (ftruncate(out, (off_t)size) != 0 || fsync(out) != 0)
		return iv_fail_errno(error, "%s: cannot be written", r->making);
	return true;
}

static bool copy(Reading *r, GError **error)
{
	int in = open(r->borrowed.device, O_RDONLY | O_CLOEXEC), out = -1;
	off_t size = in >= 0 ? lseek(in, 0, SEEK_END) : -1;
	bool ok = size > 0 || iv_fail_errno(error, "%s: cannot be read", r->borrowed.device);

	if (ok) {
		(void)g_unlink(r->making);
		out = open(r->making, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		ok = out >= 0 ? copy_all(r, in, out, (uint64_t)size, error)
			      : iv_fail_errno(error, "%s: cannot be written", r->making);
	}
	if (in >= 0)
		close(in);
	if (out >= 0)
		close(out);
	return ok;
}

/* --- the whole ------------------------------------------------------------------------------------ */

static bool take_lock(Reading *r, GError **error)
{
	g_autofree char *path = iv_data_path("acquire-disk.lock");

	if (!iv_private_folder(path, error))
		return false;
	r->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (r->lock < 0)
		return iv_fail_errno(error, "%s: cannot be opened", path);
	return flock(r->lock, LOCK_EX | LOCK_NB) == 0 ||
	       iv_fail(error, IV_ERROR_CONFIG,
		       "another imgvet acquire --via disk is running\n"
		       "wait for its end: each removes the temporary disks of this instance");
}

static bool bring_bytes(Reading *r, GError **error)
{
	return learn_image(r, error) && iv_borrowed_disk_remove_left(&r->borrowed, error) &&
	       iv_borrowed_disk_go_on(&r->borrowed, error) && iv_borrowed_disk_borrow(&r->borrowed, r->snapshot, error) &&
	       copy(r, error);
}

/* The bytes, and nothing left behind; the first error is the one that counts. */
static bool borrow_disk(Reading *r, GError **error)
{
	g_autoptr(GError) problem = NULL, left = NULL;
	bool ok = iv_move_connect(&r->move, &problem) && iv_borrowed_disk_here(&r->borrowed, &problem) &&
		  bring_bytes(r, &problem);
	bool clear = iv_borrowed_disk_return(&r->borrowed, &left);

	if (!clear && problem != NULL)
		iv_move_say(&r->move, "warning: %s", left->message);
	if (problem != NULL)
		g_propagate_error(error, g_steal_pointer(&problem));
	else if (!clear)
		g_propagate_error(error, g_steal_pointer(&left));
	return ok && clear;
}

static bool finish(Reading *r, cJSON **origin, GError **error)
{
	IvDiskBytes bytes = {0};
	bool ok = r->request->measure(r->request->move.user, r->making, &bytes, error);

	if (ok && g_rename(r->making, r->request->move.disk) != 0)
		ok = iv_fail_errno(error, "%s: cannot be written", r->request->move.disk);
	ok = ok && iv_move_connect(&r->move, error) &&
	     iv_move_record(&r->move, "disk", r->request->image_id, &bytes, origin, error);
	iv_disk_bytes_clear(&bytes);
	return ok;
}

static bool work(Reading *r, cJSON **origin, GError **error)
{
	g_autoptr(GError) problem = NULL;
	bool ok = take_lock(r, &problem) && borrow_disk(r, &problem);

	/* Hold no credentials while untrusted bytes are parsed. */
	iv_move_disconnect(&r->move);
	ok = ok && finish(r, origin, &problem);
	if (!ok)
		(void)g_unlink(r->making);
	if (!ok && g_error_matches(problem, IV_ERROR, IV_ERROR_REFUSED) &&
	    !iv_record_refusal(&r->move.book, problem->message, error))
		return false;
	if (!ok)
		g_propagate_error(error, g_steal_pointer(&problem));
	return ok;
}

/* What an earlier run noted is not used: each run begins anew. */
static bool begin(Reading *r, GError **error)
{
	const IvAcquireRequest *q = r->request;
	const IvCheckpointSubject subject[] = {{"verb", "acquire"},
					    {"via", "disk"},
					    {"image", q->image_id},
					    {"region", q->move.region},
					    {NULL, NULL}};
	g_autofree char *path = g_strconcat(q->move.disk, ".acquire", NULL);
	g_autoptr(IvCheckpoint) before = iv_checkpoint_open(path, subject, error);

	if (before == NULL || !iv_checkpoint_end(before, error))
		return false;
	if (g_file_test(q->move.disk, G_FILE_TEST_EXISTS | G_FILE_TEST_IS_SYMLINK))
		return iv_fail(error, IV_ERROR_USAGE,
			       "%s: exists already, and nothing is overwritten\n"
			       "name another file, or remove that one",
			       q->move.disk);
	r->move.checkpoint = iv_checkpoint_open(path, subject, error);
	return r->move.checkpoint != NULL;
}

bool iv_acquire_by_disk(const IvAcquireRequest *request, IvLedger *ledger, cJSON **origin,
			GError **error)
{
	Reading r = {.request = request,
		     .move = {.request = &request->move, .ledger = ledger},
		     .borrowed = {.category = request->category,
			      .devices = request->devices,
			      .stopped = request->stopped},
		     .lock = -1};
	bool ok;

	r.borrowed.move = &r.move;
	iv_record_open(&r.move.book, ledger,
		       &(IvRecordSubject){.verb = "acquire",
					  .image_id = request->image_id,
					  .region = request->move.region,
					  .endpoints = request->move.endpoints});
	r.making = g_strconcat(request->move.disk, ".unpacked", NULL);
	ok = begin(&r, error) && work(&r, origin, error);
	if (r.move.checkpoint != NULL && !iv_checkpoint_end(r.move.checkpoint, ok ? error : NULL))
		ok = false;
	iv_move_end(&r.move);
	if (r.lock >= 0)
		close(r.lock);
	iv_borrowed_disk_clear(&r.borrowed);
	g_free(r.snapshot);
	g_free(r.making);
	return ok;
}
