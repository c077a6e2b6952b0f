/*
 * share.c - check the image, share it, read back who has it.  See share.h.
 */
#include "share/share.h"


#include "scanner/base/error.h"
#include "scanner/base/text.h"
#include "share/access.h"
#include "share/cloud.h"
#include "share/limits.h"
#include "share/organization.h"
#include "share/preflight.h"
#include "share/share_inside.h"
#include "share/tags.h"

/* --- requests and results ------------------------------------------------------------ */

GStrv iv_share_fold(const char *const *accounts)
{
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
	GPtrArray *list = g_ptr_array_new();

	for (guint i = 0; accounts != NULL && accounts[i] != NULL; i++)
		if (g_hash_table_add(seen, (gpointer)accounts[i]))
			g_ptr_array_add(list, g_strdup(accounts[i]));
	g_ptr_array_add(list, NULL);
	return (GStrv)g_ptr_array_free(list, FALSE);
}

static bool usage(GError **error, const char *what, const char *text, const char *hint)
{
	g_autofree char *printable = iv_text_printable(text, -1);

	return iv_fail(error, IV_ERROR_USAGE, "not %s: %.80s\n%s", what, printable, hint);
}

bool iv_share_place_ok(const char *image_id, const char *region, const char *const *endpoints,
		       GError **error)
{
	const IvCloudShapes *shapes = iv_cloud_shapes();

	if (image_id == NULL || !shapes->image_id_ok(image_id))
		return usage(error, "an image id", image_id ? image_id : "(none)",
			     shapes->image_id_hint);
	if (region == NULL || !shapes->region_ok(region))
		return usage(error, "a region", region ? region : "(none)", shapes->region_hint);
	/* Before anything of it is put on record: it may hold a password. */
	return iv_cloud_endpoints_ok(endpoints, error);
}

bool iv_share_accounts_ok(const char *const *accounts, GError **error)
{
	const IvCloudShapes *shapes = iv_cloud_shapes();

	if (accounts == NULL || accounts[0] == NULL)
		return iv_fail(error, IV_ERROR_USAGE, "no account to share with");
	if (g_strv_length((char **)accounts) > IV_SHARE_MAX_ACCOUNTS)
		return iv_fail(error, IV_ERROR_USAGE, "more than %u accounts at once",
			       IV_SHARE_MAX_ACCOUNTS);
	for (guint i = 0; accounts[i] != NULL; i++)
		if (!shapes->account_ok(accounts[i]))
			return usage(error, "an account id", accounts[i], shapes->account_hint);
	return true;
}

bool iv_share_units_ok(const char *const *units, GError **error)
{
	const IvCloudShapes *shapes = iv_cloud_shapes();

	if (g_strv_length((char **)units) > IV_SHARE_MAX_UNITS)
		return iv_fail(error, IV_ERROR_USAGE, "more than %u units of an organization at once",
			       IV_SHARE_MAX_UNITS);
	for (guint i = 0; units[i] != NULL; i++)
		if (!shapes->organization_ok(units[i]))
			return usage(error, "a unit of an organization", units[i],
				     shapes->organization_hint);
	return true;
}

static bool receivers_ok(const IvShareRequest *request, GError **error)
{
	if (request->organizations == NULL || request->organizations[0] == NULL)
		return iv_share_accounts_ok((const char *const *)request->accounts, error);
	if (request->accounts != NULL && request->accounts[0] != NULL)
		return iv_fail(error, IV_ERROR_USAGE,
			       "accounts and units of an organization are not shared with at once\n"
			       "share with one of them, then with the other");
	return iv_share_units_ok((const char *const *)request->organizations, error);
}

bool iv_share_check(const IvShareRequest *request, GError **error)
{
	return iv_share_place_ok(request->image_id, request->region, request->endpoints, error) &&
	       (request->is_public || receivers_ok(request, error));
}

GStrv iv_share_wanted(const IvShareRequest *request)
{
	return iv_share_fold((const char *const *)(request->organizations != NULL
							   ? request->organizations
							   : request->accounts));
}

IvCloud *iv_share_cloud(const IvShareRequest *request, const IvCallRecorder *recorder,
			GError **error)
{
	return iv_cloud_open(&(IvCloudOptions){.region = request->region,
					       .profile = request->profile,
					       .endpoints = request->endpoints,
					       .deadline = request->deadline,
					       .recorder = recorder,
					       .like = request->session},
			     error);
}

bool iv_share_ready(IvShareRequest *request, GError **error)
{
	iv_share_done(request);
	request->session = iv_share_cloud(request, NULL, error);
	return request->session != NULL;
}

void iv_share_done(IvShareRequest *request)
{
	g_clear_pointer(&request->session, iv_cloud_free);
}

IvShareResult *iv_share_result_new(void)
{
	IvShareResult *result = g_new0(IvShareResult, 1);

	result->changed = g_ptr_array_new_with_free_func(g_free);
	result->already = g_ptr_array_new_with_free_func(g_free);
	result->missing = g_ptr_array_new_with_free_func(g_free);
	result->calls = g_ptr_array_new_with_free_func(g_free);
	return result;
}

void iv_share_result_free(IvShareResult *result)
{
	if (result == NULL)
		return;
	g_ptr_array_unref(result->changed);
	g_ptr_array_unref(result->already);
	g_ptr_array_unref(result->missing);
	g_ptr_array_unref(result->calls);
	iv_share_result_free(result->undone);
	g_free(result);
}

/* --- may this image be shared ------------------------------------------------------------- */

