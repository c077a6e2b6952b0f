/* SPDX-License-Identifier: GPL-3.0-or-later */
/* units.c - units of an organization, as a kind of converge.h.
 *
 * The image and its units meet in a share object (share/cloud/organization.h): the
 * holder.  Associations are made in the background, and one that fails says why. */
#include <string.h>

#include "scanner/base/error.h"
#include "share/access/converge.h"
#include "share/base/limits.h"
#include "share/cloud/organization.h"

static const IvOrganizationOps *ops_of(const IvConverge *c)
{
	return c->cloud->ops->organization;
}

/* A second look uses the holder that is known already. */
static IvConvergeState *read_targets(const IvConverge *c, const IvConvergeState *earlier,
				     GError **error)
{
	const IvTargets *known = earlier;
	IvCallTrace trace = {0};
	IvTargets *targets;

	if (ops_of(c) == NULL) {
		iv_fail(error, IV_ERROR_USAGE, "%s does not share with organizations",
			c->cloud->ops->name);
		return NULL;
	}
	if (known != NULL && known->holder == NULL)
		known = NULL;
	targets = ops_of(c)->targets(c->cloud, c->image_id, known, &trace, error);
	iv_call_trace_clear(&trace);
	return targets;
}

static void free_targets(IvConvergeState *state)
{
	iv_targets_free(state);
}

/* The strongest of a unit's associations; NULL: none. */
static const IvCloudTarget *find(const IvTargets *targets, const char *id)
{
	const IvCloudTarget *found = NULL;

	for (guint i = 0; i < targets->list->len; i++) {
		const IvCloudTarget *target = targets->list->pdata[i];

		if (strcmp(target->id, id) == 0 && (found == NULL || target->state > found->state))
			found = target;
	}
	return found;
}

static bool live(const IvTargets *targets, const char *id)
{
	const IvCloudTarget *target = find(targets, id);

	return target != NULL && iv_target_live(target);
}

static bool settled(const IvConverge *c, const IvConvergeState *targets, const char *id)
{
	const IvCloudTarget *target = find(targets, id);

	if (c->change == IV_CLOUD_ADD)
		return target != NULL && target->state == IV_TARGET_THERE;
	return target == NULL || !iv_target_live(target);
}

static bool moving(const IvConvergeState *targets, const char *id)
{
	const IvCloudTarget *target = find(targets, id);

	return target != NULL &&
	       (target->state == IV_TARGET_PENDING || target->state == IV_TARGET_LEAVING);
}

static bool failed(const IvConvergeState *targets, const char *id)
{
	const IvCloudTarget *target = find(targets, id);

	return target != NULL && target->state == IV_TARGET_FAILED;
}

/* --- may it be done ------------------------------------------------------------------------ */

/* The holder must reach nobody and contain nothing that was not asked for. */
static bool may_add(const IvConverge *c, const IvTargets *now, GError **error)
{
	GHashTableIter each;
	gpointer unit;

	if (now->stranger != NULL)
		return iv_fail(error, IV_ERROR_REFUSED,
			       "the resource share %s, kept for image %s, holds %s too, which the "
			       "units would get with it\n"
			       "take that out of it, then share again",
			       now->holder, c->image_id, now->stranger);
	g_hash_table_iter_init(&each, now->associated);
	while (!now->held && g_hash_table_iter_next(&each, &unit, NULL))
		if (!g_strv_contains(c->wanted, unit))
			return iv_fail(error, IV_ERROR_REFUSED,
				       "the resource share %s, kept for image %s, names %s, which "
				       "was not asked for and would get it\n"
				       "take that out of it, then share again",
				       now->holder, c->image_id, (const char *)unit);
	return true;
}

/* What somebody else made may contain more than this image. */
static bool may_remove(const IvConverge *c, const IvTargets *now, GError **error)
{
	for (guint i = 0; i < now->list->len; i++) {
		const IvCloudTarget *target = now->list->pdata[i];

		if (target->state >= IV_TARGET_PENDING && g_strv_contains(c->wanted, target->id) &&
		    (!target->ours || now->stranger != NULL))
			return iv_fail(error, IV_ERROR_REFUSED,
				       "%s has image %s by the resource share %s, which is not "
				       "for this image alone or was not made by imgvet\n"
				       "take the image, or the unit, out of it where it was made",
				       target->id, c->image_id, target->via);
	}
	return true;
}

static bool may(const IvConverge *c, const IvConvergeState *now, GError **error)
{
	return c->change == IV_CLOUD_ADD ? may_add(c, now, error) : may_remove(c, now, error);
}

/* --- the call ------------------------------------------------------------------------------ */

static guint batch(const IvCloud *cloud)
{
	return cloud->ops->organization->batch;
}

static char *text(const IvConverge *c, const IvConvergeState *now, const char *const *units)
{
	return ops_of(c)->text(c->cloud, c->change, c->image_id, now, units);
}

static bool change(const IvConverge *c, const IvConvergeState *now, const char *const *units,
		   IvCallTrace *trace, GError **error)
{
	return ops_of(c)->change(c->cloud, c->change, c->image_id, now, units, trace, error);
}

static void about(IvRecordSubject *subject, const char *const *units)
{
	subject->organizations = units;
}

