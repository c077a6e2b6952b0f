/* SPDX-License-Identifier: GPL-3.0-or-later */
/* secret.c - see secret.h */
#include "scanner/base/cjson.h"
#include "share/http/secret.h"

#include <string.h>

/* --- what is a secret ------------------------------------------------------------ */

/* Words in names, without '-' and '_', in lower case. */
static const char *const secret_words[] = {
	"authorization", "token",      "secret",       "signature", "accesskey",
	"credential",	 "password",   "cookie",       "plaintext", "privatekey",
	"stringtosign",	 "canonical",
};

/* Names with such a word whose values are not secret. */
static const char *const harmless[] = {"nexttoken", "clienttoken", "signaturemethod",
				       "signatureversion", "xacssignaturenonce"};

static char *squeezed(const char *text)
{
	GString *out = g_string_new(NULL);

	for (; *text != '\0'; text++)
		if (*text != '-' && *text != '_')
			g_string_append_c(out, g_ascii_tolower(*text));
	return g_string_free(out, FALSE);
}

static bool has_secret_word(const char *text)
{
	char *plain = squeezed(text);
	bool found = false;

	for (gsize i = 0; i < G_N_ELEMENTS(secret_words) && !found; i++)
		found = strstr(plain, secret_words[i]) != NULL;
	explicit_bzero(plain, strlen(plain));
	g_free(plain);
	return found;
}

bool iv_http_secret_name(const char *name)
{
	g_autofree char *plain = squeezed(name);

	for (gsize i = 0; i < G_N_ELEMENTS(harmless); i++)
		if (strcmp(plain, harmless[i]) == 0)
			return false;
	return has_secret_word(name);
}

/* An error code may hold such a word and is not a secret: "InvalidSecurityToken.Expired". */
static bool is_bare_word(const char *text)
{
	size_t n = strspn(text, ".abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

	return text[n] == '\0' && n <= 80;
}

bool iv_http_secret_value(const char *name, const char *value)
{
	return iv_http_secret_name(name) || (!is_bare_word(value) && has_secret_word(value));
}

/* --- bodies ------------------------------------------------------------------------- */

static void hide_json(cJSON *item, bool secret);

static void hide_json_text(cJSON *item, bool secret)
{
	if (!secret && !iv_http_secret_value("", item->valuestring))
		return;
	explicit_bzero(item->valuestring, strlen(item->valuestring));
	cJSON_SetValuestring(item, IV_HTTP_HIDDEN);
}

/* All below a secret name is secret; the depth is what cJSON reads (1000). */
static void hide_json(cJSON *item, bool secret)
{
	cJSON *child;

	if (cJSON_IsString(item))
		hide_json_text(item, secret);
	else if (cJSON_IsNumber(item) && secret)
		item->type = cJSON_NULL;
	cJSON_ArrayForEach(child, item)
		hide_json(child, secret || (child->string != NULL && iv_http_secret_name(child->string)));
}

char *iv_http_safe_json(const char *bytes, size_t len)
{
	cJSON *json = cJSON_ParseWithLength(bytes, len);
	char *text = NULL, *printed;

	if (cJSON_IsObject(json) || cJSON_IsArray(json)) {
		hide_json(json, false);
		printed = cJSON_PrintUnformatted(json);
		text = g_strdup(printed);
		cJSON_free(printed);
	}
	cJSON_Delete(json);
	return text;
}

char *iv_http_safe_xml(const char *bytes, size_t len)
{
	g_autofree char *text = g_strndup(bytes, len);
	const char *begin = text + strspn(text, " \t\r\n");

	if (*begin == '<' && strlen(text) == len && !has_secret_word(text))
		return g_steal_pointer(&text);
	explicit_bzero(text, strlen(text));
	return NULL;
}
