/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_report_load.c - a malformed report is refused, and the error names the field */
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scanner/base/error.h"
#include "scanner/report/json.h"
#include "scanner/report/report.h"

#define HEX16 "0123456789abcdef"
#define HEX64 HEX16 HEX16 HEX16 HEX16

static const char sample[] =
	"{\"schema\": 1,"
	" \"image\": {\"format\": \"raw\", \"size\": 4096, \"digest\": \"fsverity-sha256:" HEX64 "\","
	"  \"table\": \"gpt\"},"
	" \"rules\": {\"digest\": \"sha256:" HEX64 "\", \"count\": 60},"
	" \"fingerprints\": {\"salt_id\": \"" HEX16 "\"},"
	" \"summary\": {\"critical\": 0, \"high\": 1, \"medium\": 0, \"low\": 0, \"info\": 0},"
	" \"coverage\": {\"complete\": false, \"misses_dropped\": 0,"
	"  \"volumes\": [{\"volume\": \"p1\", \"kind\": \"ext4\", \"reader\": \"ext\", \"offset\": 0,"
	"   \"bytes\": 4096, \"files\": 1, \"unread\": 7, \"reason\": \"encrypted\", \"complete\": false}],"
	"  \"misses\": [{\"volume\": \"p1\", \"path\": \"/a\", \"bytes\": 7, \"count\": 1,"
	"   \"reason\": \"encrypted\"}],"
	"  \"notes\": [\"a remark\"]},"
	" \"findings\": [{\"fingerprint\": \"" HEX16 HEX16 "\", \"rule\": \"r\", \"name\": \"n\","
	"  \"severity\": \"high\", \"volume\": \"p1\", \"path\": \"/b\", \"place\": \"file\", \"line\": 2,"
	"  \"offset\": 3, \"length\": 4, \"disk_offset\": 5, \"occurrences\": 1, \"redacted\": \"***\","
	"  \"reason\": \"why\", \"remediation\": \"what\", \"controls\": [\"CWE-798\"]}],"
	" \"run\": {\"image\": \"disk.img\", \"host\": \"h\", \"version\": \"0\","
	"  \"started\": \"2026-01-31T23:59:59Z\", \"finished\": \"2026-02-01T00:00:00Z\", \"bytes\": 4096,"
	"  \"signature\": {\"algorithm\": \"ed25519\", \"key\": \"k\", \"value\": \"v\"}}}";

static cJSON *parse(const char *text)
{
	GError *error = NULL;
	cJSON *json = iv_json_parse(text, strlen(text), &error);

	g_assert_no_error(error);
	return json;
}

/* The parent of "findings[0].line", and the name or index behind it. */
static cJSON *parent_of(cJSON *json, const char *path, char **last)
{
	g_auto(GStrv) steps = g_regex_split_simple("[.\\[\\]]+", path, 0, 0);
	cJSON *at = json;
	guint n = 0;

	while (steps[n] != NULL && *steps[n] != '\0')
		n++;
	for (guint i = 0; i + 1 < n; i++) {
		at = g_ascii_isdigit(*steps[i]) ? cJSON_GetArrayItem(at, (int)g_ascii_strtoll(steps[i], NULL, 10))
						: cJSON_GetObjectItemCaseSensitive(at, steps[i]);
		g_assert_nonnull(at);
	}
	*last = g_strdup(steps[n - 1]);
	return at;
}

/* Put the JSON text at the path, or remove what stands there when it is NULL. */
static cJSON *with(const char *path, const char *text)
{
	cJSON *json = parse(sample), *parent, *value = text != NULL ? cJSON_Parse(text) : NULL;
	g_autofree char *last = NULL;

	parent = parent_of(json, path, &last);
	g_assert_true((text == NULL) == (value == NULL));
	if (cJSON_IsArray(parent))
		g_assert_true(cJSON_ReplaceItemInArray(parent, (int)g_ascii_strtoll(last, NULL, 10), value));
	else if (value == NULL)
		cJSON_DeleteItemFromObjectCaseSensitive(parent, last);
	else
		g_assert_true(cJSON_ReplaceItemInObjectCaseSensitive(parent, last, value));
	return json;
}

