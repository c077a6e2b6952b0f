/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * shares_found.h - what an audit of shares has found so far; threads add to it.  Private to
 * shares.c.
 */
#ifndef IV_SHARE_ACCESS_SHARES_FOUND_H
#define IV_SHARE_ACCESS_SHARES_FOUND_H

#include "share/access/shares.h"
#include "share/cloud/cloud.h"

IvShares *iv_shares_new(void);

/* The result, which is somebody else's, and its lock. */
typedef struct {
	GMutex lock;
	IvShares *shares; /* its history is set before anything is added */
} IvSharesFound;

void iv_shares_found_init(IvSharesFound *found, IvShares *shares);
void iv_shares_found_clear(IvSharesFound *found);

/* What could not be looked at, and why; image_id: NULL for the region as a whole. */
void iv_shares_found_problem(IvSharesFound *found, const char *region, const char *image_id,
			     const GError *problem);
/* The images of one more region are known. */
void iv_shares_found_region(IvSharesFound *found);
/* One own image was looked at; it is in the result when somebody else can use it.  units: of
 * organizations, or accounts that have it by one. */
void iv_shares_found_image(IvSharesFound *found, const char *region, const IvCloudImage *image,
			   const IvReceiverList *list, char *const *units);
/* At the end, when no thread adds any more: images by place, problems by text. */
void iv_shares_found_sort(IvSharesFound *found);

#endif
