/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tree.c - a directory of the host: see fs.h.
 *
 * Directories wait on a list, never on the call stack; each is read whole, its
 * names sorted, and closed before the next one is opened, so that neither depth
 * nor width costs descriptors.  Files are opened once here, for their holes and
 * attributes and to learn at once whether they can be read, and again by
 * whoever reads them.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "scanner/base/error.h"
#include "scanner/base/limits.h"
#include "scanner/base/skip.h"
#include "scanner/fs/fs.h"
#include "scanner/fs/hostfile.h"

typedef struct {
	const IvFsSink *sink;
	void *user;
	IvHostRoot *root;
	GPtrArray *pending;   /* Pending *, the next one last */
	GHashTable *dirs;     /* Inode keys of directories that were entered */
	GHashTable *links;    /* Inode -> FirstName, for files with several names */
	uint64_t specials;    /* devices, sockets, fifos */
	uint64_t kernel_dirs; /* roots of /proc and its like */
	uint64_t twice;	      /* directories met again under another name */
} Tree;

typedef struct {
	char *path;
	struct stat seen;
} Pending;

typedef struct {
	uint64_t dev, ino;
} Inode;

typedef struct {
	char *path;
	uint64_t share; /* item.h */
} FirstName;

static guint inode_hash(gconstpointer key)
{
	const Inode *inode = key;

	return (guint)(inode->ino ^ (inode->ino >> 32) ^ (inode->dev * 31));
}

static gboolean inode_equal(gconstpointer a, gconstpointer b)
{
	const Inode *x = a, *y = b;

	return x->dev == y->dev && x->ino == y->ino;
}

static Inode *inode_of(const struct stat *st)
{
	Inode *inode = g_new(Inode, 1);

	*inode = (Inode){.dev = st->st_dev, .ino = st->st_ino};
	return inode;
}

static void pending_free(Pending *pending)
{
	g_free(pending->path);
	g_free(pending);
}

static void first_name_free(void *data)
{
	FirstName *first = data;

	g_free(first->path);
	g_free(first);
}

static void unread_errno(Tree *tree, const char *path, uint64_t bytes, const char *what)
{
	g_autofree char *reason = g_strdup_printf("%s: %s", what, g_strerror(errno));

	tree->sink->unread(tree->user, path, bytes, reason);
}

static bool emit(Tree *tree, IvItem *item, const struct stat *st, GError **error)
{
	item->mode = st->st_mode;
	item->uid = st->st_uid;
	item->gid = st->st_gid;
	return tree->sink->item(tree->user, item, error);
}

/* --- extended attributes ------------------------------------------------------ */

/* An open file, or (fd -1) a path that is read without following it. */
typedef struct {
	int fd;
	const char *path;
} Holder;

static ssize_t list_names(const Holder *holder, char *buf, size_t size)
{
	return holder->fd >= 0 ? flistxattr(holder->fd, buf, size)
			       : llistxattr(holder->path, buf, size);
}

static ssize_t get_value(const Holder *holder, const char *name, void *buf, size_t size)
{
	return holder->fd >= 0 ? fgetxattr(holder->fd, name, buf, size)
			       : lgetxattr(holder->path, name, buf, size);
}

static bool emit_xattr(Tree *tree, const Holder *holder, const IvItem *of, const struct stat *st,
		       const char *name, GError **error)
{
	g_autofree uint8_t *value = g_malloc(IV_MAX_XATTR_VALUE_BYTES);
	ssize_t len = get_value(holder, name, value, IV_MAX_XATTR_VALUE_BYTES);
	g_autoptr(IvItem) item = NULL;

	if (len < 0) {
		unread_errno(tree, of->path, 0, "an extended attribute cannot be read");
		return true;
	}
	item = iv_item_new(IV_ITEM_XATTR, of->path);
	item->share = of->share;
	item->detail = g_strdup(name);
	item->size = (uint64_t)len;
	item->bytes = g_bytes_new(value, (gsize)len);
	return emit(tree, item, st, error);
}

