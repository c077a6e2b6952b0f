/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_credentials.c - providers for credentials, out of the environment, the aliyun tool's profiles
 * and the SDKs' file; addresses of services.  Fetching is tested in tests/cloud/test_whoami.sh. */
#include <string.h>

#include "scanner/base/error.h"
#include "share/alibaba/credentials/provider.h"

static void clear_environment(void)
{
	static const char *names[] = {
		"ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET",
		"ALIBABA_CLOUD_SECURITY_TOKEN", "ALIBABACLOUD_ACCESS_KEY_ID",
		"ALIBABACLOUD_ACCESS_KEY_SECRET", "ALIBABACLOUD_SECURITY_TOKEN",
		"ALICLOUD_ACCESS_KEY_ID", "ALICLOUD_ACCESS_KEY_SECRET", "ALICLOUD_SECURITY_TOKEN",
		"ALICLOUD_ACCESS_KEY", "ALICLOUD_SECRET_KEY", "SECURITY_TOKEN", "ACCESS_KEY_ID",
		"ACCESS_KEY_SECRET"};

	for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
		g_unsetenv(names[i]);
}

static void check_credentials(void)
{
	g_autoptr(IvCredentialProvider) c = NULL, temporary = NULL;

	clear_environment();
	g_setenv("ACCESS_KEY_ID", "old-id", TRUE);
	g_setenv("ACCESS_KEY_SECRET", "old-secret", TRUE);
	g_setenv("ALIBABA_CLOUD_ACCESS_KEY_ID", "new-id", TRUE);
	g_setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "new-secret", TRUE);
	g_setenv("SECURITY_TOKEN", "token-of-the-old-one", TRUE);
	c = iv_provider_from_keys(NULL);
	g_assert_cmpstr(c->fixed->key_id, ==, "new-id");
	g_assert_cmpstr(c->fixed->secret, ==, "new-secret");
	g_assert_null(c->fixed->token);
	g_unsetenv("ALIBABA_CLOUD_ACCESS_KEY_ID");
	g_setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "", TRUE);
	temporary = iv_provider_from_keys(NULL);
	g_assert_cmpstr(temporary->fixed->key_id, ==, "old-id");
	g_assert_cmpstr(temporary->fixed->token, ==, "token-of-the-old-one");
}

static void check_bad_credentials(void)
{
	g_autoptr(GError) none = NULL, half = NULL, dirty = NULL;

	clear_environment();
	g_assert_null(iv_provider_from_keys(&none));
	g_assert_no_error(none);
	g_setenv("ALICLOUD_SECRET_KEY", "invented-secret", TRUE);
	g_assert_null(iv_provider_from_keys(&half));
	g_assert_error(half, IV_ERROR, IV_ERROR_CONFIG);
	g_assert_nonnull(strstr(half->message, "ALICLOUD_ACCESS_KEY is not"));
	g_setenv("ALICLOUD_ACCESS_KEY", "id\r\nX-Evil: 1", TRUE);
	g_assert_null(iv_provider_from_keys(&dirty));
	g_assert_error(dirty, IV_ERROR, IV_ERROR_CONFIG);
	g_assert_null(strstr(dirty->message, "Evil"));
	g_assert_null(strstr(half->message, "invented"));
	clear_environment();
}


/* --- profiles ------------------------------------------------------------------------------- */

/* JSON with ' for ". */
static IvCredentialProvider *profile(const char *json, const char *name, GError **error)
{
	char *text = g_strdelimit(g_strdup(json), "'", '"');

	return iv_provider_profile_read(text, strlen(text), name, error);
}

#define KEYS "'access_key_id':'id','access_key_secret':'invented'"

