/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_gate.c - each way to say no, alone, flips yes to no; and only a yes mints a pass */
#include "tests/unit/gate/gate_rig.h"

/* One judgement: everything as it should be, for a row to spoil. */
typedef struct {
	IvReport *report;
	GString *policy;
	GString *clearances;
	IvReceivers to;
	gint64 now;
	void (*edit)(cJSON *json); /* after signing */
} Case;

static IvVerdict *judge(Case *c, IvPass **pass)
{
	g_autoptr(GError) error = NULL;
	cJSON *json = rig_sign(c->report);
	/* The cases assert their image id; test_origin.c has those that prove it. */
	g_autofree char *text =
		g_strconcat(strstr(c->policy->str, "allow_asserted") != NULL ? "" : "allow_asserted: true\n",
			    c->policy->str, NULL);
	g_autoptr(IvPolicy) policy = rig_policy(text);
	g_autoptr(IvClearances) clearances =
		c->clearances->len > 0
			? iv_clearances_parse("c.yml", c->clearances->str, c->clearances->len, &error)
			: iv_clearances_load(NULL, &error);
	IvVerdict *verdict;

	g_assert_no_error(error);
	if (c->edit != NULL)
		c->edit(json);
	verdict = iv_gate_judge(json, policy, clearances, &c->to, c->now, pass);
	cJSON_Delete(json);
	return verdict;
}

static IvVerdict *run_case(void (*spoil)(Case *), IvPass **pass)
{
	char *accounts[] = {(char *)"1234567890123456", NULL};
	Case c = {.report = rig_report(),
		  .policy = g_string_new(NULL),
		  .clearances = g_string_new(NULL),
		  .to = {accounts, NULL, "m-sample", "cn-sample"},
		  .now = RIG_NOW};
	IvVerdict *verdict;

	if (spoil != NULL)
		spoil(&c);
	verdict = judge(&c, pass);
	iv_report_free(c.report);
	g_string_free(c.policy, TRUE);
	g_string_free(c.clearances, TRUE);
	return verdict;
}

static void put(cJSON *json, const char *object, const char *name, cJSON *value)
{
	cJSON *parent = object != NULL ? cJSON_GetObjectItemCaseSensitive(json, object) : json;

	if (!cJSON_ReplaceItemInObjectCaseSensitive(parent, name, value))
		g_error("the report has no %s", name);
}

static void add_finding(Case *c, IvSeverity severity)
{
	g_ptr_array_add(c->report->findings, rig_finding(severity, RIG_PRINT));
}

static void clearance(Case *c, const char *more)
{
	g_string_printf(c->clearances, "clearances:\n- {fingerprint: " RIG_PRINT
			", who: Ada, %s}\n", more);
}

#define GOOD "reason: an invented token, created: 2026-09-20, expires: 2026-10-31"

static void miss(Case *c, const char *path)
{
	iv_coverage_miss(c->report->coverage, c->report->coverage->volumes->pdata[0], path, 4096,
			 "unreadable");
}

static void edit_digest(cJSON *j) { put(j, "image", "digest", cJSON_CreateString("fsverity-sha256:" RIG_OTHER RIG_OTHER)); }
static void edit_findings(cJSON *j) { put(j, NULL, "findings", cJSON_CreateArray()); }
static void edit_no_signature(cJSON *j) { cJSON_DeleteItemFromObject(cJSON_GetObjectItem(j, "run"), "signature"); }
static void edit_no_rules(cJSON *j) { cJSON_DeleteItemFromObject(j, "rules"); }
static void edit_stranger(cJSON *j)
{
	g_autofree char *path = rig_path("stranger.key");
	g_autoptr(IvKey) key = iv_key_make(path, NULL);

	g_assert_true(iv_attest_sign(j, key, NULL));
}

