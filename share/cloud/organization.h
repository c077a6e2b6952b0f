/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * organization.h - sharing with units of an organization (all of it, or a folder of it): what a
 * cloud offers for it.  A table beside IvCloudOps, with the same rules (cloud.h).
 *
 * A cloud associates image and units in an object of its own, here a share
 * object.  imgvet keeps one for each image, by a name made from the image's id, so
 * that it finds it again after any interruption.  Others may have made more of
 * them; those count for who has the image, and are never changed.
 *
 * Associations are made in the background: they are waited for, with a limit (share/base/limits.h),
 * and one that fails says why.
 */
#ifndef IV_SHARE_CLOUD_ORGANIZATION_H
#define IV_SHARE_CLOUD_ORGANIZATION_H

#include "share/cloud/cloud.h"

/* From the weakest to the strongest. */
typedef enum {
	IV_TARGET_FAILED,  /* was to get the image, and did not */
	IV_TARGET_LEAVING, /* may still have it, and will lose it */
	IV_TARGET_PENDING, /* will have it */
	IV_TARGET_THERE,
} IvTargetState;

typedef struct {
	char *id;  /* of a unit, or an account */
	char *via; /* id of the share object */
	bool ours; /* that is the one that imgvet keeps */
	IvTargetState state;
	char *problem; /* of a failed one: why, then a line break and what to do; else NULL */
} IvCloudTarget;

/* Who has one image in this way. */
typedef struct {
	GPtrArray *list;  /* IvCloudTarget *; one that two share objects reach is in it twice */
	char *holder;	  /* id of the share object that imgvet keeps; NULL: there is none yet */
	bool held;	  /* the image is in it, or about to be */
	GHashTable *associated; /* set of char *: units and accounts in it, with or without the image */
	char *stranger;	  /* something else that is in it, printable; NULL: nothing */
} IvTargets;

IvTargets *iv_targets_new(void);
IvCloudTarget *iv_targets_add(IvTargets *targets, const char *id, const char *via);
void iv_targets_free(IvTargets *targets);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvTargets, iv_targets_free)

/* Does it have the image, or may it? */
static inline bool iv_target_live(const IvCloudTarget *target)
{
	return target->state != IV_TARGET_FAILED;
}

typedef struct IvOrganizationOps {
	guint batch; /* units that one call takes */

	/* `earlier`: an answer of this to look at again, whose holder and stranger
	 * are taken as they were; NULL: look at all. */
	IvTargets *(*targets)(IvCloud *cloud, const char *image_id, const IvTargets *earlier,
			      IvCallTrace *trace, GError **error);
	/* Give at most `batch` units the image by the holder, which is made when there is none, or
	 * take it from them.  `now`: the state read before. */
	bool (*change)(IvCloud *cloud, IvCloudChange change, const char *image_id,
		       const IvTargets *now, const char *const *units, IvCallTrace *trace,
		       GError **error);
	/* Remove the holder, which reaches nobody any more. */
	bool (*drop)(IvCloud *cloud, const IvTargets *now, IvCallTrace *trace, GError **error);
	/* change(), or with `units` NULL drop(), as the documentation writes them. */
	char *(*text)(const IvCloud *cloud, IvCloudChange change, const char *image_id,
		      const IvTargets *now, const char *const *units);

	/* Every account of a unit, its folders' too: set of char *.  NULL without an
	 * error: not known, and *why says so in words. */
	GHashTable *(*members)(IvCloud *cloud, const char *unit, char **why, GError **error);
	/* Who has or will get any of this account's images in this region in this way: IvTargets *
	 * by image id, with only the lists filled. */
	GHashTable *(*all)(IvCloud *cloud, GError **error);
} IvOrganizationOps;

/* Whoever has the image in this way, or may have it: each once, sorted.  Free with
 * g_strfreev(). */
GStrv iv_targets_ids(const IvTargets *targets);

#endif
