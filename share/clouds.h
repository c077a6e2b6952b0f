/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * clouds.h - which clouds there are: one today.
 */
#ifndef IV_SHARE_CLOUDS_H
#define IV_SHARE_CLOUDS_H

#include "share/cloud/cloud.h"

/* Nothing is sent to the region yet, but credentials may be fetched.
 * IV_ERROR_USAGE for a bad region or endpoint, IV_ERROR_CONFIG without credentials. */
IV_MUST_CHECK
IvCloud *iv_cloud_open(const IvCloudOptions *options, GError **error);
/* The region that the environment or the profile names, else one that certainly exists: for
 * questions that any region can answer.  The caller frees it. */
char *iv_cloud_usual_region(const char *profile);
const IvCloudShapes *iv_cloud_shapes(void);
/* Are these addresses usable (IV_ERROR_USAGE)?  Check this before any is recorded. */
IV_MUST_CHECK
bool iv_cloud_endpoints_ok(const char *const *endpoints, GError **error);

#endif
