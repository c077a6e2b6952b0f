/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_origin.c - origin records: their form, their signature, and where the gate draws the line */
#include "scanner/report/origin.h"
#include "tests/unit/gate/gate_rig.h"

static char *snapshots[] = {(char *)"s-bp1sample", NULL}, *none[] = {NULL};

static IvOrigin *sample(void)
{
	IvOrigin *origin = iv_origin_new();

	origin->cloud = g_strdup("Alibaba Cloud");
	origin->account = g_strdup("1000000000000001");
	origin->region = g_strdup("cn-hangzhou");
	origin->image_id = g_strdup("m-sample");
	origin->snapshots = g_strdupv(snapshots);
	origin->disks = 1;
	origin->way = g_strdup("export");
	origin->task = g_strdup("t-sample");
	origin->bucket = g_strdup("vault");
	origin->object = g_strdup("x.raw.tar.gz");
	origin->crc64 = g_strdup("18446744073709551615");
	origin->object_size = 1000;
	origin->requests = g_strdupv(none);
	origin->endpoints = g_strdupv(none);
	origin->started = RIG_NOW - 500;
	origin->finished = RIG_NOW - 400;
	origin->size = 1 << 20;
	origin->digest = g_strconcat("fsverity-sha256:", RIG_PRINT, RIG_PRINT, NULL);
	origin->version = g_strdup("0");
	return origin;
}

static cJSON *signed_sample(void)
{
	g_autoptr(IvOrigin) origin = sample();
	g_autoptr(IvKey) key = iv_key_load(NULL, NULL);
	cJSON *json = iv_origin_to_json(origin);

	g_assert_true(iv_attest_sign_origin(json, key, NULL));
	return json;
}

static void test_round(void)
{
	g_autoptr(cJSON) json = signed_sample();
	g_autoptr(GError) error = NULL;
	g_autofree char *path = rig_path("disk.origin.json"), *signer = NULL, *beside = NULL;
	g_autoptr(cJSON) again = NULL;
	g_autoptr(IvOrigin) origin = NULL;

	g_assert_true(iv_report_save(json, path, &error));
	again = iv_origin_load(path, &error);
	g_assert_no_error(error);
	g_assert_true(cJSON_Compare(json, again, true));
	g_assert_true(iv_attest_verify_origin(again, &signer, &error));
	origin = iv_origin_from_json(again, &error);
	g_assert_cmpstr(origin->image_id, ==, "m-sample");
	g_assert_cmpstr(origin->crc64, ==, "18446744073709551615");
	g_assert_cmpstr(origin->snapshots[0], ==, "s-bp1sample");
	g_assert_null(origin->disk);
	beside = iv_origin_path("a/disk.img");
	g_assert_cmpstr(beside, ==, "a/disk.img.origin.json");
}

/* Every member must be there, and changing any spoils the signature. */
static void test_members(void)
{
	g_autoptr(cJSON) json = signed_sample();

	for (const cJSON *m = json->child; m != NULL; m = m->next) {
		g_autoptr(cJSON) cut = cJSON_Duplicate(json, true);
		g_autoptr(cJSON) changed = cJSON_Duplicate(json, true);
		g_autoptr(GError) error = NULL;
		g_autofree char *signer = NULL;
		g_autoptr(IvOrigin) origin = NULL;

		if (strcmp(m->string, "signature") == 0)
			continue;
		cJSON_DeleteItemFromObjectCaseSensitive(cut, m->string);
		origin = iv_origin_from_json(cut, &error);
		g_assert_null(origin);
		g_assert_error(error, IV_ERROR, IV_ERROR_CORRUPT);
		g_assert_nonnull(strstr(error->message, m->string));
		cJSON_ReplaceItemInObjectCaseSensitive(changed, m->string, cJSON_CreateFalse());
		g_assert_false(iv_attest_verify_origin(changed, &signer, NULL));
		g_assert_null(signer);
	}
}