static void check_modes(void)
{
	static const struct {
		const char *profile;
		IvProviderKind kind;
	} rows[] = {
		{"'mode':'AK'," KEYS, IV_PROVIDER_FIXED},
		{"'mode':'ak'," KEYS, IV_PROVIDER_FIXED},
		{"'mode':'StsToken','sts_token':'t'," KEYS, IV_PROVIDER_FIXED},
		{"'mode':'OAuth','sts_token':'t','sts_expiration':99999999999," KEYS, IV_PROVIDER_FIXED},
		{"'mode':'RamRoleArn','ram_role_arn':'r'," KEYS, IV_PROVIDER_ROLE},
		{"'mode':'ChainableRamRoleArn','ram_role_arn':'r','source_profile':'q'", IV_PROVIDER_ROLE},
		{"'mode':'EcsRamRole'", IV_PROVIDER_METADATA},
		{"'mode':'OIDC','ram_role_arn':'r','oidc_provider_arn':'p','oidc_token_file':'f'",
		 IV_PROVIDER_OIDC},
		{"'mode':'CredentialsURI','credentials_uri':'http://127.0.0.1/'", IV_PROVIDER_URI},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *json = g_strdup_printf(
			"{'current':'p','profiles':[{'name':'q','mode':'AK'," KEYS "},"
			"{'name':'p',%s}]}",
			rows[i].profile);
		g_autoptr(GError) error = NULL;
		g_autoptr(IvCredentialProvider) provider = profile(json, NULL, &error);

		g_test_message("%s", rows[i].profile);
		g_assert_no_error(error);
		g_assert_cmpint(provider->kind, ==, rows[i].kind);
		g_assert_nonnull(strstr(provider->origin, "profile p of"));
	}
}

static void check_bad_profiles(void)
{
	static const struct {
		const char *json, *says;
	} rows[] = {
		{"", "JSON"},
		{"7", "JSON"},
		{"{}", "current"},
		{"{'current':'p'}", "there is no profile p"},
		{"{'current':'p','profiles':{'name':'p'}}", "there is no profile p"},
		{"{'current':7,'profiles':[]}", "current"},
		{"{'current':'p','profiles':[{'name':'p','mode':'AK'," KEYS "},{'name':'p','mode':'AK'," KEYS "}]}",
		 "or more than one"},
		{"{'current':'p','profiles':[{'name':'p','mode':7}]}", "mode"},
		{"{'current':'p','profiles':[{'name':'p','mode':'AK','access_key_id':7}]}", "access_key_id is missing"},
		{"{'current':'p','profiles':[{'name':'p','mode':'AK','access_key_id':'a'}]}", "access_key_secret is missing"},
		{"{'current':'p','profiles':[{'name':'p','mode':'AK','access_key_id':'a b','access_key_secret':'invented'}]}",
		 "holds a blank"},
		{"{'current':'p','profiles':[{'name':'p','mode':'RsaKeyPair'}]}", "RsaKeyPair"},
		{"{'current':'p','profiles':[{'name':'p','mode':'ChainableRamRoleArn','ram_role_arn':'r','source_profile':'p'}]}",
		 "circle"},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(IvCredentialProvider) provider = profile(rows[i].json, NULL, &error);

		g_test_message("%s", rows[i].json);
		g_assert_null(provider);
		g_assert_error(error, IV_ERROR, IV_ERROR_CONFIG);
		g_assert_nonnull(strstr(error->message, rows[i].says));
		g_assert_null(strstr(error->message, "invented"));
	}
}

/* --- the SDKs' file -------------------------------------------------------------------------- */

static IvCredentialProvider *section(const char *file, const char *name, GError **error)
{
	g_autofree char *text = g_strdup(file);

	return iv_provider_file_read(text, name, "FILE", error);
}

static void check_file(void)
{
	static const char file[] = "access_key_id = outside\n[default]\n; no = remark\n# no = remark\n"
				   " access_key_id= id \r\naccess_key_secret =se=cret\nno sign\n"
				   "[ role ]\ntype=ram_role_arn\naccess_key_id=a\naccess_key_secret=b\n"
				   "role_arn=r\nrole_session_name=s\n[instance]\ntype=ecs_ram_role\n"
				   "[odd]\ntype=bearer\n[half]\naccess_key_id=a\n[open";
	g_autoptr(GError) error = NULL, odd = NULL, half = NULL;
	g_autoptr(IvCredentialProvider) keys = section(file, "default", &error);
	g_autoptr(IvCredentialProvider) role = section(file, "role", &error);
	g_autoptr(IvCredentialProvider) instance = section(file, "instance", &error);

	g_assert_no_error(error);
	g_assert_cmpstr(keys->fixed->key_id, ==, "id");
	g_assert_cmpstr(keys->fixed->secret, ==, "se=cret");
	g_assert_cmpint(role->kind, ==, IV_PROVIDER_ROLE);
	g_assert_cmpstr(role->session, ==, "s");
	g_assert_cmpint(instance->kind, ==, IV_PROVIDER_METADATA);
	g_assert_null(section(file, "nosuch", &error));
	g_assert_no_error(error);
	g_assert_null(section(file, "odd", &odd));
	g_assert_error(odd, IV_ERROR, IV_ERROR_CONFIG);
	g_assert_null(section(file, "half", &half));
	g_assert_error(half, IV_ERROR, IV_ERROR_CONFIG);
}

