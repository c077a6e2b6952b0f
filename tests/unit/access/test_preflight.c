/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_preflight.c - what refuses a share, and the readers behind a preflight's lines */
#include "tests/unit/gate/gate_rig.h"

#include "share/access/preflight_lines.h"
#include "share/alibaba/preflight/kms.h"
#include "share/alibaba/preflight/ram.h"
#include "share/alibaba/preflight/snapshots.h"
#include "share/cloud/cloud.h"
#include "share/cloud/preflight.h"

#define IMAGE  "m-bp1imgvetdemo001"
#define FRIEND "1234567890123456"
#define OTHER  "2234567890123456"

/* --- the list ---------------------------------------------------------------------- */

/* What each answer does: '-' goes on, 'x' refuses; yes, no, unknown. */
static void check_blocks(void)
{
	static const struct {
		IvPreflightCheck check;
		const char *code, *effect;
	} rows[] = {
		{IV_CHECK_CREDENTIALS, "credentials", "-x-"},
		{IV_CHECK_RECEIVERS, "receivers", "-xx"},
		{IV_CHECK_OWN_ACCOUNT, "own-account", "-x-"},
		{IV_CHECK_POLICY, "policy", "-xx"},
		{IV_CHECK_IMAGE, "image", "-xx"},
		{IV_CHECK_OWNER, "owner", "-xx"},
		{IV_CHECK_STATE, "state", "-xx"},
		{IV_CHECK_PUBLIC, "public", "-xx"},
		{IV_CHECK_EVERYBODY, "everybody", "-xx"},
		{IV_CHECK_REACH, "reach", "---"},
		{IV_CHECK_OTHER_WAY, "other-way", "-x-"},
		{IV_CHECK_DATA_DISKS, "data-disks", "-xx"},
		{IV_CHECK_MARKETPLACE, "marketplace", "---"},
		{IV_CHECK_ENCRYPTION, "encryption", "---"},
		{IV_CHECK_KEY_REGION, "key-region", "---"},
		{IV_CHECK_KEY_DISKS, "key-disks", "-x-"},
		{IV_CHECK_KEY_KIND, "key-kind", "-x-"},
		{IV_CHECK_KEY_STATE, "key-state", "-x-"},
		{IV_CHECK_KEY_TRUST, "key-trust", "-x-"},
		{IV_CHECK_QUOTA, "quota", "-x-"},
	};

	g_assert_cmpuint(G_N_ELEMENTS(rows), ==, IV_CHECKS);
	for (guint i = 0; i < IV_CHECKS; i++) {
		g_assert_cmpint(rows[i].check, ==, i);
		g_assert_cmpstr(iv_preflight_code(rows[i].check), ==, rows[i].code);
		for (int answer = IV_ANSWER_YES; answer <= IV_ANSWER_UNKNOWN; answer++) {
			g_autoptr(IvPreflight) list = iv_preflight_new();
			g_autoptr(GError) error = NULL;
			const IvPreflightLine *line;
			bool ok;

			iv_preflight_say(list, rows[i].check, answer, NULL, "%d%%", 50);
			line = list->lines->pdata[0];
			ok = iv_preflight_ok(list, &error);
			g_test_message("%s: %s", rows[i].code, iv_answer_word(answer));
			g_assert_true(line->blocks == (rows[i].effect[answer] == 'x'));
			g_assert_true(ok == !line->blocks && ok == (error == NULL));
			g_assert_cmpstr(line->text, ==, "50%");
		}
	}
}

/* In the order of the checks, and of one check as they came; the first that
 * refuses is the error, its remedy without layout. */
