/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * instance.h - the ECS instance that this program runs on, out of the metadata
 * service, and disks that come and go there (ECS 2014-05-26: CreateDisk,
 * DescribeDisks, AttachDisk, DetachDisk, DeleteDisk).
 *
 * Source: ECS user guide "Instance metadata" (v2: a token by PUT, then GET),
 * API reference of the calls.
 */
#ifndef IV_SHARE_ALIBABA_ECS_INSTANCE_H
#define IV_SHARE_ALIBABA_ECS_INSTANCE_H

#include "scanner/base/cjson.h"
#include "scanner/base/error.h"
#include "share/cloud/cloud.h"
#include "share/cloud/transfer.h"

IV_MUST_CHECK
IvCloudInstance *iv_alibaba_instance(IvCloud *cloud, GError **error);

IV_MUST_CHECK
bool iv_alibaba_disk_make(IvCloud *cloud, const IvCloudDiskWish *wish, char **disk,
			  IvCallTrace *trace, GError **error);
IV_MUST_CHECK
bool iv_alibaba_disk(IvCloud *cloud, const char *id, IvCloudVolume **volume, GError **error);
IV_MUST_CHECK
GPtrArray *iv_alibaba_disks_tagged(IvCloud *cloud, const IvCloudTag *tag, GError **error);
IV_MUST_CHECK
bool iv_alibaba_disk_change(IvCloud *cloud, IvCloudDiskChange change, const char *instance,
			    const char *disk, IvCallTrace *trace, GError **error);

/* --- the part that reads an answer, apart so that it can be tested alone ------------- */

/* DescribeDisks: volumes (IvCloudVolume *) of one page. */
IV_MUST_CHECK
bool iv_ecs_read_disks(const cJSON *answer, GPtrArray *volumes, guint *total, GError **error);

#endif
