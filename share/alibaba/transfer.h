/*
 * transfer.h - the table of share/transfer.h for Alibaba Cloud: tasks of ECS
 * (ecs_tasks.h), objects of OSS (oss.h).
 */
#ifndef IV_SHARE_ALIBABA_TRANSFER_H
#define IV_SHARE_ALIBABA_TRANSFER_H

#include "share/transfer.h"

extern const IvTransferOps iv_alibaba_transfer;

#endif
