/* SPDX-License-Identifier: GPL-3.0-or-later */
/* credentials.c - see credentials.h */
#include "share/alibaba/call/credentials.h"

#include "scanner/base/text.h"

IvCredentials *iv_credentials_copy(const IvCredentials *credentials)
{
	IvCredentials *copy = g_new0(IvCredentials, 1);

	copy->key_id = g_strdup(credentials->key_id);
	copy->secret = g_strdup(credentials->secret);
	copy->token = g_strdup(credentials->token);
	copy->origin = g_strdup(credentials->origin);
	copy->expires = credentials->expires;
	return copy;
}

void iv_credentials_free(IvCredentials *credentials)
{
	if (credentials == NULL)
		return;
	iv_text_wipe(credentials->key_id);
	iv_text_wipe(credentials->secret);
	iv_text_wipe(credentials->token);
	g_free(credentials->origin);
	g_free(credentials);
}

/* --- sources ----------------------------------------------------------------------------- */

typedef struct {
	IvCredentialSource base;
	IvCredentials *credentials;
} Fixed;

static IvCredentials *fixed_get(IvCredentialSource *source, bool renew, GError **error)
{
	return iv_credentials_copy(((const Fixed *)source)->credentials);
}

static void fixed_free(IvCredentialSource *source)
{
	iv_credentials_free(((Fixed *)source)->credentials);
	g_free(source);
}

IvCredentialSource *iv_credential_source_fixed(const IvCredentials *credentials)
{
	Fixed *fixed = g_new0(Fixed, 1);

	fixed->base = (IvCredentialSource){.refs = 1, .get = fixed_get, .free = fixed_free};
	fixed->credentials = iv_credentials_copy(credentials);
	return &fixed->base;
}

IvCredentialSource *iv_credential_source_ref(IvCredentialSource *source)
{
	g_atomic_int_inc(&source->refs);
	return source;
}

void iv_credential_source_unref(IvCredentialSource *source)
{
	if (source != NULL && g_atomic_int_dec_and_test(&source->refs))
		source->free(source);
}

IvCredentials *iv_credential_source_get(IvCredentialSource *source, bool renew, GError **error)
{
	return source->get(source, renew, error);
}
