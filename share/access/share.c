/* SPDX-License-Identifier: GPL-3.0-or-later */
/* share.c - check the image, share it, read back who has it.  See share.h. */
#include "share/access/request.h"
#include "share/access/share.h"
#include "share/cloud/cloud.h"
#include "share/cloud/preflight.h"
#include "share/gate/gate.h"
#include "share/ledger/ledger.h"
#include "share/ledger/record.h"
#include "share/ledger/recorder.h"

#include "scanner/base/error.h"
#include "share/access/converge.h"
#include "share/access/preflight_lines.h"
#include "share/access/public.h"
#include "share/access/tags.h"

/* --- may this image be shared ------------------------------------------------------------- */

static IvCloudQuestion question_of(const IvConverge *c, const IvShareRequest *request)
{
	bool units = request->organizations != NULL;

	return (IvCloudQuestion){.image_id = request->image_id,
				 .region = request->region,
				 .accounts = units ? NULL : c->wanted,
				 .organizations = units ? c->wanted : NULL};
}

/* The image as it is right before the change: the answer to the confirmation may have taken a
 * while. */
static bool check_image(const IvConverge *c, const IvPass *pass, const IvShareRequest *request,
			GError **error)
{
	g_autoptr(IvCloudImage) image = NULL;
	g_autoptr(IvPreflight) seen = iv_preflight_new();
	IvCloudQuestion question = question_of(c, request);
	IvCallTrace trace = {0};
	bool ok = c->cloud->ops->image(c->cloud, c->image_id, &image, &trace, error);

	iv_call_trace_clear(&trace);
	if (!ok)
		return false;
	question.image = image;
	iv_preflight_image(seen, pass, &question);
	return iv_preflight_ok(seen, error);
}

/* --- the whole --------------------------------------------------------------------------------- */

static bool covered(const IvPass *pass, const IvConverge *c, const IvShareRequest *request,
		    GError **error)
{
	bool units = request->organizations != NULL;

	if (!iv_pass_is_for(pass, c->image_id, request->region))
		return iv_fail(error, IV_ERROR_REFUSED, "the gate's pass is not for image %s in %s",
			       c->image_id, request->region);
	for (guint i = 0; c->wanted[i] != NULL; i++)
		if (units ? !iv_pass_covers_organization(pass, c->wanted[i])
			  : !iv_pass_covers(pass, c->wanted[i]))
			return iv_fail(error, IV_ERROR_REFUSED,
				       "the gate's pass does not cover %s %s",
				       units ? "the unit" : "account", c->wanted[i]);
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
static bool learn_before(IvConverge *c, GError **error)
{
	const bool units = c->kind == &iv_converge_units;

	if (!iv_converge_begin(c, error))
		return false;
	if (!units && ((const IvReceiverList *)c->before)->everybody)
		return iv_fail(error, IV_ERROR_REFUSED,
			       "image %s is shared with everybody already\n"
			       "make it private first, and treat what is in it as known",
			       c->image_id);
	iv_converge_say(c, units ? "%u of %u units have access already"
				 : "%u of %u accounts have access already",
			c->result->already->len, g_strv_length((char **)c->wanted));
	return true;
}

static bool run(IvConverge *c, const IvPass *pass, const IvShareRequest *request, GError **error)
{
	g_autoptr(GError) problem = NULL;

	c->cloud = iv_share_cloud(request, &c->book->recorder, error);
	if (c->cloud == NULL)
		return false;
	if (check_image(c, pass, request, &problem) && learn_before(c, &problem))
		return iv_converge_run(c, error) &&
		       (request->dry_run || iv_tags_verdict(c, pass, error));
	iv_share_pass_on(c->book, &problem, error);
	return false;
}

bool iv_share(const IvPass *pass, const IvShareRequest *request, IvLedger *ledger,
	      IvShareResult **result, GError **error)
{
	g_auto(GStrv) wanted = NULL;
	IvConverge c = iv_share_converge(request, IV_CLOUD_ADD);
	IvRecordBook book;
	bool ok;

	*result = c.result = iv_share_result_new();
	if (!iv_share_check(request, error))
		return false;
	if (request->is_public)
		return iv_share_public(pass, request, ledger, *result, error);
	wanted = iv_share_wanted(request);
	c.wanted = (const char *const *)wanted;
	c.book = &book;
	iv_share_book(&book, ledger, pass, request);
	ok = covered(pass, &c, request, error);
	/* The refusal is the error that counts, recorded or not. */
	if (!ok)
		iv_ignore(iv_record_refusal(&book, "not covered by the pass", NULL));
	ok = ok && run(&c, pass, request, error);
	iv_converge_end(&c);
	iv_cloud_free(c.cloud);
	iv_record_close(&book);
	return ok;
}
