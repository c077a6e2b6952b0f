/* SPDX-License-Identifier: GPL-3.0-or-later */
/* borrowed_disk.c - see borrowed_disk.h */
#include "share/transfer/borrowed_disk.h"

#include <string.h>

#include "scanner/base/error.h"
#include "share/base/limits.h"

#define TAG "imgvet-temporary"
#define DEVICES "/dev/disk/by-id"
/* Milliseconds between two questions whether to stop. */
#define NAP_MS 100u
/* Times that a change is asked for when answers get lost on the way. */
#define ROUNDS 4

static const IvTransferOps *transfer(const IvBorrowedDisk *l)
{
	return l->move->cloud->ops->transfer;
}

bool iv_borrowed_disk_go_on(const IvBorrowedDisk *l, GError **error)
{
	if (l->stopped == NULL || !l->stopped(l->move->request->user))
		return true;
	return iv_fail(error, IV_ERROR_IO, "interrupted: nothing was acquired");
}

/* --- waiting ------------------------------------------------------------------------------- */

/* Sleep in short steps, so that an interrupt is noticed. */
static bool nap(const IvBorrowedDisk *l, guint ms, bool clearing, GError **error)
{
	for (guint slept = 0; slept < ms; slept += NAP_MS) {
		if (!clearing && !iv_borrowed_disk_go_on(l, error))
			return false;
		g_usleep(NAP_MS * 1000);
	}
	return true;
}

/* Wait until the disk's state does not change any more; *volume NULL: it is gone. */
static bool settle(IvBorrowedDisk *l, const char *id, bool clearing, IvCloudVolume **volume,
		   GError **error)
{
	guint wait_ms = IV_TASK_POLL_MS;

	for (;;) {
		g_autoptr(IvCloudVolume) seen = NULL;

		if (!transfer(l)->disk(l->move->cloud, id, &seen, error))
			return false;
		if (seen == NULL || seen->state != IV_VOLUME_MOVING) {
			*volume = g_steal_pointer(&seen);
			return true;
		}
		if (!nap(l, wait_ms, clearing, error))
			return false;
		wait_ms = MIN(wait_ms * 3 / 2, IV_TASK_POLL_MAX_MS);
	}
}

static bool settle_as(IvBorrowedDisk *l, IvVolumeState state, const char *doing, IvCloudVolume **volume,
		      GError **error)
{
	if (!settle(l, l->disk_id, false, volume, error))
		return false;
	return (*volume != NULL && (*volume)->state == state) ||
	       iv_fail(error, IV_ERROR_CLOUD, "%s disk %s did not succeed", doing, l->disk_id);
}

/* --- clearing up --------------------------------------------------------------------------- */

static bool change(IvBorrowedDisk *l, IvCloudDiskChange what, const char *instance, const char *disk,
		   GError **error)
{
	IvCallTrace trace = {0};
	bool ok = transfer(l)->disk_change(l->move->cloud, what, instance, disk, &trace, error);
	/* If its answer got lost, the disk's state tells what happened. */
	bool unsure = !ok && (trace.unsure || trace.again);

	iv_call_trace_clear(&trace);
	if (unsure)
		g_clear_error(error);
	return ok || unsure;
}

/* Remove one temporary disk, whatever its state. */
static bool remove_disk(IvBorrowedDisk *l, const char *id, GError **error)
{
	g_autoptr(IvCloudVolume) volume = NULL;

	for (int round = 0; round < ROUNDS; round++) {
		g_clear_pointer(&volume, iv_cloud_volume_free);
		if (!settle(l, id, true, &volume, error))
			return false;
		if (volume == NULL)
			return true;
		if (volume->state == IV_VOLUME_ATTACHED
			    ? !change(l, IV_DISK_DETACH, volume->instance, id, error)
			    : !change(l, IV_DISK_DELETE, NULL, id, error))
			return false;
	}
	return iv_fail(error, IV_ERROR_CLOUD, "disk %s could not be removed", id);
}

bool iv_borrowed_disk_remove_left(IvBorrowedDisk *l, GError **error)
{
	const IvCloudTag tag = {TAG, l->here->id};
	g_autoptr(GPtrArray) left = transfer(l)->disks_tagged(l->move->cloud, &tag, error);

	for (guint i = 0; left != NULL && i < left->len; i++) {
		const IvCloudVolume *volume = left->pdata[i];

		iv_move_say(l->move, "removing disk %s, which an earlier run left", volume->id);
		if (!remove_disk(l, volume->id, error))
			return false;
	}
	return left != NULL;
}

/* The time for the command may be used up, or it was interrupted: clearing up has to be done all
 * the same.  A disk whose creation was not confirmed is found by its tag. */
