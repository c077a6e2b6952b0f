/*
 * share_inside.h - how a share request becomes a connection and a book of
 * records, for share.c and preflight_look.c.  Internal to share/.
 */
#ifndef IV_SHARE_SHARE_INSIDE_H
#define IV_SHARE_SHARE_INSIDE_H

#include "share/cloud.h"
#include "share/record.h"
#include "share/share.h"

IvCloud *iv_share_cloud(const IvShareRequest *request, const IvCallRecorder *recorder,
			GError **error);
/* The asked accounts or units, each once.  Free with g_strfreev(). */
GStrv iv_share_wanted(const IvShareRequest *request);
/* iv_record_close() it. */
void iv_share_book(IvRecordBook *book, IvLedger *ledger, const IvPass *pass,
		   const IvShareRequest *request);
/* Hand a failure to the caller; a refusal goes on record first. */
void iv_share_pass_on(IvRecordBook *book, GError **problem, GError **error);

/* public.c: iv_share() and iv_unshare() of requests that are public. */
bool iv_share_public(const IvPass *pass, const IvShareRequest *request, IvLedger *ledger,
		     IvShareResult *result, GError **error);
bool iv_unshare_public(const IvUnshareRequest *request, IvLedger *ledger, IvShareResult *result,
		       GError **error);

#endif
