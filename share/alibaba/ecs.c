/* ecs.c - see ecs.h */
#include "share/alibaba/ecs.h"

#include <string.h>

#include "scanner/base/error.h"
#include "scanner/base/text.h"
#include "share/alibaba/call.h"
#include "share/alibaba/sign.h"
#include "share/limits.h"

#define VERSION	  "2014-05-26"
#define BATCH	  10u
#define PAGE_SIZE 100u
#define PAGE_TEXT "100"
/* Asked for by name, because the default lists Available images only and an
 * image in another state would look as if it were not there. */
#define ALL_STATES "Available,Creating,Waiting,UnAvailable,CreateFailed,Deprecated"

typedef struct {
	IvCloud cloud;
	IvAlibabaClient *client;
	char *region;
} Ecs;

/* --- shapes ------------------------------------------------------------------------------ */

bool iv_ecs_image_id_ok(const char *id)
{
	size_t len = strlen(id);

	if (len < 4 || len > 64 || strncmp(id, "m-", 2) != 0)
		return false;
	for (const char *p = id + 2; *p != '\0'; p++)
		if (!g_ascii_isalnum(*p))
			return false;
	return true;
}

bool iv_ecs_region_ok(const char *region)
{
	size_t len = strlen(region);

	if (len < 2 || len > 40 || region[0] == '-' || region[len - 1] == '-')
		return false;
	return strspn(region, "abcdefghijklmnopqrstuvwxyz0123456789-") == len;
}

bool iv_ecs_account_ok(const char *account)
{
	size_t len = strlen(account);

	return len >= 5 && len <= 20 && strspn(account, "0123456789") == len;
}

/* --- reading answers ------------------------------------------------------------------------ */

static bool nonsense(GError **error, const char *action, const char *what)
{
	return iv_fail(error, IV_ERROR_CLOUD,
		       "%s: the answer makes no sense: %s\n"
		       "nothing of it was used; check --endpoint, then try again",
		       action, what);
}

/* A member that is a string, or NULL. */
static const char *text_of(const cJSON *object, const char *name)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
}

/* The array in {"Outer": {"Inner": [...]}}, or NULL. */
static const cJSON *list_of(const cJSON *answer, const char *outer, const char *inner)
{
	const cJSON *holder = cJSON_GetObjectItemCaseSensitive(answer, outer);
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(holder, inner);

	return cJSON_IsArray(list) ? list : NULL;
}

/* A count: a whole number from 0 to a million. */
static bool count_of(const cJSON *answer, const char *name, guint *count)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(answer, name);

	if (!cJSON_IsNumber(item) || !(item->valuedouble >= 0 && item->valuedouble <= 1e6))
		return false;
	*count = (guint)item->valuedouble;
	return (double)*count == item->valuedouble;
}

static char *printable_of(const cJSON *object, const char *name)
{
	const char *text = text_of(object, name);
	g_autofree char *cut = g_utf8_substring(text != NULL ? text : "", 0,
						text != NULL ? MIN(g_utf8_strlen(text, -1), 200) : 0);

	return iv_text_printable(cut, -1);
}

/* Is any disk of the image encrypted?  A mapping that does not say so counts as
 * plain, as the service leaves the member out of old answers. */
static bool any_encrypted(const cJSON *image)
{
	const cJSON *mapping;

	cJSON_ArrayForEach(mapping, list_of(image, "DiskDeviceMappings", "DiskDeviceMapping"))
		if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(mapping, "Encrypted")))
			return true;
	return false;
}

static IvCloudImage *image_of(const cJSON *json)
{
	const char *state = text_of(json, "Status"), *owner = text_of(json, "ImageOwnerAlias");
	const char *product = text_of(json, "ProductCode");
	IvCloudImage *image = iv_cloud_image_new();

	image->id = g_strdup(text_of(json, "ImageId"));
	image->name = printable_of(json, "ImageName");
	image->state = printable_of(json, "Status");
	image->owner = printable_of(json, "ImageOwnerAlias");
	image->available = g_strcmp0(state, "Available") == 0;
	image->own = g_strcmp0(owner, "self") == 0;
	/* Only a clear "false" is not public. */
	image->is_public =
		!cJSON_IsFalse(cJSON_GetObjectItemCaseSensitive(json, "IsPublic"));
	image->encrypted = any_encrypted(json);
	image->marketplace = product != NULL && *product != '\0';
	return image;
}

