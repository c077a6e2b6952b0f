/* SPDX-License-Identifier: GPL-3.0-or-later */
/* preflight_organization.c - a preflight's lines about organizations: whom a unit reaches, and
 * whether a receiver has the image the other way already.  See preflight_lines.h.
 *
 * A cloud may show inconsistent data to an account that has an image both by its
 * id and by its organization, so that is refused where it is certain. */
#include "share/cloud/organization.h"
#include "share/cloud/preflight.h"

#include "scanner/base/error.h"
#include "share/access/preflight_lines.h"
#include "share/clouds.h"

static const char inconsistent[] = "the cloud warns of inconsistent data where an account has an "
				   "image both ways";

typedef struct {
	IvPreflight *preflight;
	IvCloud *cloud;
	const IvReceiverList *list;
	const IvCloudQuestion *question;
	bool unclear; /* whether somebody has it both ways is not known */
	bool overlap; /* somebody has */
} Units;

/* The accounts of a unit; NULL without an error: not known, for the reason *why. */
static GHashTable *members(const Units *u, const char *unit, char **why, GError **error)
{
	return u->cloud->ops->organization->members(u->cloud, unit, why, error);
}

static void say_overlap(Units *u, const char *account, const char *unit, const char *remedy)
{
	if (!u->overlap)
		iv_preflight_say(u->preflight, IV_CHECK_OTHER_WAY, IV_ANSWER_NO, remedy,
				 "account %s would have the image by its id and by %s; %s", account,
				 unit, inconsistent);
	u->overlap = true;
}

static void say_rest(const Units *u, const char *none)
{
	if (u->overlap)
		return;
	if (u->unclear)
		iv_preflight_say(u->preflight, IV_CHECK_OTHER_WAY, IV_ANSWER_UNKNOWN, NULL,
				 "whether a receiver has the image both by its id and by its "
				 "organization is not known");
	else
		iv_preflight_say(u->preflight, IV_CHECK_OTHER_WAY, IV_ANSWER_YES, NULL, "%s", none);
}

/* --- units receive ------------------------------------------------------------------------ */

static void say_reach(const Units *u, const char *unit, GHashTable *accounts, const char *why)
{
	guint count = accounts != NULL ? g_hash_table_size(accounts) : 0;

	if (accounts == NULL)
		iv_preflight_say(u->preflight, IV_CHECK_REACH, IV_ANSWER_UNKNOWN, NULL,
				 "how many accounts %s reaches is not known: %s", unit, why);
	else
		iv_preflight_say(u->preflight, IV_CHECK_REACH, IV_ANSWER_YES, NULL,
				 "%s reaches %u account%s now, and whoever joins it later", unit,
				 count, count == 1 ? "" : "s");
}

/* Which of the accounts that have the image belong to the unit? */
static void compare_unit(Units *u, const char *unit, GHashTable *accounts)
{
	GHashTableIter each;
	gpointer account;

	if (accounts == NULL)
		u->unclear |= g_hash_table_size(u->list->accounts) > 0;
	g_hash_table_iter_init(&each, u->list->accounts);
	while (accounts != NULL && g_hash_table_iter_next(&each, &account, NULL))
		if (g_hash_table_contains(accounts, account))
			say_overlap(u, account, unit,
				    "take the image back from the accounts of the unit first, "
				    "or share it with more accounts instead");
}

static bool look_at_units(Units *u, GError **error)
{
	for (guint i = 0; u->question->organizations[i] != NULL; i++) {
		const char *unit = u->question->organizations[i];
		g_autofree char *why = NULL;
		g_autoptr(GError) problem = NULL;
		g_autoptr(GHashTable) accounts = members(u, unit, &why, &problem);

		if (problem != NULL) {
			g_propagate_error(error, g_steal_pointer(&problem));
			return false;
		}
		say_reach(u, unit, accounts, why);
		compare_unit(u, unit, accounts);
	}
	say_rest(u, "no account of the units has the image by its id");
	return true;
}

/* --- accounts receive ----------------------------------------------------------------------- */

static bool compare_accounts(Units *u, const char *unit, GError **error)
{
	static const char remedy[] = "leave it out: it has the image already; or take the image back "
				     "from the unit first";
	g_autofree char *why = NULL;
	g_autoptr(GError) problem = NULL;
	g_autoptr(GHashTable) accounts = NULL;

	if (g_strv_contains(u->question->accounts, unit)) {
		say_overlap(u, unit, "a resource share", remedy);
		return true;
	}
	if (iv_cloud_shapes()->account_ok(unit))
		return true;
	accounts = members(u, unit, &why, &problem);
	u->unclear |= accounts == NULL;
	for (guint i = 0; accounts != NULL && u->question->accounts[i] != NULL; i++)
		if (g_hash_table_contains(accounts, u->question->accounts[i]))
			say_overlap(u, u->question->accounts[i], unit, remedy);
	if (problem == NULL)
		return true;
	g_propagate_error(error, g_steal_pointer(&problem));
	return false;
}

/* Sharing with accounts must work without the right to read share objects; which of them imgvet
 * keeps does not matter here. */
static bool read_targets(Units *u, IvTargets **targets, GError **error)
{
	g_autoptr(IvTargets) no_holder = iv_targets_new();
	g_autoptr(GError) problem = NULL;
	IvCallTrace trace = {0};

	*targets = u->cloud->ops->organization->targets(u->cloud, u->question->image_id,
							no_holder, &trace, &problem);
	iv_call_trace_clear(&trace);
	u->unclear |= *targets == NULL;
	if (*targets != NULL || g_error_matches(problem, IV_ERROR, IV_ERROR_CLOUD))
		return true;
	g_propagate_error(error, g_steal_pointer(&problem));
	return false;
}

static bool look_at_accounts(Units *u, GError **error)
{
	g_autoptr(IvTargets) targets = NULL;

	if (!read_targets(u, &targets, error))
		return false;
	for (guint i = 0; targets != NULL && i < targets->list->len; i++) {
		const IvCloudTarget *target = targets->list->pdata[i];

		if (iv_target_live(target) && !compare_accounts(u, target->id, error))
			return false;
	}
	say_rest(u, "none of the receivers has the image by its organization");
	return true;
}

bool iv_preflight_organization(IvPreflight *preflight, IvCloud *cloud, const IvReceiverList *list,
			       const IvCloudQuestion *question, GError **error)
{
	Units units = {.preflight = preflight, .cloud = cloud, .list = list, .question = question};

	if (cloud->ops->organization == NULL)
		return true;
	return question->organizations != NULL ? look_at_units(&units, error)
					       : look_at_accounts(&units, error);
}
