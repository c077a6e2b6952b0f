/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fetch.c - following a provider for credentials: AssumeRole, AssumeRoleWithOIDC, the instance's
 * metadata service, an address.  See provider.h. */
#include <string.h>

#include "scanner/base/cjson.h"
#include "scanner/base/error.h"
#include "scanner/base/text.h"
#include "share/alibaba/call/call.h"
#include "share/alibaba/call/read.h"
#include "share/alibaba/call/pairs.h"
#include "share/alibaba/credentials/metadata.h"
#include "share/alibaba/credentials/provider.h"
#include "share/base/limits.h"

#define SESSION "imgvet" /* the default */

/* --- reading what is given out --------------------------------------------------------- */

static void wipe_member(const cJSON *json, const char *name)
{
	cJSON *item = cJSON_GetObjectItemCaseSensitive(json, name);

	if (cJSON_IsString(item))
		explicit_bzero(item->valuestring, strlen(item->valuestring));
}

/* {AccessKeyId, AccessKeySecret, SecurityToken, Expiration}; the secret members
 * are wiped. */
static IvCredentials *read_given(const cJSON *json, const char *action, const char *origin,
				 GError **error)
{
	const char *key_id = iv_alibaba_text(json, "AccessKeyId");
	const char *secret = iv_alibaba_text(json, "AccessKeySecret");
	const char *token = iv_alibaba_text(json, "SecurityToken");
	gint64 expires = iv_alibaba_time(iv_alibaba_text(json, "Expiration"));
	g_autofree char *place = g_strconcat(action, ": ", NULL);
	const IvKeys keys = {.key_id = key_id,
			     .secret = secret,
			     .token = token,
			     .key_id_name = "AccessKeyId",
			     .secret_name = "AccessKeySecret",
			     .token_name = "SecurityToken",
			     .place = place};
	g_autoptr(IvCredentialProvider) fixed = NULL;
	IvCredentials *credentials = NULL;

	if (key_id == NULL || secret == NULL || token == NULL || expires == 0)
		iv_alibaba_nonsense(error, action, "it holds no temporary credentials");
	else if (expires <= g_get_real_time() / G_USEC_PER_SEC)
		iv_fail(error, IV_ERROR_CLOUD,
			"%s: the credentials that it gives have expired already\n"
			"set this machine's clock, or ask those who run that service",
			action);
	else if ((fixed = iv_provider_fixed(origin, &keys, error)) != NULL)
		credentials = g_steal_pointer(&fixed->fixed);
	wipe_member(json, "AccessKeySecret");
	wipe_member(json, "SecurityToken");
	if (credentials != NULL)
		credentials->expires = expires;
	return credentials;
}

static IvAlibabaEndpoints *sts_of(const IvCredentialProvider *provider, IvAlibabaEndpoints *endpoints,
				  GError **error)
{
	const char *region = iv_provider_env("ALIBABA_CLOUD_STS_REGION");
	const char *inside = iv_provider_env_true("ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED") ? "-vpc" : "";
	g_autofree char *url = g_strdup(provider->sts_url);

	/* An address from the command line takes precedence over the environment and profiles. */
	if (iv_alibaba_endpoint_given(endpoints, IV_ALIBABA_STS))
		return iv_alibaba_endpoints_ref(endpoints);
	if (url == NULL && region != NULL)
		url = g_strdup_printf("https://sts%s.%s.aliyuncs.com", inside, region);
	if (url == NULL)
		return iv_alibaba_endpoints_ref(endpoints);
	return iv_alibaba_endpoints_with(endpoints, IV_ALIBABA_STS, url, error);
}

static void add_role(const IvCredentialProvider *provider, GPtrArray *form)
{
	g_autofree char *lasting = g_strdup_printf(
		"%u", provider->seconds != 0 ? provider->seconds : IV_CREDENTIAL_SECONDS);

	iv_pairs_add(form, "RoleArn", provider->role_arn);
	iv_pairs_add(form, "RoleSessionName", provider->session != NULL ? provider->session : SESSION);
	iv_pairs_add(form, "DurationSeconds", lasting);
	if (provider->external_id != NULL)
		iv_pairs_add(form, "ExternalId", provider->external_id);
	if (provider->policy != NULL)
		iv_pairs_add(form, "Policy", provider->policy);
}

