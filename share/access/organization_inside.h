/*
 * organization_inside.h - what organization.c knows of units, for
 * organization_run.c.
 */
#ifndef IV_SHARE_ACCESS_ORGANIZATION_INSIDE_H
#define IV_SHARE_ACCESS_ORGANIZATION_INSIDE_H

#include "share/access/organization.h"

/* The strongest of a unit's associations; NULL: none. */
const IvCloudTarget *iv_unit_find(const IvTargets *targets, const char *id);
/* Has it the image, or may it have it? */
bool iv_unit_live(const IvTargets *targets, const char *id);
/* Is it as the change wants it?  Is something under way? */
bool iv_unit_settled(const IvAccess *access, const IvTargets *targets, const char *id);
bool iv_unit_moving(const IvTargets *targets, const char *id);

/* `earlier` as in IvOrganizationOps.targets. */
IvTargets *iv_units_read(const IvAccess *access, const IvTargets *earlier, GError **error);
/* IV_ERROR_REFUSED when the change would reach what was not asked for. */
bool iv_units_may(const IvAccess *access, const IvTargets *now, GError **error);
/* result->changed and ->missing. */
void iv_units_sort(IvAccess *access, const IvTargets *before, const IvTargets *now);

#endif
