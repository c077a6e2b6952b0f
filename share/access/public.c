/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * public.c - let everybody in a region use an image, or stop that.  See public.h.
 *
 * It converges like any other change (converge.h), with one receiver: everybody.
 */
#include "share/access/public.h"

#include "scanner/base/error.h"
#include "share/access/converge.h"
#include "share/access/preflight_lines.h"
#include "share/access/tags.h"
#include "share/cloud/preflight.h"
#include "share/ledger/history.h"

static const char *const everybody[] = {IV_HISTORY_EVERYBODY, NULL};

static bool settled(const IvConverge *c)
{
	return c->kind->settled(c, c->now, everybody[0]);
}

/* The checks for accounts apply here too; besides, the cloud does not let an encrypted image be
 * public. */
static bool may_be_public(const IvConverge *c, const IvPass *pass, GError **error)
{
	g_autoptr(IvPreflight) seen = iv_preflight_new();
	const IvCloudImage *image = c->before;
	IvCloudQuestion question = {.image_id = c->image_id, .region = c->region, .image = image};

	if (settled(c))
		return true;
	iv_preflight_image(seen, pass, &question);
	if (!iv_preflight_ok(seen, error))
		return false;
	if (image->encrypted)
		return iv_fail(error, IV_ERROR_REFUSED,
			       "image %s is encrypted, and an encrypted image cannot be public\n"
			       "make an image that is not, and scan that",
			       c->image_id);
	return true;
}

static bool covered(const IvPass *pass, const IvShareRequest *request, GError **error)
{
	if (iv_pass_is_public(pass) &&
	    iv_pass_is_for(pass, request->image_id, request->region))
		return true;
	return iv_fail(error, IV_ERROR_REFUSED,
		       "the gate's pass does not let everybody have image %s", request->image_id);
}

static IvConverge converge_of(const IvShareRequest *request, IvCloudChange change,
			      IvRecordBook *book, IvShareResult *result)
{
	IvConverge c = iv_share_converge(request, change);

	c.kind = &iv_converge_everybody;
	c.wanted = everybody;
	c.book = book;
	c.result = result;
	g_ptr_array_add(result->missing, g_strdup(everybody[0]));
	return c;
}

static bool open_and_look(IvConverge *c, const IvShareRequest *request, GError **error)
{
	c->cloud = iv_share_cloud(request, &c->book->recorder, error);
	return c->cloud != NULL && iv_converge_begin(c, error);
}

static void end(IvConverge *c)
{
	iv_converge_end(c);
	iv_cloud_free(c->cloud);
	iv_record_close(c->book);
}

bool iv_share_public(const IvPass *pass, const IvShareRequest *request, IvLedger *ledger,
		     IvShareResult *result, GError **error)
{
	g_autoptr(GError) problem = NULL;
	IvRecordBook book;
	IvConverge c = converge_of(request, IV_CLOUD_ADD, &book, result);
	bool ok;

	iv_share_book(&book, ledger, pass, request);
	ok = covered(pass, request, &problem) && open_and_look(&c, request, &problem) &&
	     may_be_public(&c, pass, &problem);
	if (!ok)
		iv_share_pass_on(&book, &problem, error);
	ok = ok && iv_converge_run(&c, error) &&
	     (request->dry_run || iv_tags_verdict(&c, pass, error));
	end(&c);
	return ok;
}

static bool confirmed(const IvConverge *c, const IvUnshareRequest *request, GError **error)
{
	return request->confirm == NULL || c->dry_run || settled(c) ||
	       request->confirm(c->user, everybody, error);
}

bool iv_unshare_public(const IvUnshareRequest *request, IvLedger *ledger, IvShareResult *result,
		       GError **error)
{
	const IvShareRequest *from = &request->from;
	g_autoptr(GError) problem = NULL;
	IvRecordBook book;
	IvConverge c = converge_of(from, IV_CLOUD_REMOVE, &book, result);
	bool ok;

	iv_record_open(&book, ledger,
		       &(IvRecordSubject){.verb = "unshare",
					  .image_id = from->image_id,
					  .region = from->region,
					  .endpoints = from->endpoints,
					  .is_public = true,
					  .dry_run = from->dry_run});
	ok = open_and_look(&c, from, &problem) && confirmed(&c, request, &problem);
	if (!ok)
		iv_share_pass_on(&book, &problem, error);
	ok = ok && iv_converge_run(&c, error);
	end(&c);
	return ok;
}