static gint compare_names(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool emit_xattrs(Tree *tree, const Holder *holder, const IvItem *of, const struct stat *st,
			GError **error)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	g_autofree char *list = NULL;
	ssize_t len = list_names(holder, NULL, 0);

	if (len == 0 || (len < 0 && errno == ENOTSUP))
		return true;
	if (len > 0) {
		list = g_malloc(IV_MAX_XATTR_LIST_BYTES);
		len = list_names(holder, list, IV_MAX_XATTR_LIST_BYTES);
	}
	if (len < 0) {
		unread_errno(tree, of->path, 0, "the extended attributes cannot be listed");
		return true;
	}
	for (ssize_t at = 0; at < len; at += (ssize_t)strlen(list + at) + 1)
		g_ptr_array_add(names, list + at);
	g_ptr_array_sort(names, compare_names);
	for (guint i = 0; i < names->len; i++)
		if (!emit_xattr(tree, holder, of, st, g_ptr_array_index(names, i), error))
			return false;
	return true;
}

/* --- files ---------------------------------------------------------------------- */

/* The stored runs of an open file.  A file system that cannot tell, or a file
 * with absurdly many runs, is read as one run.  Runs are in order, so that none is
 * refused. */
static void add_runs(IvItem *item, int fd, const struct stat *st)
{
	off_t size = st->st_size, at = 0;

	if ((uint64_t)st->st_blocks * 512 >= (uint64_t)size) {
		iv_ignore(iv_item_add_extent(item, 0, 0, (uint64_t)size));
		return;
	}
	for (unsigned runs = 0; at < size; runs++) {
		off_t data = lseek(fd, at, SEEK_DATA), hole;

		if (data < 0 && errno == ENXIO) {
			iv_skip(IV_SKIP_HOLE, 1);
			return;
		}
		if (data > at)
			iv_skip(IV_SKIP_HOLE, 1);
		hole = data < 0 ? -1 : lseek(fd, data, SEEK_HOLE);
		if (hole < 0 || hole <= data || runs == IV_MAX_TREE_RUNS) {
			data = data < 0 ? at : data;
			hole = size;
		}
		if (data >= size)
			return;
		hole = MIN(hole, size);
		iv_ignore(iv_item_add_extent(item, (uint64_t)data, (uint64_t)data,
					     (uint64_t)(hole - data)));
		at = hole;
	}
}

/* A file with several names is numbered; all but the first name are links of it. */
static void set_links(Tree *tree, IvItem *item, const struct stat *st)
{
	Inode key = {.dev = st->st_dev, .ino = st->st_ino};
	FirstName *first;

	if (st->st_nlink < 2)
		return;
	first = g_hash_table_lookup(tree->links, &key);
	if (first != NULL) {
		item->link_of = g_strdup(first->path);
		item->share = first->share;
		return;
	}
	first = g_new(FirstName, 1);
	*first = (FirstName){g_strdup(item->path), g_hash_table_size(tree->links) + 1};
	item->share = first->share;
	item->more = (uint32_t)MIN(st->st_nlink - 1, IV_MORE_UNKNOWN - 1);
	g_hash_table_insert(tree->links, inode_of(st), first);
}

static bool emit_open_file(Tree *tree, int fd, const char *path, const struct stat *st,
			   GError **error)
{
	g_autoptr(IvItem) item = iv_item_new(IV_ITEM_FILE, path);
	const Holder holder = {.fd = fd};

	item->size = (uint64_t)st->st_size;
	item->source = iv_host_source(tree->root, path, st);
	item->detached = true;
	add_runs(item, fd, st);
	set_links(tree, item, st);
	if (!emit(tree, item, st, error))
		return false;
	return item->link_of != NULL || emit_xattrs(tree, &holder, item, st, error);
}

