/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rule_definitions.c - the map "definitions" of a rule file becomes pieces; see rule_pieces.h */
#include <string.h>

#include "scanner/base/limits.h"
#include "scanner/engine/rule_pieces.h"

static bool read_one(IvPieces *pieces, const IvYaml *yaml, const IvYamlNode *map, guint i,
		     GError **error)
{
	const IvYamlNode *node = iv_yaml_at(map, i);
	const char *name = iv_yaml_key(map, i), *text = iv_yaml_text(node);
	const char *one[] = {text, NULL};
	g_auto(GStrv) values = NULL;

	if (*name == '\0' || name[strspn(name, IV_PIECE_NAME_BYTES)] != '\0')
		return iv_yaml_fail(yaml, node, error,
				    "the name of a definition holds small "
				    "letters, digits, '_' and '-' only");
	if (g_strv_contains(iv_rule_piece_names, name))
		return iv_yaml_fail(yaml, node, error,
				    "\"%s\" is a key of the rules, and no name "
				    "for a definition",
				    name);
	if (iv_pieces_has(pieces, name))
		return iv_yaml_fail(yaml, node, error,
				    "\"%s\" is already defined in the file of "
				    "\"definitions_from\"",
				    name);
	if (text == NULL && !iv_yaml_read_strings(yaml, map, name, &values, error))
		return false;
	if (text != NULL ? *text == '\0' : values[0] == NULL)
		return iv_yaml_fail(yaml, node, error, "the definition \"%s\" is empty", name);
	iv_pieces_set(pieces, name, IV_PIECE_PATTERN,
		      text != NULL ? one : (const char *const *)values);
	return true;
}

/* Expand each once, so that a mistake is told where it stands. */
static bool try_one(IvPieces *pieces, const IvYaml *yaml, const IvYamlNode *map, guint i,
		    GError **error)
{
	g_autofree char *text = g_strdup_printf("{{%s}}", iv_yaml_key(map, i));
	g_autofree char *why = NULL;

	return iv_pieces_in_pattern(pieces, &text, &why) ||
	       iv_yaml_fail(yaml, iv_yaml_at(map, i), error, "definition \"%s\": %s",
			    iv_yaml_key(map, i), why);
}

bool iv_pieces_read(IvPieces *pieces, const IvYaml *yaml, const IvYamlNode *map, GError **error)
{
	static const char *const stand_in[] = {"x", NULL};
	bool ok = true;

	if (iv_yaml_kind(map) != IV_YAML_MAP)
		return iv_yaml_fail(yaml, map, error,
				    "\"definitions\" is a map of names and pieces");
	if (iv_yaml_length(map) > IV_MAX_PIECES)
		return iv_yaml_fail(yaml, map, error, "more than %u definitions", IV_MAX_PIECES);
	for (guint i = 0; ok && i < iv_yaml_length(map); i++)
		ok = read_one(pieces, yaml, map, i, error);
	for (guint i = 0; ok && iv_rule_piece_names[i] != NULL; i++)
		iv_pieces_set(pieces, iv_rule_piece_names[i], IV_PIECE_LITERAL, stand_in);
	for (guint i = 0; ok && i < iv_yaml_length(map); i++)
		ok = try_one(pieces, yaml, map, i, error);
	iv_pieces_forget_rule(pieces);
	return ok;
}