static void test_refused(void)
{
	static const struct {
		const char *member, *value;
	} rows[] = {
		{"schema", "2"},       {"way", "\"magic\""}, {"disks", "0"},
		{"digest", "\"x\""},   {"task", "\"\""},     {"object_size", "-1"},
		{"snapshots", "null"}, {"started", "7"},     {"requests", "[1]"},
		{"image_id", "null"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(cJSON) json = signed_sample();
		g_autoptr(IvOrigin) origin = NULL;

		g_assert_true(cJSON_ReplaceItemInObjectCaseSensitive(json, rows[i].member,
								     cJSON_Parse(rows[i].value)));
		origin = iv_origin_from_json(json, NULL);
		g_assert_null(origin);
	}
}

static void test_large(void)
{
	g_autofree char *path = rig_path("large.json"), *text = g_strnfill(300 << 10, ' ');
	g_autoptr(GError) error = NULL;
	g_autoptr(cJSON) json = NULL;

	g_assert_true(g_file_set_contents(path, text, -1, NULL));
	json = iv_origin_load(path, &error);
	g_assert_null(json);
	g_assert_error(error, IV_ERROR, IV_ERROR_LIMIT);
}

/* --- the gate -------------------------------------------------------------------------- */

typedef struct {
	cJSON *origin; /* NULL: none */
	const char *policy, *image_id, *region;
} Case;

static void set(Case *c, const char *member, cJSON *value)
{
	g_autoptr(IvKey) key = iv_key_load(NULL, NULL);

	g_assert_true(cJSON_ReplaceItemInObjectCaseSensitive(c->origin, member, value));
	g_assert_true(iv_attest_sign_origin(c->origin, key, NULL));
}

static void sign_as_stranger(Case *c)
{
	g_autofree char *path = rig_path("stranger.key");
	g_autoptr(IvKey) key = iv_key_make(path, NULL);

	g_assert_true(iv_attest_sign_origin(c->origin, key, NULL));
}

static void good(Case *c) { (void)c; }
static void no_region(Case *c) { c->region = NULL; }
static void no_id(Case *c) { c->image_id = NULL; }
static void absent(Case *c) { g_clear_pointer(&c->origin, cJSON_Delete); }
static void absent_allowed(Case *c) { absent(c); c->policy = "allow_asserted: true\n"; }
static void other_id(Case *c) { set(c, "image_id", cJSON_CreateString("m-other")); c->policy = "allow_asserted: true\n"; }
static void other_region(Case *c) { set(c, "region", cJSON_CreateString("cn-beijing")); c->policy = "allow_asserted: true\n"; }
static void other_digest(Case *c) { set(c, "digest", cJSON_CreateString("fsverity-sha256:" RIG_OTHER RIG_OTHER)); c->policy = "allow_asserted: true\n"; }
static void two_disks(Case *c) { set(c, "disks", cJSON_CreateNumber(2)); }
static void two_allowed(Case *c) { two_disks(c); c->policy = "allow_asserted: true\n"; }
static void stranger(Case *c) { sign_as_stranger(c); c->policy = "allow_asserted: true\n"; }
static void forged(Case *c) { cJSON_ReplaceItemInObjectCaseSensitive(c->origin, "image_id", cJSON_CreateString("m-forged")); c->image_id = "m-forged"; c->policy = "allow_asserted: true\n"; }
static void unsigned_record(Case *c) { cJSON_DeleteItemFromObject(c->origin, "signature"); c->policy = "allow_asserted: true\n"; }
static void malformed(Case *c) { set(c, "way", cJSON_CreateString("magic")); }

static IvVerdict *judge(const Case *c)
{
	g_autoptr(IvReport) report = rig_report();
	g_autoptr(IvPolicy) policy = rig_policy(c->policy);
	g_autoptr(IvClearances) clearances = iv_clearances_load(NULL, NULL);
	IvReceivers to = {.image_id = c->image_id, .region = c->region};
	g_autoptr(cJSON) json = NULL;

	report->origin = cJSON_Duplicate(c->origin, true);
	json = rig_sign(report);
	return iv_gate_judge(json, policy, clearances, &to, RIG_NOW, NULL);
}

static void test_gate(void)
{
	static const struct {
		void (*make)(Case *);
		bool yes;
		const char *code, *text; /* of a reason that must be there */
	} rows[] = {
		{good, true, "image-id", "proven"},
		{no_region, true, "image-id", "proven"},
		{no_id, true, "origin", "exported from cn-hangzhou"},
		{absent, false, "image-id", "asserted, not proven"},
		{absent_allowed, true, "image-id", "asserted, not proven"},
		{other_id, false, "image-id", "of image m-other, not of m-sample"},
		{other_region, false, "image-id", "in cn-beijing, not in cn-hangzhou"},
		{other_digest, false, "origin", "other bytes"},
		{two_disks, false, "image-id", "further disks"},
		{two_allowed, true, "image-id", "further disks"},
		{stranger, false, "origin", "does not count"},
		{forged, false, "origin", "does not match"},
		{unsigned_record, false, "origin", "not signed"},
		{malformed, false, "report", "origin.way"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		Case c = {signed_sample(), "allow_asserted: false\n", "m-sample", "cn-hangzhou"};
		g_autoptr(IvVerdict) verdict = NULL;
		const IvReason *reason;

		rows[i].make(&c);
		verdict = judge(&c);
		reason = rig_reason(verdict, rows[i].code);
		if (reason == NULL || strstr(reason->text, rows[i].text) == NULL)
			g_error("row %zu: %s", i, reason != NULL ? reason->text : "no such reason");
		g_assert_cmpint(verdict->yes, ==, rows[i].yes);
		g_assert_true(rows[i].yes || !reason->ok);
		/* Only what is proven may be called so. */
		reason = rig_reason(verdict, "image-id");
		if (reason != NULL && strstr(reason->text, "is proven") != NULL)
			g_assert_true(rows[i].make == good || rows[i].make == no_region);
		cJSON_Delete(c.origin);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	rig_home();
	g_test_add_func("/origin/round", test_round);
	g_test_add_func("/origin/members", test_members);
	g_test_add_func("/origin/refused", test_refused);
	g_test_add_func("/origin/large", test_large);
	g_test_add_func("/origin/gate", test_gate);
	return g_test_run();
}
