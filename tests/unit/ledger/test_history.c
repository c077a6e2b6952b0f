/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_history.c - what the ledger's lines say of who was given an image */
#include "share/ledger/history.h"
#include "tests/unit/gate/gate_rig.h"

#define IMAGE "m-bp1example"
#define ADA   "1000000000000011"
#define BOB   "1000000000000022"

#define YES(who)  "verdict {'verdict':'yes','image_id':'" IMAGE "','report_digest':'sha256:aa'," who "}"
#define NO(who)	  "verdict {'verdict':'no','image_id':'" IMAGE "'," who "}"
#define BEGIN(verb, call, who)                                                                     \
	"call-begin {'verb':'" verb "','call':'Change " call "','image_id':'" IMAGE "'," who "}"
#define END(n, outcome) "call-end {'begin':" #n ",'outcome':'" outcome "'}"
#define BOTH "'accounts':['" ADA "','" BOB "']"
#define ONE  "'accounts':['" ADA "']"

/* Lines are numbered from 1; ' stands for ". */
static const struct {
	const char *name;
	const char *lines[8];
	gint64 ada, bob; /* the line of the verdict that gave it; 0: none */
} rows[] = {
	{"given", {YES(BOTH), BEGIN("share", "Add.1=" ADA " Add.2=" BOB, BOTH), END(2, "done")}, 1, 1},
	{"one batch of two", {YES(BOTH), BEGIN("share", "Add.1=" ADA, BOTH), END(2, "done")}, 1, 0},
	{"the answer got lost", {YES(ONE), BEGIN("share", "Add.1=" ADA, ONE), END(2, "unknown")}, 1, 0},
	{"no end", {YES(ONE), BEGIN("share", "Add.1=" ADA, ONE)}, 1, 0},
	{"failed", {YES(ONE), BEGIN("share", "Add.1=" ADA, ONE), END(2, "failed")}, 0, 0},
	{"refused", {YES(ONE), BEGIN("share", "Add.1=" ADA, ONE), END(2, "refused")}, 0, 0},
	{"no verdict", {BEGIN("share", "Add.1=" ADA, ONE), END(1, "done")}, 0, 0},
	{"a no", {NO(ONE), BEGIN("share", "Add.1=" ADA, ONE), END(2, "done")}, 0, 0},
	{"a yes, then a no", {YES(ONE), NO(ONE), BEGIN("share", "Add.1=" ADA, ONE), END(3, "done")}, 0, 0},
	{"a yes for another",
	 {YES("'accounts':['" BOB "']"), BEGIN("share", "Add.1=" ADA, ONE), END(2, "done")}, 0, 0},
	{"a dry run",
	 {YES(ONE), BEGIN("share", "Add.1=" ADA, ONE ",'dry_run':true"), END(2, "done")}, 0, 0},
	{"another verb", {YES(ONE), BEGIN("acquire", "Add.1=" ADA, ONE), END(2, "done")}, 0, 0},
	{"part of an id is no id", {YES(ONE), BEGIN("share", "Add.1=" ADA "0", ONE), END(2, "done")}, 0, 0},
	{"a name is no value", {YES(ONE), BEGIN("share", ADA "=x", ONE), END(2, "done")}, 0, 0},
	{"taken back",
	 {YES(BOTH), BEGIN("share", "Add.1=" ADA " Add.2=" BOB, BOTH), END(2, "done"),
	  BEGIN("unshare", "Remove.1=" ADA, ONE), END(4, "done")}, 0, 1},
	{"perhaps taken back",
	 {YES(ONE), BEGIN("share", "Add.1=" ADA, ONE), END(2, "done"),
	  BEGIN("undo", "Remove.1=" ADA, ONE)}, 0, 0},
	{"not taken back",
	 {YES(ONE), BEGIN("share", "Add.1=" ADA, ONE), END(2, "done"),
	  BEGIN("unshare", "Remove.1=" ADA, ONE), END(4, "failed")}, 1, 0},
	{"taken back and given again",
	 {YES(ONE), BEGIN("share", "Add.1=" ADA, ONE), END(2, "done"),
	  BEGIN("unshare", "Remove.1=" ADA, ONE), END(4, "done"), YES(ONE),
	  BEGIN("share", "Add.1=" ADA, ONE), END(7, "done")}, 6, 0},
	{"nonsense", {"verdict {}", "call-begin {}", "call-end {}", "call-end {'begin':'x'}"}, 0, 0},
};

static void add(IvLedger *ledger, const char *line)
{
	g_auto(GStrv) parts = g_strsplit(line, " ", 2);
	g_autofree char *text = g_strdelimit(g_strdup(parts[1]), "'", '"');
	g_autoptr(cJSON) detail = cJSON_Parse(text);
	g_autoptr(GError) error = NULL;

	g_assert_nonnull(detail);
	g_assert_true(iv_ledger_add(ledger, parts[0], "fsverity-sha256:00", detail, NULL, &error));
	g_assert_no_error(error);
}

static gint64 line_of(const IvHistory *history, const char *who)
{
	const IvGrant *grant = iv_history_grant(history, IMAGE, who);

	return grant != NULL ? grant->line : 0;
}

static void test_rows(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *path = rig_path("history.db");
		g_autoptr(IvLedger) ledger = NULL;
		g_autoptr(IvHistory) history = NULL;

		g_remove(path);
		ledger = iv_ledger_open(path, NULL);
		for (gsize n = 0; n < G_N_ELEMENTS(rows[i].lines) && rows[i].lines[n] != NULL; n++)
			add(ledger, rows[i].lines[n]);
		history = iv_history_read(ledger, NULL);
		g_test_message("%s", rows[i].name);
		g_assert_nonnull(history);
		g_assert_null(iv_history_problem(history));
		g_assert_cmpint(line_of(history, ADA), ==, rows[i].ada);
		g_assert_cmpint(line_of(history, BOB), ==, rows[i].bob);
		g_assert_null(iv_history_grant(history, IMAGE, IV_HISTORY_EVERYBODY));
		g_assert_null(iv_history_grant(history, "m-another", ADA));
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	rig_home();
	g_test_add_func("/history/rows", test_rows);
	return g_test_run();
}
