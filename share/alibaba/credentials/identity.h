/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * identity.h - whose credentials these are, for the table IvCloudOps.
 */
#ifndef IV_SHARE_ALIBABA_CREDENTIALS_IDENTITY_H
#define IV_SHARE_ALIBABA_CREDENTIALS_IDENTITY_H

#include "scanner/base/error.h"
#include "share/cloud/cloud.h"

IV_MUST_CHECK
IvCloudIdentity *iv_alibaba_identity(IvCloud *cloud, GError **error);

#endif
