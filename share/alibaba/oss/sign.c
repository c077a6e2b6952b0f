/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sign.c - see sign.h */
#include "share/alibaba/oss/sign.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

#include "scanner/base/text.h"
#include "share/alibaba/call/sign.h"

#define ALGORITHM "OSS4-HMAC-SHA256"
#define PAYLOAD "UNSIGNED-PAYLOAD"
#define TERMINATOR "aliyun_v4_request"
#define SHA256_BYTES 32

void iv_oss_signature_free(IvOssSignature *signature)
{
	if (signature == NULL)
		return;
	iv_text_wipe(signature->canonical);
	iv_text_wipe(signature->to_sign);
	g_free(signature->signature);
	g_free(signature->authorization);
	g_free(signature);
}

/* --- the parts ---------------------------------------------------------------------- */

char *iv_oss_date(gint64 time)
{
	g_autoptr(GDateTime) moment = g_date_time_new_from_unix_utc(time);

	return g_date_time_format(moment, "%Y%m%dT%H%M%SZ");
}

char *iv_oss_path(const char *bucket, const char *key)
{
	g_auto(GStrv) parts = g_strsplit(key != NULL ? key : "", "/", -1);
	GString *path = g_string_new("/");

	if (bucket != NULL)
		g_string_append_printf(path, "%s/", bucket);
	for (guint i = 0; parts[i] != NULL; i++) {
		g_autofree char *encoded = iv_acs3_encode(parts[i]);

		g_string_append_printf(path, "%s%s", i > 0 ? "/" : "", encoded);
	}
	return g_string_free(path, FALSE);
}

static int by_first(gconstpointer a, gconstpointer b)
{
	return strcmp(((const IvPair *)*(void *const *)a)->name,
		      ((const IvPair *)*(void *const *)b)->name);
}

char *iv_oss_query(const GPtrArray *pairs)
{
	g_autoptr(GPtrArray) encoded = iv_pairs_new();
	GString *out = g_string_new(NULL);

	for (guint i = 0; pairs != NULL && i < pairs->len; i++) {
		const IvPair *pair = pairs->pdata[i];
		g_autofree char *name = iv_acs3_encode(pair->name);
		g_autofree char *value = iv_acs3_encode(pair->value != NULL ? pair->value : "");

		iv_pairs_add(encoded, name, value);
	}
	g_ptr_array_sort(encoded, by_first);
	for (guint i = 0; i < encoded->len; i++) {
		const IvPair *pair = encoded->pdata[i];

		g_string_append_printf(out, "%s%s%s%s", i > 0 ? "&" : "", pair->name,
				       *pair->value != '\0' ? "=" : "", pair->value);
	}
	return g_string_free(out, FALSE);
}

static bool is_always_signed(const char *name)
{
	return strcmp(name, "content-type") == 0 || strcmp(name, "content-md5") == 0 ||
	       g_str_has_prefix(name, "x-oss-");
}

static bool is_additional(const IvOssRequest *request, const char *name)
{
	for (guint i = 0; request->additional != NULL && request->additional[i] != NULL; i++)
		if (g_ascii_strcasecmp(request->additional[i], name) == 0)
			return !is_always_signed(name);
	return false;
}

/* The signed headers, names in lower case, values trimmed, in order of names. */
static GPtrArray *signed_headers(const IvOssRequest *request)
{
	GPtrArray *out = iv_pairs_new();

	for (guint i = 0; request->headers != NULL && i < request->headers->len; i++) {
		const IvPair *header = request->headers->pdata[i];
		g_autofree char *name = g_ascii_strdown(header->name, -1);
		char *value = g_strstrip(g_strdup(header->value));

		if (is_always_signed(name) || is_additional(request, name))
			iv_pairs_add(out, name, value);
		iv_text_wipe(value);
	}
	g_ptr_array_sort(out, by_first);
	return out;
}

/* Names of the additional headers that the request has, "host;range". */
static char *additional_names(const IvOssRequest *request, const GPtrArray *headers)
{
	GString *names = g_string_new(NULL);

	for (guint i = 0; i < headers->len; i++) {
		const char *name = ((const IvPair *)headers->pdata[i])->name;

		if (is_additional(request, name))
			g_string_append_printf(names, "%s%s", names->len > 0 ? ";" : "", name);
	}
	return g_string_free(names, FALSE);
}

/* --- OSS4-HMAC-SHA256 ------------------------------------------------------------------ */

static void hmac(const void *key, size_t key_len, const char *text, unsigned char *mac)
{
	unsigned int len = SHA256_BYTES;

	if (HMAC(EVP_sha256(), key, (int)key_len, (const unsigned char *)text, strlen(text), mac,
		 &len) == NULL)
		g_error("HMAC-SHA-256 is not available from the cryptographic library");
}

/* The key of one day, region and service: each step is the key of the next. */
static void signing_key(const char *secret, const char *day, const char *region,
			unsigned char *key)
{
	const char *const steps[] = {region, "oss", TERMINATOR};
	char *first = g_strconcat("aliyun_v4", secret, NULL);

	hmac(first, strlen(first), day, key);
	for (gsize i = 0; i < G_N_ELEMENTS(steps); i++) {
		unsigned char last[SHA256_BYTES];

		memcpy(last, key, sizeof last);
		hmac(last, sizeof last, steps[i], key);
		explicit_bzero(last, sizeof last);
	}
	iv_text_wipe(first);
}

/* "20260102/cn-hangzhou/oss/aliyun_v4_request" */
static char *scope_of(const IvOssRequest *request)
{
	g_autofree char *date = iv_oss_date(request->time);

	return g_strdup_printf("%.8s/%s/oss/" TERMINATOR, date, request->region);
}

static char *canonical_of(const IvOssRequest *request, const GPtrArray *headers,
			  const char *query, const char *additional)
{
	g_autofree char *path = iv_oss_path(request->bucket, request->key);
	GString *text = g_string_new(NULL);

	g_string_printf(text, "%s\n%s\n%s\n", request->method, path, query);
	for (guint i = 0; i < headers->len; i++) {
		const IvPair *header = headers->pdata[i];

		g_string_append_printf(text, "%s:%s\n", header->name, header->value);
	}
	g_string_append_printf(text, "\n%s\n" PAYLOAD, additional);
	return g_string_free(text, FALSE);
}

IvOssSignature *iv_oss_sign(const IvOssRequest *request, const IvCredentials *as)
{
	IvOssSignature *s = g_new0(IvOssSignature, 1);
	g_autoptr(GPtrArray) headers = signed_headers(request);
	g_autofree char *query = iv_oss_query(request->query);
	g_autofree char *additional = additional_names(request, headers);
	g_autofree char *date = iv_oss_date(request->time), *scope = scope_of(request);
	g_autofree char *day = g_strndup(date, 8), *digest = NULL;
	unsigned char key[SHA256_BYTES], mac[SHA256_BYTES];

	s->canonical = canonical_of(request, headers, query, additional);
	digest = iv_acs3_sha256(s->canonical, strlen(s->canonical));
	s->to_sign = g_strdup_printf(ALGORITHM "\n%s\n%s\n%s", date, scope, digest);
	signing_key(as->secret, day, request->region, key);
	hmac(key, sizeof key, s->to_sign, mac);
	explicit_bzero(key, sizeof key);
	s->signature = iv_text_hex(mac, sizeof mac);
	s->authorization = g_strdup_printf(
		ALGORITHM " Credential=%s/%s,%s%s%sSignature=%s", as->key_id, scope,
		*additional != '\0' ? "AdditionalHeaders=" : "", additional,
		*additional != '\0' ? "," : "", s->signature);
	return s;
}