/* A second batch goes to the holder that the first one would make. */
static IvConvergeState *pretend(const IvConvergeState *state)
{
	const IvTargets *now = state;
	IvTargets *next;

	if (now->holder != NULL)
		return NULL;
	next = iv_targets_new();
	next->holder = g_strdup("(the-one-made-before)");
	next->held = true;
	for (guint i = 0; i < now->list->len; i++) {
		const IvCloudTarget *target = now->list->pdata[i];

		iv_targets_add(next, target->id, target->via)->state = target->state;
	}
	return next;
}

/* --- a holder that reaches nobody ------------------------------------------------------------- */

static bool to_be_dropped(const IvConverge *c)
{
	const IvTargets *now = c->now;

	return c->change == IV_CLOUD_REMOVE && now->holder != NULL && now->stranger == NULL &&
	       g_hash_table_size(now->associated) == 0;
}

/* If it stays that is harmless, so a refusal by the cloud is only a warning. */
static bool drop_holder(IvConverge *c, GError **error)
{
	g_autoptr(GError) problem = NULL;
	IvCallTrace trace = {0};
	bool ok;

	if (!to_be_dropped(c))
		return true;
	iv_converge_note(c, text(c, c->now, NULL));
	ok = ops_of(c)->drop(c->cloud, c->now, &trace, &problem);
	ok = ok || (trace.again && iv_converge_look(c, NULL, NULL) && !to_be_dropped(c));
	iv_call_trace_clear(&trace);
	if (ok)
		return true;
	if (!g_error_matches(problem, IV_ERROR, IV_ERROR_CLOUD)) {
		g_propagate_error(error, g_steal_pointer(&problem));
		return false;
	}
	iv_converge_say(c, "warning: the empty resource share %s could not be removed: %.*s",
			((const IvTargets *)c->now)->holder, (int)strcspn(problem->message, "\n"),
			problem->message);
	return true;
}

/* --- what is wrong --------------------------------------------------------------------------- */

static bool no_stranger(const IvConverge *c, const IvConvergeState *state, GError **error)
{
	const IvTargets *now = state;

	for (guint i = 0; i < now->list->len; i++) {
		const IvCloudTarget *target = now->list->pdata[i];

		if (!iv_target_live(target) || live(c->before, target->id) ||
		    (c->change == IV_CLOUD_ADD && g_strv_contains(c->wanted, target->id)))
			continue;
		return iv_fail(error, IV_ERROR_CLOUD,
			       "%s has access to image %s now by the resource share %s; it was not "
			       "asked for, and had none before\n"
			       "somebody else shared the image at the same time, or something is "
			       "wrong: look at the account's resource shares",
			       target->id, c->image_id, target->via);
	}
	return true;
}

/* Why the others failed, a line each, without their remedies: the first one's is enough to begin
 * with. */
static char *further_problems(const IvConverge *c, const IvTargets *now)
{
	const GPtrArray *missing = c->result->missing;
	GString *lines = g_string_new(NULL);

	for (guint i = 1; i < missing->len; i++) {
		const IvCloudTarget *target = find(now, missing->pdata[i]);

		if (target != NULL && target->problem != NULL)
			g_string_append_printf(lines, "\n%s did not get it either: %.*s",
					       target->id, (int)strcspn(target->problem, "\n"),
					       target->problem);
	}
	return g_string_free(lines, FALSE);
}

static bool report_missing(const IvConverge *c, const IvConvergeState *now, GError **error)
{
	const char *unit = c->result->missing->pdata[0];
	const IvCloudTarget *target = find(now, unit);
	g_autofree char *further = further_problems(c, now);

	if (target != NULL && target->problem != NULL)
		return iv_fail(error, IV_ERROR_CLOUD, "%s did not get image %s: %s%s", unit,
			       c->image_id, target->problem, further);
	if (moving(now, unit))
		return iv_fail(error, IV_ERROR_CLOUD,
			       "the cloud is not done yet with %s, which is still to %s image %s\n"
			       "run the same command again, with a longer --deadline if need be",
			       unit, c->change == IV_CLOUD_ADD ? "get" : "lose", c->image_id);
	return iv_fail(error, IV_ERROR_CLOUD,
		       "the cloud reported success, and still %s has %saccess to image %s\n"
		       "run the same command again",
		       unit, c->change == IV_CLOUD_ADD ? "no " : "", c->image_id);
}

const IvConvergeKind iv_converge_units = {
	.read = read_targets,
	.free = free_targets,
	.settled = settled,
	.moving = moving,
	.failed = failed,
	.may = may,
	.batch = batch,
	.text = text,
	.change = change,
	.about = about,
	.pretend = pretend,
	.background = true,
	.wait_ms = IV_SHARE_ASSOCIATION_MS,
	.pause_ms = IV_SHARE_ASSOCIATION_POLL_MS,
	.pause_max_ms = IV_SHARE_ASSOCIATION_POLL_MAX_MS,
	.verify_reads = 1,
	.no_stranger = no_stranger,
	.report_missing = report_missing,
	.clear_up = drop_holder,
	.done = {[IV_CLOUD_ADD] = "the image was shared",
		 [IV_CLOUD_REMOVE] = "the image was taken back"},
	.where = "the account's resource shares",
};
