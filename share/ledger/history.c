/* SPDX-License-Identifier: GPL-3.0-or-later */
/* history.c - see history.h */
#include "share/ledger/history.h"

#include <string.h>

#include "scanner/base/error.h"
#include "scanner/base/text.h"

/* What is known of one image id.  Texts are the history's own. */
typedef struct {
	const IvGrant *judged; /* the last verdict, when it was a yes; else NULL */
	GHashTable *covered;   /* set of char *: receivers of that verdict */
	GHashTable *given;     /* receiver -> IvGrant * */
} Image;

/* A call that began: what it does if it was carried out. */
typedef struct {
	Image *image;
	const IvGrant *by;   /* NULL: it takes */
	GPtrArray *whom;     /* char *, the history's */
} Call;

struct IvHistory {
	GHashTable *images; /* id -> Image * */
	GHashTable *calls;  /* id of the call-begin -> Call *, those without an end */
	GPtrArray *verdicts;/* IvGrant * */
	GStringChunk *texts;
	char *problem;
	guint broken;
};

/* --- making and freeing ------------------------------------------------------------------- */

static void free_image(gpointer item)
{
	Image *image = item;

	g_hash_table_unref(image->covered);
	g_hash_table_unref(image->given);
	g_free(image);
}

static void free_call(gpointer item)
{
	Call *call = item;

	g_ptr_array_unref(call->whom);
	g_free(call);
}

static void free_grant(gpointer item)
{
	IvGrant *grant = item;

	g_free(grant->digest);
	g_free(grant->report);
	g_free(grant);
}

static IvHistory *history_new(void)
{
	IvHistory *h = g_new0(IvHistory, 1);

	h->images = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, free_image);
	h->calls = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, free_call);
	h->verdicts = g_ptr_array_new_with_free_func(free_grant);
	h->texts = g_string_chunk_new(4096);
	return h;
}

void iv_history_free(IvHistory *h)
{
	if (h == NULL)
		return;
	g_hash_table_unref(h->calls);
	g_hash_table_unref(h->images);
	g_ptr_array_unref(h->verdicts);
	g_string_chunk_free(h->texts);
	g_free(h->problem);
	g_free(h);
}

/* --- reading one line --------------------------------------------------------------------- */

static const char *text_of(const cJSON *detail, const char *name)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(detail, name));
}

static Image *image_of(IvHistory *h, const cJSON *detail)
{
	const char *id = text_of(detail, "image_id");
	Image *image = id != NULL ? g_hash_table_lookup(h->images, id) : NULL;

	if (image != NULL || id == NULL)
		return image;
	image = g_new0(Image, 1);
	image->covered = g_hash_table_new(g_str_hash, g_str_equal);
	image->given = g_hash_table_new(g_str_hash, g_str_equal);
	g_hash_table_insert(h->images, g_string_chunk_insert_const(h->texts, id), image);
	return image;
}

/* The receivers that a line lists, in its history's texts. */
static GPtrArray *receivers_of(IvHistory *h, const cJSON *detail, const char *const *lists)
{
	GPtrArray *whom = g_ptr_array_new();
	const cJSON *one;

	for (guint i = 0; lists[i] != NULL; i++)
		cJSON_ArrayForEach(one, cJSON_GetObjectItemCaseSensitive(detail, lists[i]))
			if (cJSON_IsString(one))
				g_ptr_array_add(whom, g_string_chunk_insert_const(
							      h->texts, one->valuestring));
	if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(detail, "public")))
		g_ptr_array_add(whom, g_string_chunk_insert_const(h->texts, IV_HISTORY_EVERYBODY));
	return whom;
}

static void take_verdict(IvHistory *h, const IvLedgerLine *line, const cJSON *detail)
{
	static const char *const lists[] = {"accounts", "organizations", NULL};
	Image *image = image_of(h, detail);
	g_autoptr(GPtrArray) whom = NULL;
	IvGrant *verdict;

	if (image == NULL)
		return;
	verdict = g_new0(IvGrant, 1);
	verdict->line = line->id;
	verdict->when = line->when;
	verdict->digest = iv_text_printable(line->digest, -1);
	verdict->report = iv_text_printable(text_of(detail, "report_digest") ?: "", -1);
	g_ptr_array_add(h->verdicts, verdict);
	image->judged = g_strcmp0(text_of(detail, "verdict"), "yes") == 0 ? verdict : NULL;
	g_hash_table_remove_all(image->covered);
	whom = receivers_of(h, detail, lists);
	for (guint i = 0; i < whom->len; i++)
		g_hash_table_add(image->covered, whom->pdata[i]);
}

/* A call is written as "ActionName Key=value ...": the accounts of its line that are a
 * value there.  A line lists all accounts of its command, of which a batch is a part. */
static void keep_named(GPtrArray *accounts, const char *call)
{
	g_autoptr(GHashTable) values = g_hash_table_new(g_str_hash, g_str_equal);
	g_auto(GStrv) words = g_strsplit(call != NULL ? call : "", " ", -1);

	for (guint i = 0; words[i] != NULL; i++)
		if (strchr(words[i], '=') != NULL)
			g_hash_table_add(values, strchr(words[i], '=') + 1);
	for (guint i = accounts->len; i > 0; i--)
		if (!g_hash_table_contains(values, accounts->pdata[i - 1]))
			g_ptr_array_remove_index_fast(accounts, i - 1);
}

