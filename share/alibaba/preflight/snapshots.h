/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * snapshots.h - which key each snapshot of an image is encrypted with:
 * DescribeSnapshots (ECS 2014-05-26), paged with NextToken.
 */
#ifndef IV_SHARE_ALIBABA_PREFLIGHT_SNAPSHOTS_H
#define IV_SHARE_ALIBABA_PREFLIGHT_SNAPSHOTS_H

#include <glib.h>
#include <stdbool.h>

#include "scanner/base/cjson.h"
#include "scanner/base/error.h"

/* Put one page's snapshots into `keys`: the key of each id in it.  An id has the value "" before,
 * and keeps it when its snapshot names no key.  *next gets the token of the next page, or NULL:
 * free it.  False with IV_ERROR_CLOUD for an answer that is not one to this question. */
IV_MUST_CHECK
bool iv_ecs_read_snapshots(const cJSON *answer, GHashTable *keys, char **next, GError **error);

#endif