static void no_edit_digest(Case *c) { c->edit = edit_digest; }
static void no_edit_findings(Case *c) { add_finding(c, IV_SEVERITY_INFO); c->edit = edit_findings; }
static void no_unsigned(Case *c) { c->edit = edit_no_signature; }
static void no_report(Case *c) { c->edit = edit_no_rules; }
static void no_stranger(Case *c) { c->edit = edit_stranger; }
static void no_trust(Case *c) { g_string_assign(c->policy, "trusted_keys: [\"ed25519:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\"]\n"); }
static void no_old(Case *c) { c->now = RIG_NOW + 86400; }
static void no_old_policy(Case *c) { g_string_assign(c->policy, "max_age: 59s\n"); }
static void no_future(Case *c) { c->now = RIG_NOW - 60 - 301; }
static void no_backwards(Case *c) { c->report->run_started = RIG_NOW; }
static void no_digest(Case *c) { g_clear_pointer(&c->report->digest, g_free); }
static void no_tree(Case *c) { no_digest(c); g_free(c->report->format); c->report->format = g_strdup("tree"); }
static void no_tree_format(Case *c) { g_free(c->report->format); c->report->format = g_strdup("tree"); }
static void no_few_rules(Case *c) { c->report->rules_count = 59; }
static void no_other_rules(Case *c) { g_string_assign(c->policy, "rules: [\"sha256:" RIG_OTHER RIG_OTHER "\"]\n"); }
static void no_coverage(Case *c) { miss(c, "/a"); }
static void no_volumes(Case *c) { g_ptr_array_set_size(c->report->coverage->volumes, 0); }
static void no_claim(Case *c) { miss(c, "/a"); c->report->coverage->complete = true; }
static void no_unsaid(Case *c) { c->report->coverage->complete = false; }
static void no_other_gap(Case *c) { miss(c, "/a"); miss(c, "/b"); g_string_assign(c->policy, "accepted_gaps: [\"disk:/a\"]\n"); }
static void pack(Case *c)
{
	IvCoverage *coverage = c->report->coverage;

	iv_coverage_packed(coverage, coverage->volumes->pdata[0],
			   (IvPackedEntry){.group = (char *)"archive", .kind = (char *)"zip", .files = 1, .bytes = 2048},
			   "/a.zip");
}
static void uncounted(Case *c) { g_clear_pointer(&c->report->coverage->packed, iv_packed_list_free); }
static void no_packed(Case *c) { pack(c); g_string_assign(c->policy, "packed: refuse\n"); }
static void no_uncounted(Case *c) { uncounted(c); g_string_assign(c->policy, "packed: refuse\n"); }
/* The first volume becomes a layer of that name, which was not read. */
static void miss_layer(Case *c, const char *name)
{
	IvCoverageVolume *volume = c->report->coverage->volumes->pdata[0];

	g_free(volume->volume);
	volume->volume = g_strdup(name);
	miss(c, NULL);
}
static void no_layer(Case *c) { miss_layer(c, "p2/btrfs"); g_string_assign(c->policy, "accepted_gaps: [p2, \"p*\", \"p2?btrfs\", \"*s\"]\n"); }
static void no_layer_for_all(Case *c) { miss_layer(c, "p2"); g_string_assign(c->policy, "accepted_gaps: [p2/btrfs, \"p*/btrfs\"]\n"); }
static void no_finding(Case *c) { add_finding(c, IV_SEVERITY_MEDIUM); }
static void no_critical(Case *c) { add_finding(c, IV_SEVERITY_CRITICAL); g_string_assign(c->policy, "blocking: critical\n"); }
static void no_expired(Case *c) { add_finding(c, IV_SEVERITY_HIGH); clearance(c, "reason: an invented token, expires: 2026-09-20"); }
static void no_malformed(Case *c) { add_finding(c, IV_SEVERITY_HIGH); clearance(c, "reason: short, expires: 2026-10-31"); }
static void no_unknown(Case *c) { g_ptr_array_add(c->report->findings, rig_finding(IV_SEVERITY_HIGH, RIG_OTHER)); clearance(c, GOOD); }
static void no_salt(Case *c) { add_finding(c, IV_SEVERITY_HIGH); clearance(c, GOOD); g_string_append(c->clearances, "salt: " RIG_PRINT RIG_PRINT "\n"); }
static void no_long(Case *c) { add_finding(c, IV_SEVERITY_HIGH); clearance(c, GOOD); g_string_assign(c->policy, "max_clearance: 40d\n"); }
static void no_undated(Case *c) { add_finding(c, IV_SEVERITY_HIGH); clearance(c, "reason: an invented token, expires: 2026-10-31"); g_string_assign(c->policy, "max_clearance: 400d\n"); }
static void no_tomorrow(Case *c) { add_finding(c, IV_SEVERITY_HIGH); clearance(c, "reason: an invented token, created: 2026-10-01, expires: 2026-10-31"); }
static void no_account(Case *c) { g_string_assign(c->policy, "accounts: [1]\n"); }
static void no_accounts(Case *c) { g_string_assign(c->policy, "accounts: []\n"); }
static char *star[] = {(char *)"*", NULL}, *organization[] = {(char *)"rd-x", NULL};
static void no_account_id(Case *c) { c->to.accounts = star; }
static void no_organization(Case *c) { c->to.organizations = organization; g_string_assign(c->policy, "organizations: [rd-y]\n"); }
static void no_asserted(Case *c) { g_string_assign(c->policy, "allow_asserted: false\n"); }
static void no_image_id(Case *c) { c->to.image_id = "m-a&Action=x"; }

