/*
 * public.h - iv_share() and iv_unshare() of requests that are about everybody in a
 * region.
 */
#ifndef IV_SHARE_PUBLIC_H
#define IV_SHARE_PUBLIC_H

#include "share/gate.h"
#include "share/ledger.h"
#include "share/request.h"
#include "share/unshare.h"

bool iv_share_public(const IvPass *pass, const IvShareRequest *request, IvLedger *ledger,
		     IvShareResult *result, GError **error);
bool iv_unshare_public(const IvUnshareRequest *request, IvLedger *ledger, IvShareResult *result,
		       GError **error);

#endif
