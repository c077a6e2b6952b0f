/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tasks.h - images through OSS: ExportImage, ImportImage and their tasks
 * (ECS 2014-05-26).
 *
 * ExportImage has no ClientToken, so after a lost answer the task is looked for with DescribeTasks;
 * ImportImage has one.  The name of an exported object is what DescribeTaskAttribute says (related
 * items OSSBucket and OSSObject), never guessed.
 */
#ifndef IV_SHARE_ALIBABA_ECS_TASKS_H
#define IV_SHARE_ALIBABA_ECS_TASKS_H

#include "scanner/base/cjson.h"
#include "scanner/base/error.h"
#include "share/cloud/cloud.h"
#include "share/cloud/transfer.h"

IV_MUST_CHECK
bool iv_alibaba_export(IvCloud *cloud, const char *image_id, const char *bucket, const char *prefix,
		       char **task, IvCallTrace *trace, GError **error);
IV_MUST_CHECK
GPtrArray *iv_alibaba_exports(IvCloud *cloud, const char *image_id, gint64 since,
			      IvCallTrace *trace, GError **error);
IV_MUST_CHECK
IvCloudTask *iv_alibaba_task(IvCloud *cloud, const char *id, IvCallTrace *trace, GError **error);
IV_MUST_CHECK
bool iv_alibaba_import(IvCloud *cloud, const IvCloudImport *import, char **image_id, char **task,
		       IvCallTrace *trace, GError **error);
IV_MUST_CHECK
bool iv_alibaba_tag(IvCloud *cloud, const char *image_id, const IvCloudTag *tags, gsize n,
		    IvCallTrace *trace, GError **error);

/* 1 to 30 letters and digits. */
bool iv_ecs_prefix_ok(const char *prefix);

/* --- the parts that read answers, apart so that they can be tested alone ------------ */

/* An export that was begun. */
typedef struct {
	char *id;
	gint64 created; /* seconds since the epoch */
} IvEcsExport;

void iv_ecs_export_free(gpointer found);

/* DescribeTasks: one page's exports of the image (IvEcsExport *); *total of all tasks. */
IV_MUST_CHECK
bool iv_ecs_read_exports(const cJSON *answer, const char *image_id, gint64 since, GPtrArray *tasks,
			 guint *total, GError **error);
/* DescribeTaskAttribute. */
IV_MUST_CHECK
IvCloudTask *iv_ecs_read_task(const cJSON *answer, const char *id, GError **error);

#endif
