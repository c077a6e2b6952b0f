/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fuzz_report.c - the text of a report is anybody's
 *
 * What loads must come back the same after it was written, and its summary may
 * hold no character that steers a terminal nor call an incomplete scan clean.
 */
#include <string.h>

#include "scanner/report/json.h"
#include "scanner/report/report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static IvReport *load(const char *text, size_t size)
{
	g_autoptr(cJSON) json = iv_json_parse(text, size, NULL);

	return json != NULL ? iv_report_from_json(json, NULL) : NULL;
}

/* Strict JSON has one canonical text, which is its own. */
static void check_canonical(const uint8_t *data, size_t size)
{
	g_autoptr(cJSON) json = iv_json_parse((const char *)data, size, NULL), again = NULL;
	g_autofree char *canonical = NULL, *canonical2 = NULL;

	if (json == NULL)
		return;
	canonical = iv_json_canonical(json);
	g_assert_nonnull(canonical);
	again = iv_json_parse(canonical, strlen(canonical), NULL);
	g_assert_nonnull(again);
	canonical2 = iv_json_canonical(again);
	g_assert_cmpstr(canonical, ==, canonical2);
}

static void check_round_trip(const IvReport *report)
{
	g_autoptr(cJSON) json = iv_report_to_json(report), json2 = NULL;
	g_autofree char *text = iv_report_text(json), *text2 = NULL;
	g_autoptr(IvReport) again = load(text, strlen(text));

	g_assert_nonnull(again);
	json2 = iv_report_to_json(again);
	text2 = iv_report_text(json2);
	g_assert_cmpstr(text, ==, text2);
}

static void check_summary(const IvReport *report)
{
	g_autofree char *text = iv_report_summary(report, 80, false);
	const char *end = g_strrstr(text, "\nResult: ");

	g_assert_true(g_utf8_validate(text, -1, NULL));
	for (const char *p = text; *p != '\0'; p = g_utf8_next_char(p)) {
		GUnicodeType type = g_unichar_type(g_utf8_get_char(p));

		g_assert_true(*p == '\n' ||
			      (type != G_UNICODE_CONTROL && type != G_UNICODE_FORMAT &&
			       type != G_UNICODE_LINE_SEPARATOR && type != G_UNICODE_PARAGRAPH_SEPARATOR));
	}
	g_assert_nonnull(end);
	if (!report->coverage->complete)
		g_assert_null(strstr(end, "was searched as stored"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autoptr(IvReport) report = NULL;

	check_canonical(data, size);
	report = load((const char *)data, size);
	if (report != NULL) {
		check_round_trip(report);
		check_summary(report);
	}
	return 0;
}
