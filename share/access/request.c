/* SPDX-License-Identifier: GPL-3.0-or-later */
/* request.c - see request.h */
#include "share/access/request.h"

#include "scanner/base/error.h"
#include "scanner/base/text.h"
#include "share/base/limits.h"
#include "share/clouds.h"

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
		return iv_fail(
			error, IV_ERROR_USAGE,
			"one command shares either with accounts or with units of an organization\n"
			"share with the accounts, then with the units");
	return iv_share_units_ok((const char *const *)request->organizations, error);
}

bool iv_share_check(const IvShareRequest *request, GError **error)
{
	return iv_share_place_ok(request->image_id, request->region, request->endpoints, error) &&
	       (request->is_public || receivers_ok(request, error));
}

GStrv iv_share_wanted(const IvShareRequest *request)
{
	return iv_text_unique((const char *const *)(request->organizations != NULL
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

/* --- on record --------------------------------------------------------------------------- */

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

void iv_share_pass_on(IvRecordBook *book, GError **problem, GError **error)
{
	if (g_error_matches(*problem, IV_ERROR, IV_ERROR_REFUSED) &&
	    !iv_record_refusal(book, (*problem)->message, error))
		return;
	g_propagate_error(error, g_steal_pointer(problem));
}
