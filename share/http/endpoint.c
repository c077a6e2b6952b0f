/* SPDX-License-Identifier: GPL-3.0-or-later */
/* endpoint.c - see http.h: the address of a server, read with libcurl's own parser, so that the
 * host that is checked here is the host that it connects to. */
#include "share/http/http.h"

#include <curl/curl.h>
#include <gio/gio.h>
#include <string.h>

#include "scanner/base/error.h"

/* Link-local to the instance: no packet for it leaves the host. */
#define METADATA_HOST "100.100.100.200"

static char *url_part(CURLU *url, CURLUPart part)
{
	char *text = NULL, *copy;

	if (curl_url_get(url, part, &text, 0) != CURLUE_OK)
		return NULL;
	copy = g_strdup(text);
	curl_free(text);
	return copy;
}

/* Only one name is taken: libcurl itself maps localhost to the loopback addresses without asking a
 * resolver. */
static bool is_loopback(const char *host)
{
	g_autoptr(GInetAddress) address = NULL;
	g_autofree char *bare = g_strdup(host);

	if (g_ascii_strcasecmp(host, "localhost") == 0)
		return true;
	if (bare[0] == '[' && strlen(bare) > 2) {
		bare[strlen(bare) - 1] = '\0';
		memmove(bare, bare + 1, strlen(bare));
	}
	address = g_inet_address_new_from_string(bare);
	return address != NULL && g_inet_address_get_is_loopback(address);
}

static bool only_host(CURLU *url)
{
	static const CURLUPart unwanted[] = {CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_OPTIONS,
					     CURLUPART_QUERY, CURLUPART_FRAGMENT,
					     CURLUPART_ZONEID};
	g_autofree char *path = url_part(url, CURLUPART_PATH);

	for (gsize i = 0; i < G_N_ELEMENTS(unwanted); i++) {
		g_autofree char *part = url_part(url, unwanted[i]);

		if (part != NULL)
			return false;
	}
	return path == NULL || strcmp(path, "/") == 0;
}

static IvEndpoint *endpoint_of(CURLU *url, GError **error)
{
	g_autofree char *scheme = url_part(url, CURLUPART_SCHEME);
	g_autofree char *host = url_part(url, CURLUPART_HOST);
	g_autofree char *port = url_part(url, CURLUPART_PORT);
	bool secure = g_strcmp0(scheme, "https") == 0;
	IvEndpoint *endpoint;

	if (host == NULL || (!secure && g_strcmp0(scheme, "http") != 0) || !only_host(url)) {
		iv_fail(error, IV_ERROR_USAGE,
			"the endpoint must be https://HOST or https://HOST:PORT and nothing more");
		return NULL;
	}
	if (!secure && !is_loopback(host)) {
		iv_fail(error, IV_ERROR_USAGE,
			"the endpoint is plain http to a host that is not this machine\n"
			"use https; http is accepted for 127.0.0.1, [::1] and localhost only");
		return NULL;
	}
	if (port != NULL && strcmp(port, secure ? "443" : "80") == 0)
		g_clear_pointer(&port, g_free);
	endpoint = g_new0(IvEndpoint, 1);
	endpoint->loopback = is_loopback(host);
	endpoint->host = port != NULL ? g_strdup_printf("%s:%s", host, port) : g_strdup(host);
	endpoint->base = g_strdup_printf("%s://%s", scheme, endpoint->host);
	return endpoint;
}

IvEndpoint *iv_endpoint_parse(const char *text, GError **error)
{
	CURLU *url;
	IvEndpoint *endpoint = NULL;

	url = curl_url();
	if (url != NULL && curl_url_set(url, CURLUPART_URL, text, 0) == CURLUE_OK)
		endpoint = endpoint_of(url, error);
	else
		iv_fail(error, IV_ERROR_USAGE,
			"the endpoint is not a URL\nwrite it as https://HOST or https://HOST:PORT");
	curl_url_cleanup(url);
	return endpoint;
}

IvEndpoint *iv_endpoint_metadata(const char *override_url, GError **error)
{
	IvEndpoint *endpoint;

	if (override_url == NULL) {
		endpoint = g_new0(IvEndpoint, 1);
		endpoint->host = g_strdup(METADATA_HOST);
		endpoint->base = g_strdup("http://" METADATA_HOST);
	} else {
		endpoint = iv_endpoint_parse(override_url, error);
	}
	if (endpoint != NULL && override_url != NULL && !endpoint->loopback) {
		iv_endpoint_free(endpoint);
		iv_fail(error, IV_ERROR_USAGE,
			"the metadata service is at " METADATA_HOST " only\n"
			"another address must be one of this machine (127.0.0.1, [::1], "
			"localhost)");
		return NULL;
	}
	if (endpoint != NULL)
		endpoint->metadata = true;
	return endpoint;
}

void iv_endpoint_free(IvEndpoint *endpoint)
{
	if (endpoint == NULL)
		return;
	g_free(endpoint->base);
	g_free(endpoint->host);
	g_free(endpoint);
}

