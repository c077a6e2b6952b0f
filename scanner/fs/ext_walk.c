/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ext_walk.c - see ext.h: the tree of names, and inodes without one
 *
 * A directory's entries are visited in order of inode number, which is close
 * to the order on disk; its subdirectories wait on a stack of their own, so
 * that a deep tree costs memory and not the program's stack.
 */
#include "scanner/fs/ext.h"

#include <inttypes.h>
#include <string.h>

#include "scanner/base/limits.h"
#include "scanner/base/skip.h"

typedef struct {
	ext2_ino_t inode;
	bool encrypted; /* a directory above is: reported there */
	GRefString *parent; /* path of the directory above with a final slash, or "" */
	char *name;	    /* NULL for the root */
} Pending;

typedef struct {
	IvExt *ext;
	GArray *stack;	/* Pending */
	uint8_t *full;	/* room for an entry's inode */
	uint8_t *dir_full; /* and for the directory's */
	/* the directory being read */
	GRefString *prefix; /* of its entries' paths */
	bool encrypted;
	GString *path; /* of the entry being visited */
	bool nameless; /* in the pass over inodes without a name */
	uint64_t orphans; /* that the pass found */
} Walk;

static void pending_clear(Pending *p)
{
	g_ref_string_release(p->parent);
	g_free(p->name);
}

/* --- content --------------------------------------------------------------------- */

static const char lost_track[] = "there are more scattered inodes than imgvet keeps track of";
static const char names_value[] =
	"the name stands for the value of an extended attribute, which is no file";
static const char encrypted_file[] = "it is encrypted: its content cannot be read without its key";

/* Content in the inode: a fast symlink's target, or inline data. */
static const char *take_bytes(const IvExtInode *inode, bool fast, IvItem *item)
{
	g_autoptr(GByteArray) data = NULL;
	bool damaged = false;

	if (fast)
		item->bytes = g_bytes_new(inode->inode.i_block, inode->size);
	else
		data = iv_ext_inline_data(inode, &damaged);
	if (data != NULL) {
		damaged |= inode->size > data->len;
		g_byte_array_set_size(data, (guint)MIN(inode->size, data->len));
		item->bytes = g_byte_array_free_to_bytes(g_steal_pointer(&data));
	}
	item->size = g_bytes_get_size(item->bytes);
	return damaged ? "its content in the inode is damaged" : NULL;
}

/* A symlink whose target stands where the block map would be. */
static bool fast_symlink(const IvExtInode *inode)
{
	return LINUX_S_ISLNK(inode->inode.i_mode) &&
	       inode->size < sizeof(inode->inode.i_block) &&
	       !(inode->inode.i_flags & (EXT4_EXTENTS_FL | EXT4_INLINE_DATA_FL));
}

static void visit_content(Walk *w, const IvExtInode *inode)
{
	IvExt *ext = w->ext;
	const struct ext2_inode *i = &inode->inode;
	bool link = LINUX_S_ISLNK(i->i_mode), fast = fast_symlink(inode);
	g_autoptr(IvItem) item = NULL;
	const char *damage;

	if (i->i_flags & EXT4_ENCRYPT_FL) {
		iv_ext_unread(ext, w->path->str, inode->size, encrypted_file);
		return;
	}
	item = iv_item_new(link ? IV_ITEM_SYMLINK : IV_ITEM_FILE, w->path->str);
	item->mode = i->i_mode;
	item->uid = inode_uid(*i);
	item->gid = inode_gid(*i);
	if (fast || (i->i_flags & EXT4_INLINE_DATA_FL))
		damage = take_bytes(inode, fast, item);
	else if (link && inode->size > ext->block_size)
		damage = "its target is longer than can be";
	else
		damage = iv_ext_map(ext, inode, inode->size, IV_EXT_OWN, item);
	if (damage != NULL)
		iv_ext_unread(ext, w->path->str, 0, damage);
	if (i->i_links_count > 1)
		iv_ext_link_add(ext, inode->number, item, i->i_links_count - 1u);
	iv_ext_emit(ext, item);
}

/* --- entries ----------------------------------------------------------------------- */

