/* SPDX-License-Identifier: GPL-3.0-or-later */
/* organization.c - the table of share/cloud/organization.h for Alibaba Cloud: resource shares of
 * images, ResourceSharing 2020-01-10.  See share/alibaba/call/account.h and sharing.h.
 *
 * A target outside one's own resource directory is refused by the service, as AllowExternalTargets
 * is false in every share that is made here. */
#include "share/cloud/organization.h"

#include <string.h>

#include "scanner/base/error.h"
#include "share/alibaba/call/account.h"
#include "share/alibaba/organization/directory.h"
#include "share/alibaba/organization/sharing.h"
#include "share/base/limits.h"

/* Resources, targets, and shares of one request. */
#define BATCH 5u
#define MAX_RESULTS "100"

/* --- lists -------------------------------------------------------------------------------- */

/* Reads one page; *token is the next one's. */
typedef bool (*ReadPage)(const cJSON *answer, void *into, char **token, GError **error);

static bool one_page(IvAlibaba *a, const char *action, const GPtrArray *params, ReadPage read,
		     void *into, char **token, IvCallTrace *trace, GError **error)
{
	g_autoptr(GPtrArray) all = iv_pairs_new();
	cJSON *answer;
	bool ok;

	for (guint i = 0; i < params->len; i++) {
		const IvPair *pair = params->pdata[i];

		iv_pairs_add(all, pair->name, pair->value);
	}
	iv_pairs_add(all, "MaxResults", MAX_RESULTS);
	if (*token != NULL)
		iv_pairs_add(all, "NextToken", *token);
	g_clear_pointer(token, g_free);
	answer = iv_alibaba_ask(a,
				&(IvAlibabaCall){.service = IV_ALIBABA_RESOURCE_SHARING,
						 .action = action,
						 .params = all},
				trace, error);
	ok = answer != NULL && read(answer, into, token, error);
	cJSON_Delete(answer);
	return ok;
}

static bool all_pages(IvAlibaba *a, const char *action, const GPtrArray *params, ReadPage read,
		      void *into, IvCallTrace *trace, GError **error)
{
	g_autofree char *token = NULL;
	guint pages = 0;

	do {
		if (++pages > IV_CLOUD_MAX_PAGES)
			return iv_fail(error, IV_ERROR_CLOUD,
				       "%s: the list has more than %u pages\n"
				       "remove resource shares that are not needed",
				       action, IV_CLOUD_MAX_PAGES);
		if (!one_page(a, action, params, read, into, &token, trace, error))
			return false;
	} while (token != NULL);
	return true;
}

typedef struct {
	IvAssociationKind kind;
	const char *entity; /* or NULL: any */
	GPtrArray *associations;
} AssociationList;

static bool read_associations(const cJSON *answer, void *into, char **token, GError **error)
{
	AssociationList *list = into;

	return iv_sharing_read_associations(answer, list->kind, list->entity, list->associations, token, error);
}

/* Associations of that kind: of one resource, of these shares (at most BATCH), or all. */
static bool list_associations(IvAlibaba *a, AssociationList *list, const char *const *shares, IvCallTrace *trace,
		      GError **error)
{
	g_autoptr(GPtrArray) params = iv_pairs_new();

	iv_pairs_add(params, "AssociationType", iv_association_word(list->kind));
	if (list->entity != NULL)
		iv_pairs_add(params, "ResourceId", list->entity);
	if (shares != NULL)
		iv_pairs_add_list(params, "ResourceShareIds", shares);
	return all_pages(a, "ListResourceShareAssociations", params, read_associations, list, trace, error);
}

typedef struct {
	const char *name;
	char *id;
} HolderSearch;

static bool read_shares(const cJSON *answer, void *into, char **token, GError **error)
{
	HolderSearch *search = into;

	return iv_sharing_read_shares(answer, search->name, &search->id, token, error);
}

/* --- who has it --------------------------------------------------------------------------- */

static bool find_holder(IvAlibaba *a, IvTargets *targets, const char *image_id, IvCallTrace *trace,
			GError **error)
{
	g_autoptr(GPtrArray) params = iv_pairs_new();
	g_autofree char *name = iv_sharing_name(image_id);
	HolderSearch search = {.name = name};
	bool ok;

	iv_pairs_add(params, "ResourceOwner", "Self");
	iv_pairs_add(params, "ResourceShareName", name);
	ok = all_pages(a, "ListResourceShares", params, read_shares, &search, trace, error);
	targets->holder = search.id;
	return ok;
}

