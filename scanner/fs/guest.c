/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * guest.c - libguestfs, for every file system that its kernel mounts: see fs.h.
 *
 * The appliance sees the image through a throw-away overlay, so that even a
 * journal that is replayed there never reaches it.  All files of a file system
 * come as one tar stream: a call per file would cost milliseconds each.  Only
 * the content of further names of a file (hard links), which a tar does not
 * repeat, is fetched file by file, and only when somebody reads it.
 */
#include <errno.h>
#include <fcntl.h>
#include <guestfs.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scanner/base/error.h"
#include "scanner/base/limits.h"
#include "scanner/base/skip.h"
#include "scanner/fs/fs.h"
#include "scanner/fs/tarstream.h"

/* Where a device of the appliance lies on the disk. */
typedef struct {
	char *name;
	uint64_t offset, size;
} Device;

struct IvGuest {
	guestfs_h *g; /* NULL once closed */
	GArray *devices;
	const Device *mounted;
	const char *mounted_type; /* one device can be several file systems; static */
	GMutex lock; /* mount state and g, against readers of hard links */
	gatomicrefcount refs;
};

static void device_clear(void *data)
{
	g_free(((Device *)data)->name);
}

static const char *last_error(guestfs_h *g)
{
	const char *text = guestfs_last_error(g);

	return text != NULL ? text : "unknown error";
}

/* The first line of what libguestfs says; the rest is its own advice. */
static bool fail_guest(guestfs_h *g, IvErrorCode code, const char *what, const char *hint,
		       GError **error)
{
	g_autofree char *text = g_strdup(last_error(g));

	text[strcspn(text, "\n")] = '\0';
	return iv_fail(error, code, "%s: %s%s%s", what, text, *hint == '\0' ? "" : "\n", hint);
}

static const char install_hint[] =
	"the guest reader needs a kernel and qemu: install qemu-system-x86, supermin and "
	"linux-image-amd64, and see `libguestfs-test-tool`";

static void free_strings(char **list)
{
	for (size_t i = 0; list != NULL && list[i] != NULL; i++)
		free(list[i]);
	free(list);
}

static void add_device(IvGuest *guest, const char *name, uint64_t offset, uint64_t size)
{
	const Device device = {.name = g_strdup(name), .offset = offset, .size = size};

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
		return fail_guest(guest->g, IV_ERROR_IO, "the appliance does not see the disk", "",
				  error);
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
		return fail_guest(g, IV_ERROR_UNSUPPORTED, "libguestfs refuses its environment", "",
				  error);
	/* libvirt would want a session of its own; qemu alone is enough. */
	if (g_getenv("LIBGUESTFS_BACKEND") == NULL && guestfs_set_backend(g, "direct") != 0)
		return fail_guest(g, IV_ERROR_UNSUPPORTED, "libguestfs cannot use qemu directly",
				  install_hint, error);
	if (emulate && guestfs_set_backend_setting(g, "force_tcg", "1") != 0)
		return fail_guest(g, IV_ERROR_UNSUPPORTED, "libguestfs cannot do without KVM",
				  install_hint, error);
	if (guestfs_add_drive_opts(g, path, GUESTFS_ADD_DRIVE_OPTS_READONLY, 1,
				   GUESTFS_ADD_DRIVE_OPTS_FORMAT, format, -1) != 0)
		return fail_guest(g, IV_ERROR_IO, "libguestfs cannot open the image", "", error);
	if (guestfs_launch(g) != 0)
		return fail_guest(g, IV_ERROR_UNSUPPORTED,
				  "the libguestfs appliance does not start", install_hint, error);
	return list_devices(guest, error);
}

static IvGuest *open_once(const char *path, const char *format, bool emulate, GError **error)
{
	g_autoptr(IvGuest) guest = g_new0(IvGuest, 1);

	g_mutex_init(&guest->lock);
	g_atomic_ref_count_init(&guest->refs);
	guest->devices = g_array_new(FALSE, FALSE, sizeof(Device));
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

static void guest_unref(IvGuest *guest)
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
	guest_unref(guest);
}

