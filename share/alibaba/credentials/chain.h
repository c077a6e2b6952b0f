/*
 * chain.h - where credentials are looked for, in which order.
 *
 * The chain of providers (provider.h) is gone through once; the one that has
 * credentials becomes the source of a command, and fetches temporary ones again
 * before they expire.
 */
#ifndef IV_SHARE_ALIBABA_CREDENTIALS_CHAIN_H
#define IV_SHARE_ALIBABA_CREDENTIALS_CHAIN_H

#include <glib.h>

#include "share/alibaba/call/credentials.h"
#include "share/alibaba/call/endpoints.h"

/* `profile`: of the `aliyun` CLI's configuration, or NULL for the usual order:
 * environment, OIDC token, current profile of the CLI, the SDKs' credentials
 * file, role of the instance, credentials URI.  Fetches the first ones.
 *
 * IV_ERROR_CONFIG when nothing has any, naming what is there and does not work;
 * when half of a key is set in the environment; when a value cannot be one.
 * No message holds a value.  Fetching is a call of its own, with the limits of
 * one (limits.h): it changes nothing, so it is in no ledger, and a command's
 * deadline does not cut it short. */
IvCredentialSource *iv_credential_source_new(const char *profile, IvAlibabaEndpoints *endpoints,
					     GError **error);
#endif
