/* SPDX-License-Identifier: GPL-3.0-or-later */
/* preflight.c - see preflight.h */
#include "share/cloud/preflight.h"

#include <string.h>

#include "scanner/base/error.h"

/* Which answers refuse the share. */
static const struct {
	const char *code;
	bool no, unknown;
} checks[IV_CHECKS] = {
	[IV_CHECK_CREDENTIALS] = {"credentials", true, false},
	[IV_CHECK_RECEIVERS] = {"receivers", true, true},
	[IV_CHECK_OWN_ACCOUNT] = {"own-account", true, false},
	[IV_CHECK_POLICY] = {"policy", true, true},
	[IV_CHECK_IMAGE] = {"image", true, true},
	[IV_CHECK_OWNER] = {"owner", true, true},
	[IV_CHECK_STATE] = {"state", true, true},
	[IV_CHECK_PUBLIC] = {"public", true, true},
	[IV_CHECK_EVERYBODY] = {"everybody", true, true},
	[IV_CHECK_REACH] = {"reach", false, false},
	[IV_CHECK_OTHER_WAY] = {"other-way", true, false},
	[IV_CHECK_DATA_DISKS] = {"data-disks", true, true},
	[IV_CHECK_MARKETPLACE] = {"marketplace", false, false},
	[IV_CHECK_ENCRYPTION] = {"encryption", false, false},
	[IV_CHECK_KEY_REGION] = {"key-region", false, false},
	[IV_CHECK_KEY_DISKS] = {"key-disks", true, false},
	[IV_CHECK_KEY_KIND] = {"key-kind", true, false},
	[IV_CHECK_KEY_STATE] = {"key-state", true, false},
	[IV_CHECK_KEY_TRUST] = {"key-trust", true, false},
	[IV_CHECK_QUOTA] = {"quota", true, false},
};

static const char *const words[] = {
	[IV_ANSWER_YES] = "yes",
	[IV_ANSWER_NO] = "no",
	[IV_ANSWER_UNKNOWN] = "unknown",
};

const char *iv_preflight_code(IvPreflightCheck check)
{
	return checks[check].code;
}

const char *iv_answer_word(IvAnswer answer)
{
	return words[answer];
}

/* --- the list ------------------------------------------------------------------------ */

static void free_line(gpointer item)
{
	IvPreflightLine *line = item;

	g_free(line->text);
	g_free(line->remedy);
	g_free(line);
}

IvPreflight *iv_preflight_new(void)
{
	IvPreflight *preflight = g_new0(IvPreflight, 1);

	preflight->lines = g_ptr_array_new_with_free_func(free_line);
	return preflight;
}

void iv_preflight_free(IvPreflight *preflight)
{
	if (preflight == NULL)
		return;
	g_ptr_array_unref(preflight->lines);
	g_free(preflight);
}

/* After all lines of the same check and of earlier checks. */
static void insert(GPtrArray *lines, IvPreflightLine *line)
{
	guint at = lines->len;

	while (at > 0 && ((IvPreflightLine *)lines->pdata[at - 1])->check > line->check)
		at--;
	g_ptr_array_insert(lines, (gint)at, line);
}

void iv_preflight_say(IvPreflight *preflight, IvPreflightCheck check, IvAnswer answer, const char *remedy,
		      const char *format, ...)
{
	IvPreflightLine *line = g_new0(IvPreflightLine, 1);
	va_list args;

	line->check = check;
	line->answer = answer;
	line->blocks = (answer == IV_ANSWER_NO && checks[check].no) ||
		       (answer == IV_ANSWER_UNKNOWN && checks[check].unknown);
	line->remedy = g_strdup(remedy);
	va_start(args, format);
	line->text = g_strdup_vprintf(format, args);
	va_end(args);
	insert(preflight->lines, line);
}

/* A remedy without its layout: a line and the indented ones that continue it become one line. */
static char *without_layout(const char *remedy)
{
	g_auto(GStrv) lines = g_strsplit(remedy, "\n", -1);
	GString *text = g_string_new(NULL);

	for (guint i = 0; lines[i] != NULL; i++) {
		const char *between = g_str_has_prefix(lines[i], " ") ? " " : "\n";
		char *line = g_strstrip(lines[i]);

		if (g_str_has_suffix(line, " \\"))
			line[strlen(line) - 2] = '\0';
		g_string_append_printf(text, "%s%s", i > 0 ? between : "", line);
	}
	return g_string_free(text, FALSE);
}

bool iv_preflight_ok(const IvPreflight *preflight, GError **error)
{
	for (guint i = 0; i < preflight->lines->len; i++) {
		const IvPreflightLine *line = preflight->lines->pdata[i];
		g_autofree char *remedy = line->remedy != NULL ? without_layout(line->remedy) : NULL;

		if (line->blocks)
			return iv_fail(error, IV_ERROR_REFUSED, "%s%s%s", line->text,
				       remedy != NULL ? "\n" : "", remedy != NULL ? remedy : "");
	}
	return true;
}

cJSON *iv_preflight_to_json(const IvPreflight *preflight)
{
	cJSON *array = cJSON_CreateArray();

	for (guint i = 0; i < preflight->lines->len; i++) {
		const IvPreflightLine *line = preflight->lines->pdata[i];
		cJSON *object = cJSON_CreateObject();

		cJSON_AddStringToObject(object, "check", checks[line->check].code);
		cJSON_AddStringToObject(object, "answer", words[line->answer]);
		cJSON_AddBoolToObject(object, "blocks", line->blocks);
		cJSON_AddStringToObject(object, "text", line->text);
		if (line->remedy != NULL)
			cJSON_AddStringToObject(object, "remedy", line->remedy);
		cJSON_AddItemToArray(array, object);
	}
	return array;
}
