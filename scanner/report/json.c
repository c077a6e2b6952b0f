/* SPDX-License-Identifier: GPL-3.0-or-later */
/* json.c - strict trees, canonical and indented text.  See json.h, report.h. */
#include "scanner/report/json.h"

#include <math.h>
#include <string.h>

#include "scanner/base/error.h"
#include "scanner/base/limits.h"
#include "scanner/base/text.h"
#include "scanner/report/report.h"

static int compare_keys(gconstpointer a, gconstpointer b)
{
	const cJSON *x = *(const cJSON *const *)a, *y = *(const cJSON *const *)b;

	return g_strcmp0(x->string, y->string); /* strcmp: bytewise, unsigned */
}

/* The members of an object in canonical order. */
static GPtrArray *sorted_members(const cJSON *object)
{
	GPtrArray *members = g_ptr_array_new();
	cJSON *item;

	cJSON_ArrayForEach(item, object)
		g_ptr_array_add(members, item);
	g_ptr_array_sort(members, compare_keys);
	return members;
}

static bool check_keys(const cJSON *object, GError **error)
{
	g_autoptr(GPtrArray) members = sorted_members(object);

	for (guint i = 1; i < members->len; i++)
		if (compare_keys(&members->pdata[i - 1], &members->pdata[i]) == 0) {
			const cJSON *twin = members->pdata[i];
			g_autofree char *key = iv_text_printable(twin->string, -1);

			return iv_fail(error, IV_ERROR_CORRUPT, "the key \"%s\" stands twice in one object",
				       key);
		}
	return true;
}

typedef struct {
	const cJSON *node;
	unsigned depth;
} Pending;

bool iv_json_check_tree(const cJSON *json, GError **error)
{
	g_autoptr(GArray) stack = g_array_new(FALSE, FALSE, sizeof(Pending));
	Pending at = {json, 0};

	g_array_append_val(stack, at);
	while (stack->len > 0) {
		const cJSON *child;

		at = g_array_index(stack, Pending, stack->len - 1);
		g_array_set_size(stack, stack->len - 1);
		if (at.depth > IV_MAX_JSON_DEPTH)
			return iv_fail(error, IV_ERROR_CORRUPT, "nested too deeply");
		if (cJSON_IsObject(at.node) && !check_keys(at.node, error))
			return false;
		cJSON_ArrayForEach(child, at.node)
		{
			Pending next = {child, at.depth + 1};

			if (cJSON_IsObject(child) || cJSON_IsArray(child))
				g_array_append_val(stack, next);
		}
	}
	return true;
}

cJSON *iv_json_parse(const char *text, size_t len, GError **error)
{
	cJSON *json;

	if (!iv_json_check_text(text, len, error))
		return NULL;
	json = cJSON_ParseWithLength(text, len);
	if (json == NULL) {
		iv_fail(error, IV_ERROR_CORRUPT, "the JSON text cannot be read");
		return NULL;
	}
	if (!iv_json_check_tree(json, error)) {
		cJSON_Delete(json);
		return NULL;
	}
	return json;
}

/* --- writing -------------------------------------------------------------------- */

typedef struct {
	GString *out;
	bool pretty;
	unsigned depth;
} Writer;

static bool write_value(Writer *w, const cJSON *item);

static void write_escaped(GString *out, gunichar c)
{
	if (c > 0xffff)
		g_string_append_printf(out, "\\u%04x\\u%04x", 0xd800 + ((c - 0x10000) >> 10),
				       0xdc00 + ((c - 0x10000) & 0x3ff));
	else
		g_string_append_printf(out, "\\u%04x", c);
}

/* Indented text is read on terminals, and reports may be a stranger's: what
 * could steer one is escaped, which says the same.  Canonical text escapes no
 * more than it must. */
