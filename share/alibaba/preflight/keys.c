/* SPDX-License-Identifier: GPL-3.0-or-later */
/* keys.c - which key an image is encrypted with, whose it is, and whether it can be
 * used: DescribeSnapshots, ListAliasesByKeyId, DescribeKey.  See keys.h. */
#include "share/alibaba/preflight/keys.h"

#include "share/alibaba/preflight/kms.h"
#include "share/alibaba/preflight/snapshots.h"
#include "share/base/limits.h"

#define PAGE_TEXT "100"

/* --- the snapshots' keys ----------------------------------------------------------------- */

/* Id -> "" of each encrypted disk that has a snapshot. */
static GHashTable *snapshots_of(const IvCloudImage *image)
{
	GHashTable *keys = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);

	for (guint i = 0; i < image->disks->len; i++) {
		const IvCloudDisk *disk = image->disks->pdata[i];

		if (disk->encrypted && *disk->snapshot != '\0')
			g_hash_table_replace(keys, g_strdup(disk->snapshot), g_strdup(""));
	}
	return keys;
}

/* ["s-1","s-2"]: ids have no character that JSON escapes. */
static char *id_list(GHashTable *keys)
{
	GString *text = g_string_new("[");
	GHashTableIter each;
	gpointer id;

	g_hash_table_iter_init(&each, keys);
	while (g_hash_table_iter_next(&each, &id, NULL))
		g_string_append_printf(text, "%s\"%s\"", text->len > 1 ? "," : "",
				       (const char *)id);
	g_string_append_c(text, ']');
	return g_string_free(text, FALSE);
}

static cJSON *ask_page(const IvKeyLook *look, GHashTable *keys, const char *token, char **why,
		       GError **error)
{
	g_autoptr(GPtrArray) params = iv_pairs_new();
	g_autofree char *ids = id_list(keys), *code = NULL;

	iv_pairs_add(params, "RegionId", look->a->region);
	iv_pairs_add(params, "SnapshotIds", ids);
	iv_pairs_add(params, "MaxResults", PAGE_TEXT);
	if (token != NULL)
		iv_pairs_add(params, "NextToken", token);
	return iv_alibaba_may_ask(look->a,
				  &(IvAlibabaCall){.service = IV_ALIBABA_ECS,
						   .action = "DescribeSnapshots",
						   .params = params},
				  why, &code, error);
}

/* False: an error, or *why they are not known. */
static bool read_keys(const IvKeyLook *look, GHashTable *keys, char **why, GError **error)
{
	g_autofree char *token = NULL;

	for (guint page = 0; page < IV_CLOUD_MAX_PAGES; page++) {
		cJSON *answer = ask_page(look, keys, token, why, error);
		char *next = NULL;
		bool ok = answer != NULL && iv_ecs_read_snapshots(answer, keys, &next, error);

		cJSON_Delete(answer);
		g_free(token);
		token = next;
		if (!ok || token == NULL)
			return ok;
	}
	return iv_alibaba_nonsense(error, "DescribeSnapshots", "it has too many pages");
}

/* --- one key -------------------------------------------------------------------------------- */

static char *copy_remedy(const IvCloudQuestion *question)
{
	return g_strdup_printf("copy it with a key of your own, then scan and share the copy:\n"
			       "aliyun ecs CopyImage --RegionId %s \\\n"
			       "  --ImageId %s --DestinationRegionId %s \\\n"
			       "  --DestinationImageName NAME --Encrypted true \\\n"
			       "  --KMSKeyId YOUR-KEY-ID",
			       question->region, question->image_id, question->region);
}

static void say_service_key(const IvKeyLook *look, const char *key)
{
	g_autofree char *remedy = copy_remedy(look->question);

	iv_preflight_say(look->preflight, IV_CHECK_KEY_KIND, IV_ANSWER_NO, remedy,
			 "its key %s is ECS's service key (" IV_KMS_SERVICE_ALIAS
			 "), with which no image can be shared",
			 key);
}

static GPtrArray *key_params(const char *key)
{
	GPtrArray *params = iv_pairs_new();

	iv_pairs_add(params, "KeyId", key);
	return params;
}

