/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * coverage.h - what was read, what was not, and why.  "Clean" and "not looked
 * at" are different facts.  Safe to call from any thread.
 */
#ifndef IV_FINDING_COVERAGE_H
#define IV_FINDING_COVERAGE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "scanner/finding/packed.h"

typedef struct {
	char *volume; /* "p1", "gap1", "disk" */
	char *kind;   /* "ext4", "swap", "gap", "bios-boot", "unknown" ... */
	char *reader; /* "ext", "guest", "tree", "raw", "none" */
	uint64_t offset; /* from the start of the disk */
	uint64_t bytes;	 /* size of the volume */
	uint64_t files;	 /* regular files emitted by the reader */
	uint64_t unread; /* bytes not looked at, as far as known */
	char *reason;	 /* why, or "" */
	bool complete;	 /* nothing of it was missed */
	unsigned reason_rank; /* private to coverage.c */
} IvCoverageVolume;

/* One place that was not looked at: a file, or a range. */
typedef struct {
	char *volume;
	char *path; /* printable, or NULL */
	uint64_t bytes;
	char *reason;
	uint64_t count; /* misses of this volume, path and reason folded into this one, >= 1 */
} IvCoverageMiss;

typedef struct {
	GPtrArray *volumes; /* IvCoverageVolume *, in order of offset */
	GPtrArray *misses;  /* IvCoverageMiss *, at most IV_MAX_MISSES, sorted */
	uint64_t misses_dropped; /* beyond that ceiling: counted, not listed */
	IvPackedList *packed; /* searched as stored only; NULL: nobody counted.  As notes: */
	GPtrArray *notes;   /* char *: for the record; do not touch `complete` */
	bool complete;
	GMutex lock;
} IvCoverage;

IvCoverage *iv_coverage_new(void);
void iv_coverage_free(IvCoverage *coverage);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvCoverage, iv_coverage_free)

/* Begin a volume; strings are copied.  The result stays owned by coverage. */
IvCoverageVolume *iv_coverage_volume(IvCoverage *coverage, const char *volume, const char *kind,
				     const char *reader, uint64_t offset, uint64_t bytes);

/* Something of the volume was missed: adds to unread, clears complete on both,
 * and gives the volume a reason.  Of several reasons one for a range (path
 * NULL) wins over one for a file, then the first by alphabet, so that threads
 * do not change the report; a reason the caller wrote into the volume stays.
 * volume may be NULL: then only the whole is incomplete.  path: printable, or
 * NULL. */
void iv_coverage_miss(IvCoverage *coverage, IvCoverageVolume *volume, const char *path,
		      uint64_t bytes, const char *reason);
void iv_coverage_note(IvCoverage *coverage, const char *text);

/* Something of the volume is packed or encoded, and was searched as stored bytes only:
 * more's volume is filled in.  place: printable. */
void iv_coverage_packed(IvCoverage *coverage, const IvCoverageVolume *volume, IvPackedEntry more,
			const char *place);

/* The record of the misses of a volume's `unread` is kept within IV_MAX_MISSES:
 * the first in order stay, the rest is counted in misses_dropped. */

/* Sort and close: volumes by offset; misses by volume, path, reason, folded
 * where all three agree; packed by volume and kind; notes as they came, once each.  May be called again. */
void iv_coverage_finish(IvCoverage *coverage);

#endif
