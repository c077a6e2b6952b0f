/* SPDX-License-Identifier: GPL-3.0-or-later */
/* chain.c - the order in which credentials are looked for, and renewing them.  See chain.h. */
#include "share/alibaba/credentials/chain.h"

#include <string.h>

#include "scanner/base/error.h"
#include "share/alibaba/call/pairs.h"
#include "share/alibaba/credentials/provider.h"
#include "share/base/limits.h"

/* --- the source ----------------------------------------------------------------------- */

/* What a provider gave, fetched again before it expires. */
typedef struct {
	IvCredentialSource base;
	GMutex lock; /* of all below: one fetches, the others wait for it */
	IvAlibabaEndpoints *endpoints;
	IvCredentialProvider *provider;
	IvCredentials *now;
	gint64 fetched, tried; /* when, seconds since the epoch; tried: or tried to */
} Cache;

static gint64 clock_now(void)
{
	return g_get_real_time() / G_USEC_PER_SEC;
}

/* --- giving them out ---------------------------------------------------------------------- */

/* Renewed a quarter of an hour before they expire or, if they live no longer than that, after half
 * of their life. */
static bool wants_new(const Cache *cache, bool renew)
{
	gint64 now = clock_now(), end = cache->now->expires;
	gint64 early = MIN(IV_CREDENTIAL_EARLY, (end - cache->fetched) / 2);

	if (end == 0)
		return renew;
	return renew || (end - now < early && now - cache->tried >= IV_CREDENTIAL_PAUSE);
}

/* When no new ones can be fetched, the old ones are used until they expire. */
static bool fetch(Cache *cache, bool renew, GError **error)
{
	g_autoptr(GError) problem = NULL;
	IvCredentials *fresh = iv_provider_fetch(cache->provider, cache->endpoints, &problem);

	cache->tried = clock_now();
	if (fresh != NULL) {
		cache->fetched = cache->tried;
		iv_credentials_free(cache->now);
		cache->now = fresh;
		return true;
	}
	if (!renew && cache->now->expires > clock_now())
		return true;
	g_propagate_prefixed_error(error, g_steal_pointer(&problem),
				   "the credentials have expired, and there are no new ones: ");
	return false;
}

static IvCredentials *cache_get(IvCredentialSource *source, bool renew, GError **error)
{
	Cache *cache = (Cache *)source;
	IvCredentials *copy = NULL;

	g_mutex_lock(&cache->lock);
	if (!wants_new(cache, renew) || fetch(cache, renew, error))
		copy = iv_credentials_copy(cache->now);
	g_mutex_unlock(&cache->lock);
	return copy;
}

static void cache_free(IvCredentialSource *source)
{
	Cache *cache = (Cache *)source;

	iv_credentials_free(cache->now);
	iv_provider_free(cache->provider);
	iv_alibaba_endpoints_unref(cache->endpoints);
	g_mutex_clear(&cache->lock);
	g_free(cache);
}

/* Takes ownership of provider and credentials. */
static IvCredentialSource *source_of(IvCredentialProvider *provider, IvCredentials *credentials,
				     IvAlibabaEndpoints *endpoints)
{
	Cache *cache = g_new0(Cache, 1);

	cache->base = (IvCredentialSource){.refs = 1, .get = cache_get, .free = cache_free};
	g_mutex_init(&cache->lock);
	cache->endpoints = iv_alibaba_endpoints_ref(endpoints);
	cache->provider = provider;
	cache->now = credentials;
	cache->fetched = cache->tried = clock_now();
	return &cache->base;
}

/* --- the order ------------------------------------------------------------------------- */

static IvCredentialProvider *current_profile(GError **error)
{
	return iv_provider_from_profile(NULL, error);
}

/* The order of the official SDKs (credentials library 2.4 of the Node SDK). */
static const struct {
	const char *name;
	IvCredentialProvider *(*find)(GError **error);
	/* Something broken there ends the search: it was set on purpose, and to use other
	 * credentials instead would surprise. */
	bool decides;
} places[] = {
	{"the environment", iv_provider_from_keys, true},
	{"an OIDC token", iv_provider_from_oidc, false},
	{"the aliyun tool's profile", current_profile, false},
	{"the credentials file", iv_provider_from_file, false},
	{"the instance's role", iv_provider_from_metadata, false},
	{"the credentials URI", iv_provider_from_uri, false},
};

static void keep_problem(GString *problems, const char *name, const GError *problem)
{
	g_autofree char *first = g_strndup(problem->message, strcspn(problem->message, "\n"));

	g_string_append_printf(problems, "\n%s: %s", name, first);
}

static IvCredentialSource *found(IvCredentialProvider *provider, IvAlibabaEndpoints *endpoints, GError **error)
{
	IvCredentials *credentials = iv_provider_fetch(provider, endpoints, error);

	if (credentials != NULL)
		return source_of(provider, credentials, endpoints);
	iv_provider_free(provider);
	return NULL;
}

/* A place with credentials that do not work is skipped, and named in the error if no other has
 * any. */
static IvCredentialSource *search(IvAlibabaEndpoints *endpoints, GError **error)
{
	g_autoptr(GString) problems = g_string_new(NULL);
	bool cloud = false; /* some place names a service that gives credentials, and it did not */

	for (gsize i = 0; i < G_N_ELEMENTS(places); i++) {
		g_autoptr(GError) problem = NULL;
		IvCredentialProvider *provider = places[i].find(&problem);
		IvCredentialSource *source = NULL;

		if (provider != NULL)
			source = found(provider, endpoints, &problem);
		if (source != NULL)
			return source;
		if (problem != NULL && places[i].decides) {
			g_propagate_error(error, g_steal_pointer(&problem));
			return NULL;
		}
		if (problem == NULL)
			continue;
		keep_problem(problems, places[i].name, problem);
		/* Most machines are not an instance, so that failure says nothing. */
		cloud |= places[i].find != iv_provider_from_metadata &&
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
	IvCredentialProvider *provider;

	if (profile == NULL)
		return search(endpoints, error);
	provider = iv_provider_from_profile(profile, error);
	return provider != NULL ? found(provider, endpoints, error) : NULL;
}
