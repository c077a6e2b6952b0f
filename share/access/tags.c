/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tags.c - see tags.h */
#include "share/access/tags.h"

#include <string.h>

#include "scanner/base/error.h"
#include "share/cloud/transfer.h"

#define DIGEST_KEY  "imgvet-digest"
#define VERDICT_KEY "imgvet-verdict"
/* Characters of a report's digest: "sha256:" and 16 hex digits. */
#define SHORT_DIGEST 23

static char *today(void)
{
	g_autoptr(GDateTime) now = g_date_time_new_now_utc();

	return g_date_time_format(now, "%Y-%m-%d");
}

static bool put(const IvConverge *c, const IvCloudTag *tags, gsize n, GError **error)
{
	g_autoptr(GError) problem = NULL;
	IvCallTrace trace = {0};
	const IvTransferOps *ops = c->cloud->ops->transfer;
	bool ok = ops == NULL || ops->tag(c->cloud, c->image_id, tags, n, &trace, &problem);

	iv_call_trace_clear(&trace);
	if (ok)
		return true;
	if (!g_error_matches(problem, IV_ERROR, IV_ERROR_CLOUD)) {
		g_propagate_error(error, g_steal_pointer(&problem));
		return false;
	}
	iv_converge_say(c, "warning: the image could not be tagged with its verdict: %.*s",
		      (int)strcspn(problem->message, "\n"), problem->message);
	return true;
}

bool iv_tags_verdict(const IvConverge *c, const IvPass *pass, GError **error)
{
	g_autofree char *date = today();
	g_autofree char *verdict =
		g_strdup_printf("yes,%s,%.*s", date, SHORT_DIGEST, iv_pass_report_digest(pass));

	IvCloudTag tags[] = {{DIGEST_KEY, iv_pass_digest(pass)}, {VERDICT_KEY, verdict}};

	return put(c, tags, G_N_ELEMENTS(tags), error);
}

bool iv_tags_withdrawn(const IvConverge *c, GError **error)
{
	g_autofree char *date = today();
	g_autofree char *verdict = g_strdup_printf("withdrawn,%s", date);

	return put(c, &(IvCloudTag){VERDICT_KEY, verdict}, 1, error);
}
