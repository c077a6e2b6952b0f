/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fuzz_sharing.c - any bytes as the answers of the lists of resource shares and of
 * a resource directory.
 *
 * What is taken from them must keep its promises: ids are ids, a failed association says
 * why, and nothing steers a terminal.
 */
#include <stdint.h>
#include <string.h>

#include "share/alibaba/call/read.h"
#include "share/alibaba/organization/directory.h"
#include "share/alibaba/organization/sharing.h"

#define IMAGE "m-bp1imgvetdemo001"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fit_for_people(const char *text)
{
	g_assert_true(g_utf8_validate(text, -1, NULL));
	for (const char *p = text; *p != '\0'; p = g_utf8_next_char(p))
		g_assert_true(*p == '\n' || g_unichar_isprint(g_utf8_get_char(p)));
}

static GPtrArray *read_associations(const cJSON *json, IvAssociationKind kind)
{
	GPtrArray *associations = iv_associations_new();
	g_autoptr(GError) error = NULL;
	g_autofree char *token = NULL;
	bool ok = iv_sharing_read_associations(json, kind, NULL, associations, &token, &error);

	g_assert_true(ok == (error == NULL) && (ok || token == NULL));
	for (guint i = 0; i < associations->len; i++) {
		const IvAssociation *association = associations->pdata[i];

		g_assert_true(iv_alibaba_id_ok(association->share) && iv_alibaba_id_ok(association->entity));
		g_assert_true((association->problem != NULL) == (association->state == IV_TARGET_FAILED));
		if (association->problem != NULL)
			fit_for_people(association->problem);
	}
	return associations;
}

/* One answer as both lists: whoever is told to have the image is in it. */
static void join(const cJSON *json)
{
	g_autoptr(GPtrArray) images = read_associations(json, IV_ASSOCIATION_RESOURCE);
	g_autoptr(GPtrArray) others = read_associations(json, IV_ASSOCIATION_TARGET);
	g_autoptr(IvTargets) targets = iv_targets_new();

	if (others->len > 0)
		targets->holder = g_strdup(((IvAssociation *)others->pdata[0])->share);
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
