/*
 * gate.c - policy applied to report and clearances: yes or no, with every
 * reason.  See share.h.
 *
 * The only file that knows what a pass is made of, so the only one that can
 * mint one.  Every check says something, for yes or for no; a check that cannot
 * tell says no.  There is no early way out: the user gets all reasons at once.
 */
#include "share/share.h"

#include <string.h>

#include "scanner/base/error.h"
#include "scanner/base/text.h"
#include "share/verdict.h"

/* Seconds that the clock of the scanning machine may be ahead of ours. */
#define CLOCK_SKEW 300
/* Longest image id, in characters. */
#define MAX_IMAGE_ID  128
#define DIGEST_PREFIX "fsverity-sha256:"

struct IvPass {
	char *digest;
	char *report_digest;
	char *image_id;
	GStrv accounts;
};

/* What a judgement works on. */
typedef struct {
	const cJSON *json;
	const IvReport *report;
	const IvPolicy *policy;
	const IvClearances *clearances;
	const IvReceivers *receivers;
	gint64 now;
	GHashTable *present; /* fingerprints of the report */
	GHashTable *valid;   /* fingerprint -> IvClearance * that helps */
	IvVerdict *verdict;
} Judge;

#define yes(judge, code, ...) iv_verdict_say((judge)->verdict, IV_SAY_YES, code, NULL, __VA_ARGS__)
#define no(judge, code, ...)  iv_verdict_say((judge)->verdict, IV_SAY_NO, code, NULL, __VA_ARGS__)
#define note(judge, code, ...)                                                                     \
	iv_verdict_say((judge)->verdict, IV_SAY_NOTE, code, NULL, __VA_ARGS__)

/* --- who says so, and when ------------------------------------------------------- */

static void judge_trust(Judge *j, const char *signer)
{
	g_autoptr(GError) problem = NULL;
	g_autofree char *own = NULL;

	if (j->policy->trusted_keys != NULL) {
		if (g_strv_contains((const char *const *)j->policy->trusted_keys, signer))
			yes(j, "signer", "the signer %s is one that the policy trusts", signer);
		else
			no(j, "signer", "the signer %s is none that the policy trusts", signer);
		return;
	}
	if (!iv_key_own_public(&own, &problem))
		no(j, "signer",
		   "the own key cannot be read, so the signer %s cannot be trusted: %s", signer,
		   problem->message);
	else if (own == NULL)
		no(j, "signer",
		   "there is no own key here and the policy lists no trusted_keys, so the signer "
		   "%s is a stranger",
		   signer);
	else if (strcmp(own, signer) != 0)
		no(j, "signer", "the signer %s is a stranger: the own key is %s", signer, own);
	else
		yes(j, "signer", "the signer %s is the own key", signer);
}

static void judge_signature(Judge *j)
{
	g_autoptr(GError) problem = NULL;
	g_autofree char *signer = NULL;

	if (!iv_attest_verify(j->json, &signer, &problem)) {
		no(j, "signature", "%s", problem->message);
		return;
	}
	yes(j, "signature", "the report is as it was signed");
	judge_trust(j, signer);
}

static char *duration(gint64 seconds)
{
	if (seconds < 120)
		return g_strdup_printf("%" G_GINT64_FORMAT " s", seconds);
	if (seconds < 7200)
		return g_strdup_printf("%" G_GINT64_FORMAT " min", seconds / 60);
	if (seconds < 2 * 86400)
		return g_strdup_printf("%" G_GINT64_FORMAT " h", seconds / 3600);
	return g_strdup_printf("%" G_GINT64_FORMAT " days", seconds / 86400);
}

static void judge_age(Judge *j)
{
	gint64 finished = j->report->run_finished;
	g_autofree char *when = iv_verdict_time(finished);
	gint64 age = 0;
	g_autofree char *old = NULL;
	g_autofree char *most = NULL;

	if (finished <= 0 || j->report->run_started > finished ||
	    __builtin_sub_overflow(j->now, finished, &age)) {
		no(j, "age", "the report does not say credibly when it was made");
		return;
	}
	if (age < -CLOCK_SKEW) {
		no(j, "age", "the report is dated in the future: %s", when);
		return;
	}
	age = MAX(age, 0);
	old = duration(age);
	most = duration((gint64)j->policy->max_age);
	if ((guint64)age > j->policy->max_age)
		no(j, "age", "the report is %s old (%s), the policy allows %s", old, when, most);
	else
		yes(j, "age", "the report is %s old, the policy allows %s", old, most);
}

/* --- what was scanned, and with what --------------------------------------------- */

