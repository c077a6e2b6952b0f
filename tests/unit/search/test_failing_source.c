/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_failing_source.c - a disk whose nth read fails, for every n: never a
 * crash, and never a report that says "complete" and misses what a good disk's
 * report has.
 */
#include <glib/gstdio.h>

#include "scanner/scan_source.h"
#include "tests/unit/search/search_rig.h"

/* More calls than a scan of this disk makes. */
#define MAX_CALLS 5000

static const char make_disk[] =
	"mkdir -p tree/etc tree/home && cd tree\n"
	"echo 'key EXTOK_00112233AABBCCDD' >home/key; ln home/key home/twin\n"
	"echo x >etc/server.pem; seq 20000 >home/numbers; ln -s EXTOK_00112233AABBCCD1 home/link\n"
	"cd .. && truncate -s 12M disk.img\n"
	"printf 'label: gpt\\nstart=1MiB, size=8MiB\\n' | sfdisk -q disk.img\n"
	"mke2fs -q -F -t ext4 -b 1024 -E offset=1048576 -d tree disk.img 8M 2>/dev/null\n"
	"printf EXTOK_00112233AABBCCD2 | dd of=disk.img bs=1 seek=10000000 conv=notrunc 2>/dev/null\n";

static char *image;
static gsize image_size;

static void make_image(void)
{
	g_autofree char *folder = g_dir_make_tmp("imgvet-failing-XXXXXX", NULL);
	g_autofree char *line = g_strdup_printf("cd '%s' && { %s }", folder, make_disk);
	g_autofree char *path = g_build_filename(folder, "disk.img", NULL);
	g_autofree char *remove = g_strdup_printf("rm -rf '%s'", folder);
	const char *argv[] = {"/bin/sh", "-ec", line, NULL};
	int status;

	g_assert_true(g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL,
				   NULL, &status, NULL));
	g_assert_cmpint(status, ==, 0);
	g_assert_true(g_file_get_contents(path, &image, &image_size, NULL));
	g_assert_true(g_spawn_command_line_sync(remove, NULL, NULL, NULL, NULL));
}

/* Line numbers come from a second reading of a file and may be missing. */
static char *facts_of(const IvReport *report)
{
	GString *text = g_string_new(report->digest);

	g_string_append_printf(text, "\n%s %u volumes\n", report->table,
			       report->coverage->volumes->len);
	for (guint i = 0; i < report->coverage->volumes->len; i++) {
		const IvCoverageVolume *v = report->coverage->volumes->pdata[i];

		g_string_append_printf(text, "%s %s %s %u\n", v->volume, v->kind, v->reader,
				       (guint)v->files);
	}
	for (guint i = 0; i < report->findings->len; i++) {
		const IvFinding *f = report->findings->pdata[i];

		g_string_append_printf(text, "%s %s %s %u\n", f->fingerprint, f->rule,
				       f->path != NULL ? f->path : "-", (guint)f->offset);
	}
	return g_string_free(text, FALSE);
}

/* NULL: the scan failed, and said why.  *calls: how often the disk was asked. */
static IvReport *scan(const IvRuleSet *rules, gint fail_at, bool forever, gint *calls)
{
	static const uint8_t salt[IV_SALT_BYTES] = {1};
	const IvScanOptions options = {.threads = 2, .salt = salt};
	RigDisk *disk = rig_disk_new(image, image_size);
	g_autoptr(GError) error = NULL;
	IvReport *report;

	disk->fail_at = fail_at;
	disk->fail_forever = forever;
	disk->holes = true;
	report = iv_scan_source("raw", &disk->base, rules, &options, &error);
	g_assert_true((report == NULL) == (error != NULL));
	if (error != NULL && fail_at > 0)
		g_assert_cmpstr(error->message, !=, "");
	*calls = disk->reads;
	iv_source_unref(&disk->base);
	return report;
}

static char *good_facts(const IvRuleSet *rules)
{
	gint calls;
	g_autoptr(IvReport) report = scan(rules, 0, false, &calls);
	char *facts;

	g_assert_nonnull(report);
	g_assert_true(report->coverage->complete);
	facts = facts_of(report);
	g_assert_nonnull(strstr(facts, "r.token /home/key 4\n"));
	g_assert_nonnull(strstr(facts, "r.token /home/twin 4\n"));
	g_assert_nonnull(strstr(facts, "r.token /home/link 0\n"));
	g_assert_nonnull(strstr(facts, "r.path /etc/server.pem 0\n"));
	g_assert_nonnull(strstr(facts, "r.token - "));
	return facts;
}

static void check_every(bool forever)
{
	g_autoptr(IvRuleSet) rules = rig_rules();
	g_autofree char *want = good_facts(rules);
	guint failed = 0, incomplete = 0, complete = 0;
	gint n = 1, calls;

	for (; n < MAX_CALLS; n++) {
		g_autoptr(IvReport) report = scan(rules, n, forever, &calls);
		g_autofree char *got = report != NULL ? facts_of(report) : NULL;

		if (calls < n)
			break; /* the failing call never came */
		if (report == NULL) {
			failed++;
		} else if (!report->coverage->complete) {
			g_assert_cmpuint(report->coverage->misses->len, >, 0);
			incomplete++;
		} else {
			if (strcmp(got, want) != 0)
				g_error("call %d fails, the report says complete:\n%s\nnot\n%s", n,
					got, want);
			complete++;
		}
	}
	g_assert_cmpint(n, <, MAX_CALLS);
	g_test_message("%d calls: %u errors, %u incomplete, %u complete", n, failed, incomplete,
		       complete);
	g_assert_cmpuint(failed, >, 0);
}

static void test_once(void)
{
	check_every(false);
}

static void test_forever(void)
{
	check_every(true);
}

int main(int argc, char **argv)
{
	int result;

	g_test_init(&argc, &argv, NULL);
	make_image();
	g_test_add_func("/failing-source/once", test_once);
	g_test_add_func("/failing-source/forever", test_forever);
	result = g_test_run();
	g_free(image);
	return result;
}
