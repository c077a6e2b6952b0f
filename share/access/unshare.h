/*
 * unshare.h - take access back, and read back who still has it.
 */
#ifndef IV_SHARE_ACCESS_UNSHARE_H
#define IV_SHARE_ACCESS_UNSHARE_H

#include "share/access/request.h"
#include "share/ledger/ledger.h"

typedef struct {
	IvShareRequest from; /* the image, and whose access ends */
	bool all;	     /* everybody's who has it by account or organization; then neither is named */
	/* Asked when it is known who would lose access, each of whom has it now (not
	 * in a dry run, nor when nobody would).  False with *error: nothing is taken
	 * back.  NULL: need not be asked.  Gets from.user. */
	bool (*confirm)(void *user, const char *const *receivers, GError **error);
} IvUnshareRequest;

/* Take access back, in batches, read back, record.  Needs no pass: nobody gets
 * anything by it.  What was copied or launched from the image stays where it is.
 * Refuses (IV_ERROR_REFUSED) an image that is not one's own, and `all` for one
 * that is public.  *result is set also when it fails half way: `changed` lost
 * access, `already` had none, `missing` still have it. */
bool iv_unshare(const IvUnshareRequest *request, IvLedger *ledger, IvShareResult **result,
		GError **error);

#endif