static void test_no(void)
{
	static const struct {
		void (*spoil)(Case *);
		const char *code;  /* of the blocking reason */
		const char *note;  /* another reason that must be there, or NULL */
	} rows[] = {
		{no_edit_digest, "signature", NULL},	{no_edit_findings, "signature", NULL},
		{no_unsigned, "signature", NULL},	{no_report, "report", NULL},
		{no_stranger, "signer", NULL},		{no_trust, "signer", NULL},
		{no_old, "age", NULL},			{no_old_policy, "age", NULL},
		{no_future, "age", NULL},		{no_backwards, "age", NULL},
		{no_tree, "image", NULL},		{no_tree_format, "image", NULL},
		{no_digest, "report", NULL},
		{no_few_rules, "rules", NULL},		{no_other_rules, "rules-digest", NULL},
		{no_coverage, "coverage", NULL},	{no_volumes, "coverage", NULL},
		{no_claim, "coverage", NULL},		{no_unsaid, "coverage", NULL},
		{no_layer, "coverage", NULL},		{no_layer_for_all, "coverage", NULL},
		{no_other_gap, "coverage", NULL},	{no_finding, "finding", NULL},
		{no_packed, "packed", NULL},		{no_uncounted, "packed", NULL},
	
		{no_critical, "finding", NULL},		{no_expired, "finding", "clearance-expired"},
		{no_malformed, "finding", "clearance-malformed"},
		{no_unknown, "finding", "clearance-unknown"},
		{no_salt, "finding", "clearance-salt"}, {no_long, "finding", "clearance-life"},
		{no_undated, "finding", "clearance-life"},
		{no_tomorrow, "finding", "clearance-life"},
		{no_account, "account", NULL},		{no_accounts, "account", NULL},
		{no_account_id, "account", NULL},	{no_organization, "organization", NULL},
		{no_asserted, "image-id", NULL},	{no_image_id, "image-id", NULL},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		IvPass *pass = NULL;
		g_autoptr(IvVerdict) verdict = run_case(rows[i].spoil, &pass);
		const IvReason *first = verdict->reasons->pdata[0];

		g_test_message("row %zu: %s", i, rows[i].code);
		g_assert_false(verdict->yes);
		g_assert_null(pass);
		g_assert_false(first->ok);
		if (strcmp(first->code, rows[i].code) != 0)
			g_error("row %zu: '%s: %s' is not '%s'", i, first->code, first->text, rows[i].code);
		if (rows[i].note != NULL) {
			const IvReason *named = rig_reason(verdict, rows[i].note);

			g_assert_nonnull(named);
			g_assert_true(named->ok && named->note);
		}
	}
}

static void yes_info(Case *c) { add_finding(c, IV_SEVERITY_LOW); }
static void yes_skew(Case *c) { c->now = RIG_NOW - 60 - 299; }
static void yes_edge(Case *c) { c->now = RIG_NOW - 60 + 86400; }
static void yes_cleared(Case *c) { add_finding(c, IV_SEVERITY_HIGH); clearance(c, GOOD); }
static void yes_life(Case *c) { yes_cleared(c); g_string_assign(c->policy, "max_clearance: 41d\n"); }
static void yes_gap(Case *c) { miss(c, "/a"); g_string_assign(c->policy, "accepted_gaps: [\"disk:/a\"]\n"); }
static void yes_whole_gap(Case *c) { miss(c, NULL); g_string_assign(c->policy, "accepted_gaps: [\"dis?\"]\n"); }
static void yes_none_packed(Case *c) { g_string_assign(c->policy, "packed: refuse\n"); }
static void yes_packed_note(Case *c) { pack(c); g_string_assign(c->policy, "packed: note\n"); }
static void yes_layer(Case *c) { miss_layer(c, "p2/btrfs"); g_string_assign(c->policy, "accepted_gaps: [\"p?/btrfs\"]\n"); }
static void yes_no_coverage(Case *c) { miss(c, "/a"); g_string_assign(c->policy, "require_coverage: false\n"); }
static void yes_account(Case *c) { g_string_assign(c->policy, "accounts: [1, 1234567890123456]\n"); }
static void yes_star(Case *c) { g_string_assign(c->policy, "accounts: [\"*\"]\n"); }
static void yes_unused(Case *c) { clearance(c, GOOD); }

