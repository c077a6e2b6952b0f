/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * keys.h - the lines of a preflight about an encrypted image.
 * Internal to share/alibaba/preflight/.
 */
#ifndef IV_SHARE_ALIBABA_PREFLIGHT_KEYS_H
#define IV_SHARE_ALIBABA_PREFLIGHT_KEYS_H

#include "scanner/base/error.h"
#include "share/alibaba/call/account.h"
#include "share/cloud/preflight.h"

typedef struct {
	IvAlibaba *a;
	const IvCloudQuestion *question;
	IvPreflight *preflight;
} IvKeyLook;

/* keys.c: KEY_KIND and KEY_STATE of every key of the image */
IV_MUST_CHECK
bool iv_alibaba_look_keys(const IvKeyLook *look, GError **error);
/* trust.c: KEY_TRUST */
IV_MUST_CHECK
bool iv_alibaba_look_trust(const IvKeyLook *look, GError **error);

#endif
