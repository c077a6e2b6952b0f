/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_oss.c - files down from the object storage, and calls on single objects. */
#include "tests/unit/alibaba/oss/oss_rig.h"

#include <sys/wait.h>

#include "share/alibaba/oss/xml.h"
#include "share/base/limits.h"

#define SMALL 300000u
#define KEY "dir/small é+.raw"

static char *small; /* the file behind the object "small" */

/* The object anew, whatever became of it. */
static void put_small(void)
{
	g_autoptr(GError) error = NULL;

	standin_rules(standin, "[]");
	g_assert_true(iv_oss_delete(oss, KEY, &error));
	g_assert_true(iv_oss_put_file(oss, KEY, small, NULL, NULL, NULL, &error));
	g_assert_no_error(error);
}

/* --- single objects ----------------------------------------------------------------------- */

static void check_names(void)
{
	static const char *const good[] = {"abc", "a-1", "imgvet-demo-bucket"};
	static const char *const bad[] = {"", "ab", "-ab", "ab-", "Abc", "a.b", "a/b", "a_b",
					  "a?b", "a@b", "0123456789012345678901234567890123456789"
					  "012345678901234567890123"};
	static const char *const bad_keys[] = {"", "/a", "\\a", "a\nb", "a\x7f", "\xff"};

	for (gsize i = 0; i < G_N_ELEMENTS(good); i++)
		g_assert_true(iv_oss_bucket_ok(good[i]));
	for (gsize i = 0; i < G_N_ELEMENTS(bad); i++)
		g_assert_false(iv_oss_bucket_ok(bad[i]));
	for (gsize i = 0; i < G_N_ELEMENTS(bad_keys); i++) {
		g_autoptr(GError) error = NULL;
		IvOssObject *object;

		g_assert_false(iv_oss_head(oss, bad_keys[i], &object, &error));
		g_assert_error(error, IV_ERROR, IV_ERROR_USAGE);
	}
	g_assert_true(iv_oss_key_ok("a/../b c?#%é"));
}

/* The real addresses, without asking them. */
static void check_addresses(void)
{
	static const struct {
		const char *given, *bucket, *base;
		bool internal, path_style;
	} rows[] = {
		{NULL, "b-1", "https://b-1.oss-cn-x.aliyuncs.com", false, false},
		{NULL, "b-1", "https://b-1.oss-cn-x-internal.aliyuncs.com", true, false},
		{"oss=https://oss.example:8443", "b-1", "https://b-1.oss.example:8443", true, false},
		{"oss=http://127.0.0.1:9", "b-1", "http://127.0.0.1:9", true, true},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		const char *given[] = {rows[i].given, NULL};
		g_autoptr(IvAlibabaEndpoints) endpoints =
			iv_alibaba_endpoints_new("cn-x", given, NULL);
		g_autoptr(IvCredentialSource) source =
			iv_credential_source_new(NULL, endpoints, NULL);
		g_autoptr(IvAlibabaClient) client = iv_alibaba_client_new(endpoints, source);
		g_autoptr(IvOss) made =
			iv_oss_new(client, "cn-x", rows[i].bucket, rows[i].internal, NULL);
		g_autoptr(GError) error = NULL;

		g_assert_cmpstr(made->endpoint->base, ==, rows[i].base);
		g_assert_cmpint(made->path_style, ==, rows[i].path_style);
		g_assert_null(iv_oss_new(client, "cn-x", "evil.example/", false, &error));
		g_assert_error(error, IV_ERROR, IV_ERROR_USAGE);
	}
}

static void check_object(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(IvOssObject) object = NULL, gone = NULL;

	put_small();
	g_assert_true(iv_oss_head(oss, KEY, &object, &error));
	g_assert_no_error(error);
	g_assert_cmpuint(object->size, ==, SMALL);
	g_assert_true(object->has_crc);
	g_string_truncate(recorded, 0);
	g_assert_true(iv_oss_delete(oss, KEY, &error));
	g_assert_true(iv_oss_delete(oss, KEY, &error));
	g_assert_true(iv_oss_head(oss, KEY, &gone, &error));
	g_assert_null(gone);
	g_assert_no_error(error);
	g_assert_cmpstr(recorded->str, ==,
			"! DeleteObject Bucket=" BUCKET " Key=" KEY "\n= 0\n"
			"! DeleteObject Bucket=" BUCKET " Key=" KEY "\n= 0\n"
			"? HeadObject Bucket=" BUCKET " Key=" KEY "\n= 2\n");
}

