/* SPDX-License-Identifier: GPL-3.0-or-later */
/* judge_receivers.c - who would receive the image, and whether the policy lets them.  See
 * judge.h. */
#include "share/gate/judge.h"

#include <string.h>

#include "scanner/base/text.h"

static bool listed(GStrv list, const char *who)
{
	return list == NULL || g_strv_contains((const char *const *)list, "*") ||
	       g_strv_contains((const char *const *)list, who);
}

bool iv_judge_id_valid(const char *id, const char *extra)
{
	if (*id == '\0' || strlen(id) > 256)
		return false;
	for (; *id != '\0'; id++) {
		if (!g_ascii_isalnum(*id) && strchr(extra, *id) == NULL)
			return false;
	}
	return true;
}

static void judge_receiver(IvJudge *j, const char *code, const char *kind, GStrv list,
			   const char *who, bool valid)
{
	g_autofree char *shown = iv_text_printable(who, -1);

	if (!valid)
		iv_judge_no(j, code, "%s is not an %s id", shown, kind);
	else if (!listed(list, who))
		iv_judge_no(j, code, "the policy does not list the %s %s", kind, shown);
	else if (list == NULL)
		iv_judge_yes(j, code, "the policy lets any %s receive: %s", kind, shown);
	else
		iv_judge_yes(j, code, "the policy lets the %s %s receive", kind, shown);
}

/* By name only: no other entry of the policy means everybody. */
static void judge_public(IvJudge *j)
{
	const char *id = j->receivers->image_id != NULL ? j->receivers->image_id : "";
	const char *const *named = (const char *const *)j->policy->public_images;
	g_autofree char *shown = iv_text_printable(id, -1);

	if (named != NULL && g_strv_contains(named, id))
		iv_judge_yes(j, "public", "the policy lets everybody receive the image %s", shown);
	else
		iv_judge_no(j, "public",
			    "everybody would receive the image, and the policy's public_images does "
			    "not name %s",
			    shown);
}

void iv_judge_receivers(IvJudge *j)
{
	const IvReceivers *to = j->receivers;

	if (to != NULL && to->is_public)
		judge_public(j);
	for (guint i = 0; to != NULL && to->accounts != NULL && to->accounts[i] != NULL; i++)
		judge_receiver(j, "account", "account", j->policy->accounts, to->accounts[i],
			       iv_judge_id_valid(to->accounts[i], "") &&
				       strspn(to->accounts[i], "0123456789") ==
					       strlen(to->accounts[i]));
	for (guint i = 0; to != NULL && to->organizations != NULL && to->organizations[i] != NULL;
	     i++)
		judge_receiver(j, "organization", "organization", j->policy->organizations,
			       to->organizations[i], iv_judge_id_valid(to->organizations[i], "-_/.:"));
}
