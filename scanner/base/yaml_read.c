/* SPDX-License-Identifier: GPL-3.0-or-later */
/* yaml_read.c - what stands in a map, as the type that is wanted there, and no keys that nobody
 * knows.  See yaml.h. */
#include "scanner/base/yaml.h"

#include <math.h>
#include <string.h>

#include "scanner/base/text.h"

/* --- typed reads ------------------------------------------------------------ */

/* The scalar child of a map, or NULL with *ok telling "absent" from "wrong". */
static const IvYamlNode *scalar_child(const IvYaml *yaml, const IvYamlNode *map, const char *key,
				      bool *ok, GError **error)
{
	const IvYamlNode *node = iv_yaml_get(map, key);

	*ok = true;
	if (node != NULL && iv_yaml_kind(node) != IV_YAML_SCALAR) {
		*ok = iv_yaml_fail(yaml, node, error, "'%s' must be a single value", key);
		return NULL;
	}
	return node;
}

bool iv_yaml_read_string(const IvYaml *yaml, const IvYamlNode *map, const char *key, char **out,
			 GError **error)
{
	bool ok;
	const IvYamlNode *node = scalar_child(yaml, map, key, &ok, error);

	if (node != NULL) {
		g_free(*out);
		*out = g_strdup(iv_yaml_text(node));
	}
	return ok;
}

bool iv_yaml_read_strings(const IvYaml *yaml, const IvYamlNode *map, const char *key, GStrv *out,
			  GError **error)
{
	const IvYamlNode *node = iv_yaml_get(map, key);
	g_autoptr(GStrvBuilder) builder = g_strv_builder_new();

	if (node == NULL)
		return true;
	if (iv_yaml_kind(node) != IV_YAML_LIST)
		return iv_yaml_fail(yaml, node, error, "'%s' must be a list", key);
	for (guint i = 0; i < iv_yaml_length(node); i++) {
		const IvYamlNode *item = iv_yaml_at(node, i);

		if (iv_yaml_kind(item) != IV_YAML_SCALAR)
			return iv_yaml_fail(yaml, item, error, "'%s' must be a list of texts", key);
		g_strv_builder_add(builder, iv_yaml_text(item));
	}
	g_strfreev(*out);
	*out = g_strv_builder_end(builder);
	return true;
}

bool iv_yaml_read_bool(const IvYaml *yaml, const IvYamlNode *map, const char *key, bool *out,
		       GError **error)
{
	bool ok;
	const IvYamlNode *node = scalar_child(yaml, map, key, &ok, error);

	if (node == NULL)
		return ok;
	if (strcmp(iv_yaml_text(node), "true") == 0)
		*out = true;
	else if (strcmp(iv_yaml_text(node), "false") == 0)
		*out = false;
	else
		return iv_yaml_fail(yaml, node, error, "'%s' must be true or false", key);
	return true;
}

bool iv_yaml_read_uint(const IvYaml *yaml, const IvYamlNode *map, const char *key, uint64_t max,
		       uint64_t *out, GError **error)
{
	bool ok;
	const IvYamlNode *node = scalar_child(yaml, map, key, &ok, error);
	guint64 value;

	if (node == NULL)
		return ok;
	if (!g_ascii_string_to_unsigned(iv_yaml_text(node), 10, 0, max, &value, NULL))
		return iv_yaml_fail(yaml, node, error,
				    "'%s' must be a whole number from 0 to %" G_GUINT64_FORMAT, key,
				    max);
	*out = value;
	return true;
}

bool iv_yaml_read_double(const IvYaml *yaml, const IvYamlNode *map, const char *key, double *out,
			 GError **error)
{
	bool ok;
	const IvYamlNode *node = scalar_child(yaml, map, key, &ok, error);
	const char *text;
	char *end = NULL;
	double value;

	if (node == NULL)
		return ok;
	text = iv_yaml_text(node);
	value = g_ascii_strtod(text, &end);
	if (text[0] == '\0' || *end != '\0' || !isfinite(value))
		return iv_yaml_fail(yaml, node, error, "'%s' must be a number", key);
	*out = value;
	return true;
}

/* --- unknown keys ------------------------------------------------------------- */

/* Levenshtein distance, for "did you mean"; keys are short. */
static guint distance(const char *a, const char *b)
{
	gsize n = MIN(strlen(a), 63), m = MIN(strlen(b), 63);
	guint row[64];

	for (gsize j = 0; j <= m; j++)
		row[j] = (guint)j;
	for (gsize i = 1; i <= n; i++) {
		guint before = row[0];

		row[0] = (guint)i;
		for (gsize j = 1; j <= m; j++) {
			guint up = row[j];
			guint change = before + (a[i - 1] != b[j - 1]);

			row[j] = MIN(MIN(up, row[j - 1]) + 1, change);
			before = up;
		}
	}
	return row[m];
}

static const char *nearest(const char *key, const char *const *known)
{
	const char *best = NULL;
	guint least = 4;

	for (; *known != NULL; known++) {
		guint d = distance(key, *known);

		if (d < least) {
			least = d;
			best = *known;
		}
	}
	return best;
}

bool iv_yaml_only_keys(const IvYaml *yaml, const IvYamlNode *map, const char *const *known,
		       GError **error)
{
	if (iv_yaml_kind(map) != IV_YAML_MAP)
		return iv_yaml_fail(yaml, map, error, "a mapping (key: value) must stand here");
	for (guint i = 0; i < iv_yaml_length(map); i++) {
		const IvYamlNode *key = iv_yaml_key_at(map, i);
		const char *text = iv_yaml_text(key);
		g_autofree char *shown = NULL;
		const char *guess;

		if (g_strv_contains(known, text))
			continue;
		shown = iv_text_printable(text, -1);
		guess = nearest(text, known);
		return iv_yaml_fail(yaml, key, error, "unknown key '%s'%s%s%s", shown,
				    guess != NULL ? " (did you mean '" : "",
				    guess != NULL ? guess : "", guess != NULL ? "'?)" : "");
	}
	return true;
}
