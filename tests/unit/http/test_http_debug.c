/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_http_debug.c - lines about an exchange tell what happened and no secret. */
#include "tests/unit/http/http_rig.h"

#include "scanner/base/error.h"
#include "share/http/http.h"

static HttpRig *rig;
static GString *told;

static void listen_in(void *user, const char *line)
{
	g_assert_null(strpbrk(line, "\r\n"));
	g_string_append_printf(user, "%s\n", line);
}

/* One exchange; what was told stands in `told`. */
static void exchange(const char *method, const char *target, const char *const *lines,
		     const char *body, bool hide_target, const char *reply)
{
	g_autoptr(IvEndpoint) endpoint = iv_endpoint_parse(rig->url, NULL);
	g_autoptr(GPtrArray) headers = g_ptr_array_new();
	g_autoptr(IvHttpAnswer) answer = NULL;
	g_autoptr(GError) error = NULL;
	IvHttpFailure failure;

	for (; lines != NULL && *lines != NULL; lines++)
		g_ptr_array_add(headers, (gpointer)*lines);
	http_rig_say(rig, reply);
	g_string_truncate(told, 0);
	answer = iv_http_exchange(&(IvHttpRequest){.endpoint = endpoint, .method = method,
						   .target = target, .headers = headers,
						   .body = body, .hide_target = hide_target,
						   .length = body != NULL ? strlen(body) : 0},
				  &failure, &error);
	g_assert_true(answer != NULL || *reply == '\0');
	g_free(http_rig_heard(rig));
}

/* Nothing but invented values, each holding this text somewhere. */
#define SECRET "Invented+Value/7=="
#define SECRET_ENCODED "Invented%2BValue%2F7%3D%3D"
#define JSON(text) "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" text

static void check_no_secret(void)
{
	static const struct {
		const char *method, *target, *header, *body, *reply;
		bool hide_target;
	} rows[] = {
		{"POST", "/", "Authorization: ACS3-HMAC-SHA256 Credential=" SECRET ",Signature=" SECRET,
		 NULL, JSON("{}")},
		{"POST", "/", "x-acs-security-token: " SECRET, NULL,
		 JSON("{\"Message\":\"you sent " SECRET "\"}")},
		{"POST", "/", "X-OSS-Security-Token: " SECRET, NULL,
		 JSON("<Error><Message>" SECRET "</Message></Error>")},
		{"POST", "/", "x-acs-accesskey-id: " SECRET, NULL,
		 JSON("{\"a\":[{\"b\":\"" SECRET_ENCODED "\"}]}")},
		{"GET", "/", "x-aliyun-ecs-metadata-token: " SECRET, NULL, JSON(SECRET)},
		{"GET", "/k?Signature=" SECRET_ENCODED "&Expires=1", NULL, NULL, JSON("")},
		{"GET", "/k?x-oss-signature=" SECRET_ENCODED, NULL, NULL, JSON("")},
		{"GET", "/k?OSSAccessKeyId=" SECRET_ENCODED, NULL, NULL, JSON("")},
		{"GET", "/k?security-token=" SECRET_ENCODED, NULL, NULL, JSON("")},
		{"GET", "/k?security%2Dtoken=" SECRET_ENCODED, NULL, NULL, JSON("")},
		{"GET", "/k?x-oss-credential=" SECRET_ENCODED "%2F2026", NULL, NULL, JSON("")},
		{"GET", "/k?a=b%26SecurityToken%3D" SECRET_ENCODED, NULL, NULL, JSON("")},
		{"GET", "/" SECRET, NULL, NULL, JSON("{\"x\":\"" "/" SECRET "\"}"), true},
		{"POST", "/?Action=AssumeRoleWithOIDC",
		 "Content-Type: application/x-www-form-urlencoded",
		 "RoleArn=acs%3Aram&OIDCToken=" SECRET_ENCODED, JSON("{}")},
		{"POST", "/", "Content-Type: application/x-www-form-urlencoded",
		 "AccessKeySecret=" SECRET_ENCODED, JSON("{}")},
		{"POST", "/", "Content-Type: application/json",
		 "{\"access_key_secret\":\"" SECRET "\"}", JSON("{}")},
		{"POST", "/", NULL, "any text with " SECRET, JSON("{}")},
		{"GET", "/", NULL, NULL,
		 JSON("{\"Credentials\":{\"AccessKeyId\":\"" SECRET "\",\"AccessKeySecret\":\"" SECRET
		      "\",\"SecurityToken\":\"" SECRET "\",\"Expiration\":\"" SECRET "\"}}")},
		{"GET", "/", NULL, NULL, JSON("{\"Security\\u0054oken\":\"" SECRET "\"}")},
		{"GET", "/", NULL, NULL, JSON("{\"token\":[[\"" SECRET "\"],{\"a\":\"" SECRET "\"}]}")},
		{"GET", "/", NULL, NULL, JSON("{\"x\":\"{\\\"SecurityToken\\\":\\\"" SECRET "\\\"}\"}")},
		{"GET", "/", NULL, NULL, JSON("{\"Plaintext\":\"" SECRET "\"}")},
		{"GET", "/", NULL, NULL, JSON("\"" SECRET "\"")},
		{"GET", "/", NULL, NULL, JSON("{\"AccessKeySecret\":\"" SECRET "\"")},
		{"GET", "/", NULL, NULL,
		 JSON("<Error><OSSAccessKeyId>" SECRET "</OSSAccessKeyId></Error>")},
		{"GET", "/", NULL, NULL,
		 "HTTP/1.1 302 x\r\nLocation: https://a.example/?Signature=" SECRET
		 "\r\nContent-Length: 0\r\n\r\n"},
		{"GET", "/", NULL, NULL,
		 "HTTP/1.1 200 x\r\nSet-Cookie: " SECRET "\r\nContent-Length: 0\r\n\r\n"},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		const char *headers[] = {rows[i].header, NULL};

		g_test_message("row %" G_GSIZE_FORMAT, i);
		exchange(rows[i].method, rows[i].target, headers, rows[i].body, rows[i].hide_target,
			 rows[i].reply);
		g_assert_nonnull(strstr(told->str, "< "));
		g_assert_nonnull(strstr(told->str, rows[i].method));
		if (strstr(told->str, "nvented") != NULL)
			g_test_message("%s", told->str);
		g_assert_null(strstr(told->str, "nvented"));
	}
}

