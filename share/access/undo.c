/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * undo.c - take back what a share gave before it failed.  See share.h.
 */
#include "share/access/converge.h"
#include "share/access/request.h"
#include "share/access/share.h"
#include "share/base/limits.h"
#include "share/cloud/cloud.h"
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

static bool take_back(IvConverge *c, const IvShareRequest *request, GError **error)
{
	IvShareRequest now = *request;

	now.deadline = c->deadline;
	c->cloud = iv_share_cloud(&now, &c->book->recorder, error);
	return c->cloud != NULL && iv_converge_begin(c, error) && iv_converge_run(c, error);
}

bool iv_share_undo(const IvPass *pass, const IvShareRequest *request, IvShareResult *result,
		   IvLedger *ledger, GError **error)
{
	g_auto(GStrv) given = iv_share_given(request, result);
	IvConverge c = iv_share_converge(request, IV_CLOUD_REMOVE);
	IvRecordBook book;
	bool ok;

	result->undone = c.result = iv_share_result_new();
	if (given[0] == NULL)
		return c.result->verified = true;
	c.wanted = (const char *const *)given;
	c.book = &book;
	c.dry_run = false;
	c.deadline = time_to_undo(request->deadline);
	iv_share_book(&book, ledger, pass, request);
	book.subject.verb = "undo";
	book.subject.accounts = book.subject.organizations = NULL;
	c.kind->about(&book.subject, c.wanted);
	ok = take_back(&c, request, error);
	iv_converge_end(&c);
	iv_cloud_free(c.cloud);
	iv_record_close(&book);
	return ok;
}
