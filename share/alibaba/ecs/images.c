/* SPDX-License-Identifier: GPL-3.0-or-later */
/* images.c - see images.h */
#include "share/alibaba/ecs/images.h"

#include <string.h>

#include "scanner/base/error.h"
#include "scanner/base/text.h"
#include "share/alibaba/call/account.h"
#include "share/alibaba/call/ids.h"
#include "share/base/limits.h"

#define PAGE_SIZE 100u
#define PAGE_TEXT "100"
/* GiB of one disk: four times what the service offers. */
#define MAX_DISK_GIB (128u << 10)

/* --- reading answers ------------------------------------------------------------------------ */

/* Size is a string with a number of GiB. */
static guint gib_of(const cJSON *mapping)
{
	const char *text = iv_alibaba_text(mapping, "Size");
	guint64 size;

	if (text == NULL || !g_ascii_string_to_unsigned(text, 10, 0, MAX_DISK_GIB, &size, NULL))
		return 0;
	return (guint)size;
}

/* A mapping without Encrypted counts as not encrypted (but unclear), as the service leaves the
 * member out of old answers; one without Type counts as a data disk. */
static void read_disk(const cJSON *mapping, IvCloudImage *image)
{
	const cJSON *encrypted = cJSON_GetObjectItemCaseSensitive(mapping, "Encrypted");
	const char *snapshot = iv_alibaba_text(mapping, "SnapshotId");
	g_autofree char *device = iv_alibaba_printable(mapping, "Device");
	IvCloudDisk *disk = iv_cloud_image_add_disk(
		image, iv_alibaba_id_ok(snapshot) ? snapshot : "", device);

	disk->size_gib = gib_of(mapping);
	disk->system = g_strcmp0(iv_alibaba_text(mapping, "Type"), "system") == 0;
	disk->encrypted = cJSON_IsTrue(encrypted);
	disk->unclear = !cJSON_IsBool(encrypted);
	image->encrypted |= disk->encrypted;
}

static IvCloudImage *image_of(const cJSON *json)
{
	const char *state = iv_alibaba_text(json, "Status"), *owner = iv_alibaba_text(json, "ImageOwnerAlias");
	const char *product = iv_alibaba_text(json, "ProductCode");
	const char *shared = iv_alibaba_text(json, "IsSelfShared");
	IvCloudImage *image = iv_cloud_image_new();
	const cJSON *mapping;

	image->id = g_strdup(iv_alibaba_text(json, "ImageId"));
	image->name = iv_alibaba_printable(json, "ImageName");
	image->state = iv_alibaba_printable(json, "Status");
	image->owner = iv_alibaba_printable(json, "ImageOwnerAlias");
	image->available = g_strcmp0(state, "Available") == 0;
	image->own = g_strcmp0(owner, "self") == 0;
	/* Anything but a clear "false" counts as public. */
	image->is_public =
		!cJSON_IsFalse(cJSON_GetObjectItemCaseSensitive(json, "IsPublic"));
	/* A text, in any case of letters. */
	image->shared = shared != NULL && g_ascii_strcasecmp(shared, "true") == 0;
	cJSON_ArrayForEach(mapping, iv_alibaba_list(json, "DiskDeviceMappings", "DiskDeviceMapping"))
		read_disk(mapping, image);
	image->marketplace = product != NULL && *product != '\0';
	return image;
}

/* Does it have every member that a decision depends on? */
static bool whole_image(const cJSON *json)
{
	return iv_alibaba_text(json, "Status") != NULL &&
	       iv_alibaba_text(json, "ImageOwnerAlias") != NULL &&
	       cJSON_IsBool(cJSON_GetObjectItemCaseSensitive(json, "IsPublic"));
}

