/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ram.h - roles: who may assume one, read from its trust policy.
 *
 * Sources: RAM API 2015-05-01, GetRole; the user guide's "Policy structure and
 * syntax" and "Edit the trust policy of a RAM role".  A service is written as a
 * host name; with an account id and '@' before it, it is that service acting for
 * that account.
 */
#ifndef IV_SHARE_ALIBABA_PREFLIGHT_RAM_H
#define IV_SHARE_ALIBABA_PREFLIGHT_RAM_H

#include <glib.h>
#include <stdbool.h>

#include "scanner/base/cjson.h"
#include "scanner/base/error.h"

/* Lets another account's ECS use the keys of encrypted images; the name is fixed. */
#define IV_RAM_SHARE_ROLE "AliyunECSShareEncryptImageDefaultRole"
#define IV_RAM_ECS	  "ecs.aliyuncs.com"

/* What a trust policy says of ECS. */
typedef struct {
	GHashTable *accounts; /* set of char *: whose ECS may assume the role */
	bool plain;	      /* "ecs.aliyuncs.com" is named: the ECS of the role's own account */
	/* Why it is not known what it allows (a Deny, a condition, a form that is not
	 * known), or NULL: it says what `accounts` holds, no more and no less. */
	const char *unclear;
} IvTrust;

/* Never NULL; an invalid document is unclear. */
IvTrust *iv_ram_read_trust(const char *document);
void iv_ram_trust_free(IvTrust *trust);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvTrust, iv_ram_trust_free)

/* The answer of GetRole; NULL with IV_ERROR_CLOUD when it is not about that role. */
IV_MUST_CHECK
IvTrust *iv_ram_read_role(const cJSON *answer, const char *name, GError **error);

#endif
