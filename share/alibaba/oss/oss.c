/* oss.c - see oss.h: the bucket, and the calls on single objects and lists */
#include "share/alibaba/oss/oss.h"

#include <string.h>

#include "scanner/base/error.h"
#include "share/alibaba/call/read.h"
#include "share/alibaba/call/pairs.h"
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

/* --- small changes ---------------------------------------------------------------------------- */

bool iv_oss_put(IvOss *oss, const char *key, const char *content_type, const void *bytes,
		gsize len, GError **error)
{
	g_autoptr(GPtrArray) headers = iv_pairs_new();
	g_autoptr(GChecksum) md5 = g_checksum_new(G_CHECKSUM_MD5);
	IvOssCall call = {.name = "PutObject", .method = "PUT", .key = key, .headers = headers,
			  .body = bytes, .length = len, .changes = true, .repeatable = true};
	g_autoptr(IvHttpAnswer) answer = NULL;
	g_autofree char *digest = NULL;
	IvCallTrace trace = {0};
	guint8 raw[16];
	gsize raw_len = sizeof raw;

	if (!key_checked(key, error))
		return false;
	g_checksum_update(md5, bytes, (gssize)len);
	g_checksum_get_digest(md5, raw, &raw_len);
	digest = g_base64_encode(raw, raw_len);
	iv_pairs_add(headers, "Content-Type", content_type);
	iv_pairs_add(headers, "Content-MD5", digest);
	answer = iv_oss_call(oss, &call, &trace, error);
	iv_call_trace_clear(&trace);
	return answer != NULL;
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

/* --- lists ---------------------------------------------------------------------------------------- */

static void free_object(gpointer object)
{
	iv_oss_object_free(object);
}

/* Is the key one to be listed, and the entry complete? */
static bool object_ok(const IvOssObject *object, const char *prefix)
{
	return object->key != NULL && *object->key != '\0' && object->etag != NULL &&
	       g_str_has_prefix(object->key, prefix);
}

/* One child of Contents into the object that is being read. */
static bool take_member(IvOssObject *object, const char *name, const char *value)
{
	if (strcmp(name, "Key") == 0 && object->key == NULL && value != NULL) {
		object->key = g_uri_unescape_string(value, NULL);
		return object->key != NULL;
	}
	if (strcmp(name, "Size") == 0)
		return iv_oss_number(value, IV_OBJECT_MAX_SIZE, &object->size);
	if (strcmp(name, "ETag") == 0 && object->etag == NULL && iv_oss_etag_ok(value))
		object->etag = g_strdup(value);
	return true;
}

/* The objects of one page, behind those that are there; false for nonsense. */
static bool take_page(const GPtrArray *elements, const char *prefix, GPtrArray *objects)
{
	static const char contents[] = "ListBucketResult/Contents";
	guint first = objects->len;

	for (guint i = 0; i < elements->len; i++) {
		const IvPair *e = elements->pdata[i];

		if (strcmp(e->name, contents) == 0)
			g_ptr_array_add(objects, g_new0(IvOssObject, 1));
		else if (g_str_has_prefix(e->name, "ListBucketResult/Contents/") &&
			 !take_member(objects->pdata[objects->len - 1],
				      e->name + sizeof contents, e->value))
			return false;
	}
	for (guint i = first; i < objects->len; i++)
		if (!object_ok(objects->pdata[i], prefix))
			return false;
	return objects->len <= IV_OBJECT_MAX_LIST;
}

static GPtrArray *list_page(IvOss *oss, const char *prefix, const char *token, GError **error)
{
	g_autoptr(GPtrArray) query = iv_pairs_new();
	IvOssCall call = {.name = "ListObjectsV2", .method = "GET", .query = query};
	IvCallTrace trace = {0};
	GPtrArray *elements;

	iv_pairs_add(query, "list-type", "2");
	iv_pairs_add(query, "prefix", prefix);
	iv_pairs_add(query, "max-keys", "1000");
	iv_pairs_add(query, "encoding-type", "url");
	if (token != NULL)
		iv_pairs_add(query, "continuation-token", token);
	elements = iv_oss_ask(oss, &call, "ListBucketResult", &trace, error);
	iv_call_trace_clear(&trace);
	return elements;
}

/* Read a page; *token is the next one's, or NULL after the last. */
static bool add_page(IvOss *oss, const char *prefix, char **token, GPtrArray *objects,
		     GError **error)
{
	g_autoptr(GPtrArray) elements = list_page(oss, prefix, *token, error);
	const char *more = iv_oss_xml_text(elements, "ListBucketResult/IsTruncated");
	const char *next = iv_oss_xml_text(elements, "ListBucketResult/NextContinuationToken");
	guint before = objects->len;

	if (elements == NULL)
		return false;
	g_clear_pointer(token, g_free);
	if (!take_page(elements, prefix, objects))
		return iv_alibaba_nonsense(error, "ListObjectsV2", "an object of the list");
	if (g_strcmp0(more, "true") != 0)
		return g_strcmp0(more, "false") == 0 ||
		       iv_alibaba_nonsense(error, "ListObjectsV2", "whether it is the whole list");
	if (next == NULL || objects->len == before)
		return iv_alibaba_nonsense(error, "ListObjectsV2", "a page that leads nowhere");
	*token = g_strdup(next);
	return true;
}

GPtrArray *iv_oss_list(IvOss *oss, const char *prefix, GError **error)
{
	g_autoptr(GPtrArray) objects = g_ptr_array_new_with_free_func(free_object);
	g_autofree char *token = NULL;

	do {
		if (!add_page(oss, prefix, &token, objects, error))
			return NULL;
	} while (token != NULL);
	return g_steal_pointer(&objects);
}
