/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * kms.h - keys: in which state one is, and whether it is ECS's own.
 *
 * Source: KMS API 2016-01-20, DescribeKey and ListAliasesByKeyId.  The key that
 * ECS makes for itself in an account has the alias alias/acs/ecs.
 */
#ifndef IV_SHARE_ALIBABA_PREFLIGHT_KMS_H
#define IV_SHARE_ALIBABA_PREFLIGHT_KMS_H

#include <glib.h>
#include <stdbool.h>

#include "scanner/base/cjson.h"
#include "scanner/base/error.h"

#define IV_KMS_SERVICE_ALIAS "alias/acs/ecs"

typedef enum {
	IV_KMS_OWN,	/* made by the account */
	IV_KMS_SERVICE, /* ECS's own: images that it encrypts cannot be shared */
	IV_KMS_UNSURE,	/* not all aliases were listed */
} IvKeyKind;

/* An id, or the key's full name with ':' and '/' in it; at most 200 characters. */
bool iv_kms_key_ok(const char *key);

/* DescribeKey's KeyState, printable ("Enabled"): free it.  NULL with
 * IV_ERROR_CLOUD when the answer is not about that key. */
IV_MUST_CHECK
char *iv_kms_read_state(const cJSON *answer, const char *key, GError **error);

/* ListAliasesByKeyId; false with IV_ERROR_CLOUD when it is not about that key. */
IV_MUST_CHECK
bool iv_kms_read_kind(const cJSON *answer, const char *key, IvKeyKind *kind, GError **error);

#endif