/* Whatever else the holder gives to its targets. */
static bool find_stranger(IvAlibaba *a, IvTargets *targets, const char *image_id,
			  IvCallTrace *trace, GError **error)
{
	const char *const only[] = {targets->holder, NULL};
	g_autoptr(GPtrArray) associations = iv_associations_new();
	AssociationList list = {.kind = IV_ASSOCIATION_RESOURCE, .associations = associations};

	if (targets->holder == NULL)
		return true;
	if (!list_associations(a, &list, only, trace, error))
		return false;
	for (guint i = 0; i < associations->len; i++) {
		const IvAssociation *association = associations->pdata[i];

		if (strcmp(association->share, targets->holder) == 0 && strcmp(association->entity, image_id) != 0 &&
		    association->state != IV_TARGET_FAILED && targets->stranger == NULL)
			targets->stranger = g_strdup(association->entity);
	}
	return true;
}

static bool holder_of(IvAlibaba *a, IvTargets *targets, const char *image_id,
		      const IvTargets *earlier, IvCallTrace *trace, GError **error)
{
	if (earlier == NULL)
		return find_holder(a, targets, image_id, trace, error) &&
		       find_stranger(a, targets, image_id, trace, error);
	targets->holder = g_strdup(earlier->holder);
	targets->stranger = g_strdup(earlier->stranger);
	return true;
}

/* The shares that are to be looked into, each once; borrowed. */
static GPtrArray *shares_of(const IvTargets *targets, const GPtrArray *images)
{
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
	GPtrArray *shares = g_ptr_array_new();

	if (targets->holder != NULL && g_hash_table_add(seen, targets->holder))
		g_ptr_array_add(shares, targets->holder);
	for (guint i = 0; i < images->len; i++) {
		const IvAssociation *association = images->pdata[i];

		if (g_hash_table_add(seen, association->share))
			g_ptr_array_add(shares, association->share);
	}
	return shares;
}

static bool list_targets(IvAlibaba *a, const GPtrArray *shares, GPtrArray *associations,
			 IvCallTrace *trace, GError **error)
{
	AssociationList list = {.kind = IV_ASSOCIATION_TARGET, .associations = associations};

	for (guint at = 0; at < shares->len; at += BATCH) {
		const char *some[BATCH + 1] = {NULL};

		for (guint i = 0; i < BATCH && at + i < shares->len; i++)
			some[i] = shares->pdata[at + i];
		if (!list_associations(a, &list, some, trace, error))
			return false;
	}
	return true;
}

static IvTargets *targets_of(IvCloud *cloud, const char *image_id, const IvTargets *earlier,
			     IvCallTrace *trace, GError **error)
{
	IvAlibaba *a = iv_alibaba(cloud);
	g_autoptr(IvTargets) targets = iv_targets_new();
	g_autoptr(GPtrArray) images = iv_associations_new(), others = iv_associations_new(), shares = NULL;
	AssociationList list = {.kind = IV_ASSOCIATION_RESOURCE, .entity = image_id, .associations = images};

	if (!list_associations(a, &list, NULL, trace, error) ||
	    !holder_of(a, targets, image_id, earlier, trace, error))
		return NULL;
	shares = shares_of(targets, images);
	if (!list_targets(a, shares, others, trace, error))
		return NULL;
	iv_sharing_join(targets, image_id, images, others);
	return g_steal_pointer(&targets);
}

/* --- every image of the region ---------------------------------------------------------------- */

static void free_associations(gpointer associations)
{
	g_ptr_array_unref(associations);
}

/* By share, or by entity; the associations are borrowed. */
static GHashTable *by(const GPtrArray *associations, bool share)
{
	GHashTable *groups = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, free_associations);

	for (guint i = 0; i < associations->len; i++) {
		IvAssociation *association = associations->pdata[i];
		const char *key = share ? association->share : association->entity;
		GPtrArray *group = g_hash_table_lookup(groups, key);

		if (group == NULL) {
			group = g_ptr_array_new();
			g_hash_table_insert(groups, (gpointer)key, group);
		}
		g_ptr_array_add(group, association);
	}
	return groups;
}

/* The targets in all shares that one image is in. */
static IvTargets *join_one(const char *image_id, const GPtrArray *images, GHashTable *in_share)
{
	IvTargets *targets = iv_targets_new();
	g_autoptr(GPtrArray) shares = shares_of(targets, images), others = g_ptr_array_new();

	for (guint i = 0; i < shares->len; i++) {
		GPtrArray *associations = g_hash_table_lookup(in_share, shares->pdata[i]);

		if (associations != NULL)
			g_ptr_array_extend(others, associations, NULL, NULL);
	}
	iv_sharing_join(targets, image_id, images, others);
	return targets;
}

