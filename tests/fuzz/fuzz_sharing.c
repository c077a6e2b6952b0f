/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fuzz_sharing.c - any bytes as the answers of the lists of resource shares and of
 * a resource directory.
 *
 * What is taken from them must keep its promises: ids are ids, a failed tie says
 * why, and nothing steers a terminal.
 */
#include <stdint.h>
#include <string.h>

#include "share/alibaba/directory.h"
#include "share/alibaba/read.h"
#include "share/alibaba/sharing.h"

#define IMAGE "m-bp1imgvetdemo001"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fit_for_people(const char *text)
{
	g_assert_true(g_utf8_validate(text, -1, NULL));
	for (const char *p = text; *p != '\0'; p = g_utf8_next_char(p))
		g_assert_true(*p == '\n' || g_unichar_isprint(g_utf8_get_char(p)));
}

static GPtrArray *read_ties(const cJSON *json, IvTieKind kind)
{
	GPtrArray *ties = iv_ties_new();
	g_autoptr(GError) error = NULL;
	g_autofree char *token = NULL;
	bool ok = iv_sharing_read_ties(json, kind, NULL, ties, &token, &error);

	g_assert_true(ok == (error == NULL) && (ok || token == NULL));
	for (guint i = 0; i < ties->len; i++) {
		const IvTie *tie = ties->pdata[i];

		g_assert_true(iv_alibaba_id_ok(tie->share) && iv_alibaba_id_ok(tie->entity));
		g_assert_true((tie->problem != NULL) == (tie->state == IV_TARGET_FAILED));
		if (tie->problem != NULL)
			fit_for_people(tie->problem);
	}
	return ties;
}

/* One answer as both lists: whoever is told to have the image is in it. */
static void join(const cJSON *json)
{
	g_autoptr(GPtrArray) images = read_ties(json, IV_TIE_RESOURCE);
	g_autoptr(GPtrArray) others = read_ties(json, IV_TIE_TARGET);
	g_autoptr(IvTargets) targets = iv_targets_new();

	if (others->len > 0)
		targets->holder = g_strdup(((IvTie *)others->pdata[0])->share);
	iv_sharing_join(targets, IMAGE, images, others);
	iv_sharing_join(targets, IMAGE, others, others);
	for (guint i = 0; i < targets->list->len; i++) {
		const IvCloudTarget *target = targets->list->pdata[i];

		g_assert_true((target->problem != NULL) == (target->state == IV_TARGET_FAILED));
	}
}

static void read_directory(const cJSON *json, const IvDirectoryList *list)
{
	g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GError) error = NULL;
	guint total = 0;

	g_assert_true(iv_directory_read_page(json, list, 1, ids, &total, &error) == (error == NULL));
	for (guint i = 0; i < ids->len; i++)
		g_assert_true(list->ok(ids->pdata[i]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cJSON *json = cJSON_ParseWithLength((const char *)data, size);
	g_autofree char *id = NULL, *token = NULL;

	if (json == NULL)
		return 0;
	join(json);
	if (iv_sharing_read_shares(json, "imgvet-" IMAGE, &id, &token, NULL) && id != NULL)
		g_assert_true(iv_alibaba_id_ok(id));
	read_directory(json, &iv_directory_accounts);
	read_directory(json, &iv_directory_folders_of);
	cJSON_Delete(json);
	return 0;
}
