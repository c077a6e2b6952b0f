/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * alibaba.h - all that the rest of the program may know of Alibaba Cloud:
 * included by share/clouds.c alone.
 */
#ifndef IV_SHARE_ALIBABA_ALIBABA_H
#define IV_SHARE_ALIBABA_ALIBABA_H

#include "scanner/base/error.h"
#include "share/cloud/cloud.h"

IV_MUST_CHECK
IvCloud *iv_alibaba_open(const IvCloudOptions *options, GError **error);
IV_MUST_CHECK
bool iv_alibaba_endpoints_ok(const char *const *endpoints, GError **error);
char *iv_alibaba_usual_region(const char *profile);
extern const IvCloudShapes iv_alibaba_shapes;

#endif