/* --- addresses of services --------------------------------------------------------------------- */

static void check_endpoints(void)
{
	static const struct {
		const char *given[3];
		IvAlibabaService service;
		const char *base; /* NULL: refused */
	} rows[] = {
		{{NULL}, IV_ALIBABA_ECS, "https://ecs.eu-central-1.aliyuncs.com"},
		{{NULL}, IV_ALIBABA_RAM, "https://ram.aliyuncs.com"},
		{{NULL}, IV_ALIBABA_OSS, "https://oss-eu-central-1.aliyuncs.com"},
		{{"https://ecs-vpc.example"}, IV_ALIBABA_ECS, "https://ecs-vpc.example"},
		{{"https://ecs-vpc.example"}, IV_ALIBABA_STS, "https://sts.eu-central-1.aliyuncs.com"},
		{{"http://127.0.0.1:7"}, IV_ALIBABA_STS, "http://127.0.0.1:7"},
		{{"http://127.0.0.1:7"}, IV_ALIBABA_METADATA, "http://127.0.0.1:7"},
		{{"sts=https://sts.example", "http://127.0.0.1:7"}, IV_ALIBABA_STS, "https://sts.example"},
		{{"ecs=http://127.0.0.1:7"}, IV_ALIBABA_STS, "https://sts.eu-central-1.aliyuncs.com"},
		{{"sts=http://192.0.2.1"}, IV_ALIBABA_STS, NULL},
		{{"metadata=https://metadata.example"}, IV_ALIBABA_METADATA, NULL},
		{{"nosuch=https://a.example"}, IV_ALIBABA_ECS, NULL},
		{{"=https://a.example"}, IV_ALIBABA_ECS, NULL},
		{{"sts="}, IV_ALIBABA_STS, NULL},
		{{"https://a.example/?x=y"}, IV_ALIBABA_ECS, NULL},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(IvAlibabaEndpoints) e =
			iv_alibaba_endpoints_new("eu-central-1", rows[i].given, &error);

		g_test_message("row %zu", i);
		if (rows[i].base == NULL) {
			g_assert_error(error, IV_ERROR, IV_ERROR_USAGE);
			continue;
		}
		g_assert_no_error(error);
		g_assert_cmpstr(iv_alibaba_endpoint(e, rows[i].service)->base, ==, rows[i].base);
	}
}

static void check_other_region(void)
{
	static const char *const given[] = {"sts=https://sts.example", NULL};
	g_autoptr(IvAlibabaEndpoints) here = iv_alibaba_endpoints_new("eu-central-1", given, NULL);
	g_autoptr(IvAlibabaEndpoints) there = iv_alibaba_endpoints_in(here, "cn-beijing", NULL);
	g_autoptr(IvAlibabaEndpoints) with =
		iv_alibaba_endpoints_with(here, IV_ALIBABA_KMS, "https://kms.example", NULL);

	g_assert_cmpstr(iv_alibaba_endpoint(there, IV_ALIBABA_STS)->base, ==, "https://sts.example");
	g_assert_cmpstr(iv_alibaba_endpoint(there, IV_ALIBABA_ECS)->base, ==,
			"https://ecs.cn-beijing.aliyuncs.com");
	g_assert_cmpstr(iv_alibaba_endpoint(with, IV_ALIBABA_KMS)->base, ==, "https://kms.example");
	g_assert_true(iv_alibaba_endpoint_given(with, IV_ALIBABA_STS));
	g_assert_false(iv_alibaba_endpoint_given(with, IV_ALIBABA_ECS));
	g_assert_null(iv_alibaba_endpoint(here, IV_ALIBABA_METADATA));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/credentials/families", check_credentials);
	g_test_add_func("/credentials/bad", check_bad_credentials);
	g_test_add_func("/credentials/modes", check_modes);
	g_test_add_func("/credentials/bad-profiles", check_bad_profiles);
	g_test_add_func("/credentials/file", check_file);
	g_test_add_func("/endpoints/rows", check_endpoints);
	g_test_add_func("/endpoints/other-region", check_other_region);
	return g_test_run();
}