static bool digest_valid(const char *digest)
{
	const char *hex = digest + strlen(DIGEST_PREFIX);

	return g_str_has_prefix(digest, DIGEST_PREFIX) && strlen(hex) == 64 &&
	       strspn(hex, "0123456789abcdef") == 64;
}

static void judge_image(Judge *j)
{
	const IvReport *report = j->report;

	if (report->digest == NULL || g_strcmp0(report->format, "tree") == 0)
		no(j, "image",
		   "the report is about a directory, not about an image: nothing ties it to what "
		   "would be shared");
	else if (!digest_valid(report->digest))
		no(j, "image", "the report names no proper digest of an image");
	else
		yes(j, "image", "the report is about one image: %s", report->digest);
}

static void judge_rules(Judge *j)
{
	const IvReport *report = j->report;
	const IvPolicy *policy = j->policy;

	if (report->rules_count < policy->min_rules)
		no(j, "rules",
		   "the scan used %" G_GUINT64_FORMAT
		   " rules, the policy wants at least %" G_GUINT64_FORMAT,
		   report->rules_count, policy->min_rules);
	else
		yes(j, "rules",
		    "the scan used %" G_GUINT64_FORMAT
		    " rules, the policy wants at least %" G_GUINT64_FORMAT,
		    report->rules_count, policy->min_rules);
	if (policy->rules == NULL)
		return;
	if (report->rules_digest != NULL &&
	    g_strv_contains((const char *const *)policy->rules, report->rules_digest))
		yes(j, "rules-digest", "the policy accepts the rule set %s", report->rules_digest);
	else
		no(j, "rules-digest", "the policy does not list the rule set %s",
		   report->rules_digest != NULL ? report->rules_digest : "(none named)");
}

/* --- coverage -------------------------------------------------------------------- */

/* Does a pattern "VOLUME" (path NULL) or "VOLUME:PATH" accept this? */
static bool gap_accepted(const IvPolicy *policy, const char *volume, const char *path)
{
	for (guint i = 0; i < policy->accepted_gaps->len; i++) {
		const char *pattern = policy->accepted_gaps->pdata[i];
		const char *colon = strchr(pattern, ':');
		g_autofree char *of_volume = colon != NULL
						     ? g_strndup(pattern, (gsize)(colon - pattern))
						     : g_strdup(pattern);

		if ((colon != NULL) != (path != NULL) || !g_pattern_match_simple(of_volume, volume))
			continue;
		if (path == NULL || g_pattern_match_simple(colon + 1, path))
			return true;
	}
	return false;
}

/* Is all that was missed of a volume listed, and is each miss accepted? */
static bool misses_accepted(const Judge *j, const IvCoverageVolume *volume)
{
	const IvCoverage *coverage = j->report->coverage;
	uint64_t listed = 0;
	bool any = false;

	if (coverage->misses_dropped > 0)
		return false;
	for (guint i = 0; i < coverage->misses->len; i++) {
		const IvCoverageMiss *miss = coverage->misses->pdata[i];

		if (g_strcmp0(miss->volume, volume->volume) != 0)
			continue;
		if (!gap_accepted(j->policy, miss->volume, miss->path != NULL ? miss->path : "") ||
		    __builtin_add_overflow(listed, miss->bytes, &listed))
			return false;
		any = true;
	}
	return any && listed >= volume->unread;
}

/* What speaks about the volume: -1 complete, 1 missed and accepted, 0 missed. */
static int judge_volume(Judge *j, const IvCoverageVolume *volume)
{
	g_autofree char *unread = iv_text_size(volume->unread);
	bool whole = gap_accepted(j->policy, volume->volume, NULL);
	const char *why = volume->reason != NULL && *volume->reason != '\0' ? volume->reason
									    : "no reason given";

	if (volume->complete && volume->unread == 0)
		return -1;
	if (whole || misses_accepted(j, volume)) {
		yes(j, "coverage-accepted",
		    "%s (%s): %s not looked at, which the policy accepts: %s", volume->volume,
		    volume->kind, unread, why);
		return 1;
	}
	if (j->policy->require_coverage)
		no(j, "coverage", "%s (%s): %s not looked at: %s", volume->volume, volume->kind,
		   unread, why);
	else
		note(j, "coverage",
		     "%s (%s): %s not looked at, which the policy does not ask for: %s",
		     volume->volume, volume->kind, unread, why);
	return 0;
}

