/*
 * organization.h - how the units of an organization that have an image come to an
 * asked state.  What they are, and what a cloud offers for it: share/cloud/organization.h.
 */
#ifndef IV_SHARE_ACCESS_ORGANIZATION_H
#define IV_SHARE_ACCESS_ORGANIZATION_H

#include "share/access/access.h"
#include "share/cloud/organization.h"

/* Read who has the image (access->wanted are units), into *before,
 * result->already and ->missing.  IV_ERROR_REFUSED when the change would reach
 * somebody or something that was not asked for. */
bool iv_organization_begin(IvAccess *access, IvTargets **before, GError **error);
/* The same in two steps, for whoever learns from *before whom to ask for: read;
 * then set access->wanted, and ask. */
bool iv_organization_read(IvAccess *access, IvTargets **before, GError **error);
bool iv_organization_want(IvAccess *access, const IvTargets *before, GError **error);
/* Bring the units to the asked state (a dry run: only list the calls), wait, and
 * read back: result->changed, ->missing, ->verified.  deadline: monotonic
 * microseconds, 0: none. */
bool iv_organization_run(IvAccess *access, const IvTargets *before, gint64 deadline,
			 GError **error);

#endif
