/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * search_rig.h - what the tests of scanner/search/ share: one small rule, a disk
 * in memory whose reads can fail, a place, a collection.
 */
#ifndef IV_TESTS_SEARCH_RIG_H
#define IV_TESTS_SEARCH_RIG_H

#include <glib.h>
#include <string.h>

#include "scanner/base/error.h"
#include "scanner/base/limits.h"
#include "scanner/disk/source.h"
#include "scanner/search/hits.h"

#define KIB (1u << 10)
#define MIB (1u << 20)
/* What RIG_RULES finds. */
#define RIG_TOKEN "EXTOK_00112233AABBCCDD"
#define RIG_RULES                                                                                  \
	"rules:\n"                                                                                 \
	"- id: r.token\n"                                                                          \
	"  name: a token\n"                                                                        \
	"  pattern: '\\b(EXTOK_[0-9A-F]{16})\\b'\n"                                                \
	"- id: r.path\n"                                                                           \
	"  name: a path\n"                                                                         \
	"  path: '\\.pem$'\n"                                                                      \
	"- id: r.quiet\n"                                                                         \
	"  name: a pin, but not in documents\n"                                                    \
	"  pattern: '\\bpin=(\\d{4})\\b'\n"                                                        \
	"  not_path: '(?:^|/)doc/'\n"

G_GNUC_UNUSED static IvRuleSet *rig_rules(void)
{
	g_autoptr(GError) error = NULL;
	IvRuleSet *set = iv_ruleset_parse("r.yml", RIG_RULES, strlen(RIG_RULES), &error);

	g_assert_no_error(error);
	return set;
}

/* --- a disk in memory ----------------------------------------------------------------- */

typedef struct {
	IvSource base;
	uint8_t *bytes;
	bool holes;	   /* say of blocks of 64 KiB that are zeros that they are holes */
	uint64_t bad;	   /* reads over this byte fail as well; 0: none */
	gint reads;	   /* calls of read and extent so far */
	gint fail_at;	   /* this call fails with IV_ERROR_IO; 0: none */
	bool fail_forever; /* and all behind it */
} RigDisk;

static bool rig_disk_fails(RigDisk *disk, GError **error)
{
	gint call = g_atomic_int_add(&disk->reads, 1) + 1;

	if (disk->fail_at == 0 || call < disk->fail_at || (call > disk->fail_at && !disk->fail_forever))
		return false;
	iv_fail(error, IV_ERROR_IO, "read %d fails, as the test wants", call);
	return true;
}

static bool rig_disk_read(IvSource *source, uint64_t off, void *buf, size_t len, GError **error)
{
	RigDisk *disk = (RigDisk *)source;

	if (rig_disk_fails(disk, error))
		return false;
	if (disk->bad >= MAX(off, 1) && disk->bad < off + len)
		return iv_fail(error, IV_ERROR_IO, "a bad sector, as the test wants");
	memcpy(buf, disk->bytes + off, len);
	return true;
}

static bool rig_is_zero(const RigDisk *disk, uint64_t off, uint64_t len)
{
	const uint8_t *at = disk->bytes + off;

	return at[0] == 0 && memcmp(at, at + 1, len - 1) == 0;
}

static bool rig_disk_extent(IvSource *source, uint64_t off, uint64_t *len, bool *zero,
			    GError **error)
{
	RigDisk *disk = (RigDisk *)source;
	uint64_t want = *len, step = 64 * KIB - off % (64 * KIB);

	if (rig_disk_fails(disk, error))
		return false;
	*zero = disk->holes && rig_is_zero(disk, off, MIN(step, want));
	for (*len = 0; *len < want; *len += step, step = 64 * KIB) {
		step = MIN(step, want - *len);
		if (*zero != (disk->holes && rig_is_zero(disk, off + *len, step)))
			break;
	}
	return true;
}

static void rig_disk_free(IvSource *source)
{
	g_free(((RigDisk *)source)->bytes);
	g_free(source);
}

/* A disk of `size` bytes: a copy of `bytes` (NULL: zeros). */
G_GNUC_UNUSED static RigDisk *rig_disk_new(const void *bytes, uint64_t size)
{
	static const IvSourceOps ops = {rig_disk_read, rig_disk_extent, rig_disk_free};
	RigDisk *disk = g_new0(RigDisk, 1);

	iv_source_init(&disk->base, &ops, size);
	disk->bytes = bytes != NULL ? g_memdup2(bytes, size) : g_malloc0(size);
	return disk;
}

G_GNUC_UNUSED static void rig_put(RigDisk *disk, uint64_t at, const char *text)
{
	memcpy(disk->bytes + at, text, strlen(text));
}

G_GNUC_UNUSED static void rig_fill(RigDisk *disk, uint64_t at, uint64_t len, int byte)
{
	memset(disk->bytes + at, byte, len);
}

/* --- a place, a collection, items ------------------------------------------------------- */

typedef struct {
	RigDisk *disk;
	IvRuleSet *rules;
	IvCoverage *coverage;
	IvPlace *place;
	IvCollection *collection;
} Rig;

/* A volume that is the whole of a disk of `size` bytes. */
G_GNUC_UNUSED static Rig *rig_new(uint64_t size)
{
	static const uint8_t salt[IV_SALT_BYTES] = {1};
	Rig *rig = g_new0(Rig, 1);

	rig->disk = rig_disk_new(NULL, size);
	rig->rules = rig_rules();
	rig->coverage = iv_coverage_new();
	rig->place = iv_place_new(rig->coverage, true, "p1", "ext4", "ext", 0, size);
	rig->place->remember = true;
	rig->collection = iv_collection_new(salt, NULL);
	return rig;
}

G_GNUC_UNUSED static void rig_free(Rig *rig)
{
	iv_source_unref(&rig->disk->base);
	iv_ruleset_free(rig->rules);
	iv_collection_free(rig->collection);
	iv_place_free(rig->place);
	iv_coverage_free(rig->coverage);
	g_free(rig);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Rig, rig_free)

/* An item of the rig's disk without a run yet. */
G_GNUC_UNUSED static IvItem *rig_item(Rig *rig, IvItemKind kind, const char *path, uint64_t size)
{
	IvItem *item = iv_item_new(kind, path);

	item->source = iv_source_ref(&rig->disk->base);
	item->size = size;
	item->extents = g_array_new(FALSE, FALSE, sizeof(IvExtent));
	return item;
}

/* A file in one piece at this byte of the disk. */
G_GNUC_UNUSED static IvItem *rig_file(Rig *rig, const char *path, uint64_t at, uint64_t size)
{
	IvItem *item = rig_item(rig, IV_ITEM_FILE, path, size);

	g_assert_true(iv_item_add_extent(item, 0, at, size));
	return item;
}

G_GNUC_UNUSED static IvItem *rig_memory(IvItemKind kind, const char *path, const char *text)
{
	IvItem *item = iv_item_new(kind, path);

	item->bytes = g_bytes_new(text, strlen(text));
	item->size = strlen(text);
	return item;
}

/* The findings, sorted, one a line: "rule path place offset line disk_offset". */
G_GNUC_UNUSED static char *rig_findings(Rig *rig)
{
	g_autoptr(GPtrArray) list = iv_collection_take(rig->collection);
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < list->len; i++) {
		const IvFinding *f = list->pdata[i];

		g_string_append_printf(text, "%s %s %s %u %u %d\n", f->rule,
				       f->path != NULL ? f->path : "-", f->place, (guint)f->offset,
				       (guint)f->line, (int)f->disk_offset);
	}
	return g_string_free(text, FALSE);
}

#endif