static void check_order(void)
{
	g_autoptr(IvPreflight) list = iv_preflight_new();
	g_autoptr(GString) order = g_string_new(NULL);
	g_autoptr(GError) error = NULL;
	g_autoptr(cJSON) json = NULL;

	iv_preflight_say(list, IV_CHECK_QUOTA, IV_ANSWER_NO, NULL, "a");
	iv_preflight_say(list, IV_CHECK_KEY_KIND, IV_ANSWER_NO,
			 "do this:\nrun x \\\n  --more\nrun y", "b");
	iv_preflight_say(list, IV_CHECK_CREDENTIALS, IV_ANSWER_UNKNOWN, NULL, "c");
	iv_preflight_say(list, IV_CHECK_KEY_KIND, IV_ANSWER_YES, NULL, "d");
	for (guint i = 0; i < list->lines->len; i++)
		g_string_append(order, ((IvPreflightLine *)list->lines->pdata[i])->text);
	g_assert_cmpstr(order->str, ==, "cbda");
	g_assert_false(iv_preflight_ok(list, &error));
	g_assert_error(error, IV_ERROR, IV_ERROR_REFUSED);
	g_assert_cmpstr(error->message, ==, "b\ndo this:\nrun x --more\nrun y");
	json = iv_preflight_to_json(list);
	g_assert_cmpint(cJSON_GetArraySize(json), ==, 4);
	g_assert_cmpstr(cJSON_GetObjectItem(cJSON_GetArrayItem(json, 0), "answer")->valuestring, ==,
			"unknown");
	g_assert_true(cJSON_IsTrue(cJSON_GetObjectItem(cJSON_GetArrayItem(json, 1), "blocks")));
}

/* --- an image ------------------------------------------------------------------------- */

/* A pass for FRIEND and IMAGE, with a policy of these disks ("" : none). */
static IvPass *mint(const char *disks)
{
	static char *accounts[] = {(char *)FRIEND, NULL};
	g_autofree char *text = g_strdup_printf(
		"accepted_disks: [%s]\nallow_asserted: true\n", disks);
	g_autoptr(IvPolicy) policy = rig_policy(text);
	g_autoptr(IvReport) report = rig_report();
	g_autoptr(cJSON) json = rig_sign(report);
	g_autoptr(IvClearances) none = iv_clearances_load(NULL, NULL);
	IvReceivers to = {.accounts = accounts, .image_id = IMAGE, .region = "r"};
	IvPass *pass = NULL;
	g_autoptr(IvVerdict) verdict = iv_gate_judge(json, policy, none, &to, RIG_NOW, &pass);

	g_assert_true(verdict->yes);
	return pass;
}

/* "s:s-1 d:s-2": the disks of an image, s for system. */
static IvCloudImage *image_with(const char *disks)
{
	g_auto(GStrv) each = g_strsplit(disks, " ", -1);
	IvCloudImage *image = iv_cloud_image_new();

	image->id = g_strdup(IMAGE);
	image->name = g_strdup("name");
	image->state = g_strdup("Available");
	image->owner = g_strdup("self");
	image->available = image->own = true;
	for (guint i = 0; each[i] != NULL && *each[i] != '\0'; i++)
		iv_cloud_image_add_disk(image, each[i] + 2, "/dev/x")->system = each[i][0] == 's';
	return image;
}

static IvAnswer answer_of(const IvPreflight *list, IvPreflightCheck check)
{
	for (guint i = 0; i < list->lines->len; i++) {
		const IvPreflightLine *line = list->lines->pdata[i];

		if (line->check == check)
			return line->answer;
	}
	g_error("no line of %s", iv_preflight_code(check));
}

