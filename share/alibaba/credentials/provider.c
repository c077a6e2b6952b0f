/* SPDX-License-Identifier: GPL-3.0-or-later */
/* provider.c - see provider.h: making and wiping providers, and what their readers need */
#include "share/alibaba/credentials/provider.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scanner/base/error.h"
#include "scanner/base/text.h"
#include "share/alibaba/call/pairs.h"
#include "share/base/limits.h"

IvCredentialProvider *iv_provider_new(IvProviderKind kind, const char *origin)
{
	IvCredentialProvider *provider = g_new0(IvCredentialProvider, 1);

	provider->kind = kind;
	provider->origin = g_strdup(origin);
	return provider;
}

void iv_provider_free(IvCredentialProvider *provider)
{
	if (provider == NULL)
		return;
	iv_provider_free(provider->base);
	iv_credentials_free(provider->fixed);
	iv_text_wipe(provider->external_id);
	iv_text_wipe(provider->uri);
	g_free(provider->origin);
	g_free(provider->role_arn);
	g_free(provider->session);
	g_free(provider->policy);
	g_free(provider->sts_url);
	g_free(provider->provider_arn);
	g_free(provider->token_file);
	g_free(provider->role_name);
	g_free(provider);
}

/* Keys and tokens are printable ASCII without blanks; anything else is a
 * mistake (a line end from a file, quotes around nothing) or an attempt to
 * smuggle a header line. */
static bool plausible(const IvKeys *keys, const char *name, const char *value, GError **error)
{
	for (const char *p = value; p != NULL && *p != '\0'; p++)
		if (!g_ascii_isgraph(*p))
			return iv_fail(error, IV_ERROR_CONFIG,
				       "%s%s holds a blank, a line end or another character that no "
				       "key has\nset it again without the stray character",
				       keys->place, name);
	return true;
}

static bool there(const char *value)
{
	return value != NULL && *value != '\0';
}

static bool whole(const IvKeys *keys, GError **error)
{
	if (!there(keys->key_id) || !there(keys->secret))
		return iv_fail(error, IV_ERROR_CONFIG, "%s%s is missing\nset both, or neither",
			       keys->place,
			       there(keys->key_id) ? keys->secret_name : keys->key_id_name);
	return plausible(keys, keys->key_id_name, keys->key_id, error) &&
	       plausible(keys, keys->secret_name, keys->secret, error) &&
	       plausible(keys, keys->token_name, keys->token, error);
}

IvCredentialProvider *iv_provider_fixed(const char *origin, const IvKeys *keys, GError **error)
{
	IvCredentialProvider *provider;

	if (!whole(keys, error))
		return NULL;
	provider = iv_provider_new(IV_PROVIDER_FIXED, origin);
	provider->fixed = g_new0(IvCredentials, 1);
	provider->fixed->key_id = g_strdup(keys->key_id);
	provider->fixed->secret = g_strdup(keys->secret);
	provider->fixed->token = there(keys->token) ? g_strdup(keys->token) : NULL;
	provider->fixed->origin = g_strdup(origin);
	return provider;
}

/* --- help for the readers ---------------------------------------------------------------- */

const char *iv_provider_env(const char *name)
{
	const char *value = g_getenv(name);

	return value != NULL && *value != '\0' ? value : NULL;
}

bool iv_provider_env_true(const char *name)
{
	const char *value = iv_provider_env(name);

	return value != NULL && (strcmp(value, "1") == 0 || g_ascii_strcasecmp(value, "true") == 0);
}

void iv_provider_wipe(char *text, size_t len)
{
	if (text != NULL)
		explicit_bzero(text, len);
	g_free(text);
}

static bool unreadable(const char *path, const char *why, GError **error)
{
	g_autofree char *shown = iv_text_printable(path, -1);

	return iv_fail(error, IV_ERROR_CONFIG, "%s: %s", shown, why);
}

static char *read_all(int fd, const char *path, size_t *len, GError **error)
{
	struct stat st;
	char *text;
	ssize_t got;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size > IV_CREDENTIAL_FILE) {
		unreadable(path, "this is not a credentials file (not a plain file, or too large)",
			   error);
		return NULL;
	}
	/* One byte more than its size, to notice that it grows. */
	text = g_malloc0((size_t)st.st_size + 2);
	for (*len = 0; *len < (size_t)st.st_size + 1; *len += (size_t)got) {
		got = read(fd, text + *len, (size_t)st.st_size + 1 - *len);
		if (got < 0 && errno == EINTR)
			got = 0;
		else if (got <= 0)
			break;
	}
	if (*len == (size_t)st.st_size)
		return text;
	iv_provider_wipe(text, (size_t)st.st_size + 2);
	unreadable(path, "it changed while it was read; try again", error);
	return NULL;
}

char *iv_provider_text(const char *path, size_t *len, GError **error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	char *text;

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return NULL;
	if (fd < 0) {
		unreadable(path, g_strerror(errno), error);
		return NULL;
	}
	text = read_all(fd, path, len, error);
	close(fd);
	return text;
}
