/* SPDX-License-Identifier: GPL-3.0-or-later */
/* provider_profile.c - profiles of the `aliyun` command line tool, ~/.aliyun/config.json.  See
 * provider.h. */
#include <string.h>

#include "scanner/base/cjson.h"
#include "scanner/base/error.h"
#include "scanner/base/text.h"
#include "share/alibaba/call/read.h"
#include "share/alibaba/credentials/provider.h"
#include "share/base/limits.h"

#define PLACE "~/.aliyun/config.json"

/* One profile being read. */
typedef struct {
	const cJSON *file;
	const cJSON *json;
	const char *origin; /* "profile work of ..." */
	guint depth;	    /* of profiles that name each other */
} Profile;

static IvCredentialProvider *provider_of(const cJSON *file, const char *name, guint depth, GError **error);

/* A member that is a non-empty text, or NULL. */
static const char *text(const Profile *p, const char *name)
{
	const char *value = iv_alibaba_text(p->json, name);

	return value != NULL && *value != '\0' ? value : NULL;
}

static guint seconds(const Profile *p)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(p->json, "expired_seconds");

	return cJSON_IsNumber(item) && item->valuedouble >= 1 && item->valuedouble <= 43200
		       ? (guint)item->valuedouble
		       : 0;
}

static bool missing(const Profile *p, const char *name, GError **error)
{
	return iv_fail(error, IV_ERROR_CONFIG, "%s: %s is missing", p->origin, name);
}

/* --- modes ------------------------------------------------------------------------------ */

static IvCredentialProvider *keys_and_token(const Profile *p, const char *token, GError **error)
{
	g_autofree char *place = g_strconcat(p->origin, ": ", NULL);

	return iv_provider_fixed(p->origin,
			       &(IvKeys){.key_id = text(p, "access_key_id"),
					 .secret = text(p, "access_key_secret"),
					 .token = token,
					 .key_id_name = "access_key_id",
					 .secret_name = "access_key_secret",
					 .token_name = "sts_token",
					 .place = place},
			       error);
}

static IvCredentialProvider *keys(const Profile *p, GError **error)
{
	return keys_and_token(p, NULL, error);
}

static IvCredentialProvider *sts_token(const Profile *p, GError **error)
{
	if (text(p, "sts_token") == NULL) {
		missing(p, "sts_token", error);
		return NULL;
	}
	return keys_and_token(p, text(p, "sts_token"), error);
}

/* What the tool itself fetched last, until it expires; only the tool can fetch it again. */
static IvCredentialProvider *cached(const Profile *p, GError **error)
{
	const cJSON *end = cJSON_GetObjectItemCaseSensitive(p->json, "sts_expiration");
	gint64 seconds = g_get_real_time() / G_USEC_PER_SEC;
	double now = (double)seconds;
	IvCredentialProvider *provider;

	if (!cJSON_IsNumber(end) || !(end->valuedouble > now) || !(end->valuedouble < 1e12)) {
		iv_fail(error, IV_ERROR_CONFIG,
			"%s: what it last fetched has expired\nlog in again with the aliyun tool",
			p->origin);
		return NULL;
	}
	provider = sts_token(p, error);
	if (provider != NULL)
		provider->fixed->expires = (gint64)end->valuedouble;
	return provider;
}

/* The address of STS that a profile names; a region's name becomes one. */
static char *sts_url(const Profile *p)
{
	const char *host = text(p, "sts_endpoint"), *region = text(p, "sts_region");

	if (host != NULL)
		return strstr(host, "://") != NULL ? g_strdup(host) : g_strconcat("https://", host, NULL);
	return region != NULL ? g_strdup_printf("https://sts.%s.aliyuncs.com", region) : NULL;
}

static IvCredentialProvider *with_role(const Profile *p, IvCredentialProvider *provider, GError **error)
{
	provider->role_arn = g_strdup(text(p, "ram_role_arn"));
	provider->session = g_strdup(text(p, "ram_session_name"));
	provider->external_id = g_strdup(text(p, "external_id"));
	provider->policy = g_strdup(text(p, "policy"));
	provider->seconds = seconds(p);
	provider->sts_url = sts_url(p);
	if (provider->role_arn != NULL)
		return provider;
	missing(p, "ram_role_arn", error);
	iv_provider_free(provider);
	return NULL;
}

