/*
 * share.c - check the image, share it, read back who has it.  See share.h.
 *
 * The service sets a state, so a lost answer is no reason to guess: the list
 * of receivers is read, and only accounts that are not in it are sent again.
 */
#include "share/share.h"

#include <string.h>

#include "scanner/base/error.h"
#include "scanner/base/text.h"
#include "share/alibaba/ecs.h"
#include "share/http.h"
#include "share/limits.h"
#include "share/record.h"

/* One share in the making. */
typedef struct {
	const IvPass *pass;
	const IvShareRequest *request;
	IvLedger *ledger;
	IvCloud *cloud;
	GStrv wanted;		/* accounts, each once */
	IvReceiverList *before; /* who had access before the first change */
	IvShareResult *result;
} Share;

static void say(const Share *share, const char *format, ...) G_GNUC_PRINTF(2, 3);

static void say(const Share *share, const char *format, ...)
{
	g_autofree char *text = NULL;
	va_list args;

	if (share->request->say == NULL)
		return;
	va_start(args, format);
	text = g_strdup_vprintf(format, args);
	va_end(args);
	share->request->say(share->request->user, text);
}

/* --- requests and results ------------------------------------------------------------ */

GStrv iv_share_fold(const char *const *accounts)
{
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
	GPtrArray *list = g_ptr_array_new();

	for (guint i = 0; accounts != NULL && accounts[i] != NULL; i++)
		if (g_hash_table_add(seen, (gpointer)accounts[i]))
			g_ptr_array_add(list, g_strdup(accounts[i]));
	g_ptr_array_add(list, NULL);
	return (GStrv)g_ptr_array_free(list, FALSE);
}

static bool usage(GError **error, const char *what, const char *text, const char *hint)
{
	g_autofree char *printable = iv_text_printable(text, -1);

	return iv_fail(error, IV_ERROR_USAGE, "not %s: %.80s\n%s", what, printable, hint);
}

/* Before anything of it is put on record: it may hold a password. */
static bool endpoint_ok(const char *text, GError **error)
{
	g_autoptr(IvEndpoint) endpoint = text != NULL ? iv_endpoint_parse(text, error) : NULL;

	return text == NULL || endpoint != NULL;
}

bool iv_share_check(const IvShareRequest *request, GError **error)
{
	if (request->image_id == NULL || !iv_ecs_image_id_ok(request->image_id))
		return usage(error, "an image id", request->image_id ? request->image_id : "(none)",
			     "a custom image's id is m- and letters or digits");
	if (request->region == NULL || !iv_ecs_region_ok(request->region))
		return usage(error, "a region", request->region ? request->region : "(none)",
			     "write it like cn-hangzhou or eu-central-1");
	if (request->accounts == NULL || request->accounts[0] == NULL)
		return iv_fail(error, IV_ERROR_USAGE, "no account to share with");
	if (g_strv_length(request->accounts) > IV_SHARE_MAX_ACCOUNTS)
		return iv_fail(error, IV_ERROR_USAGE, "more than %u accounts at once",
			       IV_SHARE_MAX_ACCOUNTS);
	for (guint i = 0; request->accounts[i] != NULL; i++)
		if (!iv_ecs_account_ok(request->accounts[i]))
			return usage(error, "an account id", request->accounts[i],
				     "a main account's id is 5 to 20 digits");
	return endpoint_ok(request->endpoint, error);
}

bool iv_share_ready(const IvShareRequest *request, GError **error)
{
	g_autoptr(IvCloud) cloud = iv_ecs_new(request->region, request->endpoint, error);

	return cloud != NULL;
}

static IvShareResult *result_new(void)
{
	IvShareResult *result = g_new0(IvShareResult, 1);

	result->added = g_ptr_array_new_with_free_func(g_free);
	result->already = g_ptr_array_new_with_free_func(g_free);
	result->missing = g_ptr_array_new_with_free_func(g_free);
	result->calls = g_ptr_array_new_with_free_func(g_free);
	return result;
}

void iv_share_result_free(IvShareResult *result)
{
	if (result == NULL)
		return;
	g_ptr_array_unref(result->added);
	g_ptr_array_unref(result->already);
	g_ptr_array_unref(result->missing);
	g_ptr_array_unref(result->calls);
	g_free(result);
}

/* --- one call between its two lines in the ledger --------------------------------------- */

/* Does the call; whatever it finds goes to *out. */
typedef bool (*CallBody)(Share *share, gpointer out, const char *const *accounts,
			 IvCloudTrace *trace, GError **error);

static IvOutcome outcome_of(bool ok, const IvCloudTrace *trace, const GError *problem)
{
	if (ok)
		return IV_OUTCOME_DONE;
	if (trace->unsure)
		return IV_OUTCOME_UNKNOWN;
	return g_error_matches(problem, IV_ERROR, IV_ERROR_REFUSED) ? IV_OUTCOME_REFUSED
								    : IV_OUTCOME_FAILED;
}

