/* SPDX-License-Identifier: GPL-3.0-or-later */
/* judge_coverage.c - what was not looked at, and whether the policy accepts that.  See judge.h. */
#include "share/gate/judge.h"

#include <string.h>

#include "scanner/base/text.h"
#include "scanner/finding/covered.h"

static unsigned slashes(const char *text)
{
	unsigned n = 0;

	for (; *text != '\0'; text++)
		n += *text == '/';
	return n;
}

/* No wildcard stands for the slash of a layer: whoever accepts that "p2" is not read has not
 * accepted "p2/btrfs", another reading of the same bytes. */
static bool volume_matches(const char *pattern, const char *volume)
{
	return slashes(pattern) == slashes(volume) && g_pattern_match_simple(pattern, volume);
}

/* Does a pattern "VOLUME" (path NULL) or "VOLUME:PATH" accept this? */
static bool gap_accepted(const IvPolicy *policy, const char *volume, const char *path)
{
	for (guint i = 0; i < policy->accepted_gaps->len; i++) {
		const char *pattern = policy->accepted_gaps->pdata[i];
		const char *colon = strchr(pattern, ':');
		g_autofree char *of_volume = colon != NULL
						     ? g_strndup(pattern, (gsize)(colon - pattern))
						     : g_strdup(pattern);

		if ((colon != NULL) != (path != NULL) || !volume_matches(of_volume, volume))
			continue;
		if (path == NULL || g_pattern_match_simple(colon + 1, path))
			return true;
	}
	return false;
}

/* Are all misses of a volume listed, and is each of them accepted? */
static bool misses_accepted(const IvJudge *j, const IvCoverageVolume *volume)
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

/* Gives the volume's reason: -1 complete, 1 something missed and accepted, 0 something missed. */
static int judge_volume(IvJudge *j, const IvCoverageVolume *volume)
{
	g_autofree char *unread = iv_text_size(volume->unread);
	bool whole = gap_accepted(j->policy, volume->volume, NULL);
	const char *why = volume->reason != NULL && *volume->reason != '\0' ? volume->reason
									    : "no reason given";

	if (volume->complete && volume->unread == 0)
		return -1;
	if (whole || misses_accepted(j, volume)) {
		iv_judge_yes(j, "coverage-accepted",
			     "%s (%s): %s not looked at, which the policy accepts: %s",
			     volume->volume, volume->kind, unread, why);
		return 1;
	}
	if (j->policy->require_coverage)
		iv_judge_no(j, "coverage", "%s (%s): %s not looked at: %s", volume->volume,
			    volume->kind, unread, why);
	else
		iv_judge_note(j, "coverage",
			      "%s (%s): %s not looked at, which the policy does not ask for: %s",
			      volume->volume, volume->kind, unread, why);
	return 0;
}

/* Misses that belong to no listed volume, and so were not judged with one. */
static guint stray_misses(const IvJudge *j)
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

/* A coverage that contradicts itself does not count. */
static const char *coverage_doubt(const IvJudge *j, guint incomplete)
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

void iv_judge_coverage(IvJudge *j)
{
	const IvCoverage *coverage = j->report->coverage;
	guint incomplete = 0, refused = 0;
	const char *doubt;
	g_autofree char *sentence = iv_covered_sentence(coverage);

	for (guint i = 0; i < coverage->volumes->len; i++) {
		int result = judge_volume(j, coverage->volumes->pdata[i]);

		incomplete += result >= 0;
		refused += result == 0;
	}
	doubt = coverage_doubt(j, incomplete);
	if (doubt != NULL && j->policy->require_coverage)
		iv_judge_no(j, "coverage", "%s", doubt);
	else if (doubt != NULL)
		iv_judge_note(j, "coverage", "%s; the policy does not ask for coverage", doubt);
	else if (incomplete == 0)
		iv_judge_yes(j, "coverage", "%s (%u volumes and gaps)", sentence,
			     coverage->volumes->len);
	else if (refused > 0 && !j->policy->require_coverage)
		iv_judge_yes(j, "coverage", "the policy does not ask for complete coverage");
	else if (refused == 0)
		iv_judge_yes(j, "coverage", "but for what the policy accepts, %s", sentence);
}