static void check_disks(void)
{
	static const struct {
		const char *disks, *accepted;
		IvAnswer answer;
	} rows[] = {
		{"s:s-1", "", IV_ANSWER_YES},
		{"d:s-1", "", IV_ANSWER_YES}, /* the only one */
		{"s:s-1 d:s-2", "", IV_ANSWER_NO},
		{"s:s-1 d:s-2", "s-2", IV_ANSWER_YES},
		{"s:s-1 d:s-2", "\"*\"", IV_ANSWER_YES},
		{"s:s-1 d:s-2", "s-1", IV_ANSWER_NO},
		{"s:s-1 d:s-2 d:s-3", "s-3", IV_ANSWER_NO},
		{"s:s-1 d:s-2 d:s-3", "s-3, s-2", IV_ANSWER_YES},
		{"d:s-1 d:s-2", "s-2", IV_ANSWER_NO}, /* which one the report is of is not known */
		{"s:s-1 s:s-2", "", IV_ANSWER_NO},
		{"s:s-1 d:", "s-2", IV_ANSWER_NO}, /* without an id */
		{"s:s-1 d:", "\"*\"", IV_ANSWER_YES},
		{"", "", IV_ANSWER_UNKNOWN},
		{"", "s-1", IV_ANSWER_UNKNOWN},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(IvPreflight) list = iv_preflight_new();
		g_autoptr(IvCloudImage) image = image_with(rows[i].disks);
		g_autoptr(IvPass) pass = mint(rows[i].accepted);
		IvCloudQuestion question = {.image_id = IMAGE, .region = "r", .image = image};

		g_test_message("'%s' and [%s]", rows[i].disks, rows[i].accepted);
		iv_preflight_image(list, pass, &question);
		g_assert_cmpint(answer_of(list, IV_CHECK_DATA_DISKS), ==, rows[i].answer);
		g_assert_true(iv_preflight_ok(list, NULL) == (rows[i].answer == IV_ANSWER_YES));
	}
}

static void check_image(void)
{
	g_autoptr(IvPass) pass = mint("");
	IvCloudQuestion question = {.image_id = IMAGE, .region = "r"};
	g_autoptr(IvPreflight) none = iv_preflight_new();

	iv_preflight_image(none, pass, &question);
	g_assert_cmpuint(none->lines->len, ==, 1);
	g_assert_false(iv_preflight_ok(none, NULL));
	for (int spoil = 0; spoil < 4; spoil++) {
		static const IvPreflightCheck checks[] = {IV_CHECK_OWNER, IV_CHECK_STATE, IV_CHECK_PUBLIC};
		g_autoptr(IvPreflight) list = iv_preflight_new();
		g_autoptr(IvCloudImage) image = image_with("s:s-1");

		image->own = spoil != 0;
		image->available = spoil != 1;
		image->is_public = spoil == 2;
		question.image = image;
		iv_preflight_image(list, pass, &question);
		for (int i = 0; i < 3; i++)
			g_assert_cmpint(answer_of(list, checks[i]), ==,
					i == spoil ? IV_ANSWER_NO : IV_ANSWER_YES);
		g_assert_true(iv_preflight_ok(list, NULL) == (spoil == 3));
	}
}

static void check_receivers(void)
{
	static const char *const accounts[] = {FRIEND, OTHER, NULL};
	IvCloudQuestion question = {.image_id = IMAGE, .region = "r", .accounts = accounts};
	g_autoptr(IvPass) pass = mint("");
	static const struct {
		guint had, usual;
		bool everybody;
		IvAnswer quota;
	} rows[] = {
		{0, 50, false, IV_ANSWER_YES},	   {48, 50, false, IV_ANSWER_YES},
		{49, 50, false, IV_ANSWER_UNKNOWN}, {0, 0, false, IV_ANSWER_UNKNOWN},
		{0, 50, true, IV_ANSWER_YES},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(IvPreflight) list = iv_preflight_new();
		g_autoptr(IvReceiverList) had = iv_receiver_list_new();

		for (guint n = 0; n < rows[i].had; n++)
			g_hash_table_add(had->accounts, g_strdup_printf("%u", 100000 + n));
		had->everybody = rows[i].everybody;
		iv_preflight_receivers(list, had, rows[i].usual, &question);
		g_assert_cmpint(answer_of(list, IV_CHECK_QUOTA), ==, rows[i].quota);
		g_assert_true(iv_preflight_ok(list, NULL) == !rows[i].everybody);
	}
	for (int both = 0; both < 2; both++) {
		g_autoptr(IvPreflight) list = iv_preflight_new();

		question.accounts = both ? accounts : (const char *const[]){FRIEND, NULL};
		iv_preflight_pass(list, pass, &question);
		g_assert_true(iv_preflight_ok(list, NULL) == !both);
	}
}