/* When the second line cannot be written the call has been made all the same:
 * say so, with what came of it. */
static void unrecorded(const char *text, bool ok, GError *problem, GError **error)
{
	g_autofree char *what = ok ? g_strdup("it succeeded")
				   : g_strndup(problem->message, strcspn(problem->message, "\n"));

	g_prefix_error(error, "the call %s was made (%s), and its end could not be recorded: ",
		       text, what);
}

static bool recorded(Share *share, IvCloudCall call, const char *const *accounts, CallBody body,
		     gpointer out, IvCloudTrace *trace, GError **error)
{
	g_autofree char *text = share->cloud->ops->text(share->cloud, call,
							share->request->image_id, accounts);
	g_autoptr(GError) problem = NULL;
	gint64 begin;
	bool ok;

	if (!iv_record_begin(share->ledger, share->pass, share->request, text, accounts, &begin,
			     error)) {
		g_prefix_error(error, "no call was made, because it could not be recorded: ");
		return false;
	}
	ok = body(share, out, accounts, trace, &problem);
	if (!iv_record_end(share->ledger, share->pass, begin, outcome_of(ok, trace, problem), trace,
			   ok ? NULL : problem->message, error)) {
		unrecorded(text, ok, problem, error);
		trace->again = false;
		return false;
	}
	if (!ok)
		g_propagate_error(error, g_steal_pointer(&problem));
	return ok;
}

/* The body of a lookup, with its checks: their outcome is the call's. */
static bool image_body(Share *share, gpointer out, const char *const *accounts, IvCloudTrace *trace,
		       GError **error)
{
	const IvShareRequest *r = share->request;
	g_autoptr(IvCloudImage) image = NULL;

	if (!share->cloud->ops->image(share->cloud, r->image_id, &image, trace, error))
		return false;
	if (image == NULL)
		return iv_fail(error, IV_ERROR_REFUSED,
			       "there is no image %s in region %s of this account\n"
			       "check --image-id, --region and whose credentials are set",
			       r->image_id, r->region);
	if (!image->own)
		return iv_fail(error, IV_ERROR_REFUSED,
			       "image %s is not one of this account's own (owner: %s)\n"
			       "only the account that made an image can share it",
			       r->image_id, image->owner);
	if (!image->available)
		return iv_fail(error, IV_ERROR_REFUSED,
			       "image %s cannot be shared now: its state is %s\n"
			       "wait until it is Available, then try again",
			       r->image_id, image->state);
	if (image->is_public)
		return iv_fail(error, IV_ERROR_REFUSED,
			       "image %s is public: everybody in region %s can use it already\n"
			       "take it back from the community images first, and treat what is in "
			       "it as known",
			       r->image_id, r->region);
	if (image->encrypted)
		say(share, "warning: the image is encrypted; the cloud shares it only when its key is "
			   "your own and every receiver may use it");
	if (image->marketplace)
		say(share, "warning: the image comes from a marketplace product, whose terms and "
			   "fees go with it");
	say(share, "image %s (%s): own, %s, in %s", r->image_id, image->name, image->state,
	    r->region);
	return true;
}

static bool receivers_body(Share *share, gpointer out, const char *const *accounts,
			   IvCloudTrace *trace, GError **error)
{
	IvReceiverList **list = out;

	*list = share->cloud->ops->receivers(share->cloud, share->request->image_id, trace, error);
	return *list != NULL;
}

static bool add_body(Share *share, gpointer out, const char *const *accounts, IvCloudTrace *trace,
		     GError **error)
{
	return share->cloud->ops->add(share->cloud, share->request->image_id, accounts, trace,
				      error);
}

static bool check_image(Share *share, GError **error)
{
	IvCloudTrace trace = {0};
	bool ok = recorded(share, IV_CLOUD_IMAGE, NULL, image_body, NULL, &trace, error);

	iv_cloud_trace_clear(&trace);
	return ok;
}

static IvReceiverList *read_receivers(Share *share, GError **error)
{
	IvReceiverList *list = NULL;
	IvCloudTrace trace = {0};

	if (!recorded(share, IV_CLOUD_RECEIVERS, NULL, receivers_body, &list, &trace, error))
		g_clear_pointer(&list, iv_receiver_list_free);
	iv_cloud_trace_clear(&trace);
	return list;
}

/* --- adding ------------------------------------------------------------------------------ */

static bool has(const IvReceiverList *list, const char *account)
{
	return g_hash_table_contains(list->accounts, account);
}

