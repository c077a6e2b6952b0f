/* access.c - see access.h */
#include "share/access/access.h"

#include "scanner/base/error.h"
#include "share/base/limits.h"

void iv_access_say(const IvAccess *access, const char *format, ...)
{
	g_autofree char *text = NULL;
	va_list args;

	if (access->say == NULL)
		return;
	va_start(args, format);
	text = g_strdup_vprintf(format, args);
	va_end(args);
	access->say(access->user, text);
}

static IvReceiverList *read_receivers(const IvAccess *a, GError **error)
{
	IvCallTrace trace = {0};
	IvReceiverList *list = a->cloud->ops->receivers(a->cloud, a->image_id, &trace, error);

	iv_call_trace_clear(&trace);
	return list;
}

/* --- sending ------------------------------------------------------------------------------ */

static bool has(const IvReceiverList *list, const char *account)
{
	return g_hash_table_contains(list->accounts, account);
}

/* Is an account as the change wants it? */
static bool settled(const IvAccess *a, const IvReceiverList *list, const char *account)
{
	return has(list, account) == (a->change == IV_CLOUD_ADD);
}

/* Those of the accounts that are not as asked yet; NULL-terminated, borrowed. */
static GPtrArray *unsettled(const IvAccess *a, const IvReceiverList *list,
			    const char *const *accounts)
{
	GPtrArray *rest = g_ptr_array_new();

	for (guint i = 0; accounts[i] != NULL; i++)
		if (!settled(a, list, accounts[i]))
			g_ptr_array_add(rest, (gpointer)accounts[i]);
	g_ptr_array_add(rest, NULL);
	return rest;
}

static void note_call(IvAccess *a, const char *const *accounts)
{
	g_autofree char *text = a->cloud->ops->text(a->cloud, a->change, a->image_id, accounts);

	iv_access_say(a, "%s %s", a->dry_run ? "would call" : "calling", text);
	g_ptr_array_add(a->result->calls, g_steal_pointer(&text));
}

/* The command may be about a thousand accounts, and its ledger lines each about
 * one batch. */
static bool change(IvAccess *a, const char *const *accounts, IvCallTrace *trace, GError **error)
{
	const char *const *all = a->book->subject.accounts;
	bool ok;

	a->book->subject.accounts = accounts;
	ok = a->cloud->ops->change(a->cloud, a->change, a->image_id, accounts, trace, error);
	a->book->subject.accounts = all;
	return ok;
}

/* Send once.  When the answer got lost, *rest becomes those accounts that are
 * not as asked now, which may be none; else it stays. */
static bool send_once(IvAccess *a, GPtrArray **rest, bool *again, GError **error)
{
	const char *const *accounts = (const char *const *)(*rest)->pdata;
	IvCallTrace trace = {0};
	g_autoptr(IvReceiverList) now = NULL;
	GPtrArray *left;
	bool ok;

	note_call(a, accounts);
	ok = change(a, accounts, &trace, error);
	*again = trace.again;
	iv_call_trace_clear(&trace);
	if (ok || !*again)
		return ok;
	iv_access_say(a, "the answer got lost; looking who has access now");
	now = read_receivers(a, NULL);
	*again = now != NULL;
	if (now != NULL) {
		left = unsettled(a, now, accounts);
		g_ptr_array_unref(*rest);
		*rest = left;
	}
	return false;
}

static bool send_batch(IvAccess *a, const char *const *accounts, guint count, GError **error)
{
	g_autoptr(GPtrArray) rest = g_ptr_array_new();
	bool again = true;

	for (guint i = 0; i < count; i++)
		g_ptr_array_add(rest, (gpointer)accounts[i]);
	g_ptr_array_add(rest, NULL);
	for (guint round = 1;; round++) {
		g_autoptr(GError) problem = NULL;

		if (send_once(a, &rest, &again, &problem))
			return true;
		if (again && rest->len == 1) {
			iv_access_say(a, "the call had been carried out");
			return true;
		}
		if (!again || round == IV_SHARE_ROUNDS) {
			g_propagate_error(error, g_steal_pointer(&problem));
			return false;
		}
		g_usleep((gulong)(IV_CALL_WAIT_MS << round) * 1000);
	}
}

/* In batches, as a service may drop what is beyond its limit without a word. */
static bool send_all(IvAccess *a, GError **error)
{
	g_autoptr(GPtrArray) todo = unsettled(a, a->before, a->wanted);
	guint total = todo->len - 1, batch = a->cloud->ops->batch;

	for (guint at = 0; at < total; at += batch) {
		const char *const *from = (const char *const *)todo->pdata + at;
		guint count = MIN(batch, total - at);

		if (a->dry_run) {
			g_auto(GStrv) part = g_new0(char *, count + 1);

			for (guint i = 0; i < count; i++)
				part[i] = g_strdup(from[i]);
			note_call(a, (const char *const *)part);
		} else if (!send_batch(a, from, count, error)) {
			return false;
		}
	}
	return true;
}

/* --- reading back ---------------------------------------------------------------------------- */