/* A lost answer of a change that may be made twice is no matter. */
static void check_lost_answer(void)
{
	static const char *const rules[] = {
		"[{'action':'oss:DeleteObject','do':'drop-before'}]",
		"[{'action':'oss:DeleteObject','do':'drop-after'}]",
	};

	for (gsize i = 0; i < G_N_ELEMENTS(rules); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(IvOssObject) gone = NULL;
		gsize from;

		put_small();
		standin_rules(standin, rules[i]);
		from = rig_log_size();
		g_assert_true(iv_oss_delete(oss, KEY, &error));
		g_assert_no_error(error);
		g_assert_cmpuint(rig_asked(from, "oss:DeleteObject"), ==, 2);
		g_assert_true(iv_oss_head(oss, KEY, &gone, &error));
		g_assert_null(gone);
	}
}

/* --- XML --------------------------------------------------------------------------------------- */

static void check_xml(void)
{
	static const char good[] = "<?xml version=\"1.0\"?><!-- c --><R a=\"b\"><K>a&amp;b &#233;"
				   "<![CDATA[<x>]]></K><P><N>1</N><N/></P></R>";
	g_autoptr(GPtrArray) elements = iv_oss_xml_read(good, strlen(good));
	g_autofree char *deep = g_strnfill(3 * (IV_XML_MAX_DEPTH + 1), 'x');
	g_autofree char *wide = NULL;
	guint64 number;

	g_assert_cmpstr(iv_oss_xml_text(elements, "R/K"), ==, "a&b é<x>");
	g_assert_cmpstr(iv_oss_xml_text(elements, "R/P/N"), ==, "1");
	g_assert_null(iv_oss_xml_text(elements, "R/P"));
	g_assert_null(iv_oss_xml_text(elements, "R"));
	g_assert_cmpuint(elements->len, ==, 5);
	for (guint i = 0; i <= IV_XML_MAX_DEPTH; i++)
		memcpy(deep + 3 * i, "<a>", 3);
	g_assert_null(iv_oss_xml_read(deep, strlen(deep)));
	wide = g_strdup_printf("<a>%*s</a>", (int)IV_XML_MAX_TEXT + 1, "x");
	g_assert_null(iv_oss_xml_read(wide, strlen(wide)));
	g_assert_null(iv_oss_xml_read("<a>\xff</a>", 8));
	g_assert_null(iv_oss_xml_read("<a>b\0c</a>", 10));
	g_assert_null(iv_oss_xml_read("<a>&bad;</a>", 12));
	g_assert_true(iv_oss_number("18446744073709551615", G_MAXUINT64, &number));
	g_assert_false(iv_oss_number("18446744073709551616", G_MAXUINT64, &number));
	g_assert_false(iv_oss_number("-1", 9, &number));
	g_assert_false(iv_oss_number(" 1", 9, &number));
	g_assert_false(iv_oss_number("1 ", 9, &number));
	g_assert_false(iv_oss_number("", 9, &number));
	g_assert_false(iv_oss_number(NULL, 9, &number));
}

/* --- downloads ----------------------------------------------------------------------------------- */

/* Download under a script; true when the file is the object. */
static bool get_small(const char *rules, const char *to, GError **error)
{
	standin_rules(standin, rules);
	return iv_oss_get_file(oss, KEY, to, NULL, NULL, error) && rig_same(small, to);
}

