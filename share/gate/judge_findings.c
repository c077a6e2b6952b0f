/* SPDX-License-Identifier: GPL-3.0-or-later */
/* judge_findings.c - which clearances help, and which findings block.  See judge.h. */
#include "share/gate/judge.h"

#include <string.h>

#include "scanner/base/text.h"

/* --- clearances ------------------------------------------------------------------ */

/* Why a well-formed clearance has no effect here, or NULL; *code goes with it. */
static char *clearance_doubt(const IvJudge *j, const IvClearance *clearance, const char **code)
{
	uint64_t most = j->policy->max_clearance;

	*code = "clearance-unknown";
	if (!g_hash_table_contains(j->present, clearance->fingerprint))
		return g_strdup("the report has no such finding");
	*code = "clearance-expired";
	if (clearance->expires < j->now) {
		g_autofree char *when = iv_verdict_time(clearance->expires);

		return g_strdup_printf("it expired at %s", when);
	}
	*code = "clearance-life";
	/* Dates are days: the whole of today counts as begun in every time zone. */
	if (clearance->created > j->now + 86400)
		return g_strdup("it is dated in the future");
	if (most == 0)
		return NULL;
	if (clearance->created == 0)
		return g_strdup("the policy limits how long a clearance is valid, and it does "
				"not say when it was created");
	/* Counted from the start of a day to the start of a day. */
	if ((guint64)(clearance->expires - 86399 - clearance->created) > most) {
		g_autofree char *limit = iv_verdict_duration((gint64)most);

		return g_strdup_printf("it is valid for longer than the policy allows (%s)", limit);
	}
	return NULL;
}

static void judge_clearance(IvJudge *j, IvClearance *clearance)
{
	const char *code = "clearance-malformed";
	g_autofree char *doubt = g_strdup(clearance->problem);
	g_autofree char *shown = iv_text_printable(
		clearance->fingerprint != NULL ? clearance->fingerprint : "?", -1);

	if (doubt == NULL)
		doubt = clearance_doubt(j, clearance, &code);
	if (doubt != NULL)
		iv_verdict_say(j->verdict, IV_SAY_NOTE, code,
			       clearance->fingerprint != NULL ? shown : NULL,
			       "%s:%u: the clearance of %s has no effect: %s",
			       j->clearances->name != NULL ? j->clearances->name : "clearances",
			       clearance->line, shown, doubt);
	else
		g_hash_table_insert(j->valid, clearance->fingerprint, clearance);
}

void iv_judge_clearances(IvJudge *j)
{
	const IvClearances *all = j->clearances;

	if (all == NULL || all->list->len == 0)
		return;
	if (all->salt_id != NULL && g_strcmp0(all->salt_id, j->report->salt_id) != 0) {
		iv_judge_note(j, "clearance-salt",
			      "%s: none of its %u clearances has an effect: they were "
			      "made with another salt than the report (scan again with --clearances)",
			      all->name != NULL ? all->name : "clearances", all->list->len);
		return;
	}
	for (guint i = 0; i < all->list->len; i++)
		judge_clearance(j, all->list->pdata[i]);
}

/* --- findings -------------------------------------------------------------------- */

static char *place(const IvFinding *finding)
{
	if (finding->path == NULL)
		return g_strdup_printf("%s at byte %" G_GUINT64_FORMAT, finding->volume,
				       finding->offset);
	if (finding->line == 0)
		return g_strdup_printf("%s:%s", finding->volume, finding->path);
	return g_strdup_printf("%s:%s:%" G_GUINT64_FORMAT, finding->volume, finding->path,
			       finding->line);
}

static void judge_blocking(IvJudge *j, const IvFinding *finding)
{
	const IvClearance *clearance = g_hash_table_lookup(j->valid, finding->fingerprint);
	const char *severity = iv_severity_name(finding->severity);
	const char *name = finding->name != NULL && *finding->name ? finding->name : finding->rule;
	g_autofree char *where = place(finding);
	g_autofree char *until = NULL;

	if (clearance == NULL) {
		iv_verdict_say(j->verdict, IV_SAY_NO, "finding", finding->fingerprint,
			       "%s: %s in %s [%s]", severity, name, where, finding->fingerprint);
		return;
	}
	until = iv_verdict_time(clearance->expires);
	until[strlen("2026-01-31")] = '\0';
	iv_verdict_say(j->verdict, IV_SAY_YES, "cleared", finding->fingerprint,
		       "%s: %s in %s is cleared by %s until %s: %s", severity, name, where,
		       clearance->who, until, clearance->reason);
}

void iv_judge_findings(IvJudge *j)
{
	const GPtrArray *findings = j->report->findings;
	const char *limit = iv_severity_name(j->policy->blocking);
	guint blocking = 0;

	for (guint i = 0; i < findings->len; i++) {
		const IvFinding *finding = findings->pdata[i];

		if (finding->severity < j->policy->blocking)
			continue;
		blocking++;
		judge_blocking(j, finding);
	}
	if (blocking == 0)
		iv_judge_yes(j, "findings", "no finding is %s or worse", limit);
	if (findings->len > blocking)
		iv_judge_note(j, "findings", "below %s, and so not blocking: %u", limit,
			      findings->len - blocking);
}