/* Accounts by name; a unit of an organization, and everybody, are reached by
 * calls that need not name them. */
static GPtrArray *whom_of(IvHistory *h, const cJSON *detail)
{
	static const char *const accounts[] = {"accounts", NULL}, *const units[] = {"organizations", NULL};
	g_autoptr(cJSON) named = cJSON_CreateObject();
	cJSON *list = cJSON_GetObjectItemCaseSensitive(detail, "accounts");
	GPtrArray *whom = receivers_of(h, detail, units);
	g_autoptr(GPtrArray) by_name = NULL;

	if (list != NULL)
		cJSON_AddItemReferenceToObject(named, "accounts", list);
	by_name = receivers_of(h, named, accounts);
	keep_named(by_name, text_of(detail, "call"));
	for (guint i = 0; i < by_name->len; i++)
		g_ptr_array_add(whom, by_name->pdata[i]);
	return whom;
}

static const struct {
	const char *verb;
	bool gives;
} verbs[] = {{"share", true}, {"unshare", false}, {"undo", false}};

/* Without a yes verdict about the receiver, a call gives nothing. */
static void drop_uncovered(GPtrArray *whom, const Image *image)
{
	for (guint i = whom->len; i > 0; i--)
		if (!g_hash_table_contains(image->covered, whom->pdata[i - 1]))
			g_ptr_array_remove_index_fast(whom, i - 1);
}

static void carry_out(const Call *call)
{
	for (guint i = 0; i < call->whom->len; i++)
		if (call->by != NULL)
			g_hash_table_insert(call->image->given, call->whom->pdata[i],
					    (gpointer)call->by);
		else
			g_hash_table_remove(call->image->given, call->whom->pdata[i]);
}

static void take_begin(IvHistory *h, const IvLedgerLine *line, const cJSON *detail)
{
	const char *verb = text_of(detail, "verb");
	Image *image = image_of(h, detail);
	gsize row = 0;
	gint64 *id;
	Call *call;

	while (row < G_N_ELEMENTS(verbs) && g_strcmp0(verbs[row].verb, verb) != 0)
		row++;
	if (row == G_N_ELEMENTS(verbs) || image == NULL ||
	    cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(detail, "dry_run")) ||
	    (verbs[row].gives && image->judged == NULL))
		return;
	call = g_new0(Call, 1);
	call->image = image;
	call->by = verbs[row].gives ? image->judged : NULL;
	call->whom = whom_of(h, detail);
	if (verbs[row].gives)
		drop_uncovered(call->whom, image);
	/* One whose end is missing may have been carried out. */
	if (line->open)
		carry_out(call);
	id = g_new(gint64, 1);
	*id = line->id;
	g_hash_table_insert(h->calls, id, call);
}

static void take_end(IvHistory *h, const IvLedgerLine *line, const cJSON *detail)
{
	const cJSON *begin = cJSON_GetObjectItemCaseSensitive(detail, "begin");
	const char *outcome = text_of(detail, "outcome");
	gint64 id = cJSON_IsNumber(begin) ? (gint64)CLAMP(begin->valuedouble, 0, 9e15) : 0;
	const Call *call = g_hash_table_lookup(h->calls, &id);

	if (call == NULL)
		return;
	if (g_strcmp0(outcome, "done") == 0 || g_strcmp0(outcome, "unknown") == 0)
		carry_out(call);
	g_hash_table_remove(h->calls, &id);
}

static const struct {
	const char *kind;
	void (*take)(IvHistory *h, const IvLedgerLine *line, const cJSON *detail);
} kinds[] = {{"verdict", take_verdict}, {"call-begin", take_begin}, {"call-end", take_end}};

static bool take_line(void *user, const IvLedgerLine *line)
{
	IvHistory *h = user;
	g_autoptr(cJSON) detail = NULL;

	h->broken += !line->chain_ok;
	for (gsize i = 0; line->chain_ok && i < G_N_ELEMENTS(kinds); i++)
		if (strcmp(kinds[i].kind, line->kind) == 0) {
			detail = cJSON_Parse(line->detail);
			kinds[i].take(h, line, detail);
		}
	return true;
}

/* --- the whole ---------------------------------------------------------------------------- */

IvHistory *iv_history_read(IvLedger *ledger, GError **error)
{
	g_autoptr(IvHistory) h = history_new();
	g_autoptr(GError) problem = NULL;

	if (!iv_ledger_each(ledger, take_line, h, &problem) &&
	    !g_error_matches(problem, IV_ERROR, IV_ERROR_REFUSED)) {
		g_propagate_error(error, g_steal_pointer(&problem));
		return NULL;
	}
	if (problem != NULL)
		h->problem = g_strdup(problem->message);
	else if (h->broken > 0)
		h->problem = g_strdup_printf("the chain of the ledger is broken in %u place%s: see "
					     "imgvet log",
					     h->broken, h->broken == 1 ? "" : "s");
	return g_steal_pointer(&h);
}

const char *iv_history_problem(const IvHistory *h)
{
	return h->problem;
}

const IvGrant *iv_history_grant(const IvHistory *h, const char *image_id, const char *receiver)
{
	const Image *image = g_hash_table_lookup(h->images, image_id);

	return image != NULL ? g_hash_table_lookup(image->given, receiver) : NULL;
}
