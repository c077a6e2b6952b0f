/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sign.c - see sign.h */
#include "share/alibaba/call/sign.h"
#include "scanner/base/text.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

#define ALGORITHM "ACS3-HMAC-SHA256"
#define SHA256_BYTES 32

char *iv_acs3_encode(const char *text)
{
	static const char hex[] = "0123456789ABCDEF";
	GString *out = g_string_new(NULL);

	for (const char *p = text; *p != '\0'; p++) {
		unsigned char c = (unsigned char)*p;

		if (g_ascii_isalnum(*p) || strchr("-_.~", *p) != NULL) {
			g_string_append_c(out, *p);
		} else {
			g_string_append_c(out, '%');
			g_string_append_c(out, hex[c >> 4]);
			g_string_append_c(out, hex[c & 15]);
		}
	}
	return g_string_free(out, FALSE);
}

static int by_name(gconstpointer a, gconstpointer b)
{
	const IvPair *left = *(IvPair *const *)a, *right = *(IvPair *const *)b;
	int order = strcmp(left->name, right->name);

	return order != 0 ? order : strcmp(left->value, right->value);
}

/* The same pairs in order; they stay owned by the original list. */
static GPtrArray *sorted(const GPtrArray *pairs)
{
	GPtrArray *copy = g_ptr_array_sized_new(pairs->len);

	for (guint i = 0; i < pairs->len; i++)
		g_ptr_array_add(copy, pairs->pdata[i]);
	g_ptr_array_sort(copy, by_name);
	return copy;
}

char *iv_acs3_query(const GPtrArray *pairs)
{
	g_autoptr(GPtrArray) order = sorted(pairs);
	GString *out = g_string_new(NULL);

	for (guint i = 0; i < order->len; i++) {
		const IvPair *pair = order->pdata[i];
		g_autofree char *name = iv_acs3_encode(pair->name);
		g_autofree char *value = iv_acs3_encode(pair->value);

		g_string_append_printf(out, "%s%s=%s", i > 0 ? "&" : "", name, value);
	}
	return g_string_free(out, FALSE);
}

static char *hex_of(const unsigned char *bytes, size_t len)
{
	GString *out = g_string_sized_new(2 * len + 1);

	for (size_t i = 0; i < len; i++)
		g_string_append_printf(out, "%02x", bytes[i]);
	return g_string_free(out, FALSE);
}

char *iv_acs3_sha256(const void *bytes, size_t len)
{
	unsigned char digest[SHA256_BYTES] = {0};

	if (EVP_Digest(bytes, len, digest, NULL, EVP_sha256(), NULL) != 1)
		g_error("SHA-256 is not available from the cryptographic library");
	return hex_of(digest, sizeof digest);
}

/* Lower-case names and trimmed values, in order of names. */
static GPtrArray *canonical_headers(const GPtrArray *headers)
{
	GPtrArray *plain = iv_pairs_new();

	for (guint i = 0; i < headers->len; i++) {
		const IvPair *header = headers->pdata[i];
		g_autofree char *name = g_ascii_strdown(header->name, -1);
		char *value = g_strstrip(g_strdup(header->value));

		iv_pairs_add(plain, name, value);
		iv_text_wipe(value);
	}
	g_ptr_array_sort(plain, by_name);
	return plain;
}

/* Several values of one name are joined by a comma, in their order. */
static void append_headers(const GPtrArray *plain, GString *lines, GString *names)
{
	const char *last = NULL;

	for (guint i = 0; i < plain->len; i++) {
		const IvPair *header = plain->pdata[i];

		if (last != NULL && strcmp(last, header->name) == 0) {
			g_string_append_printf(lines, ",%s", header->value);
			continue;
		}
		g_string_append_printf(lines, "%s%s:%s", last != NULL ? "\n" : "", header->name,
				       header->value);
		g_string_append_printf(names, "%s%s", last != NULL ? ";" : "", header->name);
		last = header->name;
	}
	g_string_append_c(lines, '\n');
}

static char *hmac_hex(const char *secret, const char *text)
{
	unsigned char mac[SHA256_BYTES] = {0};
	unsigned int len = sizeof mac;

	if (HMAC(EVP_sha256(), secret, (int)strlen(secret), (const unsigned char *)text,
		 strlen(text), mac, &len) == NULL)
		g_error("HMAC-SHA-256 is not available from the cryptographic library");
	return hex_of(mac, sizeof mac);
}

IvAcs3Signature *iv_acs3_sign(const IvAcs3Request *request, const char *key_id, const char *secret)
{
	IvAcs3Signature *signature = g_new0(IvAcs3Signature, 1);
	g_autoptr(GPtrArray) plain = canonical_headers(request->headers);
	GString *lines = g_string_new(NULL), *names = g_string_new(NULL);
	g_autofree char *to_sign = NULL;

	append_headers(plain, lines, names);
	signature->canonical =
		g_strdup_printf("%s\n%s\n%s\n%s\n%s\n%s", request->method, request->uri,
				request->query, lines->str, names->str, request->body_sha256);
	signature->canonical_sha256 =
		iv_acs3_sha256(signature->canonical, strlen(signature->canonical));
	to_sign = g_strdup_printf(ALGORITHM "\n%s", signature->canonical_sha256);
	signature->signature = hmac_hex(secret, to_sign);
	signature->signed_headers = g_string_free(names, FALSE);
	signature->authorization =
		g_strdup_printf(ALGORITHM " Credential=%s,SignedHeaders=%s,Signature=%s", key_id,
				signature->signed_headers, signature->signature);
	iv_text_wipe(g_string_free(lines, FALSE));
	return signature;
}

void iv_acs3_signature_free(IvAcs3Signature *signature)
{
	if (signature == NULL)
		return;
	iv_text_wipe(signature->canonical);
	g_free(signature->canonical_sha256);
	g_free(signature->signed_headers);
	g_free(signature->signature);
	g_free(signature->authorization);
	g_free(signature);
}
