/* SPDX-License-Identifier: GPL-3.0-or-later */
/* converge.c - see converge.h */
#include "share/access/converge.h"

#include "scanner/base/error.h"
#include "share/base/limits.h"

IvConverge iv_share_converge(const IvShareRequest *request, IvCloudChange change)
{
	return (IvConverge){.kind = request->organizations != NULL ? &iv_converge_units
								   : &iv_converge_accounts,
			    .image_id = request->image_id,
			    .region = request->region,
			    .change = change,
			    .dry_run = request->dry_run,
			    .deadline = request->deadline,
			    .say = request->say,
			    .user = request->user};
}

void iv_converge_say(const IvConverge *c, const char *format, ...)
{
	g_autofree char *text = NULL;
	va_list args;

	if (c->say == NULL)
		return;
	va_start(args, format);
	text = g_strdup_vprintf(format, args);
	va_end(args);
	c->say(c->user, text);
}

void iv_converge_note(const IvConverge *c, char *text)
{
	iv_converge_say(c, "%s %s", c->dry_run ? "would call" : "calling", text);
	g_ptr_array_add(c->result->calls, text);
}

/* --- what is there ------------------------------------------------------------------------- */

static void forget_now(IvConverge *c)
{
	if (c->now != NULL && c->now != c->before)
		c->kind->free(c->now);
	c->now = NULL;
}

static void set_now(IvConverge *c, IvConvergeState *state)
{
	forget_now(c);
	c->now = state;
}

bool iv_converge_look(IvConverge *c, const IvConvergeState *earlier, GError **error)
{
	IvConvergeState *state = c->kind->read(c, earlier, error);

	if (state == NULL)
		return false;
	set_now(c, state);
	return true;
}

static bool settled(const IvConverge *c, const IvConvergeState *state, const char *id)
{
	return c->kind->settled(c, state, id);
}

static bool moving(const IvConverge *c, const char *id)
{
	return c->kind->moving != NULL && c->kind->moving(c->now, id);
}

static bool failed(const IvConverge *c, const char *id)
{
	return c->kind->failed != NULL && c->kind->failed(c->now, id);
}

static bool may(const IvConverge *c, GError **error)
{
	return c->kind->may == NULL || c->kind->may(c, c->now, error);
}

/* result->changed and ->missing, from what is there now. */
static void sort_receivers(IvConverge *c)
{
	IvShareResult *result = c->result;

	g_ptr_array_set_size(result->changed, 0);
	g_ptr_array_set_size(result->missing, 0);
	for (guint i = 0; c->wanted[i] != NULL; i++)
		if (!settled(c, c->now, c->wanted[i]))
			g_ptr_array_add(result->missing, g_strdup(c->wanted[i]));
		else if (!settled(c, c->before, c->wanted[i]))
			g_ptr_array_add(result->changed, g_strdup(c->wanted[i]));
}

/* --- before ----------------------------------------------------------------------------------- */

bool iv_converge_read(IvConverge *c, GError **error)
{
	iv_converge_end(c);
	c->before = c->now = c->kind->read(c, NULL, error);
	return c->before != NULL;
}

bool iv_converge_want(IvConverge *c, GError **error)
{
	IvShareResult *result = c->result;

	g_ptr_array_set_size(result->already, 0);
	for (guint i = 0; c->wanted[i] != NULL; i++)
		if (settled(c, c->before, c->wanted[i]))
			g_ptr_array_add(result->already, g_strdup(c->wanted[i]));
	sort_receivers(c);
	return may(c, error);
}

bool iv_converge_begin(IvConverge *c, GError **error)
{
	return iv_converge_read(c, error) && iv_converge_want(c, error);
}

void iv_converge_end(IvConverge *c)
{
	forget_now(c);
	if (c->before != NULL)
		c->kind->free(c->before);
	c->before = NULL;
	g_clear_pointer(&c->sent, g_hash_table_unref);
	c->lost = 0;
}

/* --- sending ---------------------------------------------------------------------------------- */