/* Trouble that a download gets over by itself. */
static void check_get(void)
{
	static const struct {
		const char *rules;
		guint asked;
	} rows[] = {
		{"[]", 1},
		{"[{'action':'oss:GetObject','do':'cut'}]", 2},
		{"[{'action':'oss:GetObject','times':3,'do':'cut'}]", 4},
		{"[{'action':'oss:GetObject','do':'length','bytes':1000}]", 2},
		{"[{'action':'oss:GetObject','do':'length','bytes':-1000}]", 2},
		{"[{'action':'oss:GetObject','do':'drop-before'}]", 2},
		{"[{'action':'oss:GetObject','do':'drop-after'}]", 2},
		{"[{'action':'oss:GetObject','do':'fail','status':500,'code':'InternalError'}]", 2},
		{"[{'action':'oss:GetObject','do':'throttle','wait_ms':20}]", 2},
		{"[{'action':'oss:GetObject','do':'ignore-range'}]", 1},
		{"[{'action':'oss:GetObject','do':'cut'},{'action':'oss:GetObject','do':'ignore-range'}]",
		 2},
		{"[{'action':'oss:GetObject','do':'expired-token'}]", 2},
		{"[{'action':'oss:HeadObject','do':'skew','seconds':86400}]", 1},
	};

	put_small();
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *to = rig_path("got");
		g_autoptr(GError) error = NULL;
		gsize from = rig_log_size();
		bool ok = get_small(rows[i].rules, to, &error);

		g_test_message("%s", rows[i].rules);
		g_assert_no_error(error);
		g_assert_true(ok);
		g_assert_cmpuint(rig_asked(from, "oss:GetObject"), ==, rows[i].asked);
		g_assert_false(rig_exists(to, ".part"));
		g_assert_false(rig_exists(to, ".part.state"));
		g_remove(to);
		standin_rules(standin, "[{'action':'*','do':'skew','seconds':0}]");
		g_clear_pointer(&oss, iv_oss_free);
		oss = rig_bucket(DEMO_REGION, BUCKET);
		g_assert_true(iv_oss_delete(oss, "clock", NULL));
	}
}

/* Trouble that ends it, and what is left for the next time. */
static void check_get_refused(void)
{
	static const struct {
		const char *rules, *says;
		bool left;
	} rows[] = {
		{"[{'action':'oss:GetObject','do':'replace'}]", "PreconditionFailed", true},
		{"[{'action':'oss:GetObject','do':'cut'},{'action':'oss:GetObject','do':'replace'}]",
		 "PreconditionFailed", true},
		{"[{'action':'oss:GetObject','do':'corrupt'}]", "checksum", false},
		{"[{'action':'oss:HeadObject','do':'wrong-crc'}]", "checksum", false},
		{"[{'action':'oss:HeadObject','do':'no-crc'}]", "names no checksum", false},
		{"[{'action':'oss:GetObject','do':'archive'}]", "restore it first", true},
		{"[{'action':'oss:GetObject','do':'raw','status':200,'body':'x'}]", "GetObject", true},
		{"[{'action':'oss:GetObject','do':'raw','status':204,'body':''}]", "no bytes", true},
		{"[{'action':'oss:GetObject','do':'raw','status':206,'body':'x','repeat':9}]",
		 "checksum", false},
		{"[{'action':'oss:GetObject','do':'redirect','location':'http://127.0.0.1:1/'}]",
		 "HTTP 302", true},
		{"[{'action':'oss:GetObject','times':99,'do':'throttle','wait_ms':5}]", "SlowDown", true},
		{"[{'action':'oss:HeadObject','do':'fail','status':403,'code':'AccessDenied'}]",
		 "AccessDenied", false},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *to = rig_path("refused");
		g_autofree char *part = g_strconcat(to, ".part", NULL);
		g_autofree char *state = g_strconcat(part, ".state", NULL);
		g_autoptr(GError) error = NULL;

		put_small();
		g_test_message("%s", rows[i].rules);
		g_assert_false(get_small(rows[i].rules, to, &error));
		g_assert_error(error, IV_ERROR, IV_ERROR_CLOUD);
		if (strstr(error->message, rows[i].says) == NULL)
			g_test_message("%s", error->message);
		g_assert_nonnull(strstr(error->message, rows[i].says));
		g_assert_false(rig_exists(to, ""));
		g_assert_cmpint(rig_exists(to, ".part"), ==, rows[i].left);
		/* Whatever is left: the next time brings the object of then. */
		put_small();
		g_clear_error(&error);
		g_assert_true(get_small("[]", to, &error));
		g_assert_false(rig_exists(to, ".part.state"));
		g_remove(to);
		g_remove(part);
		g_remove(state);
	}
}

static void check_get_exists(void)
{
	g_autoptr(GError) there = NULL, absent = NULL;
	g_autofree char *to = rig_path("absent");

	g_assert_false(get_small("[]", small, &there));
	g_assert_error(there, IV_ERROR, IV_ERROR_IO);
	g_assert_false(iv_oss_get_file(oss, "nothing", to, NULL, NULL, &absent));
	g_assert_error(absent, IV_ERROR, IV_ERROR_CLOUD);
	g_assert_false(rig_exists(to, ".part"));
}