static void assert_refused(const char *path, const char *text)
{
	g_autoptr(cJSON) json = with(path, text);
	g_autoptr(GError) error = NULL;
	g_autoptr(IvReport) report = iv_report_from_json(json, &error);
	g_autofree char *want = g_strconcat(path, ": ", NULL);

	g_test_message("%s = %s: %s", path, text, error != NULL ? error->message : "taken");
	g_assert_null(report);
	g_assert_nonnull(error);
	g_assert_true(g_error_matches(error, IV_ERROR, IV_ERROR_CORRUPT) ||
		      g_error_matches(error, IV_ERROR, IV_ERROR_UNSUPPORTED));
	g_assert_true(g_str_has_prefix(error->message, want));
}

#define MANY 8

/* Values that each kind of field refuses; absence is refused everywhere. */
static const struct {
	const char *kind, *bad[MANY];
} kinds[] = {
	{"text", {"1", "null", "true", "[]", "{}"}},
	{"text-or-null", {"1", "true", "[]", "{}", "\"\""}},
	{"digest", {"1", "\"\"", "\"" HEX64 "\"", "\"sha256:" HEX16 "\"", "\"sha256:" HEX64 "0\"",
		    "\"SHA256:" HEX64 "\""}},
	{"hex", {"1", "null", "\"\"", "\"0123456789ABCDEF0123456789ABCDEF\"", "\"" HEX64 "\"",
		 "\"0123456789abcde \""}},
	{"count", {"-1", "1.5", "9007199254740992", "1e300", "\"1\"", "null", "true", "[]"}},
	{"positive", {"0", "-1", "0.5", "9007199254740992", "\"1\"", "null", "true"}},
	{"line", {"0", "-1", "1.5", "9007199254740992", "\"1\"", "false"}},
	{"disk-offset", {"-1", "1.5", "9007199254740992", "\"1\"", "false"}},
	{"bool", {"0", "1", "\"true\"", "null", "[]"}},
	{"severity", {"\"High\"", "\"\"", "\"worst\"", "3", "null", "[\"high\"]"}},
	{"texts", {"\"CWE-798\"", "null", "{}", "[1]", "[\"a\", null]", "[[\"a\"]]"}},
	{"time", {"1767225600", "\"\"", "\"2026-01-31\"", "\"2026-01-31T23:59:59\"",
		  "\"2026-02-30T00:00:00Z\"", "\"1969-12-31T23:59:59Z\"", "\"2026-01-31t23:59:59z\"",
		  "\"2026-01-31T23:59:59+0\""}},
	{"object", {"1", "null", "\"\"", "[]", "[{}]"}},
	{"list", {"1", "null", "\"\"", "{}"}},
	{"schema", {"0", "2", "1.5", "\"1\"", "null", "true", "{}"}},
};

