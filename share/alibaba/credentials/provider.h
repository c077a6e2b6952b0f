/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * provider.h - where credentials come from, and how to fetch them.  Internal to
 * share/alibaba/credentials/.
 *
 * The readers of environment, profiles and files make providers; fetch.c fetches what a provider
 * describes.  Sources: the official SDKs' credentials library and the `aliyun` CLI, whose names
 * these are.
 */
#ifndef IV_SHARE_ALIBABA_CREDENTIALS_PROVIDER_H
#define IV_SHARE_ALIBABA_CREDENTIALS_PROVIDER_H

#include <stdbool.h>

#include "scanner/base/error.h"
#include "share/alibaba/call/credentials.h"
#include "share/alibaba/call/endpoints.h"

typedef enum {
	IV_PROVIDER_FIXED,    /* written down in full */
	IV_PROVIDER_ROLE,	    /* AssumeRole with the credentials of `base` */
	IV_PROVIDER_OIDC,	    /* AssumeRoleWithOIDC with the token in a file */
	IV_PROVIDER_METADATA, /* of the instance's role */
	IV_PROVIDER_URI,	    /* ask an address */
} IvProviderKind;

/* Unused members are NULL or 0. */
typedef struct IvCredentialProvider {
	IvProviderKind kind;
	char *origin;	      /* "profile work of ~/.aliyun/config.json", printable */
	IvCredentials *fixed; /* FIXED */
	struct IvCredentialProvider *base; /* ROLE */
	char *role_arn, *session, *external_id, *policy; /* ROLE, OIDC; session has a default */
	guint seconds;			  /* ROLE, OIDC: their lifetime; 0: an hour */
	char *sts_url;			  /* ROLE, OIDC: "https://sts..." or NULL: the region's */
	char *provider_arn, *token_file;  /* OIDC */
	char *role_name;		  /* METADATA, or NULL: the service knows */
	char *uri;			  /* URI; sensitive, so it is in no message */
} IvCredentialProvider;

IvCredentialProvider *iv_provider_new(IvProviderKind kind, const char *origin);
/* Wipes what may be secret. */
void iv_provider_free(IvCredentialProvider *provider);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvCredentialProvider, iv_provider_free)

/* The three values, and their names in the place they come from ("access_key_id"). */
typedef struct {
	const char *key_id, *secret, *token; /* token: NULL or "" for none */
	const char *key_id_name, *secret_name, *token_name;
	const char *place; /* "profile work of FILE: " before the names in messages, or "" */
} IvKeys;

/* Fixed credentials; IV_ERROR_CONFIG when the id or the secret is missing or has a character that
 * is not allowed. */
IV_MUST_CHECK
IvCredentialProvider *iv_provider_fixed(const char *origin, const IvKeys *keys, GError **error);

/* --- the readers ------------------------------------------------------
 *
 * NULL without an error: nothing there.  A NULL with IV_ERROR_CONFIG: something
 * is there and cannot be used; no message holds a secret. */

/* provider_env.c */
IV_MUST_CHECK
IvCredentialProvider *iv_provider_from_keys(GError **error);	   /* ALIBABA_CLOUD_ACCESS_KEY_ID ... */
IV_MUST_CHECK
IvCredentialProvider *iv_provider_from_oidc(GError **error);	   /* ALIBABA_CLOUD_OIDC_TOKEN_FILE ... */
IV_MUST_CHECK
IvCredentialProvider *iv_provider_from_metadata(GError **error); /* unless ALIBABA_CLOUD_ECS_METADATA_DISABLED */
IV_MUST_CHECK
IvCredentialProvider *iv_provider_from_uri(GError **error);	   /* ALIBABA_CLOUD_CREDENTIALS_URI */

/* provider_profile.c: ~/.aliyun/config.json.  `name` NULL: ALIBABA_CLOUD_PROFILE,
 * else the file's current one; a named profile that is not there is an error. */
IV_MUST_CHECK
IvCredentialProvider *iv_provider_from_profile(const char *name, GError **error);
/* The same of a text, which is wiped. */
IV_MUST_CHECK
IvCredentialProvider *iv_provider_profile_read(char *text, size_t len, const char *name, GError **error);
/* The region of that profile, or NULL. */
char *iv_provider_profile_region(const char *name);

/* provider_file.c: $ALIBABA_CLOUD_CREDENTIALS_FILE or ~/.alibabacloud/credentials,
 * section ALIBABA_CLOUD_PROFILE or "default" */
IV_MUST_CHECK
IvCredentialProvider *iv_provider_from_file(GError **error);
IV_MUST_CHECK
IvCredentialProvider *iv_provider_file_read(char *text, const char *section, const char *path, GError **error);

/* --- help for the readers ---------------------------------------------------------------- */

/* A variable that is set to nothing counts as not set. */
const char *iv_provider_env(const char *name);
/* Is it "true" or "1", in any case of letters? */
bool iv_provider_env_true(const char *name);
/* The text of a small file, with a NUL behind it; NULL without an error when there is none.
 * iv_provider_wipe() it. */
IV_MUST_CHECK
char *iv_provider_text(const char *path, size_t *len, GError **error);
void iv_provider_wipe(char *text, size_t len);

/* --- fetch.c ------------------------------------------------------------------------------ */

/* Fetch the credentials that it describes.  IV_ERROR_CONFIG or IV_ERROR_CLOUD. */
IV_MUST_CHECK
IvCredentials *iv_provider_fetch(const IvCredentialProvider *provider, IvAlibabaEndpoints *endpoints,
			      GError **error);

#endif
