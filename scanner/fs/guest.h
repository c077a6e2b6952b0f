/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * guest.h - what the files of the libguestfs reader share.  Private to it; fs.h
 * has what others call.
 *
 * One appliance per scan, which does one thing at a time: `lock` is held for every
 * call of libguestfs, except while a tar streams.  Then nobody reads a file, as all
 * items of a volume are searched before the next one is walked (search/walk.c).
 */
#ifndef IV_FS_GUEST_H
#define IV_FS_GUEST_H

#include <glib.h>
#include <guestfs.h>

#include "scanner/base/error.h"
#include "scanner/fs/fs.h"

/* A device of the appliance, and where it lies on the disk, in bytes. */
typedef struct {
	char *name;
	uint64_t offset, size;
} IvGuestDevice;

struct IvGuest {
	guestfs_h *g;	 /* NULL once closed */
	GArray *devices; /* IvGuestDevice */
	const IvGuestDevice *mounted;
	const char *mounted_type; /* one device can be several file systems; static */
	GMutex lock;		  /* mount state and g, against readers of hard links */
	gatomicrefcount refs;
};

/* Who reads a file later keeps the appliance's handle, also when it is closed. */
IvGuest *iv_guest_ref(IvGuest *guest);
void iv_guest_unref(IvGuest *guest);

/* Fail with the first line of what libguestfs says; the rest is its own advice.
 * hint: "" for none. */
bool iv_guest_fail(guestfs_h *g, IvErrorCode code, const char *what, const char *hint,
		   GError **error);

/* Mount the device as `type` at "/", if it is not already.  The lock is held. */
IV_MUST_CHECK
bool iv_guest_mount(IvGuest *guest, const IvGuestDevice *device, const char *type, GError **error);

/* guest_stream.c: all files of what is mounted, each at its first name, as items
 * of at most max_file bytes; further names go to `links` (IvTarLink *).  What did
 * not come is unread.  False when the sink stopped the walk, or with an error. */
IV_MUST_CHECK
bool iv_guest_stream(IvGuest *guest, uint64_t max_file, const IvFsSink *sink, void *user,
		     GPtrArray *links, GError **error);

/* guest_links.c: the further names as items whose bytes are fetched when somebody
 * reads them.  False when the sink stopped the walk. */
IV_MUST_CHECK
bool iv_guest_emit_links(IvGuest *guest, const IvGuestDevice *device, const char *type,
			 const GPtrArray *links, const IvFsSink *sink, void *user, GError **error);

#endif