static const struct {
	const char *path, *kind;
} fields[] = {
	{"schema", "schema"},
	{"image", "object"},
	{"image.format", "text"},
	{"image.size", "count"},
	{"image.digest", "digest"},
	{"image.table", "text"},
	{"rules", "object"},
	{"rules.digest", "digest"},
	{"rules.count", "count"},
	{"fingerprints", "object"},
	{"fingerprints.salt_id", "hex"},
	{"summary", "object"},
	{"summary.critical", "count"},
	{"summary.high", "count"},
	{"summary.medium", "count"},
	{"summary.low", "count"},
	{"summary.info", "count"},
	{"coverage", "object"},
	{"coverage.complete", "bool"},
	{"coverage.misses_dropped", "count"},
	{"coverage.volumes", "list"},
	{"coverage.volumes[0].volume", "text"},
	{"coverage.volumes[0].kind", "text"},
	{"coverage.volumes[0].reader", "text"},
	{"coverage.volumes[0].offset", "count"},
	{"coverage.volumes[0].bytes", "count"},
	{"coverage.volumes[0].files", "count"},
	{"coverage.volumes[0].unread", "count"},
	{"coverage.volumes[0].reason", "text"},
	{"coverage.volumes[0].complete", "bool"},
	{"coverage.misses", "list"},
	{"coverage.misses[0].volume", "text"},
	{"coverage.misses[0].path", "text-or-null"},
	{"coverage.misses[0].bytes", "count"},
	{"coverage.misses[0].count", "positive"},
	{"coverage.misses[0].reason", "text"},
	{"coverage.notes", "texts"},
	{"findings", "list"},
	{"findings[0].fingerprint", "hex"},
	{"findings[0].rule", "text"},
	{"findings[0].name", "text"},
	{"findings[0].severity", "severity"},
	{"findings[0].volume", "text"},
	{"findings[0].path", "text-or-null"},
	{"findings[0].place", "text"},
	{"findings[0].line", "line"},
	{"findings[0].offset", "count"},
	{"findings[0].length", "count"},
	{"findings[0].disk_offset", "disk-offset"},
	{"findings[0].occurrences", "positive"},
	{"findings[0].redacted", "text"},
	{"findings[0].reason", "text"},
	{"findings[0].remediation", "text"},
	{"findings[0].controls", "texts"},
	{"run", "object"},
	{"run.image", "text"},
	{"run.host", "text"},
	{"run.version", "text"},
	{"run.started", "time"},
	{"run.finished", "time"},
	{"run.bytes", "count"},
};

static void test_field(gconstpointer user)
{
	guint at = GPOINTER_TO_UINT(user), kind = 0;

	while (strcmp(kinds[kind].kind, fields[at].kind) != 0)
		kind++;
	assert_refused(fields[at].path, NULL);
	for (guint i = 0; i < MANY && kinds[kind].bad[i] != NULL; i++)
		assert_refused(fields[at].path, kinds[kind].bad[i]);
}

/* The table above must know every field that a report has. */
static void count_leaves(const cJSON *json, guint *n)
{
	const cJSON *child;

	cJSON_ArrayForEach(child, json)
	{
		(*n)++;
		if (cJSON_IsObject(child))
			count_leaves(child, n);
		else if (cJSON_IsArray(child) && cJSON_IsObject(child->child))
			count_leaves(child->child, n);
	}
}

static void test_table_is_whole(void)
{
	g_autoptr(cJSON) json = parse(sample);
	guint n = 0;

	count_leaves(json, &n);
	g_assert_cmpuint(n, ==, G_N_ELEMENTS(fields) + 4); /* the signature and what it holds */
}

/* Well formed each, but they do not go together. */
static void test_whole(void)
{
	assert_refused("image.digest", "null"); /* a disk always has one */
	assert_refused("run.signature", "1");
	assert_refused("run.signature", "[]");
	assert_refused("coverage.volumes[0]", "1");
	assert_refused("findings[0]", "[]");
	assert_refused("coverage.misses[0]", "null");
}

static IvReport *load(const char *path, const char *text)
{
	g_autoptr(cJSON) json = with(path, text);
	GError *error = NULL;
	IvReport *report = iv_report_from_json(json, &error);

	g_assert_no_error(error);
	return report;
}

static void test_values(void)
{
	g_autoptr(IvReport) a = load("findings[0].line", "null");
	g_autoptr(IvReport) b = load("findings[0].disk_offset", "null");
	g_autoptr(IvReport) c = load("findings[0].path", "null");
	g_autoptr(IvReport) d = load("image.size", "9007199254740991");
	g_autoptr(IvReport) e = load("run.signature", NULL);
	const IvFinding *f = a->findings->pdata[0];

	g_assert_cmpuint(f->line, ==, 0);
	g_assert_cmpuint(f->offset, ==, 3);
	g_assert_cmpint(f->disk_offset, ==, 5);
	g_assert_cmpstr(f->controls[0], ==, "CWE-798");
	g_assert_cmpint(f->severity, ==, IV_SEVERITY_HIGH);
	g_assert_cmpint(((IvFinding *)b->findings->pdata[0])->disk_offset, ==, -1);
	g_assert_null(((IvFinding *)c->findings->pdata[0])->path);
	g_assert_cmpuint(d->size, ==, G_GUINT64_CONSTANT(9007199254740991));
	g_assert_cmpint(a->run_started, ==, 1769903999);
	g_assert_nonnull(a->signature);
	g_assert_null(e->signature);
}

