/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * guest.c - libguestfs, for every file system that its kernel mounts: see fs.h.
 *
 * guest_launch.c starts the appliance, guest_stream.c takes the files of a mounted
 * file system out of it, guest_links.c the further names of files.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "scanner/fs/guest.h"
#include "scanner/fs/tarstream.h"

/* --- the handle ------------------------------------------------------------------ */

IvGuest *iv_guest_ref(IvGuest *guest)
{
	g_atomic_ref_count_inc(&guest->refs);
	return guest;
}

void iv_guest_unref(IvGuest *guest)
{
	if (!g_atomic_ref_count_dec(&guest->refs))
		return;
	g_array_unref(guest->devices);
	g_mutex_clear(&guest->lock);
	g_free(guest);
}

void iv_guest_close(IvGuest *guest)
{
	if (guest == NULL)
		return;
	g_mutex_lock(&guest->lock);
	g_clear_pointer(&guest->g, guestfs_close);
	g_mutex_unlock(&guest->lock);
	iv_guest_unref(guest);
}

bool iv_guest_fail(guestfs_h *g, IvErrorCode code, const char *what, const char *hint,
		   GError **error)
{
	const char *said = guestfs_last_error(g);
	g_autofree char *text = g_strdup(said != NULL ? said : "unknown error");

	text[strcspn(text, "\n")] = '\0';
	return iv_fail(error, code, "%s: %s%s%s", what, text, *hint == '\0' ? "" : "\n", hint);
}

/* --- what it sees ---------------------------------------------------------------- */

static const IvGuestDevice *find_device(IvGuest *guest, uint64_t offset, uint64_t size,
					GError **error)
{
	for (guint i = 0; i < guest->devices->len; i++) {
		const IvGuestDevice *device = &g_array_index(guest->devices, IvGuestDevice, i);

		if (device->offset == offset && device->size == size)
			return device;
	}
	iv_fail(error, IV_ERROR_UNSUPPORTED,
		"the appliance's kernel sees no volume of %" PRIu64 " bytes at byte %" PRIu64
		" of the disk",
		size, offset);
	return NULL;
}

char *iv_guest_content(IvGuest *guest, uint64_t offset, uint64_t size, GError **error)
{
	const IvGuestDevice *device = find_device(guest, offset, size, error);
	char *type, *copy = NULL;

	if (device == NULL)
		return NULL;
	g_mutex_lock(&guest->lock);
	type = guestfs_vfs_type(guest->g, device->name);
	if (type == NULL)
		iv_guest_fail(guest->g, IV_ERROR_IO, "the appliance cannot probe the volume", "",
			      error);
	else if (*type != '\0')
		copy = g_strdup(type);
	g_mutex_unlock(&guest->lock);
	free(type);
	return copy;
}

/* --- mounting and walking -------------------------------------------------------- */

bool iv_guest_mount(IvGuest *guest, const IvGuestDevice *device, const char *type, GError **error)
{
	/* The top of a btrfs volume shows every subvolume, the default one may not. */
	const char *options = g_strcmp0(type, "btrfs") == 0 ? "ro,subvolid=5" : "ro";

	if (g_strcmp0(guest->mounted_type, type) == 0 && guest->mounted == device)
		return true;
	guest->mounted = NULL;
	if (guestfs_umount_all(guest->g) != 0 ||
	    guestfs_mount_vfs(guest->g, options, type, device->name, "/") != 0)
		return iv_guest_fail(guest->g, IV_ERROR_UNSUPPORTED,
				     "the appliance's kernel cannot mount the volume", "", error);
	guest->mounted = device;
	guest->mounted_type = g_intern_string(type);
	return true;
}

static bool walk_device(IvGuest *guest, const IvGuestDevice *device, const char *type,
			const IvFsSink *sink, void *user, GError **error)
{
	g_autoptr(GPtrArray) links =
		g_ptr_array_new_with_free_func((GDestroyNotify)iv_tar_link_free);
	bool mounted;

	g_mutex_lock(&guest->lock);
	guest->mounted = NULL; /* a fresh mount for every walk */
	mounted = iv_guest_mount(guest, device, type, error);
	g_mutex_unlock(&guest->lock);
	if (!mounted)
		return false;
	sink->note(user,
		   "read through the appliance's kernel: if a journal had to be replayed, that "
		   "happened in a throw-away overlay");
	return iv_guest_stream(guest, device->size, sink, user, links, error) &&
	       iv_guest_emit_links(guest, device, type, links, sink, user, error);
}

bool iv_guest_walk(IvGuest *guest, uint64_t offset, uint64_t size, const char *kind,
		   const IvFsSink *sink, void *user, GError **error)
{
	const IvGuestDevice *device = find_device(guest, offset, size, error);
	g_autoptr(GError) local = NULL;
	g_autofree char *type = g_strdup(kind);

	if (device == NULL)
		return false;
	if (type == NULL)
		type = iv_guest_content(guest, offset, size, &local);
	if (local != NULL) {
		g_propagate_error(error, g_steal_pointer(&local));
		return false;
	}
	if (type == NULL || strcmp(type, "swap") == 0)
		return iv_fail(error, IV_ERROR_UNSUPPORTED, "%s is not a file system that can be mounted",
			       type == NULL ? "what the volume holds" : type);
	return walk_device(guest, device, type, sink, user, error);
}