static void test_yes(void)
{
	static const struct {
		void (*make)(Case *);
		const char *code; /* a reason that must be there */
	} rows[] = {
		{NULL, "image-id"},	       {yes_info, "findings"},
		{yes_skew, "age"},	       {yes_edge, "age"},
		{yes_cleared, "cleared"},      {yes_life, "cleared"},
		{yes_gap, "coverage-accepted"}, {yes_whole_gap, "coverage-accepted"},
		{yes_layer, "coverage-accepted"},
		{yes_no_coverage, "coverage"}, {yes_account, "account"},
		{pack, "packed"},	       {yes_packed_note, "packed"},
		{uncounted, "packed"},	       {yes_none_packed, "packed"},
	
		{yes_star, "account"},	       {yes_unused, "clearance-unknown"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(IvPass) pass = NULL;
		g_autoptr(IvVerdict) verdict = run_case(rows[i].make, &pass);
		const IvReason *first = verdict->reasons->pdata[0];

		if (!verdict->yes)
			g_error("row %zu: %s", i, first->text);
		g_assert_nonnull(rig_reason(verdict, rows[i].code));
		g_assert_nonnull(rig_reason(verdict, "signature"));
		g_assert_nonnull(rig_reason(verdict, "signer"));
		g_assert_cmpstr(iv_pass_digest(pass), ==, verdict->digest);
		g_assert_cmpstr(iv_pass_report_digest(pass), ==, verdict->report_digest);
		g_assert_true(iv_pass_is_for(pass, "m-sample", "cn-sample"));
		g_assert_false(iv_pass_is_for(pass, "m-sample", "cn-other"));
		g_assert_false(iv_pass_is_for(pass, "m-other", "cn-sample"));
		g_assert_false(iv_pass_is_for(pass, "m-sample", NULL));
		g_assert_true(iv_pass_covers(pass, "1234567890123456"));
		g_assert_false(iv_pass_covers(pass, "1"));
		g_assert_false(iv_pass_covers(pass, NULL));
	}
}

/* One sentence says what "complete" covered and what not. */
static void test_sentence(void)
{
	static const struct {
		void (*spoil)(Case *);
		const char *coverage, *packed;
	} rows[] = {
		{NULL,
		 "every byte of the disk was searched as stored; nothing was recognised as packed or encoded "
		 "(1 volumes and gaps)",
		 "nothing was recognised as packed or encoded"},
		{pack,
		 "every byte of the disk was searched as stored; 1 archive (2.0 KiB) was not opened "
		 "(1 volumes and gaps)",
		 "1 archive (2.0 KiB) was not opened, which the policy does not ask for: disk:/a.zip"},
		{uncounted,
		 "every byte of the disk was searched as stored; whether anything is packed or encoded was not "
		 "counted (1 volumes and gaps)",
		 "whether anything is packed or encoded was not counted, which the policy does not ask for"},
		{yes_gap,
		 "but for what the policy accepts, every byte of the disk was searched as stored; nothing was "
		 "recognised as packed or encoded",
		 "nothing was recognised as packed or encoded"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(IvVerdict) verdict = run_case(rows[i].spoil, NULL);

		g_assert_true(verdict->yes);
		g_assert_cmpstr(rig_reason(verdict, "coverage")->text, ==, rows[i].coverage);
		g_assert_cmpstr(rig_reason(verdict, "packed")->text, ==, rows[i].packed);
	}
}

static void test_nothing(void)
{
	g_autoptr(IvPolicy) policy = iv_policy_load(NULL, NULL);
	IvPass *pass = NULL;
	g_autoptr(IvVerdict) verdict = iv_gate_judge(NULL, policy, NULL, NULL, RIG_NOW, &pass);
	cJSON *json = iv_verdict_to_json(verdict);

	g_assert_false(verdict->yes);
	g_assert_null(pass);
	g_assert_cmpstr(cJSON_GetStringValue(cJSON_GetObjectItem(json, "verdict")), ==, "no");
	cJSON_Delete(json);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	rig_home();
	g_test_add_func("/gate/no", test_no);
	g_test_add_func("/gate/yes", test_yes);
	g_test_add_func("/gate/sentence", test_sentence);
	g_test_add_func("/gate/nothing", test_nothing);
	return g_test_run();
}
