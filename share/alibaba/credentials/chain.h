/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * chain.h - where credentials are looked for, in which order.
 *
 * The chain of providers (provider.h) is tried once; the first that has credentials becomes the
 * source of a command, which renews temporary ones before they expire.
 */
#ifndef IV_SHARE_ALIBABA_CREDENTIALS_CHAIN_H
#define IV_SHARE_ALIBABA_CREDENTIALS_CHAIN_H

#include <glib.h>

#include "scanner/base/error.h"
#include "share/alibaba/call/credentials.h"
#include "share/alibaba/call/endpoints.h"

/* `profile`: of the `aliyun` CLI's configuration, or NULL for the usual order:
 * environment, OIDC token, current profile of the CLI, the SDKs' credentials
 * file, role of the instance, credentials URI.  Fetches the first ones.
 *
 * IV_ERROR_CONFIG when no place has usable ones (the message names those that do not work), when
 * only half of a key is set in the environment, or when a value is malformed.  No message holds a
 * value.  Fetching is a call of its own with its own limits (share/base/limits.h): it changes
 * nothing, so it is not recorded, and a command's deadline does not cut it short. */
IV_MUST_CHECK
IvCredentialSource *iv_credential_source_new(const char *profile, IvAlibabaEndpoints *endpoints,
					     GError **error);
#endif
