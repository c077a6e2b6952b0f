/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_sign.c - the request signature against the vectors of the official signer. */
#include <string.h>

#include "scanner/base/error.h"
#include "share/alibaba/call/sign.h"
#include "tests/unit/alibaba/vectors.h"

/* The headers a request has on the wire; those not to be signed stay out. */
static GPtrArray *headers_of(const cJSON *vector)
{
	const cJSON *in = cJSON_GetObjectItemCaseSensitive(vector, "inputs"), *extra;
	GPtrArray *headers = iv_pairs_new();

	iv_pairs_add(headers, "x-acs-action", text_of(in, "action"));
	iv_pairs_add(headers, "x-acs-version", text_of(in, "version"));
	iv_pairs_add(headers, "Host", text_of(in, "host"));
	iv_pairs_add(headers, "X-Acs-Date", text_of(in, "date"));
	iv_pairs_add(headers, "x-acs-signature-nonce", text_of(in, "nonce"));
	iv_pairs_add(headers, "x-acs-content-sha256", text_of(vector, "hashed_payload"));
	if (text_of(in, "security_token") != NULL) {
		iv_pairs_add(headers, "x-acs-accesskey-id", text_of(in, "access_key_id"));
		iv_pairs_add(headers, "x-acs-security-token", text_of(in, "security_token"));
	}
	if (text_of(vector, "content_type") != NULL)
		iv_pairs_add(headers, "Content-Type", text_of(vector, "content_type"));
	cJSON_ArrayForEach(extra, cJSON_GetObjectItemCaseSensitive(in, "extra_headers"))
		iv_pairs_add(headers, extra->string, extra->valuestring);
	return headers;
}

static void check_vector(gconstpointer data)
{
	const cJSON *vector = data, *item;
	const cJSON *in = cJSON_GetObjectItemCaseSensitive(vector, "inputs");
	g_autoptr(GPtrArray) headers = headers_of(vector), params = iv_pairs_new();
	const char *body = text_of(vector, "body");
	g_autofree char *query = NULL, *body_sha256 = iv_acs3_sha256(body, strlen(body));
	g_autoptr(IvAcs3Signature) s = NULL;

	cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(vector, "flattened_query"))
		iv_pairs_add(params, item->string, item->valuestring);
	query = iv_acs3_query(params);
	g_assert_cmpstr(query, ==, text_of(vector, "canonical_query"));
	g_assert_cmpstr(body_sha256, ==, text_of(vector, "hashed_payload"));
	s = iv_acs3_sign(&(IvAcs3Request){.method = text_of(in, "method"),
					  .uri = text_of(vector, "canonical_uri"),
					  .query = query,
					  .headers = headers,
					  .body_sha256 = body_sha256},
			 text_of(in, "access_key_id"), text_of(in, "access_key_secret"));
	g_assert_cmpstr(s->canonical, ==, text_of(vector, "canonical_request"));
	g_assert_cmpstr(s->canonical_sha256, ==, text_of(vector, "hashed_canonical_request"));
	g_assert_cmpstr(s->signed_headers, ==, text_of(vector, "signed_headers"));
	g_assert_cmpstr(s->signature, ==, text_of(vector, "signature"));
	g_assert_cmpstr(s->authorization, ==, text_of(vector, "authorization"));
}

/* One byte more in any part gives another signature. */
static void check_sensitive(void)
{
	g_autoptr(GPtrArray) headers = iv_pairs_new();
	IvAcs3Request request = {.method = "POST", .uri = "/", .query = "A=1", .headers = headers,
				 .body_sha256 = "00"};
	g_autoptr(IvAcs3Signature) first = NULL, other_query = NULL, other_secret = NULL;

	iv_pairs_add(headers, "host", "ecs.example");
	first = iv_acs3_sign(&request, "id", "secret");
	other_secret = iv_acs3_sign(&request, "id", "secreu");
	request.query = "A=2";
	other_query = iv_acs3_sign(&request, "id", "secret");
	g_assert_cmpstr(first->signature, !=, other_query->signature);
	g_assert_cmpstr(first->signature, !=, other_secret->signature);
	g_assert_null(strstr(first->authorization, "secret"));
}

static void check_joined_headers(void)
{
	g_autoptr(GPtrArray) headers = iv_pairs_new();
	g_autoptr(IvAcs3Signature) s = NULL;

	iv_pairs_add(headers, "x-acs-b", " 2 ");
	iv_pairs_add(headers, "X-Acs-B", "1");
	iv_pairs_add(headers, "x-acs-a", "");
	s = iv_acs3_sign(&(IvAcs3Request){.method = "GET", .uri = "/", .query = "",
					  .headers = headers, .body_sha256 = "h"},
			 "id", "secret");
	g_assert_cmpstr(s->canonical, ==, "GET\n/\n\nx-acs-a:\nx-acs-b:1,2\n\nx-acs-a;x-acs-b\nh");
}

static void check_list(void)
{
	const char *accounts[] = {"1", "2", "3", "4", "5", "6", "7", "8", "9", "10", NULL};
	g_autoptr(GPtrArray) pairs = iv_pairs_new();
	g_autofree char *query = NULL;

	iv_pairs_add_list(pairs, "AddAccount", accounts);
	query = iv_acs3_query(pairs);
	g_assert_true(g_str_has_prefix(query, "AddAccount.1=1&AddAccount.10=10&AddAccount.2=2&"));
}

int main(int argc, char **argv)
{
	cJSON *official, *more;
	int status;

	g_test_init(&argc, &argv, NULL);
	official = load_vectors("acs3-vectors.json");
	more = load_vectors("acs3-more-vectors.json"); /* of a program in another language */
	add_vectors(official, "/sign/", 14, check_vector);
	add_vectors(more, "/sign/more/", 2, check_vector);
	g_test_add_func("/sign/sensitive", check_sensitive);
	g_test_add_func("/sign/joined-headers", check_joined_headers);
	g_test_add_func("/sign/list", check_list);
	status = g_test_run();
	cJSON_Delete(official);
	cJSON_Delete(more);
	return status;
}
