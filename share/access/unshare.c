/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * unshare.c - take access back, and read back who still has it.  See unshare.h.
 */
#include <string.h>

#include "scanner/base/error.h"
#include "scanner/base/text.h"
#include "share/access/converge.h"
#include "share/access/public.h"
#include "share/access/request.h"
#include "share/access/tags.h"
#include "share/access/unshare.h"
#include "share/cloud/cloud.h"
#include "share/cloud/organization.h"
#include "share/ledger/ledger.h"
#include "share/ledger/record.h"
#include "share/ledger/recorder.h"

/* One command. */
typedef struct {
	const IvUnshareRequest *request;
	IvConverge accounts;
	IvConverge units; /* with a result of its own; `before` is NULL when no units are
			   * concerned */
	IvRecordBook book;
	GStrv wanted, wanted_units; /* whose access ends */
} Take;

static const IvReceiverList *receivers(const Take *t)
{
	return t->accounts.before;
}

/* --- may it be taken back ---------------------------------------------------------------- */

static bool may_be_taken(const Take *t, const IvCloudImage *image, GError **error)
{
	const IvShareRequest *from = &t->request->from;

	if (image == NULL)
		return iv_fail(error, IV_ERROR_REFUSED,
			       "there is no image %s in region %s of this account\n"
			       "check --image-id, --region and whose credentials are set",
			       from->image_id, from->region);
	if (!image->own)
		return iv_fail(error, IV_ERROR_REFUSED,
			       "image %s does not belong to this account (owner: %s)\n"
			       "only the account that shared an image can take it back",
			       from->image_id, image->owner);
	return true;
}

static bool check_image(const Take *t, IvCloudImage **image, GError **error)
{
	IvCloud *cloud = t->accounts.cloud;
	IvCallTrace trace = {0};
	bool ok = cloud->ops->image(cloud, t->accounts.image_id, image, &trace, error) &&
		  may_be_taken(t, *image, error);

	iv_call_trace_clear(&trace);
	return ok;
}

/* A public image stays with everybody, whichever accounts lose it. */
static bool check_public(const Take *t, const IvCloudImage *image, GError **error)
{
	const IvShareRequest *from = &t->request->from;

	if (!image->is_public && !receivers(t)->everybody)
		return true;
	if (!t->request->all) {
		iv_converge_say(&t->accounts,
			      "warning: image %s is public: the accounts can use it in %s as "
			      "everybody can",
			      from->image_id, from->region);
		return true;
	}
	return iv_fail(error, IV_ERROR_REFUSED,
		       "image %s is public: everybody in region %s can use it, whoever is taken off "
		       "its list\n"
		       "make it private first (imgvet unshare --public), and treat what is in it as "
		       "known",
		       from->image_id, from->region);
}

/* --- from whom --------------------------------------------------------------------------- */

