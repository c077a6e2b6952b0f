/* SPDX-License-Identifier: GPL-3.0-or-later */
/* judge_report.c - where a report comes from: who signed it, when, of what, with which rules.
 * See judge.h. */
#include "share/gate/attest.h"
#include "share/gate/judge.h"

#include <string.h>

/* Seconds that the clock of the scanning machine may be ahead of ours. */
#define CLOCK_SKEW    300
#define DIGEST_PREFIX "fsverity-sha256:"

/* --- who says so, and when ------------------------------------------------------- */

static bool listed(const IvPolicy *policy, const char *signer, char **text)
{
	bool is = g_strv_contains((const char *const *)policy->trusted_keys, signer);

	*text = g_strdup_printf("the policy %s the signer %s", is ? "trusts" : "does not trust",
				signer);
	return is;
}

bool iv_judge_trusted(const IvJudge *j, const char *signer, char **text)
{
	const char *own = j->policy->own_key;

	if (j->policy->trusted_keys != NULL)
		return listed(j->policy, signer, text);
	if (own == NULL)
		*text = g_strdup_printf("you have no key of your own here and the policy lists no "
					"trusted_keys, so the signer %s is not trusted",
					signer);
	else if (strcmp(own, signer) != 0)
		*text = g_strdup_printf("the signer %s is not trusted: your own key is %s", signer,
					own);
	else
		*text = g_strdup_printf("the signer %s is your own key", signer);
	return own != NULL && strcmp(own, signer) == 0;
}

void iv_judge_signature(IvJudge *j)
{
	g_autoptr(GError) problem = NULL;
	g_autofree char *signer = NULL, *trust = NULL;

	if (!iv_attest_verify(j->json, &signer, &problem)) {
		iv_judge_no(j, "signature", "%s", problem->message);
		return;
	}
	iv_judge_yes(j, "signature", "the report is unchanged since it was signed");
	if (iv_judge_trusted(j, signer, &trust))
		iv_judge_yes(j, "signer", "%s", trust);
	else
		iv_judge_no(j, "signer", "%s", trust);
}

void iv_judge_age(IvJudge *j)
{
	gint64 finished = j->report->run_finished;
	g_autofree char *when = iv_verdict_time(finished);
	gint64 age = 0;
	g_autofree char *old = NULL;
	g_autofree char *most = NULL;

	if (finished <= 0 || j->report->run_started > finished ||
	    __builtin_sub_overflow(j->now, finished, &age)) {
		iv_judge_no(j, "age", "the report does not say credibly when it was made");
		return;
	}
	if (age < -CLOCK_SKEW) {
		iv_judge_no(j, "age", "the report is dated in the future: %s", when);
		return;
	}
	age = MAX(age, 0);
	old = iv_verdict_duration(age);
	most = iv_verdict_duration((gint64)j->policy->max_age);
	if ((guint64)age > j->policy->max_age)
		iv_judge_no(j, "age", "the report is %s old (%s), the policy allows %s", old, when,
			    most);
	else
		iv_judge_yes(j, "age", "the report is %s old, the policy allows %s", old, most);
}

/* --- what was scanned, and with what --------------------------------------------- */

static bool digest_valid(const char *digest)
{
	const char *hex = digest + strlen(DIGEST_PREFIX);

	return g_str_has_prefix(digest, DIGEST_PREFIX) && strlen(hex) == 64 &&
	       strspn(hex, "0123456789abcdef") == 64;
}

void iv_judge_image(IvJudge *j)
{
	const IvReport *report = j->report;

	if (report->digest == NULL || g_strcmp0(report->format, "tree") == 0)
		iv_judge_no(j, "image",
			    "the report is about a directory, not about an image: nothing ties it "
			    "to what "
			    "would be shared");
	else if (!digest_valid(report->digest))
		iv_judge_no(j, "image", "the report names no proper digest of an image");
	else
		iv_judge_yes(j, "image", "the report is about one image: %s", report->digest);
}

void iv_judge_rules(IvJudge *j)
{
	const IvReport *report = j->report;
	const IvPolicy *policy = j->policy;

	if (report->rules_count < policy->min_rules)
		iv_judge_no(j, "rules",
			    "the scan used %" G_GUINT64_FORMAT
			    " rules, the policy wants at least %" G_GUINT64_FORMAT,
			    report->rules_count, policy->min_rules);
	else
		iv_judge_yes(j, "rules",
			     "the scan used %" G_GUINT64_FORMAT
			     " rules, the policy wants at least %" G_GUINT64_FORMAT,
			     report->rules_count, policy->min_rules);
	if (policy->rules == NULL)
		return;
	if (report->rules_digest != NULL &&
	    g_strv_contains((const char *const *)policy->rules, report->rules_digest))
		iv_judge_yes(j, "rules-digest", "the policy accepts the rule set %s",
			     report->rules_digest);
	else
		iv_judge_no(j, "rules-digest", "the policy does not list the rule set %s",
			    report->rules_digest != NULL ? report->rules_digest : "(none named)");
}
