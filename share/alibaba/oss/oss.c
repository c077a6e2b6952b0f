/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oss.c - see oss.h: the bucket, and the calls on single objects */
#include "share/alibaba/oss/oss.h"

#include <string.h>

#include "scanner/base/error.h"
#include "share/alibaba/call/read.h"
#include "share/alibaba/oss/call.h"
#include "share/alibaba/oss/xml.h"
#include "share/base/limits.h"

/* --- the bucket ------------------------------------------------------------------------ */

bool iv_oss_bucket_ok(const char *bucket)
{
	size_t len = strlen(bucket);

	if (len < 3 || len > 63 || bucket[0] == '-' || bucket[len - 1] == '-')
		return false;
	return strspn(bucket, "abcdefghijklmnopqrstuvwxyz0123456789-") == len;
}

bool iv_oss_key_ok(const char *key)
{
	size_t len = strlen(key);

	if (len < 1 || len > 1023 || strchr("/\\", key[0]) != NULL ||
	    !g_utf8_validate(key, (gssize)len, NULL))
		return false;
	for (const char *p = key; *p != '\0'; p = g_utf8_next_char(p))
		if (g_unichar_iscntrl(g_utf8_get_char(p)))
			return false;
	return true;
}

static IvEndpoint *bucket_endpoint(const IvEndpoint *region_endpoint, const char *region,
				   const char *bucket, bool internal, GError **error)
{
	g_autofree char *usual = g_strdup_printf("oss-%s.aliyuncs.com", region);
	g_autofree char *inner = g_strdup_printf("oss-%s-internal.aliyuncs.com", region);
	const char *host = region_endpoint->host;
	g_autofree char *url = NULL;

	if (region_endpoint->loopback)
		return iv_endpoint_parse(region_endpoint->base, error);
	if (internal && strcmp(host, usual) == 0)
		host = inner;
	url = g_strdup_printf("https://%s.%s", bucket, host);
	return iv_endpoint_parse(url, error);
}

IvOss *iv_oss_new(const IvAlibabaClient *client, const char *region, const char *bucket,
		  bool internal, GError **error)
{
	const IvEndpoint *of_region = iv_alibaba_endpoint(client->endpoints, IV_ALIBABA_OSS);
	g_autoptr(IvOss) oss = g_new0(IvOss, 1);

	if (!iv_oss_bucket_ok(bucket)) {
		iv_fail(error, IV_ERROR_USAGE,
			"the bucket's name cannot be one\n"
			"it has 3 to 63 lower-case letters, digits and '-', the latter not at its ends");
		return NULL;
	}
	oss->endpoint = bucket_endpoint(of_region, region, bucket, internal, error);
	if (oss->endpoint == NULL)
		return NULL;
	oss->path_style = of_region->loopback;
	oss->region = g_strdup(region);
	oss->bucket = g_strdup(bucket);
	oss->client = iv_alibaba_client_new(client->endpoints, client->source);
	oss->client->recorder = client->recorder;
	oss->client->deadline = client->deadline;
	return g_steal_pointer(&oss);
}

void iv_oss_free(IvOss *oss)
{
	if (oss == NULL)
		return;
	iv_alibaba_client_free(oss->client);
	iv_endpoint_free(oss->endpoint);
	g_free(oss->region);
	g_free(oss->bucket);
	g_free(oss);
}

/* --- what is known of an object ------------------------------------------------------------ */

void iv_oss_object_free(IvOssObject *object)
{
	if (object == NULL)
		return;
	g_free(object->key);
	g_free(object->etag);
	g_free(object);
}

bool iv_oss_etag_ok(const char *etag)
{
	if (etag == NULL || *etag == '\0' || strlen(etag) > 128)
		return false;
	for (; *etag != '\0'; etag++)
		if (!g_ascii_isgraph(*etag) || strchr("<>&", *etag) != NULL)
			return false;
	return true;
}

IvOssObject *iv_oss_object_of(const IvHttpAnswer *answer, const char *name, const char *key,
			      bool sized, GError **error)
{
	const char *crc = iv_http_header(answer, "x-oss-hash-crc64ecma");
	const char *etag = iv_http_header(answer, "etag");
	const char *size = iv_http_header(answer, "content-length");
	g_autoptr(IvOssObject) object = g_new0(IvOssObject, 1);

	object->has_crc = crc != NULL;
	if (!iv_oss_etag_ok(etag) ||
	    (crc != NULL && !iv_oss_number(crc, G_MAXUINT64, &object->crc)) ||
	    (sized && !iv_oss_number(size, IV_OBJECT_MAX_SIZE, &object->size))) {
		iv_alibaba_nonsense(error, name, "size, ETag or checksum are none");
		return NULL;
	}
	object->key = g_strdup(key);
	object->etag = g_strdup(etag);
	return g_steal_pointer(&object);
}

static bool key_checked(const char *key, GError **error)
{
	return iv_oss_key_ok(key) ||
	       iv_fail(error, IV_ERROR_USAGE,
		       "the object's name cannot be one\n"
		       "it has 1 to 1023 bytes of UTF-8, no control characters, and no / in front");
}

bool iv_oss_head(IvOss *oss, const char *key, IvOssObject **object, GError **error)
{
	IvOssCall call = {.name = "HeadObject", .method = "HEAD", .key = key};
	g_autoptr(IvHttpAnswer) answer = NULL;
	g_autoptr(GError) problem = NULL;
	IvCallTrace trace = {0};
	bool absent;

	*object = NULL;
	if (!key_checked(key, error))
		return false;
	answer = iv_oss_call(oss, &call, &trace, &problem);
	absent = g_strcmp0(trace.code, "NoSuchKey") == 0;
	iv_call_trace_clear(&trace);
	if (answer == NULL && absent)
		return true;
	if (answer == NULL) {
		g_propagate_error(error, g_steal_pointer(&problem));
		return false;
	}
	*object = iv_oss_object_of(answer, call.name, key, true, error);
	return *object != NULL;
}

bool iv_oss_delete(IvOss *oss, const char *key, GError **error)
{
	IvOssCall call = {.name = "DeleteObject", .method = "DELETE", .key = key, .changes = true,
			  .repeatable = true};
	g_autoptr(IvHttpAnswer) answer = NULL;
	IvCallTrace trace = {0};

	if (!key_checked(key, error))
		return false;
	answer = iv_oss_call(oss, &call, &trace, error);
	iv_call_trace_clear(&trace);
	return answer != NULL;
}