/* The accounts of a list that are not in it yet; NULL-terminated, borrowed. */
static GPtrArray *not_in(const IvReceiverList *list, const char *const *accounts)
{
	GPtrArray *rest = g_ptr_array_new();

	for (guint i = 0; accounts[i] != NULL; i++)
		if (!has(list, accounts[i]))
			g_ptr_array_add(rest, (gpointer)accounts[i]);
	g_ptr_array_add(rest, NULL);
	return rest;
}

static void note_call(Share *share, const char *const *accounts)
{
	g_autofree char *text = share->cloud->ops->text(share->cloud, IV_CLOUD_ADD,
							share->request->image_id, accounts);

	say(share, "%s %s", share->request->dry_run ? "would call" : "calling", text);
	g_ptr_array_add(share->result->calls, g_steal_pointer(&text));
}

/* Send once.  When the answer got lost, *rest becomes those accounts that are
 * not in the list now, which may be none; else it stays. */
static bool send_once(Share *share, GPtrArray **rest, bool *again, GError **error)
{
	const char *const *accounts = (const char *const *)(*rest)->pdata;
	IvCloudTrace trace = {0};
	g_autoptr(IvReceiverList) now = NULL;
	GPtrArray *left;
	bool ok;

	note_call(share, accounts);
	ok = recorded(share, IV_CLOUD_ADD, accounts, add_body, NULL, &trace, error);
	*again = trace.again;
	iv_cloud_trace_clear(&trace);
	if (ok || !*again)
		return ok;
	say(share, "the answer got lost; looking who has access now");
	now = read_receivers(share, NULL);
	*again = now != NULL;
	if (now != NULL) {
		left = not_in(now, accounts);
		g_ptr_array_unref(*rest);
		*rest = left;
	}
	return false;
}

static bool send_batch(Share *share, const char *const *accounts, guint count, GError **error)
{
	g_autoptr(GPtrArray) rest = g_ptr_array_new();
	bool again = true;

	for (guint i = 0; i < count; i++)
		g_ptr_array_add(rest, (gpointer)accounts[i]);
	g_ptr_array_add(rest, NULL);
	for (guint round = 1;; round++) {
		g_autoptr(GError) problem = NULL;

		if (send_once(share, &rest, &again, &problem))
			return true;
		if (again && rest->len == 1) {
			say(share, "the call had been carried out");
			return true;
		}
		if (!again || round == IV_SHARE_ROUNDS) {
			g_propagate_error(error, g_steal_pointer(&problem));
			return false;
		}
		g_usleep((gulong)(IV_CALL_WAIT_MS << round) * 1000);
	}
}

/* In batches, as the service drops what is beyond its limit without a word. */
static bool send_all(Share *share, GError **error)
{
	g_autoptr(GPtrArray) todo = not_in(share->before, (const char *const *)share->wanted);
	guint total = todo->len - 1, batch = share->cloud->ops->batch;

	for (guint at = 0; at < total; at += batch) {
		const char *const *from = (const char *const *)todo->pdata + at;
		guint count = MIN(batch, total - at);

		if (share->request->dry_run) {
			g_auto(GStrv) part = g_new0(char *, count + 1);

			for (guint i = 0; i < count; i++)
				part[i] = g_strdup(from[i]);
			note_call(share, (const char *const *)part);
		} else if (!send_batch(share, from, count, error)) {
			return false;
		}
	}
	return true;
}

/* --- reading back ---------------------------------------------------------------------------- */

static void sort_accounts(Share *share, const IvReceiverList *after)
{
	IvShareResult *result = share->result;

	g_ptr_array_set_size(result->added, 0);
	g_ptr_array_set_size(result->missing, 0);
	for (guint i = 0; share->wanted[i] != NULL; i++) {
		const char *account = share->wanted[i];
		bool there = has(after, account);

		if (!there)
			g_ptr_array_add(result->missing, g_strdup(account));
		else if (!has(share->before, account))
			g_ptr_array_add(result->added, g_strdup(account));
	}
}

/* Everybody in the list had access before or was asked for. */
static bool no_stranger(const Share *share, const IvReceiverList *after, GError **error)
{
	GHashTableIter each;
	gpointer account;

	g_hash_table_iter_init(&each, after->accounts);
	while (g_hash_table_iter_next(&each, &account, NULL))
		if (!has(share->before, account) &&
		    !g_strv_contains((const char *const *)share->wanted, account))
			return iv_fail(error, IV_ERROR_CLOUD,
				       "account %s has access to image %s now; it was not asked for, "
				       "and had none before\n"
				       "somebody else shared the image at the same time, or something "
				       "is wrong: look at the image's share list",
				       (const char *)account, share->request->image_id);
	if (after->everybody)
		return iv_fail(error, IV_ERROR_CLOUD,
			       "image %s is open to everybody now, which was not asked for\n"
			       "make it private again at once",
			       share->request->image_id);
	return true;
}

