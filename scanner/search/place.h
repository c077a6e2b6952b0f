/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * place.h - one volume while it is scanned: where its findings are, and what
 * was found in it so far.
 *
 * The reader's thread makes it; worker threads use it, and it must outlive
 * them.  Only what the functions below guard may change meanwhile.
 */
#ifndef IV_SEARCH_PLACE_H
#define IV_SEARCH_PLACE_H

#include "scanner/finding/coverage.h"

typedef struct {
	const char *name;	 /* "p2" */
	uint64_t offset;	 /* of its source on the disk, bytes */
	bool on_disk;		 /* item offsets map to the disk (not guest, not tree) */
	IvCoverage *coverage;	 /* borrowed */
	IvCoverageVolume *entry; /* its line there */
	bool remember;		 /* a raw pass, or further names of streams, will ask */
	bool drop_known;	 /* now a raw pass: leave out secrets that files already gave */

	GMutex lock;	     /* guards what follows */
	GHashTable *found;   /* raw paths with findings */
	GHashTable *secrets; /* ids of the secrets that were found */
	GArray *starts;	     /* uint64_t: where in its free space volumes may begin */
	bool starts_cut;     /* there are more of them than are kept */
	GHashTable *packed;  /* GBytes: how what is packed in files begins */
} IvPlace;

/* Begin a volume, with its line in coverage; the arguments after `on_disk` are
 * those of iv_coverage_volume(). */
IvPlace *iv_place_new(IvCoverage *coverage, bool on_disk, const char *name, const char *kind,
		      const char *reader, uint64_t offset, uint64_t size);
void iv_place_free(IvPlace *place);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvPlace, iv_place_free)

/* Free bytes of the volume, which lie at `at` of its source: does a superblock stand there?
 * (scanner/volume/hidden.h) */
void iv_place_look(IvPlace *place, const uint8_t *data, size_t len, uint64_t at);

/* Something was found in the file of this raw path (remembered only if the place is
 * told to); was it? */
void iv_place_add_found(IvPlace *place, const char *path);
bool iv_place_has_found(IvPlace *place, const char *path);

/* Remember a secret that a file gave (if the place is told to, and at most
 * IV_MAX_KNOWN_SECRETS): false.  In a raw pass (drop_known) nothing is remembered:
 * true if a file gave it. */
bool iv_place_knows_secret(IvPlace *place, const char *secret_id);

/* The same for something packed that begins with these bytes, where a raw pass
 * follows (the reader "guest"): at most IV_MAX_KNOWN_PACKED, beyond which things
 * are counted under their file and as raw bytes. */
bool iv_place_knows_packed(IvPlace *place, const uint8_t *data, size_t len);

#endif
