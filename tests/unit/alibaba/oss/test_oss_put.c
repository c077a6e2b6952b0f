/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_oss_put.c - files up to the object storage, part by part, whatever happens. */
#include "tests/unit/alibaba/oss/oss_rig.h"

#include <sys/time.h>
#include <sys/wait.h>

#include "share/alibaba/oss/upload.h"
#include "share/base/limits.h"

#define LARGE (IV_OBJECT_PART + 700000u) /* two parts */

static char *small, *large;

static void check_part_sizes(void)
{
	static const struct {
		guint64 size, part;
	} rows[] = {
		{1, IV_OBJECT_PART},
		{(guint64)IV_OBJECT_PART * IV_OBJECT_MAX_PARTS, IV_OBJECT_PART},
		{(guint64)IV_OBJECT_PART * IV_OBJECT_MAX_PARTS + 1, IV_OBJECT_PART + (1 << 20)},
		{G_GUINT64_CONSTANT(1) << 40, 105 << 20},
		{IV_OBJECT_MAX_SIZE, G_GUINT64_CONSTANT(5) << 30},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_assert_cmpuint(iv_oss_part_size(rows[i].size), ==, rows[i].part);
		g_assert_cmpuint((rows[i].size + rows[i].part - 1) / rows[i].part, <=,
				 IV_OBJECT_MAX_PARTS);
	}
}

/* The object is the file, by way of a download. */
static bool is_object(const char *key, const char *path)
{
	g_autofree char *to = rig_path("back");
	g_autoptr(GError) error = NULL;
	bool same;

	standin_rules(standin, "[]");
	g_remove(to);
	g_assert_true(iv_oss_get_file(oss, key, to, NULL, NULL, &error));
	g_assert_no_error(error);
	same = rig_same(path, to);
	g_remove(to);
	return same;
}

/* Trouble that an upload gets over by itself. */
static void check_put(void)
{
	static const struct {
		const char *rules;
		guint parts, completions;
	} rows[] = {
		{"[]", 1, 1},
		{"[{'action':'oss:UploadPart','do':'drop-before'}]", 2, 1},
		{"[{'action':'oss:UploadPart','do':'drop-after'}]", 2, 1},
		{"[{'action':'oss:UploadPart','times':2,'do':'throttle','wait_ms':10}]", 3, 1},
		{"[{'action':'oss:InitiateMultipartUpload','do':'drop-after'}]", 1, 1},
		{"[{'action':'oss:CompleteMultipartUpload','do':'drop-before'}]", 1, 2},
		{"[{'action':'oss:CompleteMultipartUpload','do':'drop-after'}]", 1, 1},
		{"[{'action':'oss:CompleteMultipartUpload','do':'cut'}]", 1, 1},
		{"[{'action':'oss:CompleteMultipartUpload','do':'fail','status':503,"
		 "'code':'ServiceUnavailable'}]", 1, 2},
		{"[{'action':'oss:ListMultipartUploads','do':'fail','status':403,"
		 "'code':'AccessDenied'}]", 1, 1},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(IvOssObject) object = NULL;
		g_autofree char *key = g_strdup_printf("up-%zu", i);
		gsize from;
		bool ok;

		g_test_message("%s", rows[i].rules);
		standin_rules(standin, rows[i].rules);
		from = rig_log_size();
		ok = iv_oss_put_file(oss, key, small, NULL, NULL, &object, &error);
		g_assert_no_error(error);
		g_assert_true(ok);
		g_assert_cmpuint(object->size, ==, 300000);
		g_assert_cmpuint(rig_asked(from, "oss:UploadPart"), ==, rows[i].parts);
		g_assert_cmpuint(rig_asked(from, "oss:CompleteMultipartUpload"), ==,
				 rows[i].completions);
		g_assert_true(is_object(key, small));
	}
}

/* Trouble that ends it: nothing wrong is left, and the next run gets there. */
static void check_put_refused(void)
{
	static const struct {
		const char *rules, *says;
		bool left;
	} rows[] = {
		{"[{'action':'oss:UploadPart','do':'corrupt'}]", "other bytes", false},
		{"[{'action':'oss:UploadPart','do':'wrong-crc'}]", "other bytes", false},
		{"[{'action':'oss:UploadPart','do':'lie'}]", "InvalidPart", false},
		{"[{'action':'oss:CompleteMultipartUpload','do':'wrong-crc'}]", "was deleted", false},
		{"[{'action':'oss:CompleteMultipartUpload','do':'fail-late','code':'InternalError',"
		 "'times':9}]", "InternalError", false},
		{"[{'action':'oss:CompleteMultipartUpload','do':'lie'}]", "arrived whole", false},
		{"[{'action':'oss:HeadObject','skip':1,'do':'no-crc'}]", "arrived whole", true},
		{"[{'action':'oss:InitiateMultipartUpload','do':'raw','body':'<a/>'}]",
		 "makes no sense", false},
		{"[{'action':'oss:UploadPart','do':'fail','status':403,'code':'AccessDenied'}]",
		 "AccessDenied", false},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(IvOssObject) object = NULL;
		g_autofree char *key = g_strdup_printf("refused-%zu", i);

		g_test_message("%s", rows[i].rules);
		standin_rules(standin, rows[i].rules);
		g_assert_false(iv_oss_put_file(oss, key, small, NULL, NULL, NULL, &error));
		g_assert_error(error, IV_ERROR, IV_ERROR_CLOUD);
		if (strstr(error->message, rows[i].says) == NULL)
			g_test_message("%s", error->message);
		g_assert_nonnull(strstr(error->message, rows[i].says));
		standin_rules(standin, "[]");
		g_assert_true(iv_oss_head(oss, key, &object, NULL));
		g_assert_cmpint(object != NULL, ==, rows[i].left);
		g_clear_error(&error);
		g_assert_true(iv_oss_put_file(oss, key, small, NULL, NULL, NULL, &error));
		g_assert_no_error(error);
		g_assert_true(is_object(key, small));
	}
}

