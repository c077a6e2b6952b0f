/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_call.c - the calls to a cloud against its stand-in: HTTP, retries, hostile answers. */
#include "tests/cloud/standin.h"

#include "scanner/base/error.h"
#include "share/alibaba/call/call.h"
#include "share/alibaba/call/ids.h"
#include "share/alibaba/ecs/images.h"
#include "share/base/limits.h"
#include "share/clouds.h"

static Standin *standin;

/* --- endpoints ------------------------------------------------------------------------ */

static void check_endpoints(void)
{
	static const struct {
		const char *url, *base, *host;
		bool loopback;
	} good[] = {
		{"https://ecs.cn-hangzhou.aliyuncs.com", "https://ecs.cn-hangzhou.aliyuncs.com",
		 "ecs.cn-hangzhou.aliyuncs.com", false},
		{"https://ecs.example:443/", "https://ecs.example", "ecs.example", false},
		{"https://ecs.example:8443", "https://ecs.example:8443", "ecs.example:8443", false},
		{"http://127.0.0.1:8080", "http://127.0.0.1:8080", "127.0.0.1:8080", true},
		{"http://localhost:80", "http://localhost", "localhost", true},
		{"http://[::1]:8080", "http://[::1]:8080", "[::1]:8080", true},
	};
	static const char *const bad[] = {
		"", "ecs.example", "http://ecs.example", "http://127.0.0.1.example",
		"http://localhost.example", "http://10.0.0.1", "https://user@ecs.example",
		"https://u:p@ecs.example", "https://ecs.example/path", "https://ecs.example/?a=b",
		"https://ecs.example/#f", "ftp://127.0.0.1", "file:///etc/passwd",
		"https://ecs.example:99999", "https://", "http://0.0.0.0:80", "gopher://127.0.0.1",
		"https://ecs .example"};

	for (gsize i = 0; i < G_N_ELEMENTS(good); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(IvEndpoint) e = iv_endpoint_parse(good[i].url, &error);

		g_assert_no_error(error);
		g_assert_cmpstr(e->base, ==, good[i].base);
		g_assert_cmpstr(e->host, ==, good[i].host);
		g_assert_cmpint(e->loopback, ==, good[i].loopback);
	}
	for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
		g_autoptr(GError) error = NULL;

		g_test_message("%s", bad[i]);
		g_assert_null(iv_endpoint_parse(bad[i], &error));
		g_assert_error(error, IV_ERROR, IV_ERROR_USAGE);
	}
}

/* --- one exchange ----------------------------------------------------------------------- */

static IvHttpAnswer *exchange(const char *url, const char *header, unsigned timeout_ms,
			      IvHttpFailure *failure, GError **error)
{
	g_autoptr(IvEndpoint) endpoint = iv_endpoint_parse(url, NULL);
	g_autoptr(GPtrArray) headers = g_ptr_array_new();

	g_ptr_array_add(headers, (gpointer)header);
	return iv_http_exchange(&(IvHttpRequest){.endpoint = endpoint, .method = "POST",
						 .target = "/?A=1", .headers = headers,
						 .timeout_ms = timeout_ms},
				failure, error);
}

static void check_http_refusals(void)
{
	g_autoptr(GError) closed = NULL, injected = NULL, large = NULL;
	IvHttpFailure failure;

	/* Port 1 of loopback: nobody listens there. */
	g_assert_null(exchange("http://127.0.0.1:1", "A: b", 2000, &failure, &closed));
	g_assert_error(closed, IV_ERROR, IV_ERROR_CLOUD);
	g_assert_cmpint(failure, ==, IV_HTTP_NOT_SENT);

	g_assert_null(exchange(standin->url, "A: b\r\nEvil: 1", 2000, &failure, &injected));
	g_assert_error(injected, IV_ERROR, IV_ERROR_CLOUD);

	standin_rules(standin, "[{'action':'*','do':'raw','body':'0123456789abcdef','repeat':400000}]");
	/* Unsigned, so the stand-in refuses before it looks at the script's answer. */
	g_autoptr(IvHttpAnswer) answer = exchange(standin->url, "A: b", 9000, &failure, &large);
	g_assert_null(answer);
	g_assert_error(large, IV_ERROR, IV_ERROR_CLOUD);
	g_assert_nonnull(strstr(large->message, "too large"));
	g_assert_cmpint(failure, ==, IV_HTTP_USELESS);
}