static void push(Walk *w, ext2_ino_t number, const char *name)
{
	Pending p = {.inode = number, .encrypted = w->encrypted};

	if (w->stack->len >= IV_MAX_EXT_PENDING) {
		iv_ext_unread(w->ext, w->path->str, 0, "too many directories wait to be read");
		return;
	}
	if (w->path->len >= IV_MAX_EXT_PATH_BYTES) {
		g_string_truncate(w->path, 256);
		iv_ext_unread(w->ext, w->path->str, 0,
			      "a directory lies too deep: it was not entered");
		return;
	}
	p.parent = g_ref_string_acquire(w->prefix);
	p.name = g_strdup(name);
	g_array_append_val(w->stack, p);
}

/* What has no content to miss. */
static bool is_special(uint16_t mode)
{
	return LINUX_S_ISCHR(mode) || LINUX_S_ISBLK(mode) || LINUX_S_ISFIFO(mode) ||
	       LINUX_S_ISSOCK(mode);
}

/* A name of an inode that was met before. */
static void visit_again(Walk *w, ext2_ino_t number)
{
	IvExtInode inode;

	if (iv_ext_link_emit(w->ext, number, w->path->str, NULL))
		return;
	if (iv_ext_inode_read(w->ext, number, w->full, &inode) == NULL) {
		if (is_special(inode.inode.i_mode)) {
			iv_skip(IV_SKIP_SPECIAL_FILE, 1);
			return;
		}
		if (LINUX_S_ISDIR(inode.inode.i_mode) && w->nameless) { /* one inside another one */
			iv_skip(IV_SKIP_MET_AGAIN, 1);
			return;
		}
		if (inode.inode.i_flags & EXT4_EA_INODE_FL) {
			iv_ext_unread(w->ext, w->path->str, 0, names_value);
			return;
		}
		if (inode.inode.i_flags & EXT4_ENCRYPT_FL) {
			iv_ext_unread(w->ext, w->path->str, 0, encrypted_file);
			return;
		}
	}
	iv_ext_unread(w->ext, w->path->str, 0,
		      "the name stands for a file or directory that was met before, and should not");
}

/* Visit the inode under w->path; `name` is its last component. */
static void visit_inode(Walk *w, const IvExtInode *inode, const char *name)
{
	IvExt *ext = w->ext;
	uint16_t mode = inode->inode.i_mode;

	if (!iv_ext_set_add(ext->seen, inode->number, 1, NULL)) {
		iv_ext_unread(ext, w->path->str, 0, lost_track);
		return;
	}
	if (inode->bad_checksum)
		iv_ext_unread(ext, w->path->str, 0,
			      "its inode has a wrong checksum: what it says was searched all the same");
	if ((inode->inode.i_flags & EXT4_EA_INODE_FL) != 0 && !w->nameless)
		iv_ext_unread(ext, w->path->str, 0, names_value);
	if (LINUX_S_ISREG(mode) || LINUX_S_ISLNK(mode))
		visit_content(w, inode);
	else if (is_special(mode))
		iv_skip(IV_SKIP_SPECIAL_FILE, 1);
	else if (!LINUX_S_ISDIR(mode))
		iv_ext_unread(ext, w->path->str, inode->size, "its inode is of an unknown kind");
	if (!ext->stopped)
		iv_ext_xattrs(ext, inode, w->path->str);
	if (LINUX_S_ISDIR(mode)) /* last: it may shorten the path */
		push(w, inode->number, name);
}

/* Build the path of an entry; what cannot stand in a path gets a name of ours. */
static void set_path(Walk *w, ext2_ino_t number, const uint8_t *name, size_t len)
{
	g_string_assign(w->path, w->prefix);
	if (w->encrypted) {
		g_string_append_printf(w->path, "<encrypted name, inode %u>", number);
	} else if (memchr(name, '/', len) != NULL || memchr(name, 0, len) != NULL) {
		g_string_append_printf(w->path, "<impossible name, inode %u>", number);
		iv_ext_unread(w->ext, w->path->str, 0,
			      "its name holds a slash or a zero byte: rules on names did not see it");
	} else {
		g_string_append_len(w->path, (const char *)name, (gssize)len);
	}
}

