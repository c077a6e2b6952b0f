/* test_oss_sign.c - signatures of the object storage against the vectors of the
 * official signers, and against more that another program computed. */
#include <string.h>

#include "scanner/base/cjson.h"
#include "share/alibaba/call/sign.h"
#include "share/alibaba/oss/sign.h"

static const cJSON *member(const cJSON *object, const char *name)
{
	return cJSON_GetObjectItemCaseSensitive(object, name);
}

static const char *text_of(const cJSON *object, const char *name)
{
	const cJSON *item = member(object, name);

	return cJSON_IsString(item) ? item->valuestring : NULL;
}

static cJSON *load_vectors(const char *name)
{
	g_autofree char *path = g_build_filename(g_getenv("TOP"), "tests/cloud", name, NULL);
	g_autofree char *text = NULL;
	gsize len;
	cJSON *vectors;

	g_assert_true(g_file_get_contents(path, &text, &len, NULL));
	vectors = cJSON_ParseWithLength(text, len);
	g_assert_nonnull(vectors);
	return vectors;
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
static GPtrArray *headers_of(const cJSON *in, bool header_form)
{
	GPtrArray *headers = pairs_of(member(in, "headers"));
	const cJSON *item;

	cJSON_ArrayForEach(item, member(in, "unsigned_headers"))
		iv_pairs_add(headers, item->string, item->valuestring);
	if (!header_form)
		return headers;
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
	bool header_form = strcmp(text_of(vector, "form"), "header") == 0;
	g_autoptr(GPtrArray) query = pairs_of(member(in, "queries"));
	g_autoptr(GPtrArray) headers = headers_of(in, header_form);
	g_autoptr(GPtrArray) additional = additional_of(in);
	IvCredentials as = as_of(in);
	IvOssRequest request = {.method = text_of(in, "method"), .region = text_of(in, "region"),
				.bucket = text_of(in, "bucket"), .key = text_of(in, "object"),
				.query = query, .headers = headers,
				.additional = (const char *const *)additional->pdata,
				.time = time_of(text_of(in, "date"))};
	g_autoptr(IvOssSignature) s = NULL;

	s = header_form ? iv_oss_sign(&request, &as)
			: iv_oss_presign(&request, &as,
					 (guint)member(in, "expires")->valuedouble);
	g_assert_cmpstr(s->canonical, ==, text_of(vector, "canonical_request"));
	g_assert_cmpstr(s->to_sign, ==, text_of(vector, "string_to_sign"));
	g_assert_cmpstr(s->signature, ==, text_of(vector, "signature"));
	g_assert_cmpstr(s->authorization, ==, text_of(vector, "authorization"));
	if (header_form)
		return;
	g_autofree char *path = iv_oss_path(NULL, request.key);
	g_autofree char *url = g_strdup_printf("https://%s.oss-%s.aliyuncs.com%s?%s", request.bucket,
					       request.region, path, s->query);
	g_assert_cmpstr(url, ==, text_of(vector, "url"));
}

static void check_v1_vector(gconstpointer data)
{
	const cJSON *vector = data, *in = member(vector, "inputs");
	bool header_form = strcmp(text_of(vector, "form"), "header") == 0;
	g_auto(GStrv) resource = g_strsplit(text_of(in, "resource"), "/", 3);
	g_autoptr(GPtrArray) headers = iv_pairs_new();
	IvCredentials as = as_of(in);
	IvOssRequest request = {.method = text_of(in, "method"), .bucket = resource[1],
				.key = resource[2], .headers = headers};
	g_autoptr(IvOssSignature) s = NULL;

	if (header_form) {
		iv_pairs_add(headers, "X-OSS-Date", text_of(in, "x-oss-date"));
		s = iv_oss_sign_v1(&request, &as, text_of(in, "x-oss-date"));
		g_assert_cmpstr(s->authorization, ==, text_of(vector, "authorization"));
	} else {
		s = iv_oss_presign_v1(&request, &as, (gint64)member(in, "expires")->valuedouble);
		g_assert_nonnull(strstr(s->query, "&Signature="));
	}
	g_assert_cmpstr(s->to_sign, ==, text_of(vector, "string_to_sign"));
	g_assert_cmpstr(s->signature, ==, text_of(vector, "signature"));
}

/* What the vectors of the old form do not show: type, digest, sub-resources, a token. */
static void check_v1_rest(void)
{
	g_autoptr(GPtrArray) headers = iv_pairs_new(), query = iv_pairs_new();
	IvCredentials as = {.key_id = (char *)"id", .secret = (char *)"s", .token = (char *)"T+/="};
	IvOssRequest request = {.method = "PUT", .bucket = "b", .key = "k/é", .headers = headers,
				.query = query};
	g_autoptr(IvOssSignature) s = NULL;

	iv_pairs_add(headers, "Content-MD5", "md5==");
	iv_pairs_add(headers, "content-type", "text/plain");
	iv_pairs_add(headers, "x-oss-b", "2");
	iv_pairs_add(headers, "X-Oss-A", "1");
	iv_pairs_add(query, "uploadId", "U");
	iv_pairs_add(query, "prefix", "not part of it");
	iv_pairs_add(query, "partNumber", "3");
	s = iv_oss_presign_v1(&request, &as, 77);
	g_assert_cmpstr(s->to_sign, ==,
			"PUT\nmd5==\ntext/plain\n77\nx-oss-a:1\nx-oss-b:2\n"
			"/b/k/é?partNumber=3&security-token=T+/=&uploadId=U");
	g_assert_nonnull(strstr(s->query, "&security-token=T%2B%2F%3D&"));
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

static void add_all(cJSON *file, const char *list, const char *folder, int least,
		    GTestDataFunc check)
{
	cJSON *vector, *vectors = cJSON_GetObjectItemCaseSensitive(file, list);

	g_assert_cmpint(cJSON_GetArraySize(vectors), >=, least);
	cJSON_ArrayForEach(vector, vectors) {
		g_autofree char *path = g_strconcat(folder, text_of(vector, "name"), NULL);

		g_test_add_data_func(path, vector, check);
	}
}

int main(int argc, char **argv)
{
	cJSON *official, *more;
	int status;

	g_test_init(&argc, &argv, NULL);
	official = load_vectors("oss4-vectors.json");
	more = load_vectors("oss-more-vectors.json");
	add_all(official, "vectors", "/oss-sign/", 13, check_vector);
	add_all(official, "v1_vectors", "/oss-sign/", 2, check_v1_vector);
	add_all(more, "vectors", "/oss-sign/more/", 2, check_vector);
	g_test_add_func("/oss-sign/v1-rest", check_v1_rest);
	g_test_add_func("/oss-sign/sensitive", check_sensitive);
	status = g_test_run();
	cJSON_Delete(official);
	cJSON_Delete(more);
	return status;
}
