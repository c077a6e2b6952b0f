/* recipe_profile.c - profiles of the `aliyun` command line tool, ~/.aliyun/config.json.  See
 * recipe.h. */
#include <cjson/cJSON.h>
#include <string.h>

#include "scanner/base/error.h"
#include "scanner/base/text.h"
#include "share/alibaba/read.h"
#include "share/alibaba/recipe.h"
#include "share/limits.h"

#define PLACE "~/.aliyun/config.json"

/* One profile being read. */
typedef struct {
	const cJSON *file;
	const cJSON *json;
	const char *origin; /* "profile work of ..." */
	guint depth;	    /* of profiles that name each other */
} Profile;

static IvRecipe *recipe_of(const cJSON *file, const char *name, guint depth, GError **error);

/* A member that is a text with something in it, or NULL. */
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

static IvRecipe *keys_and_token(const Profile *p, const char *token, GError **error)
{
	g_autofree char *place = g_strconcat(p->origin, ": ", NULL);

	return iv_recipe_fixed(p->origin,
			       &(IvKeys){.key_id = text(p, "access_key_id"),
					 .secret = text(p, "access_key_secret"),
					 .token = token,
					 .key_id_name = "access_key_id",
					 .secret_name = "access_key_secret",
					 .token_name = "sts_token",
					 .place = place},
			       error);
}

static IvRecipe *keys(const Profile *p, GError **error)
{
	return keys_and_token(p, NULL, error);
}

static IvRecipe *sts_token(const Profile *p, GError **error)
{
	if (text(p, "sts_token") == NULL) {
		missing(p, "sts_token", error);
		return NULL;
	}
	return keys_and_token(p, text(p, "sts_token"), error);
}

/* What the tool itself fetched last, while it holds: the way to fetch it again
 * is the tool's. */
static IvRecipe *cached(const Profile *p, GError **error)
{
	const cJSON *end = cJSON_GetObjectItemCaseSensitive(p->json, "sts_expiration");
	gint64 seconds = g_get_real_time() / G_USEC_PER_SEC;
	double now = (double)seconds;
	IvRecipe *recipe;

	if (!cJSON_IsNumber(end) || !(end->valuedouble > now) || !(end->valuedouble < 1e12)) {
		iv_fail(error, IV_ERROR_CONFIG,
			"%s: what it last fetched has expired\nlog in again with the aliyun tool",
			p->origin);
		return NULL;
	}
	recipe = sts_token(p, error);
	if (recipe != NULL)
		recipe->fixed->expires = (gint64)end->valuedouble;
	return recipe;
}

/* The address of STS that a profile names; a region's name becomes one. */
static char *sts_url(const Profile *p)
{
	const char *host = text(p, "sts_endpoint"), *region = text(p, "sts_region");

	if (host != NULL)
		return strstr(host, "://") != NULL ? g_strdup(host) : g_strconcat("https://", host, NULL);
	return region != NULL ? g_strdup_printf("https://sts.%s.aliyuncs.com", region) : NULL;
}

static IvRecipe *with_role(const Profile *p, IvRecipe *recipe, GError **error)
{
	recipe->role_arn = g_strdup(text(p, "ram_role_arn"));
	recipe->session = g_strdup(text(p, "ram_session_name"));
	recipe->external_id = g_strdup(text(p, "external_id"));
	recipe->policy = g_strdup(text(p, "policy"));
	recipe->seconds = seconds(p);
	recipe->sts_url = sts_url(p);
	if (recipe->role_arn != NULL)
		return recipe;
	missing(p, "ram_role_arn", error);
	iv_recipe_free(recipe);
	return NULL;
}

static IvRecipe *on_top_of(const Profile *p, IvRecipe *base, GError **error)
{
	IvRecipe *recipe;

	if (base == NULL)
		return NULL;
	recipe = iv_recipe_new(IV_RECIPE_ROLE, p->origin);
	recipe->base = base;
	return with_role(p, recipe, error);
}

static IvRecipe *role(const Profile *p, GError **error)
{
	return on_top_of(p, keys_and_token(p, text(p, "sts_token"), error), error);
}

static IvRecipe *chained_role(const Profile *p, GError **error)
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
	return on_top_of(p, recipe_of(p->file, source, p->depth + 1, error), error);
}

static IvRecipe *instance(const Profile *p, GError **error)
{
	IvRecipe *recipe = iv_recipe_new(IV_RECIPE_METADATA, p->origin);

	recipe->role_name = g_strdup(text(p, "ram_role_name"));
	return recipe;
}

static IvRecipe *oidc(const Profile *p, GError **error)
{
	IvRecipe *recipe;

	if (text(p, "oidc_provider_arn") == NULL || text(p, "oidc_token_file") == NULL) {
		missing(p, "oidc_provider_arn or oidc_token_file", error);
		return NULL;
	}
	recipe = iv_recipe_new(IV_RECIPE_OIDC, p->origin);
	recipe->provider_arn = g_strdup(text(p, "oidc_provider_arn"));
	recipe->token_file = g_strdup(text(p, "oidc_token_file"));
	return with_role(p, recipe, error);
}

