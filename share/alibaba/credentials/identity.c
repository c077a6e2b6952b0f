/* SPDX-License-Identifier: GPL-3.0-or-later */
/* identity.c - whose credentials these are: STS GetCallerIdentity (2015-04-01).  See identity.h. */
#include "share/alibaba/credentials/identity.h"

#include "share/alibaba/call/account.h"
#include "share/alibaba/call/ids.h"

static IvCloudIdentity *read_identity(const cJSON *answer, GError **error)
{
	const char *account = iv_alibaba_text(answer, "AccountId");
	IvCloudIdentity *identity;

	if (account == NULL || !iv_alibaba_account_ok(account)) {
		iv_alibaba_nonsense(error, "GetCallerIdentity", "it names no account");
		return NULL;
	}
	identity = iv_cloud_identity_new();
	identity->account = g_strdup(account);
	identity->kind = iv_alibaba_printable(answer, "IdentityType");
	identity->name = iv_alibaba_printable(answer, "Arn");
	return identity;
}

IvCloudIdentity *iv_alibaba_identity(IvCloud *cloud, GError **error)
{
	IvAlibaba *a = iv_alibaba(cloud);
	g_autoptr(GPtrArray) none = iv_pairs_new();
	g_autoptr(IvCredentials) used = NULL;
	IvCloudIdentity *identity = NULL;
	IvCallTrace trace = {0};
	cJSON *answer = iv_alibaba_ask(a,
				       &(IvAlibabaCall){.service = IV_ALIBABA_STS,
							.action = "GetCallerIdentity",
							.params = none},
				       &trace, error);

	iv_call_trace_clear(&trace);
	if (answer != NULL)
		identity = read_identity(answer, error);
	cJSON_Delete(answer);
	if (identity != NULL && (used = iv_credential_source_get(a->client->source, false, NULL)) != NULL) {
		identity->origin = g_strdup(used->origin);
		identity->expires = used->expires;
	}
	return identity;
}
