/*
 * public.h - community images, for the table IvCloudOps.
 */
#ifndef IV_SHARE_ALIBABA_ECS_PUBLIC_H
#define IV_SHARE_ALIBABA_ECS_PUBLIC_H

#include "share/cloud/cloud.h"

bool iv_alibaba_publish(IvCloud *cloud, const char *image_id, bool on, IvCallTrace *trace,
			GError **error);
char *iv_alibaba_publish_text(const IvCloud *cloud, const char *image_id, bool on);

#endif
