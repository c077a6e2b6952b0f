/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * list.h - regions, and all own images of one region, for the table IvCloudOps.
 */
#ifndef IV_SHARE_ALIBABA_ECS_LIST_H
#define IV_SHARE_ALIBABA_ECS_LIST_H

#include "scanner/base/error.h"
#include "share/cloud/cloud.h"

IV_MUST_CHECK
GPtrArray *iv_alibaba_regions(IvCloud *cloud, GError **error);
IV_MUST_CHECK
GPtrArray *iv_alibaba_images(IvCloud *cloud, GError **error);

#endif