static IvRecipe *uri(const Profile *p, GError **error)
{
	IvRecipe *recipe;

	if (text(p, "credentials_uri") == NULL) {
		missing(p, "credentials_uri", error);
		return NULL;
	}
	recipe = iv_recipe_new(IV_RECIPE_URI, p->origin);
	recipe->uri = g_strdup(text(p, "credentials_uri"));
	return recipe;
}

static const struct {
	const char *mode; /* compared without regard to case, as the tool does */
	IvRecipe *(*make)(const Profile *p, GError **error);
} modes[] = {
	{"AK", keys},		     {"StsToken", sts_token}, {"RamRoleArn", role},
	{"EcsRamRole", instance},    {"OIDC", oidc},	      {"CredentialsURI", uri},
	{"CloudSSO", cached},	     {"OAuth", cached},	      {"ChainableRamRoleArn", chained_role},
};

/* --- the file ---------------------------------------------------------------------------- */

/* NULL when there is none of that name, or more than one: which is meant? */
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

static IvRecipe *recipe_of(const cJSON *file, const char *name, guint depth, GError **error)
{
	g_autofree char *shown = iv_text_printable(name, -1);
	g_autofree char *origin = g_strdup_printf("profile %s of " PLACE, shown);
	Profile p = {.file = file, .json = find(file, name), .origin = origin, .depth = depth};
	const char *mode = iv_alibaba_text(p.json, "mode");
	g_autofree char *shown_mode = iv_text_printable(mode != NULL ? mode : "", -1);

	if (p.json == NULL) {
		iv_fail(error, IV_ERROR_CONFIG, "there is no %s, or there are two\nlook with: aliyun configure list",
			origin);
		return NULL;
	}
	for (gsize i = 0; mode != NULL && i < G_N_ELEMENTS(modes); i++)
		if (g_ascii_strcasecmp(modes[i].mode, mode) == 0)
			return modes[i].make(&p, error);
	iv_fail(error, IV_ERROR_CONFIG,
		"%s: the mode '%s' is none that imgvet can use\n"
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

/* Whose name is asked for, by whom. */
static const char *profile_name(const cJSON *file, const char *name)
{
	const char *wanted = name != NULL ? name : iv_recipe_env("ALIBABA_CLOUD_PROFILE");

	return wanted != NULL ? wanted : iv_alibaba_text(file, "current");
}

IvRecipe *iv_recipe_profile_read(char *bytes, size_t len, const char *name, GError **error)
{
	cJSON *file = cJSON_ParseWithLengthOpts(bytes, len + 1, NULL, 1);
	const char *wanted = profile_name(file, name);
	IvRecipe *recipe = NULL;

	if (!cJSON_IsObject(file) || !g_utf8_validate(bytes, (gssize)len, NULL))
		iv_fail(error, IV_ERROR_CONFIG, PLACE ": this is not the aliyun tool's JSON");
	else if (wanted == NULL || *wanted == '\0')
		iv_fail(error, IV_ERROR_CONFIG, PLACE ": no profile is the current one");
	else
		recipe = recipe_of(file, wanted, 0, error);
	wipe_json(file);
	iv_recipe_wipe(bytes, len);
	return recipe;
}

static char *config_path(void)
{
	return g_build_filename(g_get_home_dir(), ".aliyun", "config.json", NULL);
}

IvRecipe *iv_recipe_from_profile(const char *name, GError **error)
{
	g_autofree char *path = config_path();
	size_t len = 0;
	g_autoptr(GError) problem = NULL;
	char *bytes;

	if (name == NULL && iv_recipe_env_true("ALIBABA_CLOUD_CLI_PROFILE_DISABLED"))
		return NULL;
	bytes = iv_recipe_text(path, &len, &problem);
	if (bytes != NULL)
		return iv_recipe_profile_read(bytes, len, name, error);
	if (problem != NULL)
		g_propagate_error(error, g_steal_pointer(&problem));
	else if (name != NULL)
		iv_fail(error, IV_ERROR_CONFIG,
			"there is no " PLACE ", so no profile either\nmake one with: aliyun configure");
	return NULL;
}

char *iv_recipe_profile_region(const char *name)
{
	g_autofree char *path = config_path();
	size_t len = 0;
	char *bytes = iv_recipe_text(path, &len, NULL), *region = NULL;
	cJSON *file = bytes != NULL ? cJSON_ParseWithLengthOpts(bytes, len + 1, NULL, 1) : NULL;
	const char *wanted = profile_name(file, name);

	if (wanted != NULL)
		region = g_strdup(iv_alibaba_text(find(file, wanted), "region_id"));
	wipe_json(file);
	iv_recipe_wipe(bytes, len);
	return region;
}