static void check_told(void)
{
	const char *headers[] = {"Authorization: OSS some-key-id:some-mac", "x-acs-action: Get", NULL};
	g_autofree char *expected = NULL;

	exchange("POST", "/a%20b?RegionId=cn-x&AccessKeyId=k1234&Empty=", headers, "{\"A\":1}", false,
		 "HTTP/1.1 403 No\r\nx-acs-request-id: R1\r\nConnection: close\r\n\r\n"
		 "{\"Code\":\"InvalidSecurityToken.Expired\",\"Message\":\"bad\\nkey some-key-id\"}");
	expected = g_strdup_printf(
		"> POST %s/a%%20b?RegionId=cn-x&AccessKeyId=(hidden)&Empty=\n"
		"> Authorization: (hidden)\n> x-acs-action: Get\n> body: {\"A\":1}\n"
		"< 403\n< x-acs-request-id: R1\n< Connection: close\n"
		"< body: {\"Code\":\"InvalidSecurityToken.Expired\",\"Message\":\"bad\\nkey "
		"(hidden)\"}\n",
		rig->url);
	g_assert_cmpstr(told->str, ==, expected);
}

static void check_rest(void)
{
	g_autofree char *long_text = g_strnfill(20000, 'x');
	g_autofree char *reply = g_strdup_printf(JSON("{\"D\":\"%s\"}"), long_text);

	exchange("GET", "/", NULL, NULL, false, reply);
	g_assert_cmpuint(told->len, <, 5000);
	g_assert_nonnull(strstr(told->str, "xxx ..."));
	exchange("GET", "/", NULL, NULL, false, JSON("just words"));
	g_assert_nonnull(strstr(told->str, "< body: 10 bytes, left out"));
	exchange("GET", "/", NULL, NULL, false,
		 "HTTP/1.1 200 x\r\nOdd: \033[31m\xff\r\nContent-Length: 0\r\n\r\n");
	g_assert_null(strchr(told->str, '\033'));
	exchange("GET", "/", NULL, NULL, false, "");
	g_assert_nonnull(strstr(told->str, "! no answer from 127.0.0.1"));
	iv_http_debug(NULL, NULL);
	exchange("GET", "/", NULL, NULL, false, JSON("{}"));
	g_assert_cmpstr(told->str, ==, "");
}

int main(int argc, char **argv)
{
	int status;

	g_test_init(&argc, &argv, NULL);
	rig = http_rig_new();
	told = g_string_new(NULL);
	iv_http_debug(listen_in, told);
	g_test_add_func("/http-debug/no-secret", check_no_secret);
	g_test_add_func("/http-debug/told", check_told);
	g_test_add_func("/http-debug/rest", check_rest);
	status = g_test_run();
	g_string_free(told, TRUE);
	http_rig_free(rig);
	return status;
}
