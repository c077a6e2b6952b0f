/* SPDX-License-Identifier: GPL-3.0-or-later */
/* snapshots.c - see snapshots.h */
#include "share/alibaba/preflight/snapshots.h"

#include <string.h>

#include "share/alibaba/call/read.h"
#include "share/alibaba/preflight/kms.h"

/* Characters of a token: the service's are under 100. */
#define MAX_TOKEN 1024u

static bool read_snapshot(const cJSON *snapshot, GHashTable *keys)
{
	const char *id = iv_alibaba_text(snapshot, "SnapshotId");
	const char *key = iv_alibaba_text(snapshot, "KMSKeyId");

	if (id == NULL || !g_hash_table_contains(keys, id))
		return false;
	if (key == NULL || *key == '\0')
		return true;
	if (!iv_kms_key_ok(key))
		return false;
	g_hash_table_replace(keys, g_strdup(id), g_strdup(key));
	return true;
}

bool iv_ecs_read_snapshots(const cJSON *answer, GHashTable *keys, char **next, GError **error)
{
	static const char action[] = "DescribeSnapshots";
	const cJSON *list = iv_alibaba_list(answer, "Snapshots", "Snapshot"), *one;
	const char *token = iv_alibaba_text(answer, "NextToken");

	*next = NULL;
	if (list == NULL || (token != NULL && strlen(token) > MAX_TOKEN))
		return iv_alibaba_nonsense(error, action, "it holds no list of snapshots");
	cJSON_ArrayForEach(one, list)
		if (!read_snapshot(one, keys))
			return iv_alibaba_nonsense(error, action,
						   "a snapshot is not one of those asked for, or its "
						   "key is invalid");
	if (token != NULL && *token != '\0')
		*next = g_strdup(token);
	return true;
}