/* --- trust policies ---------------------------------------------------------------------- */

#define POLICY(statements) "{\"Version\":\"1\",\"Statement\":[" statements "]}"
#define ALLOW(principal)                                                                           \
	"{\"Action\":\"sts:AssumeRole\",\"Effect\":\"Allow\",\"Principal\":" principal "}"
#define SERVICE(list) ALLOW("{\"Service\":[" list "]}")
#define F "\"" FRIEND "@ecs.aliyuncs.com\""
#define O "\"" OTHER "@ecs.aliyuncs.com\""

/* `lets`: "fo" both, 'p' plain ECS too; what is unclear lets nobody be sure. */
static void check_trust(void)
{
	static const struct {
		const char *document, *lets, *unclear;
	} rows[] = {
		{POLICY(SERVICE(F)), "f", NULL},
		{POLICY(SERVICE(F "," O)), "fo", NULL},
		{POLICY(SERVICE(F) "," SERVICE(O)), "fo", NULL},
		{POLICY(ALLOW("{\"Service\":" F "}")), "f", NULL},
		{POLICY("{\"Action\":[\"sts:AssumeRole\",\"sts:SetSourceIdentity\"],\"Effect\":\"Allow\","
			"\"Principal\":{\"Service\":[" F "]}}"), "f", NULL},
		{POLICY(SERVICE("\"ecs.aliyuncs.com\"")), "p", NULL},
		{POLICY(SERVICE("\"ecs.aliyuncs.com\"," O)), "op", NULL},
		{POLICY(ALLOW("{\"RAM\":[\"acs:ram::" FRIEND ":root\"]}")), "", NULL},
		{POLICY(ALLOW("{\"RAM\":[\"*\"],\"Service\":[" F "]}")), "f", NULL},
		{POLICY("{\"Action\":\"sts:SetSourceIdentity\",\"Effect\":\"Allow\",\"Principal\":"
			"{\"Service\":[" F "]}}"), "", NULL},
		{POLICY(""), "", NULL},
		/* another service, another account, not quite an entry */
		{POLICY(SERVICE("\"" FRIEND "@oss.aliyuncs.com\"")), "", NULL},
		{POLICY(SERVICE("\"" FRIEND "@ecs.aliyuncs.com.example\"")), "", NULL},
		{POLICY(SERVICE("\"" FRIEND "0@ecs.aliyuncs.com\"")), "", NULL},
		{POLICY(SERVICE("\" " FRIEND "@ecs.aliyuncs.com\"")), "", NULL},
		{POLICY(SERVICE("\"x@" FRIEND "@ecs.aliyuncs.com\"")), "", NULL},
		{POLICY(SERVICE("\"@ecs.aliyuncs.com\"")), "", NULL},
		{POLICY(SERVICE("\"" FRIEND "@ECS.aliyuncs.com\"")), "", NULL},
		/* hostile, or more than is understood */
		{NULL, "", "not a JSON document"},
		{"", "", "not a JSON document"},
		{"hello", "", "not a JSON document"},
		{POLICY(SERVICE(F)) " x", "", "not a JSON document"},
		{POLICY(SERVICE(F)) "{}", "", "not a JSON document"},
		{"\xff", "", "not a JSON document"},
		{POLICY(SERVICE("\"" FRIEND "@ecs.aliyuncs.com\\u0000.example\"")), "", "not a JSON document"},
		{"[]", "", "form"},
		{"{}", "", "version"},
		{"{\"Version\":\"2\",\"Statement\":[" SERVICE(F) "]}", "", "version"},
		{"{\"Version\":1,\"Statement\":[" SERVICE(F) "]}", "", "version"},
		{"{\"version\":\"1\",\"Statement\":[" SERVICE(F) "]}", "", "unknown member"},
		{"{\"Version\":\"1\",\"Statement\":" SERVICE(F) "}", "", "no list"},
		{"{\"Version\":\"1\",\"Statement\":[" SERVICE(F) "],\"Statement\":[]}", "", "twice"},
		{POLICY("7"), "", "form"},
		{POLICY("{}"), "", "neither"},
		{POLICY("{\"Action\":\"sts:AssumeRole\",\"Effect\":\"Deny\",\"Principal\":"
			"{\"Service\":[" F "]}}"), "", "denies"},
		{POLICY(SERVICE(F) ",{\"Action\":\"sts:AssumeRole\",\"Effect\":\"Deny\","
			"\"Principal\":{\"Service\":[" F "]}}"), "f", "denies"},
		{POLICY("{\"Action\":\"sts:AssumeRole\",\"Effect\":\"allow\",\"Principal\":"
			"{\"Service\":[" F "]}}"), "", "neither"},
		{POLICY("{\"Action\":\"sts:AssumeRole\",\"Effect\":\"Allow\",\"Effect\":\"Deny\","
			"\"Principal\":{\"Service\":[" F "]}}"), "", "twice"},
		{POLICY("{\"Action\":\"sts:AssumeRole\",\"Effect\":\"Allow\",\"Principal\":"
			"{\"Service\":[" F "]},\"Condition\":{}}"), "", "condition"},
		{POLICY("{\"Action\":\"sts:*\",\"Effect\":\"Allow\",\"Principal\":{\"Service\":[" F
			"]}}"), "", "spell"},
		{POLICY("{\"Action\":\"STS:assumerole\",\"Effect\":\"Allow\",\"Principal\":{\"Service\":"
			"[" F "]}}"), "", "spell"},
		{POLICY("{\"Action\":[[]],\"Effect\":\"Allow\",\"Principal\":{\"Service\":[" F "]}}"),
		 "", "spell"},
		{POLICY("{\"Effect\":\"Allow\",\"Principal\":{\"Service\":[" F "]}}"), "", "spell"},
		{POLICY("{\"NotAction\":\"x\",\"Effect\":\"Allow\",\"Principal\":{\"Service\":[" F
			"]}}"), "", "unknown"},
		{POLICY(ALLOW("\"*\"")), "", "form"},
		{POLICY(ALLOW("{\"service\":[" F "]}")), "", "unknown member"},
		{POLICY(ALLOW("{\"Service\":[" F "],\"Service\":[]}")), "", "twice"},
		{POLICY(ALLOW("{\"Service\":{\"a\":" F "}}")), "", "form"},
		{POLICY(ALLOW("{\"Service\":[7]}")), "", "form"},
		{POLICY("{\"Action\":\"sts:AssumeRole\",\"Effect\":\"Allow\"}"), "", "form"},
		{POLICY(SERVICE("\"*\"")), "", "wildcard"},
		{POLICY(SERVICE("\"*@ecs.aliyuncs.com\"")), "", "wildcard"},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(IvTrust) trust = iv_ram_read_trust(rows[i].document);
		g_autofree char *lets = g_strdup_printf(
			"%s%s%s", g_hash_table_contains(trust->accounts, FRIEND) ? "f" : "",
			g_hash_table_contains(trust->accounts, OTHER) ? "o" : "",
			trust->plain ? "p" : "");

		g_test_message("%s", rows[i].document != NULL ? rows[i].document : "(none)");
		g_assert_cmpstr(lets, ==, rows[i].lets);
		g_assert_true((trust->unclear != NULL) == (rows[i].unclear != NULL));
		if (rows[i].unclear != NULL)
			g_assert_nonnull(strstr(trust->unclear, rows[i].unclear));
	}
}

