/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * second_opinion.c - what libblkid calls a range; the only file that knows it.
 *
 * libblkid wants a descriptor.  It gets a file in memory of the range's size in which only
 * the ends are written, where all its signatures stand; the rest reads as zeros.  So it
 * works for every format of image, and the program opens nothing.  It is asked for every
 * signature, one after another: what it would call "ambivalent" is several claims here.
 */
#include <blkid/blkid.h>
#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "scanner/base/limits.h"
#include "scanner/volume/claim.h"

#define CHUNK (64u << 10)

/* libblkid's names where ours differ, and what is no file system. */
static const struct {
	const char *theirs, *ours;
	IvClaimUse use;
} names[] = {
	{"swap", "swap", IV_CLAIM_RAW},
	{"swsuspend", "hibernation", IV_CLAIM_STORE},
	{"LVM2_member", "lvm2-pv", IV_CLAIM_STORE},
	{"LVM1_member", "lvm1-pv", IV_CLAIM_STORE},
	{"crypto_LUKS", "luks", IV_CLAIM_STORE},
	{"linux_raid_member", "linux-raid", IV_CLAIM_STORE},
	{"BitLocker", "bitlocker", IV_CLAIM_STORE},
	{"zfs_member", "zfs", IV_CLAIM_STORE},
	{"ceph_bluestore", "bluestore", IV_CLAIM_STORE},
	{"jbd", "ext-journal", IV_CLAIM_FILES},
	{"ext4dev", "ext4", IV_CLAIM_FILES},
};

/* Where we have looked at the fields ourselves, our own opinion stands: that a superblock of
 * btrfs names another place, or that an ext is no ext3. */
static void add(GArray *claims, const char *kind, IvClaimUse use)
{
	for (guint i = 0; i < claims->len; i++) {
		const char *other = g_array_index(claims, IvClaim, i).kind;

		if (strcmp(other, kind) == 0 || (iv_kind_is_ext(other) && iv_kind_is_ext(kind)))
			return;
	}
	iv_claims_add(claims, kind, use, IV_WEIGHT_SURE, 0);
}

static void add_type(GArray *claims, const char *type, const char *usage)
{
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		if (strcmp(names[i].theirs, type) == 0) {
			add(claims, names[i].ours, names[i].use);
			return;
		}
	add(claims, g_intern_string(type),
	    strcmp(usage, "filesystem") == 0 ? IV_CLAIM_FILES : IV_CLAIM_STORE);
}

/* Tables of other systems; ours (tables.c) reads "dos" and "gpt", and "PMBR" is a part of one. */
static void add_table(GArray *claims, const char *type)
{
	g_autofree char *kind = g_strconcat(type, "-table", NULL);

	if (strcmp(type, "dos") != 0 && strcmp(type, "gpt") != 0 && strcmp(type, "PMBR") != 0)
		add(claims, g_intern_string(kind), IV_CLAIM_STORE);
}

static void ask(blkid_probe probe, GArray *claims)
{
	const char *type, *usage;

	while (blkid_do_probe(probe) == 0) {
		if (blkid_probe_lookup_value(probe, "TYPE", &type, NULL) == 0) {
			if (blkid_probe_lookup_value(probe, "USAGE", &usage, NULL) != 0)
				usage = "other";
			add_type(claims, type, usage);
		} else if (blkid_probe_lookup_value(probe, "PTTYPE", &type, NULL) == 0) {
			add_table(claims, type);
		}
	}
}

static bool write_all(int fd, const uint8_t *data, size_t len, uint64_t at, GError **error)
{
	while (len > 0) {
		ssize_t n = TEMP_FAILURE_RETRY(pwrite(fd, data, len, (off_t)at));

		if (n <= 0)
			return iv_fail_errno(error, "cannot write to memory for libblkid");
		data += n;
		at += (uint64_t)n;
		len -= (size_t)n;
	}
	return true;
}

static bool is_zero(const uint8_t *data, size_t len)
{
	return data[0] == 0 && memcmp(data, data + 1, len - 1) == 0;
}

/* Copy what is stored in [from, to) and no zero. */
static bool copy(IvSource *source, int fd, uint64_t from, uint64_t to, GError **error)
{
	g_autofree uint8_t *chunk = g_malloc(CHUNK);

	while (from < to) {
		uint64_t len = MIN(CHUNK, to - from);
		bool zero;

		if (!iv_source_extent(source, from, &len, &zero, error))
			return false;
		if (!zero && !iv_source_read(source, from, chunk, (size_t)len, error))
			return false;
		if (!zero && !is_zero(chunk, (size_t)len) &&
		    !write_all(fd, chunk, (size_t)len, from, error))
			return false;
		from += len;
	}
	return true;
}

static bool show_ends(IvSource *source, int fd, GError **error)
{
	uint64_t head = MIN(source->size, IV_OPINION_HEAD_BYTES);
	uint64_t tail = MAX(head, source->size - MIN(source->size, IV_OPINION_TAIL_BYTES));

	if (ftruncate(fd, (off_t)source->size) != 0)
		return iv_fail_errno(error, "cannot make a file of %" PRIu64 " bytes in memory",
				     source->size);
	return copy(source, fd, 0, head, error) && copy(source, fd, tail, source->size, error);
}

/* One question, with a descriptor that shows the range. */
static bool probe_all(int fd, GArray *claims, GError **error)
{
	blkid_probe probe = blkid_new_probe();
	bool ok = probe != NULL && blkid_probe_set_device(probe, fd, 0, 0) == 0;

	if (ok) {
		blkid_probe_enable_superblocks(probe, 1);
		blkid_probe_set_superblocks_flags(probe, BLKID_SUBLKS_TYPE | BLKID_SUBLKS_USAGE);
		blkid_probe_enable_partitions(probe, 1);
		ask(probe, claims);
	} else {
		iv_fail(error, IV_ERROR_IO, "libblkid cannot look at a range of the disk");
	}
	blkid_free_probe(probe);
	return ok;
}

bool iv_second_opinion(IvSource *source, GArray *claims, GError **error)
{
	int fd = memfd_create("imgvet-range", MFD_CLOEXEC);
	bool ok;

	if (fd < 0)
		return iv_fail_errno(error, "cannot make a file in memory");
	ok = show_ends(source, fd, error) && probe_all(fd, claims, error);
	close(fd);
	return ok;
}