static int by_name(gconstpointer left, gconstpointer right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static GStrv everybody_on(const IvReceiverList *list)
{
	GPtrArray *accounts = g_ptr_array_new();
	GHashTableIter each;
	gpointer account;

	g_hash_table_iter_init(&each, list->accounts);
	while (g_hash_table_iter_next(&each, &account, NULL))
		g_ptr_array_add(accounts, g_strdup(account));
	g_ptr_array_sort(accounts, by_name);
	g_ptr_array_add(accounts, NULL);
	return (GStrv)g_ptr_array_free(accounts, FALSE);
}

/* Units that lose it: those that were named, or with `all` whoever has it. */
static bool learn_units(Take *t, GError **error)
{
	IvConverge *c = &t->units;

	if (!t->request->all && t->request->from.organizations == NULL)
		return true;
	c->cloud = t->accounts.cloud;
	if (c->cloud->ops->organization == NULL && t->request->all)
		return true;
	if (!iv_converge_read(c, error))
		return false;
	t->wanted_units = t->request->all ? iv_targets_ids(c->before)
					  : iv_share_wanted(&t->request->from);
	c->wanted = (const char *const *)t->wanted_units;
	if (c->wanted[0] == NULL)
		return true;
	if (!iv_converge_want(c, error))
		return false;
	iv_converge_say(c, "%u of %u units have no access already", c->result->already->len,
			g_strv_length(t->wanted_units));
	return true;
}

static bool learn_accounts(Take *t, GError **error)
{
	IvConverge *c = &t->accounts;

	if (!iv_converge_read(c, error))
		return false;
	t->wanted = t->request->all
			    ? everybody_on(receivers(t))
			    : iv_text_unique((const char *const *)t->request->from.accounts);
	c->wanted = (const char *const *)t->wanted;
	t->book.subject.accounts = c->wanted;
	return iv_converge_want(c, error);
}

static bool learn(Take *t, GError **error)
{
	const IvConverge *c = &t->accounts;
	g_autoptr(IvCloudImage) image = NULL;
	guint having;

	if (!check_image(t, &image, error) || !learn_accounts(t, error))
		return false;
	having = g_hash_table_size(receivers(t)->accounts);
	iv_converge_say(c, "image %s (%s): own, %s, in %s; %u account%s access, %u of them to be "
			   "taken off",
			c->image_id, image->name, image->state, c->region, having,
			having == 1 ? " has" : "s have", c->result->missing->len);
	return check_public(t, image, error) && learn_units(t, error);
}

static void add_all(GPtrArray *list, const GPtrArray *more)
{
	for (guint i = 0; i < more->len; i++)
		g_ptr_array_add(list, more->pdata[i]);
}

static bool confirmed(const Take *t, GError **error)
{
	g_autoptr(GPtrArray) losing = g_ptr_array_new();

	add_all(losing, t->accounts.result->missing);
	add_all(losing, t->units.result->missing);
	if (t->request->confirm == NULL || t->request->from.dry_run || losing->len == 0)
		return true;
	g_ptr_array_add(losing, NULL);
	return t->request->confirm(t->request->from.user, (const char *const *)losing->pdata,
				   error);
}

/* --- the whole --------------------------------------------------------------------------- */

/* Once nobody has it, its tag says so. */
static bool withdrawn(const Take *t, GError **error)
{
	return !t->request->all || t->request->from.dry_run ||
	       t->accounts.result->calls->len + t->units.result->calls->len == 0 ||
	       iv_tags_withdrawn(&t->accounts, error);
}

/* A call's ledger line must not say that it ended the access of anybody else. */
static bool take_from_units(Take *t, GError **error)
{
	if (t->units.before == NULL || t->units.wanted[0] == NULL)
		return true;
	t->book.subject.accounts = NULL;
	t->book.subject.organizations = t->units.wanted;
	return iv_converge_run(&t->units, error);
}

/* Add the units' result to the whole. */
static void merge(Take *t)
{
	IvShareResult *whole = t->accounts.result, *part = t->units.result;

	g_ptr_array_extend_and_steal(whole->changed, g_steal_pointer(&part->changed));
	g_ptr_array_extend_and_steal(whole->already, g_steal_pointer(&part->already));
	g_ptr_array_extend_and_steal(whole->missing, g_steal_pointer(&part->missing));
	g_ptr_array_extend_and_steal(whole->calls, g_steal_pointer(&part->calls));
	g_free(part);
	t->units.result = NULL;
}

/* A refusal by imgvet itself is recorded too, as the calls are. */
static bool run(Take *t, GError **error)
{
	g_autoptr(GError) problem = NULL;
	bool ok;

	t->accounts.cloud = iv_share_cloud(&t->request->from, &t->book.recorder, error);
	if (t->accounts.cloud == NULL)
		return false;
	ok = learn(t, &problem) && confirmed(t, &problem);
	if (!ok && !g_error_matches(problem, IV_ERROR, IV_ERROR_CLOUD) &&
	    !g_error_matches(problem, IV_ERROR, IV_ERROR_IO) &&
	    !iv_record_refusal(&t->book, problem->message, error))
		return false;
	if (!ok)
		g_propagate_error(error, g_steal_pointer(&problem));
	if (!ok || !iv_converge_run(&t->accounts, error))
		return false;
	t->accounts.result->verified &= take_from_units(t, error);
	return (t->accounts.result->verified || t->request->from.dry_run) && withdrawn(t, error);
}

static bool request_ok(const IvUnshareRequest *request, GError **error)
{
	const IvShareRequest *from = &request->from;

	if (!iv_share_place_ok(from->image_id, from->region, from->endpoints, error))
		return false;
	if (request->all || from->is_public)
		return true;
	return from->organizations != NULL
		       ? iv_share_units_ok((const char *const *)from->organizations, error)
		       : iv_share_accounts_ok((const char *const *)from->accounts, error);
}

static Take take_of(const IvUnshareRequest *request)
{
	static const char *const nobody[] = {NULL};
	Take take = {.request = request,
		     .accounts = iv_share_converge(&request->from, IV_CLOUD_REMOVE),
		     .units = iv_share_converge(&request->from, IV_CLOUD_REMOVE)};

	take.accounts.kind = &iv_converge_accounts;
	take.units.kind = &iv_converge_units;
	take.accounts.wanted = take.units.wanted = nobody;
	take.accounts.result = iv_share_result_new();
	return take;
}

static void open_book(Take *t, IvLedger *ledger)
{
	const IvShareRequest *from = &t->request->from;

	iv_record_open(&t->book, ledger,
		       &(IvRecordSubject){.verb = "unshare",
					  .image_id = from->image_id,
					  .region = from->region,
					  .endpoints = from->endpoints,
					  .accounts = (const char *const *)from->accounts,
					  .organizations = (const char *const *)from->organizations,
					  .dry_run = from->dry_run});
	t->accounts.book = t->units.book = &t->book;
}

static void clear(Take *t)
{
	iv_converge_end(&t->units);
	iv_converge_end(&t->accounts);
	iv_cloud_free(t->accounts.cloud);
	iv_record_close(&t->book);
	g_strfreev(t->wanted_units);
	g_strfreev(t->wanted);
}

bool iv_unshare(const IvUnshareRequest *request, IvLedger *ledger, IvShareResult **result,
		GError **error)
{
	Take take = take_of(request);
	bool ok;

	*result = take.accounts.result;
	if (!request_ok(request, error))
		return false;
	if (request->from.is_public)
		return iv_unshare_public(request, ledger, *result, error);
	take.units.result = iv_share_result_new();
	open_book(&take, ledger);
	ok = run(&take, error);
	merge(&take);
	clear(&take);
	return ok;
}
