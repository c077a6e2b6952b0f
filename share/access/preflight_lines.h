/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * preflight_lines.h - the lines of a preflight that are the same for every cloud.
 */
#ifndef IV_SHARE_ACCESS_PREFLIGHT_LINES_H
#define IV_SHARE_ACCESS_PREFLIGHT_LINES_H

#include "scanner/base/error.h"
#include "share/cloud/cloud.h"
#include "share/cloud/preflight.h"
#include "share/gate/gate.h"

/* RECEIVERS and POLICY: the pass is for this image and each of the receivers. */
void iv_preflight_pass(IvPreflight *preflight, const IvPass *pass,
		       const IvCloudQuestion *question);
/* CREDENTIALS and OWN_ACCOUNT; `identity` is NULL where it is not known, for the
 * reason of `problem`. */
void iv_preflight_identity(IvPreflight *preflight, const IvCloudIdentity *identity,
			   const GError *problem, const IvCloudQuestion *question);
/* IMAGE, and when there is one OWNER, STATE, PUBLIC and DATA_DISKS: of the disks,
 * the report covers the system disk, and the pass what the policy accepts. */
void iv_preflight_image(IvPreflight *preflight, const IvPass *pass,
			const IvCloudQuestion *question);
/* REACH and OTHER_WAY, which take calls to the cloud; `list`: who has the image by account.  False
 * only when nothing more may be asked. */
IV_MUST_CHECK
bool iv_preflight_organization(IvPreflight *preflight, IvCloud *cloud, const IvReceiverList *list,
			       const IvCloudQuestion *question, GError **error);
/* EVERYBODY and QUOTA, from who has the image already.  `usual`: the accounts of
 * one image unless more were granted; 0: not known. */
void iv_preflight_receivers(IvPreflight *preflight, const IvReceiverList *list, guint usual,
			    const IvCloudQuestion *question);

#endif
