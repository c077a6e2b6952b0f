/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_share.c - no pass, no call: what iv_share() refuses before anything is sent */
#include "scanner/base/text.h"
#include "share/access/request.h"
#include "share/access/share.h"
#include "share/ledger/ledger.h"
#include "tests/cloud/standin.h"
#include "tests/unit/gate/gate_rig.h"

#include "share/base/limits.h"

#define FRIEND "1234567890123456"
#define OTHER  "2234567890123456"

static Standin *standin;

/* A pass for these receivers, minted as the program does it. */
static IvPass *mint(const char *image_id, const char *const *accounts)
{
	g_autoptr(IvReport) report = rig_report();
	g_autoptr(cJSON) json = rig_sign(report);
	g_autoptr(IvPolicy) policy = rig_policy("allow_asserted: true\n");
	g_autoptr(IvClearances) clearances = iv_clearances_load(NULL, NULL);
	IvReceivers to = {.accounts = (GStrv)accounts, .image_id = image_id,
			  .region = DEMO_REGION};
	IvPass *pass = NULL;
	g_autoptr(IvVerdict) verdict =
		iv_gate_judge(json, policy, clearances, &to, RIG_NOW, &pass);

	g_assert_true(verdict->yes);
	g_assert_nonnull(pass);
	return pass;
}

/* "kind outcome" of a line. */
static bool take_line(void *user, const IvLedgerLine *line)
{
	cJSON *detail = cJSON_Parse(line->detail);
	const char *outcome = cJSON_GetStringValue(cJSON_GetObjectItem(detail, "outcome"));

	g_assert_true(line->chain_ok && !line->open);
	g_assert_cmpstr(line->digest, ==, "fsverity-sha256:" RIG_PRINT RIG_PRINT);
	g_ptr_array_add(user, g_strdup_printf("%s%s%s", line->kind, outcome ? " " : "",
					      outcome ? outcome : ""));
	cJSON_Delete(detail);
	return true;
}

/* One share with a ledger of its own. */
typedef struct {
	bool ok;
	IvShareResult *result;
	GError *error;
	GPtrArray *lines; /* of the ledger */
	int requests;	  /* that reached the stand-in */
} Try;

static Try share_once(const IvPass *pass, const IvShareRequest *request)
{
	Try t = {.lines = g_ptr_array_new_with_free_func(g_free)};
	g_autofree char *path = rig_path("ledger.db");
	g_autoptr(GError) error = NULL;
	g_autoptr(IvLedger) ledger = NULL;

	g_remove(path);
	ledger = iv_ledger_open(path, &error);
	g_assert_no_error(error);
	t.ok = iv_share(pass, request, ledger, &t.result, &t.error);
	g_assert_true(t.ok == (t.error == NULL));
	g_assert_nonnull(t.result);
	g_assert_true(iv_ledger_each(ledger, take_line, t.lines, &error));
	return t;
}

/* The same, counting; the stand-in's script is empty then. */
static Try try_share(const IvPass *pass, const IvShareRequest *request)
{
	int before = standin_requests(standin);
	Try t = share_once(pass, request);

	t.requests = standin_requests(standin) - before;
	return t;
}

static void try_clear(Try *t)
{
	iv_share_result_free(t->result);
	g_clear_error(&t->error);
	g_ptr_array_unref(t->lines);
}

static char *where[] = {NULL, NULL}; /* the stand-in */

static IvShareRequest request_for(const char *image_id, const char *const *accounts)
{
	return (IvShareRequest){.image_id = image_id, .region = DEMO_REGION,
				.accounts = (GStrv)accounts, .endpoints = (const char *const *)where};
}

/* --- what a pass does not cover ------------------------------------------------------- */

