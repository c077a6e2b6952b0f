/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * credentials.h - whose account makes the call.
 *
 * A source hands out copies of the credentials that are valid now.  How it gets them is up to its
 * implementation (share/alibaba/credentials/chain.h).  Several threads may ask one source.
 */
#ifndef IV_SHARE_ALIBABA_CALL_CREDENTIALS_H
#define IV_SHARE_ALIBABA_CALL_CREDENTIALS_H

#include <glib.h>
#include <stdbool.h>

#include "scanner/base/error.h"

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

/* Implementations embed it as their first member and begin with `refs` 1. */
typedef struct IvCredentialSource {
	gint refs;
	/* As iv_credential_source_get(); several threads may be in it at once. */
	IvCredentials *(*get)(struct IvCredentialSource *source, bool renew, GError **error);
	/* Release what the implementation owns, and the struct itself. */
	void (*free)(struct IvCredentialSource *source);
} IvCredentialSource;

/* A source that always hands out these. */
IvCredentialSource *iv_credential_source_fixed(const IvCredentials *credentials);
IvCredentialSource *iv_credential_source_ref(IvCredentialSource *source);
void iv_credential_source_unref(IvCredentialSource *source);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvCredentialSource, iv_credential_source_unref)

/* A copy of those that are valid now.  `renew`: the cloud called the last ones expired, so fetch
 * new ones if possible. */
IV_MUST_CHECK
IvCredentials *iv_credential_source_get(IvCredentialSource *source, bool renew, GError **error);

#endif