/* Those to be asked for now, at most a batch, as a service may drop what is beyond its
 * limit without a word; NULL-terminated, borrowed.  What is under way is left alone. */
static GPtrArray *next_batch(const IvConverge *c)
{
	guint most = c->kind->batch(c->cloud);
	GPtrArray *ids = g_ptr_array_new();

	for (guint i = 0; c->wanted[i] != NULL && ids->len < most; i++)
		if (!g_hash_table_contains(c->sent, c->wanted[i]) && !moving(c, c->wanted[i]) &&
		    !settled(c, c->now, c->wanted[i]))
			g_ptr_array_add(ids, (gpointer)c->wanted[i]);
	g_ptr_array_add(ids, NULL);
	return ids;
}

static void mark_sent(IvConverge *c, const char *const *ids)
{
	for (guint i = 0; ids[i] != NULL; i++)
		g_hash_table_add(c->sent, (gpointer)ids[i]);
}

/* The command may be about a thousand receivers, and its ledger lines each about one
 * batch. */
static bool change(IvConverge *c, const char *const *ids, IvCallTrace *trace, GError **error)
{
	IvRecordSubject whole = c->book->subject;
	bool ok;

	c->kind->about(&c->book->subject, ids);
	ok = c->kind->change(c, c->now, ids, trace, error);
	c->book->subject = whole;
	return ok;
}

static bool all_settled(const IvConverge *c, const char *const *ids)
{
	for (guint i = 0; ids[i] != NULL; i++)
		if (!settled(c, c->now, ids[i]))
			return false;
	return true;
}

/* The answer got lost, or another state came in between: look what is there.  True: go on
 * from that. */
static bool get_over(IvConverge *c, const char *const *ids, GError **problem, GError **error)
{
	iv_converge_say(c, "the answer got lost; looking who has access now");
	g_usleep((gulong)(IV_CALL_WAIT_MS << ++c->lost) * 1000);
	if (iv_converge_look(c, NULL, NULL)) {
		if (all_settled(c, ids)) {
			iv_converge_say(c, "the call had been carried out");
			c->lost = 0;
			return true;
		}
		if (c->lost < IV_SHARE_ROUNDS)
			return true;
	}
	g_propagate_error(error, g_steal_pointer(problem));
	return false;
}

/* Look at the same again where the kind's calls only begin something. */
static bool look_after(IvConverge *c, GError **error)
{
	return !c->kind->background || iv_converge_look(c, c->now, error);
}

static bool send_batch(IvConverge *c, const char *const *ids, GError **error)
{
	g_autoptr(GError) problem = NULL;
	IvCallTrace trace = {0};
	bool ok, again;

	/* It may have changed since the beginning. */
	if (!may(c, error))
		return false;
	iv_converge_note(c, c->kind->text(c, c->now, ids));
	ok = change(c, ids, &trace, &problem);
	again = trace.again;
	iv_call_trace_clear(&trace);
	if (!ok && again)
		return get_over(c, ids, &problem, error);
	if (!ok) {
		g_propagate_error(error, g_steal_pointer(&problem));
		return false;
	}
	c->lost = 0;
	mark_sent(c, ids);
	return look_after(c, error);
}

/* --- waiting for what goes on in the background ------------------------------------------------- */

/* Is there a reason to look again?  `shown`: something is under way, and the cloud says
 * so. */
static bool unfinished(const IvConverge *c, bool *shown)
{
	bool open = false;

	*shown = false;
	for (guint i = 0; c->wanted[i] != NULL; i++) {
		if (settled(c, c->now, c->wanted[i]) || failed(c, c->wanted[i]))
			continue;
		open = true;
		*shown |= moving(c, c->wanted[i]);
	}
	return open;
}

typedef struct {
	gint64 until;	  /* monotonic microseconds */
	unsigned pause_ms;
	guint looks;	  /* at what should be there and is not shown */
} Patience;

