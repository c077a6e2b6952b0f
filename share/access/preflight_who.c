/* SPDX-License-Identifier: GPL-3.0-or-later */
/* preflight_who.c - a preflight's lines about people: who gives, who receives, who has the image
 * already.  See preflight_lines.h. */
#include "share/access/preflight_lines.h"
#include "share/cloud/preflight.h"

/* --- who receives, and who gives --------------------------------------------------------- */

static guint count_of(const char *const *list)
{
	return list != NULL ? g_strv_length((char **)list) : 0;
}

void iv_preflight_pass(IvPreflight *preflight, const IvPass *pass, const IvCloudQuestion *question)
{
	bool units = question->organizations != NULL;
	const char *const *receivers = units ? question->organizations : question->accounts;
	guint count = count_of(receivers);

	iv_preflight_say(preflight, IV_CHECK_RECEIVERS, IV_ANSWER_YES, NULL,
			 "%u receiver%s with a valid %s id", count, count == 1 ? "" : "s",
			 units ? "organization" : "account");
	if (!iv_pass_is_for(pass, question->image_id, question->region)) {
		iv_preflight_say(preflight, IV_CHECK_POLICY, IV_ANSWER_NO, NULL,
				 "the gate's pass is not for image %s in %s", question->image_id,
				 question->region);
		return;
	}
	for (guint i = 0; i < count; i++) {
		if (units ? iv_pass_covers_organization(pass, receivers[i])
			  : iv_pass_covers(pass, receivers[i]))
			continue;
		iv_preflight_say(preflight, IV_CHECK_POLICY, IV_ANSWER_NO, NULL,
				 "the gate's pass does not cover %s %s",
				 units ? "the unit" : "account", receivers[i]);
		return;
	}
	iv_preflight_say(preflight, IV_CHECK_POLICY, IV_ANSWER_YES, NULL,
			 "the policy lets all of them receive this image");
}

static void say_unknown_identity(IvPreflight *preflight, const GError *problem)
{
	g_auto(GStrv) lines = g_strsplit(problem->message, "\n", 2);

	iv_preflight_say(preflight, IV_CHECK_CREDENTIALS, IV_ANSWER_UNKNOWN, lines[1],
			 "whose account shares is not known: %s", lines[0]);
	iv_preflight_say(preflight, IV_CHECK_OWN_ACCOUNT, IV_ANSWER_UNKNOWN, NULL,
			 "whether your own account is among the receivers is not known");
}

void iv_preflight_identity(IvPreflight *preflight, const IvCloudIdentity *identity,
			   const GError *problem, const IvCloudQuestion *question)
{
	if (identity == NULL) {
		say_unknown_identity(preflight, problem);
		return;
	}
	iv_preflight_say(preflight, IV_CHECK_CREDENTIALS, IV_ANSWER_YES, NULL,
			 "account %s shares, as %s (%s), with credentials from %s",
			 identity->account, identity->name, identity->kind,
			 identity->origin != NULL ? identity->origin : "an unnamed source");
	if (question->accounts != NULL && g_strv_contains(question->accounts, identity->account))
		iv_preflight_say(preflight, IV_CHECK_OWN_ACCOUNT, IV_ANSWER_NO, "leave it out",
				 "account %s is your own, and it has the image already",
				 identity->account);
	else
		iv_preflight_say(preflight, IV_CHECK_OWN_ACCOUNT, IV_ANSWER_YES, NULL,
				 "your own account is not among the receivers");
}

/* --- who has it already ------------------------------------------------------------------ */

/* How many will have it. */
static guint count_after(const IvReceiverList *list, const char *const *accounts)
{
	guint count = g_hash_table_size(list->accounts);

	for (guint i = 0; accounts != NULL && accounts[i] != NULL; i++)
		count += !g_hash_table_contains(list->accounts, accounts[i]);
	return count;
}

static void say_quota(IvPreflight *preflight, guint after, guint usual)
{
	static const char more[] = "ask the cloud for a higher quota, or take some back";

	if (usual == 0)
		iv_preflight_say(preflight, IV_CHECK_QUOTA, IV_ANSWER_UNKNOWN, NULL,
				 "%u accounts will have the image; the quota is not known", after);
	else if (after > usual)
		iv_preflight_say(preflight, IV_CHECK_QUOTA, IV_ANSWER_UNKNOWN, more,
				 "%u accounts would have the image; the usual quota is %u, and "
				 "whether yours is higher is not known",
				 after, usual);
	else
		iv_preflight_say(preflight, IV_CHECK_QUOTA, IV_ANSWER_YES,
				 after > usual - usual / 10 ? more : NULL,
				 "%u account%s will have the image, of usually %u", after,
				 after == 1 ? "" : "s", usual);
}

void iv_preflight_receivers(IvPreflight *preflight, const IvReceiverList *list, guint usual,
			    const IvCloudQuestion *question)
{
	if (list->everybody)
		iv_preflight_say(preflight, IV_CHECK_EVERYBODY, IV_ANSWER_NO,
				 "make it private first, and treat what is in it as known",
				 "image %s is shared with everybody already", question->image_id);
	else
		iv_preflight_say(preflight, IV_CHECK_EVERYBODY, IV_ANSWER_YES, NULL,
				 "it is not shared with everybody");
	say_quota(preflight, count_after(list, question->accounts), usual);
}
