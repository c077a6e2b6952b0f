/* credentials.c - the order in which credentials are looked for, and fetching them again.  See
 * credentials.h. */
#include "share/alibaba/credentials/credentials.h"

#include <string.h>

#include "scanner/base/error.h"
#include "share/alibaba/call/sign.h"
#include "share/alibaba/credentials/provider.h"
#include "share/base/limits.h"

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
	GMutex lock; /* of all below: one fetches, the others wait for it */
	IvAlibabaEndpoints *endpoints;
	IvRecipe *recipe;
	IvCredentials *now;
	gint64 fetched, tried; /* when, seconds since the epoch; tried: or tried to */
};

static gint64 clock_now(void)
{
	return g_get_real_time() / G_USEC_PER_SEC;
}

/* Takes recipe and credentials over. */
static IvCredentialSource *source_of(IvRecipe *recipe, IvCredentials *credentials,
				     IvAlibabaEndpoints *endpoints)
{
	IvCredentialSource *source = g_new0(IvCredentialSource, 1);

	source->refs = 1;
	g_mutex_init(&source->lock);
	source->endpoints = endpoints != NULL ? iv_alibaba_endpoints_ref(endpoints) : NULL;
	source->recipe = recipe;
	source->now = credentials;
	source->fetched = source->tried = clock_now();
	return source;
}

IvCredentialSource *iv_credential_source_fixed(const IvCredentials *credentials)
{
	return source_of(NULL, iv_credentials_copy(credentials), NULL);
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
	iv_credentials_free(source->now);
	iv_recipe_free(source->recipe);
	iv_alibaba_endpoints_unref(source->endpoints);
	g_mutex_clear(&source->lock);
	g_free(source);
}

/* --- the order ------------------------------------------------------------------------- */

static IvRecipe *current_profile(GError **error)
{
	return iv_recipe_from_profile(NULL, error);
}

/* The order of the official SDKs (credentials library 2.4 of the Node SDK). */
static const struct {
	const char *name;
	IvRecipe *(*find)(GError **error);
	/* What is set there on purpose and is broken ends the search: credentials of
	 * somebody else would surprise. */
	bool decides;
} places[] = {
	{"the environment", iv_recipe_from_keys, true},
	{"an OIDC token", iv_recipe_from_oidc, false},
	{"the aliyun tool's profile", current_profile, false},
	{"the credentials file", iv_recipe_from_file, false},
	{"the instance's role", iv_recipe_from_metadata, false},
	{"the credentials URI", iv_recipe_from_uri, false},
};

static void keep_problem(GString *problems, const char *name, const GError *problem)
{
	g_autofree char *first = g_strndup(problem->message, strcspn(problem->message, "\n"));

	g_string_append_printf(problems, "\n%s: %s", name, first);
}

static IvCredentialSource *found(IvRecipe *recipe, IvAlibabaEndpoints *endpoints, GError **error)
{
	IvCredentials *credentials = iv_recipe_cook(recipe, endpoints, error);

	if (credentials != NULL)
		return source_of(recipe, credentials, endpoints);
	iv_recipe_free(recipe);
	return NULL;
}

/* A place that has something which does not work is passed by, and named if
 * none of the others has any. */
static IvCredentialSource *search(IvAlibabaEndpoints *endpoints, GError **error)
{
	g_autoptr(GString) problems = g_string_new(NULL);
	bool cloud = false; /* one place has something, and whoever gives it out did not */

	for (gsize i = 0; i < G_N_ELEMENTS(places); i++) {
		g_autoptr(GError) problem = NULL;
		IvRecipe *recipe = places[i].find(&problem);
		IvCredentialSource *source = NULL;

		if (recipe != NULL)
			source = found(recipe, endpoints, &problem);
		if (source != NULL)
			return source;
		if (problem != NULL && places[i].decides) {
			g_propagate_error(error, g_steal_pointer(&problem));
			return NULL;
		}
		if (problem == NULL)
			continue;
		keep_problem(problems, places[i].name, problem);
		/* Everybody has no instance: that one says nothing. */
		cloud |= places[i].find != iv_recipe_from_metadata &&
			 g_error_matches(problem, IV_ERROR, IV_ERROR_CLOUD);
	}
	iv_fail(error, cloud ? IV_ERROR_CLOUD : IV_ERROR_CONFIG,
		"no credentials for Alibaba Cloud\n"
		"set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET (and "
		"ALIBABA_CLOUD_SECURITY_TOKEN for temporary ones), or make a profile with: aliyun "
		"configure%s",
		problems->str);
	return NULL;
}

IvCredentialSource *iv_credential_source_new(const char *profile, IvAlibabaEndpoints *endpoints,
					     GError **error)
{
	IvRecipe *recipe;

	if (profile == NULL)
		return search(endpoints, error);
	recipe = iv_recipe_from_profile(profile, error);
	return recipe != NULL ? found(recipe, endpoints, error) : NULL;
}

/* --- giving them out ---------------------------------------------------------------------- */

/* Fetched a quarter of an hour before their end, or, where their whole life is
 * as short as that, in the middle of it. */
static bool wants_new(const IvCredentialSource *source, bool renew)
{
	gint64 now = clock_now(), end = source->now->expires;
	gint64 early = MIN(IV_CREDENTIAL_EARLY, (end - source->fetched) / 2);

	if (source->recipe == NULL || end == 0)
		return renew && source->recipe != NULL;
	return renew || (end - now < early && now - source->tried >= IV_CREDENTIAL_PAUSE);
}

/* When no new ones are to be had, the old ones serve until their end. */
static bool fetch(IvCredentialSource *source, bool renew, GError **error)
{
	g_autoptr(GError) problem = NULL;
	IvCredentials *fresh = iv_recipe_cook(source->recipe, source->endpoints, &problem);

	source->tried = clock_now();
	if (fresh != NULL) {
		source->fetched = source->tried;
		iv_credentials_free(source->now);
		source->now = fresh;
		return true;
	}
	if (!renew && source->now->expires > clock_now())
		return true;
	g_propagate_prefixed_error(error, g_steal_pointer(&problem),
				   "the credentials have expired, and there are no new ones: ");
	return false;
}

IvCredentials *iv_credential_source_get(IvCredentialSource *source, bool renew, GError **error)
{
	IvCredentials *copy = NULL;

	g_mutex_lock(&source->lock);
	if (!wants_new(source, renew) || fetch(source, renew, error))
		copy = iv_credentials_copy(source->now);
	g_mutex_unlock(&source->lock);
	return copy;
}
