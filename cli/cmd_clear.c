/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmd_clear.c - imgvet clear: accept one finding, with a reason and an end. */
#include <string.h>

#include <openssl/crypto.h>

#include "cli/cli.h"
#include "scanner/base/text.h"
#include "scanner/report/report.h"
#include "share/gate/clearance.h"
#include "share/gate/salt.h"
#include "share/ledger/ledger.h"

static char *reason, *who, *expires, *clearances_file, *ledger_file;

/* G_OPTION_ARG_FILENAME for the texts too, so that their bytes are not converted, whatever the
 * locale.  Whether they are UTF-8 is checked later. */
static const GOptionEntry entries[] = {
	{"reason", 0, 0, G_OPTION_ARG_FILENAME, &reason, "Why it may stay (at least 10 characters)",
	 "TEXT"},
	{"by", 0, 0, G_OPTION_ARG_FILENAME, &who, "Who answers for that", "WHO"},
	{"expires", 0, 0, G_OPTION_ARG_STRING, &expires, "The last day it counts, UTC",
	 "YYYY-MM-DD"},
	{"clearances", 0, 0, G_OPTION_ARG_FILENAME, &clearances_file,
	 "Append to this file (default clearances.yml)", "FILE"},
	{"ledger", 0, 0, G_OPTION_ARG_FILENAME, &ledger_file, "Record it in this ledger", "FILE"},
	{NULL}};

static const char about[] =
	"Accept one finding of a report: by whom, why, and until when. Entries that are in\n"
	"the clearances file already stay as they are.";
static const char more[] =
	"Exit codes: 0 done, 2 wrong usage or file, 3 could not finish.\n"
	"\n"
	"Example:\n"
	"  imgvet clear report.json 0123456789abcdef0123456789abcdef \\\n"
	"    --reason 'sample key of the manual, valid nowhere' --by ada@example.org \\\n"
	"    --expires 2027-01-31";

static const IvFinding *find(const IvReport *report, const char *fingerprint)
{
	for (guint i = 0; i < report->findings->len; i++) {
		const IvFinding *finding = report->findings->pdata[i];

		if (strcmp(finding->fingerprint, fingerprint) == 0)
			return finding;
	}
	return NULL;
}

static bool record(IvLedger *ledger, const IvReport *report, const IvFinding *finding,
		   const char *failure, GError **error)
{
	g_autoptr(cJSON) detail = cJSON_CreateObject();

	cJSON_AddStringToObject(detail, "fingerprint", finding->fingerprint);
	cJSON_AddStringToObject(detail, "rule", finding->rule);
	cJSON_AddStringToObject(detail, "reason", reason);
	cJSON_AddStringToObject(detail, "by", who);
	cJSON_AddStringToObject(detail, "expires", expires);
	cJSON_AddStringToObject(detail, "file", clearances_file);
	if (failure != NULL)
		cJSON_AddStringToObject(detail, "failed", failure);
	return iv_ledger_add(ledger, "clearance", report->digest, detail, NULL, error);
}

/* The salt that the report's fingerprints were made with: the clearances file's, if there is one,
 * else the user's own. */
static bool load_salt(const IvReport *report, uint8_t salt[IV_SALT_BYTES], GError **error)
{
	bool there = g_file_test(clearances_file, G_FILE_TEST_EXISTS);
	g_autofree char *id = NULL;

	if (!iv_salt_load(there ? clearances_file : NULL, salt, error))
		return false;
	id = iv_salt_id(salt);
	if (g_strcmp0(id, report->salt_id) != 0)
		return iv_fail(error, IV_ERROR_CONFIG,
			       "the report's fingerprints were made with another salt than %s\n"
			       "scan again%s%s, then clear in the new report",
			       there ? clearances_file : "your own",
			       there ? " with --clearances " : "", there ? clearances_file : "");
	return true;
}

/* Recorded before it takes effect; a failure afterwards is recorded too. */
static bool clear(const IvReport *report, const IvFinding *finding, IvLedger *ledger,
		  const uint8_t salt[IV_SALT_BYTES], GError **error)
{
	g_autoptr(GError) problem = NULL;

	if (!record(ledger, report, finding, NULL, error))
		return false;
	if (iv_clearances_add(clearances_file, salt, finding->fingerprint, reason, who, expires,
			      &problem))
		return true;
	(void)record(ledger, report, finding, problem->message, NULL);
	g_propagate_error(error, g_steal_pointer(&problem));
	return false;
}

static bool run(const char *file, const char *fingerprint, GError **error)
{
	g_autoptr(cJSON) json = iv_report_load(file, error);
	g_autoptr(IvReport) report = json != NULL ? iv_report_from_json(json, error) : NULL;
	g_autoptr(IvLedger) ledger = NULL;
	const IvFinding *finding;
	uint8_t salt[IV_SALT_BYTES];
	bool done;

	if (report == NULL)
		return false;
	finding = find(report, fingerprint);
	if (finding == NULL)
		return iv_fail(error, IV_ERROR_USAGE,
			       "%s: the report has no finding with this fingerprint\n"
			       "imgvet report %s shows them all",
			       file, file);
	ledger = iv_ledger_open(ledger_file, error);
	if (ledger == NULL || !load_salt(report, salt, error))
		return false;
	done = clear(report, finding, ledger, salt, error);
	OPENSSL_cleanse(salt, sizeof(salt));
	if (done) {
		g_autofree char *where =
			g_strconcat(finding->volume, ":", finding->path ? finding->path : "", NULL);

		cli_say("%s: cleared until %s: %s in %s", clearances_file, expires, finding->rule,
			where);
	}
	return done;
}

int cmd_clear(int argc, char **argv)
{
	g_autoptr(GError) error = NULL;
	const char *problem;
	gint64 until = 0;
	int code;

	if (!cli_options(&argc, &argv, entries, "REPORT FINGERPRINT", about, more,
			 &code))
		return code;
	if (argc != 3)
		return cli_usage_error("clear", "name one report and one fingerprint");
	if (reason == NULL || who == NULL || expires == NULL)
		return cli_usage_error("clear", "--reason, --by and --expires are all needed");
	problem = iv_clearance_problem(argv[2], reason, who, NULL, expires, NULL, &until);
	if (problem == NULL && until < g_get_real_time() / G_USEC_PER_SEC)
		problem = "it would have expired already";
	if (problem != NULL)
		return cli_usage_error("clear", "this clearance would have no effect: %s", problem);
	if (clearances_file == NULL)
		clearances_file = g_strdup("clearances.yml");
	return run(argv[1], argv[2], &error) ? IV_EXIT_YES : cli_error(error);
}
