/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * public.h - iv_share() and iv_unshare() of requests that are about everybody in a
 * region.
 */
#ifndef IV_SHARE_ACCESS_PUBLIC_H
#define IV_SHARE_ACCESS_PUBLIC_H

#include "scanner/base/error.h"
#include "share/access/request.h"
#include "share/access/unshare.h"
#include "share/gate/gate.h"
#include "share/ledger/ledger.h"

IV_MUST_CHECK
bool iv_share_public(const IvPass *pass, const IvShareRequest *request, IvLedger *ledger,
		     IvShareResult *result, GError **error);
IV_MUST_CHECK
bool iv_unshare_public(const IvUnshareRequest *request, IvLedger *ledger, IvShareResult *result,
		       GError **error);

#endif