static void visit_entry(Walk *w, ext2_ino_t number, const uint8_t *name, size_t len)
{
	IvExt *ext = w->ext;
	const char *reason;
	IvExtInode inode;

	set_path(w, number, name, len);
	if (iv_ext_set_has(ext->seen, number)) {
		visit_again(w, number);
		return;
	}
	if (number < EXT2_FIRST_INO(ext->fs->super)) {
		iv_ext_unread(ext, w->path->str, 0, "the name stands for a reserved inode");
		return;
	}
	reason = iv_ext_inode_read(ext, number, w->full, &inode);
	if (reason == NULL && (inode.inode.i_mode == 0 || inode.inode.i_links_count == 0))
		reason = "the name stands for a deleted inode";
	if (reason != NULL)
		iv_ext_unread(ext, w->path->str, 0, reason);
	else
		visit_inode(w, &inode, w->path->str + strlen(w->prefix));
}

static bool visit_batch(void *user, const IvExtBatch *batch)
{
	Walk *w = user;

	for (guint i = 0; i < batch->entries->len && !w->ext->stopped; i++) {
		const IvExtEntry *entry = &g_array_index(batch->entries, IvExtEntry, i);

		visit_entry(w, entry->inode, batch->names->data + entry->name, entry->length);
	}
	return !w->ext->stopped;
}

/* --- directories --------------------------------------------------------------------- */

/* Turn round what was pushed from `from` on, so that it is taken in order. */
static void reverse_from(GArray *stack, guint from)
{
	for (guint low = from, high = stack->len; low + 1 < high; low++, high--) {
		Pending swap = g_array_index(stack, Pending, low);

		g_array_index(stack, Pending, low) = g_array_index(stack, Pending, high - 1);
		g_array_index(stack, Pending, high - 1) = swap;
	}
}

static void read_directory(Walk *w, const Pending *p, const char *path)
{
	const char *reason;
	IvExtInode dir;

	reason = iv_ext_inode_read(w->ext, p->inode, w->dir_full, &dir);
	if (reason != NULL) {
		iv_ext_unread(w->ext, path, 0, reason);
		return;
	}
	w->encrypted = (dir.inode.i_flags & EXT4_ENCRYPT_FL) != 0;
	if (w->encrypted && !p->encrypted)
		iv_ext_unread(w->ext, path, 0,
			      "the directory is encrypted: names and contents below it cannot be "
			      "read without its key");
	iv_ext_directory(w->ext, &dir, path, visit_batch, w);
}

/* Take the directory on top of the stack and read it. */
static void read_pending(Walk *w)
{
	guint top = w->stack->len - 1;
	Pending p = g_array_index(w->stack, Pending, top);
	g_autofree char *path = p.name == NULL ? g_strdup(".") : g_strconcat(p.parent, p.name, NULL);
	g_autofree char *prefix = p.name == NULL ? g_strdup("") : g_strconcat(path, "/", NULL);

	g_array_set_size(w->stack, top);
	w->prefix = g_ref_string_new(prefix);
	read_directory(w, &p, path);
	reverse_from(w->stack, top);
	g_clear_pointer(&w->prefix, g_ref_string_release);
	pending_clear(&p);
}

static void read_all_pending(Walk *w)
{
	while (w->stack->len > 0 && !w->ext->stopped)
		read_pending(w);
	w->encrypted = false;
}

static void walk_root(Walk *w)
{
	IvExtInode root;
	const char *reason = iv_ext_inode_read(w->ext, EXT2_ROOT_INO, w->full, &root);
	if (reason == NULL && !LINUX_S_ISDIR(root.inode.i_mode))
		reason = "the root is not a directory";
	if (reason != NULL) {
		iv_ext_unread(w->ext, ".", 0, reason);
		return;
	}
	g_string_assign(w->path, ".");
	w->prefix = g_ref_string_new("");
	visit_inode(w, &root, NULL);
	g_clear_pointer(&w->prefix, g_ref_string_release);
	read_all_pending(w);
}

