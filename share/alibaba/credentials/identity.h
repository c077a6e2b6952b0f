/*
 * identity.h - whose credentials these are, for the table IvCloudOps.
 */
#ifndef IV_SHARE_ALIBABA_CREDENTIALS_IDENTITY_H
#define IV_SHARE_ALIBABA_CREDENTIALS_IDENTITY_H

#include "share/cloud/cloud.h"

IvCloudIdentity *iv_alibaba_identity(IvCloud *cloud, GError **error);

#endif
