/* organization.c - who has an image by an organization, and whether that may be changed as asked.
 * See organization.h and organization_inside.h. */
#include "share/access/organization_inside.h"

#include <string.h>

#include "scanner/base/error.h"

/* --- what is known ------------------------------------------------------------------------ */

const IvCloudTarget *iv_unit_find(const IvTargets *targets, const char *id)
{
	const IvCloudTarget *found = NULL;

	for (guint i = 0; i < targets->list->len; i++) {
		const IvCloudTarget *target = targets->list->pdata[i];

		if (strcmp(target->id, id) == 0 && (found == NULL || target->state > found->state))
			found = target;
	}
	return found;
}

bool iv_unit_live(const IvTargets *targets, const char *id)
{
	const IvCloudTarget *target = iv_unit_find(targets, id);

	return target != NULL && iv_target_live(target);
}

bool iv_unit_settled(const IvAccess *a, const IvTargets *targets, const char *id)
{
	const IvCloudTarget *target = iv_unit_find(targets, id);

	if (a->change == IV_CLOUD_ADD)
		return target != NULL && target->state == IV_TARGET_THERE;
	return target == NULL || !iv_target_live(target);
}

bool iv_unit_moving(const IvTargets *targets, const char *id)
{
	const IvCloudTarget *target = iv_unit_find(targets, id);

	return target != NULL &&
	       (target->state == IV_TARGET_PENDING || target->state == IV_TARGET_LEAVING);
}

IvTargets *iv_units_read(const IvAccess *a, const IvTargets *earlier, GError **error)
{
	IvCallTrace trace = {0};
	IvTargets *targets = a->cloud->ops->organization->targets(a->cloud, a->image_id, earlier,
								  &trace, error);

	iv_call_trace_clear(&trace);
	return targets;
}

/* --- may it be done ----------------------------------------------------------------------- */

/* The holder must reach nobody and hold nothing that was not asked for. */
static bool may_add(const IvAccess *a, const IvTargets *now, GError **error)
{
	GHashTableIter each;
	gpointer unit;

	if (now->stranger != NULL)
		return iv_fail(error, IV_ERROR_REFUSED,
			       "the resource share %s, kept for image %s, holds %s too, which the "
			       "units would get with it\n"
			       "take that out of it, then share again",
			       now->holder, a->image_id, now->stranger);
	g_hash_table_iter_init(&each, now->associated);
	while (!now->held && g_hash_table_iter_next(&each, &unit, NULL))
		if (!g_strv_contains(a->wanted, unit))
			return iv_fail(error, IV_ERROR_REFUSED,
				       "the resource share %s, kept for image %s, names %s, which "
				       "was not asked for and would get it\n"
				       "take that out of it, then share again",
				       now->holder, a->image_id, (const char *)unit);
	return true;
}

/* What somebody else made may hold more than this image. */
static bool may_remove(const IvAccess *a, const IvTargets *now, GError **error)
{
	for (guint i = 0; i < now->list->len; i++) {
		const IvCloudTarget *target = now->list->pdata[i];

		if (target->state >= IV_TARGET_PENDING && g_strv_contains(a->wanted, target->id) &&
		    (!target->ours || now->stranger != NULL))
			return iv_fail(error, IV_ERROR_REFUSED,
				       "%s has image %s by the resource share %s, which is not "
				       "for this image alone or was not made by imgvet\n"
				       "take the image, or the unit, out of it where it was made",
				       target->id, a->image_id, target->via);
	}
	return true;
}

bool iv_units_may(const IvAccess *a, const IvTargets *now, GError **error)
{
	return a->change == IV_CLOUD_ADD ? may_add(a, now, error) : may_remove(a, now, error);
}

void iv_units_sort(IvAccess *a, const IvTargets *before, const IvTargets *now)
{
	IvShareResult *result = a->result;

	g_ptr_array_set_size(result->changed, 0);
	g_ptr_array_set_size(result->missing, 0);
	for (guint i = 0; a->wanted[i] != NULL; i++)
		if (!iv_unit_settled(a, now, a->wanted[i]))
			g_ptr_array_add(result->missing, g_strdup(a->wanted[i]));
		else if (!iv_unit_settled(a, before, a->wanted[i]))
			g_ptr_array_add(result->changed, g_strdup(a->wanted[i]));
}

bool iv_organization_read(IvAccess *a, IvTargets **before, GError **error)
{
	if (a->cloud->ops->organization == NULL)
		return iv_fail(error, IV_ERROR_USAGE, "%s does not share with organizations",
			       a->cloud->ops->name);
	*before = iv_units_read(a, NULL, error);
	return *before != NULL;
}

bool iv_organization_want(IvAccess *a, const IvTargets *before, GError **error)
{
	IvShareResult *result = a->result;

	g_ptr_array_set_size(result->already, 0);
	for (guint i = 0; a->wanted[i] != NULL; i++)
		if (iv_unit_settled(a, before, a->wanted[i]))
			g_ptr_array_add(result->already, g_strdup(a->wanted[i]));
	iv_units_sort(a, before, before);
	iv_access_say(a, "%u of %u units are as asked already", result->already->len,
		      g_strv_length((char **)a->wanted));
	return iv_units_may(a, before, error);
}

bool iv_organization_begin(IvAccess *a, IvTargets **before, GError **error)
{
	return iv_organization_read(a, before, error) && iv_organization_want(a, *before, error);
}
