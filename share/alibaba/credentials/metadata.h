/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * metadata.h - asking the metadata service of the instance that this runs on.
 *
 * Source: ECS user guide "Instance metadata" (version 2: a token by PUT, then
 * GET with it).  Never through a proxy.
 */
#ifndef IV_SHARE_ALIBABA_CREDENTIALS_METADATA_H
#define IV_SHARE_ALIBABA_CREDENTIALS_METADATA_H

#include <stdbool.h>

#include "scanner/base/error.h"
#include "share/http/http.h"

/* One exchange; `header`: "name: value" or NULL, wiped after use. */
IV_MUST_CHECK
IvHttpAnswer *iv_metadata_ask(const IvEndpoint *endpoint, const char *method, const char *target,
			      const char *header, GError **error);

/* The answer's body when it is a 200 and a single word of ordinary characters, or NULL. */
IV_MUST_CHECK
char *iv_metadata_word(const IvHttpAnswer *answer);

/* "X-aliyun-ecs-metadata-token: ..." of version 2 of the service (wipe it); NULL
 * without an error where it has only version 1 and that is allowed. */
IV_MUST_CHECK
bool iv_metadata_token(const IvEndpoint *endpoint, char **header, GError **error);

#endif