static void check_http_timeout(void)
{
	g_autoptr(GError) error = NULL;
	IvHttpFailure failure;
	gint64 start = g_get_monotonic_time();

	standin_rules(standin, "[{'action':'*','do':'delay-after','ms':3000}]");
	g_assert_null(exchange(standin->url, "A: b", 300, &failure, &error));
	g_assert_error(error, IV_ERROR, IV_ERROR_CLOUD);
	g_assert_cmpint(failure, ==, IV_HTTP_BROKEN);
	g_assert_cmpint(g_get_monotonic_time() - start, <, 2 * G_USEC_PER_SEC);
}

static void check_tls(void)
{
	g_autofree char *folder = g_dir_make_tmp("imgvet-tls-XXXXXX", NULL);
	g_autofree char *cert = g_build_filename(folder, "cert", NULL);
	g_autofree char *key = g_build_filename(folder, "key", NULL);
	const char *argv[] = {"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
			      "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
			      "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout",
			      key, "-out", cert, NULL};
	g_autoptr(GError) error = NULL;
	IvHttpFailure failure;
	Standin *secure;
	int status;

	g_assert_true(g_spawn_sync(NULL, (char **)argv, NULL,
				   G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL,
				   NULL, NULL, &status, NULL));
	g_assert_cmpint(status, ==, 0);
	secure = standin_start("https", (const char *const[]){"--tls", cert, key, NULL});
	g_assert_null(exchange(secure->url, "A: b", 5000, &failure, &error));
	g_assert_error(error, IV_ERROR, IV_ERROR_CLOUD);
	g_assert_cmpint(failure, ==, IV_HTTP_USELESS);
	g_assert_nonnull(strstr(error->message, "could not prove its identity"));
	standin_stop(secure);
	g_remove(cert);
	g_remove(key);
	g_rmdir(folder);
}

/* --- calls ------------------------------------------------------------------------------- */

static IvCloud *cloud_of(const char *region)
{
	g_autoptr(GError) error = NULL;
	IvCloud *cloud = iv_cloud_open(&(IvCloudOptions){.region = region,
							.endpoints = (const char *const[]){
								standin->url, NULL}},
				       &error);

	g_assert_no_error(error);
	return cloud;
}

/* Look an image up under a script; the error is the caller's to judge. */
static IvCloudImage *lookup(const char *rules, const char *image_id, IvCallTrace *trace,
			    GError **error)
{
	g_autoptr(IvCloud) cloud = cloud_of(DEMO_REGION);
	IvCloudImage *image = NULL;
	bool ok;

	standin_rules(standin, rules);
	ok = cloud->ops->image(cloud, image_id, &image, trace, error);
	g_assert_true(ok || (image == NULL && (error == NULL || *error != NULL)));
	return image;
}

static void check_images(void)
{
	static const struct {
		const char *id;
		bool there, own, available, is_public, encrypted, marketplace;
	} rows[] = {
		{DEMO_IMAGE, true, true, true, false, false, false},
		{"m-bp1received001", true, false, true, false, false, false},
		{"m-bp1creating001", true, true, false, false, false, false},
		{"m-bp1community01", true, true, true, true, false, false},
		{"m-bp1encrypted01", true, true, true, false, true, false},
		{"m-bp1market00001", true, true, true, false, false, true},
		{"m-gw8frankfurt01", false},
		{"m-nosuchimage", false},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		IvCallTrace trace = {0};
		g_autoptr(GError) error = NULL;
		g_autoptr(IvCloudImage) image = lookup("[]", rows[i].id, &trace, &error);

		g_test_message("%s", rows[i].id);
		g_assert_no_error(error);
		g_assert_cmpint(image != NULL, ==, rows[i].there);
		if (image != NULL) {
			g_assert_cmpint(image->own, ==, rows[i].own);
			g_assert_cmpint(image->available, ==, rows[i].available);
			g_assert_cmpint(image->is_public, ==, rows[i].is_public);
			g_assert_cmpint(image->encrypted, ==, rows[i].encrypted);
			g_assert_cmpint(image->marketplace, ==, rows[i].marketplace);
		}
		g_assert_cmpuint(trace.attempts, ==, 1);
		iv_call_trace_clear(&trace);
	}
}