/* The same object is success without a byte sent; another one stays. */
static void check_put_there(void)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *other = rig_file("other", 299999), *empty = rig_path("empty");
	gsize from;

	standin_rules(standin, "[]");
	g_assert_true(iv_oss_put_file(oss, "there", small, NULL, NULL, NULL, &error));
	from = rig_log_size();
	g_string_truncate(recorded, 0);
	g_assert_true(iv_oss_put_file(oss, "there", small, NULL, NULL, NULL, &error));
	g_assert_cmpuint(rig_asked(from, "oss:"), ==, 1);
	g_assert_cmpstr(recorded->str, ==, "? HeadObject Bucket=" BUCKET " Key=there\n= 0\n");
	g_assert_false(iv_oss_put_file(oss, "there", other, NULL, NULL, NULL, &error));
	g_assert_error(error, IV_ERROR, IV_ERROR_REFUSED);
	g_assert_true(is_object("there", small));
	g_clear_error(&error);
	g_assert_true(g_file_set_contents(empty, "", 0, NULL));
	g_assert_false(iv_oss_put_file(oss, "empty", empty, NULL, NULL, NULL, &error));
	g_assert_error(error, IV_ERROR, IV_ERROR_USAGE);
	g_clear_error(&error);
	g_assert_false(iv_oss_put_file(oss, "none", folder, NULL, NULL, NULL, &error));
	g_assert_error(error, IV_ERROR, IV_ERROR_USAGE);
}

static bool die_late(void *user, guint64 done, guint64 all)
{
	if (done > IV_OBJECT_PART)
		raise(SIGKILL);
	return true;
}

static bool stop_late(void *user, guint64 done, guint64 all)
{
	return done <= IV_OBJECT_PART;
}

/* Killed in the second part, then stopped there: the first is sent once. */
static void check_put_resume(void)
{
	g_autoptr(GError) error = NULL;
	gsize from = rig_log_size();
	int status;
	pid_t child;

	standin_rules(standin, "[]");
	child = fork();
	if (child == 0) {
		iv_oss_put_file(oss, "large", large, die_late, NULL, NULL, NULL);
		_exit(0);
	}
	waitpid(child, &status, 0);
	g_assert_true(WIFSIGNALED(status));
	g_assert_false(iv_oss_put_file(oss, "large", large, stop_late, NULL, NULL, &error));
	g_assert_error(error, IV_ERROR, IV_ERROR_REFUSED);
	g_clear_error(&error);
	g_assert_true(iv_oss_put_file(oss, "large", large, NULL, NULL, NULL, &error));
	g_assert_no_error(error);
	g_assert_cmpuint(rig_asked(from, "\"partNumber\": \"1\""), ==, 1);
	g_assert_cmpuint(rig_asked(from, "oss:InitiateMultipartUpload"), ==, 1);
	g_assert_true(is_object("large", large));
}

/* Parts of another file under the same name are sent again, whatever the name. */
static void check_put_other_parts(void)
{
	static const char key[] = "parts/é +%41 <&> 00";
	g_autoptr(GError) error = NULL;
	g_autofree char *bytes = NULL, *changed = rig_path("changed");
	gsize len, from;

	standin_rules(standin, "[{'action':'oss:CompleteMultipartUpload','do':'fail','status':403,"
			       "'code':'AccessDenied'}]");
	g_assert_false(iv_oss_put_file(oss, key, small, NULL, NULL, NULL, NULL));
	g_assert_true(g_file_get_contents(small, &bytes, &len, NULL));
	bytes[7] ^= 1;
	g_assert_true(g_file_set_contents(changed, bytes, (gssize)len, NULL));
	from = rig_log_size();
	g_assert_true(iv_oss_put_file(oss, key, changed, NULL, NULL, NULL, &error));
	g_assert_no_error(error);
	g_assert_cmpuint(rig_asked(from, "oss:InitiateMultipartUpload"), ==, 0);
	g_assert_cmpuint(rig_asked(from, "oss:UploadPart"), ==, 1);
	g_assert_true(is_object(key, changed));
}

