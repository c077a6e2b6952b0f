/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_tasks.c - what the answers about tasks and disks are taken for, and what is nonsense */
#include <string.h>

#include "scanner/base/error.h"
#include "share/alibaba/ecs/instance.h"
#include "share/alibaba/ecs/tasks.h"

#define ID "t-bp1sample"
#define HEAD "{\"TaskId\": \"" ID "\", \"TaskStatus\": "
#define OPERATIONS ", \"OperationProgressSet\": {\"OperationProgress\": ["
#define ITEMS "{\"RelatedItemSet\": {\"RelatedItem\": ["
#define ITEM(name, value) "{\"Name\": \"" name "\", \"Value\": \"" value "\"}"

static void test_task(void)
{
	static const struct {
		const char *text;
		bool ok;
		IvTaskState state;
		guint percent;
		const char *object, *problem;
	} rows[] = {
		{HEAD "\"Waiting\"}", true, IV_TASK_RUNNING, 0, NULL, ""},
		{HEAD "\"Processing\", \"TaskProcess\": \"45%\"}", true, IV_TASK_RUNNING, 45, NULL, ""},
		{HEAD "\"Processing\", \"TaskProcess\": \"145%\"}", true, IV_TASK_RUNNING, 0, NULL, ""},
		{HEAD "\"Processing\", \"TaskProcess\": 45}", true, IV_TASK_RUNNING, 0, NULL, ""},
		{HEAD "\"Finished\"" OPERATIONS ITEMS ITEM("OSSBucket", "b") ", " ITEM("OSSObject", "k")
		 "]}}]}}", true, IV_TASK_DONE, 0, "k", ""},
		/* The first disk's object is the system disk's. */
		{HEAD "\"Finished\"" OPERATIONS ITEMS ITEM("OSSObject", "k") "]}}, " ITEMS
		 ITEM("OSSObject", "data") "]}}]}}", true, IV_TASK_DONE, 0, "k", ""},
		{HEAD "\"Finished\"" OPERATIONS ITEMS ITEM("OSSObject", "") "]}}]}}", true, IV_TASK_DONE, 0,
		 NULL, ""},
		{HEAD "\"Failed\"" OPERATIONS "{\"ErrorCode\": \"E\", \"ErrorMsg\": \"why\\u0007\"}]}}",
		 true, IV_TASK_FAILED, 0, NULL, "E: why\\x07"},
		{HEAD "\"Cancelled\"}", true, IV_TASK_FAILED, 0, NULL, ""},
		{HEAD "\"Sleeping\"}", false, 0, 0, NULL, NULL},
		{HEAD "7}", false, 0, 0, NULL, NULL},
		{"{\"TaskId\": \"t-other\", \"TaskStatus\": \"Finished\"}", false, 0, 0, NULL, NULL},
		{"{\"TaskStatus\": \"Finished\"}", false, 0, 0, NULL, NULL},
		{"[]", false, 0, 0, NULL, NULL},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(cJSON) json = cJSON_Parse(rows[i].text);
		g_autoptr(GError) error = NULL;
		g_autoptr(IvCloudTask) task = iv_ecs_read_task(json, ID, &error);

		g_test_message("row %zu", i);
		g_assert_true((task != NULL) == rows[i].ok);
		if (task == NULL) {
			g_assert_error(error, IV_ERROR, IV_ERROR_CLOUD);
			continue;
		}
		g_assert_cmpint(task->state, ==, rows[i].state);
		g_assert_cmpuint(task->percent, ==, rows[i].percent);
		g_assert_cmpstr(task->object, ==, rows[i].object);
		g_assert_cmpstr(task->problem, ==, rows[i].problem);
	}
}

#define EXPORT(id, image, action, time)                                                            \
	"{\"TaskId\": \"" id "\", \"ResourceId\": \"" image "\", \"TaskAction\": \"" action              \
	"\", \"CreationTime\": \"" time "\"}"
#define TASKS(list) "{\"TotalCount\": 9, \"TaskSet\": {\"Task\": [" list "]}}"
#define SINCE G_GINT64_CONSTANT(1767323045) /* 2026-01-02T03:04:05Z */