static void check_pages(void)
{
	g_autoptr(IvCloud) cloud = cloud_of(DEMO_REGION);
	IvCallTrace trace = {0};
	g_autoptr(GError) error = NULL;
	g_autoptr(IvReceiverList) list = NULL, group = NULL;

	standin_rules(standin, "[]");
	list = cloud->ops->receivers(cloud, "m-bp1manyshares1", &trace, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(g_hash_table_size(list->accounts), ==, 230);
	g_assert_true(g_hash_table_contains(list->accounts, "1300000000000229"));
	g_assert_false(list->everybody);
	g_assert_cmpuint(trace.attempts, ==, 1);
	iv_call_trace_clear(&trace);
	group = cloud->ops->receivers(cloud, "m-bp1groupall001", &trace, &error);
	g_assert_no_error(error);
	g_assert_true(group->everybody);
	iv_call_trace_clear(&trace);
}

/* Trouble that a read gets over by itself. */
static void check_retried(void)
{
	static const char *const rows[] = {
		"[{'action':'*','times':2,'do':'throttle','wait_ms':30}]",
		"[{'action':'*','times':2,'do':'drop-before'}]",
		"[{'action':'*','do':'drop-after'}]",
		"[{'action':'*','do':'fail','status':503,'code':'ServiceUnavailable'}]",
		"[{'action':'*','do':'fail','status':400,'code':'SignatureNonceUsed'}]",
		"[{'action':'*','do':'raw','status':502,'body':'<html>Bad Gateway</html>'}]",
		"[{'action':'*','do':'cut'}]",
	};

	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		IvCallTrace trace = {0};
		g_autoptr(GError) error = NULL;
		g_autoptr(IvCloudImage) image = lookup(rows[i], DEMO_IMAGE, &trace, &error);

		g_test_message("%s", rows[i]);
		g_assert_no_error(error);
		g_assert_nonnull(image);
		g_assert_cmpuint(trace.attempts, >, 1);
		iv_call_trace_clear(&trace);
	}
}

static void check_clock(void)
{
	IvCallTrace trace = {0}, twice = {0};
	g_autoptr(GError) error = NULL, still = NULL;
	g_autoptr(IvCloudImage) image = lookup("[{'action':'*','do':'skew','seconds':86400}]",
					       DEMO_IMAGE, &trace, &error);

	g_assert_no_error(error);
	g_assert_nonnull(image);
	g_assert_cmpuint(trace.attempts, ==, 2);
	iv_call_trace_clear(&trace);
	standin_rules(standin, "[{'action':'*','do':'skew','seconds':0}]");
	g_clear_pointer(&image, iv_cloud_image_free);
	image = lookup("[{'action':'*','do':'skew','seconds':0}]", DEMO_IMAGE, &trace, NULL);
	g_clear_pointer(&image, iv_cloud_image_free);
	iv_call_trace_clear(&trace);
	/* A server that is never content is asked twice, not for ever. */
	image = lookup("[{'action':'*','times':9,'do':'fail','code':'InvalidTimeStamp.Expired'}]",
		       DEMO_IMAGE, &twice, &still);
	g_assert_error(still, IV_ERROR, IV_ERROR_CLOUD);
	g_assert_cmpuint(twice.attempts, ==, 2);
	g_assert_cmpstr(twice.code, ==, "InvalidTimeStamp.Expired");
	iv_call_trace_clear(&twice);
}

/* Trouble that ends the call, with words for people. */
static void check_refused(void)
{
	static const struct {
		const char *rules, *says;
		unsigned attempts;
	} rows[] = {
		{"[{'action':'*','do':'fail','status':403,'code':'Forbidden.RAM'}]",
		 "\nthe credentials lack the right ecs:DescribeImages", 1},
		{"[{'action':'*','do':'fail','status':404,'code':'InvalidAction.NotFound'}]",
		 "--endpoint", 1},
		{"[{'action':'*','times':9,'do':'throttle','wait_ms':10}]", "Throttling.User",
		 IV_CALL_ATTEMPTS},
		{"[{'action':'*','do':'throttle','wait_ms':200000000}]", "Throttling.User", 1},
		{"[{'action':'*','do':'redirect','location':'http://127.0.0.1:1/'}]", "HTTP 302", 1},
		{"[{'action':'*','do':'fail','code':'Odd','message':'bell \\u0007 and \\u202e'}]",
		 "\\x07", 1},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		IvCallTrace trace = {0};
		g_autoptr(GError) error = NULL;

		g_test_message("%s", rows[i].rules);
		g_assert_null(lookup(rows[i].rules, DEMO_IMAGE, &trace, &error));
		g_assert_error(error, IV_ERROR, IV_ERROR_CLOUD);
		g_assert_nonnull(strstr(error->message, rows[i].says));
		g_assert_nonnull(strstr(error->message, "DescribeImages"));
		g_assert_cmpuint(trace.attempts, ==, rows[i].attempts);
		iv_call_trace_clear(&trace);
	}
}