bool iv_borrowed_disk_return(IvBorrowedDisk *l, GError **error)
{
	bool ok;

	if (!l->asked)
		return true;
	iv_move_disconnect(l->move);
	l->move->no_deadline = true;
	ok = iv_move_connect(l->move, error) &&
	     (l->disk_id != NULL ? remove_disk(l, l->disk_id, error) : iv_borrowed_disk_remove_left(l, error));
	if (!ok)
		g_prefix_error(error,
			       "a temporary disk (tag %s=%s) may be left; run the command again here, "
			       "or delete it: ",
			       TAG, l->here->id);
	return ok;
}

/* --- borrowing ------------------------------------------------------------------------------ */

bool iv_borrowed_disk_here(IvBorrowedDisk *l, GError **error)
{
	const char *region = l->move->request->region;

	l->here = transfer(l)->instance(l->move->cloud, error);
	if (l->here == NULL)
		return false;
	return strcmp(l->here->region, region) == 0 ||
	       iv_fail(error, IV_ERROR_USAGE,
		       "this instance is in region %s, and a disk of region %s cannot be attached to it",
		       l->here->region, region);
}

static bool make_disk(IvBorrowedDisk *l, const char *snapshot, GError **error)
{
	g_autofree char *token = g_uuid_string_random();
	IvCloudDiskWish wish = {.zone = l->here->zone,
				.snapshot = snapshot,
				.name = TAG,
				.category = l->category,
				.tag = {TAG, l->here->id},
				.token = token};
	IvCallTrace trace = {0};
	bool ok;

	l->asked = true;
	ok = transfer(l)->disk_make(l->move->cloud, &wish, &l->disk_id, &trace, error) &&
		  iv_checkpoint_set(l->move->checkpoint, "disk", l->disk_id, error) &&
		  iv_checkpoint_note(l->move->checkpoint, "CreateDisk", &trace, error);

	iv_call_trace_clear(&trace);
	if (ok)
		iv_move_say(l->move, "made disk %s from snapshot %s", l->disk_id, snapshot);
	return ok;
}

/* --- the device ------------------------------------------------------------------------------- */

/* "virtio-SERIAL", "nvme-..._SERIAL". */
static bool names_serial(const char *name, const char *serial)
{
	size_t len = strlen(name), tail = strlen(serial);

	return len > tail && strchr("-_", name[len - tail - 1]) != NULL &&
	       strcmp(name + len - tail, serial) == 0;
}

static char *find_device(const char *folder, const char *serial)
{
	g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
	const char *name;

	while (dir != NULL && (name = g_dir_read_name(dir)) != NULL)
		if (names_serial(name, serial))
			return g_build_filename(folder, name, NULL);
	return NULL;
}

static bool wait_device(IvBorrowedDisk *l, const char *serial, GError **error)
{
	const char *folder = l->devices != NULL ? l->devices : DEVICES;

	for (guint waited = 0; waited < IV_DEVICE_MS; waited += 2 * NAP_MS) {
		l->device = find_device(folder, serial);
		if (l->device != NULL)
			return true;
		if (!nap(l, 2 * NAP_MS, false, error))
			return false;
	}
	return iv_fail(error, IV_ERROR_IO,
		       "%s: disk %s is attached, and no device with its serial %s appeared", folder,
		       l->disk_id, serial);
}

/* A change whose answer got lost is asked for again while the disk is free. */
static bool attach(IvBorrowedDisk *l, IvCloudVolume **volume, GError **error)
{
	if (!settle_as(l, IV_VOLUME_FREE, "making", volume, error))
		return false;
	for (int round = 0; round < ROUNDS; round++) {
		g_clear_pointer(volume, iv_cloud_volume_free);
		if (!change(l, IV_DISK_ATTACH, l->here->id, l->disk_id, error) ||
		    !settle(l, l->disk_id, false, volume, error))
			return false;
		if (*volume == NULL || (*volume)->state == IV_VOLUME_ATTACHED)
			break;
	}
	if (*volume != NULL && g_strcmp0((*volume)->instance, l->here->id) == 0 &&
	    (*volume)->serial != NULL)
		return true;
	return iv_fail(error, IV_ERROR_CLOUD, "attaching disk %s did not succeed", l->disk_id);
}

bool iv_borrowed_disk_borrow(IvBorrowedDisk *l, const char *snapshot, GError **error)
{
	g_autoptr(IvCloudVolume) volume = NULL;

	return make_disk(l, snapshot, error) && attach(l, &volume, error) &&
	       wait_device(l, volume->serial, error);
}

void iv_borrowed_disk_clear(IvBorrowedDisk *l)
{
	g_clear_pointer(&l->here, iv_cloud_instance_free);
	g_clear_pointer(&l->disk_id, g_free);
	g_clear_pointer(&l->device, g_free);
}