static IvCloudQuestion question_of(const IvAccess *a, const IvShareRequest *request)
{
	bool units = request->organizations != NULL;

	return (IvCloudQuestion){.image_id = request->image_id,
				 .region = request->region,
				 .accounts = units ? NULL : a->wanted,
				 .organizations = units ? a->wanted : NULL};
}

/* The image as it is right before the change: an answer to the question whether
 * to share it may have taken its time. */
static bool check_image(const IvAccess *a, const IvPass *pass, const IvShareRequest *request,
			GError **error)
{
	g_autoptr(IvCloudImage) image = NULL;
	g_autoptr(IvPreflight) seen = iv_preflight_new();
	IvCloudQuestion question = question_of(a, request);
	IvCloudTrace trace = {0};
	bool ok = a->cloud->ops->image(a->cloud, a->image_id, &image, &trace, error);

	iv_cloud_trace_clear(&trace);
	if (!ok)
		return false;
	question.image = image;
	iv_preflight_image(seen, pass, &question);
	return iv_preflight_ok(seen, error);
}

/* --- the whole --------------------------------------------------------------------------------- */

static bool covered(const IvPass *pass, const IvAccess *a, const IvShareRequest *request,
		    GError **error)
{
	bool units = request->organizations != NULL;

	if (!iv_pass_is_for(pass, a->image_id, request->region))
		return iv_fail(error, IV_ERROR_REFUSED, "the gate's pass is not for image %s in %s",
			       a->image_id, request->region);
	for (guint i = 0; a->wanted[i] != NULL; i++)
		if (units ? !iv_pass_covers_organization(pass, a->wanted[i])
			  : !iv_pass_covers(pass, a->wanted[i]))
			return iv_fail(error, IV_ERROR_REFUSED,
				       "the gate's pass does not cover %s %s",
				       units ? "the unit" : "account", a->wanted[i]);
	return true;
}

void iv_share_book(IvRecordBook *book, IvLedger *ledger, const IvPass *pass,
		   const IvShareRequest *request)
{
	iv_record_open(book, ledger,
		       &(IvRecordSubject){.verb = "share",
					  .image_id = request->image_id,
					  .region = request->region,
					  .endpoints = request->endpoints,
					  .accounts = (const char *const *)request->accounts,
					  .organizations = (const char *const *)request->organizations,
					  .digest = iv_pass_digest(pass),
					  .report = iv_pass_report_digest(pass),
					  .is_public = request->is_public,
					  .dry_run = request->dry_run});
}

bool iv_share_record_refusal(const IvPass *pass, const IvShareRequest *request, const char *reason,
			     IvLedger *ledger, GError **error)
{
	IvRecordBook book;
	bool ok;

	iv_share_book(&book, ledger, pass, request);
	ok = iv_record_refusal(&book, reason, error);
	iv_record_close(&book);
	return ok;
}

/* Who has access before anything is changed. */
static bool learn_before(IvAccess *a, GError **error)
{
	if (!iv_access_begin(a, error))
		return false;
	if (a->before->everybody)
		return iv_fail(error, IV_ERROR_REFUSED,
			       "image %s is shared with everybody already\n"
			       "make it private first, and treat what is in it as known",
			       a->image_id);
	iv_access_say(a, "%u of %u accounts have access already", a->result->already->len,
		      g_strv_length((char **)a->wanted));
	return true;
}

void iv_share_pass_on(IvRecordBook *book, GError **problem, GError **error)
{
	if (g_error_matches(*problem, IV_ERROR, IV_ERROR_REFUSED) &&
	    !iv_record_refusal(book, (*problem)->message, error))
		return;
	g_propagate_error(error, g_steal_pointer(problem));
}

static bool run(IvAccess *a, const IvPass *pass, const IvShareRequest *request, IvRecordBook *book,
		GError **error)
{
	g_autoptr(IvTargets) units = NULL; /* or NULL: accounts */
	g_autoptr(GError) problem = NULL;

	a->cloud = iv_share_cloud(request, &book->recorder, error);
	if (a->cloud == NULL)
		return false;
	if (check_image(a, pass, request, &problem) &&
	    (request->organizations != NULL ? iv_organization_begin(a, &units, &problem)
					    : learn_before(a, &problem)))
		return (units != NULL ? iv_organization_run(a, units, request->deadline, error)
				      : iv_access_run(a, error)) &&
		       (request->dry_run || iv_tags_verdict(a, pass, error));
	iv_share_pass_on(book, &problem, error);
	return false;
}

bool iv_share(const IvPass *pass, const IvShareRequest *request, IvLedger *ledger,
	      IvShareResult **result, GError **error)
{
	g_auto(GStrv) wanted = NULL;
	IvAccess access = {.image_id = request->image_id,
			   .change = IV_CLOUD_ADD,
			   .dry_run = request->dry_run,
			   .say = request->say,
			   .user = request->user};
	IvRecordBook book;
	bool ok;

	*result = access.result = iv_share_result_new();
	if (!iv_share_check(request, error))
		return false;
	if (request->is_public)
		return iv_share_public(pass, request, ledger, *result, error);
	wanted = iv_share_wanted(request);
	access.wanted = (const char *const *)wanted;
	access.book = &book;
	iv_share_book(&book, ledger, pass, request);
	ok = covered(pass, &access, request, error);
	if (!ok)
		iv_record_refusal(&book, "not covered by the pass", NULL);
	ok = ok && run(&access, pass, request, &book, error);
	iv_cloud_free(access.cloud);
	iv_access_end(&access);
	iv_record_close(&book);
	return ok;
}