bool iv_ecs_read_image(const cJSON *answer, const char *image_id, const char *region,
		       IvCloudImage **image, GError **error)
{
	static const char action[] = "DescribeImages";
	const cJSON *list = list_of(answer, "Images", "Image"), *only;
	const char *answered = text_of(answer, "RegionId");
	guint total;

	*image = NULL;
	if (list == NULL || !count_of(answer, "TotalCount", &total))
		return nonsense(error, action, "it holds no list of images");
	if (answered == NULL || strcmp(answered, region) != 0)
		return nonsense(error, action, "it is about another region");
	if (total == 0 && cJSON_GetArraySize(list) == 0)
		return true;
	only = cJSON_GetArrayItem(list, 0);
	if (total != 1 || cJSON_GetArraySize(list) != 1)
		return nonsense(error, action, "it names several images for one id");
	if (g_strcmp0(text_of(only, "ImageId"), image_id) != 0)
		return nonsense(error, action, "it is about another image");
	if (text_of(only, "Status") == NULL || text_of(only, "ImageOwnerAlias") == NULL ||
	    !cJSON_IsBool(cJSON_GetObjectItemCaseSensitive(only, "IsPublic")))
		return nonsense(error, action, "the image's state, owner or publicity is missing");
	*image = image_of(only);
	return true;
}

static bool read_accounts(const cJSON *accounts, IvReceiverList *list)
{
	const cJSON *account;

	cJSON_ArrayForEach(account, accounts) {
		const char *id = text_of(account, "AliyunId");

		if (id == NULL || !iv_ecs_account_ok(id))
			return false;
		g_hash_table_add(list->accounts, g_strdup(id));
	}
	return true;
}

bool iv_ecs_read_receivers(const cJSON *answer, const char *image_id, guint page,
			   IvReceiverList *list, guint *total, GError **error)
{
	static const char action[] = "DescribeImageSharePermission";
	const cJSON *accounts = list_of(answer, "Accounts", "Account");
	const cJSON *groups = list_of(answer, "ShareGroups", "ShareGroup");
	guint answered;

	if (g_strcmp0(text_of(answer, "ImageId"), image_id) != 0)
		return nonsense(error, action, "it is about another image");
	if (accounts == NULL || !count_of(answer, "TotalCount", total))
		return nonsense(error, action, "it holds no list of accounts");
	if (!count_of(answer, "PageNumber", &answered) || answered != page)
		return nonsense(error, action, "it is another page than the one asked for");
	if (*total > IV_SHARE_MAX_RECEIVERS || cJSON_GetArraySize(accounts) > (int)PAGE_SIZE)
		return nonsense(error, action, "it names more accounts than an image can have");
	if (!read_accounts(accounts, list))
		return nonsense(error, action, "an account is not a number of 5 to 20 digits");
	if (cJSON_GetArraySize(accounts) == 0 && *total > (page - 1) * PAGE_SIZE)
		return nonsense(error, action, "the list ends early");
	if (cJSON_GetArraySize(groups) > 0)
		list->everybody = true;
	return true;
}

/* --- calls ----------------------------------------------------------------------------------- */

static const char *const actions[] = {
	[IV_CLOUD_IMAGE] = "DescribeImages",
	[IV_CLOUD_RECEIVERS] = "DescribeImageSharePermission",
	[IV_CLOUD_ADD] = "ModifyImageSharePermission",
};

/* The parameters that people read; page numbers are added when calling. */
static GPtrArray *params_of(const Ecs *ecs, IvCloudCall call, const char *image_id,
			    const char *const *accounts)
{
	GPtrArray *params = iv_pairs_new();

	iv_pairs_add(params, "RegionId", ecs->region);
	iv_pairs_add(params, "ImageId", image_id);
	if (call == IV_CLOUD_IMAGE)
		iv_pairs_add(params, "Status", ALL_STATES);
	if (call == IV_CLOUD_ADD)
		iv_pairs_add_list(params, "AddAccount", accounts);
	return params;
}

static char *ecs_text(const IvCloud *cloud, IvCloudCall call, const char *image_id,
		      const char *const *accounts)
{
	g_autoptr(GPtrArray) params = params_of((const Ecs *)cloud, call, image_id, accounts);
	GString *text = g_string_new(actions[call]);

	for (guint i = 0; i < params->len; i++) {
		const IvPair *pair = params->pdata[i];

		g_string_append_printf(text, " %s=%s", pair->name, pair->value);
	}
	return g_string_free(text, FALSE);
}

