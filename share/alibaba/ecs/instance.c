/* SPDX-License-Identifier: GPL-3.0-or-later */
/* instance.c - see instance.h */
#include "share/alibaba/ecs/instance.h"

#include <string.h>

#include "scanner/base/cjson.h"
#include "scanner/base/error.h"
#include "scanner/base/text.h"
#include "share/alibaba/call/account.h"
#include "share/alibaba/call/call.h"
#include "share/alibaba/call/endpoints.h"
#include "share/alibaba/call/pairs.h"
#include "share/alibaba/call/read.h"
#include "share/alibaba/credentials/metadata.h"
#include "share/http/http.h"

#define PAGE_SIZE 100u
#define PAGE_TEXT "100"

/* --- the metadata service ------------------------------------------------------------------ */

static IvEndpoint *metadata_endpoint(IvAlibaba *a, GError **error)
{
	const IvEndpoint *given = iv_alibaba_endpoint(a->client->endpoints, IV_ALIBABA_METADATA);

	return iv_endpoint_metadata(given != NULL ? given->base : NULL, error);
}

static char *fact(const IvEndpoint *endpoint, const char *name, const char *header, GError **error)
{
	g_autofree char *path = g_strconcat("/latest/meta-data/", name, NULL);
	g_autoptr(IvHttpAnswer) answer = iv_metadata_ask(endpoint, "GET", path, header, NULL);
	g_autofree char *word = iv_metadata_word(answer);

	if (word != NULL && iv_alibaba_id_ok(word))
		return g_steal_pointer(&word);
	iv_fail(error, IV_ERROR_CLOUD,
		"the metadata service does not say its %s, so this is not an instance of the cloud\n"
		"--via disk works on an ECS instance of the image's region only; use --via export",
		name);
	return NULL;
}

IvCloudInstance *iv_alibaba_instance(IvCloud *cloud, GError **error)
{
	g_autoptr(IvEndpoint) endpoint = metadata_endpoint(iv_alibaba(cloud), error);
	g_autoptr(IvCloudInstance) instance = g_new0(IvCloudInstance, 1);
	char *header = NULL;
	bool ok;

	if (endpoint == NULL)
		return NULL;
	if (!iv_metadata_token(endpoint, &header, error)) {
		g_prefix_error(error, "--via disk works on an ECS instance only (--via export works "
				      "anywhere): ");
		return NULL;
	}
	ok = (instance->id = fact(endpoint, "instance-id", header, error)) != NULL &&
	     (instance->region = fact(endpoint, "region-id", header, error)) != NULL &&
	     (instance->zone = fact(endpoint, "zone-id", header, error)) != NULL;
	iv_text_wipe(header);
	return ok ? g_steal_pointer(&instance) : NULL;
}

/* --- asking ------------------------------------------------------------------------------------ */

static GPtrArray *params_of(const IvAlibaba *a)
{
	GPtrArray *params = iv_pairs_new();

	iv_pairs_add(params, "RegionId", a->region);
	return params;
}

static cJSON *ask(IvAlibaba *a, const IvAlibabaCall *call, IvCallTrace *trace, GError **error)
{
	IvCallTrace own = {0};
	cJSON *answer = iv_alibaba_ask(a, call, trace != NULL ? trace : &own, error);

	iv_call_trace_clear(&own);
	return answer;
}

bool iv_alibaba_disk_make(IvCloud *cloud, const IvCloudDiskWish *wish, char **disk,
			  IvCallTrace *trace, GError **error)
{
	static const char action[] = "CreateDisk";
	IvAlibaba *a = iv_alibaba(cloud);
	g_autoptr(GPtrArray) params = params_of(a);
	cJSON *answer;
	const char *id;
	bool ok;

	iv_pairs_add(params, "ZoneId", wish->zone);
	iv_pairs_add(params, "SnapshotId", wish->snapshot);
	iv_pairs_add(params, "DiskCategory", wish->category != NULL ? wish->category : "cloud_essd");
	iv_pairs_add(params, "DiskName", wish->name);
	iv_pairs_add(params, "Tag.1.Key", wish->tag.key);
	iv_pairs_add(params, "Tag.1.Value", wish->tag.value);
	iv_pairs_add(params, "ClientToken", wish->token);
	answer = ask(a,
		     &(IvAlibabaCall){.service = IV_ALIBABA_ECS,
				      .action = action,
				      .params = params,
				      .changes = true,
				      .repeatable = true},
		     trace, error);
	if (answer == NULL)
		return false;
	id = iv_alibaba_text(answer, "DiskId");
	ok = iv_alibaba_id_ok(id) ||
	     iv_alibaba_nonsense(error, action, "the new disk's id is missing");
	if (ok)
		*disk = g_strdup(id);
	cJSON_Delete(answer);
	return ok;
}

/* --- looking ------------------------------------------------------------------------------------ */

static const struct {
	const char *word;
	IvVolumeState state;
} states[] = {
	{"Available", IV_VOLUME_FREE},	   {"In_use", IV_VOLUME_ATTACHED},
	{"Creating", IV_VOLUME_MOVING},	   {"Attaching", IV_VOLUME_MOVING},
	{"Detaching", IV_VOLUME_MOVING},   {"ReIniting", IV_VOLUME_MOVING},
};

