/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * judge_packed.c - what is packed or encoded was searched as stored bytes only:
 * may the image be shared with it?  See judge.h.
 */
#include "share/gate/judge.h"

#include "scanner/finding/covered.h"

/* Places that one reason names. */
#define NAMED 5u

/* ": /a.gz, /b.zip, free at 8192", or "" when none is known. */
static char *named(const IvPackedList *list)
{
	GString *text = g_string_new(NULL);
	guint n = 0;

	for (guint i = 0; i < list->entries->len; i++) {
		const IvPackedEntry *e = list->entries->pdata[i];

		/* The first place of each kind tells more than all places of the first. */
		if (e->places == NULL || e->places[0] == NULL)
			continue;
		if (n++ == NAMED) {
			g_string_append(text, ", ...");
			break;
		}
		g_string_append_printf(text, "%s%s:%s", n == 1 ? ": " : ", ", e->volume, e->places[0]);
	}
	return g_string_free(text, FALSE);
}

void iv_judge_packed(IvJudge *j)
{
	const IvPackedList *list = j->report->coverage->packed;
	g_autofree char *words = iv_covered_not_opened(j->report->coverage);
	g_autofree char *places = list != NULL ? named(list) : g_strdup("");

	if (list != NULL && list->entries->len == 0)
		iv_judge_yes(j, "packed", "%s", words);
	else if (j->policy->packed == IV_POLICY_PACKED_REFUSE)
		iv_judge_no(j, "packed", "%s, which the policy refuses%s", words, places);
	else
		iv_judge_note(j, "packed", "%s, which the policy does not ask for%s", words, places);
}
