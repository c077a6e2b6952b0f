/* SPDX-License-Identifier: GPL-3.0-or-later */
/* preflight_look.c - iv_share_preflight(): ask the cloud for the lines of
 * share/cloud/preflight.h.  See share.h. */
#include "share/access/preflight_lines.h"
#include "share/access/request.h"
#include "share/access/share.h"
#include "share/cloud/cloud.h"
#include "share/cloud/preflight.h"
#include "share/gate/gate.h"
#include "share/ledger/ledger.h"
#include "share/ledger/record.h"
#include "share/ledger/recorder.h"

#include "scanner/base/error.h"

typedef struct {
	IvCloud *cloud;
	const IvPass *pass;
	IvCloudQuestion question;
	IvPreflight *preflight;
} Look;

/* First of all, as nothing else can be asked when the cloud does not answer. */
static bool look_at_image(Look *look, IvCloudImage **image, GError **error)
{
	IvCallTrace trace = {0};
	bool ok = look->cloud->ops->image(look->cloud, look->question.image_id, image, &trace,
					  error);

	iv_call_trace_clear(&trace);
	if (!ok)
		return false;
	look->question.image = *image;
	iv_preflight_image(look->preflight, look->pass, &look->question);
	return true;
}

static bool look_at_receivers(Look *look, GError **error)
{
	const IvCloudOps *ops = look->cloud->ops;
	IvCallTrace trace = {0};
	g_autoptr(IvReceiverList) list =
		ops->receivers(look->cloud, look->question.image_id, &trace, error);

	iv_call_trace_clear(&trace);
	if (list == NULL)
		return false;
	iv_preflight_receivers(look->preflight, list, ops->quota, &look->question);
	return iv_preflight_organization(look->preflight, look->cloud, list, &look->question,
					 error);
}

/* That the cloud does not tell the identity is no error; that the call cannot be recorded is. */
static bool look_at_identity(Look *look, GError **error)
{
	g_autoptr(GError) problem = NULL;
	g_autoptr(IvCloudIdentity) identity = look->cloud->ops->identity(look->cloud, &problem);

	if (identity == NULL && !g_error_matches(problem, IV_ERROR, IV_ERROR_CLOUD)) {
		g_propagate_error(error, g_steal_pointer(&problem));
		return false;
	}
	iv_preflight_identity(look->preflight, identity, problem, &look->question);
	return true;
}

/* An image that is not there, or of another account, answers no further question. */
static bool look_at_all(Look *look, IvCloudImage **image, GError **error)
{
	bool own;

	if (!look_at_image(look, image, error))
		return false;
	own = *image != NULL && (*image)->own;
	return (!own || look_at_receivers(look, error)) && look_at_identity(look, error) &&
	       (!own || look->cloud->ops->preflight(look->cloud, &look->question, look->preflight,
						    error)) &&
	       iv_preflight_ok(look->preflight, error);
}

/* What the pass does not cover is not even asked about. */
static bool look_through(Look *look, const IvShareRequest *request, IvRecordBook *book,
			 GError **error)
{
	g_autoptr(IvCloudImage) image = NULL;
	bool ok;

	iv_preflight_pass(look->preflight, look->pass, &look->question);
	if (!iv_preflight_ok(look->preflight, error))
		return false;
	look->cloud = iv_share_cloud(request, &book->recorder, error);
	ok = look->cloud != NULL && look_at_all(look, &image, error);
	iv_cloud_free(look->cloud);
	return ok;
}

bool iv_share_preflight(const IvPass *pass, const IvShareRequest *request, IvLedger *ledger,
			IvPreflight **preflight, GError **error)
{
	g_auto(GStrv) wanted = NULL;
	g_autoptr(GError) problem = NULL;
	IvRecordBook book;
	Look look;
	bool ok, units;

	*preflight = iv_preflight_new();
	if (!iv_share_check(request, error))
		return false;
	wanted = iv_share_wanted(request);
	units = request->organizations != NULL;
	look = (Look){.pass = pass,
		      .question = {.image_id = request->image_id,
				   .region = request->region,
				   .accounts = units ? NULL : (const char *const *)wanted,
				   .organizations = units ? (const char *const *)wanted : NULL},
		      .preflight = *preflight};
	iv_share_book(&book, ledger, pass, request);
	ok = look_through(&look, request, &book, &problem);
	if (!ok)
		iv_share_pass_on(&book, &problem, error);
	iv_record_close(&book);
	return ok;
}
