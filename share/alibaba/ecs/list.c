/* SPDX-License-Identifier: GPL-3.0-or-later */
/* list.c - which regions there are, and every own image of one: DescribeRegions and
 * DescribeImages (2014-05-26), all pages.  See list.h. */
#include "share/alibaba/ecs/list.h"

#include <string.h>

#include "share/alibaba/call/account.h"
#include "share/alibaba/call/ids.h"
#include "share/alibaba/ecs/images.h"
#include "share/base/limits.h"

#define PAGE_SIZE 100u
#define PAGE_TEXT "100"

static cJSON *ask(IvAlibaba *a, const char *action, const GPtrArray *params, GError **error)
{
	IvCallTrace trace = {0};
	cJSON *answer = iv_alibaba_ask(
		a, &(IvAlibabaCall){.service = IV_ALIBABA_ECS, .action = action, .params = params},
		&trace, error);

	iv_call_trace_clear(&trace);
	return answer;
}

static int by_name(gconstpointer left, gconstpointer right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static bool read_regions(const cJSON *answer, GPtrArray *regions, GError **error)
{
	const cJSON *list = iv_alibaba_list(answer, "Regions", "Region"), *one;

	if (cJSON_GetArraySize(list) == 0 || cJSON_GetArraySize(list) > (int)IV_CLOUD_MAX_REGIONS)
		return iv_alibaba_nonsense(error, "DescribeRegions", "it holds no list of regions");
	cJSON_ArrayForEach(one, list) {
		const char *region = iv_alibaba_text(one, "RegionId");

		if (region == NULL || !iv_alibaba_region_ok(region))
			return iv_alibaba_nonsense(error, "DescribeRegions",
						   "it names an invalid region");
		g_ptr_array_add(regions, g_strdup(region));
	}
	g_ptr_array_sort(regions, by_name);
	return true;
}

GPtrArray *iv_alibaba_regions(IvCloud *cloud, GError **error)
{
	g_autoptr(GPtrArray) params = iv_pairs_new();
	g_autoptr(GPtrArray) regions = g_ptr_array_new_with_free_func(g_free);
	cJSON *answer = ask(iv_alibaba(cloud), "DescribeRegions", params, error);
	bool ok = answer != NULL && read_regions(answer, regions, error);

	cJSON_Delete(answer);
	return ok ? g_steal_pointer(&regions) : NULL;
}

/* --- images --------------------------------------------------------------------------- */

static bool one_page(IvAlibaba *a, guint page, GPtrArray *images, guint *total, GError **error)
{
	g_autoptr(GPtrArray) params = iv_pairs_new();
	g_autofree char *number = g_strdup_printf("%u", page);
	cJSON *answer;
	bool ok;

	iv_pairs_add(params, "RegionId", a->region);
	iv_pairs_add(params, "ImageOwnerAlias", "self");
	iv_pairs_add(params, "Status", IV_ECS_ALL_STATES);
	iv_pairs_add(params, "PageNumber", number);
	iv_pairs_add(params, "PageSize", PAGE_TEXT);
	answer = ask(a, "DescribeImages", params, error);
	ok = answer != NULL && iv_ecs_read_images(answer, a->region, page, images, total, error);
	cJSON_Delete(answer);
	return ok;
}

GPtrArray *iv_alibaba_images(IvCloud *cloud, GError **error)
{
	g_autoptr(GPtrArray) images =
		g_ptr_array_new_with_free_func((GDestroyNotify)iv_cloud_image_free);
	guint total = 0, page = 0;

	do {
		page++;
		if (!one_page(iv_alibaba(cloud), page, images, &total, error))
			return NULL;
	} while (page * PAGE_SIZE < total);
	if (images->len != total) {
		iv_alibaba_nonsense(error, "DescribeImages",
				    "the number of images that it announces is not that of its list");
		return NULL;
	}
	return g_steal_pointer(&images);
}