/* One call of STS whose answer holds credentials. */
static IvCredentials *ask_sts(const IvCredentialProvider *provider, IvAlibabaEndpoints *endpoints,
			      IvCredentialSource *as, const char *action, const GPtrArray *form,
			      GError **error)
{
	g_autoptr(IvAlibabaEndpoints) sts = sts_of(provider, endpoints, error);
	g_autoptr(IvAlibabaClient) client = sts != NULL ? iv_alibaba_client_new(sts, as) : NULL;
	g_autoptr(GPtrArray) none = iv_pairs_new();
	IvCredentials *credentials = NULL;
	IvCallTrace trace = {0};
	cJSON *answer;

	if (client == NULL)
		return NULL;
	answer = iv_alibaba_call(client,
				 &(IvAlibabaCall){.service = IV_ALIBABA_STS,
						  .action = action,
						  .params = none,
						  .form = form},
				 &trace, error);
	iv_call_trace_clear(&trace);
	if (answer != NULL)
		credentials = read_given(cJSON_GetObjectItemCaseSensitive(answer, "Credentials"),
					 action, provider->origin, error);
	cJSON_Delete(answer);
	return credentials;
}

/* --- roles ------------------------------------------------------------------------------- */

static IvCredentials *fetch_role(const IvCredentialProvider *provider, IvAlibabaEndpoints *endpoints,
				GError **error)
{
	g_autoptr(IvCredentials) base = iv_provider_fetch(provider->base, endpoints, error);
	g_autoptr(IvCredentialSource) as = NULL;
	g_autoptr(GPtrArray) form = iv_pairs_new();

	if (base == NULL)
		return NULL;
	as = iv_credential_source_fixed(base);
	add_role(provider, form);
	return ask_sts(provider, endpoints, as, "AssumeRole", form, error);
}

/* This call is not signed: the token is the proof. */
static IvCredentials *fetch_oidc(const IvCredentialProvider *provider, IvAlibabaEndpoints *endpoints,
				GError **error)
{
	g_autoptr(GPtrArray) form = iv_pairs_new();
	size_t len = 0;
	char *token = iv_provider_text(provider->token_file, &len, error);

	if (token == NULL) {
		if (error == NULL || *error == NULL)
			iv_fail(error, IV_ERROR_CONFIG, "%s: the token's file is not there",
				provider->origin);
		return NULL;
	}
	add_role(provider, form);
	iv_pairs_add(form, "OIDCProviderArn", provider->provider_arn);
	iv_pairs_add(form, "OIDCToken", g_strstrip(token));
	iv_provider_wipe(token, len);
	return ask_sts(provider, endpoints, NULL, "AssumeRoleWithOIDC", form, error);
}

/* --- the instance's metadata service -------------------------------------------------------- */

#define ROLES "/latest/meta-data/ram/security-credentials/"

static bool role_name(const IvEndpoint *endpoint, const IvCredentialProvider *provider, const char *header,
		      char **name, GError **error)
{
	g_autoptr(IvHttpAnswer) answer = NULL;

	*name = g_strdup(provider->role_name);
	if (*name == NULL) {
		answer = iv_metadata_ask(endpoint, "GET", ROLES, header, error);
		if (answer == NULL)
			return false;
		*name = iv_metadata_word(answer);
	}
	if (*name != NULL && iv_alibaba_id_ok(*name))
		return true;
	g_clear_pointer(name, g_free);
	return iv_fail(error, IV_ERROR_CONFIG, "the instance has no role (HTTP %ld)",
		       answer != NULL ? answer->status : 0L);
}

static IvCredentials *read_answer(const IvHttpAnswer *answer, const char *action,
				  const char *origin, GError **error)
{
	cJSON *json = cJSON_ParseWithLengthOpts(answer->body, answer->length + 1, NULL, 1);
	const char *code = iv_alibaba_text(json, "Code");
	IvCredentials *credentials = NULL;

	if (answer->status != 200 || !cJSON_IsObject(json) ||
	    (code != NULL && g_ascii_strcasecmp(code, "Success") != 0))
		iv_fail(error, IV_ERROR_CLOUD, "%s: no credentials in the answer (HTTP %ld)", action,
			answer->status);
	else
		credentials = read_given(json, action, origin, error);
	cJSON_Delete(json);
	return credentials;
}