/* --- inodes without a name --------------------------------------------------------------- */

/* Inodes that belong to the file system itself. */
static bool internal_inode(const struct ext2_super_block *s, ext2_ino_t number)
{
	return number < EXT2_FIRST_INO(s) || number == s->s_journal_inum ||
	       number == s->s_usr_quota_inum || number == s->s_grp_quota_inum ||
	       number == s->s_prj_quota_inum ||
	       (ext2fs_has_feature_orphan_file((struct ext2_super_block *)s) &&
		number == s->s_orphan_file_inum);
}

/* Is this an inode in use that no name led to?  The blocks of one that is not are
 * searched as free space or metadata. */
static bool is_nameless(const Walk *w, ext2_ino_t number, bool bitmap_known, IvExtInode *inode)
{
	if (iv_ext_set_has(w->ext->seen, number))
		return false; /* skip: none, because it was searched under its name */
	if (internal_inode(w->ext->fs->super, number)) {
		iv_skip(IV_SKIP_INTERNAL, 1);
		return false;
	}
	if (iv_ext_inode_read(w->ext, number, w->full, inode) != NULL) {
		iv_ext_unread(w->ext, NULL, 0, "an inode that may be in use cannot be read");
		return false;
	}
	if (inode->inode.i_mode != 0 &&
	    (bitmap_known || (inode->inode.i_links_count != 0 && inode->inode.i_dtime == 0)))
		return true;
	iv_skip(IV_SKIP_UNUSED, 1);
	return false;
}

static void visit_nameless(Walk *w, ext2_ino_t number, bool bitmap_known, bool directories)
{
	IvExtInode inode;

	if (!is_nameless(w, number, bitmap_known, &inode))
		return;
	if (LINUX_S_ISDIR(inode.inode.i_mode) != directories)
		return; /* skip: none, because each kind has its pass */
	w->orphans++;
	g_string_printf(w->path, "<orphan inode %u>", number);
	w->prefix = g_ref_string_new("");
	visit_inode(w, &inode, w->path->str);
	g_clear_pointer(&w->prefix, g_ref_string_release);
	read_all_pending(w);
}

static void nameless_in_group(Walk *w, dgrp_t group, uint64_t *words, bool directories)
{
	uint64_t count = w->ext->fs->super->s_inodes_per_group, at = 0, end;
	bool known = iv_ext_inode_bitmap(w->ext, group, words);

	while (at < count && !w->ext->stopped) {
		if (known && !iv_ext_bits_run(words, at, count, &end)) {
			at = end;
			continue;
		}
		visit_nameless(w, (ext2_ino_t)(group * count + at + 1), known, directories);
		at++;
	}
}

/* Files that were deleted while open, and what damaged directories have lost.
 * Directories first: they give names to the rest. */
static void walk_nameless(Walk *w)
{
	g_autofree uint64_t *words = g_malloc(w->ext->block_size);

	w->nameless = true;
	for (int pass = 0; pass < 2; pass++)
		for (dgrp_t g = 0; g < w->ext->fs->group_desc_count && !w->ext->stopped; g++)
			nameless_in_group(w, g, words, pass == 0);
	if (w->orphans > 0)
		iv_ext_note(w->ext,
			    "%" PRIu64 " inodes are in use and have no name: deleted while open, or "
			    "lost by damage",
			    w->orphans);
}

bool iv_ext_walk(IvExt *ext)
{
	size_t inode_size = EXT2_INODE_SIZE(ext->fs->super);
	Walk w = {.ext = ext};

	w.stack = g_array_new(FALSE, FALSE, sizeof(Pending));
	w.full = g_malloc0(inode_size);
	w.dir_full = g_malloc0(inode_size);
	w.path = g_string_new(NULL);
	walk_root(&w);
	if (!ext->stopped)
		walk_nameless(&w);
	for (guint i = 0; i < w.stack->len; i++)
		pending_clear(&g_array_index(w.stack, Pending, i));
	g_array_unref(w.stack);
	g_free(w.full);
	g_free(w.dir_full);
	g_string_free(w.path, TRUE);
	return !ext->stopped;
}
