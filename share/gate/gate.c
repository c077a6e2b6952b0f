/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * gate.c - policy applied to report and clearances: yes or no, with every reason.  See gate.h.
 *
 * The only file that knows the members of IvPass, so the only one that can make one.  Every check
 * says something, for yes or for no; a check that cannot tell says no.  All checks run, so that the
 * user gets all reasons at once.
 */
#include "share/gate/clearance.h"
#include "share/gate/gate.h"
#include "share/gate/policy.h"
#include "share/gate/verdict.h"

#include <string.h>

#include "share/gate/judge.h"

struct IvPass {
	char *digest;
	char *report_digest;
	char *image_id, *region;
	GStrv accounts, organizations;
	GStrv accepted_disks; /* or NULL */
	bool is_public;
};

/* --- the judgement --------------------------------------------------------------- */

static char *report_digest(const cJSON *report)
{
	g_autofree char *bytes = report != NULL ? iv_json_canonical(report) : NULL;
	g_autofree char *hex =
		bytes != NULL ? g_compute_checksum_for_string(G_CHECKSUM_SHA256, bytes, -1) : NULL;

	return hex != NULL ? g_strconcat("sha256:", hex, NULL) : NULL;
}

static void judge_report(IvJudge *j)
{
	for (guint i = 0; i < j->report->findings->len; i++) {
		const IvFinding *finding = j->report->findings->pdata[i];

		g_hash_table_add(j->present, finding->fingerprint);
	}
	iv_judge_age(j);
	iv_judge_image(j);
	iv_judge_rules(j);
	iv_judge_coverage(j);
	iv_judge_packed(j);
	iv_judge_clearances(j);
	iv_judge_findings(j);
}

static void judge_all(IvJudge *j)
{
	g_autoptr(GError) problem = NULL;
	g_autoptr(IvReport) report = NULL;
	g_autoptr(GHashTable) present = g_hash_table_new(g_str_hash, g_str_equal);
	g_autoptr(GHashTable) valid = g_hash_table_new(g_str_hash, g_str_equal);

	if (j->json == NULL || (report = iv_report_from_json(j->json, &problem)) == NULL) {
		iv_judge_no(j, "report", "this is not a report of imgvet: %s",
			    problem != NULL ? problem->message : "it is empty");
	} else {
		j->report = report;
		j->present = present;
		j->valid = valid;
		j->verdict->digest = g_strdup(report->digest);
		iv_judge_signature(j);
		judge_report(j);
	}
	iv_judge_receivers(j);
	iv_judge_image_id(j);
	j->report = NULL;
}

static IvPass *mint(const IvVerdict *verdict, const IvPolicy *policy, const IvReceivers *receivers)
{
	IvPass *pass = g_new0(IvPass, 1);

	pass->digest = g_strdup(verdict->digest);
	pass->report_digest = g_strdup(verdict->report_digest);
	pass->accepted_disks = g_strdupv(policy->accepted_disks);
	if (receivers != NULL) {
		pass->image_id = g_strdup(receivers->image_id);
		pass->region = g_strdup(receivers->region);
		pass->accounts = g_strdupv(receivers->accounts);
		pass->is_public = receivers->is_public;
		pass->organizations = g_strdupv(receivers->organizations);
	}
	return pass;
}

IvVerdict *iv_gate_judge(const cJSON *report, const IvPolicy *policy,
			 const IvClearances *clearances, const IvReceivers *receivers, gint64 now,
			 IvPass **pass)
{
	IvVerdict *verdict = iv_verdict_new(now);
	IvJudge judge = {.json = report,
			 .policy = policy,
			 .clearances = clearances,
			 .receivers = receivers,
			 .now = now,
			 .verdict = verdict};

	if (pass != NULL)
		*pass = NULL;
	verdict->policy = g_strdup_printf("%s (%s)", policy->name, policy->digest);
	verdict->report_digest = report_digest(report);
	judge_all(&judge);
	iv_verdict_close(verdict);
	if (verdict->yes && pass != NULL)
		*pass = mint(verdict, policy, receivers);
	return verdict;
}

/* --- the pass -------------------------------------------------------------------- */

void iv_pass_free(IvPass *pass)
{
	if (pass == NULL)
		return;
	g_free(pass->digest);
	g_free(pass->report_digest);
	g_free(pass->image_id);
	g_free(pass->region);
	g_strfreev(pass->accounts);
	g_strfreev(pass->organizations);
	g_strfreev(pass->accepted_disks);
	g_free(pass);
}

const char *iv_pass_digest(const IvPass *pass)
{
	return pass->digest;
}

const char *iv_pass_report_digest(const IvPass *pass)
{
	return pass->report_digest;
}

bool iv_pass_is_for(const IvPass *pass, const char *image_id, const char *region)
{
	return pass->image_id != NULL && g_strcmp0(pass->image_id, image_id) == 0 &&
	       pass->region != NULL && g_strcmp0(pass->region, region) == 0;
}

bool iv_pass_covers(const IvPass *pass, const char *account)
{
	return pass->accounts != NULL && account != NULL &&
	       g_strv_contains((const char *const *)pass->accounts, account);
}

bool iv_pass_covers_organization(const IvPass *pass, const char *unit)
{
	return pass->organizations != NULL && unit != NULL &&
	       g_strv_contains((const char *const *)pass->organizations, unit);
}

bool iv_pass_accepts_disk(const IvPass *pass, const char *snapshot)
{
	const char *const *accepted = (const char *const *)pass->accepted_disks;

	return accepted != NULL &&
	       (g_strv_contains(accepted, "*") || g_strv_contains(accepted, snapshot));
}

bool iv_pass_is_public(const IvPass *pass)
{
	return pass->is_public;
}
