/* organization_run.c - bring an image's units to the asked state: send, wait, read back.  See
 * organization.h. */
#include "share/access/organization_inside.h"

#include <string.h>

#include "scanner/base/error.h"
#include "share/base/limits.h"

/* --- sending ------------------------------------------------------------------------------ */

/* One journey to the asked state. */
typedef struct {
	IvAccess *access;
	const IvTargets *before, *now;
	IvTargets *own;	  /* `now`, once it is another than `before` */
	GHashTable *sent; /* set of units, borrowed: asked for with success */
	gint64 until;	  /* how long associations are waited for, monotonic microseconds */
	guint lost;	  /* answers that got lost */
	guint looks;	  /* at associations that should be there and are not shown */
	guint wait_ms;
} Journey;

/* Those to be asked for now, at most a batch; NULL-terminated, borrowed.  What is
 * under way is left alone. */
static GPtrArray *next_units(const Journey *j, const IvTargets *now)
{
	const IvAccess *a = j->access;
	GPtrArray *units = g_ptr_array_new();

	for (guint i = 0; a->wanted[i] != NULL; i++)
		if (units->len < a->cloud->ops->organization->batch &&
		    !iv_unit_settled(a, now, a->wanted[i]) && !iv_unit_moving(now, a->wanted[i]) &&
		    !g_hash_table_contains(j->sent, a->wanted[i]))
			g_ptr_array_add(units, (gpointer)a->wanted[i]);
	g_ptr_array_add(units, NULL);
	return units;
}

static void note_call(const Journey *j, const IvTargets *now, const char *const *units)
{
	IvAccess *a = j->access;
	char *text = a->cloud->ops->organization->text(a->cloud, a->change, a->image_id, now, units);

	iv_access_say(a, "%s %s", a->dry_run ? "would call" : "calling", text);
	g_ptr_array_add(a->result->calls, text);
}

static bool look_again(Journey *j, const IvTargets *earlier, GError **error)
{
	IvTargets *now = iv_units_read(j->access, earlier, error);

	if (now == NULL)
		return false;
	iv_targets_free(j->own);
	j->now = j->own = now;
	return true;
}

/* A lost answer, or a state that came in between: look what is there, and go on
 * from that.  True with the problem left behind. */
static bool get_over(Journey *j, bool again, GError **problem, GError **error)
{
	if (again && ++j->lost < IV_SHARE_ROUNDS) {
		iv_access_say(j->access, "that did not come through; looking what is there now");
		g_usleep((gulong)(IV_CALL_WAIT_MS << j->lost) * 1000);
		if (look_again(j, NULL, NULL))
			return true;
	}
	g_propagate_error(error, g_steal_pointer(problem));
	return false;
}

/* The ledger lines of a batch name its units, not all of the command. */
static bool change(Journey *j, const char *const *units, IvCallTrace *trace, GError **error)
{
	IvAccess *a = j->access;
	const char *const *all = a->book->subject.organizations;
	bool ok;

	a->book->subject.organizations = units;
	ok = a->cloud->ops->organization->change(a->cloud, a->change, a->image_id, j->now, units,
						 trace, error);
	a->book->subject.organizations = all;
	return ok;
}

static bool send_units(Journey *j, const char *const *units, GError **error)
{
	IvAccess *a = j->access;
	g_autoptr(GError) problem = NULL;
	IvCallTrace trace = {0};
	bool ok, again;

	/* It may have changed since the beginning. */
	if (!iv_units_may(a, j->now, error))
		return false;
	note_call(j, j->now, units);
	ok = change(j, units, &trace, &problem);
	again = trace.again;
	iv_call_trace_clear(&trace);
	if (!ok)
		return get_over(j, again, &problem, error);
	for (guint i = 0; units[i] != NULL; i++)
		g_hash_table_add(j->sent, (gpointer)units[i]);
	return look_again(j, j->now->holder != NULL ? j->now : NULL, error);
}

/* --- waiting ------------------------------------------------------------------------------ */

