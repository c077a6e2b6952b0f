/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * yaml.h - YAML files read as a tree that remembers line numbers.
 *
 * Rule files, policies and clearances are hostile input: the file has a size
 * ceiling (IV_MAX_YAML_BYTES), a node ceiling, a depth ceiling; duplicate keys
 * of one mapping, more than one document, tabs as indentation and invalid
 * UTF-8 are errors; anchors and aliases are refused.  Every error reads
 * "FILE:LINE: what is wrong".  The only file that knows libyaml is yaml.c.
 */
#ifndef IV_BASE_YAML_H
#define IV_BASE_YAML_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "scanner/base/error.h"

typedef struct IvYaml IvYaml;	      /* a loaded file; owns every node */
typedef struct IvYamlNode IvYamlNode; /* borrowed from its IvYaml */

typedef enum { IV_YAML_SCALAR, IV_YAML_LIST, IV_YAML_MAP } IvYamlKind;

/* Load a file.  NULL with IV_ERROR_CONFIG (bad content) or IV_ERROR_IO. */
IV_MUST_CHECK
IvYaml *iv_yaml_load(const char *path, GError **error);
/* The same from memory; `name` stands in error messages. */
IV_MUST_CHECK
IvYaml *iv_yaml_parse(const char *name, const char *text, size_t len, GError **error);
void iv_yaml_free(IvYaml *yaml);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(IvYaml, iv_yaml_free)

/* The top node; NULL for an empty file. */
const IvYamlNode *iv_yaml_root(const IvYaml *yaml);

IvYamlKind iv_yaml_kind(const IvYamlNode *node);
unsigned iv_yaml_line(const IvYamlNode *node); /* 1-based */

/* Scalar text (NUL-terminated, may be empty), or NULL when not a scalar. */
const char *iv_yaml_text(const IvYamlNode *node);

/* Lists and maps: number of children; child i; key of child i (maps only), and that key as a node,
 * for its line. */
guint iv_yaml_length(const IvYamlNode *node);
const IvYamlNode *iv_yaml_at(const IvYamlNode *node, guint i);
const char *iv_yaml_key(const IvYamlNode *node, guint i);
const IvYamlNode *iv_yaml_key_at(const IvYamlNode *node, guint i);

/* Child of a map by key, or NULL. */
const IvYamlNode *iv_yaml_get(const IvYamlNode *node, const char *key);

/* Set *error to "FILE:LINE: message" (IV_ERROR_CONFIG) and return false. */
bool iv_yaml_fail(const IvYaml *yaml, const IvYamlNode *node, GError **error, const char *format,
		  ...) G_GNUC_PRINTF(4, 5);

/* --- yaml_read.c ------------------------------------------------------------ */

/* Typed reads of a map's child.  A missing key leaves *out untouched and is
 * true; a wrong type or value is false with *error naming file and line.
 * Strings are copied (free the old value, NULL at first); lists are GStrv. */
IV_MUST_CHECK
bool iv_yaml_read_string(const IvYaml *yaml, const IvYamlNode *map, const char *key, char **out,
			 GError **error);
IV_MUST_CHECK
bool iv_yaml_read_strings(const IvYaml *yaml, const IvYamlNode *map, const char *key, GStrv *out,
			  GError **error);
IV_MUST_CHECK
bool iv_yaml_read_bool(const IvYaml *yaml, const IvYamlNode *map, const char *key, bool *out,
		       GError **error);
IV_MUST_CHECK
bool iv_yaml_read_uint(const IvYaml *yaml, const IvYamlNode *map, const char *key, uint64_t max,
		       uint64_t *out, GError **error);
IV_MUST_CHECK
bool iv_yaml_read_double(const IvYaml *yaml, const IvYamlNode *map, const char *key, double *out,
			 GError **error);

/* Every key of the map must be in the NULL-terminated list `known`; the error
 * names the unknown key, its line and the nearest known one. */
IV_MUST_CHECK
bool iv_yaml_only_keys(const IvYaml *yaml, const IvYamlNode *map, const char *const *known,
		       GError **error);

#endif
