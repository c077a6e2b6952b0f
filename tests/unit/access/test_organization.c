/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_organization.c - reading the lists of resource shares and of a resource directory, and who
 * has an image by both */
#include <string.h>

#include "scanner/base/error.h"
#include "share/alibaba/organization/directory.h"
#include "share/alibaba/organization/sharing.h"

#define IMAGE "m-bp1imgvetdemo001"
#define TIE(share, kind, id, state)                                                                \
	"{\"ResourceShareId\":\"" share "\",\"AssociationType\":\"" kind "\",\"EntityId\":\"" id        \
	"\",\"EntityType\":\"Image\",\"AssociationStatus\":\"" state "\"}"
#define LIST(associations) "{\"ResourceShareAssociations\":[" associations "]}"

static cJSON *parse(const char *text)
{
	cJSON *json = cJSON_Parse(text);

	g_assert_nonnull(json);
	return json;
}

static void is_nonsense(const GError *error)
{
	g_assert_error(error, IV_ERROR, IV_ERROR_CLOUD);
	g_assert_nonnull(strstr(error->message, "makes no sense"));
}

/* --- associations --------------------------------------------------------------------------------- */

static bool read_associations(const char *text, IvAssociationKind kind, const char *entity, GPtrArray *associations,
		      char **token, GError **error)
{
	g_autoptr(cJSON) json = parse(text);

	return iv_sharing_read_associations(json, kind, entity, associations, token, error);
}

static void check_states(void)
{
	static const struct {
		const char *text;
		int state; /* -1: it is over, and not in the list */
	} rows[] = {
		{LIST(TIE("rs-1", "Target", "fd-a", "Associating")), IV_TARGET_PENDING},
		{LIST(TIE("rs-1", "Target", "fd-a", "Associated")), IV_TARGET_THERE},
		{LIST(TIE("rs-1", "Target", "fd-a", "Failed")), IV_TARGET_FAILED},
		{LIST(TIE("rs-1", "Target", "fd-a", "Disassociating")), IV_TARGET_LEAVING},
		{LIST(TIE("rs-1", "Target", "fd-a", "Disassociated")), -1},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GPtrArray) associations = iv_associations_new();
		g_autoptr(GError) error = NULL;
		char *token;
		const IvAssociation *association;

		g_assert_true(read_associations(rows[i].text, IV_ASSOCIATION_TARGET, NULL, associations, &token, &error));
		g_assert_no_error(error);
		g_assert_null(token);
		g_assert_cmpuint(associations->len, ==, rows[i].state < 0 ? 0 : 1);
		if (rows[i].state < 0)
			continue;
		association = associations->pdata[0];
		g_assert_cmpint(association->state, ==, rows[i].state);
		g_assert_cmpstr(association->share, ==, "rs-1");
		g_assert_cmpstr(association->entity, ==, "fd-a");
		g_assert_true((association->problem != NULL) == (rows[i].state == IV_TARGET_FAILED));
	}
}

static void check_nonsense(void)
{
	static const char *const rows[] = {
		"{}",
		"{\"ResourceShareAssociations\":{}}",
		"{\"ResourceShareAssociations\":[1]}",
		"{\"ResourceShareAssociations\":[],\"NextToken\":7}",
		LIST(TIE("rs-1", "Resource", "fd-a", "Associated")),	/* of another kind */
		LIST(TIE("xx-1", "Target", "fd-a", "Associated")),	/* no share */
		LIST(TIE("rs-1 ", "Target", "fd-a", "Associated")),
		LIST(TIE("rs-1", "Target", "", "Associated")),
		LIST(TIE("rs-1", "Target", "fd-a\\u001b[2J", "Associated")),
		LIST(TIE("rs-1", "Target", "fd-a", "associated")),	/* no state */
		LIST(TIE("rs-1", "Target", "fd-a", "")),
	};
	g_autoptr(GString) many = g_string_new("{\"ResourceShareAssociations\":[0");

	for (guint i = 0; i < 100; i++)
		g_string_append(many, ",0");
	g_string_append(many, "]}");
	for (gsize i = 0; i <= G_N_ELEMENTS(rows); i++) {
		g_autoptr(GPtrArray) associations = iv_associations_new();
		g_autoptr(GError) error = NULL;
		char *token;

		g_test_message("row %zu", i);
		g_assert_false(read_associations(i < G_N_ELEMENTS(rows) ? rows[i] : many->str, IV_ASSOCIATION_TARGET,
					 NULL, associations, &token, &error));
		is_nonsense(error);
		g_assert_null(token);
	}
}

/* Asked about one resource, an answer about another is none. */
static void check_other_entity(void)
{
	g_autoptr(GPtrArray) associations = iv_associations_new();
	g_autoptr(GError) error = NULL;
	char *token;

	g_assert_true(read_associations(LIST(TIE("rs-1", "Resource", IMAGE, "Associated")), IV_ASSOCIATION_RESOURCE,
				IMAGE, associations, &token, &error));
	g_assert_false(read_associations(LIST(TIE("rs-1", "Resource", "m-other", "Associated")),
				 IV_ASSOCIATION_RESOURCE, IMAGE, associations, &token, &error));
	is_nonsense(error);
}

