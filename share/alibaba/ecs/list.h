/*
 * list.h - regions, and all own images of one region, for the table IvCloudOps.
 */
#ifndef IV_SHARE_ALIBABA_ECS_LIST_H
#define IV_SHARE_ALIBABA_ECS_LIST_H

#include "share/cloud/cloud.h"

GPtrArray *iv_alibaba_regions(IvCloud *cloud, GError **error);
GPtrArray *iv_alibaba_images(IvCloud *cloud, GError **error);

#endif
