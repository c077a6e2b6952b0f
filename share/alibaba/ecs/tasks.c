/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tasks.c - see tasks.h */
#include "share/alibaba/ecs/tasks.h"

#include <string.h>

#include "scanner/base/cjson.h"
#include "scanner/base/error.h"
#include "share/alibaba/call/account.h"
#include "share/alibaba/call/ids.h"
#include "share/alibaba/call/pairs.h"
#include "share/alibaba/call/read.h"
#include "share/base/limits.h"

#define PAGE_SIZE 100u
#define PAGE_TEXT "100"
/* Bytes of an object's key. */
#define MAX_KEY 1023
/* Seconds that the cloud's clock may be behind ours when a task begins. */
#define CLOCK_SLACK 300

/* --- shapes ------------------------------------------------------------------------------ */

bool iv_ecs_prefix_ok(const char *prefix)
{
	size_t len = strlen(prefix);

	for (size_t i = 0; i < len; i++)
		if (!g_ascii_isalnum(prefix[i]))
			return false;
	return len >= 1 && len <= 30;
}

/* --- asking ------------------------------------------------------------------------------ */

static GPtrArray *params_of(const IvAlibaba *a)
{
	GPtrArray *params = iv_pairs_new();

	iv_pairs_add(params, "RegionId", a->region);
	return params;
}

static void add_if(GPtrArray *params, const char *name, const char *value)
{
	if (value != NULL)
		iv_pairs_add(params, name, value);
}

static cJSON *ask(IvAlibaba *a, const char *action, const GPtrArray *params, bool changes,
		  bool repeatable, IvCallTrace *trace, GError **error)
{
	IvAlibabaCall call = {.service = IV_ALIBABA_ECS,
			      .action = action,
			      .params = params,
			      .changes = changes,
			      .repeatable = repeatable};

	return iv_alibaba_ask(a, &call, trace, error);
}

/* A member that is an id, or false with "makes no sense". */
static bool take_id(const cJSON *answer, const char *action, const char *name, char **id,
		    GError **error)
{
	const char *text = iv_alibaba_text(answer, name);

	if (!iv_alibaba_id_ok(text))
		return iv_alibaba_nonsense(error, action, "the new task's id is missing");
	*id = g_strdup(text);
	return true;
}

/* --- tasks ------------------------------------------------------------------------------- */

static const struct {
	const char *word;
	IvTaskState state;
} states[] = {
	{"Finished", IV_TASK_DONE},	 {"Failed", IV_TASK_FAILED},
	{"Cancelled", IV_TASK_FAILED},	 {"Processing", IV_TASK_RUNNING},
	{"Waiting", IV_TASK_RUNNING},	 {"Pending", IV_TASK_RUNNING},
	{"Paused", IV_TASK_RUNNING},	 {"Deleted", IV_TASK_FAILED},
};

static bool state_of(const char *word, IvTaskState *state)
{
	for (gsize i = 0; word != NULL && i < G_N_ELEMENTS(states); i++) {
		if (strcmp(states[i].word, word) == 0) {
			*state = states[i].state;
			return true;
		}
	}
	return false;
}

/* "45%"; anything else is 0. */
static guint percent_of(const cJSON *answer)
{
	const char *text = iv_alibaba_text(answer, "TaskProcess");
	g_autofree char *digits = text != NULL && g_str_has_suffix(text, "%")
					  ? g_strndup(text, strlen(text) - 1)
					  : NULL;
	guint64 percent;

	if (digits == NULL || !g_ascii_string_to_unsigned(digits, 10, 0, 100, &percent, NULL))
		return 0;
	return (guint)percent;
}

static void take_item(const cJSON *item, IvCloudTask *task)
{
	const char *name = iv_alibaba_text(item, "Name"), *value = iv_alibaba_text(item, "Value");
	char **to = g_strcmp0(name, "OSSBucket") == 0	? &task->bucket
		    : g_strcmp0(name, "OSSObject") == 0 ? &task->object
							: NULL;

	if (to == NULL || value == NULL || *value == '\0' || strlen(value) > MAX_KEY || *to != NULL)
		return;
	*to = g_strdup(value);
}

/* An export of an image with data disks has an operation for each; the first
 * is the system disk's. */
static void take_operation(const cJSON *operation, IvCloudTask *task)
{
	const cJSON *item;

	if (task->object == NULL)
		cJSON_ArrayForEach(item, iv_alibaba_list(operation, "RelatedItemSet", "RelatedItem"))
			take_item(item, task);
	if (task->problem == NULL && iv_alibaba_text(operation, "ErrorCode") != NULL &&
	    *iv_alibaba_text(operation, "ErrorCode") != '\0') {
		g_autofree char *code = iv_alibaba_printable(operation, "ErrorCode");
		g_autofree char *words = iv_alibaba_printable(operation, "ErrorMsg");

		task->problem = g_strdup_printf("%s%s%s", code, *words != '\0' ? ": " : "", words);
	}
}