static void check_token(void)
{
	static const struct {
		const char *text, *token;
	} rows[] = {
		{"{\"ResourceShareAssociations\":[]}", NULL},
		{"{\"ResourceShareAssociations\":[],\"NextToken\":\"\"}", NULL},
		{"{\"ResourceShareAssociations\":[],\"NextToken\":null}", NULL},
		{"{\"ResourceShareAssociations\":[],\"NextToken\":\"abc\"}", "abc"},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GPtrArray) associations = iv_associations_new();
		g_autofree char *token = NULL;

		g_assert_true(read_associations(rows[i].text, IV_ASSOCIATION_TARGET, NULL, associations, &token, NULL));
		g_assert_cmpstr(token, ==, rows[i].token);
	}
}

static void check_problem(void)
{
	static const char *const known[] = {"Unavailable", "LimitExceeded",
					    "ZonalResourceInaccessible", "InternalError",
					    "UnsupportedOperation"};
	g_autofree char *other = iv_sharing_problem("Odd", "its own words");
	g_autofree char *none = iv_sharing_problem(NULL, "");

	for (gsize i = 0; i < G_N_ELEMENTS(known); i++) {
		g_autofree char *text = iv_sharing_problem(known[i], "its own words");

		g_assert_true(g_str_has_prefix(text, known[i]));
		g_assert_null(strstr(text, "its own words"));
		g_assert_nonnull(strchr(text, '\n')); /* and what to do */
	}
	g_assert_true(g_str_has_prefix(other, "its own words\n"));
	g_assert_true(g_str_has_prefix(none, "the cloud does not say why\n"));
}

/* --- shares ------------------------------------------------------------------------------- */

#define SHARE(id, name, state)                                                                     \
	"{\"ResourceShareId\":\"" id "\",\"ResourceShareName\":\"" name                               \
	"\",\"ResourceShareStatus\":\"" state "\"}"
#define SHARES(list) "{\"ResourceShares\":[" list "]}"

static void check_shares(void)
{
	static const struct {
		const char *text, *id; /* NULL: none in use; "!": nonsense */
	} rows[] = {
		{SHARES(""), NULL},
		{SHARES(SHARE("rs-1", "n", "Active")), "rs-1"},
		{SHARES(SHARE("rs-1", "n", "Pending")), "rs-1"},
		{SHARES(SHARE("rs-1", "n", "Deleting")), NULL},
		{SHARES(SHARE("rs-1", "n", "Deleted") "," SHARE("rs-2", "n", "Active")), "rs-2"},
		{SHARES(SHARE("rs-1", "n", "Active") "," SHARE("rs-1", "n", "Active")), "rs-1"},
		{SHARES(SHARE("rs-1", "n", "Active") "," SHARE("rs-2", "n", "Active")), "!"},
		{SHARES(SHARE("rs-1", "another", "Active")), "!"},
		{SHARES(SHARE("", "n", "Active")), "!"},
		{SHARES("null"), "!"},
		{"{\"ResourceShares\":\"\"}", "!"},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(cJSON) json = parse(rows[i].text);
		g_autoptr(GError) error = NULL;
		g_autofree char *id = NULL, *token = NULL;
		bool ok = iv_sharing_read_shares(json, "n", &id, &token, &error);

		g_test_message("row %zu", i);
		if (g_strcmp0(rows[i].id, "!") == 0) {
			g_assert_false(ok);
			is_nonsense(error);
		} else {
			g_assert_no_error(error);
			g_assert_cmpstr(id, ==, rows[i].id);
		}
	}
}

/* The name is what a share is found by, so it stays, and is one that the service takes. */
static void check_name(void)
{
	g_autofree char *name = iv_sharing_name(IMAGE);
	g_autofree char *digits = g_strnfill(62, '1');
	g_autofree char *id = g_strconcat("m-", digits, NULL);
	g_autofree char *longest = iv_sharing_name(id);

	g_assert_cmpstr(name, ==, "imgvet-" IMAGE);
	g_assert_cmpuint(strlen(longest), ==, 50);
}

/* --- both together ------------------------------------------------------------------------ */

/* The weaker of the image's association and the target's decides; of several associations of one
 * in one share the strongest counts. */
