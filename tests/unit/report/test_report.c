/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_report.c - the model, its JSON, and the text for people */
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

#include "scanner/base/error.h"
#include "scanner/report/json.h"
#include "scanner/report/report.h"

static void add(IvReport *r, IvSeverity severity, const char *volume, const char *path, uint64_t at)
{
	IvFinding *f = iv_finding_new();

	f->fingerprint = g_strdup("0123456789abcdef0123456789abcdef");
	f->rule = g_strdup("sample.rule");
	f->name = g_strdup("Sample secret");
	f->severity = severity;
	f->volume = g_strdup(volume);
	f->path = g_strdup(path);
	f->place = g_strdup(path != NULL ? "file" : "free");
	f->offset = at;
	f->redacted = g_strdup("SAMP************ (20)");
	f->reason = g_strdup("It opens a door.");
	f->remediation = g_strdup("Remove it.");
	g_ptr_array_add(r->findings, f);
}

static IvReport *sample(void)
{
	IvReport *r = iv_report_new();
	IvCoverageVolume *v;

	r->format = g_strdup("raw");
	r->size = 1 << 30;
	r->digest = g_strdup_printf("fsverity-sha256:%064d", 1);
	r->table = g_strdup("gpt");
	r->rules_digest = g_strdup_printf("sha256:%064d", 2);
	r->rules_count = 60;
	r->salt_id = g_strdup("0123456789abcdef");
	r->run_image = g_strdup("disk.raw");
	r->run_started = r->run_finished = 1767225600;
	v = iv_coverage_volume(r->coverage, "p1", "vfat", "none", 1 << 20, 100 << 20);
	iv_coverage_miss(r->coverage, v, NULL, 100 << 20, "no reader for this file system");
	iv_coverage_finish(r->coverage);
	add(r, IV_SEVERITY_LOW, "p2", "/etc/low", 5);
	add(r, IV_SEVERITY_CRITICAL, "p10", "/etc/x", 5);
	add(r, IV_SEVERITY_CRITICAL, "p2", NULL, 4096);
	iv_findings_fold(r->findings);
	return r;
}

static void test_round_trip(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(IvReport) r = sample(), again = NULL;
	cJSON *json = iv_report_to_json(r), *parsed, *third;
	g_autofree char *text = iv_report_text(json), *canonical = iv_json_canonical(json);
	g_autofree char *canonical2 = NULL, *canonical3 = NULL;

	parsed = iv_json_parse(text, strlen(text), &error);
	g_assert_no_error(error);
	again = iv_report_from_json(parsed, &error);
	g_assert_no_error(error);
	third = iv_report_to_json(again);
	canonical2 = iv_json_canonical(parsed);
	canonical3 = iv_json_canonical(third);
	g_assert_cmpstr(canonical, ==, canonical2);
	g_assert_cmpstr(canonical, ==, canonical3);
	g_assert_false(again->coverage->complete);
	g_assert_cmpstr(((IvFinding *)again->findings->pdata[0])->volume, ==, "p2");
	g_assert_cmpstr(((IvFinding *)again->findings->pdata[1])->volume, ==, "p10");
	cJSON_Delete(json);
	cJSON_Delete(parsed);
	cJSON_Delete(third);
}

static void test_strict(void)
{
	static const char *const bad[] = {
		"", "{", "[1,]", "01", "-0", "1.0", "1e3", "9007199254740992", "\"\\u0000\"",
		"\"\\ud800\"", "\"\xff\"", "{\"a\":1,\"a\":2}", "{\"a\":1,\"\\u0061\":2}", "{} x",
		"nul", "\"a\nb\"", "NaN", "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
	};
	static const char good[] = "{\"b\": [9007199254740991, -1], \"a\": \"\\u00e9\\/\"}";
	cJSON *json = iv_json_parse(good, strlen(good), NULL);
	g_autofree char *canonical = iv_json_canonical(json);

	g_assert_cmpstr(canonical, ==, "{\"a\":\"\xc3\xa9/\",\"b\":[9007199254740991,-1]}");
	cJSON_Delete(json);
	for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
		g_autoptr(GError) error = NULL;

		g_assert_null(iv_json_parse(bad[i], strlen(bad[i]), &error));
		g_assert_error(error, IV_ERROR, IV_ERROR_CORRUPT);
	}
}

/* Indented JSON ends on terminals; escaped or not, it says the same. */
static void test_pretty(void)
{
	static const char text[] = "[\"a\xc2\x9b\x7f\xe2\x80\xae\xe2\x80\xa8\xf3\xa0\x80\x81"
				   "\xc3\xa9\\\\\\u001b\"]";
	cJSON *json = iv_json_parse(text, strlen(text), NULL), *again;
	g_autofree char *pretty = iv_report_text(json), *canonical = iv_json_canonical(json);
	g_autofree char *canonical2 = NULL;

	g_assert_cmpstr(canonical, ==, text);
	g_assert_cmpstr(pretty, ==,
			"[\n  \"a\\u009b\\u007f\\u202e\\u2028\\udb40\\udc01\xc3\xa9\\\\\\u001b\"\n]\n");
	again = iv_json_parse(pretty, strlen(pretty), NULL);
	g_assert_nonnull(again);
	canonical2 = iv_json_canonical(again);
	g_assert_cmpstr(canonical2, ==, canonical);
	cJSON_Delete(json);
	cJSON_Delete(again);
}

static void test_summary(void)
{
	g_autoptr(IvReport) r = sample();
	g_autofree char *text = iv_report_summary(r, 80, false);
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

	for (guint i = 0; lines[i] != NULL; i++)
		g_assert_cmpint(g_utf8_strlen(lines[i], -1), <=, 80);
	g_assert_nonnull(strstr(text, "p1        vfat         none      100.0 MiB         0  100.0 MiB\n"));
	g_assert_nonnull(strstr(text, "no reader for this file system"));
	g_assert_nonnull(strstr(text, "INCOMPLETE"));
	g_assert_true(strstr(text, "CRITICAL") < strstr(text, "LOW"));
	g_assert_null(strchr(text, '\033'));
}

static void test_full_disk(void)
{
	g_autofree char *dir = g_dir_make_tmp("report-XXXXXX", NULL);
	g_autofree char *path = g_build_filename(dir, "r.json", NULL), *old = NULL;
	g_autoptr(IvReport) r = sample();
	g_autoptr(GError) error = NULL;
	cJSON *json = iv_report_to_json(r);
	struct rlimit before, small;

	g_assert_true(g_file_set_contents(path, "older", -1, NULL));
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &before);
	small = before;
	small.rlim_cur = 64;
	setrlimit(RLIMIT_FSIZE, &small);
	g_assert_false(iv_report_save(json, path, &error));
	setrlimit(RLIMIT_FSIZE, &before);
	g_assert_error(error, IV_ERROR, IV_ERROR_IO);
	g_assert_true(g_file_get_contents(path, &old, NULL, NULL));
	g_assert_cmpstr(old, ==, "older");
	g_assert_true(iv_report_save(json, path, NULL));
	cJSON_Delete(json);
	g_unlink(path);
	g_assert_cmpint(g_rmdir(dir), ==, 0); /* no temporary is left */
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/report/round-trip", test_round_trip);
	g_test_add_func("/report/strict", test_strict);
	g_test_add_func("/report/pretty", test_pretty);
	g_test_add_func("/report/summary", test_summary);
	g_test_add_func("/report/full-disk", test_full_disk);
	return g_test_run();
}
