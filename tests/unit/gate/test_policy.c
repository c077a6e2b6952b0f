/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_policy.c - policies: every key, every mistake */
#include "tests/unit/gate/gate_rig.h"

static IvPolicy *parse(const char *text, GError **error)
{
	return iv_policy_parse("p.yml", text, strlen(text), error);
}

static void test_default(void)
{
	g_autoptr(IvPolicy) policy = iv_policy_load(NULL, NULL);

	g_assert_cmpstr(policy->name, ==, "built-in default");
	g_assert_cmpint(policy->blocking, ==, IV_SEVERITY_MEDIUM);
	g_assert_true(policy->require_coverage);
	g_assert_cmpint(policy->packed, ==, IV_POLICY_PACKED_NOTE);
	g_assert_cmpuint(policy->max_age, ==, 86400);
	g_assert_cmpuint(policy->min_rules, ==, 60);
	g_assert_false(policy->allow_asserted);
	g_assert_null(policy->accepted_disks);
	g_assert_null(policy->accounts);
	g_assert_null(policy->trusted_keys);
	g_assert_true(g_str_has_prefix(policy->digest, "sha256:"));
}

static void test_all_keys(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(IvPolicy) policy = parse(
		"blocking: high\nrequire_coverage: false\npacked: refuse\naccepted_gaps: [\"gap*\", "
		"\"p1:/tmp/*\"]\n"
		"accepted_disks: [s-bp1data]\nmax_age: 7d\naccounts: [1234567890123456]\norganizations: [\"rd-abc\"]\n"
		"rules: [\"sha256:" RIG_PRINT RIG_PRINT "\"]\nmin_rules: 5\nallow_asserted: true\n"
		"trusted_keys: [\"ed25519:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\"]\n"
		"max_clearance: 2w\n",
		&error);

	g_assert_no_error(error);
	g_assert_cmpint(policy->blocking, ==, IV_SEVERITY_HIGH);
	g_assert_false(policy->require_coverage);
	g_assert_cmpint(policy->packed, ==, IV_POLICY_PACKED_REFUSE);
	g_assert_cmpuint(policy->accepted_gaps->len, ==, 2);
	g_assert_cmpuint(g_strv_length(policy->accepted_disks), ==, 1);
	g_assert_cmpstr(policy->accepted_disks[0], ==, "s-bp1data");
	g_assert_cmpuint(policy->max_age, ==, 7 * 86400);
	g_assert_cmpstr(policy->accounts[0], ==, "1234567890123456");
	g_assert_cmpstr(policy->organizations[0], ==, "rd-abc");
	g_assert_cmpuint(g_strv_length(policy->rules), ==, 1);
	g_assert_cmpuint(policy->min_rules, ==, 5);
	g_assert_true(policy->allow_asserted);
	g_assert_cmpuint(g_strv_length(policy->trusted_keys), ==, 1);
	g_assert_cmpuint(policy->max_clearance, ==, 14 * 86400);
}

/* The digest is of the meaning: comments and order do not count, values do. */
static void test_digest(void)
{
	g_autoptr(IvPolicy) a = parse("blocking: high\nmax_age: 24h\n", NULL);
	g_autoptr(IvPolicy) b = parse("# why\nmax_age: 1d\nblocking: high\n", NULL);
	g_autoptr(IvPolicy) c = parse("blocking: low\nmax_age: 24h\n", NULL);
	g_autoptr(IvPolicy) d = parse("blocking: high\naccounts: []\n", NULL);
	g_autoptr(IvPolicy) r = parse("blocking: high\npacked: refuse\n", NULL);
	g_autoptr(IvPolicy) n = parse("blocking: high\npacked: note\n", NULL);
	g_autoptr(IvPolicy) e = parse("blocking: high\naccepted_disks: [\"*\"]\n", NULL);

	g_assert_cmpstr(a->digest, ==, b->digest);
	g_assert_cmpstr(a->digest, !=, c->digest);
	g_assert_cmpstr(a->digest, !=, d->digest);
	g_assert_cmpstr(a->digest, !=, e->digest);
	g_assert_cmpstr(a->digest, !=, r->digest);
	g_assert_cmpstr(a->digest, ==, n->digest);
}

