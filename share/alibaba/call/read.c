/* SPDX-License-Identifier: GPL-3.0-or-later */
/* read.c - see read.h */
#include "share/alibaba/call/read.h"

#include <string.h>

#include "scanner/base/error.h"
#include "scanner/base/text.h"

/* The most of a text that is shown. */
#define MOST_CHARACTERS 200
#define MOST_BYTES	(4 * MOST_CHARACTERS)

bool iv_alibaba_nonsense(GError **error, const char *action, const char *what)
{
	return iv_fail(error, IV_ERROR_CLOUD,
		       "%s: the answer makes no sense: %s\n"
		       "nothing of it was used; check --endpoint, then try again",
		       action, what);
}

const char *iv_alibaba_text(const cJSON *object, const char *name)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
}

/* Made printable first, as only UTF-8 can be counted in characters. */
char *iv_alibaba_printable(const cJSON *object, const char *name)
{
	const char *text = iv_alibaba_text(object, name);
	g_autofree char *shown = text != NULL ? iv_text_printable(text, (gssize)strnlen(text, MOST_BYTES))
					      : g_strdup("");

	return g_utf8_substring(shown, 0, MIN(g_utf8_strlen(shown, -1), MOST_CHARACTERS));
}

const cJSON *iv_alibaba_list(const cJSON *answer, const char *outer, const char *inner)
{
	const cJSON *holder = cJSON_GetObjectItemCaseSensitive(answer, outer);
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(holder, inner);

	return cJSON_IsArray(list) ? list : NULL;
}

bool iv_alibaba_count(const cJSON *answer, const char *name, guint *count)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(answer, name);

	if (!cJSON_IsNumber(item) || !(item->valuedouble >= 0 && item->valuedouble <= 1e6))
		return false;
	*count = (guint)item->valuedouble;
	return (double)*count == item->valuedouble;
}

gint64 iv_alibaba_time(const char *text)
{
	g_autoptr(GDateTime) when = NULL;

	if (text == NULL || strlen(text) > 30 || !g_str_has_suffix(text, "Z"))
		return 0;
	when = g_date_time_new_from_iso8601(text, NULL);
	return when != NULL ? MAX(g_date_time_to_unix(when), 0) : 0;
}

bool iv_alibaba_id_ok(const char *text)
{
	size_t len = text != NULL ? strlen(text) : 0;

	if (len == 0 || len > 128)
		return false;
	for (; *text != '\0'; text++)
		if (!g_ascii_isalnum(*text) && strchr("-_.", *text) == NULL)
			return false;
	return true;
}