IvCloudTask *iv_ecs_read_task(const cJSON *answer, const char *id, GError **error)
{
	static const char action[] = "DescribeTaskAttribute";
	g_autoptr(IvCloudTask) task = g_new0(IvCloudTask, 1);
	const cJSON *operation;

	if (g_strcmp0(iv_alibaba_text(answer, "TaskId"), id) != 0) {
		iv_alibaba_nonsense(error, action, "it is about another task");
		return NULL;
	}
	if (!state_of(iv_alibaba_text(answer, "TaskStatus"), &task->state)) {
		iv_alibaba_nonsense(error, action, "unknown task state");
		return NULL;
	}
	task->word = iv_alibaba_printable(answer, "TaskStatus");
	task->percent = percent_of(answer);
	if (iv_alibaba_id_ok(iv_alibaba_text(answer, "ResourceId")))
		task->image = g_strdup(iv_alibaba_text(answer, "ResourceId"));
	cJSON_ArrayForEach(operation,
			   iv_alibaba_list(answer, "OperationProgressSet", "OperationProgress"))
		take_operation(operation, task);
	if (task->problem == NULL)
		task->problem = g_strdup("");
	return g_steal_pointer(&task);
}

IvCloudTask *iv_alibaba_task(IvCloud *cloud, const char *id, IvCallTrace *trace, GError **error)
{
	IvAlibaba *a = iv_alibaba(cloud);
	g_autoptr(GPtrArray) params = params_of(a);
	cJSON *answer;
	IvCloudTask *task;

	iv_pairs_add(params, "TaskId", id);
	answer = ask(a, "DescribeTaskAttribute", params, false, false, trace, error);
	task = answer != NULL ? iv_ecs_read_task(answer, id, error) : NULL;
	cJSON_Delete(answer);
	return task;
}

/* --- export -------------------------------------------------------------------------------- */

bool iv_alibaba_export(IvCloud *cloud, const char *image_id, const char *bucket, const char *prefix,
		       char **task, IvCallTrace *trace, GError **error)
{
	static const char action[] = "ExportImage";
	IvAlibaba *a = iv_alibaba(cloud);
	g_autoptr(GPtrArray) params = params_of(a);
	const char *name = "TaskId";
	cJSON *answer;
	bool ok;

	iv_pairs_add(params, "ImageId", image_id);
	iv_pairs_add(params, "OSSBucket", bucket);
	add_if(params, "OSSPrefix", prefix);
	answer = ask(a, action, params, true, false, trace, error);
	if (answer == NULL)
		return false;
	/* Its name in older answers. */
	if (iv_alibaba_text(answer, name) == NULL)
		name = "ExportTaskId";
	ok = take_id(answer, action, name, task, error);
	cJSON_Delete(answer);
	return ok;
}

void iv_ecs_export_free(gpointer data)
{
	IvEcsExport *found = data;

	g_free(found->id);
	g_free(found);
}

bool iv_ecs_read_exports(const cJSON *answer, const char *image_id, gint64 since, GPtrArray *tasks,
			 guint *total, GError **error)
{
	static const char action[] = "DescribeTasks";
	const cJSON *list = iv_alibaba_list(answer, "TaskSet", "Task"), *one;

	if (list == NULL || !iv_alibaba_count(answer, "TotalCount", total) ||
	    *total > IV_CLOUD_MAX_TASKS || cJSON_GetArraySize(list) > (int)PAGE_SIZE)
		return iv_alibaba_nonsense(error, action, "it holds no list of tasks");
	cJSON_ArrayForEach(one, list) {
		const char *id = iv_alibaba_text(one, "TaskId");
		gint64 created = iv_alibaba_time(iv_alibaba_text(one, "CreationTime"));
		IvEcsExport *found;

		if (!iv_alibaba_id_ok(id))
			return iv_alibaba_nonsense(error, action, "a task has no id");
		if (g_strcmp0(iv_alibaba_text(one, "TaskAction"), "ExportImage") != 0 ||
		    g_strcmp0(iv_alibaba_text(one, "ResourceId"), image_id) != 0 ||
		    created < since - CLOCK_SLACK)
			continue;
		found = g_new0(IvEcsExport, 1);
		found->id = g_strdup(id);
		found->created = created;
		g_ptr_array_add(tasks, found);
	}
	return true;
}

