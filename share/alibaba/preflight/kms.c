/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kms.c - see kms.h */
#include "share/alibaba/preflight/kms.h"

#include <string.h>

#include "share/alibaba/call/read.h"

bool iv_kms_key_ok(const char *key)
{
	size_t len = strlen(key);

	if (len == 0 || len > 200)
		return false;
	for (; *key != '\0'; key++)
		if (!g_ascii_isalnum(*key) && strchr("-_./:", *key) == NULL)
			return false;
	return true;
}

/* A KMSKeyId may be an id, and the answer then names that id; of an ARN it is
 * the end. */
static bool same_key(const char *asked, const char *answered)
{
	g_autofree char *end = NULL;

	if (answered == NULL || *answered == '\0')
		return false;
	end = g_strconcat("/", answered, NULL);
	return g_strcmp0(asked, answered) == 0 || g_str_has_suffix(asked, end);
}

char *iv_kms_read_state(const cJSON *answer, const char *key, GError **error)
{
	const cJSON *data = cJSON_GetObjectItemCaseSensitive(answer, "KeyMetadata");

	if (same_key(key, iv_alibaba_text(data, "KeyId")) &&
	    iv_alibaba_text(data, "KeyState") != NULL)
		return iv_alibaba_printable(data, "KeyState");
	iv_alibaba_nonsense(error, "DescribeKey", "it is about another key, or names no state");
	return NULL;
}

bool iv_kms_read_kind(const cJSON *answer, const char *key, IvKeyKind *kind, GError **error)
{
	const cJSON *list = iv_alibaba_list(answer, "Aliases", "Alias"), *one;
	guint total;

	if (list == NULL || !iv_alibaba_count(answer, "TotalCount", &total))
		return iv_alibaba_nonsense(error, "ListAliasesByKeyId",
					   "it holds no list of aliases");
	*kind = (guint)cJSON_GetArraySize(list) >= total ? IV_KMS_OWN : IV_KMS_UNSURE;
	cJSON_ArrayForEach(one, list) {
		const char *name = iv_alibaba_text(one, "AliasName");

		if (name == NULL || !same_key(key, iv_alibaba_text(one, "KeyId")))
			return iv_alibaba_nonsense(error, "ListAliasesByKeyId",
						   "it is about another key");
		if (g_strcmp0(name, IV_KMS_SERVICE_ALIAS) == 0)
			*kind = IV_KMS_SERVICE;
	}
	return true;
}