static void sort_accounts(IvAccess *a, const IvReceiverList *after)
{
	IvShareResult *result = a->result;

	g_ptr_array_set_size(result->changed, 0);
	g_ptr_array_set_size(result->missing, 0);
	for (guint i = 0; a->wanted[i] != NULL; i++) {
		const char *account = a->wanted[i];

		if (!settled(a, after, account))
			g_ptr_array_add(result->missing, g_strdup(account));
		else if (!settled(a, a->before, account))
			g_ptr_array_add(result->changed, g_strdup(account));
	}
}

/* Everybody in the list had access before or was asked for. */
static bool no_stranger(const IvAccess *a, const IvReceiverList *after, GError **error)
{
	GHashTableIter each;
	gpointer account;

	g_hash_table_iter_init(&each, after->accounts);
	while (g_hash_table_iter_next(&each, &account, NULL))
		if (!has(a->before, account) &&
		    (a->change != IV_CLOUD_ADD || !g_strv_contains(a->wanted, account)))
			return iv_fail(error, IV_ERROR_CLOUD,
				       "account %s has access to image %s now; it was not asked for, "
				       "and had none before\n"
				       "somebody else shared the image at the same time, or something "
				       "is wrong: look at the image's share list",
				       (const char *)account, a->image_id);
	if (after->everybody && !a->before->everybody)
		return iv_fail(error, IV_ERROR_CLOUD,
			       "image %s is open to everybody now, which was not asked for\n"
			       "make it private again at once",
			       a->image_id);
	return true;
}

static bool none_missing(const IvAccess *a, GError **error)
{
	const GPtrArray *missing = a->result->missing;
	bool one = missing->len == 1;
	g_autoptr(GString) names = g_string_new(NULL);

	if (missing->len == 0)
		return true;
	for (guint i = 0; i < missing->len; i++)
		g_string_append_printf(names, "%s%s", i > 0 ? ", " : "",
				       (const char *)missing->pdata[i]);
	if (a->change == IV_CLOUD_REMOVE)
		return iv_fail(error, IV_ERROR_CLOUD,
			       "the cloud reported success, and still %s access to image %s: %s\n"
			       "run the same command again",
			       one ? "this account has" : "these accounts have", a->image_id,
			       names->str);
	return iv_fail(error, IV_ERROR_CLOUD,
		       "the cloud reported success, and still %s no access to image %s: %s\n"
		       "run the same command again; accounts that have access are left alone",
		       one ? "this account has" : "these accounts have", a->image_id, names->str);
}

static const char *const done_words[] = {
	[IV_CLOUD_ADD] = "the image was shared",
	[IV_CLOUD_REMOVE] = "the image was taken back",
};

/* A list may lag behind the change, so what is missing gets another look. */
static bool read_back(IvAccess *a, GError **error)
{
	for (guint reads = 1;; reads++) {
		g_autoptr(IvReceiverList) after = read_receivers(a, error);

		if (after == NULL) {
			g_prefix_error(error, "%s, and that could not be verified: ",
				       done_words[a->change]);
			return false;
		}
		sort_accounts(a, after);
		a->result->known = true;
		if (!no_stranger(a, after, error))
			return false;
		if (a->result->missing->len == 0 || reads == IV_SHARE_VERIFY_READS)
			return none_missing(a, error);
		g_usleep((gulong)IV_SHARE_VERIFY_WAIT_MS * 1000);
	}
}

/* After a failure: read once what is there, so that the result tells it.  The
 * failure stays the error. */
static void look_back(IvAccess *a)
{
	g_autoptr(IvReceiverList) after = NULL;

	if (a->result->calls->len == 0)
		return;
	after = read_receivers(a, NULL);
	a->result->known = after != NULL;
	if (after != NULL)
		sort_accounts(a, after);
	else
		iv_access_say(a, "it is not known who has access now: look at the image's share "
				 "list");
}

/* --- the whole --------------------------------------------------------------------------------- */

bool iv_access_read(IvAccess *a, GError **error)
{
	iv_receiver_list_free(a->before);
	a->before = read_receivers(a, error);
	return a->before != NULL;
}

void iv_access_want(IvAccess *a, const char *const *wanted)
{
	a->wanted = wanted;
	g_ptr_array_set_size(a->result->already, 0);
	for (guint i = 0; wanted[i] != NULL; i++)
		if (settled(a, a->before, wanted[i]))
			g_ptr_array_add(a->result->already, g_strdup(wanted[i]));
	sort_accounts(a, a->before);
}

bool iv_access_begin(IvAccess *a, GError **error)
{
	if (!iv_access_read(a, error))
		return false;
	iv_access_want(a, a->wanted);
	return true;
}

bool iv_access_run(IvAccess *a, GError **error)
{
	if (!send_all(a, error)) {
		look_back(a);
		return false;
	}
	if (a->dry_run)
		return true;
	a->result->verified = a->result->calls->len == 0 || read_back(a, error);
	return a->result->verified;
}

void iv_access_end(IvAccess *a)
{
	g_clear_pointer(&a->before, iv_receiver_list_free);
}
