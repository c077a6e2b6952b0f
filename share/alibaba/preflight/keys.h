/*
 * keys.h - the lines of a preflight about an encrypted image.
 * Internal to share/alibaba/.
 */
#ifndef IV_SHARE_ALIBABA_PREFLIGHT_KEYS_H
#define IV_SHARE_ALIBABA_PREFLIGHT_KEYS_H

#include "share/alibaba/call/account.h"
#include "share/cloud/preflight.h"

typedef struct {
	IvAlibaba *a;
	const IvCloudQuestion *question;
	IvPreflight *preflight;
} IvKeyLook;

/* Ask, as far as one may.  NULL without an error: it is not known, and *why says
 * so in words ("the credentials lack the right kms:DescribeKey
 * (Forbidden.RAM)"), *code is the cloud's.  With an error: nothing more may be
 * asked (a call that cannot be recorded). */
cJSON *iv_alibaba_may_ask(IvAlibaba *a, const IvAlibabaCall *call, char **why, char **code,
			  GError **error);

/* keys.c: KEY_KIND and KEY_STATE of every key of the image */
bool iv_alibaba_look_keys(const IvKeyLook *look, GError **error);
/* trust.c: KEY_TRUST */
bool iv_alibaba_look_trust(const IvKeyLook *look, GError **error);

#endif
