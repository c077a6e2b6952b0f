/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * transfer.h - the table of share/cloud/transfer.h for Alibaba Cloud: tasks of ECS
 * (share/alibaba/ecs/tasks.h), objects of OSS (share/alibaba/oss/oss.h).
 */
#ifndef IV_SHARE_ALIBABA_TRANSFER_H
#define IV_SHARE_ALIBABA_TRANSFER_H

#include "share/cloud/transfer.h"

extern const IvTransferOps iv_alibaba_transfer;

#endif