static void check_nonsense_images(void)
{
	static const char *const rows[] = {
		"[{'action':'*','do':'raw','body':''}]",
		"[{'action':'*','do':'raw','body':'hello'}]",
		"[{'action':'*','do':'raw','body':'[]'}]",
		"[{'action':'*','do':'raw','body':'{}'}]",
		"[{'action':'*','do':'raw','body':'{\\u0022RequestId\\u0022:\\u0022x\\u0022'}]",
		"[{'action':'*','do':'raw','body':'[','repeat':100000}]",
		"[{'action':'*','do':'raw','body':'x','repeat':5000000}]",
		"[{'action':'*','do':'patch','members':{'RequestId':7}}]",
		"[{'action':'*','do':'patch','members':{'Code':'OK'}}]",
		"[{'action':'*','do':'patch','members':{'Images':[]}}]",
		"[{'action':'*','do':'patch','members':{'Images':{'Image':{}}}}]",
		"[{'action':'*','do':'patch','members':{'TotalCount':'1'}}]",
		"[{'action':'*','do':'patch','members':{'TotalCount':-1}}]",
		"[{'action':'*','do':'patch','members':{'TotalCount':2}}]",
		"[{'action':'*','do':'patch','members':{'TotalCount':1e300}}]",
		"[{'action':'*','do':'patch','members':{'TotalCount':0}}]",
		"[{'action':'*','do':'patch','members':{'Images':{'Image':[]}}}]",
		"[{'action':'*','do':'patch','members':{'Images':{'Image':[7]}}}]",
		"[{'action':'*','do':'patch','members':{'RegionId':'cn-beijing'}}]",
		"[{'action':'*','do':'patch-image','members':{'ImageId':'m-other'}}]",
		"[{'action':'*','do':'patch-image','members':{'ImageId':null}}]",
		"[{'action':'*','do':'patch-image','members':{'Status':true}}]",
		"[{'action':'*','do':'patch-image','members':{'ImageOwnerAlias':[]}}]",
		"[{'action':'*','do':'patch-image','members':{'IsPublic':'false'}}]",
	};

	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		IvCallTrace trace = {0};
		g_autoptr(GError) error = NULL;

		g_test_message("%s", rows[i]);
		g_assert_null(lookup(rows[i], DEMO_IMAGE, &trace, &error));
		g_assert_error(error, IV_ERROR, IV_ERROR_CLOUD);
		iv_call_trace_clear(&trace);
	}
}

static void check_nonsense_receivers(void)
{
	static const char *const rows[] = {
		"[{'action':'*','do':'patch','members':{'ImageId':'m-other'}}]",
		"[{'action':'*','do':'patch','members':{'Accounts':null}}]",
		"[{'action':'*','do':'patch','members':{'Accounts':{'Account':'all'}}}]",
		"[{'action':'*','do':'patch','members':{'Accounts':{'Account':[{'AliyunId':5}]}}}]",
		"[{'action':'*','do':'patch','members':{'Accounts':{'Account':[{'AliyunId':'me'}]}}}]",
		"[{'action':'*','do':'patch','members':{'Accounts':{'Account':[]}}}]",
		"[{'action':'*','do':'patch','members':{'TotalCount':999999}}]",
		"[{'action':'*','do':'patch','members':{'TotalCount':231}}]",
		"[{'action':'*','do':'patch','members':{'PageNumber':2}}]",
		"[{'action':'*','skip':1,'do':'patch','members':{'PageNumber':1}}]",
		"[{'action':'*','skip':2,'do':'patch','members':{'Accounts':{'Account':[]}}}]",
	};
	g_autoptr(IvCloud) cloud = cloud_of(DEMO_REGION);

	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		IvCallTrace trace = {0};
		g_autoptr(GError) error = NULL;
		IvReceiverList *list;

		g_test_message("%s", rows[i]);
		standin_rules(standin, rows[i]);
		list = cloud->ops->receivers(cloud, "m-bp1manyshares1", &trace, &error);
		/* A total that grew while later pages were read counts as a change. */
		g_assert_true(list == NULL || i == 7);
		if (list == NULL)
			g_assert_error(error, IV_ERROR, IV_ERROR_CLOUD);
		iv_receiver_list_free(list);
		iv_call_trace_clear(&trace);
	}
}