static void check_not_covered(void)
{
	static const char *const both[] = {FRIEND, OTHER, NULL}, *const one[] = {FRIEND, NULL};
	static const char *const longer[] = {FRIEND "0", NULL}, *const none[] = {NULL};
	static const struct {
		const char *pass_image;
		const char *const *pass_accounts;
		const char *image;
		const char *const *accounts;
		const char *says;
		const char *region; /* NULL: the pass's */
	} rows[] = {
		{DEMO_IMAGE, one, DEMO_IMAGE, one, "not for image " DEMO_IMAGE " in cn-beijing", "cn-beijing"},
		{"m-bp1anotherimage", one, DEMO_IMAGE, one, "not for image " DEMO_IMAGE},
		{DEMO_IMAGE, one, "m-bp1anotherimage", one, "not for image m-bp1anotherimage"},
		{NULL, one, DEMO_IMAGE, one, "not for image " DEMO_IMAGE},
		{DEMO_IMAGE, one, DEMO_IMAGE, both, "does not cover account " OTHER},
		{DEMO_IMAGE, one, DEMO_IMAGE, longer, "does not cover account " FRIEND "0"},
		{DEMO_IMAGE, none, DEMO_IMAGE, one, "does not cover account " FRIEND},
		{DEMO_IMAGE, NULL, DEMO_IMAGE, one, "does not cover account " FRIEND},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(IvPass) pass = mint(rows[i].pass_image, rows[i].pass_accounts);
		IvShareRequest request = request_for(rows[i].image, rows[i].accounts);

		for (int dry = 0; dry < 2; dry++) {
			Try t;

			request.dry_run = dry == 1;
			if (rows[i].region != NULL)
				request.region = rows[i].region;
			t = try_share(pass, &request);
			g_test_message("row %zu, dry run: %d", i, dry);
			g_assert_error(t.error, IV_ERROR, IV_ERROR_REFUSED);
			g_assert_nonnull(strstr(t.error->message, rows[i].says));
			g_assert_cmpint(t.requests, ==, 0);
			g_assert_cmpuint(t.result->calls->len, ==, 0);
			g_assert_cmpuint(t.result->changed->len, ==, 0);
			g_assert_false(t.result->verified);
			g_assert_cmpuint(t.lines->len, ==, 2);
			g_assert_cmpstr(t.lines->pdata[0], ==, "call-begin");
			g_assert_cmpstr(t.lines->pdata[1], ==, "call-end refused");
			try_clear(&t);
		}
	}
	g_assert_cmpint(standin_shares(standin, DEMO_IMAGE), ==, 0);
}

/* --- what is no request at all ---------------------------------------------------------- */

static void check_malformed(void)
{
	static const char *const one[] = {FRIEND, NULL}, *const none[] = {NULL};
	static const char *const name[] = {FRIEND, "ada", NULL}, *const blank[] = {"", NULL};
	g_autoptr(GPtrArray) many = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(IvPass) pass = mint(DEMO_IMAGE, one);
	const IvShareRequest rows[] = {
		{.region = DEMO_REGION, .accounts = (GStrv)one},
		{.image_id = "", .region = DEMO_REGION, .accounts = (GStrv)one},
		{.image_id = DEMO_IMAGE "&a=b", .region = DEMO_REGION, .accounts = (GStrv)one},
		{.image_id = DEMO_IMAGE, .accounts = (GStrv)one},
		{.image_id = DEMO_IMAGE, .region = "CN", .accounts = (GStrv)one},
		{.image_id = DEMO_IMAGE, .region = DEMO_REGION},
		{.image_id = DEMO_IMAGE, .region = DEMO_REGION, .accounts = (GStrv)none},
		{.image_id = DEMO_IMAGE, .region = DEMO_REGION, .accounts = (GStrv)name},
		{.image_id = DEMO_IMAGE, .region = DEMO_REGION, .accounts = (GStrv)blank},
		{.image_id = DEMO_IMAGE, .region = DEMO_REGION, .accounts = (GStrv)one,
		 .endpoints = (const char *const[]){"http://192.0.2.1", NULL}},
	};
	IvShareRequest crowd = request_for(DEMO_IMAGE, NULL);
	Try t;

	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_test_message("row %zu", i);
		t = try_share(pass, &rows[i]);
		g_assert_error(t.error, IV_ERROR, IV_ERROR_USAGE);
		g_assert_cmpint(t.requests, ==, 0);
		g_assert_cmpuint(t.lines->len, ==, 0);
		try_clear(&t);
	}
	for (guint i = 0; i <= IV_SHARE_MAX_ACCOUNTS; i++)
		g_ptr_array_add(many, g_strdup_printf("%u", 1000000 + i));
	g_ptr_array_add(many, NULL);
	crowd.accounts = (GStrv)many->pdata;
	t = try_share(pass, &crowd);
	g_assert_error(t.error, IV_ERROR, IV_ERROR_USAGE);
	g_assert_cmpint(t.requests, ==, 0);
	try_clear(&t);
}

static void check_ready(void)
{
	static const char *const one[] = {FRIEND, NULL};
	IvShareRequest request = request_for(DEMO_IMAGE, one);
	g_autoptr(GError) error = NULL;

	g_assert_true(iv_share_ready(&request, NULL));
	iv_share_done(&request);
	standin_credentials("", "", NULL);
	g_setenv("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true", TRUE);
	g_assert_false(iv_share_ready(&request, &error));
	g_assert_error(error, IV_ERROR, IV_ERROR_CONFIG);
	standin_credentials(DEMO_KEY_ID, DEMO_SECRET, NULL);
	g_assert_cmpint(standin_requests(standin), ==, 0);
}

static void check_fold(void)
{
	static const char *const given[] = {"2", "1", "2", "3", "1", NULL};
	g_auto(GStrv) folded = iv_text_unique(given), nothing = iv_text_unique(NULL);
	g_autofree char *joined = g_strjoinv(" ", folded);

	g_assert_cmpstr(joined, ==, "2 1 3");
	g_assert_cmpuint(g_strv_length(nothing), ==, 0);
}