static IvCredentials *fetch_metadata(const IvCredentialProvider *provider, IvAlibabaEndpoints *endpoints,
				    GError **error)
{
	const IvEndpoint *given = iv_alibaba_endpoint(endpoints, IV_ALIBABA_METADATA);
	g_autoptr(IvEndpoint) usual = given == NULL ? iv_endpoint_metadata(NULL, error) : NULL;
	const IvEndpoint *endpoint = given != NULL ? given : usual;
	g_autofree char *name = NULL, *target = NULL, *origin = NULL;
	g_autoptr(IvHttpAnswer) answer = NULL;
	IvCredentials *credentials = NULL;
	char *header = NULL;

	if (endpoint != NULL && iv_metadata_token(endpoint, &header, error) &&
	    role_name(endpoint, provider, header, &name, error)) {
		target = g_strconcat(ROLES, name, NULL);
		origin = g_strdup_printf("%s (%s)", provider->origin, name);
		answer = iv_metadata_ask(endpoint, "GET", target, header, error);
	}
	if (answer != NULL)
		credentials = read_answer(answer, "metadata service", origin, error);
	iv_text_wipe(header);
	return credentials;
}

/* --- an address ------------------------------------------------------------------------------ */

/* Its endpoint and target; the message of IV_ERROR_CONFIG repeats no part of the address. */
static IvEndpoint *uri_parts(const IvCredentialProvider *provider, char **target, GError **error)
{
	g_autoptr(GUri) uri = g_uri_parse(provider->uri, G_URI_FLAGS_ENCODED, NULL);
	g_autofree char *port = NULL, *url = NULL;
	IvEndpoint *endpoint = NULL;

	if (uri != NULL && g_uri_get_userinfo(uri) == NULL && g_uri_get_host(uri) != NULL) {
		bool six = strchr(g_uri_get_host(uri), ':') != NULL;

		port = g_uri_get_port(uri) > 0 ? g_strdup_printf(":%d", g_uri_get_port(uri)) : NULL;
		url = g_strdup_printf("%s://%s%s%s%s", g_uri_get_scheme(uri), six ? "[" : "",
				      g_uri_get_host(uri), six ? "]" : "", port != NULL ? port : "");
		*target = g_strconcat(*g_uri_get_path(uri) != '\0' ? g_uri_get_path(uri) : "/",
				      g_uri_get_query(uri) != NULL ? "?" : "",
				      g_uri_get_query(uri), NULL);
		endpoint = iv_endpoint_parse(url, NULL);
	}
	if (endpoint == NULL)
		iv_fail(error, IV_ERROR_CONFIG,
			"%s: credentials cannot be fetched from this address\n"
			"it must be https, or http on this machine, without a user's name",
			provider->origin);
	return endpoint;
}

static IvCredentials *fetch_uri(const IvCredentialProvider *provider, IvAlibabaEndpoints *endpoints, GError **error)
{
	char *target = NULL;
	g_autoptr(IvEndpoint) endpoint = uri_parts(provider, &target, error);
	g_autoptr(GPtrArray) headers = g_ptr_array_new();
	g_autoptr(IvHttpAnswer) answer = NULL;
	IvCredentials *credentials = NULL;
	IvHttpFailure failure;

	if (endpoint != NULL)
		answer = iv_http_exchange(&(IvHttpRequest){.endpoint = endpoint,
							   .method = "GET",
							   .target = target,
							   .headers = headers,
							   .hide_target = true},
					  &failure, error);
	if (answer != NULL)
		credentials = read_answer(answer, provider->origin, provider->origin, error);
	iv_text_wipe(target);
	return credentials;
}

/* --- any ------------------------------------------------------------------------------------- */

static IvCredentials *fetch_fixed(const IvCredentialProvider *provider, IvAlibabaEndpoints *endpoints,
				 GError **error)
{
	return iv_credentials_copy(provider->fixed);
}

IvCredentials *iv_provider_fetch(const IvCredentialProvider *provider, IvAlibabaEndpoints *endpoints, GError **error)
{
	static IvCredentials *(*const ways[])(const IvCredentialProvider *, IvAlibabaEndpoints *, GError **) = {
		[IV_PROVIDER_FIXED] = fetch_fixed,	      [IV_PROVIDER_ROLE] = fetch_role,
		[IV_PROVIDER_OIDC] = fetch_oidc,	      [IV_PROVIDER_METADATA] = fetch_metadata,
		[IV_PROVIDER_URI] = fetch_uri,
	};

	return ways[provider->kind](provider, endpoints, error);
}