static bool emit_file(Tree *tree, int dir, const char *name, const char *path,
		      const struct stat *seen, GError **error)
{
	int fd = iv_host_openat(dir, name, 0);
	struct stat st;
	bool ok = true;

	if (fd < 0) {
		unread_errno(tree, path, (uint64_t)seen->st_size, "the file cannot be opened");
		return true;
	}
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		tree->sink->unread(tree->user, path, (uint64_t)seen->st_size,
				   "the file was replaced while it was read");
	else
		ok = emit_open_file(tree, fd, path, &st, error);
	close(fd);
	return ok;
}

static bool emit_symlink(Tree *tree, int dir, const char *name, const char *path,
			 const struct stat *st, GError **error)
{
	g_autofree char *at = g_strdup_printf("/proc/self/fd/%d/%s", dir, name);
	const Holder holder = {.fd = -1, .path = at};
	g_autoptr(IvItem) item = NULL;
	char target[PATH_MAX];
	ssize_t len = readlinkat(dir, name, target, sizeof(target));

	if (len < 0 || (size_t)len == sizeof(target)) {
		if (len >= 0)
			errno = ENAMETOOLONG;
		unread_errno(tree, path, 0, "the symbolic link cannot be read");
		return true;
	}
	item = iv_item_new(IV_ITEM_SYMLINK, path);
	item->size = (uint64_t)len;
	item->bytes = g_bytes_new(target, (gsize)len);
	return emit(tree, item, st, error) && emit_xattrs(tree, &holder, item, st, error);
}

/* --- directories ------------------------------------------------------------------ */

/* All names but "." and "..", sorted by byte; NULL with errno.  Takes fd. */
static GPtrArray *read_names(int fd)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
	DIR *dir = fdopendir(fd);
	const struct dirent *entry;
	int failed;

	if (dir == NULL) {
		failed = errno;
		close(fd);
		errno = failed;
		return NULL;
	}
	errno = 0;
	while ((entry = readdir(dir)) != NULL) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			g_ptr_array_add(names, g_strdup(entry->d_name));
		errno = 0;
	}
	failed = errno;
	closedir(dir);
	errno = failed;
	if (failed != 0)
		return NULL;
	g_ptr_array_sort(names, compare_names);
	return g_steal_pointer(&names);
}

static void add_pending(Tree *tree, GPtrArray *subdirs, const char *path, const struct stat *st)
{
	Pending *pending;

	if (strlen(path) > IV_MAX_TREE_PATH_BYTES) {
		tree->sink->unread(tree->user, path, 0, "the path is too long");
		return;
	}
	pending = g_new0(Pending, 1);
	pending->path = g_strdup(path);
	pending->seen = *st;
	g_ptr_array_add(subdirs, pending);
}

static bool visit_name(Tree *tree, int dir, const char *parent, const char *name,
		       GPtrArray *subdirs, GError **error)
{
	g_autofree char *path =
		*parent == '\0' ? g_strdup(name) : g_strdup_printf("%s/%s", parent, name);
	struct stat st;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) != 0) {
		unread_errno(tree, path, 0, "the file cannot be examined");
		return true;
	}
	switch (st.st_mode & S_IFMT) {
	case S_IFREG:
		return emit_file(tree, dir, name, path, &st, error);
	case S_IFLNK:
		return emit_symlink(tree, dir, name, path, &st, error);
	case S_IFDIR:
		add_pending(tree, subdirs, path, &st);
		return true;
	default:
		iv_skip(IV_SKIP_SPECIAL_FILE, 1);
		tree->specials++;
		return true;
	}
}

/* Everything in an open directory; its subdirectories become pending. */
static bool visit_names(Tree *tree, int dir, const char *path, const GPtrArray *names,
			GError **error)
{
	g_autoptr(GPtrArray) subdirs = g_ptr_array_new_with_free_func((GDestroyNotify)pending_free);

	for (guint i = 0; i < names->len; i++)
		if (!visit_name(tree, dir, path, g_ptr_array_index(names, i), subdirs, error))
			return false;
	while (subdirs->len > 0)
		g_ptr_array_add(tree->pending, g_ptr_array_steal_index(subdirs, subdirs->len - 1));
	return true;
}

