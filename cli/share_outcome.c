/* SPDX-License-Identifier: GPL-3.0-or-later */
/* share_outcome.c - see share_outcome.h */
#include "cli/share_outcome.h"

#include "cli/undo.h"
#include "share/cloud/preflight.h"

void cli_share_add_list(cJSON *json, const char *name, const GPtrArray *list)
{
	cJSON *array = cJSON_AddArrayToObject(json, name);

	for (guint i = 0; i < list->len; i++)
		cJSON_AddItemToArray(array, cJSON_CreateString(list->pdata[i]));
}

/* Of a share that failed part way: what was taken back, or how to. */
static void add_undo(cJSON *json, const IvShareRequest *request, const IvShareResult *result)
{
	g_autofree char *command =
		result->verified ? NULL : cli_undo_command(request, result);

	if (result->undone != NULL)
		cli_share_add_list(json, "undone", result->undone->changed);
	if (command != NULL && (result->undone == NULL || !result->undone->verified))
		cJSON_AddStringToObject(json, "undo", command);
}

char *cli_share_json(const IvVerdict *verdict, const IvShareRequest *request,
		     const IvPreflight *preflight, const IvShareResult *result, const GError *error)
{
	g_autoptr(cJSON) json = cJSON_CreateObject();

	cJSON_AddItemToObject(json, "verdict", iv_verdict_to_json(verdict));
	cJSON_AddStringToObject(json, "image_id", request->image_id);
	cJSON_AddStringToObject(json, "region", request->region);
	cJSON_AddBoolToObject(json, "dry_run", request->dry_run);
	if (preflight != NULL)
		cJSON_AddItemToObject(json, "preflight", iv_preflight_to_json(preflight));
	if (result != NULL) {
		cli_share_add_list(json, "added", result->changed);
		cli_share_add_list(json, "already", result->already);
		cli_share_add_list(json, "missing", result->missing);
		cli_share_add_list(json, "calls", result->calls);
		add_undo(json, request, result);
	}
	cJSON_AddBoolToObject(json, "verified", result != NULL && result->verified);
	if (error != NULL)
		cJSON_AddStringToObject(json, "error", error->message);
	return iv_report_text(json);
}

void cli_share_append_list(GString *text, const char *title, const GPtrArray *list)
{
	for (guint i = 0; i < list->len; i++)
		g_string_append_printf(text, "%s %s\n", title, (const char *)list->pdata[i]);
}

char *cli_share_text(const IvShareRequest *request, const IvShareResult *result)
{
	GString *text = g_string_new(NULL);

	if (request->dry_run) {
		cli_share_append_list(text, "would call:", result->calls);
		if (result->calls->len == 0)
			g_string_append(text, "nothing to call: every receiver has access already\n");
		return g_string_free(text, FALSE);
	}
	cli_share_append_list(text, "added:  ", result->changed);
	cli_share_append_list(text, "already:", result->already);
	cli_share_append_list(text, "missing:", result->missing);
	if (result->undone != NULL)
		cli_share_append_list(text, "undone: ", result->undone->changed);
	if (result->verified)
		g_string_append_printf(text, "shared: %s in %s, verified\n", request->image_id,
				       request->region);
	return g_string_free(text, FALSE);
}