/* Is there a reason to look again?  `shown`: something is under way, and the
 * cloud says so. */
static bool unfinished(const Journey *j, bool *shown)
{
	const IvAccess *a = j->access;
	bool open = false;

	*shown = false;
	for (guint i = 0; a->wanted[i] != NULL; i++) {
		const IvCloudTarget *target = iv_unit_find(j->now, a->wanted[i]);

		if (iv_unit_settled(a, j->now, a->wanted[i]) ||
		    (target != NULL && target->state == IV_TARGET_FAILED))
			continue;
		open = true;
		*shown |= iv_unit_moving(j->now, a->wanted[i]);
	}
	return open;
}

/* False: it is over, for good or because there is no more time. */
static bool wait_for_more(Journey *j)
{
	bool shown;

	if (!unfinished(j, &shown) || (!shown && ++j->looks > IV_SHARE_VERIFY_READS))
		return false;
	if (g_get_monotonic_time() + (gint64)j->wait_ms * 1000 >= j->until)
		return false;
	g_usleep((gulong)j->wait_ms * 1000);
	j->wait_ms = MIN(j->wait_ms * 2, IV_SHARE_ASSOCIATION_POLL_MAX_MS);
	return true;
}

static bool travel(Journey *j, GError **error)
{
	for (;;) {
		g_autoptr(GPtrArray) units = next_units(j, j->now);

		if (units->len > 1) {
			if (!send_units(j, (const char *const *)units->pdata, error))
				return false;
		} else if (!wait_for_more(j)) {
			return true;
		} else if (!look_again(j, j->now->holder != NULL ? j->now : NULL, error)) {
			return false;
		}
	}
}

/* --- a holder that reaches nobody ----------------------------------------------------------- */

static bool to_be_dropped(const IvAccess *a, const IvTargets *now)
{
	return a->change == IV_CLOUD_REMOVE && now->holder != NULL && now->stranger == NULL &&
	       g_hash_table_size(now->associated) == 0;
}

/* That it stays is no harm, so what the cloud says against it is a warning. */
static bool drop_holder(Journey *j, GError **error)
{
	IvAccess *a = j->access;
	g_autoptr(GError) problem = NULL;
	IvCallTrace trace = {0};
	bool ok;

	if (!to_be_dropped(a, j->now))
		return true;
	note_call(j, j->now, NULL);
	ok = a->cloud->ops->organization->drop(a->cloud, j->now, &trace, &problem);
	ok = ok || (trace.again && look_again(j, NULL, NULL) && !to_be_dropped(a, j->now));
	iv_call_trace_clear(&trace);
	if (ok)
		return true;
	if (!g_error_matches(problem, IV_ERROR, IV_ERROR_CLOUD)) {
		g_propagate_error(error, g_steal_pointer(&problem));
		return false;
	}
	iv_access_say(a, "warning: the empty resource share %s could not be removed: %.*s",
		      j->now->holder, (int)strcspn(problem->message, "\n"), problem->message);
	return true;
}

/* --- what came of it ------------------------------------------------------------------------ */

static bool no_stranger(const Journey *j, GError **error)
{
	const IvAccess *a = j->access;

	for (guint i = 0; i < j->now->list->len; i++) {
		const IvCloudTarget *target = j->now->list->pdata[i];

		if (!iv_target_live(target) || iv_unit_live(j->before, target->id) ||
		    (a->change == IV_CLOUD_ADD && g_strv_contains(a->wanted, target->id)))
			continue;
		return iv_fail(error, IV_ERROR_CLOUD,
			       "%s has access to image %s now by the resource share %s; it was not "
			       "asked for, and had none before\n"
			       "somebody else shared the image at the same time, or something is "
			       "wrong: look at the account's resource shares",
			       target->id, a->image_id, target->via);
	}
	return true;
}

/* Why the others than the first failed, a line each, without their remedies: the
 * first one's is enough to begin with. */
