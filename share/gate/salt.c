/* SPDX-License-Identifier: GPL-3.0-or-later */
/* salt.c - the salt of fingerprints: that of a clearances file, else the user's own one.  See
 * salt.h. */
#include "share/gate/salt.h"

#include "share/gate/clearance.h"

#include "scanner/base/error.h"
#include "scanner/base/text.h"
#include "share/base/private_file.h"

static bool salt_parse(const char *path, char *text, uint8_t salt[IV_SALT_BYTES], GError **error)
{
	if (!iv_text_unhex(g_strchomp(text), salt, IV_SALT_BYTES))
		return iv_fail(error, IV_ERROR_CONFIG,
			       "%s: the salt is not %d hex digits\n"
			       "restore it from a copy; a new one makes old clearances useless",
			       path, 2 * IV_SALT_BYTES);
	return true;
}

static bool own_salt(uint8_t salt[IV_SALT_BYTES], GError **error)
{
	g_autofree char *path = iv_config_path("salt");
	g_autoptr(GError) problem = NULL;
	char *text = NULL;
	bool missing = false, fine;

	if (!iv_private_read(path, "salt", &text, &missing, &problem)) {
		char *line;

		if (!missing) {
			g_propagate_error(error, g_steal_pointer(&problem));
			return false;
		}
		iv_salt_new(salt);
		text = iv_text_hex(salt, IV_SALT_BYTES);
		line = g_strconcat(text, "\n", NULL);
		fine = iv_private_make(path, "salt", line, error);
		iv_text_wipe(line);
		iv_text_wipe(g_steal_pointer(&text));
		if (!fine || !iv_private_read(path, "salt", &text, NULL, error))
			return false;
	}
	fine = salt_parse(path, text, salt, error);
	iv_text_wipe(text);
	return fine;
}

bool iv_salt_load(const char *clearances, uint8_t salt[IV_SALT_BYTES], GError **error)
{
	bool found = false;

	if (clearances != NULL && !iv_clearances_salt(clearances, salt, &found, error))
		return false;
	return found || own_salt(salt, error);
}
