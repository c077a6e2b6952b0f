/* share.c - check the image, share it, read back who has it.  See share.h. */
#include "share/access/request.h"
#include "share/access/share.h"
#include "share/cloud/cloud.h"
#include "share/cloud/organization.h"
#include "share/cloud/preflight.h"
#include "share/gate/gate.h"
#include "share/ledger/ledger.h"
#include "share/ledger/record.h"
#include "share/ledger/recorder.h"

#include "scanner/base/error.h"
#include "share/access/access.h"
#include "share/access/organization.h"
#include "share/access/preflight_lines.h"
#include "share/access/public.h"
#include "share/access/tags.h"

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
	IvCallTrace trace = {0};
	bool ok = a->cloud->ops->image(a->cloud, a->image_id, &image, &trace, error);

	iv_call_trace_clear(&trace);
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
