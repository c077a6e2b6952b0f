/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * share.h - share an image with a pass: look first, share, read back, or undo.
 *
 * It never sees an image byte, and takes no proof but a pass (share/gate/gate.h).
 */
#ifndef IV_SHARE_ACCESS_SHARE_H
#define IV_SHARE_ACCESS_SHARE_H

#include "scanner/base/error.h"
#include "share/access/request.h"
#include "share/cloud/preflight.h"

/* What is known before anybody is asked to confirm (share/cloud/preflight.h).  Only looks.
 * False with IV_ERROR_REFUSED, which is on record then, when a line refuses the
 * share; with another error when the cloud could not be asked what decides.
 * *preflight has the lines so far in every case. */
IV_MUST_CHECK
bool iv_share_preflight(const IvPass *pass, const IvShareRequest *request, IvLedger *ledger,
			IvPreflight **preflight, GError **error);

/* Record that the call was not made, and why (the user said no). */
IV_MUST_CHECK
bool iv_share_record_refusal(const IvPass *pass, const IvShareRequest *request, const char *reason,
			     IvLedger *ledger, GError **error);

/* Check the image, share, verify, record.  Refuses (IV_ERROR_REFUSED) any
 * account or image id that the pass does not cover, and an image that cannot be
 * shared.  Every call is a ledger line before it and one after it; without the
 * first there is no call.  *result is set also when it fails half way, and an
 * asked account that is not known to have access is in `missing` then. */
IV_MUST_CHECK
bool iv_share(const IvPass *pass, const IvShareRequest *request, IvLedger *ledger,
	      IvShareResult **result, GError **error);

/* --- undo.c: a share that failed part way ---------------------------------------------- */

/* Whom that run gave access: those that were added, or, when it could not be read
 * back, all that may have been.  Never who had access before.  Empty when nothing
 * was called.  Free with g_strfreev(). */
GStrv iv_share_given(const IvShareRequest *request, const IvShareResult *result);

/* Take it back from those, read back, record (verb "undo").  A deadline that is
 * over, or nearly, is put off by a minute for it.  result->undone is set in every
 * case. */
IV_MUST_CHECK
bool iv_share_undo(const IvPass *pass, const IvShareRequest *request, IvShareResult *result,
		   IvLedger *ledger, GError **error);

#endif
