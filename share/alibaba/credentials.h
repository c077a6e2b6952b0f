/*
 * credentials.h - whose account makes the call.
 *
 * From the environment, in the names of the official SDKs and, behind them,
 * those that the `aliyun` CLI and Packer still read.  The three values come
 * from one family of names: never an id of one with a secret of another.
 */
#ifndef IV_SHARE_ALIBABA_CREDENTIALS_H
#define IV_SHARE_ALIBABA_CREDENTIALS_H

#include <glib.h>

typedef struct {
	char *key_id;
	char *secret;
	char *token; /* of temporary credentials, or NULL */
	char *origin; /* "ALIBABA_CLOUD_ACCESS_KEY_ID": where they came from, for messages */
} IvCredentials;

/* IV_ERROR_CONFIG when there are none, when half of them is missing, or when a
 * value cannot be one (white space, control characters).  No message holds a
 * value. */
IvCredentials *iv_credentials_from_environment(GError **error);

/* Wipes, then frees. */
void iv_credentials_free(IvCredentials *credentials);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvCredentials, iv_credentials_free)

#endif
