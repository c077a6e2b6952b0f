/* SPDX-License-Identifier: GPL-3.0-or-later */
/* trust.c - whether every receiver may use the key of an encrypted image: the role
 * that lets them, and its trust policy.  See keys.h.
 *
 * Source: "Share an encrypted custom image"; the form of an entry is confirmed only by a third
 * party's write-up of AssumeRoleError; for whole organizations no source tells it. */
#include <string.h>

#include "share/alibaba/preflight/keys.h"
#include "share/alibaba/preflight/ram.h"

/* How many receivers a line lists; the remedy lists all. */
#define NAMES 10u

/* Those that the trust policy does not name; borrowed. */
static GPtrArray *missing_from(const IvTrust *trust, const char *const *accounts)
{
	GPtrArray *missing = g_ptr_array_new();

	for (guint i = 0; accounts != NULL && accounts[i] != NULL; i++)
		if (trust == NULL || !g_hash_table_contains(trust->accounts, accounts[i]))
			g_ptr_array_add(missing, (gpointer)accounts[i]);
	return missing;
}

static char *names_of(const GPtrArray *accounts)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < accounts->len && i < NAMES; i++)
		g_string_append_printf(text, "%s%s", i > 0 ? ", " : "",
				       (const char *)accounts->pdata[i]);
	if (accounts->len > NAMES)
		g_string_append_printf(text, " and %u more", accounts->len - NAMES);
	return g_string_free(text, FALSE);
}

/* A statement that names each of them. */
static void append_statement(GString *text, const GPtrArray *accounts)
{
	g_string_append(text, "{\"Action\":\"sts:AssumeRole\",\"Effect\":\"Allow\",\n"
			      "  \"Principal\":{\"Service\":[");
	for (guint i = 0; i < accounts->len; i++)
		g_string_append_printf(text, "%s\n  \"%s@" IV_RAM_ECS "\"", i > 0 ? "," : "",
				       (const char *)accounts->pdata[i]);
	g_string_append(text, "]}}");
}

static char *add_remedy(const GPtrArray *accounts)
{
	GString *text = g_string_new("add this to the Statement of the role's trust policy:\n");

	append_statement(text, accounts);
	return g_string_free(text, FALSE);
}

static char *create_remedy(const GPtrArray *accounts)
{
	GString *text = g_string_new("make the role, and let it use keys for ECS:\n"
				     "aliyun ram CreateRole \\\n"
				     "  --RoleName " IV_RAM_SHARE_ROLE " \\\n"
				     "  --AssumeRolePolicyDocument '{\"Version\":\"1\",\"Statement\":[\n  ");

	append_statement(text, accounts);
	g_string_append(text, "]}'\n"
			      "aliyun ram AttachPolicyToRole --PolicyType System \\\n"
			      "  --PolicyName AliyunECSDiskEncryptRolePolicy \\\n"
			      "  --RoleName " IV_RAM_SHARE_ROLE);
	return g_string_free(text, FALSE);
}

static void say_no_role(const IvKeyLook *look)
{
	g_autoptr(GPtrArray) all = missing_from(NULL, look->question->accounts);
	g_autofree char *remedy = create_remedy(all);

	iv_preflight_say(look->preflight, IV_CHECK_KEY_TRUST, IV_ANSWER_NO, remedy,
			 "the role " IV_RAM_SHARE_ROLE ", which lets receivers use the key, does "
			 "not exist");
}

static void say_missing(const IvKeyLook *look, const IvTrust *trust, const GPtrArray *missing)
{
	g_autofree char *names = names_of(missing), *remedy = add_remedy(missing);

	iv_preflight_say(look->preflight, IV_CHECK_KEY_TRUST, IV_ANSWER_NO, remedy,
			 "the role " IV_RAM_SHARE_ROLE " does not let these receivers use the key: "
			 "%s%s",
			 names,
			 trust->plain ? "; the usual mistake: plain " IV_RAM_ECS
					" is ECS acting for your own account"
				      : "");
}

/* No source tells how a whole organization would be named. */
static void say_organizations(const IvKeyLook *look)
{
	const char *const *units = look->question->organizations;

	if (units != NULL && units[0] != NULL)
		iv_preflight_say(look->preflight, IV_CHECK_KEY_TRUST, IV_ANSWER_UNKNOWN, NULL,
				 "whether the members of an organization may use the key is not "
				 "known");
}

static void say_trust(const IvKeyLook *look, const IvTrust *trust)
{
	g_autoptr(GPtrArray) missing = missing_from(trust, look->question->accounts);

	if (trust->unclear != NULL)
		iv_preflight_say(look->preflight, IV_CHECK_KEY_TRUST, IV_ANSWER_UNKNOWN,
				 "see that it names RECEIVER@" IV_RAM_ECS " for each receiver",
				 "which receivers the trust policy of the role " IV_RAM_SHARE_ROLE
				 " lets use the key is not known: %s",
				 trust->unclear);
	else if (missing->len > 0)
		say_missing(look, trust, missing);
	else
		iv_preflight_say(look->preflight, IV_CHECK_KEY_TRUST, IV_ANSWER_YES, NULL,
				 "the role " IV_RAM_SHARE_ROLE " lets each account use the key");
}

bool iv_alibaba_look_trust(const IvKeyLook *look, GError **error)
{
	g_autoptr(GPtrArray) params = iv_pairs_new();
	g_autofree char *why = NULL, *code = NULL;
	g_autoptr(IvTrust) trust = NULL;
	cJSON *answer;

	iv_pairs_add(params, "RoleName", IV_RAM_SHARE_ROLE);
	answer = iv_alibaba_may_ask(look->a,
				    &(IvAlibabaCall){.service = IV_ALIBABA_RAM,
						     .action = "GetRole",
						     .params = params},
				    &why, &code, error);
	if (answer != NULL)
		trust = iv_ram_read_role(answer, IV_RAM_SHARE_ROLE, error);
	cJSON_Delete(answer);
	if (trust == NULL && why == NULL)
		return false;
	if (trust != NULL)
		say_trust(look, trust);
	else if (g_strcmp0(code, "EntityNotExist.Role") == 0)
		say_no_role(look);
	else
		iv_preflight_say(look->preflight, IV_CHECK_KEY_TRUST, IV_ANSWER_UNKNOWN,
				 "see that the role's trust policy names RECEIVER@" IV_RAM_ECS
				 " for each receiver",
				 "whether the role " IV_RAM_SHARE_ROLE
				 " lets each receiver use the key is not known: %s",
				 why);
	say_organizations(look);
	return true;
}