/* As large as can be, and as deep. */
static void check_trust_size(void)
{
	g_autofree char *deep = g_strnfill(60000, '['), *blank = g_strnfill(70000, ' ');
	g_autofree char *large = g_strconcat(POLICY(SERVICE(F)), blank, NULL);
	g_autoptr(IvTrust) a = iv_ram_read_trust(deep), b = iv_ram_read_trust(large);

	g_assert_nonnull(a->unclear);
	g_assert_nonnull(b->unclear);
	g_assert_cmpuint(g_hash_table_size(b->accounts), ==, 0);
}

/* --- answers --------------------------------------------------------------------------------- */

static void check_role(void)
{
	static const struct {
		const char *answer;
		bool ok;
	} rows[] = {
		{"{\"Role\":{\"RoleName\":\"" IV_RAM_SHARE_ROLE "\","
		 "\"AssumeRolePolicyDocument\":\"{}\"}}", true},
		{"{\"Role\":{\"RoleName\":\"" IV_RAM_SHARE_ROLE "\"}}", true}, /* unclear */
		{"{\"Role\":{\"RoleName\":\"other\",\"AssumeRolePolicyDocument\":\"{}\"}}", false},
		{"{\"Role\":{\"RoleName\":7}}", false},
		{"{\"Role\":[]}", false},
		{"{}", false},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(cJSON) json = cJSON_Parse(rows[i].answer);
		g_autoptr(GError) error = NULL;
		g_autoptr(IvTrust) trust = iv_ram_read_role(json, IV_RAM_SHARE_ROLE, &error);

		g_assert_true((trust != NULL) == rows[i].ok && (error == NULL) == rows[i].ok);
		if (trust != NULL)
			g_assert_nonnull(trust->unclear);
	}
}

