/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_oss_sign.c - signatures of the object storage against the vectors of the
 * official signers, and against more that another program computed. */
#include <string.h>

#include "share/alibaba/call/sign.h"
#include "share/alibaba/oss/sign.h"
#include "tests/unit/alibaba/vectors.h"

static const cJSON *member(const cJSON *object, const char *name)
{
	return cJSON_GetObjectItemCaseSensitive(object, name);
}

/* --- a vector as a request ------------------------------------------------------------ */

static gint64 time_of(const char *date)
{
	g_autoptr(GDateTime) moment = g_date_time_new_from_iso8601(date, NULL);

	g_assert_nonnull(moment);
	return g_date_time_to_unix(moment);
}

static GPtrArray *pairs_of(const cJSON *object)
{
	GPtrArray *pairs = iv_pairs_new();
	const cJSON *item;

	cJSON_ArrayForEach(item, object)
		iv_pairs_add(pairs, item->string, item->valuestring);
	return pairs;
}

/* Headers as the client sends them, those that are not signed among them. */
static GPtrArray *headers_of(const cJSON *in)
{
	GPtrArray *headers = pairs_of(member(in, "headers"));
	const cJSON *item;

	cJSON_ArrayForEach(item, member(in, "unsigned_headers"))
		iv_pairs_add(headers, item->string, item->valuestring);
	iv_pairs_add(headers, "x-oss-date", text_of(in, "date"));
	iv_pairs_add(headers, "x-oss-content-sha256", "UNSIGNED-PAYLOAD");
	if (text_of(in, "security_token") != NULL)
		iv_pairs_add(headers, "x-oss-security-token", text_of(in, "security_token"));
	return headers;
}

static GPtrArray *additional_of(const cJSON *in)
{
	GPtrArray *names = g_ptr_array_new();
	const cJSON *item;

	cJSON_ArrayForEach(item, member(in, "additional_headers"))
		g_ptr_array_add(names, item->valuestring);
	g_ptr_array_add(names, NULL);
	return names;
}

static IvCredentials as_of(const cJSON *in)
{
	return (IvCredentials){.key_id = (char *)text_of(in, "access_key_id"),
			       .secret = (char *)text_of(in, "access_key_secret"),
			       .token = (char *)text_of(in, "security_token")};
}

static void check_vector(gconstpointer data)
{
	const cJSON *vector = data, *in = member(vector, "inputs");
	g_autoptr(GPtrArray) query = pairs_of(member(in, "queries"));
	g_autoptr(GPtrArray) headers = headers_of(in);
	g_autoptr(GPtrArray) additional = additional_of(in);
	IvCredentials as = as_of(in);
	IvOssRequest request = {.method = text_of(in, "method"), .region = text_of(in, "region"),
				.bucket = text_of(in, "bucket"), .key = text_of(in, "object"),
				.query = query, .headers = headers,
				.additional = (const char *const *)additional->pdata,
				.time = time_of(text_of(in, "date"))};
	g_autoptr(IvOssSignature) s = iv_oss_sign(&request, &as);
	g_autofree char *with = iv_oss_path(request.bucket, request.key);
	g_autofree char *without = iv_oss_path(NULL, request.key);

	g_assert_cmpstr(text_of(vector, "form"), ==, "header");
	g_assert_cmpstr(s->canonical, ==, text_of(vector, "canonical_request"));
	g_assert_cmpstr(s->to_sign, ==, text_of(vector, "string_to_sign"));
	g_assert_cmpstr(s->signature, ==, text_of(vector, "signature"));
	g_assert_cmpstr(s->authorization, ==, text_of(vector, "authorization"));
	g_assert_nonnull(request.bucket);
	g_assert_true(g_str_has_prefix(with + 1, request.bucket));
	g_assert_cmpstr(with + 1 + strlen(request.bucket), ==, without);
}

static void check_sensitive(void)
{
	IvCredentials as = {.key_id = (char *)"id", .secret = (char *)"secret"};
	IvCredentials other = {.key_id = (char *)"id", .secret = (char *)"secreu"};
	IvOssRequest request = {.method = "GET", .region = "cn-x", .bucket = "b", .key = "k",
				.time = 1};
	g_autoptr(IvOssSignature) first = iv_oss_sign(&request, &as);
	g_autoptr(IvOssSignature) second = iv_oss_sign(&request, &other), third = NULL;

	request.region = "cn-y";
	third = iv_oss_sign(&request, &as);
	g_assert_cmpstr(first->signature, !=, second->signature);
	g_assert_cmpstr(first->signature, !=, third->signature);
	g_assert_null(strstr(first->authorization, "secret"));
}

int main(int argc, char **argv)
{
	cJSON *official, *more;
	int status;

	g_test_init(&argc, &argv, NULL);
	official = load_vectors("oss4-vectors.json");
	more = load_vectors("oss-more-vectors.json");
	add_vectors(official, "/oss-sign/", 11, check_vector);
	add_vectors(more, "/oss-sign/more/", 2, check_vector);
	g_test_add_func("/oss-sign/sensitive", check_sensitive);
	status = g_test_run();
	cJSON_Delete(official);
	cJSON_Delete(more);
	return status;
}
