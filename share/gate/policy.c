/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * policy.c - what a team allows, as data.  See policy.h, and docs/policy.md for the file.
 *
 * A key that is not in the file keeps the built-in default.  A mistake is an
 * error with file and line: a rule that was meant and is not applied would be a
 * silent yes.
 */
#include "scanner/report/report.h"
#include "share/gate/attest.h"
#include "share/gate/policy.h"

#include <string.h>

#include "scanner/base/error.h"
#include "scanner/base/text.h"
#include "scanner/base/yaml.h"

#define HOUR (60u * 60u)
#define DAY  (24u * HOUR)
/* The longest age that can be written: ten years, beyond which it is a typing error. */
#define MAX_AGE_SECONDS (3650u * (uint64_t)DAY)

/* --- values ---------------------------------------------------------------------- */

static const struct {
	char unit;
	uint64_t seconds;
} units[] = {{'s', 1}, {'m', 60}, {'h', HOUR}, {'d', DAY}, {'w', 7 * (uint64_t)DAY}};

/* "90m", "24h", "7d": a whole number above zero and one unit. */
static bool parse_age(const char *text, uint64_t *seconds)
{
	size_t len = strlen(text);
	g_autofree char *digits = len > 1 ? g_strndup(text, len - 1) : g_strdup("");
	guint64 count;

	if (!g_ascii_string_to_unsigned(digits, 10, 1, MAX_AGE_SECONDS, &count, NULL))
		return false;
	for (size_t i = 0; i < G_N_ELEMENTS(units); i++) {
		if (units[i].unit == text[len - 1] && count <= MAX_AGE_SECONDS / units[i].seconds) {
			*seconds = count * units[i].seconds;
			return true;
		}
	}
	return false;
}

static bool only_of(const char *text, const char *extra, size_t most)
{
	size_t len = strlen(text);

	if (len == 0 || len > most)
		return false;
	for (const char *c = text; *c != '\0'; c++) {
		if (!g_ascii_isalnum(*c) && strchr(extra, *c) == NULL)
			return false;
	}
	return true;
}

static bool valid_account(const char *text)
{
	if (strcmp(text, "*") == 0)
		return true;
	return only_of(text, "", 32) && strspn(text, "0123456789") == strlen(text);
}

static bool valid_organization(const char *text)
{
	return strcmp(text, "*") == 0 || only_of(text, "-_/.:", 256);
}

static bool valid_rules_digest(const char *text)
{
	return g_str_has_prefix(text, "sha256:") && strlen(text) == strlen("sha256:") + 64 &&
	       strspn(text + strlen("sha256:"), "0123456789abcdef") == 64;
}

/* Only by name: "*" is not an id. */
static bool valid_image_id(const char *text)
{
	return only_of(text, "-_", 128);
}

static bool valid_disk(const char *text)
{
	return strcmp(text, "*") == 0 || only_of(text, "-_.", 128);
}

/* "*" alone would accept an image of which nothing was read. */
static bool valid_gap(const char *text)
{
	size_t volume = strcspn(text, ":");

	return volume > 0 && strspn(text, "*?") < volume;
}

static const struct {
	const char *key;
	bool (*valid)(const char *text);
	const char *must;  /* what an item must be */
	const char *empty; /* why an empty list is a mistake, or NULL: it means nobody, nothing */
} lists[] = {
	{"accounts", valid_account, "an account id (digits), or \"*\"", NULL},
	{"organizations", valid_organization, "an organization's id or path, or \"*\"", NULL},
	{"rules", valid_rules_digest, "the digest of a rule set (sha256: and 64 hex digits)",
	 "no rule set would be accepted"},
	{"trusted_keys", iv_key_public_valid, "a public key (ed25519:..., as imgvet key prints it)",
	 "no report could pass"},
	{"accepted_gaps", valid_gap, "VOLUME or VOLUME:PATH, and the volume not only wildcards",
	 NULL},
	{"public_images", valid_image_id, "the id of an image", NULL},
	{"accepted_disks", valid_disk, "the id of a snapshot, or \"*\"", NULL},
};

static bool read_list(const IvYaml *yaml, const IvYamlNode *map, const char *key, GStrv *out,
		      GError **error)
{
	const IvYamlNode *node = iv_yaml_get(map, key);
	size_t row = 0;

	if (!iv_yaml_read_strings(yaml, map, key, out, error))
		return false;
	while (strcmp(lists[row].key, key) != 0)
		row++;
	if (node != NULL && iv_yaml_length(node) == 0 && lists[row].empty != NULL)
		return iv_yaml_fail(yaml, node, error, "'%s' is empty: %s", key, lists[row].empty);
	for (guint i = 0; node != NULL && i < iv_yaml_length(node); i++) {
		if (!lists[row].valid((*out)[i]))
			return iv_yaml_fail(yaml, iv_yaml_at(node, i), error,
					    "'%s': each must be %s", key, lists[row].must);
	}
	return true;
}