/* Misses that belong to no listed volume, and so were not judged with one. */
static guint stray_misses(const Judge *j)
{
	const IvCoverage *coverage = j->report->coverage;
	g_autoptr(GHashTable) volumes = g_hash_table_new(g_str_hash, g_str_equal);
	guint stray = 0;

	for (guint i = 0; i < coverage->volumes->len; i++) {
		const IvCoverageVolume *volume = coverage->volumes->pdata[i];

		if (!volume->complete || volume->unread > 0)
			g_hash_table_add(volumes, volume->volume);
	}
	for (guint i = 0; i < coverage->misses->len; i++) {
		const IvCoverageMiss *miss = coverage->misses->pdata[i];

		stray += !g_hash_table_contains(volumes, miss->volume);
	}
	return stray;
}

/* A coverage that contradicts itself is none. */
static const char *coverage_doubt(const Judge *j, guint incomplete)
{
	const IvCoverage *coverage = j->report->coverage;

	if (coverage->volumes->len == 0)
		return "the report lists nothing that was looked at";
	if (stray_misses(j) > 0)
		return "something was missed in a volume that the report calls complete";
	if (coverage->complete && (incomplete > 0 || coverage->misses_dropped > 0))
		return "the report calls itself complete, and lists what it missed";
	if (!coverage->complete && incomplete == 0)
		return "the report calls itself incomplete, and does not say what it missed";
	return NULL;
}

static void judge_coverage(Judge *j)
{
	const IvCoverage *coverage = j->report->coverage;
	guint incomplete = 0, refused = 0;
	const char *doubt;

	for (guint i = 0; i < coverage->volumes->len; i++) {
		int result = judge_volume(j, coverage->volumes->pdata[i]);

		incomplete += result >= 0;
		refused += result == 0;
	}
	doubt = coverage_doubt(j, incomplete);
	if (doubt != NULL && j->policy->require_coverage)
		no(j, "coverage", "%s", doubt);
	else if (doubt != NULL)
		note(j, "coverage", "%s; the policy does not ask for coverage", doubt);
	else if (incomplete == 0)
		yes(j, "coverage", "everything was looked at (%u volumes and gaps)",
		    coverage->volumes->len);
	else if (refused > 0 && !j->policy->require_coverage)
		yes(j, "coverage", "the policy does not ask for complete coverage");
	else if (refused == 0)
		yes(j, "coverage", "everything was looked at but what the policy accepts");
}

/* --- clearances ------------------------------------------------------------------ */

/* Why a well-formed clearance does not help here, or NULL; *code goes with it. */
static char *clearance_doubt(const Judge *j, const IvClearance *clearance, const char **code)
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
		return g_strdup("the policy limits how long a clearance lives, and it does not say "
				"when it was created");
	/* Counted from the begin of a day to the begin of a day. */
	if ((guint64)(clearance->expires - 86399 - clearance->created) > most) {
		g_autofree char *limit = duration((gint64)most);

		return g_strdup_printf("it lives longer than the policy allows (%s)", limit);
	}
	return NULL;
}

static void judge_clearance(Judge *j, IvClearance *clearance)
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
			       "%s:%u: the clearance of %s does not help: %s",
			       j->clearances->name != NULL ? j->clearances->name : "clearances",
			       clearance->line, shown, doubt);
	else
		g_hash_table_insert(j->valid, clearance->fingerprint, clearance);
}