static bool exports_page(IvAlibaba *a, const char *image_id, gint64 since, guint page,
			 GPtrArray *found, guint *total, IvCallTrace *trace, GError **error)
{
	g_autoptr(GPtrArray) params = params_of(a);
	g_autofree char *number = g_strdup_printf("%u", page);
	cJSON *answer;
	bool ok;

	iv_pairs_add(params, "TaskAction", "ExportImage");
	iv_pairs_add(params, "PageNumber", number);
	iv_pairs_add(params, "PageSize", PAGE_TEXT);
	answer = ask(a, "DescribeTasks", params, false, false, trace, error);
	ok = answer != NULL && iv_ecs_read_exports(answer, image_id, since, found, total, error);
	cJSON_Delete(answer);
	return ok;
}

static int newest_first(gconstpointer left, gconstpointer right)
{
	const IvEcsExport *a = *(IvEcsExport *const *)left, *b = *(IvEcsExport *const *)right;

	return a->created < b->created ? 1 : a->created > b->created ? -1 : 0;
}

GPtrArray *iv_alibaba_exports(IvCloud *cloud, const char *image_id, gint64 since,
			      IvCallTrace *trace, GError **error)
{
	g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(iv_ecs_export_free);
	GPtrArray *ids;
	guint total = 0, page = 0;

	do {
		page++;
		if (!exports_page(iv_alibaba(cloud), image_id, since, page, found, &total, trace,
				  error))
			return NULL;
	} while (page * PAGE_SIZE < total);
	g_ptr_array_sort(found, newest_first);
	ids = g_ptr_array_new_with_free_func(g_free);
	for (guint i = 0; i < found->len; i++)
		g_ptr_array_add(ids, g_strdup(((IvEcsExport *)found->pdata[i])->id));
	return ids;
}

/* --- import and tags ------------------------------------------------------------------------ */

static const struct {
	const char *format, *word;
} formats[] = {{"raw", "RAW"}, {"qcow2", "QCOW2"}};

static GPtrArray *import_params(const IvAlibaba *a, const IvCloudImport *import)
{
	GPtrArray *params = params_of(a);
	g_autofree char *size = g_strdup_printf("%u", import->size_gib);

	for (gsize i = 0; i < G_N_ELEMENTS(formats); i++)
		if (strcmp(formats[i].format, import->format) == 0)
			iv_pairs_add(params, "DiskDeviceMapping.1.Format", formats[i].word);
	iv_pairs_add(params, "DiskDeviceMapping.1.OSSBucket", import->bucket);
	iv_pairs_add(params, "DiskDeviceMapping.1.OSSObject", import->object);
	iv_pairs_add(params, "DiskDeviceMapping.1.DiskImageSize", size);
	iv_pairs_add(params, "ImageName", import->name);
	iv_pairs_add(params, "OSType", "linux");
	iv_pairs_add(params, "Architecture", import->architecture);
	add_if(params, "BootMode", import->boot);
	add_if(params, "Platform", import->platform);
	iv_pairs_add(params, "ClientToken", import->token);
	return params;
}

bool iv_alibaba_import(IvCloud *cloud, const IvCloudImport *import, char **image_id, char **task,
		       IvCallTrace *trace, GError **error)
{
	static const char action[] = "ImportImage";
	IvAlibaba *a = iv_alibaba(cloud);
	g_autoptr(GPtrArray) params = import_params(a, import);
	cJSON *answer = ask(a, action, params, true, true, trace, error);
	const char *id;
	bool ok;

	if (answer == NULL)
		return false;
	id = iv_alibaba_text(answer, "ImageId");
	ok = id != NULL && iv_alibaba_image_id_ok(id)
		     ? take_id(answer, action, "TaskId", task, error)
		     : iv_alibaba_nonsense(error, action, "the new image's id is missing");
	if (ok)
		*image_id = g_strdup(id);
	cJSON_Delete(answer);
	return ok;
}

bool iv_alibaba_tag(IvCloud *cloud, const char *image_id, const IvCloudTag *tags, gsize n,
		    IvCallTrace *trace, GError **error)
{
	IvAlibaba *a = iv_alibaba(cloud);
	g_autoptr(GPtrArray) params = params_of(a);
	cJSON *answer;

	iv_pairs_add(params, "ResourceType", "image");
	iv_pairs_add(params, "ResourceId.1", image_id);
	for (gsize i = 0; i < n; i++) {
		g_autofree char *key = g_strdup_printf("Tag.%zu.Key", i + 1);
		g_autofree char *value = g_strdup_printf("Tag.%zu.Value", i + 1);

		iv_pairs_add(params, key, tags[i].key);
		iv_pairs_add(params, value, tags[i].value);
	}
	/* Setting the same tags again changes nothing. */
	answer = ask(a, "TagResources", params, true, true, trace, error);
	cJSON_Delete(answer);
	return answer != NULL;
}
