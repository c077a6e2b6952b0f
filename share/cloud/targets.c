/* SPDX-License-Identifier: GPL-3.0-or-later */
/* targets.c - see organization.h: who has an image by an organization */
#include <string.h>

#include "scanner/base/text.h"
#include "share/cloud/organization.h"

static void free_target(gpointer item)
{
	IvCloudTarget *target = item;

	g_free(target->id);
	g_free(target->via);
	g_free(target->problem);
	g_free(target);
}

IvTargets *iv_targets_new(void)
{
	IvTargets *targets = g_new0(IvTargets, 1);

	targets->list = g_ptr_array_new_with_free_func(free_target);
	targets->associated = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	return targets;
}

IvCloudTarget *iv_targets_add(IvTargets *targets, const char *id, const char *via)
{
	IvCloudTarget *target = g_new0(IvCloudTarget, 1);

	target->id = g_strdup(id);
	target->via = g_strdup(via);
	g_ptr_array_add(targets->list, target);
	return target;
}

void iv_targets_free(IvTargets *targets)
{
	if (targets == NULL)
		return;
	g_ptr_array_unref(targets->list);
	g_hash_table_unref(targets->associated);
	g_free(targets->holder);
	g_free(targets->stranger);
	g_free(targets);
}

static int by_text(gconstpointer left, gconstpointer right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

GStrv iv_targets_ids(const IvTargets *targets)
{
	g_autoptr(GPtrArray) ids = g_ptr_array_new();

	for (guint i = 0; i < targets->list->len; i++) {
		const IvCloudTarget *target = targets->list->pdata[i];

		if (iv_target_live(target))
			g_ptr_array_add(ids, target->id);
	}
	g_ptr_array_sort(ids, by_text);
	g_ptr_array_add(ids, NULL);
	return iv_text_unique((const char *const *)ids->pdata);
}
