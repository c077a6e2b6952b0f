/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gate_rig.h - a signed report that the built-in policy lets pass, for the tests of share/. */
#ifndef IV_TESTS_GATE_RIG_H
#define IV_TESTS_GATE_RIG_H

#include <glib/gstdio.h>
#include <string.h>

#include "scanner/base/error.h"
#include "share/gate/attest.h"
#include "share/gate/gate.h"

#define RIG_NOW	    G_GINT64_CONSTANT(1790000000)
#define RIG_SALT_ID "00112233445566aa"
#define RIG_PRINT   "0123456789abcdef0123456789abcdef"
#define RIG_OTHER   "ffffffffffffffffffffffffffffffff"

/* Keys and ledgers of a test lie in a folder of its own. */
static inline void rig_home(void)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *home = g_dir_make_tmp("imgvet-share-XXXXXX", &error);

	g_assert_no_error(error);
	g_setenv("XDG_CONFIG_HOME", home, TRUE);
	g_setenv("XDG_DATA_HOME", home, TRUE);
	g_unsetenv("IMGVET_KEY");
	g_unsetenv("IMGVET_LEDGER");
}

static inline char *rig_path(const char *name)
{
	return g_build_filename(g_getenv("XDG_CONFIG_HOME"), name, NULL);
}

static inline IvReport *rig_report(void)
{
	IvReport *report = iv_report_new();
	IvCoverageVolume *volume;

	report->format = g_strdup("raw");
	report->size = 1 << 20;
	report->digest = g_strconcat("fsverity-sha256:", RIG_PRINT, RIG_PRINT, NULL);
	report->table = g_strdup("none");
	report->rules_digest = g_strconcat("sha256:", RIG_PRINT, RIG_PRINT, NULL);
	report->rules_count = 60;
	report->salt_id = g_strdup(RIG_SALT_ID);
	report->run_image = g_strdup("disk.img");
	report->run_host = g_strdup("host");
	report->run_version = g_strdup("0");
	report->run_started = RIG_NOW - 120;
	report->run_finished = RIG_NOW - 60;
	volume = iv_coverage_volume(report->coverage, "disk", "ext4", "ext", 0, 1 << 20);
	volume->files = 1;
	return report;
}

static inline IvFinding *rig_finding(IvSeverity severity, const char *fingerprint)
{
	IvFinding *finding = iv_finding_new();

	finding->fingerprint = g_strdup(fingerprint);
	finding->rule = g_strdup("sample.token");
	finding->name = g_strdup("Sample token");
	finding->severity = severity;
	finding->volume = g_strdup("disk");
	finding->path = g_strdup("/etc/sample");
	finding->place = g_strdup("file");
	finding->line = 3;
	finding->redacted = g_strdup("****");
	finding->reason = g_strdup("an invented token");
	finding->remediation = g_strdup("remove it");
	finding->disk_offset = -1;
	finding->occurrences = 1;
	return finding;
}

/* The JSON of the report, signed with the own key. */
static inline cJSON *rig_sign(IvReport *report)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(IvKey) key = iv_key_load(NULL, &error);
	cJSON *json;

	g_assert_no_error(error);
	iv_coverage_finish(report->coverage);
	json = iv_report_to_json(report);
	g_assert_true(iv_attest_sign(json, key, &error));
	return json;
}

/* A policy of this text for whom the own key counts; the key is made where there is none. */
static inline IvPolicy *rig_policy(const char *text)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(IvKey) key = iv_key_load(NULL, &error);
	IvPolicy *policy = iv_policy_parse("p.yml", text, strlen(text), &error);

	g_assert_no_error(error);
	policy->own_key = g_strdup(iv_key_public(key));
	return policy;
}

static inline const IvReason *rig_reason(const IvVerdict *verdict, const char *code)
{
	for (guint i = 0; i < verdict->reasons->len; i++) {
		const IvReason *reason = verdict->reasons->pdata[i];

		if (strcmp(reason->code, code) == 0)
			return reason;
	}
	return NULL;
}

#endif
