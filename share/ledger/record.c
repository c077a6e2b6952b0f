/* SPDX-License-Identifier: GPL-3.0-or-later */
/* record.c - see record.h */
#include "share/ledger/record.h"

/* Reasons of one verdict that a line lists. */
#define MAX_REASONS 200

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

/* The ledger is not a second copy of the report: of very many reasons only the first ones (blocking
 * ones come first) are listed, and how many there were. */
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
		if (receivers->is_public)
			cJSON_AddTrueToObject(detail, "public");
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

/* One endpoint is a text, as the user wrote it; several are a list. */
static void add_endpoints(cJSON *detail, const char *const *endpoints)
{
	if (endpoints != NULL && endpoints[0] != NULL && endpoints[1] == NULL)
		add_text(detail, "endpoint", endpoints[0]);
	else if (endpoints != NULL && endpoints[0] != NULL)
		add_strings(detail, "endpoints", (GStrv)endpoints);
}

static bool add_begin(IvRecordBook *book, const char *text, bool with_receivers, gint64 *id,
		      GError **error)
{
	const IvRecordSubject *s = &book->subject;
	g_autoptr(cJSON) detail = cJSON_CreateObject();

	add_text(detail, "verb", s->verb);
	add_text(detail, "call", text);
	add_text(detail, "image_id", s->image_id);
	add_text(detail, "region", s->region);
	add_endpoints(detail, s->endpoints);
	add_text(detail, "report", s->report);
	if (s->dry_run)
		cJSON_AddTrueToObject(detail, "dry_run");
	if (with_receivers && s->is_public)
		cJSON_AddTrueToObject(detail, "public");
	if (with_receivers) {
		add_strings(detail, "accounts", (GStrv)s->accounts);
		add_strings(detail, "organizations", (GStrv)s->organizations);
	}
	return iv_ledger_add(book->ledger, "call-begin", s->digest, detail, id, error);
}

static bool add_end(IvRecordBook *book, gint64 begin, IvOutcome outcome, const IvCallTrace *trace,
		    const char *problem, GError **error)
{
	g_autoptr(cJSON) detail = cJSON_CreateObject();

	cJSON_AddNumberToObject(detail, "begin", (double)begin);
	add_text(detail, "outcome", outcomes[outcome]);
	if (trace != NULL) {
		cJSON_AddNumberToObject(detail, "attempts", trace->attempts);
		add_text(detail, "code", trace->code);
		add_text(detail, "request_id", trace->request_id);
	}
	add_text(detail, "problem", problem);
	return iv_ledger_add(book->ledger, "call-end", book->subject.digest, detail, NULL, error);
}

/* --- the recorder ------------------------------------------------------------------ */

/* A repeated read: its line is written only if it fails. */
#define NOT_WRITTEN 0

static bool on_begin(void *user, const char *text, bool changes, gint64 *id, GError **error)
{
	IvRecordBook *book = user;

	*id = NOT_WRITTEN;
	if (!changes && g_strcmp0(book->last_look, text) == 0)
		return true;
	g_free(book->last_look);
	book->last_look = changes ? NULL : g_strdup(text);
	return add_begin(book, text, changes, id, error);
}

static bool on_end(void *user, gint64 id, IvOutcome outcome, const IvCallTrace *trace,
		   const char *problem, GError **error)
{
	IvRecordBook *book = user;
	g_autofree char *text = NULL;

	if (id == NOT_WRITTEN && outcome == IV_OUTCOME_DONE)
		return true;
	if (outcome != IV_OUTCOME_DONE)
		text = g_steal_pointer(&book->last_look);
	if (id == NOT_WRITTEN && !add_begin(book, text, false, &id, error))
		return false;
	return add_end(book, id, outcome, trace, problem, error);
}

void iv_record_open(IvRecordBook *book, IvLedger *ledger, const IvRecordSubject *subject)
{
	*book = (IvRecordBook){.recorder = {.begin = on_begin, .end = on_end, .user = book},
			       .ledger = ledger,
			       .subject = *subject};
}

void iv_record_close(IvRecordBook *book)
{
	g_clear_pointer(&book->last_look, g_free);
}

bool iv_record_refusal(IvRecordBook *book, const char *reason, GError **error)
{
	gint64 begin;

	return add_begin(book, book->subject.verb, true, &begin, error) &&
	       add_end(book, begin, IV_OUTCOME_REFUSED, NULL, reason, error);
}

bool iv_record_begin(IvRecordBook *book, gint64 *id, GError **error)
{
	return add_begin(book, book->subject.verb, false, id, error);
}

bool iv_record_end(IvRecordBook *book, gint64 id, IvOutcome outcome, const char *summary,
		   GError **error)
{
	g_autoptr(cJSON) detail = cJSON_CreateObject();

	cJSON_AddNumberToObject(detail, "begin", (double)id);
	add_text(detail, "outcome", outcomes[outcome]);
	add_text(detail, outcome == IV_OUTCOME_DONE ? "summary" : "problem", summary);
	return iv_ledger_add(book->ledger, "call-end", book->subject.digest, detail, NULL, error);
}