static void judge_clearances(Judge *j)
{
	const IvClearances *all = j->clearances;

	if (all == NULL || all->list->len == 0)
		return;
	if (all->salt_id != NULL && g_strcmp0(all->salt_id, j->report->salt_id) != 0) {
		note(j, "clearance-salt",
		     "%s: none of its %u clearances helps: they were made with another salt than "
		     "the report (scan again with --clearances)",
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

static void judge_blocking(Judge *j, const IvFinding *finding)
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

static void judge_findings(Judge *j)
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
		yes(j, "findings", "no finding is %s or worse", limit);
	if (findings->len > blocking)
		note(j, "findings", "%u findings are below %s and do not block",
		     findings->len - blocking, limit);
}

/* --- who would receive it -------------------------------------------------------- */

static bool listed(GStrv list, const char *who)
{
	return list == NULL || g_strv_contains((const char *const *)list, "*") ||
	       g_strv_contains((const char *const *)list, who);
}

static bool id_valid(const char *id, const char *extra)
{
	if (*id == '\0' || strlen(id) > 256)
		return false;
	for (; *id != '\0'; id++) {
		if (!g_ascii_isalnum(*id) && strchr(extra, *id) == NULL)
			return false;
	}
	return true;
}

static void judge_receiver(Judge *j, const char *code, const char *kind, GStrv list,
			   const char *who, bool valid)
{
	g_autofree char *shown = iv_text_printable(who, -1);

	if (!valid)
		no(j, code, "%s is no id of an %s", shown, kind);
	else if (!listed(list, who))
		no(j, code, "the policy does not list the %s %s", kind, shown);
	else if (list == NULL)
		yes(j, code, "the policy lets any %s receive: %s", kind, shown);
	else
		yes(j, code, "the policy lets the %s %s receive", kind, shown);
}

static void judge_receivers(Judge *j)
{
	const IvReceivers *to = j->receivers;

	for (guint i = 0; to != NULL && to->accounts != NULL && to->accounts[i] != NULL; i++)
		judge_receiver(j, "account", "account", j->policy->accounts, to->accounts[i],
			       id_valid(to->accounts[i], "") &&
				       strspn(to->accounts[i], "0123456789") ==
					       strlen(to->accounts[i]));
	for (guint i = 0; to != NULL && to->organizations != NULL && to->organizations[i] != NULL;
	     i++)
		judge_receiver(j, "organization", "organization", j->policy->organizations,
			       to->organizations[i], id_valid(to->organizations[i], "-_/.:"));
}

/* No way to prove an image id exists yet: it is asserted, or not named. */
static void judge_image_id(Judge *j)
{
	const char *id = j->receivers != NULL ? j->receivers->image_id : NULL;
	g_autofree char *shown = iv_text_printable(id != NULL ? id : "", -1);

	if (id == NULL)
		return;
	if (!id_valid(id, "-_") || strlen(id) > MAX_IMAGE_ID)
		no(j, "image-id", "'%s' is no image id", shown);
	else if (!j->policy->allow_asserted)
		no(j, "image-id",
		   "the image id %s is asserted, not proven, and the policy forbids that", shown);
	else
		yes(j, "image-id",
		    "the image id %s is asserted, not proven, which the policy allows", shown);
}

/* --- the judgement --------------------------------------------------------------- */

static char *report_digest(const cJSON *report)
{
	g_autofree char *bytes = report != NULL ? iv_json_canonical(report) : NULL;
	g_autofree char *hex =
		bytes != NULL ? g_compute_checksum_for_string(G_CHECKSUM_SHA256, bytes, -1) : NULL;

	return hex != NULL ? g_strconcat("sha256:", hex, NULL) : NULL;
}

static void judge_report(Judge *j)
{
	for (guint i = 0; i < j->report->findings->len; i++) {
		const IvFinding *finding = j->report->findings->pdata[i];

		g_hash_table_add(j->present, finding->fingerprint);
	}
	judge_age(j);
	judge_image(j);
	judge_rules(j);
	judge_coverage(j);
	judge_clearances(j);
	judge_findings(j);
}

static void judge_all(Judge *j)
{
	g_autoptr(GError) problem = NULL;
	g_autoptr(IvReport) report = NULL;
	g_autoptr(GHashTable) present = g_hash_table_new(g_str_hash, g_str_equal);
	g_autoptr(GHashTable) valid = g_hash_table_new(g_str_hash, g_str_equal);

	if (j->json == NULL || (report = iv_report_from_json(j->json, &problem)) == NULL) {
		no(j, "report", "this is no report of imgvet: %s",
		   problem != NULL ? problem->message : "nothing there");
	} else {
		j->report = report;
		j->present = present;
		j->valid = valid;
		j->verdict->digest = g_strdup(report->digest);
		judge_signature(j);
		judge_report(j);
	}
	judge_receivers(j);
	judge_image_id(j);
	j->report = NULL;
}

static IvPass *mint(const IvVerdict *verdict, const IvReceivers *receivers)
{
	IvPass *pass = g_new0(IvPass, 1);

	pass->digest = g_strdup(verdict->digest);
	pass->report_digest = g_strdup(verdict->report_digest);
	if (receivers != NULL) {
		pass->image_id = g_strdup(receivers->image_id);
		pass->accounts = g_strdupv(receivers->accounts);
	}
	return pass;
}

IvVerdict *iv_gate_judge(const cJSON *report, const IvPolicy *policy,
			 const IvClearances *clearances, const IvReceivers *receivers, gint64 now,
			 IvPass **pass)
{
	IvVerdict *verdict = iv_verdict_new(now);
	Judge judge = {.json = report,
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
		*pass = mint(verdict, receivers);
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
	g_strfreev(pass->accounts);
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

const char *iv_pass_image_id(const IvPass *pass)
{
	return pass->image_id;
}

bool iv_pass_covers(const IvPass *pass, const char *account)
{
	return pass->accounts != NULL && account != NULL &&
	       g_strv_contains((const char *const *)pass->accounts, account);
}
