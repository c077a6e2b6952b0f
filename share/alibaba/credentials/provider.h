/*
 * provider.h - how to get credentials, before any is fetched.  Inside of
 * credentials.c.
 *
 * Those who read the places where credentials are written down (environment,
 * profiles, files) make recipes; fetch.c follows them.  Sources: the official
 * SDKs' credentials library and the `aliyun` CLI, whose names these are.
 */
#ifndef IV_SHARE_ALIBABA_CREDENTIALS_PROVIDER_H
#define IV_SHARE_ALIBABA_CREDENTIALS_PROVIDER_H

#include <stdbool.h>

#include "share/alibaba/credentials/credentials.h"

typedef enum {
	IV_RECIPE_FIXED,    /* written down as they are */
	IV_RECIPE_ROLE,	    /* AssumeRole with the credentials of `base` */
	IV_RECIPE_OIDC,	    /* AssumeRoleWithOIDC with the token in a file */
	IV_RECIPE_METADATA, /* of the instance's role */
	IV_RECIPE_URI,	    /* ask an address */
} IvRecipeKind;

/* Unused members are NULL or 0. */
typedef struct IvRecipe {
	IvRecipeKind kind;
	char *origin;	      /* "profile work of ~/.aliyun/config.json", printable */
	IvCredentials *fixed; /* FIXED */
	struct IvRecipe *base; /* ROLE */
	char *role_arn, *session, *external_id, *policy; /* ROLE, OIDC; session has a default */
	guint seconds;			  /* ROLE, OIDC: how long they hold; 0: an hour */
	char *sts_url;			  /* ROLE, OIDC: "https://sts..." or NULL: the region's */
	char *provider_arn, *token_file;  /* OIDC */
	char *role_name;		  /* METADATA, or NULL: the service knows */
	char *uri;			  /* URI; sensitive, so it is in no message */
} IvRecipe;

IvRecipe *iv_recipe_new(IvRecipeKind kind, const char *origin);
/* Wipes what may be secret. */
void iv_recipe_free(IvRecipe *recipe);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvRecipe, iv_recipe_free)

/* Three values and what they are called where they stand ("access_key_id"). */
typedef struct {
	const char *key_id, *secret, *token; /* token: NULL or "" for none */
	const char *key_id_name, *secret_name, *token_name;
	const char *place; /* "profile work of FILE: " before the names in messages, or "" */
} IvKeys;

/* Fixed credentials; IV_ERROR_CONFIG when the id or the secret is missing or
 * has a character that none can have. */
IvRecipe *iv_recipe_fixed(const char *origin, const IvKeys *keys, GError **error);

/* --- where they are written down ------------------------------------------------------
 *
 * NULL without an error: nothing there.  A NULL with IV_ERROR_CONFIG: something
 * is there and cannot be used; no message holds a secret. */

/* provider_env.c */
IvRecipe *iv_recipe_from_keys(GError **error);	   /* ALIBABA_CLOUD_ACCESS_KEY_ID ... */
IvRecipe *iv_recipe_from_oidc(GError **error);	   /* ALIBABA_CLOUD_OIDC_TOKEN_FILE ... */
IvRecipe *iv_recipe_from_metadata(GError **error); /* unless ALIBABA_CLOUD_ECS_METADATA_DISABLED */
IvRecipe *iv_recipe_from_uri(GError **error);	   /* ALIBABA_CLOUD_CREDENTIALS_URI */

/* provider_profile.c: ~/.aliyun/config.json.  `name` NULL: ALIBABA_CLOUD_PROFILE,
 * else the file's current one; a named profile that is not there is an error. */
IvRecipe *iv_recipe_from_profile(const char *name, GError **error);
/* The same of a text, which is wiped. */
IvRecipe *iv_recipe_profile_read(char *text, size_t len, const char *name, GError **error);
/* The region of that profile, or NULL. */
char *iv_recipe_profile_region(const char *name);

/* provider_file.c: $ALIBABA_CLOUD_CREDENTIALS_FILE or ~/.alibabacloud/credentials,
 * section ALIBABA_CLOUD_PROFILE or "default" */
IvRecipe *iv_recipe_from_file(GError **error);
IvRecipe *iv_recipe_file_read(char *text, const char *section, const char *path, GError **error);

/* --- help for the readers ---------------------------------------------------------------- */

/* A variable that is set to nothing counts as not set. */
const char *iv_recipe_env(const char *name);
/* Is it "true" or "1", in any case of letters? */
bool iv_recipe_env_true(const char *name);
/* The text of a small file, with a NUL behind it; NULL without an error when there is none.
 * iv_recipe_wipe() it. */
char *iv_recipe_text(const char *path, size_t *len, GError **error);
void iv_recipe_wipe(char *text, size_t len);

/* --- fetch.c ------------------------------------------------------------------------------ */

/* Follow it: fetch what has to be fetched.  IV_ERROR_CONFIG or IV_ERROR_CLOUD. */
IvCredentials *iv_recipe_cook(const IvRecipe *recipe, IvAlibabaEndpoints *endpoints,
			      GError **error);

#endif