/* Verbs print parts of the model, and the file may be a stranger's. */
static void test_texts_are_one_line(void)
{
	static const char evil[] = "\"/a\\u001b[2J\\nverdict: yes\\r\\u202e\\u2028\\u009b\\t\\\\xff\\u00e9\"";
	static const char want[] =
		"/a\\u{1b}[2J verdict: yes\\u{d}\\u{202e}\\u{2028}\\u{9b} \\xff\xc3\xa9";
	g_autoptr(IvReport) a = load("findings[0].path", evil), b = load("coverage.notes[0]", evil);
	g_autoptr(IvReport) c = load("run.image", evil), d = load("coverage.misses[0].reason", evil);

	g_assert_cmpstr(((IvFinding *)a->findings->pdata[0])->path, ==, want);
	g_assert_cmpstr(b->coverage->notes->pdata[0], ==, want);
	g_assert_cmpstr(c->run_image, ==, want);
	g_assert_cmpstr(((IvCoverageMiss *)d->coverage->misses->pdata[0])->reason, ==, want);
}

static void test_tree_has_no_digest(void)
{
	g_autoptr(cJSON) json = with("image.digest", "null");
	g_autoptr(IvReport) report = NULL;
	cJSON *image = cJSON_GetObjectItemCaseSensitive(json, "image");

	cJSON_ReplaceItemInObjectCaseSensitive(image, "format", cJSON_CreateString("tree"));
	report = iv_report_from_json(json, NULL);
	g_assert_nonnull(report);
	g_assert_null(report->digest);
}

/* "complete" may be doubted, never improved. */
static void test_complete_is_doubted(void)
{
	static const struct {
		const char *path, *text;
	} rows[] = {
		{"coverage.volumes[0].complete", "true"}, /* unread bytes say otherwise */
		{"coverage.volumes[0].unread", "0"},	  /* the volume says otherwise */
		{"coverage.misses", "[]"},		  /* likewise */
		{"coverage.volumes", "[]"},		  /* the miss says otherwise */
		{"coverage.misses_dropped", "5"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(cJSON) json = with(rows[i].path, rows[i].text);
		g_autoptr(IvReport) report = NULL;
		cJSON *coverage = cJSON_GetObjectItemCaseSensitive(json, "coverage");

		cJSON_ReplaceItemInObjectCaseSensitive(coverage, "complete", cJSON_CreateTrue());
		report = iv_report_from_json(json, NULL);
		g_assert_nonnull(report);
		g_assert_false(report->coverage->complete);
	}
}

static void test_summary_is_counted(void)
{
	g_autoptr(IvReport) report = load("summary.high", "0");
	g_autoptr(cJSON) again = iv_report_to_json(report);
	const cJSON *summary = cJSON_GetObjectItemCaseSensitive(again, "summary");

	g_assert_cmpint(cJSON_GetObjectItemCaseSensitive(summary, "high")->valueint, ==, 1);
}

/* What a later imgvet may add does not stop this one, and the summary of a
 * report never depends on it. */
static void test_unknown_fields(void)
{
	g_autoptr(cJSON) json = parse(sample);
	g_autoptr(IvReport) report = NULL;

	cJSON_AddNumberToObject(json, "later", 1);
	cJSON_AddNumberToObject(cJSON_GetObjectItemCaseSensitive(json, "image"), "later", 1);
	report = iv_report_from_json(json, NULL);
	g_assert_nonnull(report);
}

static void test_no_report(void)
{
	static const char *const texts[] = {"{}", "[]", "1", "null", "\"schema\"", "{\"Schema\": 1}"};

	for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_autoptr(cJSON) json = parse(texts[i]);
		g_autoptr(GError) error = NULL;

		g_assert_null(iv_report_from_json(json, &error));
		g_assert_error(error, IV_ERROR, IV_ERROR_CORRUPT);
		g_assert_nonnull(strstr(error->message, "not a report of imgvet"));
	}
}