/* A state that lies, or bytes that are not those that it counted: all anew. */
static void check_get_state(void)
{
	static const char *const changes[] = {"done=", "crc64=", "etag=", "size=", "[download]"};
	g_autofree char *to = rig_path("state"), *part = rig_path("state.part");
	g_autofree char *state = rig_path("state.part.state");

	for (gsize i = 0; i < G_N_ELEMENTS(changes) + 1; i++) {
		g_autofree char *text = NULL, *bent = NULL, *bytes = NULL;
		g_autoptr(GError) error = NULL;
		gsize len;

		put_small();
		standin_rules(standin, "[{'action':'oss:GetObject','do':'cut'},"
				       "{'action':'oss:GetObject','do':'fail','status':403,"
				       "'code':'AccessDenied'}]");
		g_assert_false(iv_oss_get_file(oss, KEY, to, NULL, NULL, NULL));
		g_assert_true(g_file_get_contents(state, &text, NULL, NULL));
		g_assert_nonnull(strstr(text, "done="));
		if (i < G_N_ELEMENTS(changes)) {
			g_auto(GStrv) pieces = g_strsplit(text, changes[i], 2);
			g_autofree char *with = g_strconcat(changes[i], "9", NULL);

			bent = g_strjoinv(with, pieces);
			g_assert_true(g_file_set_contents(state, bent, -1, NULL));
		} else {
			g_assert_true(g_file_get_contents(part, &bytes, &len, NULL));
			g_assert_cmpuint(len, >, 1000);
			bytes[500] ^= 1;
			g_assert_true(g_file_set_contents(part, bytes, (gssize)len, NULL));
		}
		g_assert_true(get_small("[]", to, &error));
		g_remove(to);
	}
}

static bool stop_late(void *user, guint64 done, guint64 all)
{
	return done * 3 < all;
}

static bool die_late(void *user, guint64 done, guint64 all)
{
	if (done > IV_OBJECT_NOTE + 100000)
		raise(SIGKILL);
	return true;
}

/* Stopped by the user, or killed: the next run asks for the rest only. */
static void check_get_resume(void)
{
	g_autofree char *large = rig_file("large", IV_OBJECT_NOTE + 1500000);
	g_autofree char *to = rig_path("resumed");
	g_autoptr(GError) error = NULL;
	gsize from;
	int status;
	pid_t child;

	standin_rules(standin, "[]");
	g_assert_true(iv_oss_put_file(oss, "large", large, NULL, NULL, NULL, &error));
	g_assert_no_error(error);
	child = fork();
	if (child == 0) {
		iv_oss_get_file(oss, "large", to, die_late, NULL, NULL);
		_exit(0);
	}
	waitpid(child, &status, 0);
	g_assert_true(WIFSIGNALED(status));
	g_assert_true(rig_exists(to, ".part.state"));
	from = rig_log_size();
	g_assert_true(iv_oss_get_file(oss, "large", to, NULL, NULL, &error));
	g_assert_no_error(error);
	g_assert_true(rig_same(large, to));
	g_assert_cmpuint(rig_asked(from, "oss:GetObject"), ==, 1);
	g_assert_cmpuint(rig_asked(from, "\"bytes=0-"), ==, 0);
	g_remove(to);

	g_assert_false(iv_oss_get_file(oss, "large", to, stop_late, NULL, &error));
	g_assert_error(error, IV_ERROR, IV_ERROR_REFUSED);
	g_clear_error(&error);
	from = rig_log_size();
	g_assert_true(iv_oss_get_file(oss, "large", to, NULL, NULL, &error));
	g_assert_cmpuint(rig_asked(from, "\"bytes=0-"), ==, 0);
	g_assert_true(rig_same(large, to));
}

/* The time of the whole command is over amid a slow body: what came is kept. */
static void check_get_deadline(void)
{
	g_autofree char *to = rig_path("slow");
	g_autoptr(GError) error = NULL;
	gint64 start = g_get_monotonic_time();

	put_small();
	oss->client->deadline = start + G_USEC_PER_SEC;
	g_assert_false(get_small("[{'action':'oss:GetObject','do':'slow','bytes':1000,'ms':20}]", to,
				 &error));
	g_assert_error(error, IV_ERROR, IV_ERROR_CLOUD);
	g_assert_cmpint(g_get_monotonic_time() - start, <, 4 * G_USEC_PER_SEC);
	g_assert_true(rig_exists(to, ".part.state"));
	oss->client->deadline = 1;
	g_clear_error(&error);
	g_assert_false(get_small("[]", to, &error));
	g_assert_nonnull(strstr(error->message, "--deadline"));
	oss->client->deadline = 0;
	g_assert_true(get_small("[]", to, NULL));
}

