/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * organization.h - the table of share/cloud/organization.h for Alibaba Cloud.
 */
#ifndef IV_SHARE_ALIBABA_ORGANIZATION_ORGANIZATION_H
#define IV_SHARE_ALIBABA_ORGANIZATION_ORGANIZATION_H

#include "share/cloud/organization.h"

extern const IvOrganizationOps iv_alibaba_organization;

#endif
