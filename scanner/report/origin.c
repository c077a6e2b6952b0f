/* SPDX-License-Identifier: GPL-3.0-or-later */
/* origin.c - see origin.h; docs/report.md explains every field */
#include "scanner/report/origin.h"

#include <stddef.h>
#include <string.h>
#include <sys/stat.h>

#include "scanner/base/error.h"
#include "scanner/base/limits.h"
#include "scanner/report/fields.h"
#include "scanner/report/json.h"

#define AT(member) offsetof(IvOrigin, member)

static const IvField fields[] = {
	{"cloud", IV_FIELD_TEXT, AT(cloud)},
	{"account", IV_FIELD_TEXT, AT(account)},
	{"region", IV_FIELD_TEXT, AT(region)},
	{"image_id", IV_FIELD_TEXT, AT(image_id)},
	{"snapshots", IV_FIELD_TEXTS, AT(snapshots)},
	{"disks", IV_FIELD_POSITIVE, AT(disks)},
	{"way", IV_FIELD_TEXT, AT(way)},
	{"task", IV_FIELD_TEXT_OR_NULL, AT(task)},
	{"disk", IV_FIELD_TEXT_OR_NULL, AT(disk)},
	{"bucket", IV_FIELD_TEXT_OR_NULL, AT(bucket)},
	{"object", IV_FIELD_TEXT_OR_NULL, AT(object)},
	{"etag", IV_FIELD_TEXT_OR_NULL, AT(etag)},
	{"crc64", IV_FIELD_TEXT_OR_NULL, AT(crc64)},
	{"object_size", IV_FIELD_COUNT, AT(object_size)},
	{"requests", IV_FIELD_TEXTS, AT(requests)},
	{"endpoints", IV_FIELD_TEXTS, AT(endpoints)},
	{"started", IV_FIELD_TIME, AT(started)},
	{"finished", IV_FIELD_TIME, AT(finished)},
	{"size", IV_FIELD_COUNT, AT(size)},
	{"digest", IV_FIELD_TEXT, AT(digest), "fsverity-sha256:", 64},
	{"version", IV_FIELD_TEXT, AT(version)},
};

IvOrigin *iv_origin_new(void)
{
	return g_new0(IvOrigin, 1);
}

void iv_origin_free(IvOrigin *origin)
{
	if (origin == NULL)
		return;
	for (size_t i = 0; i < G_N_ELEMENTS(fields); i++) {
		void *at = (char *)origin + fields[i].at;

		if (fields[i].kind == IV_FIELD_TEXT || fields[i].kind == IV_FIELD_TEXT_OR_NULL)
			g_free(*(char **)at);
		else if (fields[i].kind == IV_FIELD_TEXTS)
			g_strfreev(*(GStrv *)at);
	}
	g_free(origin);
}

cJSON *iv_origin_to_json(const IvOrigin *origin)
{
	cJSON *json = cJSON_CreateObject();

	iv_fields_add(json, "schema", cJSON_CreateNumber(IV_ORIGIN_SCHEMA));
	iv_fields_write(json, fields, G_N_ELEMENTS(fields), origin);
	return json;
}

static bool read_schema(const cJSON *json, GError **error)
{
	const cJSON *schema = cJSON_GetObjectItemCaseSensitive(json, "schema");

	if (!cJSON_IsNumber(schema))
		return iv_fail(error, IV_ERROR_CORRUPT,
			       "origin.schema: is missing, so this is not an origin record of imgvet");
	if (schema->valuedouble != IV_ORIGIN_SCHEMA)
		return iv_fail(error, IV_ERROR_UNSUPPORTED,
			       "origin.schema: this imgvet reads origin records of schema %d only",
			       IV_ORIGIN_SCHEMA);
	return true;
}

static bool check_way(const IvOrigin *origin, GError **error)
{
	static const char *const ways[] = {"export", "publish", "disk", NULL};

	if (g_strv_contains(ways, origin->way))
		return true;
	return iv_fail(error, IV_ERROR_CORRUPT, "origin.way: must be export, publish or disk");
}

IvOrigin *iv_origin_from_json(const cJSON *json, GError **error)
{
	g_autoptr(IvOrigin) origin = iv_origin_new();

	if (!read_schema(json, error) ||
	    !iv_fields_read(json, fields, G_N_ELEMENTS(fields), (IvFieldPlace){"origin", -1},
			    origin, error) ||
	    !check_way(origin, error))
		return NULL;
	return g_steal_pointer(&origin);
}

/* --- its file ------------------------------------------------------------------------ */

char *iv_origin_path(const char *disk)
{
	return g_strconcat(disk, ".origin.json", NULL);
}

static cJSON *parse(const char *path, const char *text, size_t len, GError **error)
{
	cJSON *json = iv_json_parse(text, len, error);
	g_autoptr(IvOrigin) origin = json != NULL ? iv_origin_from_json(json, error) : NULL;

	if (origin != NULL)
		return json;
	g_prefix_error(error, "%s: not an origin record: ", path);
	cJSON_Delete(json);
	return NULL;
}

cJSON *iv_origin_load(const char *path, GError **error)
{
	g_autoptr(GError) problem = NULL;
	g_autofree char *text = NULL;
	struct stat st;
	gsize len = 0;

	if (stat(path, &st) != 0) {
		iv_fail_errno(error, "%s: cannot be read", path);
		return NULL;
	}
	if (!S_ISREG(st.st_mode)) {
		iv_fail(error, IV_ERROR_IO, "%s: is not a file", path);
		return NULL;
	}
	if (st.st_size <= (off_t)IV_MAX_ORIGIN_BYTES &&
	    !g_file_get_contents(path, &text, &len, &problem)) {
		iv_fail(error, IV_ERROR_IO, "%s: cannot be read: %s", path, problem->message);
		return NULL;
	}
	if (text == NULL || len > IV_MAX_ORIGIN_BYTES) {
		iv_fail(error, IV_ERROR_LIMIT, "%s: larger than %u KiB, so not an origin record", path,
			IV_MAX_ORIGIN_BYTES >> 10);
		return NULL;
	}
	return parse(path, text, len, error);
}