static void check_kind(void)
{
#define ALIASES(total, list) "{\"TotalCount\":" total ",\"Aliases\":{\"Alias\":[" list "]}}"
#define ALIAS(name) "{\"AliasName\":\"" name "\",\"KeyId\":\"key-1\"}"
	static const struct {
		const char *answer;
		int kind; /* -1: nonsense */
	} rows[] = {
		{ALIASES("0", ""), IV_KMS_OWN},
		{ALIASES("1", ALIAS("alias/team")), IV_KMS_OWN},
		{ALIASES("1", ALIAS("alias/acs/ecs2")), IV_KMS_OWN},
		{ALIASES("2", ALIAS("alias/team") "," ALIAS("alias/acs/ecs")), IV_KMS_SERVICE},
		{ALIASES("2", ALIAS("alias/team")), IV_KMS_UNSURE},
		{ALIASES("9", ALIAS("alias/acs/ecs")), IV_KMS_SERVICE},
		{ALIASES("1", "{\"AliasName\":\"alias/a\",\"KeyId\":\"key-2\"}"), -1},
		{ALIASES("1", "{\"AliasName\":7,\"KeyId\":\"key-1\"}"), -1},
		{ALIASES("1", "7"), -1},
		{ALIASES("-1", ""), -1},
		{"{\"Aliases\":{\"Alias\":[]}}", -1},
		{"{\"TotalCount\":0,\"Aliases\":[]}", -1},
		{"{}", -1},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(cJSON) json = cJSON_Parse(rows[i].answer);
		IvKeyKind kind = IV_KMS_UNSURE;
		bool ok = iv_kms_read_kind(json, "key-1", &kind, NULL);

		g_test_message("%s", rows[i].answer);
		g_assert_true(ok == (rows[i].kind >= 0));
		if (ok)
			g_assert_cmpint(kind, ==, rows[i].kind);
	}
}

