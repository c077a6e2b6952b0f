/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sharing.c - see sharing.h */
#include "share/alibaba/organization/sharing.h"

#include <string.h>

#include "share/alibaba/call/read.h"

/* Of a page: what the service allows. */
#define MAX_PAGE 100
/* Characters of a token: they are about 60. */
#define MAX_TOKEN 1024u

static void free_association(gpointer item)
{
	IvAssociation *association = item;

	g_free(association->share);
	g_free(association->entity);
	g_free(association->problem);
	g_free(association);
}

GPtrArray *iv_associations_new(void)
{
	return g_ptr_array_new_with_free_func(free_association);
}

const char *iv_association_word(IvAssociationKind kind)
{
	static const char *const words[] = {
		[IV_ASSOCIATION_RESOURCE] = "Resource",
		[IV_ASSOCIATION_TARGET] = "Target",
	};

	return words[kind];
}

char *iv_sharing_name(const char *image_id)
{
	g_autofree char *name = g_strconcat("imgvet-", image_id, NULL);

	/* 50 characters are allowed; ids have 22 today. */
	return g_strndup(name, 50);
}

/* --- why an association failed
 * --------------------------------------------------------------------- */

static const struct {
	const char *reason, *text;
} reasons[] = {
	{"Unavailable", "the image, or the unit, is not there any more\n"
			"check that the image is Available and that the unit belongs to your own "
			"resource directory, then share again"},
	{"LimitExceeded", "a quota of the account is used up\n"
			  "take shares back that are not needed, or ask for more in the Quota "
			  "Center, then share again"},
	{"ZonalResourceInaccessible", "the image is in a zone that the unit's accounts cannot use\n"
				      "copy the image to another region and share the copy"},
	{"InternalError", "the cloud had an error of its own\nrun the same command again"},
	{"UnsupportedOperation", "an image like this one cannot be shared with an organization\n"
				 "share it with accounts instead (--account)"},
};

char *iv_sharing_problem(const char *reason, const char *words)
{
	for (gsize i = 0; i < G_N_ELEMENTS(reasons); i++)
		if (g_strcmp0(reason, reasons[i].reason) == 0)
			return g_strdup_printf("%s: %s", reason, reasons[i].text);
	return g_strdup_printf("%s\nlook at the resource share in the console",
			       *words != '\0' ? words : "the cloud does not say why");
}

/* The first of the details, as one is enough to begin with. */
static char *problem_of(const cJSON *json)
{
	const cJSON *details = cJSON_GetObjectItemCaseSensitive(json, "AssociationFailedDetails");
	const cJSON *first = cJSON_IsArray(details) ? cJSON_GetArrayItem(details, 0) : NULL;
	g_autofree char *told = iv_alibaba_printable(first, "FailureDescription");
	g_autofree char *message = iv_alibaba_printable(json, "AssociationStatusMessage");

	return iv_sharing_problem(iv_alibaba_text(first, "FailureReason"),
				  *told != '\0' ? told : message);
}

/* --- pages -------------------------------------------------------------------------------- */

static const cJSON *page_of(const cJSON *answer, const char *action, const char *name, char **token,
			    GError **error)
{
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(answer, name);
	const cJSON *next = cJSON_GetObjectItemCaseSensitive(answer, "NextToken");
	const char *text = cJSON_GetStringValue(next);

	*token = NULL;
	if (!cJSON_IsArray(list) || cJSON_GetArraySize(list) > MAX_PAGE) {
		iv_alibaba_nonsense(error, action, "it holds no list, or too long a one");
		return NULL;
	}
	if (next != NULL && !cJSON_IsNull(next) && (text == NULL || strlen(text) > MAX_TOKEN)) {
		iv_alibaba_nonsense(error, action, "NextToken is not a string");
		return NULL;
	}
	*token = text != NULL && *text != '\0' ? g_strdup(text) : NULL;
	return list;
}

static bool share_id_ok(const char *id)
{
	return iv_alibaba_id_ok(id) && g_str_has_prefix(id, "rs-");
}

/* --- associations --------------------------------------------------------------------------------- */

static const struct {
	const char *word;
	bool over;
	IvTargetState state;
} states[] = {
	{"Associating", false, IV_TARGET_PENDING},   {"Associated", false, IV_TARGET_THERE},
	{"Failed", false, IV_TARGET_FAILED},	     {"Disassociating", false, IV_TARGET_LEAVING},
	{"Disassociated", true, IV_TARGET_FAILED},
};

static int state_of(const char *word)
{
	for (gsize i = 0; i < G_N_ELEMENTS(states); i++)
		if (g_strcmp0(word, states[i].word) == 0)
			return (int)i;
	return -1;
}