static void test_mistakes(void)
{
	static const struct {
		const char *text, *says;
	} rows[] = {
		{"", "p.yml:1: the policy is empty"},
		{"# nothing\n", "p.yml:1: the policy is empty"},
		{"- a\n", "p.yml:1: "},
		{"blocking: high\nmax_agee: 1d\n",
		 "p.yml:2: unknown key 'max_agee' (did you mean 'max_age'"},
		{"blocking: severe\n", "p.yml:1: 'blocking' must be"},
		{"blocking:\n", "p.yml:1: 'blocking' must be"},
		{"blocking: [high]\n", "p.yml:1: "},
		{"packed: ignore\n", "p.yml:1: 'packed' must be note or refuse"},
		{"require_coverage: maybe\n", "p.yml:1: 'require_coverage' must be true or false"},
		{"max_age: 7\n", "p.yml:1: 'max_age' must be a time"},
		{"max_age: 0d\n", "p.yml:1: 'max_age' must be a time"},
		{"max_age: -1d\n", "p.yml:1: 'max_age' must be a time"},
		{"max_age: d\n", "p.yml:1: 'max_age' must be a time"},
		{"max_age: \"\"\n", "p.yml:1: 'max_age' must be a time"},
		{"max_age: 7y\n", "p.yml:1: 'max_age' must be a time"},
		{"max_age: 99999w\n", "p.yml:1: 'max_age' must be a time"},
		{"accounts: 123\n", "p.yml:1: 'accounts' must be a list"},
		{"accounts:\n  - 1\n  - abc\n", "p.yml:3: 'accounts': each must be"},
		{"organizations: [\"a b\"]\n", "p.yml:1: 'organizations': each must be"},
		{"rules: []\n", "p.yml:1: 'rules' is empty"},
		{"rules: [\"sha256:12\"]\n", "p.yml:1: 'rules': each must be"},
		{"trusted_keys: []\n", "p.yml:1: 'trusted_keys' is empty"},
		{"trusted_keys: [\"ed25519:x\"]\n", "p.yml:1: 'trusted_keys': each must be"},
		{"accepted_gaps: [\"*\"]\n", "p.yml:1: 'accepted_gaps': each must be"},
		{"accepted_gaps: [\"**:/x\"]\n", "p.yml:1: 'accepted_gaps': each must be"},
		{"accepted_disks: s-1\n", "p.yml:1: 'accepted_disks' must be a list"},
		{"accepted_disks: [\"s*\"]\n", "p.yml:1: 'accepted_disks': each must be"},
		{"accepted_disks: [\"\"]\n", "p.yml:1: 'accepted_disks': each must be"},
		{"min_rules: many\n", "p.yml:1: 'min_rules' must be"},
		{"blocking: high\nblocking: low\n", "p.yml:2: "},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(IvPolicy) policy = parse(rows[i].text, &error);

		g_assert_null(policy);
		g_assert_error(error, IV_ERROR, IV_ERROR_CONFIG);
		if (!g_str_has_prefix(error->message, rows[i].says))
			g_error("row %zu: '%s' is not '%s'", i, error->message, rows[i].says);
	}
}

/* The samples of the repository load. */
static void test_samples(void)
{
	g_autofree char *folder = g_build_filename(g_getenv("TOP"), "samples/policies", NULL);
	g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
	const char *name;
	guint count = 0;

	g_assert_nonnull(dir);
	while ((name = g_dir_read_name(dir)) != NULL) {
		g_autofree char *path = g_build_filename(folder, name, NULL);
		g_autoptr(GError) error = NULL;
		g_autoptr(IvPolicy) policy = iv_policy_load(path, &error);

		g_assert_no_error(error);
		count++;
	}
	g_assert_cmpuint(count, >=, 2);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	rig_home();
	g_test_add_func("/policy/default", test_default);
	g_test_add_func("/policy/all-keys", test_all_keys);
	g_test_add_func("/policy/digest", test_digest);
	g_test_add_func("/policy/mistakes", test_mistakes);
	g_test_add_func("/policy/samples", test_samples);
	return g_test_run();
}
