/* credentials.c - see credentials.h */
#include "share/alibaba/credentials.h"

#include <string.h>

#include "scanner/base/error.h"
#include "share/alibaba/sign.h"

static const struct {
	const char *key_id, *secret, *token;
} families[] = {
	{"ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET",
	 "ALIBABA_CLOUD_SECURITY_TOKEN"},
	{"ALIBABACLOUD_ACCESS_KEY_ID", "ALIBABACLOUD_ACCESS_KEY_SECRET",
	 "ALIBABACLOUD_SECURITY_TOKEN"},
	{"ALICLOUD_ACCESS_KEY_ID", "ALICLOUD_ACCESS_KEY_SECRET", "ALICLOUD_SECURITY_TOKEN"},
	{"ALICLOUD_ACCESS_KEY", "ALICLOUD_SECRET_KEY", "SECURITY_TOKEN"},
	{"ACCESS_KEY_ID", "ACCESS_KEY_SECRET", "SECURITY_TOKEN"},
};

/* A variable that is set to nothing counts as not set. */
static const char *env(const char *name)
{
	const char *value = g_getenv(name);

	return value != NULL && *value != '\0' ? value : NULL;
}

/* Keys and tokens are printable ASCII without blanks; anything else is a
 * mistake (a line end from a file, quotes around nothing) or an attempt to
 * smuggle a header line. */
static bool plausible(const char *name, const char *value, GError **error)
{
	for (const char *p = value; p != NULL && *p != '\0'; p++)
		if (!g_ascii_isgraph(*p))
			return iv_fail(error, IV_ERROR_CONFIG,
				       "%s holds a blank, a line end or another character that no "
				       "key has\nset it again without the stray character",
				       name);
	return true;
}

static IvCredentials *take(gsize i, GError **error)
{
	const char *key_id = env(families[i].key_id), *secret = env(families[i].secret);
	const char *token = env(families[i].token);
	IvCredentials *credentials;

	if (key_id == NULL || secret == NULL) {
		iv_fail(error, IV_ERROR_CONFIG, "%s is set, but %s is not\nset both, or neither",
			key_id != NULL ? families[i].key_id : families[i].secret,
			key_id != NULL ? families[i].secret : families[i].key_id);
		return NULL;
	}
	if (!plausible(families[i].key_id, key_id, error) ||
	    !plausible(families[i].secret, secret, error) ||
	    !plausible(families[i].token, token, error))
		return NULL;
	credentials = g_new0(IvCredentials, 1);
	credentials->key_id = g_strdup(key_id);
	credentials->secret = g_strdup(secret);
	credentials->token = g_strdup(token);
	credentials->origin = g_strdup(families[i].key_id);
	return credentials;
}

IvCredentials *iv_credentials_from_environment(GError **error)
{
	for (gsize i = 0; i < G_N_ELEMENTS(families); i++)
		if (env(families[i].key_id) != NULL || env(families[i].secret) != NULL)
			return take(i, error);
	iv_fail(error, IV_ERROR_CONFIG,
		"no credentials for Alibaba Cloud in the environment\n"
		"set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET (and "
		"ALIBABA_CLOUD_SECURITY_TOKEN for temporary ones)");
	return NULL;
}

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
	iv_wipe_string(credentials->key_id);
	iv_wipe_string(credentials->secret);
	iv_wipe_string(credentials->token);
	g_free(credentials->origin);
	g_free(credentials);
}

/* --- the source ----------------------------------------------------------------------- */

struct IvCredentialSource {
	gint refs;
	IvCredentials *credentials;
};

IvCredentialSource *iv_credential_source_new(const char *profile, IvAlibabaEndpoints *endpoints,
					     GError **error)
{
	IvCredentials *credentials = iv_credentials_from_environment(error);
	IvCredentialSource *source;

	if (credentials == NULL)
		return NULL;
	source = g_new0(IvCredentialSource, 1);
	source->refs = 1;
	source->credentials = credentials;
	return source;
}

IvCredentialSource *iv_credential_source_ref(IvCredentialSource *source)
{
	g_atomic_int_inc(&source->refs);
	return source;
}

void iv_credential_source_unref(IvCredentialSource *source)
{
	if (source == NULL || !g_atomic_int_dec_and_test(&source->refs))
		return;
	iv_credentials_free(source->credentials);
	g_free(source);
}

IvCredentials *iv_credential_source_get(IvCredentialSource *source, bool renew, GError **error)
{
	return iv_credentials_copy(source->credentials);
}