bool iv_ecs_read_image(const cJSON *answer, const char *image_id, const char *region,
		       IvCloudImage **image, GError **error)
{
	static const char action[] = "DescribeImages";
	const cJSON *list = iv_alibaba_list(answer, "Images", "Image"), *only;
	const char *answered = iv_alibaba_text(answer, "RegionId");
	guint total;

	*image = NULL;
	if (list == NULL || !iv_alibaba_count(answer, "TotalCount", &total))
		return iv_alibaba_nonsense(error, action, "it holds no list of images");
	if (answered == NULL || strcmp(answered, region) != 0)
		return iv_alibaba_nonsense(error, action, "it is about another region");
	if (total == 0 && cJSON_GetArraySize(list) == 0)
		return true;
	only = cJSON_GetArrayItem(list, 0);
	if (total != 1 || cJSON_GetArraySize(list) != 1)
		return iv_alibaba_nonsense(error, action, "it names several images for one id");
	if (g_strcmp0(iv_alibaba_text(only, "ImageId"), image_id) != 0)
		return iv_alibaba_nonsense(error, action, "it is about another image");
	if (!whole_image(only))
		return iv_alibaba_nonsense(error, action,
					   "the image's state, owner or IsPublic is missing");
	*image = image_of(only);
	return true;
}

bool iv_ecs_read_images(const cJSON *answer, const char *region, guint page, GPtrArray *images,
			guint *total, GError **error)
{
	static const char action[] = "DescribeImages";
	const cJSON *list = iv_alibaba_list(answer, "Images", "Image"), *one;
	const char *answered = iv_alibaba_text(answer, "RegionId");
	guint number;

	if (list == NULL || !iv_alibaba_count(answer, "TotalCount", total) ||
	    *total > IV_CLOUD_MAX_IMAGES || cJSON_GetArraySize(list) > (int)PAGE_SIZE)
		return iv_alibaba_nonsense(error, action, "it holds no list of images");
	if (answered == NULL || strcmp(answered, region) != 0)
		return iv_alibaba_nonsense(error, action, "it is about another region");
	if (!iv_alibaba_count(answer, "PageNumber", &number) || number != page)
		return iv_alibaba_nonsense(error, action,
					   "it is another page than the one asked for");
	cJSON_ArrayForEach(one, list) {
		const char *id = iv_alibaba_text(one, "ImageId");

		if (id == NULL || !iv_alibaba_image_id_ok(id) || !whole_image(one))
			return iv_alibaba_nonsense(error, action,
						   "an image's id, state, owner or IsPublic is "
						   "missing");
		g_ptr_array_add(images, image_of(one));
	}
	return true;
}

static bool read_accounts(const cJSON *accounts, IvReceiverList *list)
{
	const cJSON *account;

	cJSON_ArrayForEach(account, accounts) {
		const char *id = iv_alibaba_text(account, "AliyunId");

		if (id == NULL || !iv_alibaba_account_ok(id))
			return false;
		g_hash_table_add(list->accounts, g_strdup(id));
	}
	return true;
}

bool iv_ecs_read_receivers(const cJSON *answer, const char *image_id, guint page,
			   IvReceiverList *list, guint *total, GError **error)
{
	static const char action[] = "DescribeImageSharePermission";
	const cJSON *accounts = iv_alibaba_list(answer, "Accounts", "Account");
	const cJSON *groups = iv_alibaba_list(answer, "ShareGroups", "ShareGroup");
	guint answered;

	if (g_strcmp0(iv_alibaba_text(answer, "ImageId"), image_id) != 0)
		return iv_alibaba_nonsense(error, action, "it is about another image");
	if (accounts == NULL || !iv_alibaba_count(answer, "TotalCount", total))
		return iv_alibaba_nonsense(error, action, "it holds no list of accounts");
	if (!iv_alibaba_count(answer, "PageNumber", &answered) || answered != page)
		return iv_alibaba_nonsense(error, action, "it is another page than the one asked for");
	if (*total > IV_SHARE_MAX_RECEIVERS || cJSON_GetArraySize(accounts) > (int)PAGE_SIZE)
		return iv_alibaba_nonsense(error, action, "it names more accounts than an image can have");
	if (!read_accounts(accounts, list))
		return iv_alibaba_nonsense(error, action, "an account is not a number of 5 to 20 digits");
	if (cJSON_GetArraySize(accounts) == 0 && *total > (page - 1) * PAGE_SIZE)
		return iv_alibaba_nonsense(error, action, "the list ends early");
	if (cJSON_GetArraySize(groups) > 0)
		list->everybody = true;
	return true;
}

/* --- calls ----------------------------------------------------------------------------------- */

