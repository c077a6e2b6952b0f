/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * clearance.h - a dated, reasoned, expiring acceptance of one finding.
 */
#ifndef IV_SHARE_GATE_CLEARANCE_H
#define IV_SHARE_GATE_CLEARANCE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "scanner/base/error.h"
#include "scanner/finding/redact.h"

typedef struct {
	char *fingerprint;
	char *reason;
	char *who;
	gint64 created; /* seconds since the epoch, 0 if not given */
	gint64 expires; /* end of that day, UTC */
	unsigned line;
	char *problem; /* why it has no effect (malformed), or NULL */
} IvClearance;

typedef struct {
	char *name;		/* file name, or NULL: none given */
	char *salt_id;		/* of the salt it was made with, or NULL */
	GPtrArray *list;	/* IvClearance * */
} IvClearances;

/* A NULL path gives an empty list.  A file that is not YAML, or not a clearances file, is
 * IV_ERROR_CONFIG; a single bad entry stays in the list with its `problem`, so that the verdict can
 * name it. */
IV_MUST_CHECK
IvClearances *iv_clearances_load(const char *path, GError **error);
/* The same from memory; `name` stands in error messages. */
IV_MUST_CHECK
IvClearances *iv_clearances_parse(const char *name, const char *text, size_t len, GError **error);
void iv_clearances_free(IvClearances *clearances);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvClearances, iv_clearances_free)

/* What is wrong with these texts of an entry ("the reason is shorter than 10
 * characters"), or NULL.  created may be NULL; dates are YYYY-MM-DD and the
 * values go to *from (0 without created) and *until, which may be NULL. */
IV_MUST_CHECK
const char *iv_clearance_problem(const char *fingerprint, const char *reason, const char *who,
				 const char *created, const char *expires, gint64 *from,
				 gint64 *until);

/* Append one entry (and make the file, with the salt, if it is not there);
 * what stood in the file stays byte for byte.  In clearance_add.c. */
IV_MUST_CHECK
bool iv_clearances_add(const char *path, const uint8_t salt[IV_SALT_BYTES], const char *fingerprint,
		       const char *reason, const char *who, const char *expires, GError **error);

/* The salt that a clearances file names; *found is false when it names none.  A file that is not
 * there, or a malformed salt, is an error. */
IV_MUST_CHECK
bool iv_clearances_salt(const char *path, uint8_t salt[IV_SALT_BYTES], bool *found,
			GError **error);

#endif
