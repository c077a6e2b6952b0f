/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * guest_launch.c - starting the appliance of libguestfs: see guest.h.
 *
 * It sees the image through a throw-away overlay, so that even a journal that is
 * replayed there never reaches it.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "scanner/fs/guest.h"

static const char install_hint[] =
	"the guest reader needs a kernel and qemu: install qemu-system-x86, supermin and "
	"linux-image-amd64, and see `libguestfs-test-tool`";

static void device_clear(void *data)
{
	g_free(((IvGuestDevice *)data)->name);
}

static void free_strings(char **list)
{
	for (size_t i = 0; list != NULL && list[i] != NULL; i++)
		free(list[i]);
	free(list);
}

static void add_device(IvGuest *guest, const char *name, uint64_t offset, uint64_t size)
{
	const IvGuestDevice device = {.name = g_strdup(name), .offset = offset, .size = size};

	g_array_append_val(guest->devices, device);
}

/* The whole disk, and the partitions that the appliance's kernel sees.  Whatever
 * it does not see is reported when somebody asks for it. */
static bool list_devices(IvGuest *guest, GError **error)
{
	char **disks = guestfs_list_devices(guest->g);
	struct guestfs_partition_list *parts;
	int64_t size;

	if (disks == NULL || disks[0] == NULL ||
	    (size = guestfs_blockdev_getsize64(guest->g, disks[0])) < 0) {
		free_strings(disks);
		return iv_guest_fail(guest->g, IV_ERROR_IO, "the appliance does not see the disk",
				     "", error);
	}
	add_device(guest, disks[0], 0, (uint64_t)size);
	parts = guestfs_part_list(guest->g, disks[0]);
	for (uint32_t i = 0; parts != NULL && i < parts->len; i++) {
		const struct guestfs_partition *p = &parts->val[i];
		g_autofree char *name = g_strdup_printf("%s%" PRIi32, disks[0], p->part_num);

		add_device(guest, name, p->part_start, p->part_size);
	}
	if (parts != NULL)
		guestfs_free_partition_list(parts);
	free_strings(disks);
	return true;
}

static bool launch(IvGuest *guest, const char *path, const char *format, bool emulate,
		   GError **error)
{
	guestfs_h *g = guest->g;

	guestfs_set_error_handler(g, NULL, NULL);
	if (guestfs_parse_environment(g) != 0)
		return iv_guest_fail(g, IV_ERROR_UNSUPPORTED, "libguestfs refuses its environment",
				     "", error);
	/* libvirt would want a session of its own; qemu alone is enough. */
	if (g_getenv("LIBGUESTFS_BACKEND") == NULL && guestfs_set_backend(g, "direct") != 0)
		return iv_guest_fail(g, IV_ERROR_UNSUPPORTED, "libguestfs cannot use qemu directly",
				     install_hint, error);
	if (emulate && guestfs_set_backend_setting(g, "force_tcg", "1") != 0)
		return iv_guest_fail(g, IV_ERROR_UNSUPPORTED, "libguestfs cannot do without KVM",
				     install_hint, error);
	if (guestfs_add_drive_opts(g, path, GUESTFS_ADD_DRIVE_OPTS_READONLY, 1,
				   GUESTFS_ADD_DRIVE_OPTS_FORMAT, format, -1) != 0)
		return iv_guest_fail(g, IV_ERROR_IO, "libguestfs cannot open the image", "", error);
	if (guestfs_launch(g) != 0)
		return iv_guest_fail(g, IV_ERROR_UNSUPPORTED,
				     "the libguestfs appliance does not start", install_hint,
				     error);
	return list_devices(guest, error);
}

static IvGuest *open_once(const char *path, const char *format, bool emulate, GError **error)
{
	g_autoptr(IvGuest) guest = g_new0(IvGuest, 1);

	g_mutex_init(&guest->lock);
	g_atomic_ref_count_init(&guest->refs);
	guest->devices = g_array_new(FALSE, FALSE, sizeof(IvGuestDevice));
	g_array_set_clear_func(guest->devices, device_clear);
	guest->g = guestfs_create_flags(GUESTFS_CREATE_NO_ENVIRONMENT |
					GUESTFS_CREATE_NO_CLOSE_ON_EXIT);
	if (guest->g == NULL) {
		iv_fail(error, IV_ERROR_UNSUPPORTED, "libguestfs cannot be started\n%s",
			install_hint);
		return NULL;
	}
	if (!launch(guest, path, format, emulate, error))
		return NULL;
	return g_steal_pointer(&guest);
}

IvGuest *iv_guest_open(const char *path, const char *format, GError **error)
{
	g_autoptr(GError) first = NULL;
	IvGuest *guest = open_once(path, format, false, &first);

	/* Machines that are virtual themselves may have a KVM that does not work:
	 * qemu then dies at once, and emulation is slow but works everywhere. */
	if (guest == NULL && g_error_matches(first, IV_ERROR, IV_ERROR_UNSUPPORTED) &&
	    access("/dev/kvm", R_OK | W_OK) == 0)
		return open_once(path, format, true, error);
	if (guest == NULL)
		g_propagate_error(error, g_steal_pointer(&first));
	return guest;
}
