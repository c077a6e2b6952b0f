/* record.c - see record.h */
#include "share/record.h"

/* Reasons of one verdict that a line lists. */
#define MAX_REASONS 200

G_DEFINE_AUTOPTR_CLEANUP_FUNC(cJSON, cJSON_Delete)

/* --- verdicts -------------------------------------------------------------------- */

static void add_strings(cJSON *object, const char *name, GStrv list)
{
	cJSON *array;

	if (list == NULL)
		return;
	array = cJSON_AddArrayToObject(object, name);
	for (guint i = 0; list[i] != NULL; i++)
		cJSON_AddItemToArray(array, cJSON_CreateString(list[i]));
}

/* A ledger is no second copy of a report: of very many reasons only the first,
 * the blocking ones, are listed, and how many there were. */
static void trim_reasons(cJSON *detail)
{
	cJSON *reasons = cJSON_GetObjectItemCaseSensitive(detail, "reasons");
	int count = cJSON_GetArraySize(reasons);
	cJSON *child = reasons != NULL ? reasons->child : NULL;

	cJSON_AddNumberToObject(detail, "reasons_total", count);
	for (int i = 0; child != NULL && i < count; i++) {
		cJSON *next = child->next;

		if (i >= MAX_REASONS)
			cJSON_Delete(cJSON_DetachItemViaPointer(reasons, child));
		child = next;
	}
}

bool iv_ledger_add_verdict(IvLedger *ledger, const IvVerdict *verdict, const IvReceivers *receivers,
			   GError **error)
{
	g_autoptr(cJSON) detail = iv_verdict_to_json(verdict);

	trim_reasons(detail);
	if (receivers != NULL) {
		add_strings(detail, "accounts", receivers->accounts);
		add_strings(detail, "organizations", receivers->organizations);
		if (receivers->image_id != NULL)
			cJSON_AddStringToObject(detail, "image_id", receivers->image_id);
	}
	return iv_ledger_add(ledger, "verdict", verdict->digest, detail, NULL, error);
}

/* --- calls ----------------------------------------------------------------------- */

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
