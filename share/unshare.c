/*
 * unshare.c - take access back, and read back who still has it.  See share.h.
 */
#include <string.h>

#include "scanner/base/error.h"
#include "share/access.h"
#include "share/cloud.h"
#include "share/record.h"
#include "share/share.h"
#include "share/share_inside.h"
#include "share/tags.h"

/* One command. */
typedef struct {
	const IvUnshareRequest *request;
	IvAccess access;
	IvRecordBook book;
	GStrv wanted; /* whose access ends */
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
	IvCloudTrace trace = {0};
	bool ok = cloud->ops->image(cloud, t->access.image_id, image, &trace, error) &&
		  may_be_taken(t, *image, error);

	iv_cloud_trace_clear(&trace);
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

static bool learn(Take *t, GError **error)
{
	IvAccess *a = &t->access;
	g_autoptr(IvCloudImage) image = NULL;

	if (!check_image(t, &image, error) || !iv_access_read(a, error))
		return false;
	if (t->request->all)
		t->wanted = everybody_on(a->before);
	else
		t->wanted = iv_share_fold((const char *const *)t->request->from.accounts);
	t->book.subject.accounts = (const char *const *)t->wanted;
	iv_access_want(a, (const char *const *)t->wanted);
	iv_access_say(a, "image %s (%s): own, %s, in %s; %u account%s access, %u of them to be "
			 "taken off",
		      a->image_id, image->name, image->state, t->request->from.region,
		      g_hash_table_size(a->before->accounts),
		      g_hash_table_size(a->before->accounts) == 1 ? " has" : "s have",
		      a->result->missing->len);
	return check_public(t, image, error);
}

static bool confirmed(const Take *t, GError **error)
{
	g_autoptr(GPtrArray) losing = g_ptr_array_new();
	const GPtrArray *still = t->access.result->missing;

	if (t->request->confirm == NULL || t->request->from.dry_run || still->len == 0)
		return true;
	for (guint i = 0; i < still->len; i++)
		g_ptr_array_add(losing, still->pdata[i]);
	g_ptr_array_add(losing, NULL);
	return t->request->confirm(t->request->from.user, (const char *const *)losing->pdata,
				   error);
}

/* --- the whole --------------------------------------------------------------------------- */

/* Once nobody has it, its tag says so. */
static bool withdrawn(const Take *t, GError **error)
{
	return !t->request->all || t->request->from.dry_run ||
	       t->access.result->calls->len == 0 || iv_tags_withdrawn(&t->access, error);
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
	return ok && iv_access_run(&t->access, error) && withdrawn(t, error);
}

static bool request_ok(const IvUnshareRequest *request, GError **error)
{
	const IvShareRequest *from = &request->from;

	return iv_share_place_ok(from->image_id, from->region, from->endpoints, error) &&
	       (request->all || from->is_public ||
		iv_share_accounts_ok((const char *const *)from->accounts, error));
}

bool iv_unshare(const IvUnshareRequest *request, IvLedger *ledger, IvShareResult **result,
		GError **error)
{
	static const char *const nobody[] = {NULL};
	const IvShareRequest *from = &request->from;
	Take take = {.request = request,
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
	iv_record_open(&take.book, ledger,
		       &(IvRecordSubject){.verb = "unshare",
					  .image_id = from->image_id,
					  .region = from->region,
					  .endpoints = from->endpoints,
					  .accounts = (const char *const *)from->accounts,
					  .dry_run = from->dry_run});
	take.access.book = &take.book;
	ok = run(&take, error);
	iv_cloud_free(take.access.cloud);
	iv_access_end(&take.access);
	iv_record_close(&take.book);
	g_strfreev(take.wanted);
	return ok;
}