static void test_exports(void)
{
	static const struct {
		const char *text;
		int found; /* -1: nonsense */
	} rows[] = {
		{TASKS(EXPORT("t-1", "m-1", "ExportImage", "2026-01-02T03:04:05Z")), 1},
		{TASKS(EXPORT("t-1", "m-2", "ExportImage", "2026-01-02T03:04:05Z")), 0},
		{TASKS(EXPORT("t-1", "m-1", "ImportImage", "2026-01-02T03:04:05Z")), 0},
		/* Long before it was asked for; a clock a minute behind is no matter. */
		{TASKS(EXPORT("t-1", "m-1", "ExportImage", "2026-01-02T02:04:05Z")), 0},
		{TASKS(EXPORT("t-1", "m-1", "ExportImage", "2026-01-02T03:03:05Z")), 1},
		{TASKS(EXPORT("t-1", "m-1", "ExportImage", "yesterday")), 0},
		{TASKS(""), 0},
		{TASKS(EXPORT("t 1", "m-1", "ExportImage", "2026-01-02T03:04:05Z")), -1},
		{"{\"TaskSet\": {\"Task\": []}}", -1},
		{"{\"TotalCount\": 1}", -1},
		{"{\"TotalCount\": 900000, \"TaskSet\": {\"Task\": []}}", -1},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(cJSON) json = cJSON_Parse(rows[i].text);
		g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(iv_ecs_export_free);
		guint total;
		bool ok = iv_ecs_read_exports(json, "m-1", SINCE, found, &total, NULL);

		g_test_message("row %zu", i);
		g_assert_true(ok == (rows[i].found >= 0));
		if (ok)
			g_assert_cmpint((int)found->len, ==, rows[i].found);
	}
}

static void test_disks(void)
{
	static const struct {
		const char *disk;
		int state; /* -1: nonsense */
		const char *serial, *instance;
	} rows[] = {
		{"{\"DiskId\": \"d-1\", \"Status\": \"Available\", \"SerialNumber\": \"xyz\"}",
		 IV_VOLUME_FREE, "xyz", NULL},
		{"{\"DiskId\": \"d-bp1\", \"Status\": \"In_use\", \"InstanceId\": \"i-1\"}",
		 IV_VOLUME_ATTACHED, "bp1", "i-1"},
		{"{\"DiskId\": \"d-1\", \"Status\": \"Detaching\", \"SerialNumber\": \"../x\"}",
		 IV_VOLUME_MOVING, "1", NULL},
		{"{\"DiskId\": \"d-1\", \"Status\": \"Lost\"}", -1, NULL, NULL},
		{"{\"Status\": \"Available\"}", -1, NULL, NULL},
		{"{\"DiskId\": \"d-1/..\", \"Status\": \"Available\"}", -1, NULL, NULL},
		{"7", -1, NULL, NULL},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *text = g_strdup_printf(
			"{\"TotalCount\": 1, \"Disks\": {\"Disk\": [%s]}}", rows[i].disk);
		g_autoptr(cJSON) json = cJSON_Parse(text);
		g_autoptr(GPtrArray) found =
			g_ptr_array_new_with_free_func((GDestroyNotify)iv_cloud_volume_free);
		guint total;
		bool ok = iv_ecs_read_disks(json, found, &total, NULL);
		const IvCloudVolume *volume = ok ? found->pdata[0] : NULL;

		g_test_message("row %zu", i);
		g_assert_true(ok == (rows[i].state >= 0));
		if (!ok)
			continue;
		g_assert_cmpint((int)volume->state, ==, rows[i].state);
		g_assert_cmpstr(volume->serial, ==, rows[i].serial);
		g_assert_cmpstr(volume->instance, ==, rows[i].instance);
	}
}

static void test_prefix(void)
{
	g_assert_true(iv_ecs_prefix_ok("a"));
	g_assert_true(iv_ecs_prefix_ok("abc123ABC123abc123ABC123abc123"));
	g_assert_false(iv_ecs_prefix_ok("abc123ABC123abc123ABC123abc1234"));
	g_assert_false(iv_ecs_prefix_ok(""));
	g_assert_false(iv_ecs_prefix_ok("a/b"));
	g_assert_false(iv_ecs_prefix_ok("a_b"));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/tasks/task", test_task);
	g_test_add_func("/tasks/exports", test_exports);
	g_test_add_func("/tasks/disks", test_disks);
	g_test_add_func("/tasks/prefix", test_prefix);
	return g_test_run();
}
