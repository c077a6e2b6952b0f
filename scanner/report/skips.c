/* SPDX-License-Identifier: GPL-3.0-or-later */
/* skips.c - see skips.h */
#include "scanner/report/skips.h"

#include <stddef.h>

#include "scanner/base/skip.h"
#include "scanner/report/fields.h"

const IvField iv_report_skip_fields[IV_REPORT_SKIP_FIELDS] = {
	{"reason", IV_FIELD_TEXT, offsetof(IvReportSkip, reason)},
	{"count", IV_FIELD_POSITIVE, offsetof(IvReportSkip, count)},
	{"account", IV_FIELD_TEXT, offsetof(IvReportSkip, account)},
};

static void skip_free(gpointer data)
{
	IvReportSkip *skip = data;

	g_free(skip->reason);
	g_free(skip->account);
	g_free(skip);
}

GPtrArray *iv_report_skips_new(void)
{
	return g_ptr_array_new_with_free_func(skip_free);
}

IvReportSkip *iv_report_skips_add(GPtrArray *skips)
{
	g_ptr_array_add(skips, g_new0(IvReportSkip, 1));
	return skips->pdata[skips->len - 1];
}

GPtrArray *iv_report_skips_counted(void)
{
	GPtrArray *list = iv_report_skips_new();

	for (unsigned i = 0; i < IV_SKIP_COUNT; i++) {
		const IvSkipKind *kind = iv_skip_kind((IvSkip)i);
		IvReportSkip *skip;

		if (iv_skip_counted((IvSkip)i) == 0)
			continue;
		skip = iv_report_skips_add(list);
		skip->reason = g_strdup(kind->id);
		skip->count = iv_skip_counted((IvSkip)i);
		skip->account = g_strdup(iv_skip_account_name(kind->account));
	}
	return list;
}

cJSON *iv_report_skips_to_json(const GPtrArray *skips)
{
	cJSON *array = cJSON_CreateArray();

	for (guint i = 0; i < skips->len; i++) {
		cJSON *object = cJSON_CreateObject();

		iv_fields_append(array, object);
		iv_fields_write(object, iv_report_skip_fields, IV_REPORT_SKIP_FIELDS, skips->pdata[i]);
	}
	return array;
}

GPtrArray *iv_report_skips_from_json(const cJSON *json, GError **error)
{
	g_autoptr(GPtrArray) list = iv_report_skips_new();
	IvFieldPlace place = {"run.skips", 0};
	const cJSON *item;

	if (!cJSON_IsArray(json)) {
		iv_fail(error, IV_ERROR_CORRUPT, "run.skips: must be a list");
		return NULL;
	}
	cJSON_ArrayForEach(item, json)
	{
		IvReportSkip *skip = iv_report_skips_add(list);

		if (!iv_fields_read(item, iv_report_skip_fields, IV_REPORT_SKIP_FIELDS, place, skip, error))
			return NULL;
		place.index++;
	}
	return g_steal_pointer(&list);
}
