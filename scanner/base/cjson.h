/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cjson.h - cJSON, with g_autoptr(cJSON).
 */
#ifndef IV_BASE_CJSON_H
#define IV_BASE_CJSON_H

#include <cjson/cJSON.h>
#include <glib.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC(cJSON, cJSON_Delete)

#endif