/* A change is not repeated blindly: the caller is told to look first. */
static void check_changes(void)
{
	static const struct {
		const char *rules;
		bool ok, unsure, again;
		unsigned attempts;
	} rows[] = {
		{"[]", true, false, false, 1},
		{"[{'action':'*','do':'throttle','wait_ms':10}]", true, false, false, 2},
		{"[{'action':'*','do':'drop-before'}]", false, true, true, 1},
		{"[{'action':'*','do':'drop-after'}]", false, true, true, 1},
		{"[{'action':'*','do':'cut'}]", false, true, true, 1},
		{"[{'action':'*','do':'fail','status':500,'code':'InternalError'}]", false, true,
		 true, 1},
		{"[{'action':'*','do':'raw','body':'thanks'}]", false, true, false, 1},
		{"[{'action':'*','do':'fail','status':403,'code':'QuotaExceed.ShareImageUser'}]",
		 false, false, false, 1},
	};
	const char *accounts[] = {"1100000000000001", NULL};
	g_autoptr(IvCloud) cloud = cloud_of(DEMO_REGION);

	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		IvCallTrace trace = {0};
		g_autoptr(GError) error = NULL;

		g_test_message("%s", rows[i].rules);
		standin_rules(standin, rows[i].rules);
		g_assert_cmpint(cloud->ops->change(cloud, IV_CLOUD_ADD, DEMO_IMAGE, accounts, &trace,
						  &error), ==,
				rows[i].ok);
		g_assert_cmpint(error == NULL, ==, rows[i].ok);
		g_assert_cmpint(trace.unsure, ==, rows[i].unsure);
		g_assert_cmpint(trace.again, ==, rows[i].again);
		g_assert_cmpuint(trace.attempts, ==, rows[i].attempts);
		iv_call_trace_clear(&trace);
	}
}

/* Once each code, then success: how many attempts a look and a change take, and
 * whether the change is to be looked after instead. */
static void check_code(const char *code, int status, unsigned looks, unsigned changes, bool again)
{
	const char *accounts[] = {"1100000000000001", NULL};
	g_autoptr(IvCloud) cloud = cloud_of(DEMO_REGION);
	g_autofree char *rules = g_strdup_printf(
		"[{'action':'*','do':'fail','status':%d,'code':'%s'}]", status, code);
	g_autoptr(IvCloudImage) image = NULL;
	IvCallTrace look = {0}, change = {0};

	g_test_message("%s", rules);
	image = lookup(rules, DEMO_IMAGE, &look, NULL);
	g_assert_cmpint(image != NULL, ==, looks == 2);
	g_assert_cmpuint(look.attempts, ==, looks);
	standin_rules(standin, rules);
	g_assert_cmpint(cloud->ops->change(cloud, IV_CLOUD_ADD, DEMO_IMAGE, accounts, &change, NULL), ==,
			changes == 2);
	g_assert_cmpuint(change.attempts, ==, changes);
	g_assert_cmpint(change.again, ==, again);
	iv_call_trace_clear(&look);
	iv_call_trace_clear(&change);
}