static bool none_missing(const Share *share, GError **error)
{
	const GPtrArray *missing = share->result->missing;
	g_autoptr(GString) names = g_string_new(NULL);

	if (missing->len == 0)
		return true;
	for (guint i = 0; i < missing->len; i++)
		g_string_append_printf(names, "%s%s", i > 0 ? ", " : "",
				       (const char *)missing->pdata[i]);
	return iv_fail(error, IV_ERROR_CLOUD,
		       "the cloud reported success, and still %s no access to image %s: %s\n"
		       "run the same command again; accounts that have access are left alone",
		       missing->len == 1 ? "this account has" : "these accounts have",
		       share->request->image_id, names->str);
}

/* A list may lag behind the change, so what is missing gets another look. */
static bool read_back(Share *share, GError **error)
{
	for (guint reads = 1;; reads++) {
		g_autoptr(IvReceiverList) after = read_receivers(share, error);

		if (after == NULL) {
			g_prefix_error(error, "the image was shared, and that could not be "
					      "verified: ");
			return false;
		}
		sort_accounts(share, after);
		if (!no_stranger(share, after, error))
			return false;
		if (share->result->missing->len == 0 || reads == IV_SHARE_VERIFY_READS)
			return none_missing(share, error);
		g_usleep((gulong)IV_SHARE_VERIFY_WAIT_MS * 1000);
	}
}

/* After a failure: read once what is there, so that the result tells it.  The
 * failure stays the error. */
static void look_back(Share *share)
{
	g_autoptr(IvReceiverList) after = NULL;

	if (share->result->calls->len == 0)
		return;
	after = read_receivers(share, NULL);
	if (after != NULL)
		sort_accounts(share, after);
	else
		say(share, "it is not known who has access now: look at the image's share list");
}

/* --- the whole --------------------------------------------------------------------------------- */

static bool covered(const Share *share, GError **error)
{
	const char *image_id = iv_pass_image_id(share->pass);

	if (image_id == NULL || strcmp(image_id, share->request->image_id) != 0)
		return iv_fail(error, IV_ERROR_REFUSED, "the gate's pass is not for image %s",
			       share->request->image_id);
	for (guint i = 0; share->wanted[i] != NULL; i++)
		if (!iv_pass_covers(share->pass, share->wanted[i]))
			return iv_fail(error, IV_ERROR_REFUSED,
				       "the gate's pass does not cover account %s",
				       share->wanted[i]);
	return true;
}

bool iv_share_record_refusal(const IvPass *pass, const IvShareRequest *request, const char *reason,
			     IvLedger *ledger, GError **error)
{
	gint64 begin;

	return iv_record_begin(ledger, pass, request, "share",
			       (const char *const *)request->accounts, &begin, error) &&
	       iv_record_end(ledger, pass, begin, IV_OUTCOME_REFUSED, NULL, reason, error);
}

/* Who has access before anything is changed. */
static bool learn_before(Share *share, GError **error)
{
	share->before = read_receivers(share, error);
	if (share->before == NULL)
		return false;
	if (share->before->everybody)
		return iv_fail(error, IV_ERROR_REFUSED,
			       "image %s is shared with everybody already\n"
			       "make it private first, and treat what is in it as known",
			       share->request->image_id);
	for (guint i = 0; share->wanted[i] != NULL; i++)
		if (has(share->before, share->wanted[i]))
			g_ptr_array_add(share->result->already, g_strdup(share->wanted[i]));
	sort_accounts(share, share->before);
	return true;
}

static bool run(Share *share, GError **error)
{
	guint wanted = g_strv_length(share->wanted);

	if (!check_image(share, error) || !learn_before(share, error))
		return false;
	say(share, "%u of %u accounts have access already", share->result->already->len, wanted);
	if (!send_all(share, error)) {
		look_back(share);
		return false;
	}
	if (share->request->dry_run)
		return true;
	share->result->verified =
		share->result->calls->len == 0 || read_back(share, error);
	return share->result->verified;
}

bool iv_share(const IvPass *pass, const IvShareRequest *request, IvLedger *ledger,
	      IvShareResult **result, GError **error)
{
	Share share = {.pass = pass, .request = request, .ledger = ledger};
	bool ok = false;

	*result = share.result = result_new();
	if (!iv_share_check(request, error))
		return false;
	share.wanted = iv_share_fold((const char *const *)request->accounts);
	if (!covered(&share, error)) {
		iv_share_record_refusal(pass, request, "not covered by the pass", ledger, NULL);
	} else {
		share.cloud = iv_ecs_new(request->region, request->endpoint, error);
		ok = share.cloud != NULL && run(&share, error);
	}
	iv_cloud_free(share.cloud);
	iv_receiver_list_free(share.before);
	g_strfreev(share.wanted);
	return ok;
}