static bool state_of(const char *word, IvVolumeState *state)
{
	for (gsize i = 0; word != NULL && i < G_N_ELEMENTS(states); i++) {
		if (strcmp(states[i].word, word) == 0) {
			*state = states[i].state;
			return true;
		}
	}
	return false;
}

static char *id_or_null(const cJSON *json, const char *name)
{
	const char *text = iv_alibaba_text(json, name);

	return iv_alibaba_id_ok(text) ? g_strdup(text) : NULL;
}

bool iv_ecs_read_disks(const cJSON *answer, GPtrArray *volumes, guint *total, GError **error)
{
	static const char action[] = "DescribeDisks";
	const cJSON *list = iv_alibaba_list(answer, "Disks", "Disk"), *one;

	if (list == NULL || !iv_alibaba_count(answer, "TotalCount", total) ||
	    cJSON_GetArraySize(list) > (int)PAGE_SIZE)
		return iv_alibaba_nonsense(error, action, "it holds no list of disks");
	cJSON_ArrayForEach(one, list) {
		g_autoptr(IvCloudVolume) volume = g_new0(IvCloudVolume, 1);

		volume->id = id_or_null(one, "DiskId");
		volume->serial = id_or_null(one, "SerialNumber");
		volume->instance = id_or_null(one, "InstanceId");
		/* If it is missing: the id without its "d-". */
		if (volume->serial == NULL && volume->id != NULL && g_str_has_prefix(volume->id, "d-"))
			volume->serial = g_strdup(volume->id + 2);
		if (volume->id == NULL || !state_of(iv_alibaba_text(one, "Status"), &volume->state))
			return iv_alibaba_nonsense(error, action,
						   "a disk has no id or an unknown state");
		g_ptr_array_add(volumes, g_steal_pointer(&volume));
	}
	return true;
}

static bool describe(IvAlibaba *a, const GPtrArray *params, GPtrArray *volumes, guint *total,
		     GError **error)
{
	IvAlibabaCall call = {
		.service = IV_ALIBABA_ECS, .action = "DescribeDisks", .params = params};
	cJSON *answer = ask(a, &call, NULL, error);
	bool ok = answer != NULL && iv_ecs_read_disks(answer, volumes, total, error);

	cJSON_Delete(answer);
	return ok;
}

static GPtrArray *volumes_new(void)
{
	return g_ptr_array_new_with_free_func((GDestroyNotify)iv_cloud_volume_free);
}

bool iv_alibaba_disk(IvCloud *cloud, const char *id, IvCloudVolume **volume, GError **error)
{
	IvAlibaba *a = iv_alibaba(cloud);
	g_autoptr(GPtrArray) params = params_of(a), volumes = volumes_new();
	g_autofree char *ids = g_strdup_printf("[\"%s\"]", id);
	guint total;

	*volume = NULL;
	iv_pairs_add(params, "DiskIds", ids);
	if (!describe(a, params, volumes, &total, error))
		return false;
	if (volumes->len == 0)
		return true;
	if (volumes->len != 1 || strcmp(((IvCloudVolume *)volumes->pdata[0])->id, id) != 0)
		return iv_alibaba_nonsense(error, "DescribeDisks", "it is about another disk");
	*volume = g_ptr_array_steal_index(volumes, 0);
	return true;
}

GPtrArray *iv_alibaba_disks_tagged(IvCloud *cloud, const IvCloudTag *tag, GError **error)
{
	IvAlibaba *a = iv_alibaba(cloud);
	g_autoptr(GPtrArray) params = params_of(a), volumes = volumes_new();
	guint total;

	iv_pairs_add(params, "Tag.1.Key", tag->key);
	iv_pairs_add(params, "Tag.1.Value", tag->value);
	iv_pairs_add(params, "PageSize", PAGE_TEXT);
	return describe(a, params, volumes, &total, error) ? g_steal_pointer(&volumes) : NULL;
}

/* --- changing ------------------------------------------------------------------------------------- */

bool iv_alibaba_disk_change(IvCloud *cloud, IvCloudDiskChange change, const char *instance,
			    const char *disk, IvCallTrace *trace, GError **error)
{
	static const char *const actions[] = {
		[IV_DISK_ATTACH] = "AttachDisk",
		[IV_DISK_DETACH] = "DetachDisk",
		[IV_DISK_DELETE] = "DeleteDisk",
	};
	IvAlibaba *a = iv_alibaba(cloud);
	g_autoptr(GPtrArray) params = params_of(a);
	IvAlibabaCall call = {.service = IV_ALIBABA_ECS,
			      .action = actions[change],
			      .params = params,
			      .changes = true};
	cJSON *answer;

	if (change != IV_DISK_DELETE)
		iv_pairs_add(params, "InstanceId", instance);
	iv_pairs_add(params, "DiskId", disk);
	if (change == IV_DISK_ATTACH)
		iv_pairs_add(params, "DeleteWithInstance", "true");
	answer = ask(a, &call, trace, error);
	cJSON_Delete(answer);
	return answer != NULL;
}
