/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * finding.h - a match, placed, redacted and fingerprinted: fit to be shown.
 *
 * A finding never holds a byte of the secret that redact.h did not let through.
 */
#ifndef IV_FINDING_FINDING_H
#define IV_FINDING_FINDING_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "scanner/base/severity.h"

typedef struct {
	char *fingerprint; /* 32 hex digits; see iv_fingerprint() */
	char *rule;	   /* rule id */
	char *name;	   /* rule's line for people */
	IvSeverity severity;
	char *volume;	   /* "p2", "gap1", "disk" */
	char *path;	   /* printable UTF-8 with a leading '/', or NULL: no file owns the bytes */
	char *place;	   /* "file", "slack", "symlink", "xattr", "free", "metadata", "raw" */
	uint64_t line;	   /* 1-based; 0 when not a text position (path alone, free space) */
	uint64_t offset;   /* of the secret in the file (in the item where there is no file), bytes */
	uint64_t length;   /* of the secret, bytes */
	int64_t disk_offset; /* from the start of the virtual disk, bytes; -1 when not stored there
			      * in plain form (guest and tree readers) */
	char *redacted;	     /* what redact.h lets be seen, or "" */
	char *reason;
	char *remediation;
	GStrv controls;
	uint64_t occurrences; /* of the same secret under the same rule in the same file, >= 1 */
} IvFinding;

/* Strings NULL, occurrences 1, disk_offset -1. */
IvFinding *iv_finding_new(void);
void iv_finding_free(IvFinding *finding);
IvFinding *iv_finding_copy(const IvFinding *finding);
/* Bytes of memory that it takes, about. */
size_t iv_finding_cost(const IvFinding *finding);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvFinding, iv_finding_free)

/* Volumes in the order people count: "p2" before "p10".  NULL comes first. */
int iv_volume_compare(const char *a, const char *b);

/* The report's order: severity from worst, then volume, path, offset, rule,
 * fingerprint; whatever else differs decides ties.  For g_ptr_array_sort(). */
int iv_finding_compare(gconstpointer a, gconstpointer b);

/* Sort, then fold findings that share fingerprint, volume, path and place into
 * the first of them, adding up `occurrences`: the same set in any order gives
 * the same array.  The array owns its findings (it has a free function). */
void iv_findings_fold(GPtrArray *findings);

#endif
