/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_parts.c - a report taken apart and put together is the same report */
#include <string.h>

#include "scanner/base/limits.h"
#include "scanner/report/parts.h"

/* The reports of tests/golden/, which hold every part there is. */
static const char *const golden[] = {"clean", "findings", "incomplete", "tree"};

static IvReport *load(const char *name)
{
	g_autofree char *file = g_strconcat(name, ".json", NULL);
	g_autofree char *path = g_build_filename(g_getenv("TOP") != NULL ? g_getenv("TOP") : ".",
						 "tests", "golden", file, NULL);
	g_autoptr(GError) error = NULL;
	g_autoptr(cJSON) json = iv_report_load(path, &error);
	IvReport *report = json != NULL ? iv_report_from_json(json, &error) : NULL;

	g_assert_no_error(error);
	g_assert_nonnull(report);
	/* No child sends these. */
	g_clear_pointer(&report->origin, cJSON_Delete);
	g_clear_pointer(&report->signature, cJSON_Delete);
	return report;
}

/* Each object of a part: its bytes, for tests to bend. */
typedef void (*Bend)(GByteArray *bytes);

static bool copy_object(const IvReportPart *part, void *from, IvReport *copy, guint i, Bend bend,
			GError **error)
{
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	void *to = part->add != NULL ? part->add(copy) : part->at(copy, 0);

	iv_part_write(bytes, part, from);
	if (bend != NULL)
		bend(bytes);
	return iv_part_read(bytes->data, bytes->len, part, i, to, error);
}

static bool copy_report(IvReport *report, IvReport *copy, Bend bend, GError **error)
{
	unsigned count;
	const IvReportPart *parts = iv_report_parts(&count);

	for (unsigned k = 0; k < count; k++) {
		void *from;

		for (guint i = 0; (from = parts[k].at(report, i)) != NULL; i++)
			if (!copy_object(&parts[k], from, copy, i, bend, error))
				return false;
	}
	return true;
}

/* What is not sent is the rule's. */
static void copy_known(IvReport *report, IvReport *copy)
{
	for (guint i = 0; i < report->findings->len; i++) {
		const IvFinding *from = report->findings->pdata[i];
		IvFinding *to = copy->findings->pdata[i];

		g_assert_null(to->name);
		to->name = g_strdup(from->name);
		to->remediation = g_strdup(from->remediation);
		to->controls = g_strdupv(from->controls);
	}
}

static char *text_of(const IvReport *report)
{
	g_autoptr(cJSON) json = iv_report_to_json(report);

	return iv_report_text(json);
}

/* A list that has no row among the parts would be missing here. */
static void test_same(void)
{
	for (guint i = 0; i < G_N_ELEMENTS(golden); i++) {
		g_autoptr(IvReport) report = load(golden[i]), copy = iv_report_new();
		g_autoptr(GError) error = NULL;
		g_autofree char *a = NULL, *b = NULL;

		g_assert_true(copy_report(report, copy, NULL, &error));
		copy_known(report, copy);
		if (report->run_skips == NULL) /* a report from before there were any */
			g_clear_pointer(&copy->run_skips, g_ptr_array_unref);
		if (report->coverage->packed == NULL) /* likewise */
			g_clear_pointer(&copy->coverage->packed, iv_packed_list_free);
		a = text_of(report), b = text_of(copy);
		g_assert_cmpstr(a, ==, b);
	}
}

static void longer(GByteArray *bytes)
{
	g_byte_array_append(bytes, (const guint8 *)"", 1);
}

static void shorter(GByteArray *bytes)
{
	g_byte_array_set_size(bytes, bytes->len - 1);
}

static void empty(GByteArray *bytes)
{
	g_byte_array_set_size(bytes, 0);
}

static void all_ones(GByteArray *bytes)
{
	memset(bytes->data, 0xff, bytes->len);
}

static void test_bent(void)
{
	static const Bend bends[] = {longer, shorter, empty, all_ones};

	for (guint i = 0; i < G_N_ELEMENTS(bends); i++) {
		g_autoptr(IvReport) report = load("findings"), copy = iv_report_new();
		g_autoptr(GError) error = NULL;

		g_assert_false(copy_report(report, copy, bends[i], &error));
		g_assert_error(error, IV_ERROR, IV_ERROR_CORRUPT);
	}
}

/* Any bytes are refused or taken, and never read beyond. */
static void test_any_bytes(void)
{
	unsigned count;
	const IvReportPart *parts = iv_report_parts(&count);
	g_autoptr(GRand) rand = g_rand_new_with_seed(8);
	guint taken = 0;

	for (guint n = 0; n < 20000; n++) {
		const IvReportPart *part = &parts[n % count];
		g_autoptr(IvReport) copy = iv_report_new();
		gsize len = (gsize)g_rand_int_range(rand, 0, 200);
		g_autofree guint8 *bytes = g_malloc(len + 1);
		void *to = part->add != NULL ? part->add(copy) : part->at(copy, 0);

		for (gsize i = 0; i < len; i++)
			bytes[i] = (guint8)(g_rand_int_range(rand, 0, 4) == 0 ? g_rand_int(rand) : 0);
		taken += iv_part_read(bytes, len, part, 0, to, NULL);
	}
	g_assert_cmpuint(taken, <, 20000);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/parts/same", test_same);
	g_test_add_func("/parts/bent", test_bent);
	g_test_add_func("/parts/any-bytes", test_any_bytes);
	return g_test_run();
}