static bool write_once(void *user, guint64 done, guint64 all)
{
	char **path = user;

	if (*path != NULL)
		g_assert_cmpint(utimes(*path, NULL), ==, 0);
	*path = NULL;
	return true;
}

/* A file that is written to meanwhile becomes no object. */
static void check_put_changed(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(IvOssObject) object = NULL;
	g_autofree char *mine = rig_file("mine", 300000);
	const struct timeval past[2] = {{1, 0}, {1, 0}};
	char *once = mine;

	standin_rules(standin, "[]");
	g_assert_cmpint(utimes(mine, past), ==, 0);
	g_assert_false(iv_oss_put_file(oss, "changed", mine, write_once, &once, NULL, &error));
	g_assert_error(error, IV_ERROR, IV_ERROR_IO);
	g_assert_true(iv_oss_head(oss, "changed", &object, NULL));
	g_assert_null(object);
	g_clear_error(&error);
	g_assert_true(iv_oss_put_file(oss, "changed", mine, NULL, NULL, NULL, &error));
	g_assert_true(is_object("changed", mine));
}

/* Lists that are none, or that lead nowhere. */
static void check_list_nonsense(void)
{
#define WHOLE "<IsTruncated>false</IsTruncated>"
	static const struct {
		const char *list, *body;
	} rows[] = {
		{"ListParts", ""},
		{"ListParts", "hello"},
		{"ListParts", "<a>"},
		{"ListParts", "<a/>"},
		{"ListParts", "<!DOCTYPE a [<!ENTITY b \\\"c\\\">]><ListPartsResult>" WHOLE
			      "</ListPartsResult>"},
		{"ListParts", "<ListPartsResult>" WHOLE "</ListPartsResult><b/>"},
		{"ListParts", "<ListPartsResult/>"},
		{"ListParts", "<ListPartsResult><IsTruncated>perhaps</IsTruncated></ListPartsResult>"},
		{"ListParts", "<ListPartsResult>" WHOLE "<Part/></ListPartsResult>"},
		{"ListParts", "<ListPartsResult>" WHOLE "<Part><PartNumber>0</PartNumber></Part>"
			      "</ListPartsResult>"},
		{"ListParts", "<ListPartsResult>" WHOLE "<Part><PartNumber>1</PartNumber>"
			      "<ETag>a b</ETag></Part></ListPartsResult>"},
		{"ListParts", "<ListPartsResult>" WHOLE "<Part><PartNumber>1</PartNumber>"
			      "<ETag>e</ETag><Size>-1</Size></Part></ListPartsResult>"},
		{"ListParts", "<ListPartsResult><IsTruncated>true</IsTruncated></ListPartsResult>"},
		{"ListParts", "<ListPartsResult><IsTruncated>true</IsTruncated>"
			      "<NextPartNumberMarker>0</NextPartNumberMarker></ListPartsResult>"},
		{"ListMultipartUploads", "hello"},
		{"ListMultipartUploads", "<ListPartsResult/>"},
		{"ListMultipartUploads", "<ListMultipartUploadsResult><Upload><Key>nonsense</Key>"
					 "<UploadId>a b</UploadId></Upload>"
					 "</ListMultipartUploadsResult>"},
	};

	standin_rules(standin, "[{'action':'oss:CompleteMultipartUpload','do':'fail','status':403,"
			       "'code':'AccessDenied'}]");
	g_assert_false(iv_oss_put_file(oss, "nonsense", small, NULL, NULL, NULL, NULL));
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GError) error = NULL;
		g_autofree char *says =
			g_strconcat(rows[i].list, ": the answer makes no sense", NULL);
		g_autofree char *rules =
			g_strdup_printf("[{'action':'oss:%s','times':-1,'do':'raw','body':'%s'}]",
					rows[i].list, rows[i].body);

		g_test_message("%s", rules);
		standin_rules(standin, rules);
		g_assert_false(iv_oss_put_file(oss, "nonsense", small, NULL, NULL, NULL, &error));
		g_assert_error(error, IV_ERROR, IV_ERROR_CLOUD);
		g_assert_nonnull(strstr(error->message, says));
	}
	standin_rules(standin, "[]");
#undef WHOLE
}

int main(int argc, char **argv)
{
	int status;

	rig_start(&argc, &argv);
	small = rig_file("small", 300000);
	large = rig_file("large", LARGE);
	g_test_add_func("/oss-put/part-sizes", check_part_sizes);
	g_test_add_func("/oss-put/put", check_put);
	g_test_add_func("/oss-put/refused", check_put_refused);
	g_test_add_func("/oss-put/there", check_put_there);
	g_test_add_func("/oss-put/other-parts", check_put_other_parts);
	g_test_add_func("/oss-put/changed", check_put_changed);
	g_test_add_func("/oss-put/list-nonsense", check_list_nonsense);
	g_test_add_func("/oss-put/resume", check_put_resume);
	status = rig_run();
	g_free(small);
	g_free(large);
	return status;
}