static void check_join(void)
{
	static const struct {
		const char *images, *others;
		int state; /* of fd-a; -1: it is not about it */
		bool held, associated;
	} rows[] = {
#define I(state) TIE("rs-1", "Resource", IMAGE, state)
#define T(state) TIE("rs-1", "Target", "fd-a", state)
		{LIST(I("Associated")), LIST(T("Associated")), IV_TARGET_THERE, true, true},
		{LIST(I("Associated")), LIST(T("Associating")), IV_TARGET_PENDING, true, true},
		{LIST(I("Associating")), LIST(T("Associated")), IV_TARGET_PENDING, true, true},
		{LIST(I("Failed")), LIST(T("Associated")), IV_TARGET_FAILED, false, true},
		{LIST(I("Disassociating")), LIST(T("Associated")), IV_TARGET_LEAVING, true, true},
		{LIST(I("Associated")), LIST(T("Failed")), IV_TARGET_FAILED, true, false},
		{LIST(I("Associated")), LIST(T("Failed") "," T("Associated")), IV_TARGET_THERE, true,
		 true},
		{LIST(I("Associated") "," I("Failed")), LIST(T("Failed") "," T("Associating")),
		 IV_TARGET_PENDING, true, true},
		{LIST(""), LIST(T("Associated")), -1, false, true},
		{LIST(I("Associated")), LIST(""), -1, true, false},
		{LIST(I("Associated")), LIST(TIE("rs-2", "Target", "fd-a", "Associated")), -1, true,
		 false},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(IvTargets) targets = iv_targets_new();
		g_autoptr(GPtrArray) images = iv_associations_new(), others = iv_associations_new();
		g_auto(GStrv) ids = NULL;
		char *token;

		g_test_message("row %zu", i);
		targets->holder = g_strdup("rs-1");
		g_assert_true(read_associations(rows[i].images, IV_ASSOCIATION_RESOURCE, IMAGE, images, &token, NULL));
		g_assert_true(read_associations(rows[i].others, IV_ASSOCIATION_TARGET, NULL, others, &token, NULL));
		iv_sharing_join(targets, IMAGE, images, others);
		ids = iv_targets_ids(targets);
		g_assert_true(targets->held == rows[i].held);
		g_assert_true(g_hash_table_contains(targets->associated, "fd-a") == rows[i].associated);
		g_assert_true((ids[0] != NULL) == (rows[i].state > IV_TARGET_FAILED));
		if (rows[i].state >= 0) {
			const IvCloudTarget *target = targets->list->pdata[0];

			g_assert_cmpint(target->state, ==, rows[i].state);
			g_assert_true((target->problem != NULL) ==
				      (target->state == IV_TARGET_FAILED));
			g_assert_true(target->ours);
		}
		if (targets->list->len > 0)
			g_assert_true(rows[i].state >= 0);
	}
}

/* --- the directory ------------------------------------------------------------------------ */

#define PAGE(total, number, list)                                                                  \
	"{\"TotalCount\":" total ",\"PageNumber\":" number ",\"Accounts\":{\"Account\":[" list "]}}"

static void check_directory(void)
{
	static const struct {
		const char *text;
		int count; /* -1: nonsense */
	} rows[] = {
		{PAGE("2", "1", "{\"AccountId\":\"1234567890123456\"},{\"AccountId\":\"223456789\"}"), 2},
		{PAGE("0", "1", ""), 0},
		{PAGE("1", "1", ""), -1}, /* it ends early */
		{PAGE("1", "2", "{\"AccountId\":\"1234567890123456\"}"), -1},
		{PAGE("1", "1", "{\"AccountId\":1234567890123456}"), -1},
		{PAGE("1", "1", "{\"AccountId\":\"fd-a\"}"), -1},
		{PAGE("-1", "1", ""), -1},
		{PAGE("1e99", "1", ""), -1},
		{PAGE("1", "1", "[]"), -1},
		{"{\"TotalCount\":0,\"PageNumber\":1,\"Accounts\":[]}", -1},
		{"{}", -1},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(cJSON) json = parse(rows[i].text);
		g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func(g_free);
		g_autoptr(GError) error = NULL;
		guint total = 0;
		bool ok = iv_directory_read_page(json, &iv_directory_accounts, 1, ids, &total,
						 &error);

		g_test_message("row %zu", i);
		g_assert_true(ok == (rows[i].count >= 0));
		if (ok)
			g_assert_cmpint((int)ids->len, ==, rows[i].count);
		else
			is_nonsense(error);
	}
}

/* A folder is fd- and nothing else: what is asked about next is no other kind. */
static void check_folders(void)
{
	static const struct {
		const char *id;
		bool ok;
	} rows[] = {{"fd-a1", true},	{"fd-", false},	    {"r-root", false},
		    {"rd-dir1", false}, {"fd-a b", false}, {"fd-a/b", false}};

	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
		g_assert_true(iv_directory_folders_of.ok(rows[i].id) == rows[i].ok);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/organization/states", check_states);
	g_test_add_func("/organization/nonsense", check_nonsense);
	g_test_add_func("/organization/other-entity", check_other_entity);
	g_test_add_func("/organization/token", check_token);
	g_test_add_func("/organization/problem", check_problem);
	g_test_add_func("/organization/shares", check_shares);
	g_test_add_func("/organization/name", check_name);
	g_test_add_func("/organization/join", check_join);
	g_test_add_func("/organization/directory", check_directory);
	g_test_add_func("/organization/folders", check_folders);
	return g_test_run();
}
