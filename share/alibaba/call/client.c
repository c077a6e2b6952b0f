/* SPDX-License-Identifier: GPL-3.0-or-later */
/* client.c - see client.h */
#include "share/alibaba/call/client.h"

IvAlibabaClient *iv_alibaba_client_new(IvAlibabaEndpoints *endpoints, IvCredentialSource *source)
{
	IvAlibabaClient *client = g_new0(IvAlibabaClient, 1);

	client->endpoints = iv_alibaba_endpoints_ref(endpoints);
	client->source = source != NULL ? iv_credential_source_ref(source) : NULL;
	return client;
}

void iv_alibaba_client_free(IvAlibabaClient *client)
{
	if (client == NULL)
		return;
	iv_alibaba_endpoints_unref(client->endpoints);
	iv_credential_source_unref(client->source);
	g_free(client);
}