static bool look_at_kind(const IvKeyLook *look, const char *key, GError **error)
{
	g_autoptr(GPtrArray) params = key_params(key);
	g_autofree char *why = NULL, *code = NULL;
	IvKeyKind kind = IV_KMS_UNSURE;
	cJSON *answer;
	bool ok;

	iv_pairs_add(params, "PageNumber", "1");
	iv_pairs_add(params, "PageSize", PAGE_TEXT);
	answer = iv_alibaba_may_ask(look->a,
				    &(IvAlibabaCall){.service = IV_ALIBABA_KMS,
						     .action = "ListAliasesByKeyId",
						     .params = params},
				    &why, &code, error);
	ok = answer != NULL ? iv_kms_read_kind(answer, key, &kind, error) : why != NULL;
	cJSON_Delete(answer);
	if (!ok)
		return false;
	if (kind == IV_KMS_SERVICE)
		say_service_key(look, key);
	else if (kind == IV_KMS_OWN)
		iv_preflight_say(look->preflight, IV_CHECK_KEY_KIND, IV_ANSWER_YES, NULL,
				 "its key %s is not ECS's service key", key);
	else
		iv_preflight_say(look->preflight, IV_CHECK_KEY_KIND, IV_ANSWER_UNKNOWN, NULL,
				 "whether its key %s is ECS's service key is not known: %s", key,
				 why != NULL ? why : "it has more aliases than are listed");
	return true;
}

static bool look_at_state(const IvKeyLook *look, const char *key, GError **error)
{
	g_autoptr(GPtrArray) params = key_params(key);
	g_autofree char *why = NULL, *code = NULL, *state = NULL;
	cJSON *answer = iv_alibaba_may_ask(look->a,
					   &(IvAlibabaCall){.service = IV_ALIBABA_KMS,
							    .action = "DescribeKey",
							    .params = params},
					   &why, &code, error);

	if (answer != NULL)
		state = iv_kms_read_state(answer, key, error);
	cJSON_Delete(answer);
	if (state == NULL && why == NULL)
		return false;
	if (state == NULL)
		iv_preflight_say(look->preflight, IV_CHECK_KEY_STATE, IV_ANSWER_UNKNOWN, NULL,
				 "the state of its key %s is not known: %s", key, why);
	else if (g_strcmp0(state, "Enabled") != 0)
		iv_preflight_say(look->preflight, IV_CHECK_KEY_STATE, IV_ANSWER_NO,
				 "enable the key; without it nobody can use the image",
				 "its key %s is %s, not Enabled", key, state);
	else
		iv_preflight_say(look->preflight, IV_CHECK_KEY_STATE, IV_ANSWER_YES, NULL,
				 "its key %s is Enabled", key);
	return true;
}

/* --- all of them ------------------------------------------------------------------------------- */

static void say_unknown(const IvKeyLook *look, const char *why)
{
	iv_preflight_say(look->preflight, IV_CHECK_KEY_KIND, IV_ANSWER_UNKNOWN, NULL,
			 "which key it is encrypted with is not known: %s", why);
	iv_preflight_say(look->preflight, IV_CHECK_KEY_STATE, IV_ANSWER_UNKNOWN, NULL,
			 "the state of its key is not known");
}

/* Each key once; "" where a snapshot's was not told. */
static GHashTable *distinct(GHashTable *keys)
{
	GHashTable *set = g_hash_table_new(g_str_hash, g_str_equal);
	GHashTableIter each;
	gpointer key;

	g_hash_table_iter_init(&each, keys);
	while (g_hash_table_iter_next(&each, NULL, &key))
		g_hash_table_add(set, key);
	return set;
}

bool iv_alibaba_look_keys(const IvKeyLook *look, GError **error)
{
	g_autoptr(GHashTable) keys = snapshots_of(look->question->image);
	g_autoptr(GHashTable) each_key = NULL;
	g_autofree char *why = NULL;
	GHashTableIter each;
	gpointer key;

	if (g_hash_table_size(keys) == 0) {
		say_unknown(look, "the cloud names no snapshot of the encrypted disk");
		return true;
	}
	if (!read_keys(look, keys, &why, error)) {
		if (why != NULL)
			say_unknown(look, why);
		return why != NULL;
	}
	each_key = distinct(keys);
	g_hash_table_iter_init(&each, each_key);
	while (g_hash_table_iter_next(&each, &key, NULL))
		if (*(const char *)key == '\0')
			say_unknown(look, "the cloud does not say");
		else if (!look_at_kind(look, key, error) || !look_at_state(look, key, error))
			return false;
	return true;
}
