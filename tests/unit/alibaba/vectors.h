/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vectors.h - signatures that other programs computed, from tests/cloud/, each a test of its own. */
#ifndef IV_TESTS_VECTORS_H
#define IV_TESTS_VECTORS_H

#include <glib.h>

#include "scanner/base/cjson.h"

static inline const char *text_of(const cJSON *object, const char *name)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
}

static inline cJSON *load_vectors(const char *name)
{
	g_autofree char *path = g_build_filename(g_getenv("TOP"), "tests/cloud", name, NULL);
	g_autofree char *text = NULL;
	gsize len;
	cJSON *vectors;

	g_assert_true(g_file_get_contents(path, &text, &len, NULL));
	vectors = cJSON_ParseWithLength(text, len);
	g_assert_nonnull(vectors);
	return vectors;
}

/* A test "FOLDER" and the vector's name for each, at least so many of them. */
static inline void add_vectors(cJSON *file, const char *folder, int least,
			       void (*check)(gconstpointer vector))
{
	cJSON *vector, *vectors = cJSON_GetObjectItemCaseSensitive(file, "vectors");

	g_assert_cmpint(cJSON_GetArraySize(vectors), >=, least);
	cJSON_ArrayForEach(vector, vectors) {
		g_autofree char *path = g_strconcat(folder, text_of(vector, "name"), NULL);

		g_test_add_data_func(path, vector, check);
	}
}

#endif
