/* SPDX-License-Identifier: GPL-3.0-or-later */
/* accounts.c - accounts on an image's share list, as a kind of converge.h */
#include "share/access/converge.h"

#include "scanner/base/error.h"
#include "share/base/limits.h"

static IvConvergeState *read_list(const IvConverge *c, const IvConvergeState *earlier,
				  GError **error)
{
	IvCallTrace trace = {0};
	IvReceiverList *list = c->cloud->ops->receivers(c->cloud, c->image_id, &trace, error);

	iv_call_trace_clear(&trace);
	return list;
}

static void free_list(IvConvergeState *state)
{
	iv_receiver_list_free(state);
}

static bool has(const IvConvergeState *state, const char *account)
{
	const IvReceiverList *list = state;

	return g_hash_table_contains(list->accounts, account);
}

static bool settled(const IvConverge *c, const IvConvergeState *state, const char *account)
{
	return has(state, account) == (c->change == IV_CLOUD_ADD);
}

static guint batch(const IvCloud *cloud)
{
	return cloud->ops->batch;
}

static char *text(const IvConverge *c, const IvConvergeState *state, const char *const *accounts)
{
	return c->cloud->ops->text(c->cloud, c->change, c->image_id, accounts);
}

static bool change(const IvConverge *c, const IvConvergeState *state, const char *const *accounts,
		   IvCallTrace *trace, GError **error)
{
	return c->cloud->ops->change(c->cloud, c->change, c->image_id, accounts, trace, error);
}

static void about(IvRecordSubject *subject, const char *const *accounts)
{
	subject->accounts = accounts;
}

/* --- what is wrong ------------------------------------------------------------------------- */

static bool asked_for(const IvConverge *c, const char *account)
{
	return c->change == IV_CLOUD_ADD && g_strv_contains(c->wanted, account);
}

static bool no_stranger(const IvConverge *c, const IvConvergeState *state, GError **error)
{
	const IvReceiverList *now = state, *before = c->before;
	GHashTableIter each;
	gpointer account;

	g_hash_table_iter_init(&each, now->accounts);
	while (g_hash_table_iter_next(&each, &account, NULL))
		if (!has(before, account) && !asked_for(c, account))
			return iv_fail(error, IV_ERROR_CLOUD,
				       "account %s has access to image %s now; it was not asked for, "
				       "and had none before\n"
				       "somebody else shared the image at the same time, or something "
				       "is wrong: look at the image's share list",
				       (const char *)account, c->image_id);
	if (now->everybody && !before->everybody)
		return iv_fail(error, IV_ERROR_CLOUD,
			       "image %s is open to everybody now, which was not asked for\n"
			       "make it private again at once",
			       c->image_id);
	return true;
}

static bool report_missing(const IvConverge *c, const IvConvergeState *now, GError **error)
{
	const GPtrArray *missing = c->result->missing;
	const char *have = missing->len == 1 ? "this account has" : "these accounts have";
	g_autoptr(GString) names = g_string_new(NULL);

	for (guint i = 0; i < missing->len; i++)
		g_string_append_printf(names, "%s%s", i > 0 ? ", " : "",
				       (const char *)missing->pdata[i]);
	if (c->change == IV_CLOUD_REMOVE)
		return iv_fail(error, IV_ERROR_CLOUD,
			       "the cloud reported success, and still %s access to image %s: %s\n"
			       "run the same command again",
			       have, c->image_id, names->str);
	return iv_fail(error, IV_ERROR_CLOUD,
		       "the cloud reported success, and still %s no access to image %s: %s\n"
		       "run the same command again; accounts that have access are left alone",
		       have, c->image_id, names->str);
}

const IvConvergeKind iv_converge_accounts = {
	.read = read_list,
	.free = free_list,
	.settled = settled,
	.batch = batch,
	.text = text,
	.change = change,
	.about = about,
	.verify_reads = IV_SHARE_VERIFY_READS,
	.no_stranger = no_stranger,
	.report_missing = report_missing,
	.done = {[IV_CLOUD_ADD] = "the image was shared",
		 [IV_CLOUD_REMOVE] = "the image was taken back"},
	.where = "the image's share list",
};
