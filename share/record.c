/* record.c - see record.h */
#include "share/record.h"

static const char *const outcomes[] = {
	[IV_OUTCOME_DONE] = "done",
	[IV_OUTCOME_REFUSED] = "refused",
	[IV_OUTCOME_FAILED] = "failed",
	[IV_OUTCOME_UNKNOWN] = "unknown",
};

static void add_text(cJSON *detail, const char *name, const char *text)
{
	if (text != NULL)
		cJSON_AddStringToObject(detail, name, text);
}

bool iv_record_begin(IvLedger *ledger, const IvPass *pass, const IvShareRequest *request,
		     const char *text, const char *const *accounts, gint64 *id, GError **error)
{
	cJSON *detail = cJSON_CreateObject(), *list;
	bool ok;

	add_text(detail, "call", text);
	add_text(detail, "image_id", request->image_id);
	add_text(detail, "region", request->region);
	add_text(detail, "endpoint", request->endpoint);
	add_text(detail, "report", iv_pass_report_digest(pass));
	if (request->dry_run)
		cJSON_AddTrueToObject(detail, "dry_run");
	list = accounts != NULL ? cJSON_AddArrayToObject(detail, "accounts") : NULL;
	for (guint i = 0; accounts != NULL && accounts[i] != NULL; i++)
		cJSON_AddItemToArray(list, cJSON_CreateString(accounts[i]));
	ok = iv_ledger_add(ledger, "call-begin", iv_pass_digest(pass), detail, id, error);
	cJSON_Delete(detail);
	return ok;
}

bool iv_record_end(IvLedger *ledger, const IvPass *pass, gint64 begin, IvOutcome outcome,
		   const IvCloudTrace *trace, const char *problem, GError **error)
{
	cJSON *detail = cJSON_CreateObject();
	bool ok;

	cJSON_AddNumberToObject(detail, "begin", (double)begin);
	add_text(detail, "outcome", outcomes[outcome]);
	if (trace != NULL) {
		cJSON_AddNumberToObject(detail, "attempts", trace->attempts);
		add_text(detail, "code", trace->code);
		add_text(detail, "request_id", trace->request_id);
	}
	add_text(detail, "problem", problem);
	ok = iv_ledger_add(ledger, "call-end", iv_pass_digest(pass), detail, NULL, error);
	cJSON_Delete(detail);
	return ok;
}