static IvCredentialProvider *on_top_of(const Profile *p, IvCredentialProvider *base, GError **error)
{
	IvCredentialProvider *provider;

	if (base == NULL)
		return NULL;
	provider = iv_provider_new(IV_PROVIDER_ROLE, p->origin);
	provider->base = base;
	return with_role(p, provider, error);
}

static IvCredentialProvider *role(const Profile *p, GError **error)
{
	return on_top_of(p, keys_and_token(p, text(p, "sts_token"), error), error);
}

static IvCredentialProvider *chained_role(const Profile *p, GError **error)
{
	const char *source = text(p, "source_profile");

	if (source == NULL) {
		missing(p, "source_profile", error);
		return NULL;
	}
	if (p->depth >= IV_CREDENTIAL_CHAIN) {
		iv_fail(error, IV_ERROR_CONFIG,
			"%s: the source profiles name each other in a circle, or are more than %u",
			p->origin, IV_CREDENTIAL_CHAIN);
		return NULL;
	}
	return on_top_of(p, provider_of(p->file, source, p->depth + 1, error), error);
}

static IvCredentialProvider *instance(const Profile *p, GError **error)
{
	IvCredentialProvider *provider = iv_provider_new(IV_PROVIDER_METADATA, p->origin);

	provider->role_name = g_strdup(text(p, "ram_role_name"));
	return provider;
}

static IvCredentialProvider *oidc(const Profile *p, GError **error)
{
	IvCredentialProvider *provider;

	if (text(p, "oidc_provider_arn") == NULL || text(p, "oidc_token_file") == NULL) {
		missing(p, "oidc_provider_arn or oidc_token_file", error);
		return NULL;
	}
	provider = iv_provider_new(IV_PROVIDER_OIDC, p->origin);
	provider->provider_arn = g_strdup(text(p, "oidc_provider_arn"));
	provider->token_file = g_strdup(text(p, "oidc_token_file"));
	return with_role(p, provider, error);
}

static IvCredentialProvider *uri(const Profile *p, GError **error)
{
	IvCredentialProvider *provider;

	if (text(p, "credentials_uri") == NULL) {
		missing(p, "credentials_uri", error);
		return NULL;
	}
	provider = iv_provider_new(IV_PROVIDER_URI, p->origin);
	provider->uri = g_strdup(text(p, "credentials_uri"));
	return provider;
}

static const struct {
	const char *mode; /* compared without regard to case, as the tool does */
	IvCredentialProvider *(*make)(const Profile *p, GError **error);
} modes[] = {
	{"AK", keys},		     {"StsToken", sts_token}, {"RamRoleArn", role},
	{"EcsRamRole", instance},    {"OIDC", oidc},	      {"CredentialsURI", uri},
	{"CloudSSO", cached},	     {"OAuth", cached},	      {"ChainableRamRoleArn", chained_role},
};

/* --- the file ---------------------------------------------------------------------------- */

/* NULL when there is no profile of that name, or more than one. */
static const cJSON *find(const cJSON *file, const char *name)
{
	const cJSON *one, *found = NULL;

	cJSON_ArrayForEach(one, cJSON_GetObjectItemCaseSensitive(file, "profiles"))
		if (g_strcmp0(iv_alibaba_text(one, "name"), name) == 0) {
			if (found != NULL)
				return NULL;
			found = one;
		}
	return found;
}