static GHashTable *all_of(IvCloud *cloud, GError **error)
{
	g_autoptr(GPtrArray) resources = iv_associations_new(), others = iv_associations_new();
	g_autoptr(GHashTable) by_image = NULL, in_share = NULL;
	AssociationList lists[] = {{.kind = IV_ASSOCIATION_RESOURCE, .associations = resources},
			   {.kind = IV_ASSOCIATION_TARGET, .associations = others}};
	GHashTable *all = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
						(GDestroyNotify)iv_targets_free);
	IvCallTrace trace = {0};
	GHashTableIter each;
	gpointer image, associations;
	bool ok = list_associations(iv_alibaba(cloud), &lists[0], NULL, &trace, error) &&
		  (resources->len == 0 ||
		   list_associations(iv_alibaba(cloud), &lists[1], NULL, &trace, error));

	iv_call_trace_clear(&trace);
	if (!ok) {
		g_hash_table_unref(all);
		return NULL;
	}
	by_image = by(resources, false);
	in_share = by(others, true);
	g_hash_table_iter_init(&each, by_image);
	while (g_hash_table_iter_next(&each, &image, &associations))
		g_hash_table_insert(all, g_strdup(image), join_one(image, associations, in_share));
	return all;
}

/* --- changes ------------------------------------------------------------------------------ */

/* A call and what it points to. */
typedef struct {
	IvAlibabaCall call;
	GPtrArray *params;
} Change;

static void add_image(GPtrArray *params, const char *image_id)
{
	iv_pairs_add(params, "Resources.1.ResourceId", image_id);
	iv_pairs_add(params, "Resources.1.ResourceType", "Image");
}

static const char *create_params(GPtrArray *params, const char *image_id)
{
	g_autofree char *name = iv_sharing_name(image_id);

	iv_pairs_add(params, "ResourceShareName", name);
	iv_pairs_add(params, "AllowExternalTargets", "false");
	add_image(params, image_id);
	return "CreateResourceShare";
}

static const char *associate_params(GPtrArray *params, const char *image_id, const IvTargets *now)
{
	iv_pairs_add(params, "ResourceShareId", now->holder);
	if (!now->held)
		add_image(params, image_id);
	return "AssociateResourceShare";
}

/* Those that are in the holder already (or are not) need no call. */
static void add_units(GPtrArray *params, const IvTargets *now, const char *const *units, bool associated)
{
	const char *list[BATCH + 1] = {NULL};
	guint count = 0;

	for (guint i = 0; units[i] != NULL && count < BATCH; i++)
		if (g_hash_table_contains(now->associated, units[i]) == associated)
			list[count++] = units[i];
	iv_pairs_add_list(params, "Targets", list);
}

static Change change_of(IvCloudChange change, const char *image_id, const IvTargets *now,
			const char *const *units)
{
	GPtrArray *params = iv_pairs_new();
	const char *action;

	if (change == IV_CLOUD_REMOVE) {
		action = units != NULL ? "DisassociateResourceShare" : "DeleteResourceShare";
		iv_pairs_add(params, "ResourceShareId", now->holder);
		if (units != NULL)
			iv_pairs_add(params, "ResourceOwner", "Self");
	} else {
		action = now->holder == NULL ? create_params(params, image_id)
					     : associate_params(params, image_id, now);
	}
	if (units != NULL)
		add_units(params, now, units, change == IV_CLOUD_REMOVE);
	return (Change){.call = {.service = IV_ALIBABA_RESOURCE_SHARING,
				 .action = action,
				 .params = params,
				 .changes = true},
			.params = params};
}

/* Errors for a state that was changed in between, by an earlier attempt or somebody else. */
static const char *const in_between[] = {"EntityAlreadyExists.ResourceShare", "AssociateConflict",
					 "EntityNotExists.ResourceShare",
					 "ResourceShareStatusMismatchAction", NULL};

static bool carry_out(IvCloud *cloud, Change *change, IvCallTrace *trace, GError **error)
{
	cJSON *answer = iv_alibaba_ask(iv_alibaba(cloud), &change->call, trace, error);
	bool ok = answer != NULL;

	if (!ok && trace->code != NULL && g_strv_contains(in_between, trace->code))
		trace->again = true;
	cJSON_Delete(answer);
	g_ptr_array_unref(change->params);
	return ok;
}

static bool change_units(IvCloud *cloud, IvCloudChange change, const char *image_id,
			 const IvTargets *now, const char *const *units, IvCallTrace *trace,
			 GError **error)
{
	Change made = change_of(change, image_id, now, units);

	return carry_out(cloud, &made, trace, error);
}

static bool drop(IvCloud *cloud, const IvTargets *now, IvCallTrace *trace, GError **error)
{
	Change made = change_of(IV_CLOUD_REMOVE, NULL, now, NULL);

	return carry_out(cloud, &made, trace, error);
}

static char *text_of(const IvCloud *cloud, IvCloudChange change, const char *image_id,
		     const IvTargets *now, const char *const *units)
{
	Change made = change_of(change, image_id, now, units);
	char *text = iv_alibaba_call_text(&made.call);

	g_ptr_array_unref(made.params);
	return text;
}

const IvOrganizationOps iv_alibaba_organization = {
	.batch = BATCH,
	.targets = targets_of,
	.change = change_units,
	.drop = drop,
	.text = text_of,
	.members = iv_alibaba_members,
	.all = all_of,
};
