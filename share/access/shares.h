/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * shares.h - every own image that somebody else can use, and whether each
 * receiver was given it by a recorded share with a pass.
 *
 * Every own image is asked about, whatever its summary says, in parallel.  The
 * audit changes nothing, so its many reads are not recorded one by one: it has
 * one pair of lines in the ledger, with the verb "shares".  What could not be
 * looked at is a problem, never "nothing is shared there".
 */
#ifndef IV_SHARE_ACCESS_SHARES_H
#define IV_SHARE_ACCESS_SHARES_H

#include "scanner/base/error.h"
#include "share/ledger/history.h"

typedef struct {
	const char *receiver; /* an account's or a unit's id; in the order of these ids */
	bool unit;	      /* of an organization */
	const IvGrant *grant; /* or NULL: no recorded share with a pass gave it */
} IvSharedWith;

typedef struct {
	char *id, *region;
	char *name, *state; /* printable */
	bool is_public;	    /* everybody in the region can use it */
	const IvGrant *public_grant; /* or NULL, as above */
	GArray *with;	    /* IvSharedWith */
	guint without;	    /* how many of all these have no grant */
} IvSharedImage;

/* How far it is; any thread may look. */
typedef struct {
	gint done, total; /* images; the total grows while regions are listed */
} IvSharesProgress;

typedef struct {
	GPtrArray *images;   /* IvSharedImage *, by region and id; only those that are shared */
	GPtrArray *problems; /* char *: what could not be looked at, and why; sorted */
	guint regions, looked; /* regions, and own images in them, that were looked at */
	guint without;	     /* images with a receiver that has no grant */
	IvHistory *history;  /* what the grants belong to */
	GStringChunk *texts; /* what the receivers belong to */
} IvShares;

typedef struct {
	const char *image_id; /* this image alone; then region is needed.  Or NULL */
	const char *region;   /* NULL: all regions */
	const char *profile;
	const char *const *endpoints; /* as in IvShareRequest */
	gint64 deadline;
	IvSharesProgress *progress; /* or NULL */
} IvSharesRequest;

/* NULL with *error when nothing could be looked at: IV_ERROR_USAGE for an invalid id or region,
 * IV_ERROR_CONFIG without credentials, IV_ERROR_REFUSED when there is no such own image,
 * IV_ERROR_CLOUD when the list of regions could not be read.  Problems of single regions and images
 * are in the result. */
IV_MUST_CHECK
IvShares *iv_shares(const IvSharesRequest *request, IvLedger *ledger, GError **error);
void iv_shares_free(IvShares *shares);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvShares, iv_shares_free)

#endif