static GPtrArray *params_of(const IvAlibaba *a, const char *image_id)
{
	GPtrArray *params = iv_pairs_new();

	iv_pairs_add(params, "RegionId", a->region);
	iv_pairs_add(params, "ImageId", image_id);
	return params;
}

static GPtrArray *change_params(const IvAlibaba *a, IvCloudChange change, const char *image_id,
				const char *const *accounts)
{
	static const char *const lists[] = {
		[IV_CLOUD_ADD] = "AddAccount",
		[IV_CLOUD_REMOVE] = "RemoveAccount",
	};
	GPtrArray *params = params_of(a, image_id);

	iv_pairs_add_list(params, lists[change], accounts);
	return params;
}

static IvAlibabaCall change_call(const GPtrArray *params)
{
	return (IvAlibabaCall){.service = IV_ALIBABA_ECS,
			       .action = "ModifyImageSharePermission",
			       .params = params,
			       .changes = true};
}

char *iv_alibaba_change_text(const IvCloud *cloud, IvCloudChange change, const char *image_id,
			     const char *const *accounts)
{
	g_autoptr(GPtrArray) params =
		change_params((const IvAlibaba *)cloud, change, image_id, accounts);
	IvAlibabaCall call = change_call(params);

	return iv_alibaba_call_text(&call);
}

bool iv_alibaba_change(IvCloud *cloud, IvCloudChange change, const char *image_id,
		       const char *const *accounts, IvCallTrace *trace, GError **error)
{
	IvAlibaba *a = iv_alibaba(cloud);
	g_autoptr(GPtrArray) params = change_params(a, change, image_id, accounts);
	IvAlibabaCall call = change_call(params);
	cJSON *answer = iv_alibaba_ask(a, &call, trace, error);

	cJSON_Delete(answer);
	return answer != NULL;
}

static cJSON *look(IvAlibaba *a, const char *action, const GPtrArray *params, IvCallTrace *trace,
		   GError **error)
{
	return iv_alibaba_ask(
		a, &(IvAlibabaCall){.service = IV_ALIBABA_ECS, .action = action, .params = params},
		trace, error);
}

bool iv_alibaba_image(IvCloud *cloud, const char *image_id, IvCloudImage **image,
		      IvCallTrace *trace, GError **error)
{
	IvAlibaba *a = iv_alibaba(cloud);
	g_autoptr(GPtrArray) params = params_of(a, image_id);
	cJSON *answer;
	bool ok;

	iv_pairs_add(params, "Status", IV_ECS_ALL_STATES);
	answer = look(a, "DescribeImages", params, trace, error);
	ok = answer != NULL && iv_ecs_read_image(answer, image_id, a->region, image, error);
	cJSON_Delete(answer);
	return ok;
}

static bool one_page(IvAlibaba *a, const char *image_id, guint page, IvReceiverList *list,
		     guint *total, IvCallTrace *trace, GError **error)
{
	g_autoptr(GPtrArray) params = params_of(a, image_id);
	g_autofree char *number = g_strdup_printf("%u", page);
	cJSON *answer;
	bool ok;

	iv_pairs_add(params, "PageNumber", number);
	iv_pairs_add(params, "PageSize", PAGE_TEXT);
	answer = look(a, "DescribeImageSharePermission", params, trace, error);
	ok = answer != NULL && iv_ecs_read_receivers(answer, image_id, page, list, total, error);
	cJSON_Delete(answer);
	return ok;
}

IvReceiverList *iv_alibaba_receivers(IvCloud *cloud, const char *image_id, IvCallTrace *trace,
				     GError **error)
{
	g_autoptr(IvReceiverList) list = iv_receiver_list_new();
	guint total = 0, page = 0;

	do {
		page++;
		if (!one_page(iv_alibaba(cloud), image_id, page, list, &total, trace, error))
			return NULL;
	} while (page * PAGE_SIZE < total);
	if (g_hash_table_size(list->accounts) != total) {
		iv_fail(error, IV_ERROR_CLOUD,
			"DescribeImageSharePermission: %u accounts are announced and %u are listed\n"
			"the list changed while it was read, or the answer makes no sense; try "
			"again",
			total, g_hash_table_size(list->accounts));
		return NULL;
	}
	return g_steal_pointer(&list);
}