static bool write_string(Writer *w, const char *text)
{
	if (text == NULL || !g_utf8_validate(text, -1, NULL))
		return false;
	g_string_append_c(w->out, '"');
	for (const char *p = text; *p != '\0'; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);
		const char *named = c < 0x20 ? strchr("\bb\tt\nn\ff\rr", (int)c) : NULL;

		if (c == '"' || c == '\\')
			g_string_append_printf(w->out, "\\%c", (char)c);
		else if (named != NULL)
			g_string_append_printf(w->out, "\\%c", named[1]);
		else if (c < 0x20 || (w->pretty && iv_text_steers(c)))
			write_escaped(w->out, c);
		else
			g_string_append_unichar(w->out, c);
	}
	g_string_append_c(w->out, '"');
	return true;
}

static bool write_number(Writer *w, double value)
{
	if (!isfinite(value) || value != trunc(value) || fabs(value) > (double)IV_MAX_JSON_INTEGER)
		return false;
	g_string_append_printf(w->out, "%" G_GINT64_FORMAT, (gint64)value);
	return true;
}

static void new_line(Writer *w)
{
	if (!w->pretty)
		return;
	g_string_append_c(w->out, '\n');
	for (unsigned i = 0; i < w->depth; i++)
		g_string_append(w->out, "  ");
}

static bool write_member(Writer *w, const cJSON *item)
{
	if (!write_string(w, item->string))
		return false;
	g_string_append(w->out, w->pretty ? ": " : ":");
	return write_value(w, item);
}

static bool write_object(Writer *w, const cJSON *object)
{
	g_autoptr(GPtrArray) members = NULL;
	const cJSON *item = object->child;
	guint i = 0;

	if (!w->pretty) {
		members = sorted_members(object);
		item = members->len > 0 ? members->pdata[0] : NULL;
	}
	while (item != NULL) {
		if (i++ > 0)
			g_string_append_c(w->out, ',');
		new_line(w);
		if (!write_member(w, item))
			return false;
		item = members == NULL ? item->next : i < members->len ? members->pdata[i] : NULL;
	}
	return true;
}

static bool write_array(Writer *w, const cJSON *array)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, array)
	{
		if (item != array->child)
			g_string_append_c(w->out, ',');
		new_line(w);
		if (!write_value(w, item))
			return false;
	}
	return true;
}

static bool write_container(Writer *w, const cJSON *item)
{
	bool object = cJSON_IsObject(item);

	if (++w->depth > IV_MAX_JSON_DEPTH + 1)
		return false;
	g_string_append_c(w->out, object ? '{' : '[');
	if (!(object ? write_object(w, item) : write_array(w, item)))
		return false;
	w->depth--;
	if (item->child != NULL)
		new_line(w);
	g_string_append_c(w->out, object ? '}' : ']');
	return true;
}

static bool write_value(Writer *w, const cJSON *item)
{
	switch (item->type & 0xff) {
	case cJSON_Object:
	case cJSON_Array:
		return write_container(w, item);
	case cJSON_String:
		return write_string(w, item->valuestring);
	case cJSON_Number:
		return write_number(w, item->valuedouble);
	case cJSON_True:
		g_string_append(w->out, "true");
		return true;
	case cJSON_False:
		g_string_append(w->out, "false");
		return true;
	case cJSON_NULL:
		g_string_append(w->out, "null");
		return true;
	default:
		return false; /* cJSON_Raw and cJSON_Invalid */
	}
}

static char *write_text(const cJSON *json, bool pretty)
{
	Writer w = {.out = g_string_new(NULL), .pretty = pretty};

	if (json == NULL || !write_value(&w, json)) {
		g_string_free(w.out, TRUE);
		return NULL;
	}
	if (pretty)
		g_string_append_c(w.out, '\n');
	return g_string_free(w.out, FALSE);
}

char *iv_json_canonical(const cJSON *json)
{
	return write_text(json, false);
}

char *iv_report_text(const cJSON *json)
{
	return write_text(json, true);
}