static const Device *find_device(IvGuest *guest, uint64_t offset, uint64_t size, GError **error)
{
	for (guint i = 0; i < guest->devices->len; i++) {
		const Device *device = &g_array_index(guest->devices, Device, i);

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
	const Device *device = find_device(guest, offset, size, error);
	char *type, *copy = NULL;

	if (device == NULL)
		return NULL;
	g_mutex_lock(&guest->lock);
	type = guestfs_vfs_type(guest->g, device->name);
	if (type == NULL)
		fail_guest(guest->g, IV_ERROR_IO, "the appliance cannot probe the volume", "",
			   error);
	else if (*type != '\0')
		copy = g_strdup(type);
	g_mutex_unlock(&guest->lock);
	free(type);
	return copy;
}

/* --- mounting; the lock is held ------------------------------------------------ */

static bool mount_device(IvGuest *guest, const Device *device, const char *type, GError **error)
{
	/* The top of a btrfs volume shows every subvolume, the default one may not. */
	const char *options = g_strcmp0(type, "btrfs") == 0 ? "ro,subvolid=5" : "ro";

	if (g_strcmp0(guest->mounted_type, type) == 0 && guest->mounted == device)
		return true;
	guest->mounted = NULL;
	if (guestfs_umount_all(guest->g) != 0 ||
	    guestfs_mount_vfs(guest->g, options, type, device->name, "/") != 0)
		return fail_guest(guest->g, IV_ERROR_UNSUPPORTED,
				  "the appliance's kernel cannot mount the volume", "", error);
	guest->mounted = device;
	guest->mounted_type = g_intern_string(type);
	return true;
}

/* --- further names of a file ----------------------------------------------------- */

typedef struct {
	IvSource base;
	IvGuest *guest;
	const Device *device;
	char *path; /* absolute in the appliance */
	char *type;
} Download;

static bool download_some(Download *file, uint64_t off, uint8_t *buf, size_t len, size_t *got,
			  GError **error)
{
	guestfs_h *g = file->guest->g;
	size_t want = MIN(len, 1u << 20); /* a reply holds at most 4 MiB */
	char *data;

	if (g == NULL)
		return iv_fail(error, IV_ERROR_IO,
			       "the appliance was closed before a file was read");
	guestfs_set_error_handler(g, NULL, NULL); /* it belongs to a thread */
	if (!mount_device(file->guest, file->device, file->type, error))
		return false;
	data = guestfs_pread(g, file->path, (int)want, (int64_t)off, got);
	if (data == NULL)
		return fail_guest(g, IV_ERROR_IO, "the appliance cannot read a file", "", error);
	if (*got == 0 || *got > want) {
		free(data);
		return iv_fail(error, IV_ERROR_IO,
			       "a file in the appliance is shorter than it says");
	}
	memcpy(buf, data, *got);
	explicit_bzero(data, *got);
	free(data);
	return true;
}

static bool download_read(IvSource *source, uint64_t off, void *buf, size_t len, GError **error)
{
	Download *file = (Download *)source;
	uint8_t *to = buf;
	bool ok = true;

	g_mutex_lock(&file->guest->lock);
	while (ok && len > 0) {
		size_t got = 0;

		ok = download_some(file, off, to, len, &got, error);
		to += got;
		off += got;
		len -= ok ? got : 0;
	}
	g_mutex_unlock(&file->guest->lock);
	return ok;
}

static void download_free(IvSource *source)
{
	Download *file = (Download *)source;

	guest_unref(file->guest);
	g_free(file->path);
	g_free(file->type);
	g_free(file);
}

static const IvSourceOps download_ops = {.read = download_read, .free = download_free};

static IvSource *download_new(IvGuest *guest, const Device *device, const char *type,
			      const char *path, uint64_t size)
{
	Download *file = g_new0(Download, 1);

	iv_source_init(&file->base, &download_ops, size);
	g_atomic_ref_count_inc(&guest->refs);
	file->guest = guest;
	file->device = device;
	file->type = g_strdup(type);
	file->path = g_strconcat("/", path, NULL);
	return &file->base;
}

enum { NOT_REGULAR = -1, NOT_SEEN = -2 };

/* The size of a file in the mounted volume; NOT_REGULAR; or NOT_SEEN when the
 * appliance cannot examine it (a path of over 4096 bytes, say). */
static int64_t file_size(IvGuest *guest, const char *path)
{
	g_autofree char *absolute = g_strconcat("/", path, NULL);
	struct guestfs_statns *st;
	int64_t size = NOT_SEEN;

	g_mutex_lock(&guest->lock);
	st = guestfs_lstatns(guest->g, absolute);
	if (st != NULL) {
		size = (st->st_mode & S_IFMT) == S_IFREG ? st->st_size : NOT_REGULAR;
		guestfs_free_statns(st);
	}
	g_mutex_unlock(&guest->lock);
	return size;
}

/* The further names of one file: the first of them carries the bytes. */
typedef struct {
	uint64_t share;
	uint32_t names;
	bool begun;
} Group;

static GHashTable *group_links(const GPtrArray *links)
{
	GHashTable *groups = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);

	for (guint i = 0; i < links->len; i++) {
		const IvTarLink *link = g_ptr_array_index(links, i);
		Group *group = g_hash_table_lookup(groups, link->first);

		if (group == NULL) {
			group = g_new0(Group, 1);
			group->share = g_hash_table_size(groups) + 1;
			g_hash_table_insert(groups, link->first, group);
		}
		group->names++;
	}
	return groups;
}

static void number_link(GHashTable *groups, IvItem *item)
{
	Group *group = g_hash_table_lookup(groups, item->link_of);

	item->share = group->share;
	item->more = group->begun ? 0 : group->names;
	group->begun = true;
}

