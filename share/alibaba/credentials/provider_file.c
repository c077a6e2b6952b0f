/* SPDX-License-Identifier: GPL-3.0-or-later */
/* provider_file.c - the SDKs' shared credentials file, an INI of sections.  See provider.h. */
#include <string.h>

#include "scanner/base/error.h"
#include "scanner/base/text.h"
#include "share/alibaba/credentials/provider.h"

/* The text is split in place, so that wiping it wipes all. */
typedef struct {
	const char *type, *key_id, *secret, *token, *role_name, *role_arn, *session, *policy;
	const char *external_id, *provider, *token_file;
} Section;

static const struct {
	const char *name;
	size_t at;
} keys[] = {
	{"type", G_STRUCT_OFFSET(Section, type)},
	{"access_key_id", G_STRUCT_OFFSET(Section, key_id)},
	{"access_key_secret", G_STRUCT_OFFSET(Section, secret)},
	{"security_token", G_STRUCT_OFFSET(Section, token)},
	{"role_name", G_STRUCT_OFFSET(Section, role_name)},
	{"role_arn", G_STRUCT_OFFSET(Section, role_arn)},
	{"role_session_name", G_STRUCT_OFFSET(Section, session)},
	{"external_id", G_STRUCT_OFFSET(Section, external_id)},
	{"policy", G_STRUCT_OFFSET(Section, policy)},
	{"oidc_provider_arn", G_STRUCT_OFFSET(Section, provider)},
	{"oidc_token_file_path", G_STRUCT_OFFSET(Section, token_file)},
};

static void take_line(Section *section, char *line)
{
	char *sign = strchr(line, '=');

	if (sign == NULL)
		return;
	*sign = '\0';
	g_strstrip(line);
	for (gsize i = 0; i < G_N_ELEMENTS(keys); i++)
		if (strcmp(line, keys[i].name) == 0)
			*(const char **)((char *)section + keys[i].at) = g_strstrip(sign + 1);
}

/* False: there is no such section. */
static bool find_section(char *text, const char *name, Section *section)
{
	bool found = false, inside = false;
	char *line, *rest = text;

	while ((line = strsep(&rest, "\n")) != NULL) {
		size_t len;

		g_strstrip(line);
		len = strlen(line);
		if (len == 0 || *line == '#' || *line == ';')
			continue;
		if (*line == '[' && line[len - 1] == ']') {
			line[len - 1] = '\0';
			inside = strcmp(g_strstrip(line + 1), name) == 0;
			found |= inside;
		} else if (inside) {
			take_line(section, line);
		}
	}
	return found;
}

static IvCredentialProvider *keys_of(const Section *s, const char *origin, GError **error)
{
	g_autofree char *place = g_strconcat(origin, ": ", NULL);

	return iv_provider_fixed(origin,
			       &(IvKeys){.key_id = s->key_id,
					 .secret = s->secret,
					 .token = s->token,
					 .key_id_name = "access_key_id",
					 .secret_name = "access_key_secret",
					 .token_name = "security_token",
					 .place = place},
			       error);
}

static IvCredentialProvider *role_of(const Section *s, const char *origin, GError **error)
{
	g_autoptr(IvCredentialProvider) provider = iv_provider_new(IV_PROVIDER_ROLE, origin);

	provider->base = keys_of(s, origin, error);
	if (provider->base == NULL)
		return NULL;
	provider->role_arn = g_strdup(s->role_arn);
	provider->session = g_strdup(s->session);
	provider->external_id = g_strdup(s->external_id);
	provider->policy = g_strdup(s->policy);
	return g_steal_pointer(&provider);
}

static IvCredentialProvider *oidc_of(const Section *s, const char *origin, GError **error)
{
	IvCredentialProvider *provider;

	if (s->provider == NULL || s->token_file == NULL) {
		iv_fail(error, IV_ERROR_CONFIG,
			"%s: oidc_provider_arn or oidc_token_file_path is missing", origin);
		return NULL;
	}
	provider = iv_provider_new(IV_PROVIDER_OIDC, origin);
	provider->role_arn = g_strdup(s->role_arn);
	provider->session = g_strdup(s->session);
	provider->provider_arn = g_strdup(s->provider);
	provider->token_file = g_strdup(s->token_file);
	return provider;
}

static IvCredentialProvider *instance_of(const Section *s, const char *origin, GError **error)
{
	IvCredentialProvider *provider = iv_provider_new(IV_PROVIDER_METADATA, origin);

	provider->role_name = g_strdup(s->role_name);
	return provider;
}

static const struct {
	const char *type;
	IvCredentialProvider *(*make)(const Section *s, const char *origin, GError **error);
	bool needs_role;
} types[] = {
	{"access_key", keys_of, false},	    {"sts", keys_of, false},
	{"ecs_ram_role", instance_of, false}, {"ram_role_arn", role_of, true},
	{"oidc_role_arn", oidc_of, true},
};

IvCredentialProvider *iv_provider_file_read(char *text, const char *name, const char *path, GError **error)
{
	Section s = {.type = "access_key"};
	g_autofree char *shown = iv_text_printable(name, -1);
	g_autofree char *origin = g_strdup_printf("section %s of %s", shown, path);
	g_autofree char *type = NULL;

	if (!find_section(text, name, &s))
		return NULL;
	for (gsize i = 0; i < G_N_ELEMENTS(types); i++) {
		if (strcmp(types[i].type, s.type) != 0)
			continue;
		if (!types[i].needs_role || s.role_arn != NULL)
			return types[i].make(&s, origin, error);
		iv_fail(error, IV_ERROR_CONFIG, "%s: role_arn is missing", origin);
		return NULL;
	}
	type = iv_text_printable(s.type, -1);
	iv_fail(error, IV_ERROR_CONFIG,
		"%s: imgvet cannot use the type %.40s\n"
		"it can use access_key, sts, ecs_ram_role, ram_role_arn and oidc_role_arn",
		origin, type);
	return NULL;
}

IvCredentialProvider *iv_provider_from_file(GError **error)
{
	const char *given = iv_provider_env("ALIBABA_CLOUD_CREDENTIALS_FILE");
	const char *section = iv_provider_env("ALIBABA_CLOUD_PROFILE");
	g_autofree char *path = given != NULL ? g_strdup(given)
					      : g_build_filename(g_get_home_dir(), ".alibabacloud",
								 "credentials", NULL);
	g_autofree char *shown = iv_text_printable(path, -1);
	size_t len = 0;
	char *text = iv_provider_text(path, &len, error);
	IvCredentialProvider *provider = NULL;

	if (text != NULL && strlen(text) != len)
		iv_fail(error, IV_ERROR_CONFIG, "%s: this is not text", shown);
	else if (text != NULL)
		provider = iv_provider_file_read(text, section != NULL ? section : "default", shown,
					     error);
	iv_provider_wipe(text, len);
	return provider;
}
