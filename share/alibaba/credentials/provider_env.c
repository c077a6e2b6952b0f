/* SPDX-License-Identifier: GPL-3.0-or-later */
/* provider_env.c - credentials, and where to get them, from the environment.  See provider.h. */
#include "scanner/base/error.h"
#include "share/alibaba/credentials/provider.h"

/* Names of the official SDKs first, then those that the `aliyun` CLI and Packer
 * still read.  All three values come from one row: never an id of one with a
 * secret of another. */
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

IvCredentialProvider *iv_provider_from_keys(GError **error)
{
	for (gsize i = 0; i < G_N_ELEMENTS(families); i++) {
		const char *key_id = iv_provider_env(families[i].key_id);
		const char *secret = iv_provider_env(families[i].secret);

		if (key_id == NULL && secret == NULL)
			continue;
		if (key_id != NULL && secret != NULL)
			return iv_provider_fixed(families[i].key_id,
					       &(IvKeys){.key_id = key_id,
							 .secret = secret,
							 .token = iv_provider_env(families[i].token),
							 .key_id_name = families[i].key_id,
							 .secret_name = families[i].secret,
							 .token_name = families[i].token,
							 .place = ""},
					       error);
		iv_fail(error, IV_ERROR_CONFIG, "%s is set, but %s is not\nset both, or neither",
			key_id != NULL ? families[i].key_id : families[i].secret,
			key_id != NULL ? families[i].secret : families[i].key_id);
		return NULL;
	}
	return NULL;
}

/* A role alone does not count: other tools use that variable in other ways. */
IvCredentialProvider *iv_provider_from_oidc(GError **error)
{
	const char *arn = iv_provider_env("ALIBABA_CLOUD_OIDC_PROVIDER_ARN");
	const char *file = iv_provider_env("ALIBABA_CLOUD_OIDC_TOKEN_FILE");
	const char *role = iv_provider_env("ALIBABA_CLOUD_ROLE_ARN");
	IvCredentialProvider *provider;

	if (arn == NULL && file == NULL)
		return NULL;
	if (arn == NULL || file == NULL || role == NULL) {
		iv_fail(error, IV_ERROR_CONFIG,
			"an OIDC role needs ALIBABA_CLOUD_ROLE_ARN, ALIBABA_CLOUD_OIDC_PROVIDER_ARN "
			"and ALIBABA_CLOUD_OIDC_TOKEN_FILE, and not all are set");
		return NULL;
	}
	provider = iv_provider_new(IV_PROVIDER_OIDC, "ALIBABA_CLOUD_OIDC_TOKEN_FILE");
	provider->provider_arn = g_strdup(arn);
	provider->token_file = g_strdup(file);
	provider->role_arn = g_strdup(role);
	provider->session = g_strdup(iv_provider_env("ALIBABA_CLOUD_ROLE_SESSION_NAME"));
	return provider;
}

IvCredentialProvider *iv_provider_from_metadata(GError **error)
{
	IvCredentialProvider *provider;

	if (iv_provider_env_true("ALIBABA_CLOUD_ECS_METADATA_DISABLED"))
		return NULL;
	provider = iv_provider_new(IV_PROVIDER_METADATA, "the instance's role");
	provider->role_name = g_strdup(iv_provider_env("ALIBABA_CLOUD_ECS_METADATA"));
	return provider;
}

IvCredentialProvider *iv_provider_from_uri(GError **error)
{
	const char *uri = iv_provider_env("ALIBABA_CLOUD_CREDENTIALS_URI");
	IvCredentialProvider *provider;

	if (uri == NULL)
		return NULL;
	provider = iv_provider_new(IV_PROVIDER_URI, "ALIBABA_CLOUD_CREDENTIALS_URI");
	provider->uri = g_strdup(uri);
	return provider;
}