/* One further name of a file.  False when the sink stopped the walk. */
static bool emit_link(IvGuest *guest, const Device *device, const char *type, const IvTarLink *link,
		      GHashTable *groups, const IvFsSink *sink, void *user, GError **error)
{
	g_autoptr(IvItem) item = iv_item_new(IV_ITEM_FILE, link->path);
	int64_t size = file_size(guest, link->path);

	if (size == NOT_SEEN) {
		sink->unread(user, link->path, 0,
			     "the appliance cannot examine this further name of a file");
		return true;
	}
	if (size == NOT_REGULAR) { /* symlinks and devices can have several names as well */
		iv_skip(IV_SKIP_SPECIAL_FILE, 1);
		sink->note(user, "further names of what is no regular file hold no bytes of their own");
		return true;
	}
	item->link_of = g_strdup(link->first);
	number_link(groups, item);
	item->size = (uint64_t)size;
	item->mode = link->mode;
	item->uid = link->uid;
	item->gid = link->gid;
	item->detached = true;
	item->source = download_new(guest, device, type, link->path, item->size);
	iv_ignore(iv_item_add_extent(item, 0, 0, item->size)); /* the first is never refused */
	return sink->item(user, item, error);
}

static bool emit_links(IvGuest *guest, const Device *device, const char *type,
		       const GPtrArray *links, const IvFsSink *sink, void *user, GError **error)
{
	g_autoptr(GHashTable) groups = group_links(links);

	for (guint i = 0; i < links->len; i++)
		if (!emit_link(guest, device, type, g_ptr_array_index(links, i), groups, sink, user,
			       error))
			return false;
	return true;
}

/* --- the stream ------------------------------------------------------------------- */

typedef struct {
	guestfs_h *g;
	char target[32]; /* /dev/fd/N: the pipe's end for writing */
	int fd;
	bool ok;
	char *fault;
} Sender;

/* Runs in a thread of its own while the pipe is read here. */
static gpointer send_tar(gpointer data)
{
	Sender *sender = data;
	sigset_t pipe_signal;

	/* Error handlers belong to a thread, and the default one prints. */
	guestfs_set_error_handler(sender->g, NULL, NULL);
	/* The reader may leave first; that is an error of the call, not our end. */
	sigemptyset(&pipe_signal);
	sigaddset(&pipe_signal, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &pipe_signal, NULL);
	sender->ok = guestfs_tar_out_opts(sender->g, "/", sender->target,
					  GUESTFS_TAR_OUT_OPTS_NUMERICOWNER, 1,
					  GUESTFS_TAR_OUT_OPTS_XATTRS, 1, -1) == 0;
	if (!sender->ok)
		sender->fault = g_strdup(last_error(sender->g));
	close(sender->fd);
	return NULL;
}

/* Let the sender finish: it stops at the next block, but only if the pipe does
 * not hold it up. */
static void drain(int fd)
{
	uint8_t waste[65536];
	ssize_t n;

	do
		n = read(fd, waste, sizeof(waste));
	while (n > 0 || (n < 0 && errno == EINTR));
}

static bool stream_files(IvGuest *guest, uint64_t max_file, const IvFsSink *sink, void *user,
			 GPtrArray *links, GError **error)
{
	Sender sender = {.g = guest->g};
	g_autofree char *reason = NULL;
	bool whole = false, ok;
	GThread *thread;
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) != 0)
		return iv_fail_errno(error, "cannot make a pipe to the appliance");
	sender.fd = ends[1];
	g_snprintf(sender.target, sizeof(sender.target), "/dev/fd/%d", ends[1]);
	thread = g_thread_new("guest-tar", send_tar, &sender);
	ok = iv_tar_walk(ends[0], max_file, sink, user, links, &whole, error);
	if (!whole)
		guestfs_user_cancel(guest->g);
	drain(ends[0]);
	g_thread_join(thread);
	close(ends[0]);
	if (ok && (!whole || !sender.ok)) {
		if (sender.fault != NULL)
			sender.fault[strcspn(sender.fault, "\n")] = '\0';
		reason = g_strdup_printf("the appliance did not deliver every file: %s",
					 sender.fault != NULL ? sender.fault
							      : "the stream broke off");
		sink->unread(user, NULL, 0, reason);
	}
	g_free(sender.fault);
	return ok;
}

static bool walk_device(IvGuest *guest, const Device *device, const char *type,
			const IvFsSink *sink, void *user, GError **error)
{
	g_autoptr(GPtrArray) links =
		g_ptr_array_new_with_free_func((GDestroyNotify)iv_tar_link_free);
	bool mounted;

	g_mutex_lock(&guest->lock);
	guest->mounted = NULL; /* a fresh mount for every walk */
	mounted = mount_device(guest, device, type, error);
	g_mutex_unlock(&guest->lock);
	if (!mounted)
		return false;
	sink->note(user,
		   "read through the appliance's kernel: if a journal had to be replayed, that "
		   "happened in a throw-away overlay");
	return stream_files(guest, device->size, sink, user, links, error) &&
	       emit_links(guest, device, type, links, sink, user, error);
}

bool iv_guest_walk(IvGuest *guest, uint64_t offset, uint64_t size, const char *kind,
		   const IvFsSink *sink, void *user, GError **error)
{
	const Device *device = find_device(guest, offset, size, error);
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