/* NULL, or what is wrong with it. */
static const char *read_association(const cJSON *json, IvAssociationKind kind, const char *entity, GPtrArray *associations)
{
	const char *share = iv_alibaba_text(json, "ResourceShareId");
	const char *id = iv_alibaba_text(json, "EntityId");
	int state = state_of(iv_alibaba_text(json, "AssociationStatus"));
	IvAssociation *association;

	if (g_strcmp0(iv_alibaba_text(json, "AssociationType"), iv_association_word(kind)) != 0)
		return "it is about another kind of association";
	if (!share_id_ok(share) || !iv_alibaba_id_ok(id))
		return "an id in it is invalid";
	if (entity != NULL && strcmp(entity, id) != 0)
		return "it is about another resource";
	if (state < 0)
		return "a state in it is unknown";
	if (states[state].over)
		return NULL;
	association = g_new0(IvAssociation, 1);
	association->share = g_strdup(share);
	association->entity = g_strdup(id);
	association->image = g_strcmp0(iv_alibaba_text(json, "EntityType"), "Image") == 0;
	association->state = states[state].state;
	association->problem = association->state == IV_TARGET_FAILED ? problem_of(json) : NULL;
	g_ptr_array_add(associations, association);
	return NULL;
}

bool iv_sharing_read_associations(const cJSON *answer, IvAssociationKind kind, const char *entity, GPtrArray *associations,
			  char **token, GError **error)
{
	static const char action[] = "ListResourceShareAssociations";
	g_autofree char *next = NULL;
	const cJSON *list = page_of(answer, action, "ResourceShareAssociations", &next, error);
	const cJSON *one;

	*token = NULL;
	if (list == NULL)
		return false;
	cJSON_ArrayForEach(one, list) {
		const char *wrong = read_association(one, kind, entity, associations);

		if (wrong != NULL)
			return iv_alibaba_nonsense(error, action, wrong);
	}
	*token = g_steal_pointer(&next);
	return true;
}

/* --- shares ------------------------------------------------------------------------------- */

bool iv_sharing_read_shares(const cJSON *answer, const char *name, char **id, char **token,
			    GError **error)
{
	static const char action[] = "ListResourceShares";
	static const char *const in_use[] = {"Active", "Pending", NULL};
	g_autofree char *next = NULL;
	const cJSON *list = page_of(answer, action, "ResourceShares", &next, error), *one;

	*token = NULL;
	if (list == NULL)
		return false;
	cJSON_ArrayForEach(one, list) {
		const char *share = iv_alibaba_text(one, "ResourceShareId");
		const char *state = iv_alibaba_text(one, "ResourceShareStatus");

		if (!share_id_ok(share) || state == NULL)
			return iv_alibaba_nonsense(error, action, "a share's id or state is missing");
		if (g_strcmp0(iv_alibaba_text(one, "ResourceShareName"), name) != 0)
			return iv_alibaba_nonsense(error, action, "it is about another share");
		if (!g_strv_contains(in_use, state))
			continue;
		if (*id != NULL && strcmp(*id, share) != 0)
			return iv_alibaba_nonsense(error, action, "two shares have one name");
		g_free(*id);
		*id = g_strdup(share);
	}
	*token = g_steal_pointer(&next);
	return true;
}

/* --- both together ------------------------------------------------------------------------ */

/* The strongest association of an entity in a share: a failed one may be an older try. */
static const IvAssociation *strongest(const GPtrArray *associations, const char *share, const char *entity)
{
	const IvAssociation *found = NULL;

	for (guint i = 0; i < associations->len; i++) {
		const IvAssociation *association = associations->pdata[i];

		if (strcmp(association->share, share) == 0 && strcmp(association->entity, entity) == 0 &&
		    (found == NULL || association->state > found->state))
			found = association;
	}
	return found;
}

static bool is_holder(const IvTargets *targets, const char *share)
{
	return targets->holder != NULL && strcmp(targets->holder, share) == 0;
}

/* A target has the image when both are in the share: the weaker association decides. */
static void add_target(IvTargets *targets, const IvAssociation *image, const IvAssociation *target)
{
	const IvAssociation *weaker = image->state < target->state ? image : target;
	IvCloudTarget *added = iv_targets_add(targets, target->entity, target->share);

	added->ours = is_holder(targets, target->share);
	added->state = weaker->state;
	added->problem = g_strdup(weaker->problem);
}

void iv_sharing_join(IvTargets *targets, const char *image_id, const GPtrArray *images,
		     const GPtrArray *others)
{
	const IvAssociation *held;

	for (guint i = 0; i < others->len; i++) {
		const IvAssociation *target = others->pdata[i];
		const IvAssociation *image = strongest(images, target->share, image_id);

		if (target != strongest(others, target->share, target->entity))
			continue;
		if (is_holder(targets, target->share) && target->state != IV_TARGET_FAILED)
			g_hash_table_add(targets->associated, g_strdup(target->entity));
		if (image != NULL)
			add_target(targets, image, target);
	}
	held = targets->holder != NULL ? strongest(images, targets->holder, image_id) : NULL;
	targets->held = held != NULL && held->state != IV_TARGET_FAILED;
}