static Patience patience_of(const IvConverge *c)
{
	gint64 until = g_get_monotonic_time() + (gint64)c->kind->wait_ms * 1000;

	return (Patience){.until = c->deadline != 0 ? MIN(until, c->deadline) : until,
			  .pause_ms = c->kind->pause_ms};
}

/* False: it is over, for good or because there is no more time. */
static bool wait_for_more(const IvConverge *c, Patience *p)
{
	bool shown;

	if (!c->kind->background || !unfinished(c, &shown) ||
	    (!shown && ++p->looks > IV_SHARE_VERIFY_READS))
		return false;
	if (g_get_monotonic_time() + (gint64)p->pause_ms * 1000 >= p->until)
		return false;
	g_usleep((gulong)p->pause_ms * 1000);
	p->pause_ms = MIN(p->pause_ms * 2, c->kind->pause_max_ms);
	return true;
}

static bool send_all(IvConverge *c, GError **error)
{
	Patience patience = patience_of(c);

	for (;;) {
		g_autoptr(GPtrArray) ids = next_batch(c);

		if (ids->len > 1) {
			if (!send_batch(c, (const char *const *)ids->pdata, error))
				return false;
		} else if (!wait_for_more(c, &patience)) {
			return true;
		} else if (!iv_converge_look(c, c->now, error)) {
			return false;
		}
	}
}

/* --- reading back ---------------------------------------------------------------------------------- */

/* A list may lag behind the change, so what is missing gets another look. */
static bool read_back(IvConverge *c, GError **error)
{
	for (guint reads = 1;; reads++) {
		if (!iv_converge_look(c, NULL, error)) {
			g_prefix_error(error, "%s, and that could not be verified: ",
				       c->kind->done[c->change]);
			return false;
		}
		sort_receivers(c);
		c->result->known = true;
		if (!c->kind->no_stranger(c, c->now, error))
			return false;
		if (c->result->missing->len == 0)
			return true;
		if (reads >= c->kind->verify_reads)
			return c->kind->report_missing(c, c->now, error);
		g_usleep((gulong)IV_SHARE_VERIFY_WAIT_MS * 1000);
	}
}

/* After a failure: read once what is there, so that the result tells it.  The failure
 * stays the error. */
static void look_back(IvConverge *c)
{
	if (c->result->calls->len == 0)
		return;
	c->result->known = iv_converge_look(c, NULL, NULL);
	if (c->result->known)
		sort_receivers(c);
	else
		iv_converge_say(c, "it is not known who has access now: look at %s",
				c->kind->where);
}

/* --- the whole --------------------------------------------------------------------------------------- */

static void pretend(IvConverge *c)
{
	for (;;) {
		g_autoptr(GPtrArray) ids = next_batch(c);
		IvConvergeState *next;

		if (ids->len == 1)
			return;
		iv_converge_note(c, c->kind->text(c, c->now, (const char *const *)ids->pdata));
		mark_sent(c, (const char *const *)ids->pdata);
		next = c->kind->pretend != NULL ? c->kind->pretend(c->now) : NULL;
		if (next != NULL)
			set_now(c, next);
	}
}

/* Where nothing was sent, what was read so far is how it is. */
static bool verify(IvConverge *c, GError **error)
{
	if (c->result->calls->len > 0)
		return read_back(c, error);
	sort_receivers(c);
	c->result->known = true;
	return c->kind->no_stranger(c, c->now, error) &&
	       (c->result->missing->len == 0 || c->kind->report_missing(c, c->now, error));
}

bool iv_converge_run(IvConverge *c, GError **error)
{
	g_clear_pointer(&c->sent, g_hash_table_unref);
	c->sent = g_hash_table_new(g_str_hash, g_str_equal);
	if (c->dry_run) {
		pretend(c);
		return true;
	}
	if (!send_all(c, error)) {
		look_back(c);
		return false;
	}
	c->result->verified = verify(c, error);
	return c->result->verified && (c->kind->clear_up == NULL || c->kind->clear_up(c, error));
}
