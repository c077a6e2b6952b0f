/*
 * unshare.c - take access back, and read back who still has it.  See share.h.
 */
#include <string.h>

#include "scanner/base/error.h"
#include "scanner/base/text.h"
#include "share/access/access.h"
#include "share/access/organization.h"
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
	IvAccess access;
	IvAccess units;	     /* the same of an organization's units, with a result of its own */
	IvTargets *had;	     /* who had it by an organization; NULL: it is not about these */
	IvRecordBook book;
	GStrv wanted, wanted_units; /* whose access ends */
} Take;

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
			       "image %s is not one of this account's own (owner: %s)\n"
			       "only the account that shared an image can take it back",
			       from->image_id, image->owner);
	return true;
}

static bool check_image(const Take *t, IvCloudImage **image, GError **error)
{
	IvCloud *cloud = t->access.cloud;
	IvCallTrace trace = {0};
	bool ok = cloud->ops->image(cloud, t->access.image_id, image, &trace, error) &&
		  may_be_taken(t, *image, error);

	iv_call_trace_clear(&trace);
	return ok;
}

/* Taking it from accounts leaves a public image with everybody. */
static bool check_public(const Take *t, const IvCloudImage *image, GError **error)
{
	const IvShareRequest *from = &t->request->from;

	if (!image->is_public && !t->access.before->everybody)
		return true;
	if (!t->request->all) {
		iv_access_say(&t->access,
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
	IvAccess *a = &t->units;

	if (!t->request->all && t->request->from.organizations == NULL)
		return true;
	a->cloud = t->access.cloud;
	a->book = &t->book;
	if (a->cloud->ops->organization == NULL && t->request->all)
		return true;
	if (!iv_organization_read(a, &t->had, error))
		return false;
	t->wanted_units = t->request->all ? iv_targets_ids(t->had)
					  : iv_share_wanted(&t->request->from);
	a->wanted = (const char *const *)t->wanted_units;
	return a->wanted[0] == NULL || iv_organization_want(a, t->had, error);
}

static bool learn(Take *t, GError **error)
{
	IvAccess *a = &t->access;
	g_autoptr(IvCloudImage) image = NULL;

	if (!check_image(t, &image, error) || !iv_access_read(a, error))
		return false;
	if (t->request->all)
		t->wanted = everybody_on(a->before);
	else
		t->wanted = iv_text_unique((const char *const *)t->request->from.accounts);
	t->book.subject.accounts = (const char *const *)t->wanted;
	iv_access_want(a, (const char *const *)t->wanted);
	iv_access_say(a, "image %s (%s): own, %s, in %s; %u account%s access, %u of them to be "
			 "taken off",
		      a->image_id, image->name, image->state, t->request->from.region,
		      g_hash_table_size(a->before->accounts),
		      g_hash_table_size(a->before->accounts) == 1 ? " has" : "s have",
		      a->result->missing->len);
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

	add_all(losing, t->access.result->missing);
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
	       t->access.result->calls->len + t->units.result->calls->len == 0 ||
	       iv_tags_withdrawn(&t->access, error);
}

/* Nobody's access is on record as ended by a call that was not about them. */
static bool take_from_units(Take *t, GError **error)
{
	if (t->had == NULL || t->units.wanted[0] == NULL)
		return true;
	t->book.subject.accounts = NULL;
	t->book.subject.organizations = t->units.wanted;
	return iv_organization_run(&t->units, t->had, t->request->from.deadline, error);
}

/* What came of the units becomes a part of the whole. */
static void merge(Take *t)
{
	IvShareResult *whole = t->access.result, *part = t->units.result;

	g_ptr_array_extend_and_steal(whole->changed, g_steal_pointer(&part->changed));
	g_ptr_array_extend_and_steal(whole->already, g_steal_pointer(&part->already));
	g_ptr_array_extend_and_steal(whole->missing, g_steal_pointer(&part->missing));
	g_ptr_array_extend_and_steal(whole->calls, g_steal_pointer(&part->calls));
	g_free(part);
	t->units.result = NULL;
}

/* A no of ours is put on record, as the calls themselves are. */
static bool run(Take *t, GError **error)
{
	g_autoptr(GError) problem = NULL;
	bool ok;

	t->access.cloud = iv_share_cloud(&t->request->from, &t->book.recorder, error);
	if (t->access.cloud == NULL)
		return false;
	ok = learn(t, &problem) && confirmed(t, &problem);
	if (!ok && !g_error_matches(problem, IV_ERROR, IV_ERROR_CLOUD) &&
	    !g_error_matches(problem, IV_ERROR, IV_ERROR_IO) &&
	    !iv_record_refusal(&t->book, problem->message, error))
		return false;
	if (!ok)
		g_propagate_error(error, g_steal_pointer(&problem));
	if (!ok || !iv_access_run(&t->access, error))
		return false;
	t->access.result->verified &= take_from_units(t, error);
	return (t->access.result->verified || t->request->from.dry_run) && withdrawn(t, error);
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

bool iv_unshare(const IvUnshareRequest *request, IvLedger *ledger, IvShareResult **result,
		GError **error)
{
	static const char *const nobody[] = {NULL};
	const IvShareRequest *from = &request->from;
	Take take = {.request = request,
		     .units = {.image_id = from->image_id,
			       .change = IV_CLOUD_REMOVE,
			       .wanted = nobody,
			       .dry_run = from->dry_run,
			       .say = from->say,
			       .user = from->user},
		     .access = {.image_id = from->image_id,
				.change = IV_CLOUD_REMOVE,
				.wanted = nobody,
				.dry_run = from->dry_run,
				.say = from->say,
				.user = from->user}};
	bool ok;

	*result = take.access.result = iv_share_result_new();
	if (!request_ok(request, error))
		return false;
	if (from->is_public)
		return iv_unshare_public(request, ledger, *result, error);
	take.units.result = iv_share_result_new();
	iv_record_open(&take.book, ledger,
		       &(IvRecordSubject){.verb = "unshare",
					  .image_id = from->image_id,
					  .region = from->region,
					  .endpoints = from->endpoints,
					  .accounts = (const char *const *)from->accounts,
					  .organizations = (const char *const *)from->organizations,
					  .dry_run = from->dry_run});
	take.access.book = &take.book;
	ok = run(&take, error);
	merge(&take);
	iv_cloud_free(take.access.cloud);
	iv_targets_free(take.had);
	g_strfreev(take.wanted_units);
	iv_access_end(&take.access);
	iv_record_close(&take.book);
	g_strfreev(take.wanted);
	return ok;
}
