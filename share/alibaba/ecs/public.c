/* SPDX-License-Identifier: GPL-3.0-or-later */
/* public.c - community images: IsPublic of ModifyImageSharePermission (ECS 2014-05-26), which is
 * sent here and nowhere else, and never with accounts, as the two together can
 * be refused.  See public.h. */
#include "share/alibaba/ecs/public.h"

#include "share/alibaba/call/account.h"

static GPtrArray *params_of(const IvAlibaba *a, const char *image_id, bool on)
{
	GPtrArray *params = iv_pairs_new();

	iv_pairs_add(params, "RegionId", a->region);
	iv_pairs_add(params, "ImageId", image_id);
	iv_pairs_add(params, "IsPublic", on ? "true" : "false");
	return params;
}

static IvAlibabaCall call_of(const GPtrArray *params)
{
	return (IvAlibabaCall){.service = IV_ALIBABA_ECS,
			       .action = "ModifyImageSharePermission",
			       .params = params,
			       .changes = true};
}

char *iv_alibaba_publish_text(const IvCloud *cloud, const char *image_id, bool on)
{
	g_autoptr(GPtrArray) params = params_of((const IvAlibaba *)cloud, image_id, on);
	IvAlibabaCall call = call_of(params);

	return iv_alibaba_call_text(&call);
}

bool iv_alibaba_publish(IvCloud *cloud, const char *image_id, bool on, IvCallTrace *trace,
			GError **error)
{
	IvAlibaba *a = iv_alibaba(cloud);
	g_autoptr(GPtrArray) params = params_of(a, image_id, on);
	IvAlibabaCall call = call_of(params);
	cJSON *answer = iv_alibaba_ask(a, &call, trace, error);

	cJSON_Delete(answer);
	return answer != NULL;
}