static bool read_age(const IvYaml *yaml, const IvYamlNode *map, const char *key, uint64_t *out,
		     GError **error)
{
	g_autofree char *text = NULL;

	if (!iv_yaml_read_string(yaml, map, key, &text, error))
		return false;
	if (text != NULL && !parse_age(text, out))
		return iv_yaml_fail(yaml, iv_yaml_get(map, key), error,
				    "'%s' must be a time like 90m, 24h, 7d or 2w", key);
	return true;
}

static bool read_severity(const IvYaml *yaml, const IvYamlNode *map, const char *key,
			  IvSeverity *out, GError **error)
{
	g_autofree char *text = NULL;

	if (!iv_yaml_read_string(yaml, map, key, &text, error))
		return false;
	if (text != NULL && !iv_severity_parse(text, out))
		return iv_yaml_fail(yaml, iv_yaml_get(map, key), error,
				    "'%s' must be critical, high, medium, low or info", key);
	return true;
}

static const char *const packed_names[] = {
	[IV_POLICY_PACKED_NOTE] = "note",
	[IV_POLICY_PACKED_REFUSE] = "refuse",
};

static bool read_packed(const IvYaml *yaml, const IvYamlNode *map, const char *key,
			IvPolicyPacked *out, GError **error)
{
	g_autofree char *text = NULL;

	if (!iv_yaml_read_string(yaml, map, key, &text, error))
		return false;
	for (unsigned i = 0; text != NULL && i < G_N_ELEMENTS(packed_names); i++) {
		if (strcmp(text, packed_names[i]) == 0) {
			*out = (IvPolicyPacked)i;
			return true;
		}
	}
	return text == NULL || iv_yaml_fail(yaml, iv_yaml_get(map, key), error,
					    "'%s' must be note or refuse", key);
}

/* --- the policy ------------------------------------------------------------------ */

static IvPolicy *built_in(void)
{
	IvPolicy *policy = g_new0(IvPolicy, 1);

	policy->name = g_strdup("built-in default");
	policy->blocking = IV_SEVERITY_MEDIUM;
	policy->require_coverage = true;
	policy->packed = IV_POLICY_PACKED_NOTE;
	policy->accepted_gaps = g_ptr_array_new_with_free_func(g_free);
	policy->max_age = 24 * HOUR;
	policy->min_rules = 60;
	policy->allow_asserted = false;
	return policy;
}

void iv_policy_free(IvPolicy *policy)
{
	if (policy == NULL)
		return;
	g_free(policy->name);
	g_free(policy->digest);
	g_free(policy->own_key);
	g_ptr_array_unref(policy->accepted_gaps);
	g_strfreev(policy->accepted_disks);
	g_strfreev(policy->public_images);
	g_strfreev(policy->accounts);
	g_strfreev(policy->organizations);
	g_strfreev(policy->rules);
	g_strfreev(policy->trusted_keys);
	g_free(policy);
}

static const char *const known_keys[] = {"blocking",	 "require_coverage", "accepted_gaps",
					 "accepted_disks", "max_age",	     "accounts",
					 "organizations",
					 "rules",	 "min_rules",	     "allow_asserted",
					 "trusted_keys", "max_clearance", "public_images",
					 "packed",	 NULL};

static bool read_gaps(const IvYaml *yaml, const IvYamlNode *map, IvPolicy *policy, GError **error)
{
	g_auto(GStrv) gaps = NULL;

	if (!read_list(yaml, map, "accepted_gaps", &gaps, error))
		return false;
	for (guint i = 0; gaps != NULL && gaps[i] != NULL; i++)
		g_ptr_array_add(policy->accepted_gaps, g_strdup(gaps[i]));
	return true;
}

static bool read_policy(const IvYaml *yaml, IvPolicy *policy, GError **error)
{
	const IvYamlNode *map = iv_yaml_root(yaml);

	if (map == NULL)
		return iv_fail(error, IV_ERROR_CONFIG,
			       "%s:1: the policy is empty\n"
			       "leave --policy out to judge by the built-in default",
			       policy->name);
	return iv_yaml_only_keys(yaml, map, known_keys, error) &&
	       read_severity(yaml, map, "blocking", &policy->blocking, error) &&
	       iv_yaml_read_bool(yaml, map, "require_coverage", &policy->require_coverage, error) &&
	       read_packed(yaml, map, "packed", &policy->packed, error) &&
	       read_gaps(yaml, map, policy, error) &&
	       read_list(yaml, map, "accepted_disks", &policy->accepted_disks, error) &&
	       read_list(yaml, map, "public_images", &policy->public_images, error) &&
	       read_age(yaml, map, "max_age", &policy->max_age, error) &&
	       read_list(yaml, map, "accounts", &policy->accounts, error) &&
	       read_list(yaml, map, "organizations", &policy->organizations, error) &&
	       read_list(yaml, map, "rules", &policy->rules, error) &&
	       iv_yaml_read_uint(yaml, map, "min_rules", 1000000, &policy->min_rules, error) &&
	       iv_yaml_read_bool(yaml, map, "allow_asserted", &policy->allow_asserted, error) &&
	       read_list(yaml, map, "trusted_keys", &policy->trusted_keys, error) &&
	       read_age(yaml, map, "max_clearance", &policy->max_clearance, error);
}

