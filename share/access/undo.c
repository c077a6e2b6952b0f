/*
 * undo.c - take back what a share gave before it failed.  See share.h.
 */
#include "share/access/access.h"
#include "share/access/organization.h"
#include "share/access/request.h"
#include "share/access/share.h"
#include "share/base/limits.h"
#include "share/cloud/cloud.h"
#include "share/cloud/organization.h"
#include "share/gate/gate.h"
#include "share/ledger/ledger.h"
#include "share/ledger/record.h"

static bool listed(GPtrArray *list, const char *text)
{
	return g_ptr_array_find_with_equal_func(list, text, g_str_equal, NULL);
}

GStrv iv_share_given(const IvShareRequest *request, const IvShareResult *result)
{
	g_auto(GStrv) wanted = iv_share_wanted(request);
	GPtrArray *given = g_ptr_array_new();
	bool nothing = request->dry_run || result->calls->len == 0;

	for (guint i = 0; !nothing && wanted[i] != NULL; i++)
		if (result->known ? listed(result->changed, wanted[i])
				  : !listed(result->already, wanted[i]))
			g_ptr_array_add(given, g_strdup(wanted[i]));
	g_ptr_array_add(given, NULL);
	return (GStrv)g_ptr_array_free(given, FALSE);
}

static gint64 time_to_undo(gint64 deadline)
{
	gint64 least = g_get_monotonic_time() + (gint64)IV_SHARE_UNDO_MS * 1000;

	return deadline != 0 ? MAX(deadline, least) : 0;
}

static bool take_back(IvAccess *access, const IvShareRequest *request, IvRecordBook *book,
		      GError **error)
{
	g_autoptr(IvTargets) units = NULL;
	IvShareRequest now = *request;

	now.deadline = time_to_undo(request->deadline);
	access->cloud = iv_share_cloud(&now, &book->recorder, error);
	if (access->cloud == NULL)
		return false;
	if (request->organizations != NULL)
		return iv_organization_begin(access, &units, error) &&
		       iv_organization_run(access, units, now.deadline, error);
	return iv_access_begin(access, error) && iv_access_run(access, error);
}

bool iv_share_undo(const IvPass *pass, const IvShareRequest *request, IvShareResult *result,
		   IvLedger *ledger, GError **error)
{
	g_auto(GStrv) given = iv_share_given(request, result);
	IvAccess access = {.image_id = request->image_id,
			   .change = IV_CLOUD_REMOVE,
			   .wanted = (const char *const *)given,
			   .say = request->say,
			   .user = request->user};
	IvRecordBook book;
	bool ok;

	result->undone = access.result = iv_share_result_new();
	if (given[0] == NULL)
		return access.result->verified = true;
	access.book = &book;
	iv_share_book(&book, ledger, pass, request);
	book.subject.verb = "undo";
	book.subject.accounts = request->organizations == NULL ? access.wanted : NULL;
	book.subject.organizations = request->organizations != NULL ? access.wanted : NULL;
	ok = take_back(&access, request, &book, error);
	iv_cloud_free(access.cloud);
	iv_access_end(&access);
	iv_record_close(&book);
	return ok;
}
