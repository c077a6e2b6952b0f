/*
 * credentials.h - whose account makes the call.
 *
 * A source is where credentials come from: it is resolved once, gives copies
 * to whoever signs, and fetches temporary ones again before they expire.  Many
 * threads may ask one source.
 */
#ifndef IV_SHARE_ALIBABA_CREDENTIALS_CREDENTIALS_H
#define IV_SHARE_ALIBABA_CREDENTIALS_CREDENTIALS_H

#include <glib.h>

#include "share/alibaba/call/endpoints.h"

typedef struct {
	char *key_id;
	char *secret;
	char *token; /* of temporary credentials, or NULL */
	char *origin; /* "ALIBABA_CLOUD_ACCESS_KEY_ID": where they came from, for messages */
	gint64 expires; /* seconds since the epoch; 0: they do not expire, or nobody knows */
} IvCredentials;

/* Wipes, then frees. */
void iv_credentials_free(IvCredentials *credentials);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvCredentials, iv_credentials_free)
IvCredentials *iv_credentials_copy(const IvCredentials *credentials);

typedef struct IvCredentialSource IvCredentialSource;

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
/* Always these. */
IvCredentialSource *iv_credential_source_fixed(const IvCredentials *credentials);
IvCredentialSource *iv_credential_source_ref(IvCredentialSource *source);
void iv_credential_source_unref(IvCredentialSource *source);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvCredentialSource, iv_credential_source_unref)

/* A copy of those that are good now.  `renew`: the cloud called the last ones
 * expired, so fetch new ones where that can be done. */
IvCredentials *iv_credential_source_get(IvCredentialSource *source, bool renew, GError **error);

#endif
