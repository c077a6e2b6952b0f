/* SPDX-License-Identifier: GPL-3.0-or-later */
/* metadata.c - see metadata.h */
#include "share/alibaba/credentials/metadata.h"

#include <string.h>

#include "scanner/base/error.h"
#include "scanner/base/text.h"
#include "share/alibaba/call/pairs.h"
#include "share/alibaba/credentials/provider.h"
#include "share/base/limits.h"

IvHttpAnswer *iv_metadata_ask(const IvEndpoint *endpoint, const char *method, const char *target,
			      const char *header, GError **error)
{
	g_autoptr(GPtrArray) headers = g_ptr_array_new_with_free_func((GDestroyNotify)iv_text_wipe);
	IvHttpFailure failure;

	if (header != NULL)
		g_ptr_array_add(headers, g_strdup(header));
	return iv_http_exchange(&(IvHttpRequest){.endpoint = endpoint,
						 .method = method,
						 .target = target,
						 .headers = headers,
						 .connect_ms = IV_METADATA_CONNECT_MS,
						 .timeout_ms = IV_METADATA_TOTAL_MS,
						 .no_proxy = true},
				&failure, error);
}

char *iv_metadata_word(const IvHttpAnswer *answer)
{
	g_autofree char *word = NULL;

	if (answer == NULL || answer->status != 200 || answer->length == 0 || answer->length > 4096)
		return NULL;
	word = g_strstrip(g_strdup(answer->body));
	for (const char *p = word; *p != '\0'; p++)
		if (!g_ascii_isgraph(*p))
			return NULL;
	return *word != '\0' ? g_steal_pointer(&word) : NULL;
}

bool iv_metadata_token(const IvEndpoint *endpoint, char **header, GError **error)
{
	g_autoptr(GError) problem = NULL;
	g_autoptr(IvHttpAnswer) answer =
		iv_metadata_ask(endpoint, "PUT", "/latest/api/token",
			 "X-aliyun-ecs-metadata-token-ttl-seconds: 21600", &problem);
	char *token = iv_metadata_word(answer);

	*header = token != NULL ? g_strdup_printf("X-aliyun-ecs-metadata-token: %s", token) : NULL;
	iv_text_wipe(token);
	if (*header != NULL || (answer != NULL && !iv_provider_env_true("ALIBABA_CLOUD_IMDSV1_DISABLED")))
		return true;
	if (problem != NULL)
		g_propagate_error(error, g_steal_pointer(&problem));
	else
		iv_fail(error, IV_ERROR_CLOUD, "the metadata service does not give a token");
	return false;
}