static bool visit_open_dir(Tree *tree, int fd, const Pending *at, GError **error)
{
	const Holder holder = {.fd = fd};
	g_autoptr(GPtrArray) names = NULL;
	g_autoptr(IvItem) self = NULL; /* never emitted: its attributes are */
	int list;

	if (*at->path != '\0' && iv_host_is_mount(fd))
		tree->sink->unread(tree->user, at->path, 0,
				   "something is mounted here: what the folder itself holds is hidden");
	if (iv_host_is_kernel_view(fd)) {
		if (*at->path == '\0')
			tree->sink->unread(tree->user, NULL, 0,
					   "the directory is a view of the kernel, not of a disk");
		iv_skip(IV_SKIP_KERNEL_VIEW, 1);
		tree->kernel_dirs++;
		return true;
	}
	if (!g_hash_table_add(tree->dirs, inode_of(&at->seen))) {
		iv_skip(IV_SKIP_MET_AGAIN, 1);
		tree->twice++;
		return true;
	}
	self = iv_item_new(IV_ITEM_FILE, *at->path == '\0' ? "." : at->path);
	if (!emit_xattrs(tree, &holder, self, &at->seen, error))
		return false;
	list = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	names = list < 0 ? NULL : read_names(list);
	if (names == NULL) {
		unread_errno(tree, at->path, 0, "the directory cannot be read");
		return true;
	}
	return visit_names(tree, fd, at->path, names, error);
}

static bool visit_dir(Tree *tree, const Pending *at, GError **error)
{
	int fd = iv_host_open(tree->root, at->path, O_DIRECTORY, &at->seen);
	bool ok;

	if (fd < 0) {
		unread_errno(tree, at->path, 0, "the directory cannot be opened");
		return true;
	}
	ok = visit_open_dir(tree, fd, at, error);
	close(fd);
	return ok;
}

static void note_count(Tree *tree, uint64_t count, const char *what)
{
	g_autofree char *text = g_strdup_printf("%" PRIu64 " %s", count, what);

	if (count > 0)
		tree->sink->note(tree->user, text);
}

static bool walk_all(Tree *tree, GError **error)
{
	while (tree->pending->len > 0) {
		Pending *at = g_ptr_array_steal_index(tree->pending, tree->pending->len - 1);
		bool ok = visit_dir(tree, at, error);

		pending_free(at);
		if (!ok)
			return false;
	}
	note_count(tree, tree->specials, "devices, sockets and fifos were met: they hold no bytes");
	note_count(tree, tree->kernel_dirs,
		   "mounted views of the kernel (proc, sys) were not entered");
	note_count(tree, tree->twice,
		   "directories were met again under another name, and searched once");
	return true;
}

bool iv_tree_walk(const char *root, const IvFsSink *sink, void *user, GError **error)
{
	Tree tree = {.sink = sink, .user = user};
	struct stat st;
	bool ok;

	tree.root = iv_host_root_open(root, error);
	if (tree.root == NULL)
		return false;
	if (fstat(tree.root->fd, &st) != 0) {
		iv_host_root_unref(tree.root);
		return iv_fail_errno(error, "cannot examine %s", root);
	}
	tree.pending = g_ptr_array_new_with_free_func((GDestroyNotify)pending_free);
	tree.dirs = g_hash_table_new_full(inode_hash, inode_equal, g_free, NULL);
	tree.links = g_hash_table_new_full(inode_hash, inode_equal, g_free, first_name_free);
	add_pending(&tree, tree.pending, "", &st);
	ok = walk_all(&tree, error);
	g_hash_table_unref(tree.links);
	g_hash_table_unref(tree.dirs);
	g_ptr_array_unref(tree.pending);
	iv_host_root_unref(tree.root);
	return ok;
}
