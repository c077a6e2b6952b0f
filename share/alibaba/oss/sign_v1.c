/* sign_v1.c - see sign.h: the old form of OSS, HMAC-SHA1 */
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

#include "share/alibaba/call/pairs.h"
#include "share/alibaba/oss/sign.h"

#define SHA1_BYTES 20

/* Query names that change what is asked for, so they are part of the resource.
 * Those of buckets' settings that imgvet never touches are left out. */
static const char *const sub_resources[] = {
	"acl",		"append",     "continuation-token", "delete",  "location",
	"partNumber",	"position",   "security-token",	    "stat",    "symlink",
	"uploadId",	"uploads",    "versionId",	    "x-oss-process",
};

static bool is_sub_resource(const char *name)
{
	for (gsize i = 0; i < G_N_ELEMENTS(sub_resources); i++)
		if (strcmp(sub_resources[i], name) == 0)
			return true;
	return g_str_has_prefix(name, "response-");
}

static int by_name(gconstpointer a, gconstpointer b)
{
	return strcmp(((const IvPair *)*(void *const *)a)->name,
		      ((const IvPair *)*(void *const *)b)->name);
}

/* "/bucket/key?uploadId=U", nothing encoded. */
static void append_resource(GString *text, const IvOssRequest *request, const GPtrArray *query)
{
	g_autoptr(GPtrArray) order = g_ptr_array_new();
	char mark = '?';

	g_string_append_printf(text, "/%s/%s", request->bucket,
			       request->key != NULL ? request->key : "");
	for (guint i = 0; query != NULL && i < query->len; i++)
		if (is_sub_resource(((const IvPair *)query->pdata[i])->name))
			g_ptr_array_add(order, query->pdata[i]);
	g_ptr_array_sort(order, by_name);
	for (guint i = 0; i < order->len; i++) {
		const IvPair *pair = order->pdata[i];

		g_string_append_printf(text, "%c%s", mark, pair->name);
		if (pair->value != NULL && *pair->value != '\0')
			g_string_append_printf(text, "=%s", pair->value);
		mark = '&';
	}
}

static const char *header_of(const IvOssRequest *request, const char *name)
{
	for (guint i = 0; request->headers != NULL && i < request->headers->len; i++) {
		const IvPair *header = request->headers->pdata[i];

		if (g_ascii_strcasecmp(header->name, name) == 0)
			return header->value;
	}
	return "";
}

static void append_oss_headers(GString *text, const IvOssRequest *request)
{
	g_autoptr(GPtrArray) plain = iv_pairs_new();

	for (guint i = 0; request->headers != NULL && i < request->headers->len; i++) {
		const IvPair *header = request->headers->pdata[i];
		g_autofree char *name = g_ascii_strdown(header->name, -1);

		if (g_str_has_prefix(name, "x-oss-"))
			iv_pairs_add(plain, name, header->value);
	}
	g_ptr_array_sort(plain, by_name);
	for (guint i = 0; i < plain->len; i++) {
		const IvPair *header = plain->pdata[i];

		g_string_append_printf(text, "%s:%s\n", header->name, header->value);
	}
}

/* `when`: the date, or the second at which a link ends. */
static IvOssSignature *sign(const IvOssRequest *request, const GPtrArray *query, const char *when,
			    const char *secret)
{
	IvOssSignature *s = g_new0(IvOssSignature, 1);
	GString *text = g_string_new(NULL);
	unsigned char mac[SHA1_BYTES];
	unsigned int len = sizeof mac;

	g_string_printf(text, "%s\n%s\n%s\n%s\n", request->method,
			header_of(request, "content-md5"), header_of(request, "content-type"),
			when);
	append_oss_headers(text, request);
	append_resource(text, request, query);
	if (HMAC(EVP_sha1(), secret, (int)strlen(secret), (const unsigned char *)text->str,
		 text->len, mac, &len) == NULL)
		g_error("HMAC-SHA-1 is not available from the cryptographic library");
	s->to_sign = g_string_free(text, FALSE);
	s->signature = g_base64_encode(mac, sizeof mac);
	return s;
}

IvOssSignature *iv_oss_sign_v1(const IvOssRequest *request, const IvCredentials *as,
			       const char *date)
{
	IvOssSignature *s = sign(request, request->query, date, as->secret);

	s->authorization = g_strdup_printf("OSS %s:%s", as->key_id, s->signature);
	return s;
}

IvOssSignature *iv_oss_presign_v1(const IvOssRequest *request, const IvCredentials *as,
				  gint64 expires)
{
	g_autoptr(GPtrArray) pairs = iv_pairs_new();
	g_autofree char *when = g_strdup_printf("%" G_GINT64_FORMAT, expires);
	IvOssSignature *s;

	for (guint i = 0; request->query != NULL && i < request->query->len; i++) {
		const IvPair *pair = request->query->pdata[i];

		iv_pairs_add(pairs, pair->name, pair->value);
	}
	if (as->token != NULL)
		iv_pairs_add(pairs, "security-token", as->token);
	s = sign(request, pairs, when, as->secret);
	iv_pairs_add(pairs, "OSSAccessKeyId", as->key_id);
	iv_pairs_add(pairs, "Expires", when);
	iv_pairs_add(pairs, "Signature", s->signature);
	s->query = iv_oss_query(pairs);
	return s;
}