/* --- what a pass does cover ---------------------------------------------------------------- */

static void count_say(void *user, const char *text)
{
	g_assert_true(g_utf8_validate(text, -1, NULL));
	++*(int *)user;
}

/* The pass is for two: to share with one of them is less than was allowed. */
static void check_covered(void)
{
	static const char *const both[] = {OTHER, FRIEND, NULL};
	static const char *const part[] = {FRIEND, FRIEND, NULL};
	g_autoptr(IvPass) pass = mint(DEMO_IMAGE, both);
	IvShareRequest request = request_for(DEMO_IMAGE, part);
	int said = 0;
	Try t = try_share(pass, &request);

	g_assert_no_error(t.error);
	g_assert_true(t.result->verified);
	g_assert_cmpuint(t.result->changed->len, ==, 1);
	g_assert_cmpstr(t.result->changed->pdata[0], ==, FRIEND);
	/* The image, who has it, the change, who has it then, its tags. */
	g_assert_cmpint(t.requests, ==, 5);
	g_assert_cmpuint(t.lines->len, ==, 10);
	for (guint i = 0; i < t.lines->len; i++)
		g_assert_cmpstr(t.lines->pdata[i], ==, i % 2 ? "call-end done" : "call-begin");
	try_clear(&t);

	request = request_for(DEMO_IMAGE, both);
	request.say = count_say;
	request.user = &said;
	t = try_share(pass, &request);
	g_assert_no_error(t.error);
	g_assert_cmpint(said, >=, 2);
	g_assert_cmpstr(t.result->changed->pdata[0], ==, OTHER);
	g_assert_cmpstr(t.result->already->pdata[0], ==, FRIEND);
	g_assert_cmpuint(t.result->changed->len + t.result->already->len, ==, 2);
	g_assert_cmpint(standin_shares(standin, DEMO_IMAGE), ==, 2);
	try_clear(&t);
}

/* A pass for accounts, even for all that are asked, is none for everybody. */
static void check_not_public(void)
{
	static const char *const one[] = {FRIEND, NULL};
	g_autoptr(IvPass) pass = mint(DEMO_IMAGE, one);
	IvShareRequest request = request_for(DEMO_IMAGE, one);
	Try t;

	g_assert_false(iv_pass_is_public(pass));
	request.is_public = true;
	t = try_share(pass, &request);
	g_assert_error(t.error, IV_ERROR, IV_ERROR_REFUSED);
	g_assert_nonnull(strstr(t.error->message, "does not let everybody have image " DEMO_IMAGE));
	g_assert_cmpint(t.requests, ==, 0);
	g_assert_cmpuint(t.lines->len, ==, 2);
	g_assert_cmpstr(t.lines->pdata[1], ==, "call-end refused");
	try_clear(&t);
}

/* A batch fails half way: what is there, and what is not, is told. */
static void check_half_way(void)
{
	g_autoptr(GPtrArray) many = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(IvPass) pass = NULL;
	IvShareRequest request;
	Try t;

	for (guint i = 0; i < 25; i++)
		g_ptr_array_add(many, g_strdup_printf("11000000000000%02u", i));
	g_ptr_array_add(many, NULL);
	pass = mint(DEMO_IMAGE, (const char *const *)many->pdata);
	request = request_for(DEMO_IMAGE, (const char *const *)many->pdata);
	standin_rules(standin, "[{'action':'ModifyImageSharePermission','skip':2,'do':'fail',"
			       "'status':403,'code':'Forbidden.RAM'}]");
	t = share_once(pass, &request);
	g_assert_error(t.error, IV_ERROR, IV_ERROR_CLOUD);
	g_assert_cmpuint(t.result->calls->len, ==, 3);
	g_assert_cmpuint(t.result->changed->len, ==, 20);
	g_assert_cmpuint(t.result->missing->len, ==, 5);
	g_assert_false(t.result->verified);
	g_assert_cmpuint(t.lines->len, ==, 12);
	g_assert_cmpstr(t.lines->pdata[9], ==, "call-end failed");
	try_clear(&t);
}

int main(int argc, char **argv)
{
	int status;

	g_test_init(&argc, &argv, NULL);
	rig_home();
	standin = standin_start("http", NULL);
	where[0] = standin->url;
	g_test_add_func("/share/ready", check_ready);
	g_test_add_func("/share/fold", check_fold);
	g_test_add_func("/share/not-covered", check_not_covered);
	g_test_add_func("/share/malformed", check_malformed);
	g_test_add_func("/share/covered", check_covered);
	g_test_add_func("/share/not-public", check_not_public);
	g_test_add_func("/share/half-way", check_half_way);
	status = g_test_run();
	standin_stop(standin);
	return status;
}