static void check_state(void)
{
#define KEY(id, state) "{\"KeyMetadata\":{\"KeyId\":" id ",\"KeyState\":" state "}}"
	static const struct {
		const char *answer, *key, *state;
	} rows[] = {
		{KEY("\"key-1\"", "\"Enabled\""), "key-1", "Enabled"},
		{KEY("\"key-1\"", "\"Enabled\""), "acs:kms:cn-hangzhou:1:key/key-1", "Enabled"},
		{KEY("\"key-1\"", "\"En\\u001babled\""), "key-1", "En\\x1babled"},
		{KEY("\"ey-1\"", "\"Enabled\""), "key-1", NULL},
		{KEY("\"\"", "\"Enabled\""), "key-1", NULL},
		{KEY("\"key-1\"", "true"), "key-1", NULL},
		{"{\"KeyMetadata\":[]}", "key-1", NULL},
		{"{}", "key-1", NULL},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(cJSON) json = cJSON_Parse(rows[i].answer);
		g_autoptr(GError) error = NULL;
		g_autofree char *state = iv_kms_read_state(json, rows[i].key, &error);

		g_assert_cmpstr(state, ==, rows[i].state);
		g_assert_true((error == NULL) == (state != NULL));
	}
	g_assert_true(iv_kms_key_ok("acs:kms:cn-hangzhou:1:key/key-1"));
	g_assert_false(iv_kms_key_ok(""));
	g_assert_false(iv_kms_key_ok("key 1"));
	g_assert_false(iv_kms_key_ok("key&a=b"));
}

static void check_snapshots(void)
{
#define PAGE(list, more) "{\"Snapshots\":{\"Snapshot\":[" list "]}" more "}"
	static const struct {
		const char *answer, *key, *next; /* key NULL: nonsense */
	} rows[] = {
		{PAGE("{\"SnapshotId\":\"s-1\",\"KMSKeyId\":\"key-1\"}", ""), "key-1", NULL},
		{PAGE("{\"SnapshotId\":\"s-1\",\"KMSKeyId\":\"\"}", ""), "", NULL},
		{PAGE("{\"SnapshotId\":\"s-1\"}", ",\"NextToken\":\"\""), "", NULL},
		{PAGE("", ",\"NextToken\":\"more\""), "", "more"},
		{PAGE("", ",\"NextToken\":7"), "", NULL},
		{PAGE("{\"SnapshotId\":\"s-2\",\"KMSKeyId\":\"key-1\"}", ""), NULL, NULL},
		{PAGE("{\"SnapshotId\":\"s-1\",\"KMSKeyId\":\"k&a=b\"}", ""), NULL, NULL},
		{PAGE("{\"KMSKeyId\":\"key-1\"}", ""), NULL, NULL},
		{PAGE("7", ""), NULL, NULL},
		{"{\"Snapshots\":[]}", NULL, NULL},
		{"{}", NULL, NULL},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GHashTable) keys =
			g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
		g_autoptr(cJSON) json = cJSON_Parse(rows[i].answer);
		g_autofree char *next = NULL;
		bool ok;

		g_hash_table_insert(keys, g_strdup("s-1"), g_strdup(""));
		ok = iv_ecs_read_snapshots(json, keys, &next, NULL);
		g_test_message("%s", rows[i].answer);
		g_assert_true(ok == (rows[i].key != NULL));
		g_assert_cmpuint(g_hash_table_size(keys), ==, 1);
		if (ok)
			g_assert_cmpstr(g_hash_table_lookup(keys, "s-1"), ==, rows[i].key);
		g_assert_cmpstr(next, ==, rows[i].next);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	rig_home();
	g_test_add_func("/preflight/blocks", check_blocks);
	g_test_add_func("/preflight/order", check_order);
	g_test_add_func("/preflight/disks", check_disks);
	g_test_add_func("/preflight/image", check_image);
	g_test_add_func("/preflight/receivers", check_receivers);
	g_test_add_func("/preflight/trust", check_trust);
	g_test_add_func("/preflight/trust-size", check_trust_size);
	g_test_add_func("/preflight/role", check_role);
	g_test_add_func("/preflight/key-kind", check_kind);
	g_test_add_func("/preflight/key-state", check_state);
	g_test_add_func("/preflight/snapshots", check_snapshots);
	return g_test_run();
}