static cJSON *ecs_call(Ecs *ecs, IvCloudCall call, const GPtrArray *params, IvCloudTrace *trace,
		       GError **error)
{
	return iv_alibaba_call(ecs->client,
			       &(IvAlibabaCall){.action = actions[call],
						.version = VERSION,
						.params = params,
						.changes = call == IV_CLOUD_ADD},
			       trace, error);
}

static bool ecs_image(IvCloud *cloud, const char *image_id, IvCloudImage **image,
		      IvCloudTrace *trace, GError **error)
{
	Ecs *ecs = (Ecs *)cloud;
	g_autoptr(GPtrArray) params = params_of(ecs, IV_CLOUD_IMAGE, image_id, NULL);
	cJSON *answer = ecs_call(ecs, IV_CLOUD_IMAGE, params, trace, error);
	bool ok = answer != NULL &&
		  iv_ecs_read_image(answer, image_id, ecs->region, image, error);

	cJSON_Delete(answer);
	return ok;
}

static bool one_page(Ecs *ecs, const char *image_id, guint page, IvReceiverList *list,
		     guint *total, IvCloudTrace *trace, GError **error)
{
	g_autoptr(GPtrArray) params = params_of(ecs, IV_CLOUD_RECEIVERS, image_id, NULL);
	g_autofree char *number = g_strdup_printf("%u", page);
	cJSON *answer;
	bool ok;

	iv_pairs_add(params, "PageNumber", number);
	iv_pairs_add(params, "PageSize", PAGE_TEXT);
	answer = ecs_call(ecs, IV_CLOUD_RECEIVERS, params, trace, error);
	ok = answer != NULL &&
	     iv_ecs_read_receivers(answer, image_id, page, list, total, error);
	cJSON_Delete(answer);
	return ok;
}

static IvReceiverList *ecs_receivers(IvCloud *cloud, const char *image_id, IvCloudTrace *trace,
				     GError **error)
{
	g_autoptr(IvReceiverList) list = iv_receiver_list_new();
	guint total = 0, page = 0;

	do {
		page++;
		if (!one_page((Ecs *)cloud, image_id, page, list, &total, trace, error))
			return NULL;
	} while (page * PAGE_SIZE < total);
	if (g_hash_table_size(list->accounts) != total) {
		iv_fail(error, IV_ERROR_CLOUD,
			"%s: %u accounts are announced and %u are listed\n"
			"the list changed while it was read, or the answer makes no sense; try "
			"again",
			actions[IV_CLOUD_RECEIVERS], total, g_hash_table_size(list->accounts));
		return NULL;
	}
	return g_steal_pointer(&list);
}

static bool ecs_add(IvCloud *cloud, const char *image_id, const char *const *accounts,
		    IvCloudTrace *trace, GError **error)
{
	Ecs *ecs = (Ecs *)cloud;
	g_autoptr(GPtrArray) params = params_of(ecs, IV_CLOUD_ADD, image_id, accounts);
	cJSON *answer = ecs_call(ecs, IV_CLOUD_ADD, params, trace, error);

	cJSON_Delete(answer);
	return answer != NULL;
}

static void ecs_free(IvCloud *cloud)
{
	Ecs *ecs = (Ecs *)cloud;

	iv_alibaba_client_free(ecs->client);
	g_free(ecs->region);
	g_free(ecs);
}

static const IvCloudOps ecs_ops = {
	.name = "Alibaba Cloud ECS",
	.batch = BATCH,
	.text = ecs_text,
	.image = ecs_image,
	.receivers = ecs_receivers,
	.add = ecs_add,
	.free = ecs_free,
};

IvCloud *iv_ecs_new(const char *region, const char *endpoint, GError **error)
{
	g_autofree char *host = g_strdup_printf("ecs.%s.aliyuncs.com", region);
	IvAlibabaClient *client;
	Ecs *ecs;

	if (!iv_ecs_region_ok(region)) {
		iv_fail(error, IV_ERROR_USAGE, "this is not a region's name\n"
					       "write it like cn-hangzhou or eu-central-1");
		return NULL;
	}
	client = iv_alibaba_client_new(endpoint, host, error);
	if (client == NULL)
		return NULL;
	ecs = g_new0(Ecs, 1);
	ecs->cloud.ops = &ecs_ops;
	ecs->client = client;
	ecs->region = g_strdup(region);
	return &ecs->cloud;
}
