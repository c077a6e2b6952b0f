/* SPDX-License-Identifier: GPL-3.0-or-later */
/* account.c - see account.h */
#include "share/alibaba/call/account.h"

#include <string.h>

#include "scanner/base/error.h"

cJSON *iv_alibaba_ask(IvAlibaba *a, const IvAlibabaCall *call, IvCallTrace *trace, GError **error)
{
	a->client->recorder = a->cloud.recorder;
	return iv_alibaba_call(a->client, call, trace, error);
}

cJSON *iv_alibaba_may_ask(IvAlibaba *a, const IvAlibabaCall *call, char **why, char **code,
			  GError **error)
{
	g_autofree char *right = iv_alibaba_right(call);
	g_autoptr(GError) problem = NULL;
	IvCallTrace trace = {0};
	cJSON *answer = iv_alibaba_ask(a, call, &trace, &problem);

	*why = NULL;
	*code = g_strdup(trace.code);
	iv_call_trace_clear(&trace);
	if (answer != NULL)
		return answer;
	if (!g_error_matches(problem, IV_ERROR, IV_ERROR_CLOUD))
		g_propagate_error(error, g_steal_pointer(&problem));
	else if (iv_alibaba_lacks_right(*code))
		*why = g_strdup_printf("the credentials lack the right %s (%s)", right, *code);
	else
		*why = g_strndup(problem->message, strcspn(problem->message, "\n"));
	return NULL;
}
