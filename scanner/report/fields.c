/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fields.c - see fields.h */
#include "scanner/report/fields.h"

#include <math.h>
#include <string.h>

#include "scanner/base/error.h"
#include "scanner/base/limits.h"
#include "scanner/base/severity.h"
#include "scanner/base/text.h"

cJSON *iv_fields_add(cJSON *object, const char *static_name, cJSON *child)
{
	if (child == NULL || !cJSON_AddItemToObjectCS(object, static_name, child))
		g_error("out of memory while a report is built");
	return child;
}

void iv_fields_append(cJSON *array, cJSON *child)
{
	if (child == NULL || !cJSON_AddItemToArray(array, child))
		g_error("out of memory while a report is built");
}

cJSON *iv_fields_text(const char *text)
{
	g_autofree char *printable = NULL;

	if (text == NULL)
		return cJSON_CreateString("");
	if (!g_utf8_validate(text, -1, NULL))
		text = printable = iv_text_printable(text, -1);
	return cJSON_CreateString(text);
}

static cJSON *number(uint64_t value)
{
	return cJSON_CreateNumber((double)MIN(value, (uint64_t)IV_MAX_JSON_INTEGER));
}

static cJSON *texts(const GStrv list)
{
	cJSON *array = cJSON_CreateArray();

	if (array == NULL)
		return NULL;
	for (guint i = 0; list != NULL && list[i] != NULL; i++)
		iv_fields_append(array, iv_fields_text(list[i]));
	return array;
}

static cJSON *time_text(gint64 seconds)
{
	g_autoptr(GDateTime) when = g_date_time_new_from_unix_utc(seconds);
	g_autofree char *text = NULL;

	if (when == NULL)
		return cJSON_CreateString("1970-01-01T00:00:00Z");
	text = g_date_time_format(when, "%Y-%m-%dT%H:%M:%SZ");
	return cJSON_CreateString(text);
}

static cJSON *field_to_json(const IvField *field, const void *at)
{
	switch (field->kind) {
	case IV_FIELD_TEXT:
		return iv_fields_text(*(char *const *)at);
	case IV_FIELD_TEXT_OR_NULL:
		return *(char *const *)at != NULL ? iv_fields_text(*(char *const *)at)
						  : cJSON_CreateNull();
	case IV_FIELD_COUNT:
	case IV_FIELD_POSITIVE:
		return number(*(const uint64_t *)at);
	case IV_FIELD_LINE:
		return *(const uint64_t *)at > 0 ? number(*(const uint64_t *)at) : cJSON_CreateNull();
	case IV_FIELD_DISK_OFFSET:
		return *(const int64_t *)at >= 0 ? number((uint64_t) * (const int64_t *)at)
						 : cJSON_CreateNull();
	case IV_FIELD_BOOL:
		return cJSON_CreateBool(*(const bool *)at);
	case IV_FIELD_SEVERITY:
		return cJSON_CreateString(iv_severity_name(*(const IvSeverity *)at));
	case IV_FIELD_TEXTS:
		return texts(*(const GStrv *)at);
	case IV_FIELD_TIME:
		return time_text(*(const gint64 *)at);
	}
	g_return_val_if_reached(NULL);
}

void iv_fields_write(cJSON *object, const IvField *fields, size_t n, const void *from)
{
	for (size_t i = 0; i < n; i++)
		iv_fields_add(object, fields[i].name,
			      field_to_json(&fields[i], (const char *)from + fields[i].at));
}

/* --- reading: each reader says what it wanted, or NULL when it is content ------ */

bool iv_field_has_form(const IvField *field, const char *text)
{
	size_t prefix;

	if (field->hex == 0)
		return true;
	prefix = strlen(field->prefix);
	if (strncmp(text, field->prefix, prefix) != 0 || strlen(text) != prefix + field->hex)
		return false;
	return strspn(text + prefix, "0123456789abcdef") == field->hex;
}

static const char *read_text(const cJSON *item, const IvField *field, char **out)
{
	if (!cJSON_IsString(item) || !g_utf8_validate(item->valuestring, -1, NULL))
		return "text";
	if (!iv_field_has_form(field, item->valuestring))
		return "a text of its fixed form";
	g_free(*out);
	*out = iv_text_one_line(item->valuestring);
	return NULL;
}

static const char *read_text_or_null(const cJSON *item, const IvField *field, char **out)
{
	if (cJSON_IsNull(item)) {
		g_clear_pointer(out, g_free);
		return NULL;
	}
	if (cJSON_IsString(item) && *item->valuestring == '\0')
		return "text that is not empty, or null";
	return read_text(item, field, out) != NULL ? "text of its form, or null" : NULL;
}

static const char *read_count(const cJSON *item, uint64_t least, uint64_t *out)
{
	double value = item->valuedouble;

	if (!cJSON_IsNumber(item) || !isfinite(value) || value != trunc(value) ||
	    value < (double)least || value > (double)IV_MAX_JSON_INTEGER)
		return least > 0 ? "an integer from 1 to 2^53 - 1" : "an integer from 0 to 2^53 - 1";
	*out = (uint64_t)value;
	return NULL;
}

static const char *read_line(const cJSON *item, uint64_t *out)
{
	*out = 0;
	if (cJSON_IsNull(item))
		return NULL;
	return read_count(item, 1, out) != NULL ? "a line number from 1, or null" : NULL;
}

