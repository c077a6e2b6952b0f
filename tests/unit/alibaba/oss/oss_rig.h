/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * oss_rig.h - a bucket of the stand-in, files to go into it, and what was on
 * record: for the tests of the object storage.
 */
#ifndef IV_TESTS_OSS_RIG_H
#define IV_TESTS_OSS_RIG_H

#include "share/alibaba/credentials/chain.h"
#include "tests/cloud/standin.h"

#include "scanner/base/error.h"
#include "share/alibaba/oss/oss.h"

#define BUCKET "imgvet-demo-bucket"

static Standin *standin;
static char *folder;
static IvOss *oss;
static GString *recorded; /* one line for each begin and end */

static inline bool rig_begin(void *user, const char *text, bool changes, gint64 *id,
			     GError **error)
{
	*id = 7;
	g_string_append_printf(recorded, "%s%s\n", changes ? "! " : "? ", text);
	return true;
}

static inline bool rig_end(void *user, gint64 id, IvOutcome outcome, const IvCallTrace *trace,
			   const char *problem, GError **error)
{
	g_assert_cmpint(id, ==, 7);
	g_string_append_printf(recorded, "= %d\n", outcome);
	return true;
}

static const IvCallRecorder rig_recorder = {rig_begin, rig_end, NULL};

/* A bucket as whoever the environment says. */
static inline IvOss *rig_bucket(const char *region, const char *bucket)
{
	const char *urls[] = {standin->url, NULL};
	g_autoptr(GError) error = NULL;
	g_autoptr(IvAlibabaEndpoints) endpoints = iv_alibaba_endpoints_new(region, urls, &error);
	g_autoptr(IvCredentialSource) source = NULL;
	g_autoptr(IvAlibabaClient) client = NULL;
	IvOss *made;

	g_assert_no_error(error);
	source = iv_credential_source_new(NULL, endpoints, &error);
	g_assert_no_error(error);
	client = iv_alibaba_client_new(endpoints, source);
	client->recorder = &rig_recorder;
	made = iv_oss_new(client, region, bucket, false, &error);
	g_assert_no_error(error);
	return made;
}

static inline char *rig_path(const char *name)
{
	return g_build_filename(folder, name, NULL);
}

/* A file of len bytes that no checksum likes to see moved about. */
static inline char *rig_file(const char *name, gsize len)
{
	char *path = rig_path(name);
	g_autofree guint8 *bytes = g_malloc(len);
	guint64 x = 88172645463325252u;

	for (gsize i = 0; i < len; i++) {
		x ^= x << 13, x ^= x >> 7, x ^= x << 17;
		bytes[i] = (guint8)x;
	}
	g_assert_true(g_file_set_contents(path, (char *)bytes, (gssize)len, NULL));
	return path;
}

static inline bool rig_same(const char *a, const char *b)
{
	g_autofree char *left = NULL, *right = NULL;
	gsize left_len, right_len;

	g_assert_true(g_file_get_contents(a, &left, &left_len, NULL));
	g_assert_true(g_file_get_contents(b, &right, &right_len, NULL));
	return left_len == right_len && memcmp(left, right, left_len) == 0;
}

static inline bool rig_exists(const char *path, const char *suffix)
{
	g_autofree char *name = g_strconcat(path, suffix, NULL);

	return g_file_test(name, G_FILE_TEST_EXISTS);
}

/* Requests of the log since `from` bytes whose line holds `what`. */
static inline guint rig_asked(gsize from, const char *what)
{
	g_autofree char *log = NULL;
	guint count = 0;

	g_assert_true(g_file_get_contents(standin->log, &log, NULL, NULL));
	for (const char *p = log + from; (p = strstr(p, what)) != NULL; p++)
		count++;
	return count;
}

static inline gsize rig_log_size(void)
{
	GStatBuf st;

	return g_stat(standin->log, &st) == 0 ? (gsize)st.st_size : 0;
}

static inline void rig_start(int *argc, char ***argv)
{
	g_test_init(argc, argv, NULL);
	standin = standin_start("http", NULL);
	folder = g_dir_make_tmp("imgvet-oss-XXXXXX", NULL);
	recorded = g_string_new(NULL);
	oss = rig_bucket(DEMO_REGION, BUCKET);
}

static inline int rig_run(void)
{
	int status = g_test_run();
	g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
	const char *name;

	while ((name = g_dir_read_name(dir)) != NULL) {
		g_autofree char *path = rig_path(name);

		g_remove(path);
	}
	g_rmdir(folder);
	g_free(folder);
	iv_oss_free(oss);
	g_string_free(recorded, TRUE);
	standin_stop(standin);
	return status;
}

#endif