static IvCredentialProvider *provider_of(const cJSON *file, const char *name, guint depth, GError **error)
{
	g_autofree char *shown = iv_text_printable(name, -1);
	g_autofree char *origin = g_strdup_printf("profile %s of " PLACE, shown);
	Profile p = {.file = file, .json = find(file, name), .origin = origin, .depth = depth};
	const char *mode = iv_alibaba_text(p.json, "mode");
	g_autofree char *shown_mode = iv_text_printable(mode != NULL ? mode : "", -1);

	if (p.json == NULL) {
		iv_fail(error, IV_ERROR_CONFIG,
			"there is no %s, or more than one\nlook with: aliyun configure list",
			origin);
		return NULL;
	}
	for (gsize i = 0; mode != NULL && i < G_N_ELEMENTS(modes); i++)
		if (g_ascii_strcasecmp(modes[i].mode, mode) == 0)
			return modes[i].make(&p, error);
	iv_fail(error, IV_ERROR_CONFIG,
		"%s: imgvet cannot use the mode '%s'\n"
		"it can use AK, StsToken, RamRoleArn, ChainableRamRoleArn, EcsRamRole, OIDC, "
		"CredentialsURI, and what CloudSSO and OAuth have fetched",
		origin, shown_mode);
	return NULL;
}

/* Every text in it is overwritten, then it is freed. */
static void wipe_json(cJSON *json)
{
	g_autoptr(GPtrArray) todo = g_ptr_array_new();

	if (json != NULL)
		g_ptr_array_add(todo, json);
	while (todo->len > 0) {
		cJSON *item = g_ptr_array_remove_index_fast(todo, todo->len - 1);

		if (item->valuestring != NULL)
			explicit_bzero(item->valuestring, strlen(item->valuestring));
		for (cJSON *child = item->child; child != NULL; child = child->next)
			g_ptr_array_add(todo, child);
	}
	cJSON_Delete(json);
}

/* The profile to use: the one given, else the environment's, else the file's current one. */
static const char *profile_name(const cJSON *file, const char *name)
{
	const char *wanted = name != NULL ? name : iv_provider_env("ALIBABA_CLOUD_PROFILE");

	return wanted != NULL ? wanted : iv_alibaba_text(file, "current");
}

IvCredentialProvider *iv_provider_profile_read(char *bytes, size_t len, const char *name, GError **error)
{
	cJSON *file = cJSON_ParseWithLengthOpts(bytes, len + 1, NULL, 1);
	const char *wanted = profile_name(file, name);
	IvCredentialProvider *provider = NULL;

	if (!cJSON_IsObject(file) || !g_utf8_validate(bytes, (gssize)len, NULL))
		iv_fail(error, IV_ERROR_CONFIG, PLACE ": this is not the aliyun tool's JSON");
	else if (wanted == NULL || *wanted == '\0')
		iv_fail(error, IV_ERROR_CONFIG, PLACE ": no profile is set as the current one");
	else
		provider = provider_of(file, wanted, 0, error);
	wipe_json(file);
	iv_provider_wipe(bytes, len);
	return provider;
}

static char *config_path(void)
{
	return g_build_filename(g_get_home_dir(), ".aliyun", "config.json", NULL);
}

IvCredentialProvider *iv_provider_from_profile(const char *name, GError **error)
{
	g_autofree char *path = config_path();
	size_t len = 0;
	g_autoptr(GError) problem = NULL;
	char *bytes;

	if (name == NULL && iv_provider_env_true("ALIBABA_CLOUD_CLI_PROFILE_DISABLED"))
		return NULL;
	bytes = iv_provider_text(path, &len, &problem);
	if (bytes != NULL)
		return iv_provider_profile_read(bytes, len, name, error);
	if (problem != NULL)
		g_propagate_error(error, g_steal_pointer(&problem));
	else if (name != NULL)
		iv_fail(error, IV_ERROR_CONFIG,
			"there is no " PLACE
			", so there is no profile\nmake one with: aliyun configure");
	return NULL;
}

char *iv_provider_profile_region(const char *name)
{
	g_autofree char *path = config_path();
	size_t len = 0;
	char *bytes = iv_provider_text(path, &len, NULL), *region = NULL;
	cJSON *file = bytes != NULL ? cJSON_ParseWithLengthOpts(bytes, len + 1, NULL, 1) : NULL;
	const char *wanted = profile_name(file, name);

	if (wanted != NULL)
		region = g_strdup(iv_alibaba_text(find(file, wanted), "region_id"));
	wipe_json(file);
	iv_provider_wipe(bytes, len);
	return region;
}