/* --- its digest ------------------------------------------------------------------ */

static void add_list(cJSON *object, const char *name, char *const *list, guint count)
{
	cJSON *array;

	if (list == NULL) {
		cJSON_AddNullToObject(object, name);
		return;
	}
	array = cJSON_AddArrayToObject(object, name);
	for (guint i = 0; i < count; i++)
		cJSON_AddItemToArray(array, cJSON_CreateString(list[i]));
}

static void add_strv(cJSON *object, const char *name, GStrv list)
{
	add_list(object, name, list, list != NULL ? g_strv_length(list) : 0);
}

/* Of its meaning: comments, order of keys and defaults spelled out do not count. */
static char *policy_digest(const IvPolicy *policy)
{
	g_autoptr(cJSON) object = cJSON_CreateObject();
	const GPtrArray *gaps = policy->accepted_gaps;
	g_autofree char *bytes = NULL;
	g_autofree char *hex = NULL;

	cJSON_AddStringToObject(object, "blocking", iv_severity_name(policy->blocking));
	cJSON_AddBoolToObject(object, "require_coverage", policy->require_coverage);
	cJSON_AddStringToObject(object, "packed", packed_names[policy->packed]);
	add_list(object, "accepted_gaps", (char *const *)gaps->pdata, gaps->len);
	add_strv(object, "accepted_disks", policy->accepted_disks);
	add_strv(object, "public_images", policy->public_images);
	cJSON_AddNumberToObject(object, "max_age", (double)policy->max_age);
	add_strv(object, "accounts", policy->accounts);
	add_strv(object, "organizations", policy->organizations);
	add_strv(object, "rules", policy->rules);
	cJSON_AddNumberToObject(object, "min_rules", (double)policy->min_rules);
	cJSON_AddBoolToObject(object, "allow_asserted", policy->allow_asserted);
	add_strv(object, "trusted_keys", policy->trusted_keys);
	cJSON_AddNumberToObject(object, "max_clearance", (double)policy->max_clearance);
	bytes = iv_json_canonical(object);
	hex = g_compute_checksum_for_string(G_CHECKSUM_SHA256, bytes, -1);
	return g_strconcat("sha256:", hex, NULL);
}

static IvPolicy *from_yaml(const char *name, const IvYaml *yaml, GError **error)
{
	g_autoptr(IvPolicy) policy = built_in();

	g_free(policy->name);
	policy->name = iv_text_printable(name, -1);
	if (!read_policy(yaml, policy, error))
		return NULL;
	policy->digest = policy_digest(policy);
	return g_steal_pointer(&policy);
}

IvPolicy *iv_policy_parse(const char *name, const char *text, size_t len, GError **error)
{
	g_autoptr(IvYaml) yaml = iv_yaml_parse(name, text, len, error);

	return yaml != NULL ? from_yaml(name, yaml, error) : NULL;
}

/* Now, so that a key that cannot be used ends the command: that is no verdict. */
static bool read_own_key(IvPolicy *policy, GError **error)
{
	g_autoptr(GError) problem = NULL;

	if (policy->trusted_keys != NULL || iv_key_own_public(&policy->own_key, &problem))
		return true;
	return iv_fail(error, (IvErrorCode)problem->code,
		       "the policy lists no trusted_keys, so your own key counts: %s\n"
		       "or judge by a policy that lists trusted_keys",
		       problem->message);
}

static IvPolicy *read_file(const char *path, GError **error)
{
	g_autoptr(IvYaml) yaml = NULL;
	IvPolicy *policy;

	if (path == NULL) {
		policy = built_in();
		policy->digest = policy_digest(policy);
		return policy;
	}
	yaml = iv_yaml_load(path, error);
	return yaml != NULL ? from_yaml(path, yaml, error) : NULL;
}

IvPolicy *iv_policy_load(const char *path, GError **error)
{
	g_autoptr(IvPolicy) policy = read_file(path, error);

	if (policy == NULL || !read_own_key(policy, error))
		return NULL;
	return g_steal_pointer(&policy);
}
