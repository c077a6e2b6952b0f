/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * client.h - endpoints, credentials and recorder: what all calls of one account in one region
 * share.
 */
#ifndef IV_SHARE_ALIBABA_CALL_CLIENT_H
#define IV_SHARE_ALIBABA_CALL_CLIENT_H

#include "share/alibaba/call/credentials.h"
#include "share/alibaba/call/endpoints.h"
#include "share/ledger/recorder.h"

/* One thread's. */
typedef struct {
	IvAlibabaEndpoints *endpoints;
	IvCredentialSource *source;
	gint64 clock_ahead; /* seconds that the server's clock is ahead of ours, once learned */
	gint64 deadline;    /* of all calls together, monotonic microseconds; 0: none */
	const IvCallRecorder *recorder; /* or NULL */
} IvAlibabaClient;

/* Takes references.  `source` NULL: calls are not signed; for the few that prove the caller's
 * identity in another way (AssumeRoleWithOIDC). */
IvAlibabaClient *iv_alibaba_client_new(IvAlibabaEndpoints *endpoints, IvCredentialSource *source);
void iv_alibaba_client_free(IvAlibabaClient *client);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvAlibabaClient, iv_alibaba_client_free)

#endif