static const char *read_disk_offset(const cJSON *item, int64_t *out)
{
	uint64_t value;

	*out = -1;
	if (cJSON_IsNull(item))
		return NULL;
	if (read_count(item, 0, &value) != NULL)
		return "an integer from 0 to 2^53 - 1, or null";
	*out = (int64_t)value;
	return NULL;
}

static const char *read_bool(const cJSON *item, bool *out)
{
	if (!cJSON_IsBool(item))
		return "true or false";
	*out = cJSON_IsTrue(item);
	return NULL;
}

static const char *read_severity(const cJSON *item, IvSeverity *out)
{
	if (!cJSON_IsString(item) || !iv_severity_parse(item->valuestring, out))
		return "critical, high, medium, low or info";
	return NULL;
}

static const char *read_texts(const cJSON *item, GStrv *out)
{
	g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(g_free);
	const cJSON *text;

	if (!cJSON_IsArray(item))
		return "a list of texts";
	cJSON_ArrayForEach(text, item)
	{
		if (!cJSON_IsString(text) || !g_utf8_validate(text->valuestring, -1, NULL))
			return "a list of texts";
		g_ptr_array_add(list, iv_text_one_line(text->valuestring));
	}
	g_ptr_array_add(list, NULL);
	g_strfreev(*out);
	*out = (GStrv)g_ptr_array_steal(list, NULL);
	return NULL;
}

/* Exactly "2026-01-31T23:59:59Z", a date that exists, not before the epoch. */
static const char *read_time(const cJSON *item, gint64 *out)
{
	static const char wanted[] = "a time like 2026-01-31T23:59:59Z";
	static const char shape[] = "0000-00-00T00:00:00Z";
	g_autoptr(GDateTime) when = NULL;
	const char *text = item->valuestring;

	if (!cJSON_IsString(item) || strlen(text) != sizeof(shape) - 1)
		return wanted;
	for (size_t i = 0; shape[i] != '\0'; i++)
		if (shape[i] == '0' ? !g_ascii_isdigit(text[i]) : text[i] != shape[i])
			return wanted;
	when = g_date_time_new_from_iso8601(text, NULL);
	if (when == NULL || g_date_time_to_unix(when) < 0)
		return wanted;
	*out = g_date_time_to_unix(when);
	return NULL;
}

static const char *field_from_json(const IvField *field, const cJSON *item, void *at)
{
	switch (field->kind) {
	case IV_FIELD_TEXT:
		return read_text(item, field, at);
	case IV_FIELD_TEXT_OR_NULL:
		return read_text_or_null(item, field, at);
	case IV_FIELD_COUNT:
		return read_count(item, 0, at);
	case IV_FIELD_POSITIVE:
		return read_count(item, 1, at);
	case IV_FIELD_LINE:
		return read_line(item, at);
	case IV_FIELD_DISK_OFFSET:
		return read_disk_offset(item, at);
	case IV_FIELD_BOOL:
		return read_bool(item, at);
	case IV_FIELD_SEVERITY:
		return read_severity(item, at);
	case IV_FIELD_TEXTS:
		return read_texts(item, at);
	case IV_FIELD_TIME:
		return read_time(item, at);
	}
	g_return_val_if_reached("a known kind of field");
}

static bool fail_at(GError **error, IvFieldPlace place, const char *name, const char *what)
{
	g_autofree char *index = place.index >= 0
					 ? g_strdup_printf("[%" G_GINT64_FORMAT "]", place.index)
					 : g_strdup("");

	return iv_fail(error, IV_ERROR_CORRUPT, "%s%s%s%s: %s", place.object, index,
		       *place.object != '\0' && *name != '\0' ? "." : "", name, what);
}

bool iv_fields_read(const cJSON *object, const IvField *fields, size_t n, IvFieldPlace place,
		    void *to, GError **error)
{
	if (!cJSON_IsObject(object))
		return fail_at(error, place, "", "must be an object");
	for (size_t i = 0; i < n; i++) {
		const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, fields[i].name);
		const char *wanted;
		g_autofree char *what = NULL;

		if (item == NULL)
			return fail_at(error, place, fields[i].name, "is missing");
		wanted = field_from_json(&fields[i], item, (char *)to + fields[i].at);
		if (wanted == NULL)
			continue;
		what = fields[i].hex > 0 ? g_strdup_printf("must be %s (%s and %u hex digits)",
							   wanted, fields[i].prefix, fields[i].hex)
					 : g_strdup_printf("must be %s", wanted);
		return fail_at(error, place, fields[i].name, what);
	}
	return true;
}

cJSON *iv_fields_object(const cJSON *json, const char *name, GError **error)
{
	cJSON *item = cJSON_GetObjectItemCaseSensitive(json, name);

	if (cJSON_IsObject(item))
		return item;
	iv_fail(error, IV_ERROR_CORRUPT, item == NULL ? "%s: is missing" : "%s: must be an object",
		name);
	return NULL;
}

cJSON *iv_fields_array(const cJSON *json, const char *object, const char *name, GError **error)
{
	cJSON *item = cJSON_GetObjectItemCaseSensitive(json, name);
	IvFieldPlace place = {object, -1};

	if (cJSON_IsArray(item))
		return item;
	fail_at(error, place, name, item == NULL ? "is missing" : "must be a list");
	return NULL;
}
