/* provider.c - see provider.h: making and wiping recipes, and what their readers need */
#include "share/alibaba/credentials/provider.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scanner/base/error.h"
#include "scanner/base/text.h"
#include "share/alibaba/call/sign.h"
#include "share/base/limits.h"

IvRecipe *iv_recipe_new(IvRecipeKind kind, const char *origin)
{
	IvRecipe *recipe = g_new0(IvRecipe, 1);

	recipe->kind = kind;
	recipe->origin = g_strdup(origin);
	return recipe;
}

void iv_recipe_free(IvRecipe *recipe)
{
	if (recipe == NULL)
		return;
	iv_recipe_free(recipe->base);
	iv_credentials_free(recipe->fixed);
	iv_wipe_string(recipe->external_id);
	iv_wipe_string(recipe->uri);
	g_free(recipe->origin);
	g_free(recipe->role_arn);
	g_free(recipe->session);
	g_free(recipe->policy);
	g_free(recipe->sts_url);
	g_free(recipe->provider_arn);
	g_free(recipe->token_file);
	g_free(recipe->role_name);
	g_free(recipe);
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

IvRecipe *iv_recipe_fixed(const char *origin, const IvKeys *keys, GError **error)
{
	IvRecipe *recipe;

	if (!whole(keys, error))
		return NULL;
	recipe = iv_recipe_new(IV_RECIPE_FIXED, origin);
	recipe->fixed = g_new0(IvCredentials, 1);
	recipe->fixed->key_id = g_strdup(keys->key_id);
	recipe->fixed->secret = g_strdup(keys->secret);
	recipe->fixed->token = there(keys->token) ? g_strdup(keys->token) : NULL;
	recipe->fixed->origin = g_strdup(origin);
	return recipe;
}

/* --- help for the readers ---------------------------------------------------------------- */

const char *iv_recipe_env(const char *name)
{
	const char *value = g_getenv(name);

	return value != NULL && *value != '\0' ? value : NULL;
}

bool iv_recipe_env_true(const char *name)
{
	const char *value = iv_recipe_env(name);

	return value != NULL && (strcmp(value, "1") == 0 || g_ascii_strcasecmp(value, "true") == 0);
}

void iv_recipe_wipe(char *text, size_t len)
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
		unreadable(path, "this is no file of credentials (not a plain file, or too large)",
			   error);
		return NULL;
	}
	/* One more than it says, to notice that it grows. */
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
	iv_recipe_wipe(text, (size_t)st.st_size + 2);
	unreadable(path, "it changed while it was read; try again", error);
	return NULL;
}

char *iv_recipe_text(const char *path, size_t *len, GError **error)
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
