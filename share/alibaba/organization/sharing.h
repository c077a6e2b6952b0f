/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sharing.h - ResourceSharing, API version 2020-01-10: reading what its lists answer, and the name
 * of an image's resource share.  The calls are in organization.c.
 *
 * Sources: the pages of ListResourceShares and ListResourceShareAssociations. Both are plain arrays
 * beside a NextToken, which is absent or empty at the end; a page may be empty with a token.
 * Associations that failed or ended stay in the lists for 48 to 96 hours.
 */
#ifndef IV_SHARE_ALIBABA_ORGANIZATION_SHARING_H
#define IV_SHARE_ALIBABA_ORGANIZATION_SHARING_H

#include "scanner/base/cjson.h"
#include "scanner/base/error.h"
#include "share/cloud/organization.h"

/* A resource, or a target, in a resource share: what the cloud calls an association. */
typedef struct {
	char *share;  /* "rs-..." */
	char *entity; /* id of the resource or the target */
	bool image;   /* the entity is an image */
	IvTargetState state;
	char *problem; /* as in IvCloudTarget */
} IvAssociation;

typedef enum { IV_ASSOCIATION_RESOURCE, IV_ASSOCIATION_TARGET } IvAssociationKind;

GPtrArray *iv_associations_new(void); /* of IvAssociation * */

/* "Resource", "Target": AssociationType. */
const char *iv_association_word(IvAssociationKind kind);

/* "imgvet-m-...": the name is what it is found by. */
char *iv_sharing_name(const char *image_id);

/* Put a page's associations into the list, but for those that ended; *token becomes that of
 * the next page or NULL.  `share`, `entity`: asked for, or NULL: any. */
IV_MUST_CHECK
bool iv_sharing_read_associations(const cJSON *answer, IvAssociationKind kind, const char *entity, GPtrArray *associations,
			  char **token, GError **error);

/* *id becomes that of the share of this name that is in use, if the page has it. */
IV_MUST_CHECK
bool iv_sharing_read_shares(const cJSON *answer, const char *name, char **id, char **token,
			    GError **error);

/* What a failed association means and what to do, a line each; `words` are the cloud's. */
char *iv_sharing_problem(const char *reason, const char *words);

/* Who has the image: its associations as a resource, and those of all targets in the same
 * shares.  targets->holder is set already, or NULL. */
void iv_sharing_join(IvTargets *targets, const char *image_id, const GPtrArray *images,
		     const GPtrArray *others);

#endif
