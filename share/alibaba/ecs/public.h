/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * public.h - community images, for the table IvCloudOps.
 */
#ifndef IV_SHARE_ALIBABA_ECS_PUBLIC_H
#define IV_SHARE_ALIBABA_ECS_PUBLIC_H

#include "scanner/base/error.h"
#include "share/cloud/cloud.h"

IV_MUST_CHECK
bool iv_alibaba_publish(IvCloud *cloud, const char *image_id, bool on, IvCallTrace *trace,
			GError **error);
char *iv_alibaba_publish_text(const IvCloud *cloud, const char *image_id, bool on);

#endif