/* --- files --------------------------------------------------------------------------- */

static void assert_load_fails(const char *path, int code, const char *words)
{
	g_autoptr(GError) error = NULL;

	g_assert_null(iv_report_load(path, &error));
	g_assert_error(error, IV_ERROR, code);
	g_assert_nonnull(strstr(error->message, words));
	g_assert_nonnull(strstr(error->message, path)); /* it names the file */
}

static void test_files(void)
{
	g_autofree char *dir = g_dir_make_tmp("load-XXXXXX", NULL);
	g_autofree char *path = g_build_filename(dir, "r.json", NULL);
	g_autofree char *none = g_build_filename(dir, "none.json", NULL);
	cJSON *json;

	assert_load_fails(none, IV_ERROR_IO, "No such file");
	assert_load_fails(dir, IV_ERROR_IO, "folder");
	assert_load_fails("/dev/zero", IV_ERROR_IO, "not a file");
	g_assert_true(g_file_set_contents(path, "", -1, NULL));
	assert_load_fails(path, IV_ERROR_CORRUPT, "line 1, column 1");
	g_assert_true(g_file_set_contents(path, "{\n  \"a\": nope}", -1, NULL));
	assert_load_fails(path, IV_ERROR_CORRUPT, "line 2, column 8");
	g_assert_true(g_file_set_contents(path, sample, -1, NULL));
	json = iv_report_load(path, NULL);
	g_assert_nonnull(json);
	cJSON_Delete(json);
	g_unlink(path);
	g_rmdir(dir);
}

static void test_saved(void)
{
	g_autofree char *dir = g_dir_make_tmp("save-XXXXXX", NULL);
	g_autofree char *path = g_build_filename(dir, "r.json", NULL), *text = NULL, *want = NULL;
	g_autofree char *link = g_build_filename(dir, "link.json", NULL);
	g_autoptr(cJSON) json = parse(sample);
	g_autoptr(GError) error = NULL;
	GStatBuf st;

	want = iv_report_text(json);
	g_assert_true(iv_report_save(json, path, &error));
	g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
	g_assert_cmpstr(text, ==, want);
	g_assert_true(g_str_has_suffix(text, "}\n"));
	g_assert_cmpint(g_stat(path, &st), ==, 0);
	g_assert_cmpint(st.st_mode & 0777, ==, 0600);
	/* A link there is replaced; what it pointed to stays as it was. */
	g_assert_cmpint(symlink(path, link), ==, 0);
	g_assert_true(iv_report_save(json, link, &error));
	g_assert_cmpint(g_lstat(link, &st), ==, 0);
	g_assert_true(S_ISREG(st.st_mode));
	g_assert_false(iv_report_save(json, dir, &error));
	g_assert_error(error, IV_ERROR, IV_ERROR_IO);
	g_unlink(path);
	g_unlink(link);
	g_assert_cmpint(g_rmdir(dir), ==, 0);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	for (guint i = 0; i < G_N_ELEMENTS(fields); i++) {
		g_autofree char *name = g_strdup_printf("/report/load/field/%s", fields[i].path);

		g_test_add_data_func(name, GUINT_TO_POINTER(i), test_field);
	}
	g_test_add_func("/report/load/table-is-whole", test_table_is_whole);
	g_test_add_func("/report/load/whole", test_whole);
	g_test_add_func("/report/load/values", test_values);
	g_test_add_func("/report/load/one-line", test_texts_are_one_line);
	g_test_add_func("/report/load/tree", test_tree_has_no_digest);
	g_test_add_func("/report/load/complete-is-doubted", test_complete_is_doubted);
	g_test_add_func("/report/load/summary-is-counted", test_summary_is_counted);
	g_test_add_func("/report/load/unknown-fields", test_unknown_fields);
	g_test_add_func("/report/load/no-report", test_no_report);
	g_test_add_func("/report/load/files", test_files);
	g_test_add_func("/report/load/saved", test_saved);
	return g_test_run();
}