/* --- who asks ------------------------------------------------------------------------------------- */

static void listen_in(void *user, const char *line)
{
	g_string_append_printf(user, "%s\n", line);
}

static void check_credentials(void)
{
	g_autoptr(GString) told = g_string_new(NULL);
	static const struct {
		const char *id, *secret, *token, *rules, *code;
	} rows[] = {
		{DEMO_KEY_ID, "a-wrong-invented-secret", NULL, "[]", "SignatureDoesNotMatch"},
		{"nobodys-key-id", DEMO_SECRET, NULL, "[]", "InvalidAccessKeyId"},
		{DEMO_STS_ID, DEMO_STS, DEMO_TOKEN, "[{'action':'*','do':'echo-token'}]",
		 "Forbidden.RAM"},
		{DEMO_STS_ID, DEMO_STS, DEMO_TOKEN, "[]", NULL},
	};

	iv_http_debug(listen_in, told);
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(IvOss) mine = NULL;
		bool ok;

		standin_credentials(rows[i].id, rows[i].secret, rows[i].token);
		mine = rig_bucket(DEMO_REGION, BUCKET);
		standin_rules(standin, rows[i].rules);
		ok = iv_oss_delete(mine, "by-whom", &error);
		g_assert_cmpint(ok, ==, rows[i].code == NULL);
		if (ok)
			continue;
		g_assert_nonnull(strstr(error->message, rows[i].code));
		g_assert_null(strstr(error->message, rows[i].secret));
		g_assert_null(strstr(error->message, DEMO_TOKEN));
	}
	iv_http_debug(NULL, NULL);
	standin_credentials(DEMO_KEY_ID, DEMO_SECRET, NULL);
	g_assert_nonnull(strstr(told->str, "> DELETE "));
	g_assert_nonnull(strstr(told->str, "> Authorization: (hidden)\n"));
	g_assert_nonnull(strstr(told->str, "> x-oss-security-token: (hidden)\n"));
	g_assert_null(strstr(told->str, DEMO_TOKEN));
	g_assert_null(strstr(told->str, DEMO_STS_ID));
	g_assert_null(strstr(told->str, DEMO_KEY_ID));
	g_assert_null(strstr(told->str, "Signature="));
}

static void check_other_buckets(void)
{
	static const struct {
		const char *region, *bucket, *says;
	} rows[] = {
		{DEMO_REGION, "no-such-bucket", "NoSuchBucket"},
		{DEMO_REGION, "imgvet-not-ours", "AccessDenied"},
		{"eu-central-1", "imgvet-demo-frankfurt", NULL},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(IvOss) other = rig_bucket(rows[i].region, rows[i].bucket);
		g_autoptr(GError) error = NULL;
		bool ok = iv_oss_delete(other, "nothing", &error);

		g_assert_cmpint(ok, ==, rows[i].says == NULL);
		if (rows[i].says != NULL)
			g_assert_nonnull(strstr(error->message, rows[i].says));
	}
}

int main(int argc, char **argv)
{
	int status;

	rig_start(&argc, &argv);
	small = rig_file("small", SMALL);
	g_test_add_func("/oss/names", check_names);
	g_test_add_func("/oss/addresses", check_addresses);
	g_test_add_func("/oss/object", check_object);
	g_test_add_func("/oss/lost-answer", check_lost_answer);
	g_test_add_func("/oss/xml", check_xml);
	g_test_add_func("/oss/get", check_get);
	g_test_add_func("/oss/get-refused", check_get_refused);
	g_test_add_func("/oss/get-exists", check_get_exists);
	g_test_add_func("/oss/get-state", check_get_state);
	g_test_add_func("/oss/get-resume", check_get_resume);
	g_test_add_func("/oss/get-deadline", check_get_deadline);
	g_test_add_func("/oss/credentials", check_credentials);
	g_test_add_func("/oss/other-buckets", check_other_buckets);
	status = rig_run();
	g_free(small);
	return status;
}
