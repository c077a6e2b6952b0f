/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * unshare.h - take access back, and read back who still has it.
 */
#ifndef IV_SHARE_ACCESS_UNSHARE_H
#define IV_SHARE_ACCESS_UNSHARE_H

#include "scanner/base/error.h"
#include "share/access/request.h"
#include "share/ledger/ledger.h"

typedef struct {
	IvShareRequest from; /* the image, and whose access ends */
	bool all;	     /* end the access of all who have it by account or organization, and
			      * name none of them */
	/* Called with those who have access now and would lose it (not in a dry run, nor when there
	 * are none), and with from.user.  False with *error: nothing is taken back.  NULL: no
	 * confirmation. */
	bool (*confirm)(void *user, const char *const *receivers, GError **error);
} IvUnshareRequest;

/* Take access back, in batches, read back, record.  Needs no pass, as it gives nobody access.  What
 * was copied or launched from the image stays where it is.  Refuses (IV_ERROR_REFUSED) an image of
 * another account, and `all` for one that is public.  *result is set also when it fails half way:
 * `changed` lost access, `already` had none, `missing` still have it. */
IV_MUST_CHECK
bool iv_unshare(const IvUnshareRequest *request, IvLedger *ledger, IvShareResult **result,
		GError **error);

#endif
