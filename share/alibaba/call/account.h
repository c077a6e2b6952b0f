/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * account.h - one account in one region of Alibaba Cloud: the IvCloud that this folder implements.
 */
#ifndef IV_SHARE_ALIBABA_CALL_ACCOUNT_H
#define IV_SHARE_ALIBABA_CALL_ACCOUNT_H

#include "scanner/base/error.h"
#include "share/alibaba/call/call.h"
#include "share/alibaba/call/read.h"
#include "share/alibaba/call/sign.h"
#include "share/cloud/cloud.h"

typedef struct {
	IvCloud cloud;
	IvAlibabaClient *client;
	char *region;
} IvAlibaba;

static inline IvAlibaba *iv_alibaba(IvCloud *cloud)
{
	return (IvAlibaba *)cloud;
}

/* One call of this account; the recorder is the cloud's. */
IV_MUST_CHECK
cJSON *iv_alibaba_ask(IvAlibaba *a, const IvAlibabaCall *call, IvCallTrace *trace, GError **error);

/* Ask something that the credentials may lack the right for.  NULL without an error: not known, and
 * *why says why ("the credentials lack the right kms:DescribeKey (Forbidden.RAM)"), and *code is
 * the cloud's.  NULL with an error: nothing more may be asked (the call could not be recorded). */
IV_MUST_CHECK
cJSON *iv_alibaba_may_ask(IvAlibaba *a, const IvAlibabaCall *call, char **why, char **code,
			  GError **error);

#endif