static char *further_problems(const Journey *j)
{
	const GPtrArray *missing = j->access->result->missing;
	GString *text = g_string_new(NULL);

	for (guint i = 1; i < missing->len; i++) {
		const IvCloudTarget *target = iv_unit_find(j->now, missing->pdata[i]);

		if (target != NULL && target->problem != NULL)
			g_string_append_printf(text, "\n%s did not get it either: %.*s", target->id,
					       (int)strcspn(target->problem, "\n"),
					       target->problem);
	}
	return g_string_free(text, FALSE);
}

static bool none_missing(const Journey *j, GError **error)
{
	const IvAccess *a = j->access;
	const IvCloudTarget *target;
	g_autofree char *further = NULL;
	const char *unit;

	if (a->result->missing->len == 0)
		return true;
	further = further_problems(j);
	unit = a->result->missing->pdata[0];
	target = iv_unit_find(j->now, unit);
	if (target != NULL && target->problem != NULL)
		return iv_fail(error, IV_ERROR_CLOUD, "%s did not get image %s: %s%s", unit,
			       a->image_id, target->problem, further);
	if (target != NULL && iv_unit_moving(j->now, unit))
		return iv_fail(error, IV_ERROR_CLOUD,
			       "the cloud is not done yet with %s, which is still to %s image %s\n"
			       "run the same command again, with a longer --deadline if need be",
			       unit, a->change == IV_CLOUD_ADD ? "get" : "lose", a->image_id);
	return iv_fail(error, IV_ERROR_CLOUD,
		       "the cloud reported success, and still %s has %saccess to image %s\n"
		       "run the same command again",
		       unit, a->change == IV_CLOUD_ADD ? "no " : "", a->image_id);
}

/* After a failure: what is there, so that the result tells it. */
static void look_back(Journey *j)
{
	if (j->access->result->calls->len == 0)
		return;
	j->access->result->known = look_again(j, NULL, NULL);
	if (j->access->result->known)
		iv_units_sort(j->access, j->before, j->now);
	else
		iv_access_say(j->access, "it is not known who has access now: look at the "
					 "account's resource shares");
}

static bool arrive(Journey *j, GError **error)
{
	IvShareResult *result = j->access->result;

	/* From the beginning: also what is in share objects that were not there then. */
	if (result->calls->len > 0 && !look_again(j, NULL, error)) {
		g_prefix_error(error, "what was done could not be verified: ");
		return false;
	}
	iv_units_sort(j->access, j->before, j->now);
	result->known = true;
	result->verified = no_stranger(j, error) && none_missing(j, error);
	return result->verified && drop_holder(j, error);
}

/* A second batch goes to what the first would make. */
static void pretend(Journey *j)
{
	g_autoptr(IvTargets) next = NULL;

	for (;;) {
		const IvTargets *now = next != NULL ? next : j->before;
		g_autoptr(GPtrArray) units = next_units(j, now);

		if (units->len == 1)
			return;
		note_call(j, now, (const char *const *)units->pdata);
		for (guint i = 0; i + 1 < units->len; i++)
			g_hash_table_add(j->sent, units->pdata[i]);
		if (now->holder == NULL) {
			next = iv_targets_new();
			next->holder = g_strdup("(the-one-made-before)");
			next->held = true;
		}
	}
}

bool iv_organization_run(IvAccess *access, const IvTargets *before, gint64 deadline, GError **error)
{
	g_autoptr(GHashTable) sent = g_hash_table_new(g_str_hash, g_str_equal);
	gint64 until = g_get_monotonic_time() + (gint64)IV_SHARE_ASSOCIATION_MS * 1000;
	Journey j = {.access = access,
		     .before = before,
		     .now = before,
		     .sent = sent,
		     .until = deadline != 0 ? MIN(until, deadline) : until,
		     .wait_ms = IV_SHARE_ASSOCIATION_POLL_MS};
	bool ok;

	if (access->dry_run) {
		pretend(&j);
		return true;
	}
	ok = travel(&j, error);
	if (ok)
		ok = arrive(&j, error);
	else
		look_back(&j);
	iv_targets_free(j.own);
	return ok;
}
