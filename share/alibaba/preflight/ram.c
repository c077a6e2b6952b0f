/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ram.c - see ram.h */
#include "share/alibaba/preflight/ram.h"

#include <string.h>

#include "share/alibaba/call/ids.h"
#include "share/alibaba/call/read.h"
#include "share/base/limits.h"

#define ASSUME "sts:AssumeRole"

static bool unclear(IvTrust *trust, const char *why)
{
	if (trust->unclear == NULL)
		trust->unclear = why;
	return false;
}

/* Each member once, and none that is not in the list: an unknown one may reverse the meaning of the
 * others. */
static bool only_members(IvTrust *trust, const cJSON *object, const char *const *names)
{
	const cJSON *member, *other;

	if (!cJSON_IsObject(object))
		return unclear(trust, "a part of it has an unknown form");
	cJSON_ArrayForEach(member, object) {
		if (!g_strv_contains(names, member->string))
			return unclear(trust, "it has an unknown member");
		for (other = member->next; other != NULL; other = other->next)
			if (strcmp(other->string, member->string) == 0)
				return unclear(trust, "it has the same member twice");
	}
	return true;
}

/* Call `take` for a text, or for each text of a list. */
static bool each_text(IvTrust *trust, const cJSON *item, void (*take)(IvTrust *, const char *))
{
	const cJSON *one;

	if (cJSON_IsString(item)) {
		take(trust, item->valuestring);
		return true;
	}
	if (!cJSON_IsArray(item))
		return unclear(trust, "a part of it has an unknown form");
	cJSON_ArrayForEach(one, item) {
		if (!cJSON_IsString(one))
			return unclear(trust, "a part of it has an unknown form");
		take(trust, one->valuestring);
	}
	return true;
}

/* --- who ---------------------------------------------------------------------------- */

static void take_service(IvTrust *trust, const char *service)
{
	const char *at = strchr(service, '@');
	g_autofree char *account = NULL;

	if (strpbrk(service, "*?$") != NULL) {
		unclear(trust, "it names services with a wildcard");
	} else if (strcmp(service, IV_RAM_ECS) == 0) {
		trust->plain = true;
	} else if (at != NULL && strcmp(at + 1, IV_RAM_ECS) == 0) {
		account = g_strndup(service, (gsize)(at - service));
		if (iv_alibaba_account_ok(account))
			g_hash_table_add(trust->accounts, g_steal_pointer(&account));
	}
}

/* Users, roles and identity providers say nothing about ECS. */
static bool read_principal(IvTrust *trust, const cJSON *principal)
{
	static const char *const names[] = {"Service", "RAM", "Federated", NULL};
	const cJSON *service = cJSON_GetObjectItemCaseSensitive(principal, "Service");

	if (!only_members(trust, principal, names))
		return false;
	return service == NULL || each_text(trust, service, take_service);
}

/* --- what ----------------------------------------------------------------------------- */

typedef struct {
	bool assume, wild;
} Actions;

/* Does not use each_text(), whose callback gets the trust only. */
static Actions actions_of(const cJSON *action)
{
	Actions found = {.wild = action == NULL};
	const cJSON *one = action != NULL && cJSON_IsArray(action) ? action->child : action;

	for (; one != NULL; one = one == action ? NULL : one->next) {
		const char *text = cJSON_GetStringValue(one);

		found.assume |= g_strcmp0(text, ASSUME) == 0;
		/* A wildcard or another spelling, or not a string. */
		found.wild |= text == NULL || strpbrk(text, "*?$") != NULL ||
			      (strcmp(text, ASSUME) != 0 && g_ascii_strcasecmp(text, ASSUME) == 0);
	}
	return found;
}

static bool read_statement(IvTrust *trust, const cJSON *statement)
{
	static const char *const names[] = {"Action", "Effect", "Principal", "Condition", NULL};
	const char *effect = iv_alibaba_text(statement, "Effect");
	const cJSON *principal = cJSON_GetObjectItemCaseSensitive(statement, "Principal");
	Actions actions = actions_of(cJSON_GetObjectItemCaseSensitive(statement, "Action"));

	if (!only_members(trust, statement, names))
		return false;
	if (g_strcmp0(effect, "Deny") == 0)
		return unclear(trust, "it denies something");
	if (g_strcmp0(effect, "Allow") != 0)
		return unclear(trust, "a statement neither allows nor denies");
	if (actions.wild)
		return unclear(trust, "it allows actions that it does not spell out");
	if (!actions.assume)
		return true;
	if (cJSON_GetObjectItemCaseSensitive(principal, "Service") != NULL &&
	    cJSON_GetObjectItemCaseSensitive(statement, "Condition") != NULL)
		return unclear(trust, "it sets a condition");
	return read_principal(trust, principal);
}

/* --- the document ------------------------------------------------------------------------ */

static bool read_policy(IvTrust *trust, const cJSON *policy)
{
	static const char *const names[] = {"Version", "Statement", NULL};
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(policy, "Statement"), *statement;

	if (!only_members(trust, policy, names))
		return false;
	if (g_strcmp0(iv_alibaba_text(policy, "Version"), "1") != 0)
		return unclear(trust, "it is not of version 1");
	if (!cJSON_IsArray(list))
		return unclear(trust, "it has no list of statements");
	cJSON_ArrayForEach(statement, list)
		if (!read_statement(trust, statement))
			return false;
	return true;
}

IvTrust *iv_ram_read_trust(const char *document)
{
	IvTrust *trust = g_new0(IvTrust, 1);
	size_t length = document != NULL ? strlen(document) : 0;
	cJSON *policy = NULL;

	trust->accounts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	/* A NUL would end a name early for us, and perhaps not for the cloud. */
	if (length > 0 && length <= IV_CLOUD_MAX_DOCUMENT &&
	    g_utf8_validate(document, (gssize)length, NULL) && strstr(document, "\\u0000") == NULL)
		policy = cJSON_ParseWithLengthOpts(document, length + 1, NULL, 1);
	if (policy == NULL)
		unclear(trust, "it is not a JSON document");
	else
		read_policy(trust, policy);
	cJSON_Delete(policy);
	return trust;
}

void iv_ram_trust_free(IvTrust *trust)
{
	if (trust == NULL)
		return;
	g_hash_table_unref(trust->accounts);
	g_free(trust);
}

IvTrust *iv_ram_read_role(const cJSON *answer, const char *name, GError **error)
{
	const cJSON *role = cJSON_GetObjectItemCaseSensitive(answer, "Role");

	if (g_strcmp0(iv_alibaba_text(role, "RoleName"), name) != 0) {
		iv_alibaba_nonsense(error, "GetRole", "it is about another role");
		return NULL;
	}
	return iv_ram_read_trust(iv_alibaba_text(role, "AssumeRolePolicyDocument"));
}