static void check_codes(void)
{
	static const struct {
		const char *code;
		int status;
		unsigned looks, changes;
		bool again;
	} rows[] = {
		{"Throttling", 400, 2, 2, false},
		{"Throttling.Api", 403, 2, 2, false},
		{"Rejected.Throttling", 400, 2, 2, false},
		{"Whatever", 429, 2, 2, false},
		{"SystemBusy", 400, 2, 2, false},
		{"OperationConflict", 409, 2, 2, false},
		{"LastTokenProcessing", 403, 2, 2, false},
		{"OperationDenied.ImageCopying", 403, 2, 2, false},
		{"ImageIsImporting", 403, 2, 2, false},
		{"ImageIsExporting", 403, 2, 2, false},
		{"IncorrectDiskStatus.Initializing", 403, 2, 2, false},
		{"IncorrectInstanceStatus", 403, 2, 2, false},
		{"AssociateConflict", 409, 2, 2, false},
		{"SignatureNonceUsed", 400, 2, 2, false},
		{"InvalidSecurityToken.Expired", 400, 2, 2, false},
		{"ServiceUnavailable", 503, 2, 1, true},
		{"ServiceUnavailable.RegionMaintaining", 400, 2, 1, true},
		{"InternalError", 500, 2, 1, true},
		{"BadGateway", 502, 2, 1, true},
		{"GatewayTimeout", 504, 2, 1, true},
		{"Forbidden.RAM", 403, 1, 1, false},
		{"InvalidParameter", 400, 1, 1, false},
		{"MissingParameter", 400, 1, 1, false},
		{"SignatureDoesNotMatch", 400, 1, 1, false},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
		check_code(rows[i].code, rows[i].status, rows[i].looks, rows[i].changes,
			   rows[i].again);
}

/* --- credentials on the wire --------------------------------------------------------------- */

static void check_secrets(void)
{
	static const struct {
		const char *id, *secret, *token, *rules, *code;
	} rows[] = {
		{DEMO_KEY_ID, "a-wrong-invented-secret", NULL, "[]", "SignatureDoesNotMatch"},
		{"nobodys-key-id", DEMO_SECRET, NULL, "[]", "InvalidAccessKeyId.NotFound"},
		{DEMO_STS_ID, DEMO_STS, NULL, "[]", "MissingSecurityToken"},
		{DEMO_STS_ID, DEMO_STS, "another/invented+token", "[]",
		 "InvalidSecurityToken.MismatchWithAccessKey"},
		{DEMO_STS_ID, DEMO_STS, DEMO_TOKEN, "[{'action':'*','do':'echo-token'}]",
		 "Forbidden.RAM"},
		{DEMO_STS_ID, DEMO_STS, DEMO_TOKEN, "[]", NULL},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		IvCallTrace trace = {0};
		g_autoptr(GError) error = NULL;
		g_autoptr(IvCloudImage) image = NULL;

		standin_credentials(rows[i].id, rows[i].secret, rows[i].token);
		image = lookup(rows[i].rules, DEMO_IMAGE, &trace, &error);
		g_assert_cmpint(image != NULL, ==, rows[i].code == NULL);
		g_assert_cmpstr(trace.code, ==, rows[i].code);
		if (error != NULL) {
			g_assert_nonnull(strstr(error->message, "\n"));
			g_assert_null(strstr(error->message, rows[i].secret));
			g_assert_null(strstr(error->message, "StringToSign"));
			g_assert_true(rows[i].token == NULL ||
				      strstr(error->message, rows[i].token) == NULL);
		}
		iv_call_trace_clear(&trace);
	}
	standin_credentials(DEMO_KEY_ID, DEMO_SECRET, NULL);
}

static void check_shapes(void)
{
	g_assert_true(iv_alibaba_image_id_ok("m-bp1imgvetdemo001"));
	g_assert_false(iv_alibaba_image_id_ok("m-"));
	g_assert_false(iv_alibaba_image_id_ok("i-bp1imgvetdemo001"));
	g_assert_false(iv_alibaba_image_id_ok("m-bp1&AddAccount.1=5"));
	g_assert_true(iv_alibaba_region_ok("eu-central-1"));
	g_assert_false(iv_alibaba_region_ok("evil.example/"));
	g_assert_false(iv_alibaba_region_ok("-x"));
	g_assert_false(iv_alibaba_region_ok(""));
	g_assert_true(iv_alibaba_account_ok("12345"));
	g_assert_false(iv_alibaba_account_ok("1234"));
	g_assert_false(iv_alibaba_account_ok("123456789012345678901"));
	g_assert_false(iv_alibaba_account_ok("1234567a"));
}

int main(int argc, char **argv)
{
	int status;

	g_test_init(&argc, &argv, NULL);
	standin = standin_start("http", NULL);
	g_test_add_func("/http/endpoints", check_endpoints);
	g_test_add_func("/http/refusals", check_http_refusals);
	g_test_add_func("/http/timeout", check_http_timeout);
	g_test_add_func("/http/tls", check_tls);
	g_test_add_func("/ecs/shapes", check_shapes);
	g_test_add_func("/ecs/images", check_images);
	g_test_add_func("/ecs/pages", check_pages);
	g_test_add_func("/ecs/retried", check_retried);
	g_test_add_func("/ecs/clock", check_clock);
	g_test_add_func("/ecs/refused", check_refused);
	g_test_add_func("/ecs/nonsense-images", check_nonsense_images);
	g_test_add_func("/ecs/nonsense-receivers", check_nonsense_receivers);
	g_test_add_func("/ecs/changes", check_changes);
	g_test_add_func("/ecs/codes", check_codes);
	g_test_add_func("/ecs/secrets", check_secrets);
	status = g_test_run();
	standin_stop(standin);
	return status;
}
