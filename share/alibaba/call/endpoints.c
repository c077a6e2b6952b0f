/* SPDX-License-Identifier: GPL-3.0-or-later */
/* endpoints.c - see endpoints.h */
#include "share/alibaba/call/endpoints.h"

#include <string.h>

#include "scanner/base/error.h"

/* "%s" is the region. */
static const struct {
	const char *name, *host, *version;
} services[IV_ALIBABA_SERVICES] = {
	[IV_ALIBABA_ECS] = {"ecs", "ecs.%s.aliyuncs.com", "2014-05-26"},
	[IV_ALIBABA_STS] = {"sts", "sts.%s.aliyuncs.com", "2015-04-01"},
	[IV_ALIBABA_RAM] = {"ram", "ram.aliyuncs.com", "2015-05-01"},
	[IV_ALIBABA_KMS] = {"kms", "kms.%s.aliyuncs.com", "2016-01-20"},
	[IV_ALIBABA_RESOURCE_SHARING] = {"resourcesharing", "resourcesharing.%s.aliyuncs.com",
					 "2020-01-10"},
	[IV_ALIBABA_RESOURCE_DIRECTORY] = {"resourcedirectory", "resourcedirectory.aliyuncs.com",
					   "2022-04-19"},
	[IV_ALIBABA_OSS] = {"oss", "oss-%s.aliyuncs.com", NULL},
	[IV_ALIBABA_METADATA] = {"metadata", NULL, NULL},
};

struct IvAlibabaEndpoints {
	gint refs;
	GStrv given; /* or NULL */
	char *region;
	IvEndpoint *of[IV_ALIBABA_SERVICES];
	bool chosen[IV_ALIBABA_SERVICES]; /* by the user */
};

const char *iv_alibaba_version(IvAlibabaService service)
{
	return services[service].version;
}

const char *iv_alibaba_service_name(IvAlibabaService service)
{
	return services[service].name;
}

const IvEndpoint *iv_alibaba_endpoint(const IvAlibabaEndpoints *endpoints, IvAlibabaService service)
{
	return endpoints->of[service];
}

/* --- what the user names ------------------------------------------------------------- */

/* "name=URL": the service, and *url behind the sign.  A URL alone is ECS's; an unknown name gives
 * IV_ALIBABA_SERVICES. */
static IvAlibabaService service_of(const char *text, const char **url)
{
	const char *sign = strchr(text, '='), *colon = strstr(text, "://");

	*url = text;
	if (sign == NULL || (colon != NULL && colon < sign))
		return IV_ALIBABA_ECS;
	*url = sign + 1;
	for (int i = 0; i < IV_ALIBABA_SERVICES; i++)
		if (strlen(services[i].name) == (size_t)(sign - text) &&
		    strncmp(services[i].name, text, (size_t)(sign - text)) == 0)
			return (IvAlibabaService)i;
	return IV_ALIBABA_SERVICES;
}

static bool unknown_service(GError **error)
{
	g_autoptr(GString) names = g_string_new(NULL);

	for (int i = 0; i < IV_ALIBABA_SERVICES; i++)
		g_string_append_printf(names, "%s%s", i > 0 ? ", " : "", services[i].name);
	return iv_fail(error, IV_ERROR_USAGE,
		       "the endpoint names an unknown service\n"
		       "write it as URL, or as SERVICE=URL with one of: %s",
		       names->str);
}

/* A loopback URL alone also serves all services without an address of their own. */
static bool take(IvAlibabaEndpoints *e, const char *text, char **everywhere, GError **error)
{
	const char *url;
	IvAlibabaService service = service_of(text, &url);

	if (service == IV_ALIBABA_SERVICES)
		return unknown_service(error);
	iv_endpoint_free(e->of[service]);
	e->of[service] = iv_endpoint_parse(url, error);
	if (e->of[service] == NULL)
		return false;
	e->chosen[service] = true;
	if (service == IV_ALIBABA_METADATA && !e->of[service]->loopback)
		return iv_fail(error, IV_ERROR_USAGE,
			       "the metadata service has a fixed address, which only an address of "
			       "this machine can replace");
	if (url == text && e->of[service]->loopback) {
		g_free(*everywhere);
		*everywhere = g_strdup(url);
	}
	return true;
}

static char *usual_url(const char *host, const char *region)
{
	g_auto(GStrv) parts = g_strsplit(host, "%s", -1);
	g_autofree char *filled = g_strjoinv(region, parts);

	return g_strconcat("https://", filled, NULL);
}

static bool fill(IvAlibabaEndpoints *e, IvAlibabaService service, const char *region,
		 const char *everywhere, GError **error)
{
	g_autofree char *usual = NULL;

	if (e->of[service] != NULL || (everywhere == NULL && services[service].host == NULL))
		return true;
	if (everywhere == NULL)
		usual = usual_url(services[service].host, region);
	e->chosen[service] = everywhere != NULL;
	e->of[service] = iv_endpoint_parse(everywhere != NULL ? everywhere : usual, error);
	return e->of[service] != NULL;
}

IvAlibabaEndpoints *iv_alibaba_endpoints_new(const char *region, const char *const *given,
					     GError **error)
{
	g_autoptr(IvAlibabaEndpoints) e = g_new0(IvAlibabaEndpoints, 1);
	g_autofree char *everywhere = NULL;

	e->refs = 1;
	e->region = g_strdup(region);
	e->given = g_strdupv((char **)given);
	for (guint i = 0; given != NULL && given[i] != NULL; i++)
		if (!take(e, given[i], &everywhere, error))
			return NULL;
	for (int i = 0; i < IV_ALIBABA_SERVICES; i++)
		if (!fill(e, (IvAlibabaService)i, region, everywhere, error))
			return NULL;
	return g_steal_pointer(&e);
}

IvAlibabaEndpoints *iv_alibaba_endpoints_in(const IvAlibabaEndpoints *endpoints, const char *region,
					    GError **error)
{
	return iv_alibaba_endpoints_new(region, (const char *const *)endpoints->given, error);
}

IvAlibabaEndpoints *iv_alibaba_endpoints_with(const IvAlibabaEndpoints *endpoints,
					      IvAlibabaService service, const char *url,
					      GError **error)
{
	guint count = endpoints->given != NULL ? g_strv_length(endpoints->given) : 0;
	g_auto(GStrv) given = g_new0(char *, count + 2);

	for (guint i = 0; i < count; i++)
		given[i] = g_strdup(endpoints->given[i]);
	given[count] = g_strdup_printf("%s=%s", services[service].name, url);
	return iv_alibaba_endpoints_new(endpoints->region, (const char *const *)given, error);
}

bool iv_alibaba_endpoint_given(const IvAlibabaEndpoints *endpoints, IvAlibabaService service)
{
	return endpoints->chosen[service];
}

IvAlibabaEndpoints *iv_alibaba_endpoints_ref(IvAlibabaEndpoints *endpoints)
{
	g_atomic_int_inc(&endpoints->refs);
	return endpoints;
}

void iv_alibaba_endpoints_unref(IvAlibabaEndpoints *endpoints)
{
	if (endpoints == NULL || !g_atomic_int_dec_and_test(&endpoints->refs))
		return;
	for (int i = 0; i < IV_ALIBABA_SERVICES; i++)
		iv_endpoint_free(endpoints->of[i]);
	g_strfreev(endpoints->given);
	g_free(endpoints->region);
	g_free(endpoints);
}
