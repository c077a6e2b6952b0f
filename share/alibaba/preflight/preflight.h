/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * preflight.h - what this cloud adds to a preflight (share/cloud/preflight.h).
 */
#ifndef IV_SHARE_ALIBABA_PREFLIGHT_PREFLIGHT_H
#define IV_SHARE_ALIBABA_PREFLIGHT_PREFLIGHT_H

#include "scanner/base/error.h"
#include "share/cloud/cloud.h"
#include "share/cloud/preflight.h"

IV_MUST_CHECK
bool iv_alibaba_preflight(IvCloud *cloud, const IvCloudQuestion *question, IvPreflight *preflight,
			  GError **error);

#endif
